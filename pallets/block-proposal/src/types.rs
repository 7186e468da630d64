//! What is stored and reported, with the rules that need nothing but the thing itself.

use crate::*;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::{
		fungible::{Credit, Inspect},
		Get,
	},
	BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use frame_system::pallet_prelude::BlockNumberFor;
use prover_pool_primitives::{BlockId, Gas, OpenReason, PricePerGas};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::{
	traits::{SaturatedConversion, Saturating, UniqueSaturatedInto, Zero},
	FixedPointNumber, FixedU128,
};

/// Amounts of the configured currency, in base units.
pub type BalanceOf<T> =
	<<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;
/// Forfeited tokens on their way to [`Config::OnSlash`].
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;
/// Times and periods: readings and differences of [`Clock`].
pub type TimeOf<T> = BlockNumberFor<T>;
/// The [`ChainState`] of this runtime.
pub type ChainStateOf<T> = ChainState<TimeOf<T>>;
/// A [`Proof`] of this runtime.
pub type ProofOf<T> = Proof<<T as frame_system::Config>::AccountId, BalanceOf<T>, TimeOf<T>>;
/// An [`Assignment`] of this runtime.
pub type AssignmentOf<T> = Assignment<<T as frame_system::Config>::AccountId, TimeOf<T>>;
/// The [`Parameters`] of this runtime.
pub type ParametersOf<T> = Parameters<BalanceOf<T>, TimeOf<T>>;

/// Where the rollup stands.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct ChainState<Time> {
	/// The id of the next proposal. Ids start at 1 and are never used twice.
	pub next_id: BlockId,
	/// The next block to verify or to skip; `next_id` if none waits.
	pub head: BlockId,
	/// The last verified block. 0 is the rollup's genesis block.
	pub verified_id: BlockId,
	/// Its hash: what the next verified block must name as its parent.
	pub verified_hash: H256,
	/// When it was verified: only since then the parent of the next one is certain.
	pub verified_at: Time,
	/// How many blocks wait for their draw.
	pub pending: u32,
	/// How many blocks without an assigned prover wait for verification.
	pub open: u32,
}

impl<Time: Zero> ChainState<Time> {
	/// A rollup of which only the genesis block exists.
	pub fn starting_from(genesis_hash: H256) -> Self {
		Self {
			next_id: 1,
			head: 1,
			verified_id: 0,
			verified_hash: genesis_hash,
			verified_at: Zero::zero(),
			pending: 0,
			open: 0,
		}
	}

	/// How many blocks wait for verification.
	pub fn unverified(&self) -> u32 {
		self.next_id.saturating_sub(self.head).saturated_into()
	}
}

impl<Time: Zero> Default for ChainState<Time> {
	fn default() -> Self {
		Self::starting_from(H256::zero())
	}
}

/// Moving averages over blocks that their assigned prover proved in time (Money), in fixed point: a
/// step of far less than 1 is not lost, so that they fall as readily as they rise.
#[derive(Clone, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct MovingAverages {
	/// Of the prices agreed, in base units per gas.
	pub fee_per_gas: FixedU128,
	/// Of the delays from draw to proof, in units of [`Clock`].
	pub delay: FixedU128,
}

impl MovingAverages {
	/// Averages that have seen nothing but these values.
	pub fn starting_at(
		fee_per_gas: PricePerGas,
		delay: impl UniqueSaturatedInto<u64>,
	) -> MovingAverages {
		MovingAverages {
			fee_per_gas: FixedU128::saturating_from_integer(fee_per_gas),
			delay: FixedU128::saturating_from_integer(delay.unique_saturated_into()),
		}
	}

	/// The price of the next proposal, per gas: the average rounded down, at least `min`.
	pub fn whole_fee(&self, min: PricePerGas) -> PricePerGas {
		let whole = self.fee_per_gas.into_inner() / FixedU128::DIV;
		whole.saturated_into::<PricePerGas>().max(min)
	}

	/// Takes in a block, with a share of `weight` in one part of `factor`. The fee stays at or above
	/// `min_fee`.
	pub fn take_in(
		&mut self,
		reward_per_gas: PricePerGas,
		delay: u64,
		weight: fees::Ratio,
		factor: u32,
		min_fee: PricePerGas,
	) {
		let sample = Self::starting_at(reward_per_gas, delay);
		let floor = FixedU128::saturating_from_integer(min_fee);
		self.fee_per_gas =
			fees::moved(self.fee_per_gas, sample.fee_per_gas, weight, factor).max(floor);
		self.delay = fees::moved(self.delay, sample.delay, weight, factor);
	}
}

/// What a proof claims. Part of the instance that it proves: see [`instance_hash_of`].
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Evidence {
	/// The BLAKE2-256 hash of the block's transaction list.
	pub tx_list_hash: H256,
	/// The hash of the rollup block that the list makes of its parent.
	pub block_hash: H256,
	/// The hash of the parent.
	pub parent_hash: H256,
	/// The gas that the block uses; 0 if the list does not decode or exceeds the limit.
	pub gas_used: Gas,
}

