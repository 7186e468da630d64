//! What the calls of stakers show before they ask: the account, and the pool's delays.

use super::{
	views::{Exit, Offer},
	Context,
};
use crate::{
	actor::Actor,
	amount::Token,
	args::SubmitArgs,
	chain::{AccountId, At, Balance},
	output::count,
	reads::{
		clock::{self, Unit},
		pool::{self, ExitState, MemberStatus, StakerRow},
	},
	Refusal, Result,
};
use serde_json::{json, Value};

/// The account that acts, after the best block, and what its calls depend on.
pub(super) struct Situation {
	pub actor: Actor,
	pub at: At,
	pub delays: Delays,
}

impl Situation {
	/// Reads it.
	pub async fn read(context: &Context, args: &SubmitArgs) -> Result<Self> {
		let actor = context.actor(args)?;
		let at = context.client.best().await?;
		let parameters = pool::parameters(&at).await?;
		let (now, clock) = clock::now(&at).await?;
		let delays = Delays {
			now,
			clock,
			entry: parameters.entry_delay,
			change: parameters.min_change_delay,
		};
		Ok(Self { actor, at, delays })
	}

	/// Returns the account that acts.
	pub fn who(&self) -> AccountId {
		self.actor.account()
	}

	/// Returns the account in this row.
	pub fn view(&self, context: &Context, who: &AccountId, row: &StakerRow) -> StakerView {
		StakerView::new(context.client.address(who), row, self.delays.now)
	}

	/// Reads the account's record. Refused with `NotInPool` if it is not a member.
	pub async fn member(&self, context: &Context) -> Result<(StakerView, Offer)> {
		let row = pool::staker(&self.at, self.who()).await?;
		let view = self.view(context, &self.who(), &row);
		let offer = view.offer.ok_or_else(|| Refusal {
			name: "ProverPool.NotInPool".into(),
			reason: format!("{} is not in the pool", view.account),
		})?;
		Ok((view, offer))
	}
}

/// An account of the pool.
#[derive(Clone, Debug)]
pub(super) struct StakerView {
	pub account: String,
	/// Its offer, if it is a member.
	pub offer: Option<Offer>,
	/// True if a change of the offer waits until draws use it.
	pub changing: bool,
	/// The last moment of its suspension, if it is a member and suspended.
	pub suspended_until: Option<u32>,
	pub exits: Vec<Exit>,
	/// All its tokens that the pool holds.
	pub held: Balance,
}

impl StakerView {
	fn new(account: String, row: &StakerRow, now: u32) -> Self {
		let suspended_until = row.prover.as_ref().and_then(|prover| match prover.status {
			MemberStatus::Suspended { until } => Some(until),
			_ => None,
		});
		Self {
			account,
			offer: row.prover.as_ref().map(|prover| Offer::from(&prover.offer)),
			changing: row.prover.as_ref().is_some_and(|prover| prover.listed.is_some()),
			suspended_until,
			exits: row.exits.iter().map(|exit| Exit::new(exit, now)).collect(),
			held: row.held,
		}
	}

	/// Returns the stake; 0 if the account is not a member.
	pub fn stake(&self) -> Balance {
		self.offer.map_or(0, |offer| offer.stake)
	}

	/// Returns the sum of the exits that can be withdrawn.
	pub fn free(&self) -> Balance {
		self.exits.iter().filter(|exit| exit.state == ExitState::Free).map(|exit| exit.amount).sum()
	}
}

/// The pool's clock and delays.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delays {
	/// The pool's clock.
	pub now: u32,
	pub clock: Unit,
	/// How many blocks draws and rank do not use an entry or a change.
	pub entry: u32,
	/// How long a member stays after its entry.
	pub change: u32,
}

impl Delays {
	/// Returns a period in words.
	pub fn period(&self, length: u32) -> String {
		let unit = self.clock.name();
		count(length, unit, &format!("{unit}s"))
	}

	/// Says for how long draws do not use a change; nothing if they use it at once.
	pub fn until_listed(&self, text: &str) -> Option<String> {
		let delay = count(self.entry, "block", "blocks");
		(self.entry > 0).then(|| format!("{text} for {delay}."))
	}

	/// Says when an exit can be withdrawn.
	pub fn exit(&self, token: &Token, exit: &Exit) -> String {
		let amount = token.format(exit.amount);
		format!("Exit {} of {amount} can be withdrawn {}.", exit.id, exit.when(self.clock))
	}

	/// Returns the same for programs.
	pub fn json(&self) -> Value {
		json!({ "clock": self.clock, "min_change_delay": self.change, "entry_delay": self.entry })
	}
}

#[cfg(test)]
pub(super) mod tests {
	use super::*;

	pub const UNIT: Balance = 1_000_000_000_000;

	pub const DELAYS: Delays = Delays { now: 100, clock: Unit::Blocks, entry: 20, change: 600 };

	pub fn token() -> Token {
		Token::new("UNIT", 12).unwrap()
	}

	/// Returns an account with this stake and these exits, in tokens.
	pub fn staker(stake: Balance, exits: &[Exit]) -> StakerView {
		let offer =
			Offer { stake: stake * UNIT, reward_per_gas: 9_000, max_capacity: 4, paused: false };
		StakerView {
			account: "5Fa".into(),
			offer: (stake > 0).then_some(offer),
			changing: false,
			suspended_until: None,
			exits: exits.to_vec(),
			held: stake * UNIT + exits.iter().map(|exit| exit.amount).sum::<Balance>(),
		}
	}

	/// Returns an exit of this amount in tokens.
	pub fn exit(id: u32, amount: Balance, state: ExitState) -> Exit {
		Exit { id, amount: amount * UNIT, matures_at: 700, duties: 0, state }
	}

	#[test]
	fn only_free_exits_count_as_free() {
		let exits = [
			exit(1, 1, ExitState::Free),
			exit(2, 2, ExitState::Liable),
			exit(3, 4, ExitState::Maturing),
			exit(4, 8, ExitState::Free),
		];
		assert_eq!(staker(0, &exits).free(), 9 * UNIT);
		assert_eq!((staker(0, &[]).stake(), staker(5, &[]).stake()), (0, 5 * UNIT));
	}
}
