//! Provers that enter and leave the pool by profit.

use super::{Profile, Provers};
use crate::{chain::Chain, runtime::*};
use prover_pool_primitives::{Capacity, PricePerGas};

/// An account that proves while it pays.
#[derive(Clone, Copy, Debug)]
pub struct Entrant {
	/// The account.
	pub who: AccountId,
	/// What it stakes, in base units.
	pub stake: Balance,
	/// The capacity that it declares.
	pub capacity: Capacity,
	/// The least price per gas at which a proof pays for work and stake.
	pub least_price: PricePerGas,
	/// How it works.
	pub profile: Profile,
}

/// Accounts that decide once in a period.
#[derive(Clone, Debug, Default)]
pub struct Entry {
	/// The accounts.
	pub entrants: Vec<Entrant>,
	/// The time between two decisions, in blocks. 0: none is ever made.
	pub period: BlockNumber,
}

impl Entry {
	/// At the end of a period: enters with a price of the fee if the fee pays, leaves if not even the upper
	/// end of the band does, and follows the fee between.
	pub fn act(&mut self, chain: &mut Chain, provers: &mut Provers) {
		if self.period == 0 || !chain.now().is_multiple_of(self.period) {
			return;
		}
		let fee = chain.fee();
		let highest =
			u64::from(fee) * u64::from(crate::parameters::statics::PriceCeilingPercent::get());
		let highest = highest / 100;
		for entrant in &self.entrants {
			let price = fee.max(entrant.least_price);
			let is_member = chain.slot(entrant.who).is_some();
			// What is refused is tried again in the next period.
			let _ = match (is_member, u64::from(entrant.least_price)) {
				(false, least) if least <= u64::from(fee) => {
					provers.set(entrant.who, entrant.profile);
					chain.stake(entrant.who, entrant.stake, price, entrant.capacity)
				},
				(true, least) if least > highest => chain.exit(entrant.who),
				(true, _) => chain.set_terms(entrant.who, price, entrant.capacity),
				(false, _) => Ok(()),
			};
		}
	}
}
