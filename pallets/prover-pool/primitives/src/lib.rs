//! # Prover pool primitives
//!
//! The interface between a *prover pool* and the *protocol* that draws provers from it. Neither side
//! depends on the other: the pool implements [`ProverPool`] and calls [`DrawHandler`], the protocol
//! does the reverse, and a runtime wires the two together.
//!
//! The life of one block, as the two sides see it (rule numbers are those of `docs/protocol.md`):
//!
//! ```text
//! protocol                                   pool
//!    │ assign_prover(id, fee)        (R4) ──▶ │ queued: pending
//!    │                                        │ … a seed nobody knew at the request (R5)
//!    │ ◀── on_draw(id, Assigned | Open)  (R4) │ assigned, or forgotten
//!    │ release_prover(id)            (R6) ──▶ │ released: capacity returns, the prover stays liable
//!    │ discharge_prover(id)          (R8) ──▶ │ closed
//!    │ slash_prover(id, …)           (R7) ──▶ │ closed, and slashed
//! ```
//!
//! An id is the protocol's own. The pool refuses an id that is pending, not closed, or whose slash is
//! pending; the protocol must not use an id twice.
//!
//! The pool in turn knows the component that ranks members and draws one only by the trait
//! [`Selection`].
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

mod selection;

pub use selection::{Candidate, Capacity, Drawn, ListedStake, ProverId, Ranked, Selection};

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::weights::Weight;
use scale_info::TypeInfo;

/// The protocol's name for a block that needs a prover.
pub type BlockId = u64;

/// An amount of rollup gas.
pub type Gas = u32;

/// A price in base units of the currency for one unit of gas. A price of 0 is never agreed.
pub type PricePerGas = u32;

/// The reason why a draw left its block without an assigned prover (R4).
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
#[scale_info(capture_docs = "always")]
pub enum OpenReason {
	/// The protocol's fee was 0, so no price could be agreed.
	ZeroFee,
	/// The pool has no member that takes part in draws.
	EmptyPool,
	/// No member that takes part in draws has free capacity.
	NoFreeCapacity,
}

/// The reason why the protocol slashes a prover (R7). The pool reports it and draws no conclusion from it.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
#[scale_info(capture_docs = "always")]
pub enum Fault {
	/// The prover delivered no proof in its window.
	Late,
	/// Another account proved the block after the prover's window.
	Rescued,
	/// The prover's proof was removed because it was wrong.
	RemovedProof,
	/// The block was skipped without a proof.
	Skipped,
	/// A reason that only the protocol knows.
	Other,
}

/// The result of a draw, as reported to the protocol (R4).
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub enum DrawOutcome<AccountId> {
	/// `prover` must prove the block.
	Assigned {
		/// The account that was drawn.
		prover: AccountId,
		/// The price agreed: the prover's own, clamped into the band around the fee. Never 0.
		reward_per_gas: PricePerGas,
	},
	/// No prover is assigned: the block is open to everybody, and the pool has forgotten its id.
	Open {
		/// The reason.
		reason: OpenReason,
	},
}

/// The reason why the pool refused. Nothing has changed then.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
#[scale_info(capture_docs = "always")]
pub enum PoolError {
	/// The draw queue is full.
	QueueFull,
	/// The id is pending, its assignment is not closed, or its slash is pending.
	AlreadyAssigned,
	/// The id has neither a request nor an assignment.
	UnknownBlock,
	/// The draw has not happened yet.
	StillPending,
	/// The work was released before.
	AlreadyReleased,
}

/// A prover pool, as the protocol calls it.
///
/// Every method either does all of what it says or returns an error and changes nothing. None of them
/// panics. Amounts are in base units of the pool's currency.
///
/// `()` is a pool without provers in which no draw ever happens: requests are accepted and stay
/// pending until the protocol discharges them.
pub trait ProverPool<AccountId, Balance> {
	/// Requests a prover for `block_id` at the protocol's current price `fee_per_gas` (R4).
	///
	/// The draw happens in a later block, with a seed that no account knew when the request was made,
	/// and is reported through [`DrawHandler::on_draw`].
	///
	/// # Errors
	/// [`PoolError::QueueFull`], [`PoolError::AlreadyAssigned`].
	fn assign_prover(block_id: BlockId, fee_per_gas: PricePerGas) -> Result<(), PoolError>;

