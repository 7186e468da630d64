//! What is stored and reported, and how each record behaves.
//!
//! Everything here is pure: no storage, no currency.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::fungible::{Credit, Inspect},
	BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use frame_system::pallet_prelude::BlockNumberFor;
use prover_pool_primitives::{BlockId, Gas, OpenReason, PricePerGas};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::{
	traits::{SaturatedConversion, Saturating, UniqueSaturatedInto, Zero},
	FixedPointNumber, FixedU128, Perbill,
};

use crate::{fees, Config, ProofVerifier};

/// Amounts of the configured currency, in base units.
pub type BalanceOf<T> =
	<<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;
/// Forfeited tokens before they reach [`Config::OnSlash`].
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;
/// Times and periods: readings and differences of [`Clock`](crate::Clock).
pub type TimeOf<T> = BlockNumberFor<T>;
/// What vouches for a proof.
pub type TagOf<T> = <<T as Config>::ProofVerifier as ProofVerifier>::Tag;
/// The [`ChainState`] of this runtime.
pub type ChainStateOf<T> = ChainState<TimeOf<T>>;
/// The [`MovingAverages`] of this runtime.
pub type MovingAveragesOf<T> = MovingAverages<BlockNumberFor<T>>;
/// The claims of others on one parent of a block, in the order in which they came.
pub type ClaimsOf<T> = BoundedVec<Claim<T>, <T as Config>::MaxForks>;

/// The blocks that were cancelled and are not settled yet: those from the head on with lower ids than
/// `below`.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct Cancellation<Time> {
	/// The id after the last of them.
	pub below: BlockId,
	/// When they were cancelled: windows that ran then do not count as missed.
	pub at: Time,
	/// True if provers whose window had passed without a claim are slashed.
	pub slashing: bool,
}

/// The state of the rollup.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct ChainState<Time> {
	/// The id of the next proposal. Ids start at 1 and are never used twice.
	pub next_id: BlockId,
	/// The next block to settle; `next_id` if no block waits.
	pub head: BlockId,
	/// The last verified block. 0 is the rollup's genesis block.
	pub verified_id: BlockId,
	/// The last verified hash: the parent of the next verified block.
	pub verified_hash: H256,
	/// When the block before the head was settled: since then the head's parent is certain.
	pub head_since: Time,
	/// How many blocks wait for their draw.
	pub pending: u32,
	/// How many open blocks wait for verification.
	pub open: u32,
	/// The cancelled blocks, while some are not settled.
	pub cancelled: Option<Cancellation<Time>>,
}

impl<Time: Zero> ChainState<Time> {
	/// Returns the state of a rollup that has only its genesis block.
	pub fn starting_from(genesis_hash: H256) -> Self {
		Self {
			next_id: 1,
			head: 1,
			verified_id: 0,
			verified_hash: genesis_hash,
			head_since: Zero::zero(),
			pending: 0,
			open: 0,
			cancelled: None,
		}
	}

	/// Returns how many blocks are not settled.
	pub fn unverified(&self) -> u32 {
		self.next_id.saturating_sub(self.head).saturated_into()
	}

	/// Returns whether this block was cancelled.
	pub fn is_cancelled(&self, block_id: BlockId) -> bool {
		self.cancelled.as_ref().is_some_and(|cancelled| block_id < cancelled.below)
	}
}

/// Moving averages over blocks that their assigned prover proved in time (Money), in fixed point: a
/// step of far less than 1 is not lost, so that they fall as readily as they rise.
#[derive(Clone, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct MovingAverages<BlockNumber> {
	/// The average of the agreed prices, in base units per gas.
	pub fee_per_gas: FixedU128,
	/// The average delay from draw to claim, in units of [`Clock`](crate::Clock).
	pub delay: FixedU128,
	/// The fee at the beginning of the block `updated_in`.
	pub fee_at_start: FixedU128,
	/// The block of this chain in which the averages last changed.
	pub updated_in: BlockNumber,
}

