//! What this pallet's work weighs.
//!
//! **Upper bounds by counting, until benchmarks replace them.** [`SubstrateWeight`] counts every
//! read and write of the worst path, as if nothing were cached, and adds a time for hashing,
//! decoding and arithmetic that errs on the safe side. Nothing here was measured.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The weights of the parts from which calls and hooks are charged. What the pool and the verifier
/// do is not in them: it is added from their own declarations.
pub trait WeightInfo {
	/// A proposal with a list of `l` bytes.
	fn propose_block(l: u32) -> Weight;
	/// A proof, without its verification.
	fn prove_block() -> Weight;
	/// Looking whether there is something to verify.
	fn verify_blocks() -> Weight;
	/// One verification with its settlement, of a block with `f` proofs.
	fn verify_block(f: u32) -> Weight;
	/// Looking through `n` blocks for windows to restart, and restarting all of them.
	fn restart_windows(n: u32) -> Weight;
	/// Opening a block that was not drawn.
	fn expire_request() -> Weight;
	/// One skip with its settlement, of a block with `f` proofs.
	fn skip_block(f: u32) -> Weight;
	/// Removing a proof.
	fn dispute_proof() -> Weight;
	/// The handler of one draw.
	fn on_draw() -> Weight;
	/// Counting a block.
	fn on_poll() -> Weight;
}

/// Upper bounds by counting: see the module.
pub struct SubstrateWeight<T>(PhantomData<T>);

/// What a hold, a release or a slash touches in one account: its balance and its holds.
const ACCOUNT: u64 = 2;
/// What a forfeit touches besides: the issuance, or the account of a treasury and its books.
const ON_SLASH: u64 = 4;
/// A bond that is settled.
const BOND: u64 = ACCOUNT + ON_SLASH;

impl<T: frame_system::Config> SubstrateWeight<T> {
	/// `micros` of computation, `reads` and `writes` of storage, and a proof of two KiB for each item
	/// read, which is what the record of a block may take.
	fn count(micros: u64, reads: u64, writes: u64) -> Weight {
		Weight::from_parts(micros.saturating_mul(1_000_000), reads.saturating_mul(2_048))
			.saturating_add(T::DbWeight::get().reads_writes(reads, writes))
	}

	/// Hashing and copying `bytes`, at 10 nanoseconds each.
	fn bytes(bytes: u32) -> Weight {
		Weight::from_parts(u64::from(bytes).saturating_mul(10_000), 0)
	}
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	// Read: chain, pending count, averages, clock, account. Written: chain, pending count, block,
	// account.
	fn propose_block(l: u32) -> Weight {
		Self::count(100, 4 + ACCOUNT, 3 + ACCOUNT).saturating_add(Self::bytes(l))
	}

	// Read: clock, chain, block, parent, genesis hash, the prover's account and the displaced bond.
	// Written: block, account, bond.
	fn prove_block() -> Weight {
		Self::count(200, 5 + ACCOUNT + BOND, 1 + ACCOUNT + BOND)
	}

	// Clock, chain, head.
	fn verify_blocks() -> Weight {
		Self::count(20, 3, 0)
	}

	// Read: chain, block, clock, averages, the next block, the proposer's account twice, the
	// payee's, a forfeit and every bond. Written: the same without clock and next block.
	fn verify_block(f: u32) -> Weight {
		let accounts = 3 * ACCOUNT + ON_SLASH + u64::from(f) * BOND;
		Self::count(200 + 40 * u64::from(f), 5 + accounts, 3 + accounts)
	}

	// Clock, chain, averages; every block is read and written. The time covers the look-ups of its
	// proofs' parents among the hashes that were invalidated.
	fn restart_windows(n: u32) -> Weight {
		Self::count(20 + 30 * u64::from(n), 3 + u64::from(n), u64::from(n))
	}

	// Clock, block, chain, pending count.
	fn expire_request() -> Weight {
		Self::count(50, 4, 3)
	}

	// Read: clock, chain, block, the next block, the proposer's forfeit and every bond. Written:
	// chain, block, the proposer's forfeit and every bond.
	fn skip_block(f: u32) -> Weight {
		let accounts = BOND + u64::from(f) * BOND;
		Self::count(150 + 40 * u64::from(f), 4 + accounts, 2 + accounts)
	}

	// Clock, block, chain, bond.
	fn dispute_proof() -> Weight {
		Self::count(80, 3 + BOND, 1 + BOND)
	}

	// Block, chain, pending count, clock, averages, the proposer's account.
	fn on_draw() -> Weight {
		Self::count(80, 5 + ACCOUNT, 3 + ACCOUNT)
	}

	// The clock.
	fn on_poll() -> Weight {
		Self::count(5, 1, 1)
	}
}
