//! Weights of the pallet's calls, hooks and hook-trait methods.
//!
//! [`SubstrateWeight`] counts what each operation reads and writes in the worst case and adds a time
//! that errs on the safe side. They are upper bounds by counting, not yet figures from benchmarks.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The most weight that each operation consumes.
pub trait WeightInfo {
	/// [`Call::stake`](crate::Call::stake): leaves, pays out, replaces another prover.
	fn stake() -> Weight;
	/// [`Call::exit`](crate::Call::exit).
	fn exit() -> Weight;
	/// [`Call::withdraw`](crate::Call::withdraw).
	fn withdraw() -> Weight;
	/// A request, without its draw.
	fn assign_prover() -> Weight;
	/// One draw.
	fn draw() -> Weight;
	/// One member that begins to take part in draws.
	fn admit() -> Weight;
	/// A release.
	fn release_prover() -> Weight;
	/// A slash with a reporter, and an ejection.
	fn slash_prover() -> Weight;
	/// A discharge.
	fn discharge_prover() -> Weight;
	/// The sum of the free places.
	fn free_capacity() -> Weight;
	/// The start of a block without draws.
	fn on_initialize() -> Weight;
	/// One account of [`IndexMembers`](crate::migrations::IndexMembers).
	fn migrate_account() -> Weight;
}

/// Upper bounds by counting: see the module.
pub struct SubstrateWeight<T>(PhantomData<T>);

/// The storage that holding, releasing or slashing touches in one account: its balance, its holds and
/// its system account, each read and written.
const ACCOUNT: u64 = 3;

impl<T: frame_system::Config> SubstrateWeight<T> {
	/// `micros` of computation, `reads` and `writes` of storage, and a proof of at most half a KiB for
	/// each item read.
	fn count(micros: u64, reads: u64, writes: u64) -> Weight {
		Weight::from_parts(micros.saturating_mul(1_000_000), reads.saturating_mul(512))
			.saturating_add(T::DbWeight::get().reads_writes(reads, writes))
	}
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	// Read: every slot, two stakers, two accounts. Written: two slots, two stakers, two accounts.
	fn stake() -> Weight {
		Self::count(150, 16 + 2 * ACCOUNT, 16 + 2 * ACCOUNT)
	}

	// Staker, slot, account.
	fn exit() -> Weight {
		Self::count(80, 2 + ACCOUNT, 2 + ACCOUNT)
	}

	// Staker, account.
	fn withdraw() -> Weight {
		Self::count(60, 1 + ACCOUNT, 1 + ACCOUNT)
	}

	// Assignment, queue.
	fn assign_prover() -> Weight {
		Self::count(40, 2, 1)
	}

	// Read: queue, seed, every slot, staker. Written: queue, slot, staker, both sides of the ledger.
	fn draw() -> Weight {
		Self::count(100, 20, 10)
	}

	fn admit() -> Weight {
		Self::count(50, 7, 6)
	}

	// Read: assignment, staker, slot. Written: the same.
	fn release_prover() -> Weight {
		Self::count(40, 3, 3)
	}

	// Assignment in both sides of the ledger, queue, staker, slot, the prover's and the reporter's
	// account, the receiver of the rest.
	fn slash_prover() -> Weight {
		Self::count(150, 4 + 3 * ACCOUNT, 4 + 3 * ACCOUNT)
	}

	// Assignment in both sides of the ledger, queue, staker, slot.
	fn discharge_prover() -> Weight {
		Self::count(50, 4, 5)
	}

	// Every slot.
	fn free_capacity() -> Weight {
		Self::count(20, 1, 0)
	}

	// The migrator's cursor, the queue, the seed.
	fn on_initialize() -> Weight {
		Self::count(10, 3, 0)
	}

	fn migrate_account() -> Weight {
		Self::count(80, 8, 8)
	}
}