/// The limits of the fee.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FeeLimits {
	/// [`Config::MinFeePerGas`].
	pub min: PricePerGas,
	/// [`Config::MaxFeePerGas`].
	pub max: PricePerGas,
	/// [`Config::MaxFeeStep`].
	pub step: Perbill,
}

/// A block as the averages see it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sample {
	/// The agreed price.
	pub reward_per_gas: PricePerGas,
	/// The time from draw to claim.
	pub delay: u64,
	/// The weight of the block.
	pub weight: fees::Ratio,
}

impl<BlockNumber: Eq> MovingAverages<BlockNumber> {
	/// Returns averages that have seen only these values.
	pub fn starting_at(
		fee_per_gas: PricePerGas,
		delay: impl UniqueSaturatedInto<u64>,
		now: BlockNumber,
	) -> Self {
		let fee_per_gas = FixedU128::saturating_from_integer(fee_per_gas);
		Self {
			fee_per_gas,
			delay: FixedU128::saturating_from_integer(delay.unique_saturated_into()),
			fee_at_start: fee_per_gas,
			updated_in: now,
		}
	}

	/// Returns the price of the next proposal, per gas: the average, rounded down, within its limits.
	pub fn whole_fee(&self, limits: FeeLimits) -> PricePerGas {
		let whole: PricePerGas = (self.fee_per_gas.into_inner() / FixedU128::DIV).saturated_into();
		whole.min(limits.max).max(limits.min)
	}

	/// Takes in a block in the block `now` of this chain: the averages move by a `factor`-th of the
	/// weighted way to it. The fee moves by at most the step, counted from the fee with which `now`
	/// began, and stays within its limits.
	pub fn take_in(&mut self, sample: Sample, factor: u32, limits: FeeLimits, now: BlockNumber) {
		if self.updated_in != now {
			self.fee_at_start = self.fee_per_gas;
			self.updated_in = now;
		}
		let price = FixedU128::saturating_from_integer(sample.reward_per_gas);
		let moved = fees::moved(self.fee_per_gas, price, sample.weight, factor);
		let stepped = fees::within_step(moved, self.fee_at_start, limits.step);
		self.fee_per_gas = stepped
			.min(FixedU128::saturating_from_integer(limits.max))
			.max(FixedU128::saturating_from_integer(limits.min));
		let delay = FixedU128::saturating_from_integer(sample.delay);
		self.delay = fees::moved(self.delay, delay, sample.weight, factor);
	}
}

/// What the execution of a proposal on a parent gives.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct Execution {
	/// The hash of the parent.
	pub parent_hash: H256,
	/// The hash of the block.
	pub block_hash: H256,
	/// The gas that the block uses: 0 if the list does not decode, the limit if it exceeds the limit.
	pub gas_used: Gas,
}

/// A claim: its proof was valid when it came.
#[derive(
	CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo,
)]
#[codec(mel_bound())]
#[scale_info(capture_docs = "always", skip_type_params(T))]
pub struct Claim<T: Config> {
	/// The account that proved it.
	pub prover: T::AccountId,
	/// What was proven.
	pub execution: Execution,
	/// What it pays per gas, fixed when it came.
	pub reward_per_gas: PricePerGas,
	/// The amount held from the prover; 0 of an assigned prover in time.
	pub bond: BalanceOf<T>,
	/// What vouched for the proof.
	pub tag: TagOf<T>,
	/// When it came.
	pub claimed_at: TimeOf<T>,
}

/// What the assigned prover has delivered.
#[derive(
	CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo,
)]
#[codec(mel_bound())]
#[scale_info(capture_docs = "always", skip_type_params(T))]
pub enum Delivery<T: Config> {
	/// Nothing yet.
	#[codec(index = 0)]
	Due,
	/// A claim within the window.
	#[codec(index = 1)]
	Claimed(Claim<T>),
	/// A claim that was removed as wrong: the assignment has failed, whatever follows (Life 5).
	#[codec(index = 2)]
	Removed,
}

