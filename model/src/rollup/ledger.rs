//! The money of every block by the pallet's events alone, without the model. All sums must agree, also with
//! the currency's holds.

use super::{
	money::Money,
	runtime::{AccountId, Balance, Event},
};
use prover_pool_primitives::BlockId;
use std::collections::BTreeMap;

/// The sums of the events so far.
#[derive(Default)]
pub struct Ledger {
	/// The escrows of blocks that are not settled: the sum held, and the sum returned at the draw.
	escrows: BTreeMap<BlockId, (Balance, Balance)>,
	/// The bonds of claims that are not settled. No two accounts share a claim.
	bonds: BTreeMap<(BlockId, AccountId), Vec<Balance>>,
}

impl Ledger {
	/// Reads the events of a step.
	pub fn read(&mut self, events: &[Event]) {
		for event in events {
			match *event {
				Event::BlockProposed { block_id, escrow, .. } => {
					self.escrows.insert(block_id, (escrow, 0));
				},
				Event::BlockAssigned { block_id, returned, .. } => {
					self.escrows.get_mut(&block_id).expect("it was proposed").1 = returned;
				},
				Event::BlockClaimed { block_id, prover, bond, .. } if bond > 0 => {
					self.bonds.entry((block_id, prover)).or_default().push(bond);
				},
				Event::BondSettled { block_id, prover, returned, forfeited } => {
					assert!(returned == 0 || forfeited == 0, "a bond is settled as a whole");
					let bonds = self.bonds.get_mut(&(block_id, prover)).expect("it was put up");
					let bond = bonds.iter().position(|bond| *bond == returned + forfeited);
					bonds.remove(bond.expect("a bond is settled once"));
				},
				Event::BlockVerified { block_id, paid, returned, forfeited, .. } => {
					self.settle(block_id, paid + returned + forfeited);
				},
				Event::BlockSkipped { block_id, returned, forfeited }
				| Event::BlockCancelled { block_id, returned, forfeited } => {
					self.settle(block_id, returned + forfeited);
				},
				_ => {},
			}
		}
	}

	/// Held at proposal = paid from escrow + returned + forfeited.
	fn settle(&mut self, block_id: BlockId, sum: Balance) {
		let (escrow, _) = self.escrows.remove(&block_id).expect("it was proposed");
		assert_eq!(escrow, sum, "the escrow of block {block_id} in its events");
	}

	/// Checks the holds by events against `money`, which was compared with the chain.
	pub fn assert_held(&self, money: &Money, when: &str) {
		let held = |part: fn(&super::money::Account) -> Balance| -> Balance {
			money.0.values().map(part).sum()
		};
		let escrows: Balance = self.escrows.values().map(|(escrow, back)| escrow - back).sum();
		assert_eq!(escrows, held(|account| account.escrow), "escrows; {when}");
		let bonds: Balance = self.bonds.values().flatten().sum();
		assert_eq!(bonds, held(|account| account.bond), "bonds; {when}");
	}
}
