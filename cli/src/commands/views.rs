//! The pool's records as commands show them: amounts as base units, accounts as addresses.

use super::Context;
use crate::{
	amount::Token,
	chain::Balance,
	output::{base_units, count},
	reads::{
		clock::Unit,
		pool::{self, ExitId, ExitState, MemberStatus, ProverId, ProverRow},
	},
};
use serde::Serialize;

/// Price, capacity and stake of a member.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Offer {
	/// The stake.
	#[serde(serialize_with = "base_units")]
	pub stake: Balance,
	/// The price asked, in base units per gas.
	pub reward_per_gas: u32,
	/// How many blocks the member proves at once.
	pub max_capacity: u32,
	/// True for a paused member.
	pub paused: bool,
}

impl From<&pool::Offer> for Offer {
	fn from(offer: &pool::Offer) -> Self {
		let pool::Offer { stake, reward_per_gas, max_capacity, paused } = *offer;
		Self { stake, reward_per_gas, max_capacity, paused }
	}
}

impl Offer {
	/// Returns the offer in words.
	pub fn text(&self, token: &Token) -> String {
		let terms = terms(self.reward_per_gas, self.max_capacity);
		let paused = if self.paused { ", paused" } else { "" };
		format!("{} {terms}{paused}", token.format(self.stake))
	}
}

/// Returns a price and a capacity in words.
pub fn terms(reward_per_gas: u32, max_capacity: u32) -> String {
	let blocks = count(max_capacity, "block", "blocks");
	format!("at {reward_per_gas} base units per gas, for up to {blocks} at once")
}

/// The status of a member in draws.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Status {
	/// Draws can choose it.
	Active,
	/// Its entry delay is not over.
	Entering,
	/// It paused, or its suspension is over and it has not resumed.
	Paused,
	/// It is suspended and cannot resume.
	Suspended {
		/// The last moment of the suspension.
		until: u32,
	},
}

impl From<&MemberStatus> for Status {
	fn from(status: &MemberStatus) -> Self {
		match status {
			MemberStatus::Active => Status::Active,
			MemberStatus::Entering => Status::Entering,
			MemberStatus::Paused => Status::Paused,
			MemberStatus::Suspended { until } => Status::Suspended { until: *until },
		}
	}
}

impl Status {
	/// Returns the status in words.
	pub fn text(&self) -> String {
		match self {
			Status::Active => "active".into(),
			Status::Entering => "entering".into(),
			Status::Paused => "paused".into(),
			Status::Suspended { until } => format!("suspended until {until}"),
		}
	}
}

/// What an account did with its assignments.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct TrackRecord {
	/// Assignments drawn.
	pub assigned: u32,
	/// Assignments discharged.
	pub served: u32,
	/// Assignments slashed.
	pub missed: u32,
	/// Assignments slashed since the last one that was discharged.
	pub misses_in_a_row: u32,
}

impl From<&pool::TrackRecord> for TrackRecord {
	fn from(record: &pool::TrackRecord) -> Self {
		let pool::TrackRecord { assigned, served, missed, misses_in_a_row } = *record;
		Self { assigned, served, missed, misses_in_a_row }
	}
}

impl TrackRecord {
	/// Returns the record in words.
	pub fn text(&self) -> String {
		let Self { assigned, served, missed, misses_in_a_row } = self;
		format!("{assigned} assigned, {served} served, {missed} missed, {misses_in_a_row} in a row")
	}
}

/// A member of the pool.
#[derive(Clone, Debug, Serialize)]
pub struct Member {
	/// The slot.
	pub prover_id: ProverId,
	/// The account.
	pub account: String,
	/// The offer by the member's records.
	pub offer: Offer,
	/// The free capacity.
	pub current_capacity: u32,
	/// Its status in draws.
	pub status: Status,
	/// The offer that draws and rank use, if it differs and there is one.
	pub listed: Option<Offer>,
	/// When it entered, by the clock of periods.
	pub entered_at: u32,
	/// The block of its entry; 0 in the genesis state.
	pub entered_in: u32,
	/// The block of its last change.
	pub changed_in: u32,
	/// Its track record.
	pub record: TrackRecord,
}

impl Member {
	/// Returns the member in this row.
	pub fn new(context: &Context, row: &ProverRow) -> Self {
		Self {
			prover_id: row.prover_id,
			account: context.client.address(&row.account),
			offer: (&row.offer).into(),
			current_capacity: row.current_capacity,
			status: (&row.status).into(),
			listed: row.listed.as_ref().map(Offer::from),
			entered_at: row.entered_at,
			entered_in: row.entered_in,
			changed_in: row.changed_in,
			record: (&row.record).into(),
		}
	}

	/// Returns the free capacity in words.
	pub fn capacity(&self) -> String {
		format!("{} of {}", self.current_capacity, self.offer.max_capacity)
	}
}

/// An amount that has left the stake and waits until it may be withdrawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Exit {
	/// The number of the exit among those of its account.
	pub id: ExitId,
	/// The amount.
	#[serde(serialize_with = "base_units")]
	pub amount: Balance,
	/// The last moment of the exit period.
	pub matures_at: u32,
	/// How many assignments the exit still answers for.
	pub duties: u32,
	/// Its state.
	pub state: ExitState,
}

impl Exit {
	/// Returns an exit as it is at `now`.
	pub fn new(exit: &pool::Exit, now: u32) -> Self {
		let state = pool::exit_state(exit, now);
		let pool::Exit { id, amount, matures_at, duties } = *exit;
		Self { id, amount, matures_at, duties, state }
	}

	/// Returns when the exit can be withdrawn, in words.
	pub fn when(&self, clock: Unit) -> String {
		let duties = count(self.duties, "assignment is", "assignments are");
		let date = format!("after {} {}", clock.name(), self.matures_at);
		match (self.state, self.duties) {
			(ExitState::Free, _) => "now".into(),
			(ExitState::Liable, _) => format!("once {duties} closed"),
			(ExitState::Maturing, 0) => date,
			(ExitState::Maturing, _) => format!("{date}, once {duties} closed"),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_exit_says_when_it_can_be_withdrawn() {
		for (state, duties, text) in [
			(ExitState::Free, 0, "now"),
			(ExitState::Maturing, 0, "after slot 120"),
			(ExitState::Maturing, 2, "after slot 120, once 2 assignments are closed"),
			(ExitState::Liable, 1, "once 1 assignment is closed"),
		] {
			let exit = Exit { id: 1, amount: 1, matures_at: 120, duties, state };
			assert_eq!(exit.when(Unit::Slots), text);
		}
	}

	#[test]
	fn a_status_is_tagged_in_json() {
		let json = |status: Status| serde_json::to_value(status).unwrap();
		assert_eq!(json(Status::Active), serde_json::json!({ "state": "active" }));
		let suspended = serde_json::json!({ "state": "suspended", "until": 9 });
		assert_eq!(json(Status::Suspended { until: 9 }), suspended);
		assert_eq!(Status::Suspended { until: 9 }.text(), "suspended until 9");
	}
}