/// The duty of a prover to prove a block.
#[derive(
	CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo,
)]
#[codec(mel_bound())]
#[scale_info(capture_docs = "always", skip_type_params(T))]
pub struct Assignment<T: Config> {
	/// The account that was drawn.
	pub prover: T::AccountId,
	/// The agreed price, per gas.
	pub reward_per_gas: PricePerGas,
	/// The beginning of the window: the draw.
	pub start: TimeOf<T>,
	/// The last time at which a claim is in time.
	pub deadline: TimeOf<T>,
	/// What the prover has delivered.
	pub delivery: Delivery<T>,
}

impl<T: Config> Assignment<T> {
	/// Returns the prover's claim, which was made in time.
	pub fn claim(&self) -> Option<&Claim<T>> {
		match &self.delivery {
			Delivery::Claimed(claim) => Some(claim),
			Delivery::Due | Delivery::Removed => None,
		}
	}

	/// Returns whether a claim by the prover at this time counts as the assigned prover's.
	pub fn is_within_window(&self, now: TimeOf<T>) -> bool {
		self.delivery != Delivery::Removed && now <= self.deadline
	}

	/// Returns whether the prover has neither claimed in time nor has time left (Life 6).
	pub fn has_failed(&self, now: TimeOf<T>) -> bool {
		match self.delivery {
			Delivery::Due => self.deadline < now,
			Delivery::Claimed(_) => false,
			Delivery::Removed => true,
		}
	}
}

/// The state of a block's search for a prover.
#[derive(
	CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo,
)]
#[codec(mel_bound())]
#[scale_info(capture_docs = "always", skip_type_params(T))]
pub enum Status<T: Config> {
	/// The block waits for its draw.
	#[codec(index = 0)]
	Pending,
	/// A prover was drawn.
	#[codec(index = 1)]
	Assigned(Assignment<T>),
	/// No account must prove the block, any account may.
	#[codec(index = 2)]
	Open {
		/// Since when: the reward rises from here.
		opened_at: TimeOf<T>,
		/// The reward per gas if it does not rise: a claim was removed, or the price was agreed.
		fixed_reward: Option<PricePerGas>,
	},
}

/// Why a block was opened.
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
pub enum OpenCause {
	/// Its draw found no prover, for this reason.
	#[codec(index = 0)]
	Drawn(OpenReason),
	/// It was not drawn in time, and its request was cancelled.
	#[codec(index = 1)]
	Expired,
	/// What vouched for its assigned prover's claim was revoked.
	#[codec(index = 2)]
	ClaimVoided,
}

/// How the prover whose claim is verified is paid (Money).
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
pub enum Verdict {
	/// The assigned prover, in time: paid, less a penalty for its delay.
	#[codec(index = 0)]
	InTime,
	/// The assigned prover, too late or after its claim was removed: not paid, slashed.
	#[codec(index = 1)]
	Failed,
	/// Another account, after the assigned prover failed: paid, with a bonus from its slash.
	#[codec(index = 2)]
	Rescued,
	/// Any account, for an open block: paid.
	#[codec(index = 3)]
	Open,
}

/// What a proposer put up for a block.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct Escrow<Balance> {
	/// The amount held at the proposal.
	pub initial: Balance,
	/// The part of it that is still held. The rest went back at the draw.
	pub held: Balance,
}

impl<Balance: Copy + Saturating> Escrow<Balance> {
	/// Returns the amount that has gone back.
	pub fn returned(&self) -> Balance {
		self.initial.saturating_sub(self.held)
	}
}

/// The claims of a settled block that are still stored.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct Leftover {
	/// How many. Never 0.
	pub claims: u32,
	/// True if their bonds are forfeited, since the block was verified on another parent; false if they go
	/// back.
	pub bonds_forfeited: bool,
}

