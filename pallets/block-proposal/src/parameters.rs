//! The parameters of the pallet, and the relations between them.

use crate::*;
use codec::{Decode, Encode};
use frame_support::traits::Get;
use prover_pool_primitives::{Gas, PricePerGas};
use scale_info::TypeInfo;
use sp_runtime::{
	traits::{Saturating, Zero},
	Perbill,
};

/// The parameters of the pallet, as in [`Config`].
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct Parameters<Balance, Time> {
	/// [`Config::BaseGas`].
	pub base_gas: Gas,
	/// [`Config::MaxGasLimit`].
	pub max_gas_limit: Gas,
	/// [`Config::MaxTxListSize`].
	pub max_tx_list_size: u32,
	/// [`Config::MaxProofSize`].
	pub max_proof_size: u32,
	/// [`Config::MaxUnverifiedBlocks`].
	pub max_unverified_blocks: u32,
	/// [`Config::MaxPendingPerProposer`].
	pub max_pending_per_proposer: u32,
	/// [`Config::MaxOpenBlocks`].
	pub max_open_blocks: u32,
	/// [`Config::MaxForks`].
	pub max_forks: u32,
	/// [`Config::MaxBarredProofs`].
	pub max_barred_proofs: u32,
	/// [`Config::MinProofWindow`].
	pub min_proof_window: Time,
	/// [`Config::MaxProofWindow`].
	pub max_proof_window: Time,
	/// [`Config::WindowMultiplier`].
	pub window_multiplier: u32,
	/// [`Config::Cooldown`].
	pub cooldown: Time,
	/// [`Config::ExpiryPeriod`].
	pub expiry_period: Time,
	/// [`Config::MaxLiability`].
	pub max_liability: Time,
	/// [`Config::OpenRewardStart`].
	pub open_reward_start: u32,
	/// [`Config::OpenRewardEnd`].
	pub open_reward_end: u32,
	/// [`Config::RescueBonus`].
	pub rescue_bonus: Perbill,
	/// [`Config::MaxDelayPenalty`].
	pub max_delay_penalty: Perbill,
	/// [`Config::AveragingFactor`].
	pub averaging_factor: u32,
	/// [`Config::MinFeePerGas`].
	pub min_fee_per_gas: PricePerGas,
	/// [`Config::ProofBond`].
	pub proof_bond: Balance,
}

impl<T: Config> Pallet<T> {
	/// The parameters of this runtime, now.
	pub(crate) fn parameters() -> ParametersOf<T> {
		Parameters {
			base_gas: T::BaseGas::get(),
			max_gas_limit: T::MaxGasLimit::get(),
			max_tx_list_size: T::MaxTxListSize::get(),
			max_proof_size: T::MaxProofSize::get(),
			max_unverified_blocks: T::MaxUnverifiedBlocks::get(),
			max_pending_per_proposer: T::MaxPendingPerProposer::get(),
			max_open_blocks: T::MaxOpenBlocks::get(),
			max_forks: T::MaxForks::get(),
			max_barred_proofs: T::MaxBarredProofs::get(),
			min_proof_window: T::MinProofWindow::get(),
			max_proof_window: T::MaxProofWindow::get(),
			window_multiplier: T::WindowMultiplier::get(),
			cooldown: T::Cooldown::get(),
			expiry_period: T::ExpiryPeriod::get(),
			max_liability: T::MaxLiability::get(),
			open_reward_start: T::OpenRewardStart::get(),
			open_reward_end: T::OpenRewardEnd::get(),
			rescue_bonus: T::RescueBonus::get(),
			max_delay_penalty: T::MaxDelayPenalty::get(),
			averaging_factor: T::AveragingFactor::get(),
			min_fee_per_gas: T::MinFeePerGas::get(),
			proof_bond: T::ProofBond::get(),
		}
	}
}

impl<Balance: Zero, Time: Copy + Ord + Saturating + Zero> Parameters<Balance, Time> {
	/// Checks the relations between the parameters.
	///
	/// # Errors
	/// A sentence that says what to change.
	pub fn check(&self) -> Result<(), &'static str> {
		let settled_within =
			self.max_proof_window.saturating_add(self.expiry_period).saturating_add(self.cooldown);
		let rules = [
			(
				u64::from(self.base_gas) * 4 >= u64::from(self.max_gas_limit),
				"BaseGas must be at least a quarter of MaxGasLimit, or small blocks crowd out large",
			),
			(self.max_forks >= 2, "MaxForks must be at least 2, or forks keep out the right proof"),
			(self.max_barred_proofs >= 1, "MaxBarredProofs must be at least 1, or nobody is barred"),
			(self.max_unverified_blocks >= 1, "MaxUnverifiedBlocks must be at least 1"),
			(self.max_pending_per_proposer >= 1, "MaxPendingPerProposer must be at least 1"),
			(self.max_open_blocks >= 1, "MaxOpenBlocks must be at least 1, or an empty pool is the end"),
			(!self.min_proof_window.is_zero(), "MinProofWindow must be enough to prove a full block"),
			(
				self.min_proof_window <= self.max_proof_window,
				"MinProofWindow must not exceed MaxProofWindow",
			),
			(
				self.open_reward_start <= 75,
				"OpenRewardStart must be at most 75, or unstaked work pays better than staked work",
			),
			(
				self.open_reward_end >= 125,
				"OpenRewardEnd must be at least 125, or the escrow cannot pay what the pool agrees",
			),
			(self.averaging_factor >= 1, "AveragingFactor must be at least 1"),
			(
				self.min_fee_per_gas >= 8,
				"MinFeePerGas must be at least 8, or whole prices around it cannot lift it again",
			),
			(
				!self.proof_bond.is_zero(),
				"ProofBond must not be 0, or forks of a block cost nothing",
			),
			(
				settled_within.saturating_add(settled_within) <= self.max_liability,
				"MaxProofWindow + ExpiryPeriod + Cooldown must be at most half of the pool's \
				 MaxLiability, or provers outlive their liability for late blocks",
			),
		];
		rules.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, advice)| Err(advice))
	}
}
