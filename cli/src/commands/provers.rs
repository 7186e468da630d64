//! `provers`: the members of the pool.

use super::Context;
use crate::{
	amount::Token,
	chain::Balance,
	output::{base_units, Align, Show, Table},
	reads::pool::{self, ProverId},
	Result,
};
use serde::Serialize;

/// A member, with an address for its account.
#[derive(Debug, Serialize)]
pub struct Member {
	/// Its slot.
	pub prover_id: ProverId,
	/// Who.
	pub who: String,
	/// Its stake.
	#[serde(serialize_with = "base_units")]
	pub staked_amount: Balance,
	/// Its price.
	pub reward_per_gas: u32,
	/// Its free places.
	pub current_capacity: u32,
	/// The block of its entry; 0 for one of the genesis state.
	pub entered_in: u32,
	/// Whether it still waits until it may be drawn.
	pub waiting: bool,
}

impl Member {
	/// The member in this slot.
	pub fn new(context: &Context, prover_id: ProverId, prover: &pool::Prover) -> Self {
		Self {
			prover_id,
			who: context.client.address(&prover.who),
			staked_amount: prover.staked_amount,
			reward_per_gas: prover.reward_per_gas,
			current_capacity: prover.current_capacity,
			entered_in: prover.entered_in,
			waiting: prover.waiting,
		}
	}
}

#[derive(Serialize)]
#[serde(transparent)]
struct Members(Vec<Member>);

/// TxListCache them in the order of their slots.
pub async fn run(context: &Context) -> Result<()> {
	let at = context.client.best().await?;
	let provers = pool::provers(&at).await?;
	let members = provers.iter().map(|(id, prover)| Member::new(context, *id, prover));
	context.print(&Members(members.collect()))
}

impl Show for Members {
	fn text(&self, token: &Token) -> String {
		let mut table = Table::new(&[
			("SLOT", Align::Right),
			("ACCOUNT", Align::Left),
			("STAKE", Align::Right),
			("PRICE", Align::Right),
			("FREE", Align::Right),
			("ENTERED", Align::Right),
			("DRAWN", Align::Left),
		]);
		for member in &self.0 {
			table.row([
				member.prover_id.to_string(),
				member.who.clone(),
				token.format(member.staked_amount),
				member.reward_per_gas.to_string(),
				member.current_capacity.to_string(),
				member.entered_in.to_string(),
				if member.waiting { "not yet" } else { "yes" }.into(),
			]);
		}
		table.text("The pool is empty.")
	}
}
