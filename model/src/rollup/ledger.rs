//! The money of every block as the pallet's events tell it, without the model: who only reads events
//! must find that everything adds up, and that it is what the currency holds.

use super::{
	money::Money,
	runtime::{Balance, Event},
};
use prover_pool_primitives::BlockId;
use std::collections::BTreeMap;

/// What the events of blocks that are not settled have said so far.
#[derive(Default)]
pub struct Ledger {
	/// What was put up, and what of it went back at the draw.
	escrows: BTreeMap<BlockId, (Balance, Balance)>,
	bonds: BTreeMap<BlockId, Balance>,
}

impl Ledger {
	/// Reads the events of a step.
	pub fn read(&mut self, events: &[Event]) {
		for event in events {
			match event {
				Event::BlockProposed { block_id, escrow, .. } => {
					self.escrows.insert(*block_id, (*escrow, 0));
				},
				Event::BlockAssigned { block_id, returned, .. } => {
					let escrow = self.escrows.get_mut(block_id).expect("it was proposed");
					escrow.1 = *returned;
				},
				Event::BlockProven { block_id, bond, .. } => {
					*self.bonds.entry(*block_id).or_default() += bond;
				},
				Event::BondSettled { block_id, returned, forfeited, .. } => {
					assert!(*returned == 0 || *forfeited == 0, "a bond is settled as a whole");
					let bonds = self.bonds.get_mut(block_id).expect("it was put up");
					*bonds -= returned + forfeited;
				},
				Event::BlockVerified { block_id, paid, returned, forfeited, .. } => {
					self.settle(*block_id, paid + returned + forfeited);
				},
				Event::BlockSkipped { block_id, returned, forfeited } => {
					self.settle(*block_id, returned + forfeited);
				},
				_ => {},
			}
		}
	}

	/// Held at proposal = paid from escrow + returned + forfeited, and no bond is left over.
	fn settle(&mut self, block_id: BlockId, where_it_went: Balance) {
		let (put_up, _) = self.escrows.remove(&block_id).expect("it was proposed");
		assert_eq!(put_up, where_it_went, "the escrow of block {block_id} in its events");
		let bonds = self.bonds.remove(&block_id).unwrap_or_default();
		assert_eq!(bonds, 0, "bonds of block {block_id} that no event settled");
	}

	/// What the events say to be on hold is on hold. `money` was compared with the chain.
	pub fn assert_held(&self, money: &Money, when: &str) {
		let held = |purse: fn(&super::money::Account) -> Balance| -> Balance {
			money.0.values().map(purse).sum()
		};
		let escrows: Balance = self.escrows.values().map(|(put_up, back)| put_up - back).sum();
		assert_eq!(escrows, held(|account| account.escrow), "escrows; {when}");
		let bonds: Balance = self.bonds.values().sum();
		assert_eq!(bonds, held(|account| account.bond), "bonds; {when}");
	}
}