/// A stored proof: it was valid when it came, and waits to be the one that is verified.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Proof<AccountId, Balance, Time> {
	/// Who proved.
	pub prover: AccountId,
	/// The hash that it gives the block.
	pub block_hash: H256,
	/// The hash of the block that it builds on.
	pub parent_hash: H256,
	/// The gas that the block uses.
	pub gas_used: Gas,
	/// What it pays per gas, fixed when it came.
	pub reward_per_gas: PricePerGas,
	/// What is held from the prover for it; 0 of an assigned prover.
	pub bond: Balance,
	/// When it came.
	pub proven_at: Time,
}

/// Who must prove a block, at what price and by when.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Assignment<AccountId, Time> {
	/// Who was drawn.
	pub prover: AccountId,
	/// The price agreed, per gas.
	pub reward_per_gas: PricePerGas,
	/// When the window began: at the draw, or when it was restarted.
	pub start: Time,
	/// The last time at which a proof is in time.
	pub deadline: Time,
	/// Whether the prover's place in the pool is free again: it has proven once.
	pub released: bool,
	/// Whether a proof of the prover was removed: it can no longer do right (Life 4).
	pub failed: bool,
}

impl<AccountId, Time: Copy + Ord> Assignment<AccountId, Time> {
	/// Whether a proof of the assigned prover at this time is in time.
	pub fn in_time(&self, proven_at: Time) -> bool {
		!self.failed && proven_at <= self.deadline
	}
}

/// What became of a proposal's search for a prover.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum Status<AccountId, Time> {
	/// It waits for its draw.
	#[codec(index = 0)]
	Pending,
	/// Somebody was drawn.
	#[codec(index = 1)]
	Assigned(Assignment<AccountId, Time>),
	/// Nobody must prove it, anybody may.
	#[codec(index = 2)]
	Open {
		/// Since when: the reward rises from here.
		opened_at: Time,
		/// The reward per gas at which it stopped to rise, because a proof was removed.
		frozen_reward: Option<PricePerGas>,
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
pub enum OpenCause {
	/// Its draw found nobody, for this reason.
	#[codec(index = 0)]
	Drawn(OpenReason),
	/// It was not drawn in time, and its request was cancelled.
	#[codec(index = 1)]
	Expired,
}

/// How the prover whose proof is verified fared (Money).
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
pub enum Verdict {
	/// The assigned prover, in time: paid, less a penalty for its delay.
	#[codec(index = 0)]
	InTime,
	/// The assigned prover, too late or after a proof of it was removed: not paid, slashed.
	#[codec(index = 1)]
	Failed,
	/// Somebody else, after the assigned prover failed: paid, with a bonus from its slash.
	#[codec(index = 2)]
	Rescued,
	/// Somebody else, with a proof older than the end of the assigned prover's restarted window:
	/// paid, and the assigned prover is discharged.
	#[codec(index = 3)]
	Overtaken,
	/// Anybody, for an open block: paid.
	#[codec(index = 4)]
	Open,
}

/// What a proposer put up for a block.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Escrow<Balance> {
	/// What was held at the proposal.
	pub initial: Balance,
	/// What of it is still held. The rest went back at the draw.
	pub held: Balance,
}

impl<Balance: Copy + Saturating> Escrow<Balance> {
	/// What went back already.
	pub fn returned(&self) -> Balance {
		self.initial.saturating_sub(self.held)
	}
}

/// A proposed block, until it is verified or skipped.
#[derive(
	CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo,
)]
#[codec(mel_bound())]
#[scale_info(skip_type_params(T))]
pub struct Block<T: Config> {
	/// Who proposed it and pays for it.
	pub proposer: T::AccountId,
	/// Who earns the rollup's fees in it.
	pub beneficiary: T::AccountId,
	/// The BLAKE2-256 hash of its transaction list.
	pub tx_list_hash: H256,
	/// The most gas it may use.
	pub gas_limit: Gas,
	/// The protocol's price when it was proposed, per gas.
	pub fee_per_gas: PricePerGas,
	/// When it was proposed.
	pub proposed_at: TimeOf<T>,
	/// What pays for it.
	pub escrow: Escrow<BalanceOf<T>>,
	/// Who must prove it.
	pub status: Status<T::AccountId, TimeOf<T>>,
	/// When a proof of it was last removed: its expiry counts from there.
	pub disputed_at: Option<TimeOf<T>>,
	/// The proofs that may still be verified, in the order in which they came. At most one of each
	/// prover.
	pub proofs: BoundedVec<ProofOf<T>, T::MaxForks>,
	/// On which parent whose proof was removed, oldest first.
	pub barred: BoundedVec<(H256, T::AccountId), T::MaxBarredProofs>,
}

impl<T: Config> Block<T> {
	/// The assignment, if there is one.
	pub fn assignment(&self) -> Option<&AssignmentOf<T>> {
		match &self.status {
			Status::Assigned(assignment) => Some(assignment),
			_ => None,
		}
	}

