//! The protocol, with a real pool, beside its model.
//!
//! [`run`] applies steps to a fresh chain and to the model, and panics at the first difference. What
//! is compared after every step: the result, by the name of its error; all events of the pallet; every
//! waiting block; chain state, clock, averages and counters; everybody's tokens, free and by reason of
//! hold; what was asked of the pool, call by call, and the pool's books. Then the invariants of both
//! pallets, and the ledger that knows nothing but events.

mod compare;
mod driver;
mod ledger;
mod model;
mod money;
// A runtime is nobody's interface, and what its macros make asks for a feature `std`.
#[allow(missing_docs, unexpected_cfgs)]
mod runtime;
mod settling;
mod summary;

pub use driver::run;
pub use summary::Summary;

use codec::{Decode, Encode};

/// One thing that happens. Small numbers, which mean what they can when their turn comes: the third
/// account, the second block that waits, one of the parents that there are. So every sequence makes
/// sense, shorter ones too.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub enum Step {
	/// Somebody proposes a block.
	#[codec(index = 0)]
	Propose {
		/// Whose it is.
		by: u8,
		/// The list: its length and its bytes.
		list: u8,
		/// The gas limit, in units of 16.
		gas: u8,
	},
	/// The first block of the chain that nobody proved is proven, rightly, by whom it should be.
	#[codec(index = 1)]
	Duty {
		/// The share of the gas limit that is used.
		gas: u8,
	},
	/// Somebody tries to prove something.
	#[codec(index = 2)]
	Prove {
		/// Who.
		by: u8,
		/// Which block.
		block: u8,
		/// On which parent.
		parent: u8,
		/// The share of the gas limit that is used.
		gas: u8,
		/// What is wrong with it, if anything.
		flaw: u8,
	},
	/// Somebody asks for verification.
	#[codec(index = 3)]
	Verify {
		/// Of so many blocks.
		max: u8,
	},
	/// Somebody wants a request cancelled.
	#[codec(index = 4)]
	Expire {
		/// Which block's.
		block: u8,
	},
	/// Somebody wants a block skipped.
	#[codec(index = 5)]
	Skip {
		/// Which.
		block: u8,
	},
	/// A proof is disputed.
	#[codec(index = 6)]
	Dispute {
		/// Of which block.
		block: u8,
		/// Which of its proofs; from 245 on, by somebody who may not.
		proof: u8,
	},
	/// Somebody stakes.
	#[codec(index = 7)]
	Stake {
		/// Who.
		by: u8,
		/// How much, in units of 50 000.
		amount: u8,
		/// The price, above 50.
		price: u8,
		/// The capacity.
		capacity: u8,
	},
	/// A staker exits, or withdraws.
	#[codec(index = 8)]
	Leave {
		/// Who.
		by: u8,
		/// Whether it withdraws.
		withdraw: bool,
	},
	/// An assigned prover discharges itself, if it is late enough.
	#[codec(index = 9)]
	SelfDischarge {
		/// Of which block.
		block: u8,
	},
	/// Somebody gets tokens.
	#[codec(index = 10)]
	Fund {
		/// Who.
		who: u8,
		/// How many, in units of 50 000.
		amount: u8,
	},
	/// Somebody, mostly one that lives without, loses all free tokens but a few.
	#[codec(index = 11)]
	Drain {
		/// Who.
		who: u8,
		/// How many are left, in units of 1 000.
		left: u8,
	},
	/// The pool gets seeds from now on, or gets none.
	#[codec(index = 12)]
	Seed(Option<u8>),
	/// The chain admits extrinsics from now on, or does not.
	#[codec(index = 13)]
	Admit(bool),
	/// What is left of every block for verification.
	#[codec(index = 14)]
	Idle(u8),
	/// A parameter changes.
	#[codec(index = 15)]
	Tune {
		/// Which.
		parameter: u8,
		/// To what.
		value: u8,
	},
	/// Blocks pass.
	#[codec(index = 16)]
	Pass {
		/// How many, at most 40.
		blocks: u8,
	},
}