	/// Records that the work on `block_id` was delivered: one unit of the prover's capacity returns, its
	/// liability stays (R6).
	///
	/// # Errors
	/// [`PoolError::UnknownBlock`], [`PoolError::StillPending`], [`PoolError::AlreadyReleased`].
	fn release_prover(block_id: BlockId) -> Result<(), PoolError>;

	/// Closes the assignment of `block_id` and slashes its prover (R7).
	///
	/// `proof_reward` is the reward for proving the block; the slash grows with it. `fault` is the
	/// reason, for the event. The reporter, if there is one, gets up to the given amount of the slash.
	/// Returns the amount slashed, which may be 0. Where the pool defers slashes, the tokens move later.
	///
	/// # Errors
	/// [`PoolError::UnknownBlock`], [`PoolError::StillPending`].
	fn slash_prover(
		block_id: BlockId,
		proof_reward: Balance,
		fault: Fault,
		reporter: Option<(AccountId, Balance)>,
	) -> Result<Balance, PoolError>;

	/// Closes the assignment of `block_id` without a slash, or cancels its pending request (R8).
	///
	/// # Errors
	/// [`PoolError::UnknownBlock`].
	fn discharge_prover(block_id: BlockId) -> Result<(), PoolError>;

	/// Returns how many blocks could be assigned now: the free capacity of all members that take part in
	/// the draws of the next block.
	fn free_capacity() -> u64;

	/// Returns the most weight that [`Self::assign_prover`] consumes in the call.
	fn assign_prover_weight() -> Weight;
	/// Returns the most weight that one draw consumes in the pool, without [`DrawHandler::on_draw`]. A
	/// hook spends it later, so the caller of [`Self::assign_prover`] must pay for it in advance.
	fn draw_weight() -> Weight;
	/// Returns the most weight that [`Self::release_prover`] consumes.
	fn release_prover_weight() -> Weight;
	/// Returns the most weight that [`Self::slash_prover`] consumes.
	fn slash_prover_weight() -> Weight;
	/// Returns the most weight that [`Self::discharge_prover`] consumes.
	fn discharge_prover_weight() -> Weight;
	/// Returns the most weight that [`Self::free_capacity`] consumes.
	fn free_capacity_weight() -> Weight;
}

impl<AccountId, Balance> ProverPool<AccountId, Balance> for () {
	fn assign_prover(_block_id: BlockId, _fee_per_gas: PricePerGas) -> Result<(), PoolError> {
		Ok(())
	}

	fn release_prover(_block_id: BlockId) -> Result<(), PoolError> {
		Err(PoolError::UnknownBlock)
	}

	fn slash_prover(
		_block_id: BlockId,
		_proof_reward: Balance,
		_fault: Fault,
		_reporter: Option<(AccountId, Balance)>,
	) -> Result<Balance, PoolError> {
		Err(PoolError::UnknownBlock)
	}

	fn discharge_prover(_block_id: BlockId) -> Result<(), PoolError> {
		Ok(())
	}

	fn free_capacity() -> u64 {
		0
	}

	fn assign_prover_weight() -> Weight {
		Weight::zero()
	}

	fn draw_weight() -> Weight {
		Weight::zero()
	}

	fn release_prover_weight() -> Weight {
		Weight::zero()
	}

	fn slash_prover_weight() -> Weight {
		Weight::zero()
	}

	fn discharge_prover_weight() -> Weight {
		Weight::zero()
	}

	fn free_capacity_weight() -> Weight {
		Weight::zero()
	}
}

/// The protocol's side of a draw.
///
/// It is called while a block is initialised: it must not fail, must not panic and must not consume
/// more than it declares. `()` ignores every draw.
pub trait DrawHandler<AccountId> {
	/// Handles the outcome of the draw for `block_id` (R4). Called once for each request that was made through
	/// [`ProverPool::assign_prover`] and not discharged before its draw.
	fn on_draw(block_id: BlockId, outcome: DrawOutcome<AccountId>);

	/// Returns the most weight that one [`Self::on_draw`] consumes.
	fn on_draw_weight() -> Weight;
}

impl<AccountId> DrawHandler<AccountId> for () {
	fn on_draw(_block_id: BlockId, _outcome: DrawOutcome<AccountId>) {}

	fn on_draw_weight() -> Weight {
		Weight::zero()
	}
}
