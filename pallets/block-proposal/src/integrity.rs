//! The relations between the items of [`Config`].

use codec::Decode;
use frame_support::{
	dispatch::{DispatchInfo, GetDispatchInfo},
	traits::{Get, GetCallName},
	BoundedVec,
};
use sp_core::H256;
use sp_runtime::traits::{One, Saturating, TrailingZeroInput, UniqueSaturatedInto, Zero};

use crate::{fees, Call, Config, Pallet, TimeOf, MAX_CLEARED};

/// The pool's price band around the fee, in percent (R4): where staked work begins …
const BAND_FLOOR: u32 = 75;
/// … and the most that the pool agrees.
const BAND_CEILING: u32 = 125;

impl<T: Config> Pallet<T> {
	/// Checks the relations between the parameters. A runtime with dynamic parameters should run it
	/// after each change of one, and refuse the change if it fails.
	///
	/// # Errors
	/// A sentence that says what to change.
	pub fn check_parameters() -> Result<(), &'static str> {
		let settled_within = Self::settled_within();
		let highest_price = fees::share_of_fee(T::MaxFeePerGas::get(), BAND_CEILING);
		let relations = [
			(
				u64::from(T::BaseGas::get()) * 4 >= u64::from(T::MaxGasLimit::get()),
				"set BaseGas to at least a quarter of MaxGasLimit, or small blocks crowd out large ones",
			),
			(
				T::MaxForks::get() >= 2,
				"set MaxForks to at least 2, or only assigned provers can claim",
			),
			(T::MaxBarred::get() >= 1, "set MaxBarred to at least 1, or disputes bar nothing"),
			(
				T::MaxUnverifiedBlocks::get() >= 1
					&& T::MaxPendingPerProposer::get() >= 1
					&& T::MaxOpenBlocks::get() >= 1,
				"set MaxUnverifiedBlocks, MaxPendingPerProposer and MaxOpenBlocks to at least 1, or \
				 nothing can be proposed",
			),
			(
				!T::MinProofWindow::get().is_zero(),
				"set MinProofWindow to the time that a full block takes, or honest provers are slashed",
			),
			(
				T::MinProofWindow::get() <= T::MaxProofWindow::get(),
				"set MaxProofWindow to at least MinProofWindow",
			),
			(
				!T::Cooldown::get().is_zero(),
				"set Cooldown to at least 1, or wrong claims are verified before anybody can dispute them",
			),
			(
				T::ExpiryPeriod::get() >= T::MinProofWindow::get(),
				"set ExpiryPeriod to at least MinProofWindow, or late blocks cannot be rescued in time",
			),
			(
				T::MaxPause::get() >= One::one(),
				"set MaxPause to at least 1, or the protocol cannot be paused",
			),
			(
				T::OpenRewardStart::get() <= BAND_FLOOR,
				"set OpenRewardStart to at most 75, or unstaked work pays better than staked work",
			),
			(
				T::OpenRewardEnd::get() >= BAND_CEILING,
				"set OpenRewardEnd to at least 125, or the escrow cannot pay what the pool agrees",
			),
			(T::AveragingFactor::get() >= 1, "set AveragingFactor to at least 1"),
			(
				T::MinFeePerGas::get() >= 8,
				"set MinFeePerGas to at least 8, or whole prices around it cannot lift it again",
			),
			(
				T::MinFeePerGas::get() <= T::MaxFeePerGas::get(),
				"set MaxFeePerGas to at least MinFeePerGas",
			),
			(
				!T::MaxFeeStep::get().is_zero(),
				"set MaxFeeStep to more than 0, or the fee never moves",
			),
			(
				Self::cost(T::MaxGasLimit::get(), highest_price) <= T::MaxSecuredReward::get(),
				"lower MaxFeePerGas or raise the pool's MinStakePerCapacity: at 125 % of that fee a full \
				 block pays more than MaxSecuredReward, and failing costs less than proving",
			),
			(!T::ProofBond::get().is_zero(), "set ProofBond to more than 0, or claims cost nothing"),
			(
				settled_within.saturating_add(settled_within) <= T::MaxLiability::get(),
				"raise the pool's MaxLiability to twice the time in which every block is settled, or \
				 provers discharge themselves from late blocks",
			),
		];
		relations
			.into_iter()
			.try_for_each(|(holds, what_to_do)| if holds { Ok(()) } else { Err(what_to_do) })
	}

	/// Returns the time from its draw after which a block is settled at the latest, without disputes: its
	/// own window, expiry and cooldown, and once it is the head the time that each block in front of it
	/// may still take. A pause is added to it.
	fn settled_within() -> TimeOf<T> {
		let blocks: u64 = T::MaxUnverifiedBlocks::get().into();
		let each: u64 =
			T::MinProofWindow::get().saturating_add(T::Cooldown::get()).unique_saturated_into();
		let in_front: TimeOf<T> = blocks.saturating_mul(each).unique_saturated_into();
		T::MaxProofWindow::get()
			.saturating_add(T::ExpiryPeriod::get())
			.saturating_add(T::Cooldown::get())
			.saturating_add(in_front)
			.saturating_add(T::MaxPause::get())
	}

	/// Checks all relations, those of weights included. Panics with a sentence that says what to change.
	pub(crate) fn check_config() {
		if let Err(what_to_do) = Self::check_parameters() {
			panic!("block proposal: {what_to_do}");
		}
		for call in Self::heaviest_calls() {
			let DispatchInfo { call_weight, class, .. } = call.get_dispatch_info();
			let limit = T::BlockWeights::get().get(class).max_extrinsic;
			assert!(
				limit.is_none_or(|limit| call_weight.all_lte(limit)),
				"block proposal: lower MaxForks or the sizes: at worst, `{}` needs {call_weight:?} and does \
				 not fit into an extrinsic",
				call.get_call_name(),
			);
		}
	}

	/// Returns all calls, each with the arguments with which it weighs most. `verify_blocks` is called for
	/// one block: more than fit in are settled by several calls.
	pub(crate) fn heaviest_calls() -> [Call<T>; 12] {
		let account = T::AccountId::decode(&mut TrailingZeroInput::zeroes())
			.expect("the input is infinite, and an account of zeros can be decoded; qed");
		let zeros = |len: u32| alloc::vec![0; len as usize];
		let hash = H256::zero();
		[
			Call::propose_block {
				tx_list: zeros(T::MaxTxListSize::get()),
				gas_limit: 0,
				beneficiary: account,
				max_fee_per_gas: 0,
			},
			Call::prove_block {
				block_id: 0,
				parent_hash: hash,
				block_hash: hash,
				gas_used: 0,
				proof: zeros(T::MaxProofSize::get()),
			},
			Call::confirm_claim {
				block_id: 0,
				parent_hash: hash,
				block_hash: hash,
				gas_used: 0,
				proof: zeros(T::MaxProofSize::get()),
			},
			Call::verify_blocks { max: 1 },
			Call::expire_request { block_id: 0 },
			Call::skip_block { block_id: 0 },
			Call::dispute_claim { block_id: 0, parent_hash: hash, block_hash: hash, gas_used: 0 },
			Call::clear_claims {
				block_id: 0,
				parents: BoundedVec::truncate_from(alloc::vec![hash; MAX_CLEARED as usize]),
			},
			Call::pause {},
			Call::unpause {},
			Call::reset { verified_hash: hash },
			Call::start { genesis_hash: hash, fee_per_gas: 0, delay: Zero::zero() },
		]
	}
}
