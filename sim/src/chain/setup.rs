//! What a chain begins with.

use super::Chain;
use crate::{memory::Memory, parameters::Parameters, runtime::*, tokens};
use frame_support::{
	storage::{storage_prefix, unhashed},
	traits::BuildGenesisConfig,
};
use prover_pool_primitives::{Capacity, PricePerGas};
use sp_core::H256;
use std::cell::RefCell;

/// The number of the first block. Members of the genesis have been there for so long that they may leave.
pub const FIRST_BLOCK: BlockNumber = 100_000;

/// A prover of the genesis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Member {
	/// The account.
	pub who: AccountId,
	/// The stake, in base units.
	pub stake: Balance,
	/// The price asked, per gas.
	pub price: PricePerGas,
	/// The capacity.
	pub capacity: Capacity,
}

/// What a chain begins with.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
	/// The parameters.
	pub parameters: Parameters,
	/// The rules of draws.
	pub rules: Edition,
	/// The members of the pool.
	pub members: Vec<Member>,
	/// All accounts with what each owns, the stakes of members included.
	pub balances: Vec<(AccountId, Balance)>,
}

impl Setup {
	/// Runs `life` on a new chain, in its first block.
	///
	/// # Panics
	/// With debug assertions, if an invariant of the pallets does not hold afterwards.
	pub fn run<R>(&self, life: impl FnOnce(&mut Chain) -> R) -> R {
		self.parameters.apply();
		ParentOutput::set(None);
		Rules::set(self.rules);
		VerifierBroken::set(false);
		Revoked::set(false);
		DrawsOfBlock::set(Vec::new());
		self.genesis().execute_with(|| {
			System::set_block_number(FIRST_BLOCK);
			let mut chain = Chain::new();
			let result = life(&mut chain);
			debug_assert_eq!(chain.try_state(), Ok(()));
			result
		})
	}

	/// Returns the storage of the genesis block. Those made last on this thread are kept: runs of one
	/// attack share theirs.
	fn genesis(&self) -> Memory {
		const KEPT: usize = 4;
		thread_local! {
			static MADE: RefCell<Vec<(Setup, Memory)>> = const { RefCell::new(Vec::new()) };
		}
		MADE.with_borrow_mut(|made| {
			let at = match made.iter().position(|(setup, _)| setup == self) {
				Some(at) => at,
				None => {
					made.truncate(KEPT - 1);
					made.insert(0, (self.clone(), self.make_genesis()));
					0
				},
			};
			made[at].1.clone()
		})
	}

	fn make_genesis(&self) -> Memory {
		let mut memory = Memory::default();
		memory.execute_with(|| {
			frame_system::GenesisConfig::<Runtime>::default().build();
			for (who, amount) in &self.balances {
				tokens::endow(who, *amount).expect("balances are above the existential deposit");
			}
			let provers = self.members.iter().map(|it| (it.who, it.stake, it.price, it.capacity));
			pallet_prover_pool::GenesisConfig::<Runtime> { provers: provers.collect() }.build();
			pallet_block_proposal::GenesisConfig::<Runtime> {
				genesis_hash: Some(H256::zero()),
				fee_per_gas: self.parameters.first_fee_per_gas,
				delay: self.parameters.first_delay,
			}
			.build();
			drop_events();
		});
		memory
	}
}

/// Makes the system drop all events: agents read the state. It drops those of a block that has had as many as it
/// can count.
fn drop_events() {
	unhashed::put(&storage_prefix(b"System", b"EventCount"), &u32::MAX);
}

#[cfg(test)]
mod tests {
	use crate::{
		runtime::*,
		world::{honest, World},
	};

	#[test]
	#[should_panic(expected = "I1")]
	#[cfg(debug_assertions)]
	fn a_run_checks_the_invariants_of_its_last_state() {
		World::demo().setup().run(|_| pallet_prover_pool::Stakers::<Runtime>::remove(1_000));
	}

	#[test]
	fn events_are_dropped() {
		World::demo().setup().run(|chain| {
			assert_eq!(chain.pause(honest(0)), Ok(()));
			assert_eq!(System::event_count(), u32::MAX);
			assert!(System::read_events_no_consensus().next().is_none());
		});
	}

	#[test]
	fn a_thread_runs_one_chain_after_another() {
		let mut world = World::demo();
		let count = |world: &World| world.setup().run(|chain| chain.shares(chain.fee()).len());
		assert_eq!(count(&world), 8);
		world.provers = 3;
		assert_eq!(count(&world), 3);
		world.provers = 8;
		assert_eq!(count(&world), 8);
	}
}
