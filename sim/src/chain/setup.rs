//! What a chain begins with.

use super::Chain;
use crate::{memory::Memory, parameters::Parameters, runtime::*};
use frame_support::storage::storage_prefix;
use prover_pool_primitives::{Capacity, PricePerGas};
use sp_core::H256;
use sp_runtime::BuildStorage;
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
		let mut storage = frame_system::GenesisConfig::<Runtime>::default()
			.build_storage()
			.expect("the genesis of system is always valid");
		let mut assimilate = |genesis: &dyn BuildStorage| {
			genesis.assimilate_storage(&mut storage).expect("the genesis of this runtime is valid");
		};
		assimilate(&pallet_balances::GenesisConfig::<Runtime> {
			balances: self.balances.clone(),
			..Default::default()
		});
		let provers = self.members.iter().map(|it| (it.who, it.stake, it.price, it.capacity));
		assimilate(&pallet_prover_pool::GenesisConfig::<Runtime> { provers: provers.collect() });
		assimilate(&pallet_block_proposal::GenesisConfig::<Runtime> {
			genesis_hash: Some(H256::zero()),
			fee_per_gas: self.parameters.first_fee_per_gas,
			delay: self.parameters.first_delay,
		});
		Memory::new(storage, &storage_prefix(b"System", b"Events"))
	}
}

#[cfg(test)]
mod tests {
	use crate::{runtime::*, world::World};

	#[test]
	#[should_panic(expected = "I1")]
	#[cfg(debug_assertions)]
	fn a_run_checks_the_invariants_of_its_last_state() {
		World::demo().setup().run(|_| pallet_prover_pool::Stakers::<Runtime>::remove(1_000));
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
