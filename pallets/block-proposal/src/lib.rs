#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

use frame_support::pallet_macros::import_section;

pub use instance::{instance_hash_of, INSTANCE_TAG};
pub use pallet::*;
pub use types::*;
pub use verifier::{AllOf, AnyOf, Either, ProofVerifier, Stage, Then, Verification};
pub use weights::WeightInfo;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod call_weights;
mod cancelling;
mod claims;
mod config;
mod confirming;
mod disputes;
mod draws;
mod emergency;
mod events;
pub mod fees;
mod instance;
mod integrity;
mod proposing;
mod proving;
pub mod runtime_api;
mod settlement;
mod tokens;
mod try_state;
pub mod types;
mod verifier;
mod verifying;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

/// The most rows of a page of a query, whatever limit is asked for.
pub const MAX_PAGE: u32 = 1_024;

/// The most parents of which one call clears the claims.
pub const MAX_CLEARED: u32 = 64;

/// The target of log messages.
const LOG_TARGET: &str = "runtime::block-proposal";

#[import_section(config::config)]
#[import_section(events::events)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{
		dispatch::WithPostDispatchInfo,
		pallet_prelude::*,
		traits::{
			fungible::{BalancedHold, MutateHold},
			OnUnbalanced, StorageVersion, VariantCount,
		},
		weights::WeightMeter,
	};
	use frame_system::pallet_prelude::*;
	use prover_pool_primitives::{BlockId, Gas, PoolError, PricePerGas, ProverPool};
	use sp_core::H256;
	use sp_runtime::Perbill;

	/// The layout of the storage that this code expects.
	pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The reasons for holds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The escrow of blocks that the account proposed.
		#[codec(index = 0)]
		Escrow,
		/// The bonds of claims of blocks that were not assigned to the account.
		#[codec(index = 1)]
		ProofBond,
	}

	/// The clock: how many blocks of this chain admitted extrinsics while the protocol was not paused. It
	/// never goes back.
	#[pallet::storage]
	pub type Clock<T: Config> = StorageValue<_, TimeOf<T>, ValueQuery>;

	/// The state of the rollup: ids, the last verified block, how many blocks wait for what. `None` until
	/// the protocol is started.
	#[pallet::storage]
	pub type Chain<T: Config> = StorageValue<_, ChainStateOf<T>, OptionQuery>;

	/// The averages from which fees and windows follow.
	#[pallet::storage]
	pub type Averages<T: Config> = StorageValue<_, MovingAveragesOf<T>, ValueQuery>;

	/// The blocks that are not settled: the ids `head..next_id` of [`Chain`]. At most
	/// [`Config::MaxUnverifiedBlocks`].
	///
	/// Twox: ids are the pallet's own, users cannot choose them to unbalance the trie.
	#[pallet::storage]
	pub type Blocks<T: Config> = StorageMap<_, Twox64Concat, BlockId, Block<T>, OptionQuery>;

	/// The claims of others than the assigned prover in time, by block and parent, in the order in which
	/// they came. No entry is empty.
	///
	/// The number of parents has no limit, or vandals could take all places; each claim has a bond
	/// instead, which is more than its storage is worth, and which is forfeited when the block is verified
	/// on another parent. No work depends on their number: verification reads one entry, the others are
	/// cleared with the weight left ([`Leftovers`]).
	///
	/// Twox as in [`Blocks`]; Blake2: provers choose the parent.
	#[pallet::storage]
	pub type Claims<T: Config> =
		StorageDoubleMap<_, Twox64Concat, BlockId, Blake2_128Concat, H256, ClaimsOf<T>, ValueQuery>;

	/// The settled blocks of which claims are still stored. At most as many as there are claims.
	///
	/// Twox as in [`Blocks`].
	#[pallet::storage]
	pub type Leftovers<T: Config> = StorageMap<_, Twox64Concat, BlockId, Leftover, OptionQuery>;

	/// How many blocks of each proposer wait for their draw. No entry is 0.
	///
	/// Blake2: users choose their accounts, and so the keys.
	#[pallet::storage]
	pub type PendingOf<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u32, ValueQuery>;

	/// The first block of this chain that is not paused, since the last pause began. None if it was ended
	/// by [`Call::unpause`] or was seen to be over.
	#[pallet::storage]
	pub type PausedUntil<T: Config> = StorageValue<_, BlockNumberFor<T>, OptionQuery>;

	/// The state with which a rollup starts.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The hash of the rollup's genesis block: the parent of the first block. `None` on a chain that
		/// is to start the protocol later, with [`Call::start`].
		pub genesis_hash: Option<H256>,
		/// The first fee, in base units per gas.
		pub fee_per_gas: PricePerGas,
		/// The first average delay.
		pub delay: TimeOf<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			let Some(genesis_hash) = self.genesis_hash else { return };
			if let Err(error) = Pallet::<T>::do_start(genesis_hash, self.fee_per_gas, self.delay) {
				panic!("the protocol cannot start at genesis: {error:?}");
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Counts this block: extrinsics follow.
		fn on_poll(_now: BlockNumberFor<T>, meter: &mut WeightMeter) {
			Self::tick(meter);
		}

		/// Settles as many blocks, and clears as many claims, as the weight left allows.
		fn on_idle(_now: BlockNumberFor<T>, remaining: Weight) -> Weight {
			let mut meter = WeightMeter::with_limit(remaining);
			Self::settle_within(&mut meter);
			Self::clear_within(&mut meter);
			meter.consumed()
		}

		fn integrity_test() {
			Self::check_config();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Returns the price per gas that a proposal would get now.
		pub fn fee_per_gas() -> PricePerGas {
			Averages::<T>::get().whole_fee(Self::fee_limits())
		}

		/// Returns whether the protocol is paused.
		pub fn is_paused() -> bool {
			let now = frame_system::Pallet::<T>::block_number();
			PausedUntil::<T>::get().is_some_and(|until| now < until)
		}

		/// Returns up to `limit` blocks that are not settled, at most [`MAX_PAGE`], from the id `from` on.
		pub fn blocks(from: BlockId, limit: u32) -> Vec<BlockRow<T>> {
			let Some(chain) = Chain::<T>::get() else { return Vec::new() };
			(from.max(chain.head)..chain.next_id)
				.take(limit.min(MAX_PAGE) as usize)
				.filter_map(|block_id| {
					Blocks::<T>::get(block_id).map(|block| BlockRow { block_id, block })
				})
				.collect()
		}

		/// Returns the claims of a block on up to `limit` parents, at most [`MAX_PAGE`], without the assigned
		/// prover's in time.
		pub fn claims(block_id: BlockId, limit: u32) -> Vec<Claim<T>> {
			let limit = limit.min(MAX_PAGE) as usize;
			Claims::<T>::iter_prefix_values(block_id).take(limit).flatten().collect()
		}

		/// Returns those of these tags that are revoked. Claims with such a tag are void.
		pub fn revoked(tags: Vec<TagOf<T>>) -> Vec<TagOf<T>> {
			tags.into_iter().filter(T::ProofVerifier::is_revoked).collect()
		}

		/// Returns what a claim of this block, accepted now, would pay per gas.
		pub fn reward_per_gas(block_id: BlockId) -> Option<PricePerGas> {
			let block = Blocks::<T>::get(block_id)?;
			Self::reward_at(&block, Clock::<T>::get())
		}

		/// Returns what a proof of this claim by `prover` must prove: see [`instance_hash_of`].
		pub fn instance_hash(
			block_id: BlockId,
			parent_hash: H256,
			block_hash: H256,
			gas_used: Gas,
			prover: T::AccountId,
		) -> Option<H256> {
			let block = Blocks::<T>::get(block_id)?;
			let execution = Execution { parent_hash, block_hash, gas_used };
			Some(instance_hash_of::<T>(block_id, &block, &execution, &prover))
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Proposes the next block: holds its escrow and requests a prover (Life 1).
		///
		/// ## Dispatch origin
		/// [`Config::ProposerOrigin`].
		///
		/// ## Details
		/// `tx_list` is the transaction list itself; only its hash is stored. `gas_limit` is the most gas
		/// that the block may use. `beneficiary` earns the rollup's fees. The call is refused if the fee is
		/// above `max_fee_per_gas` (base units per gas) by then. Its weight prepays the draw and the
		/// settlement; what a refused call did not do is refunded.
		///
		/// ## Errors
		/// In this order: [`Error::Paused`], [`Error::NotStarted`], [`Error::TxListTooLong`],
		/// [`Error::GasLimitTooHigh`], [`Error::FeeTooHigh`], [`Error::TooManyUnverifiedBlocks`],
		/// [`Error::TooManyPendingBlocks`], [`Error::TooManyOpenBlocks`], [`Error::NoFunds`],
		/// [`Error::PoolQueueFull`], [`Error::PoolRefusedRequest`].
		///
		/// ## Events
		/// [`Event::BlockProposed`]; later [`Event::BlockAssigned`] or [`Event::BlockOpened`].
		#[pallet::call_index(0)]
		#[pallet::weight(Pallet::<T>::weight_of_propose(tx_list.len()))]
		pub fn propose_block(
			origin: OriginFor<T>,
			tx_list: Vec<u8>,
			gas_limit: Gas,
			beneficiary: T::AccountId,
			max_fee_per_gas: PricePerGas,
		) -> DispatchResultWithPostInfo {
			let proposer = T::ProposerOrigin::ensure_origin(origin)?;
			let refused = Self::weight_of_refused_proposal(tx_list.len());
			Self::do_propose(proposer, &tx_list, gas_limit, beneficiary, max_fee_per_gas)
				.map_err(|error| error.with_weight(refused))?;
			Ok(().into())
		}

		/// Proves a block: "this proposal on this parent gives this block" (Life 3).
		///
		/// ## Dispatch origin
		/// Signed by the prover: the assigned one within its window, any account afterwards and for open
		/// blocks.
		///
		/// ## Details
		/// All but the assigned prover within its window put up [`Config::ProofBond`]. The assigned prover
		/// may replace its claim within its window. Claims on a wrong parent are ignored at verification,
		/// and their bonds forfeited.
		///
		/// Free if it is the assigned prover's first within its window, or has a bond. Otherwise weight that the
		/// verifier did not use is refunded.
		///
		/// ## Errors
		/// In this order: [`Error::UnknownBlock`], [`Error::Cancelled`], [`Error::ProofTooLong`],
		/// [`Error::GasOverLimit`], [`Error::TooEarly`], [`Error::AlreadyProven`], [`Error::Barred`],
		/// [`Error::TooManyForks`], [`Error::InvalidProof`], [`Error::NoFunds`].
		///
		/// ## Events
		/// [`Event::ClaimVoided`] for claims that are void, [`Event::BlockClaimed`].
		#[pallet::call_index(1)]
		#[pallet::weight(Pallet::<T>::weight_of_prove(proof.len()))]
		pub fn prove_block(
			origin: OriginFor<T>,
			block_id: BlockId,
			parent_hash: H256,
			block_hash: H256,
			gas_used: Gas,
			proof: Vec<u8>,
		) -> DispatchResultWithPostInfo {
			let prover = ensure_signed(origin)?;
			Self::do_prove(
				prover,
				block_id,
				Execution { parent_hash, block_hash, gas_used },
				&proof,
			)
		}

		/// Adds the second proof of a claim, if the verifier asks for one (Proofs).
		///
		/// ## Dispatch origin
		/// Signed by any account: the proof is of the claim's prover.
		///
		/// ## Details
		/// A claim that is not confirmed when its cooldown is over is removed when it would be verified: its bond is
		/// forfeited, and if it was the assigned prover's, the assignment has failed. Free if it confirms the claim.
		///
		/// ## Errors
		/// In this order: [`Error::UnknownBlock`], [`Error::Cancelled`], [`Error::ProofTooLong`],
		/// [`Error::UnknownClaim`], [`Error::AlreadyConfirmed`], [`Error::InvalidProof`].
		///
		/// ## Events
		/// [`Event::ClaimConfirmed`].
		#[pallet::call_index(11)]
		#[pallet::weight(Pallet::<T>::weight_of_confirm(proof.len()))]
		pub fn confirm_claim(
			origin: OriginFor<T>,
			block_id: BlockId,
			parent_hash: H256,
			block_hash: H256,
			gas_used: Gas,
			proof: Vec<u8>,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_confirm(block_id, Execution { parent_hash, block_hash, gas_used }, &proof)
		}

		/// Settles up to `max` blocks now, without waiting for a block that has weight left (Life 4,
		/// Life 6).
		///
		/// ## Dispatch origin
		/// Signed by any account.
		///
		/// ## Details
		/// Free if it settled or voided anything: proposers and provers have paid for it.
		///
		/// ## Errors
		/// [`Error::Paused`], [`Error::NothingToVerify`].
		///
		/// ## Events
		/// [`Event::BlockVerified`], [`Event::BlockCancelled`], [`Event::ClaimVoided`].
		#[pallet::call_index(2)]
		#[pallet::weight(Pallet::<T>::weight_of_verify(*max))]
		pub fn verify_blocks(origin: OriginFor<T>, max: u32) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_verify(max)
		}

		/// Cancels the request of a block that was not drawn in time, and opens the block (Life 2).
		///
		/// ## Dispatch origin
		/// Signed by any account.
		///
		/// ## Errors
		/// [`Error::UnknownBlock`], [`Error::Cancelled`], [`Error::NotPending`], [`Error::NotExpired`].
		///
		/// ## Events
		/// [`Event::BlockOpened`].
		#[pallet::call_index(3)]
		#[pallet::weight(Pallet::<T>::weight_of_expire())]
		pub fn expire_request(origin: OriginFor<T>, block_id: BlockId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_expire(block_id)
		}

		/// Gives up the next block to verify, which expired without a claim on the verified hash, and
		/// cancels all blocks behind it (Life 6).
		///
		/// ## Dispatch origin
		/// Signed by any account.
		///
		/// ## Details
		/// Its escrow is forfeited and its assigned prover slashed; bonds on it go back.
		///
		/// ## Errors
		/// [`Error::Paused`], [`Error::UnknownBlock`], [`Error::Cancelled`], [`Error::NotHead`],
		/// [`Error::StillPending`], [`Error::NotExpired`], [`Error::HasClaim`].
		///
		/// ## Events
		/// [`Event::BlockSkipped`], [`Event::BlocksCancelled`].
		#[pallet::call_index(4)]
		#[pallet::weight(Pallet::<T>::weight_of_skip())]
		pub fn skip_block(origin: OriginFor<T>, block_id: BlockId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_skip(block_id)
		}

		/// Removes a wrong claim: its bond is forfeited, its content barred for the block (Life 5).
		///
		/// ## Dispatch origin
		/// [`Config::DisputeOrigin`].
		///
		/// ## Details
		/// If the claim was the assigned prover's, the assignment has failed, whatever follows. No other
		/// claim is touched. The block's expiry counts from now, its price stays.
		///
		/// ## Errors
		/// [`Error::UnknownBlock`], [`Error::Cancelled`], [`Error::UnknownClaim`].
		///
		/// ## Events
		/// [`Event::BondSettled`] if it applies, [`Event::ClaimRemoved`].
		#[pallet::call_index(5)]
		#[pallet::weight((T::WeightInfo::dispute_claim(), DispatchClass::Operational))]
		pub fn dispute_claim(
			origin: OriginFor<T>,
			block_id: BlockId,
			parent_hash: H256,
			block_hash: H256,
			gas_used: Gas,
		) -> DispatchResult {
			T::DisputeOrigin::ensure_origin(origin)?;
			Self::do_dispute(block_id, Execution { parent_hash, block_hash, gas_used })
		}

		/// Clears the claims that are left of a settled block on these parents, at most [`MAX_CLEARED`]
		/// (Life 4).
		///
		/// ## Dispatch origin
		/// Signed by any account.
		///
		/// ## Details
		/// Free if it cleared claims on each of the parents: their provers have paid for it. Parents without
		/// claims are passed over, and make the call cost its fee.
		///
		/// ## Errors
		/// [`Error::NothingToClear`] if there are claims on none of them.
		///
		/// ## Events
		/// [`Event::BondSettled`] for each claim.
		#[pallet::call_index(6)]
		#[pallet::weight(Pallet::<T>::weight_of_clear(parents.len()))]
		pub fn clear_claims(
			origin: OriginFor<T>,
			block_id: BlockId,
			parents: BoundedVec<H256, ConstU32<MAX_CLEARED>>,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_clear(block_id, &parents)
		}

		/// Stops proposals, verification, skips and the clock for [`Config::MaxPause`] blocks of this chain
		/// (Life 7).
		///
		/// ## Dispatch origin
		/// [`Config::EmergencyOrigin`].
		///
		/// ## Details
		/// Claims and disputes go on. The pause ends by itself.
		///
		/// ## Errors
		/// [`Error::Paused`].
		///
		/// ## Events
		/// [`Event::Paused`].
		#[pallet::call_index(7)]
		#[pallet::weight((T::WeightInfo::pause(), DispatchClass::Operational))]
		pub fn pause(origin: OriginFor<T>) -> DispatchResult {
			T::EmergencyOrigin::ensure_origin(origin)?;
			Self::do_pause()
		}

		/// Ends a pause (Life 7).
		///
		/// ## Dispatch origin
		/// [`Config::EmergencyOrigin`].
		///
		/// ## Errors
		/// [`Error::NotPaused`].
		///
		/// ## Events
		/// [`Event::Unpaused`].
		#[pallet::call_index(8)]
		#[pallet::weight((T::WeightInfo::unpause(), DispatchClass::Operational))]
		pub fn unpause(origin: OriginFor<T>) -> DispatchResult {
			T::EmergencyOrigin::ensure_origin(origin)?;
			Self::do_unpause()
		}

		/// Sets the verified hash while the protocol is paused, and cancels all blocks that wait (Life 7).
		///
		/// ## Dispatch origin
		/// [`Config::EmergencyOrigin`].
		///
		/// ## Details
		/// For the day on which something wrong was verified. No prover is slashed, all escrows and bonds
		/// go back when the pause is over.
		///
		/// ## Errors
		/// [`Error::NotPaused`], [`Error::NotStarted`].
		///
		/// ## Events
		/// [`Event::Reset`], [`Event::BlocksCancelled`] if a block waits.
		#[pallet::call_index(9)]
		#[pallet::weight((T::WeightInfo::reset(), DispatchClass::Operational))]
		pub fn reset(origin: OriginFor<T>, verified_hash: H256) -> DispatchResult {
			T::EmergencyOrigin::ensure_origin(origin)?;
			Self::do_reset(verified_hash)
		}

		/// Starts the protocol on a chain that already runs.
		///
		/// ## Dispatch origin
		/// [`Config::EmergencyOrigin`].
		///
		/// ## Details
		/// `genesis_hash` is the hash of the rollup's genesis block, `fee_per_gas` the first fee (base units
		/// per gas), `delay` the first average delay (blocks of this chain).
		///
		/// ## Errors
		/// [`Error::AlreadyStarted`] once a block was proposed; [`Error::InvalidFee`] for a fee outside of
		/// [`Config::MinFeePerGas`] to [`Config::MaxFeePerGas`].
		///
		/// ## Events
		/// [`Event::Started`].
		#[pallet::call_index(10)]
		#[pallet::weight((T::WeightInfo::start(), DispatchClass::Operational))]
		pub fn start(
			origin: OriginFor<T>,
			genesis_hash: H256,
			fee_per_gas: PricePerGas,
			delay: TimeOf<T>,
		) -> DispatchResult {
			T::EmergencyOrigin::ensure_origin(origin)?;
			Self::do_start(genesis_hash, fee_per_gas, delay)
		}
	}
}