/// A proposed block that is not settled.
#[derive(
	CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo,
)]
#[codec(mel_bound())]
#[scale_info(capture_docs = "always", skip_type_params(T))]
pub struct Block<T: Config> {
	/// The account that proposed it and pays for it.
	pub proposer: T::AccountId,
	/// The account that earns the rollup's fees in it.
	pub beneficiary: T::AccountId,
	/// The SHA-256 hash of its transaction list.
	pub tx_list_hash: H256,
	/// The most gas it may use.
	pub gas_limit: Gas,
	/// The protocol's price when it was proposed, per gas.
	pub fee_per_gas: PricePerGas,
	/// When it was proposed.
	pub proposed_at: TimeOf<T>,
	/// What pays for it.
	pub escrow: Escrow<BalanceOf<T>>,
	/// The state of its search for a prover.
	pub status: Status<T>,
	/// When a claim of it was last removed, or dropped as void at the head: its expiry counts from there.
	pub removed_at: Option<TimeOf<T>>,
	/// How many claims of it are in [`Claims`](crate::Claims).
	pub claims: u32,
	/// The claims that were removed as wrong, oldest first.
	pub barred: BoundedVec<Execution, T::MaxBarred>,
}

impl<T: Config> Block<T> {
	/// Returns the assignment, if there is one.
	pub fn assignment(&self) -> Option<&Assignment<T>> {
		match &self.status {
			Status::Assigned(assignment) => Some(assignment),
			_ => None,
		}
	}

	/// Returns the assigned prover's claim, which was made in time.
	pub fn claim_in_time(&self) -> Option<&Claim<T>> {
		self.assignment()?.claim()
	}

	/// Replaces the assigned prover's claim in time, if there is one.
	pub fn put_claim_in_time(&mut self, claim: Claim<T>) {
		if let Status::Assigned(Assignment { delivery: delivery @ Delivery::Claimed(_), .. }) =
			&mut self.status
		{
			*delivery = Delivery::Claimed(claim);
		}
	}

	/// Returns the assigned prover's claim if it is on this parent.
	pub fn claim_in_time_on(&self, parent_hash: H256) -> Option<&Claim<T>> {
		self.claim_in_time().filter(|claim| claim.execution.parent_hash == parent_hash)
	}

	/// Returns whether it has no assigned prover although its draw is done.
	pub fn is_open(&self) -> bool {
		matches!(self.status, Status::Open { .. })
	}

	/// Returns the last time at which it cannot be skipped; `None` while it waits for its draw (Life 6).
	pub fn expires_after(&self, expiry_period: TimeOf<T>) -> Option<TimeOf<T>> {
		let removed_at = self.removed_at.unwrap_or_else(Zero::zero);
		let left_to_all_at = match &self.status {
			Status::Pending => return None,
			Status::Assigned(assignment) if assignment.delivery == Delivery::Removed => removed_at,
			Status::Assigned(assignment) => assignment.deadline.max(removed_at),
			Status::Open { opened_at, .. } => (*opened_at).max(removed_at),
		};
		Some(left_to_all_at.saturating_add(expiry_period))
	}

	/// Bars a wrong claim. If there are too many, the oldest bar is forgotten: to refuse the dispute would
	/// let wrong claims be verified, to refuse all claims would let vandals get blocks skipped.
	pub fn bar(&mut self, execution: Execution) {
		if self.barred.is_full() && !self.barred.is_empty() {
			self.barred.remove(0);
		}
		// Fails only with a bound of 0, which `integrity_test` refuses.
		let _ = self.barred.try_push(execution);
	}

	/// Returns how the prover of this claim is paid if the claim is verified (Money).
	pub fn verdict(&self, claim: &Claim<T>) -> Verdict {
		match self.assignment() {
			None => Verdict::Open,
			Some(assignment) if assignment.claim() == Some(claim) => Verdict::InTime,
			Some(assignment) if assignment.prover == claim.prover => Verdict::Failed,
			Some(_) => Verdict::Rescued,
		}
	}
}

/// A row of the query `blocks`.
#[derive(CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, PartialEqNoBound, TypeInfo)]
#[scale_info(capture_docs = "always", skip_type_params(T))]
pub struct BlockRow<T: Config> {
	/// The block's id.
	pub block_id: BlockId,
	/// The block.
	pub block: Block<T>,
}
