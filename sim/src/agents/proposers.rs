//! Proposers with a demand.

use crate::{
	chain::{Chain, List},
	runtime::*,
};
use prover_pool_primitives::PricePerGas;

/// Any number of proposers that share one demand.
#[derive(Clone, Debug)]
pub struct Proposers {
	/// Their accounts. They take turns.
	pub accounts: Vec<AccountId>,
	/// How many blocks of the rollup they want in each block of the chain. Of a broken number the rest is
	/// carried over.
	pub per_block: f64,
	/// How many more they want in all. `None`: no limit.
	pub left: Option<u64>,
	/// What they propose.
	pub list: List,
	/// The highest fee that they accept.
	pub max_fee: PricePerGas,
	wanted: f64,
	turn: usize,
}

impl Default for Proposers {
	/// No demand.
	fn default() -> Self {
		Self::new(Vec::new(), 0.0, List::of(0))
	}
}

impl Proposers {
	/// Returns proposers who accept any fee.
	pub fn new(accounts: Vec<AccountId>, per_block: f64, list: List) -> Self {
		let max_fee = PricePerGas::MAX;
		Self { accounts, per_block, left: None, list, max_fee, wanted: 0.0, turn: 0 }
	}

	/// Proposes what is wanted. What is refused is wanted no more, or a chain that was full for a while
	/// would be flooded afterwards.
	pub fn act(&mut self, chain: &mut Chain) {
		self.wanted += self.per_block;
		while self.wanted >= 1.0 && self.left != Some(0) {
			self.wanted -= 1.0;
			let Some(who) = self.accounts.get(self.turn % self.accounts.len().max(1)) else {
				return;
			};
			self.turn += 1;
			if chain.propose(*who, self.list, self.max_fee).is_err() {
				self.wanted = self.wanted.fract();
				return;
			}
			if let Some(left) = &mut self.left {
				*left -= 1;
			}
		}
	}
}
