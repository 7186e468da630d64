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
//!    │ release_prover(id)            (R6) ──▶ │ released: the place is free, the prover liable
//!    │ discharge_prover(id)          (R8) ──▶ │ closed
//!    │ slash_prover(id, …)           (R7) ──▶ │ closed, and slashed
//! ```
//!
//! An id is the protocol's own. The pool refuses an id that is pending or not closed; never using one
//! twice is the protocol's duty.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::weights::Weight;
use scale_info::TypeInfo;

/// The protocol's name for a block that needs a prover.
pub type BlockId = u64;

/// An amount of rollup gas.
pub type Gas = u32;

/// A price in base units of the currency for one unit of gas. `0` is no price: nobody works for it.
pub type PricePerGas = u32;

/// Why a draw left its block without an assigned prover (R4).
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
pub enum OpenReason {
	/// The protocol's fee was 0, so no price could be agreed.
	ZeroFee,
	/// Nobody who may be drawn in this block is in the pool.
	EmptyPool,
	/// There are provers, but every place of theirs is taken.
	NoFreeCapacity,
}

/// The result of a draw, as reported to the protocol (R4).
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub enum DrawOutcome<AccountId> {
	/// `prover` must prove the block.
	Assigned {
		/// Who was drawn.
		prover: AccountId,
		/// The price agreed: the prover's own, clamped into the band around the fee. Never 0.
		reward_per_gas: PricePerGas,
	},
	/// Nobody must: the block is open to everybody, and the pool has forgotten its id.
	Open {
		/// Why.
		reason: OpenReason,
	},
}

/// Why the pool refused. Nothing has changed then.
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
pub enum PoolError {
	/// As many requests wait for their draw as the queue holds.
	QueueFull,
	/// The id is pending, or its assignment is not closed.
	AlreadyAssigned,
	/// The pool knows no request and no assignment under this id.
	UnknownBlock,
	/// The request waits for its draw: there is nothing to release or to slash yet.
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
	/// The draw happens in a later block, with a seed that nobody knew when the request was made, and
	/// is reported through [`DrawHandler::on_draw`].
	///
	/// # Errors
	/// [`PoolError::QueueFull`], [`PoolError::AlreadyAssigned`].
	fn assign_prover(block_id: BlockId, fee_per_gas: PricePerGas) -> Result<(), PoolError>;

	/// The work on `block_id` was delivered: its prover's place is free again, its liability stays
	/// (R6).
	///
	/// # Errors
	/// [`PoolError::UnknownBlock`], [`PoolError::StillPending`], [`PoolError::AlreadyReleased`].
	fn release_prover(block_id: BlockId) -> Result<(), PoolError>;

	/// Closes the assignment of `block_id` and slashes its prover (R7).
	///
	/// `proof_reward` is what proving the block was worth; the slash grows with it. Of what is
	/// slashed, up to the given amount goes to the reporter, if there is one. Returns the amount
	/// slashed, which may be 0.
	///
	/// # Errors
	/// [`PoolError::UnknownBlock`], [`PoolError::StillPending`].
	fn slash_prover(
		block_id: BlockId,
		proof_reward: Balance,
		reporter: Option<(AccountId, Balance)>,
	) -> Result<Balance, PoolError>;

	/// Closes the assignment of `block_id` without a slash, or cancels its pending request (R8).
	///
	/// # Errors
	/// [`PoolError::UnknownBlock`].
	fn discharge_prover(block_id: BlockId) -> Result<(), PoolError>;

	/// How many blocks could be assigned right now: the free places of all provers that may take part
	/// in a draw of the next block.
	fn free_capacity() -> u64;

	/// The most weight that [`Self::assign_prover`] consumes in the call.
	fn assign_prover_weight() -> Weight;
	/// The most weight that one draw consumes in the pool, without [`DrawHandler::on_draw`]. It is
	/// spent later in a hook, so whoever calls [`Self::assign_prover`] must pay for it in advance.
	fn draw_weight() -> Weight;
	/// The most weight that [`Self::release_prover`] consumes.
	fn release_prover_weight() -> Weight;
	/// The most weight that [`Self::slash_prover`] consumes.
	fn slash_prover_weight() -> Weight;
	/// The most weight that [`Self::discharge_prover`] consumes.
	fn discharge_prover_weight() -> Weight;
	/// The most weight that [`Self::free_capacity`] consumes.
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

/// What a pool reports to the protocol.
///
/// It is called while a block is initialised: it must not fail, must not panic and must not consume
/// more than it declares. `()` ignores every draw.
pub trait DrawHandler<AccountId> {
	/// The draw for `block_id` is done (R4). Called once for each request that was made through
	/// [`ProverPool::assign_prover`] and not discharged before its draw.
	fn on_draw(block_id: BlockId, outcome: DrawOutcome<AccountId>);

	/// The most weight that one [`Self::on_draw`] consumes.
	fn on_draw_weight() -> Weight;
}

impl<AccountId> DrawHandler<AccountId> for () {
	fn on_draw(_block_id: BlockId, _outcome: DrawOutcome<AccountId>) {}

	fn on_draw_weight() -> Weight {
		Weight::zero()
	}
}
