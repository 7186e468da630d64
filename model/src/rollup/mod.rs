//! Compares the protocol, with a real pool, with a naive model of the protocol.
//!
//! [`run`] applies steps to a fresh chain and to the model, and panics at the first difference. After
//! each step it compares: the result and the name of its error; all events of the pallet; all waiting
//! blocks and their claims; chain state, clock, averages and counters; the tokens of all accounts, free
//! and by reason of hold; the calls of the pool and its records. It then checks the invariants of both
//! pallets, and a ledger that reads nothing but events.

mod calls;
mod compare;
mod driver;
mod ledger;
mod model;
mod money;
mod recorder;
mod rules;
// The runtime is private, and its macros generate code with a feature `std`.
#[allow(missing_docs, unexpected_cfgs)]
pub(crate) mod runtime;
mod settling;
mod summary;

pub use driver::{run, run_broken};
pub use rules::Rule;
pub use summary::Summary;

use codec::{Decode, Encode};

/// One step. Its numbers are small and relative: the third account, the second waiting block, one of the
/// existing parents. So every sequence is valid, and every shorter one too.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub enum Step {
	/// An account proposes a block.
	#[codec(index = 0)]
	Propose {
		/// The proposer.
		by: u8,
		/// The list: its length and its bytes.
		list: u8,
		/// The gas limit, in units of 16.
		gas: u8,
		/// The highest fee accepted: 255 for any, else the current one plus this minus 2.
		max_fee: u8,
	},
	/// The account that should prove a waiting block claims the right result, if there is no such claim.
	#[codec(index = 1)]
	Duty {
		/// Which of these blocks.
		block: u8,
		/// The share of the gas limit that is used.
		gas: u8,
	},
	/// An account tries to prove a block.
	#[codec(index = 2)]
	Prove {
		/// The prover.
		by: u8,
		/// The block.
		block: u8,
		/// The parent.
		parent: u8,
		/// The share of the gas limit that is used.
		gas: u8,
		/// What is wrong with the claim, if anything.
		flaw: u8,
	},
	/// An account calls `verify_blocks`.
	#[codec(index = 3)]
	Verify {
		/// The most blocks.
		max: u8,
	},
	/// An account calls `expire_request`.
	#[codec(index = 4)]
	Expire {
		/// The block.
		block: u8,
	},
	/// An account calls `skip_block`.
	#[codec(index = 5)]
	Skip {
		/// The block.
		block: u8,
	},
	/// A claim is disputed.
	#[codec(index = 6)]
	Dispute {
		/// The block.
		block: u8,
		/// Which of its claims; from 245 on, by an account that must not.
		claim: u8,
	},
	/// An account calls `clear_claims`.
	#[codec(index = 7)]
	Clear {
		/// Which of these blocks.
		block: u8,
		/// The number of parents, modulo 4; from 128 on, and one without claims.
		parents: u8,
	},
	/// The verifier revokes a tag, or accepts it again.
	#[codec(index = 8)]
	Revoke {
		/// The tag.
		tag: u8,
		/// False if it is accepted again.
		revoked: bool,
	},
	/// The protocol is paused, or the pause ends; from 245 on, by an account that must not.
	#[codec(index = 9)]
	Pause {
		/// True if the pause ends.
		end: bool,
		/// Who.
		by: u8,
	},
	/// The protocol is reset to another verified hash, mostly after a pause begins.
	#[codec(index = 10)]
	Reset {
		/// Which hash; from 245 on, by an account that must not.
		hash: u8,
	},
	/// The rollup is started on the chain, or started again.
	#[codec(index = 21)]
	Start {
		/// The first fee, in units of 2.
		fee: u8,
		/// Who: from 245 on, an account that must not.
		by: u8,
	},
	/// An account stakes.
	#[codec(index = 11)]
	Stake {
		/// The staker.
		by: u8,
		/// The amount, in units of 50,000.
		amount: u8,
		/// The price, above 50.
		price: u8,
		/// The capacity.
		capacity: u8,
	},
	/// A staker exits, or withdraws.
	#[codec(index = 12)]
	Leave {
		/// The staker.
		by: u8,
		/// True if it withdraws.
		withdraw: bool,
	},
	/// An assigned prover tries to discharge itself.
	#[codec(index = 13)]
	SelfDischarge {
		/// The block.
		block: u8,
	},
	/// An account receives tokens.
	#[codec(index = 14)]
	Fund {
		/// The account.
		who: u8,
		/// The amount, in units of 50,000.
		amount: u8,
	},
	/// An account gives away its free tokens.
	#[codec(index = 15)]
	Drain {
		/// The account.
		who: u8,
		/// What is left, in units of 1,000.
		left: u8,
	},
	/// The seed of the pool's draws from now on. `None`: draws wait.
	#[codec(index = 16)]
	Seed(Option<u8>),
	/// Sets whether the chain admits extrinsics from now on.
	#[codec(index = 17)]
	Admit(bool),
	/// The weight that each block leaves for `on_idle`.
	#[codec(index = 18)]
	Idle(u8),
	/// A parameter changes.
	#[codec(index = 19)]
	Tune {
		/// Which.
		parameter: u8,
		/// The new value.
		value: u8,
	},
	/// An account calls `confirm_claim`.
	#[codec(index = 22)]
	Confirm {
		/// The block.
		block: u8,
		/// Which of its claims.
		claim: u8,
		/// What is wrong with the proof, if anything.
		flaw: u8,
	},
	/// Blocks of the chain pass.
	#[codec(index = 20)]
	Pass {
		/// How many, at most 40.
		blocks: u8,
	},
}