	/// The same, to change it.
	pub fn assignment_mut(&mut self) -> Option<&mut AssignmentOf<T>> {
		match &mut self.status {
			Status::Assigned(assignment) => Some(assignment),
			_ => None,
		}
	}

	/// Whether it has no assigned prover though its draw is done.
	pub fn is_open(&self) -> bool {
		matches!(self.status, Status::Open { .. })
	}

	/// Whether `who` is its assigned prover and has not failed: it proves without a bond.
	pub fn is_trusted_to(&self, who: &T::AccountId) -> bool {
		self.assignment().is_some_and(|a| a.prover == *who && !a.failed)
	}

	/// Whether `who` may prove it now (Life 3).
	pub fn may_be_proven_by(&self, who: &T::AccountId, now: TimeOf<T>) -> bool {
		match &self.status {
			Status::Pending => false,
			Status::Assigned(a) => a.failed || a.prover == *who || a.deadline < now,
			Status::Open { .. } => true,
		}
	}

	/// When it was last given over to anybody who can prove it; `None` while it waits for its draw.
	fn given_over_at(&self) -> Option<TimeOf<T>> {
		let disputed_at = self.disputed_at.unwrap_or_else(Zero::zero);
		match &self.status {
			Status::Pending => None,
			Status::Assigned(a) if a.failed => Some(disputed_at),
			Status::Assigned(a) => Some(a.deadline.max(disputed_at)),
			Status::Open { opened_at, .. } => Some((*opened_at).max(disputed_at)),
		}
	}

	/// The last time at which it cannot be skipped; `None` while it waits for its draw (Life 4).
	pub fn expires_after(&self, expiry_period: TimeOf<T>) -> Option<TimeOf<T>> {
		self.given_over_at().map(|at| at.saturating_add(expiry_period))
	}

	/// The place of this prover's live proof.
	pub fn proof_of(&self, prover: &T::AccountId) -> Option<usize> {
		self.proofs.iter().position(|proof| proof.prover == *prover)
	}

	/// The place of the earliest proof on this parent.
	pub fn earliest_on(&self, parent_hash: H256) -> Option<usize> {
		self.proofs.iter().position(|proof| proof.parent_hash == parent_hash)
	}

	/// Whether a stored proof gives it this hash.
	pub fn is_proven_as(&self, block_hash: H256) -> bool {
		self.proofs.iter().any(|proof| proof.block_hash == block_hash)
	}

	/// The place of a proof with which the assigned prover is in time, if it is the one verified.
	pub fn proof_in_time(&self) -> Option<usize> {
		let assignment = self.assignment()?;
		self.proofs
			.iter()
			.position(|p| p.prover == assignment.prover && assignment.in_time(p.proven_at))
	}

	/// Whether a proof by this prover on this parent was removed.
	pub fn is_barred(&self, parent_hash: H256, prover: &T::AccountId) -> bool {
		self.barred.iter().any(|(parent, who)| *parent == parent_hash && who == prover)
	}

	/// Bars this prover on this parent. Of too many, the oldest bar is forgotten: refusing the
	/// dispute would let wrong proofs be verified, refusing proofs would let vandals get blocks
	/// skipped.
	pub fn bar(&mut self, parent_hash: H256, prover: T::AccountId) {
		if self.barred.is_full() && !self.barred.is_empty() {
			self.barred.remove(0);
		}
		// Fails only with a bound of 0, which `integrity_test` refuses.
		let _ = self.barred.try_push((parent_hash, prover));
	}

	/// Which proof gives way if one on the last verified hash comes while all places are taken: the
	/// latest on another parent (Life 3).
	///
	/// As long as an earlier block waits, the verified hash is not this block's last word on its
	/// parent. Until then the assigned prover's proof in time does not give way, or vandals could
	/// turn a prover that did its duty into one that is slashed. A proof on the verified hash has
	/// at least one place even so.
	pub fn giving_way(&self, verified_hash: H256, is_head: bool) -> Option<usize> {
		if (self.proofs.len() as u32) < T::MaxForks::get() {
			return None;
		}
		let kept = if is_head { None } else { self.proof_in_time() };
		self.proofs
			.iter()
			.enumerate()
			.rev()
			.find(|(place, proof)| proof.parent_hash != verified_hash && Some(*place) != kept)
			.map(|(place, _)| place)
	}

	/// How the prover of this proof fares if it is the one that is verified (Money).
	pub fn verdict(&self, proof: &ProofOf<T>) -> Verdict {
		let Some(assignment) = self.assignment() else { return Verdict::Open };
		let in_time = assignment.in_time(proof.proven_at);
		match (assignment.prover == proof.prover, in_time) {
			(true, true) => Verdict::InTime,
			(true, false) => Verdict::Failed,
			(false, true) => Verdict::Overtaken,
			(false, false) => Verdict::Rescued,
		}
	}
}
