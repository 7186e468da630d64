#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

use frame_support::pallet_macros::import_section;

pub use pallet::*;
pub use prover_pool_primitives::{Capacity, ProverId};
pub use rows::*;
pub use staker::{Exit, ExitId, SlashSplit, Staker};
pub use types::*;
pub use weights::WeightInfo;

mod account;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod call_weights;
mod changes;
mod config;
mod draws;
mod events;
mod genesis;
mod impl_prover_pool;
mod integrity;
pub mod migrations;
mod offers;
mod queries;
pub mod rows;
pub mod runtime_api;
mod settlement;
mod simulation;
mod slashes;
mod staker;
mod staking;
mod tokens;
mod try_state;
pub mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

#[import_section(config::config)]
#[import_section(events::events)]
#[import_section(genesis::genesis)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{BalancedHold, MutateHold},
			OnUnbalanced, Randomness, StorageVersion, VariantCount,
		},
		weights::WeightMeter,
		WeakBoundedVec,
	};
	use frame_system::pallet_prelude::*;
	use prover_pool_primitives::{BlockId, DrawHandler, Fault, OpenReason, PricePerGas, Selection};
	use sp_runtime::{traits::BlockNumberProvider, Perbill};

	/// The layout of the storage that this code expects.
	pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The reason for holds.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The stake, the exits and the pending slashes of an account (I1).
		Staked,
	}

	/// The record of each account that the pool has to remember something about (I7).
	///
	/// Blake2: users choose their accounts, and so the keys.
	#[pallet::storage]
	pub type Stakers<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, Staker<T>, ValueQuery>;

	/// The members, by slot, `1..=MaxProvers` (I2, I5).
	///
	/// Twox: slot numbers are the pallet's own, users cannot choose them to unbalance the trie.
	#[pallet::storage]
	pub type Provers<T: Config> = StorageMap<_, Twox64Concat, ProverId, ProverOf<T>>;

	/// The entries and changes that draws and rank do not use yet, oldest first: block and slot (I3). At
	/// most one for each member.
	///
	/// Identity: the order of keys is the order of the queue, and both parts are the chain's own.
	#[pallet::storage]
	pub type PendingChanges<T: Config> = StorageMap<_, Identity, OrderedKey, ()>;

	/// The ledger of assignments that are not closed (I4). At most as many as the protocol leaves
	/// unsettled.
	///
	/// Twox: ids come from the protocol alone.
	#[pallet::storage]
	pub type Assignments<T: Config> = StorageMap<_, Twox64Concat, BlockId, AssignmentOf<T>>;

	/// The ids in [`Assignments`], account first: what each account still answers for (I4).
	///
	/// Hashers as in [`Stakers`] and [`Assignments`].
	#[pallet::storage]
	pub type AssignmentsOf<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, BlockId, ()>;

	/// The requests that wait for their draw, oldest first. No id occurs twice, and none is in
	/// [`Assignments`]. A weak bound: if it is lowered, a longer queue keeps its requests.
	#[pallet::storage]
	pub type DrawQueue<T: Config> =
		StorageValue<_, WeakBoundedVec<DrawRequestOf<T>, T::MaxPendingDraws>, ValueQuery>;

	/// The deferred slashes (R7, I1). At most as many as draws fit [`Config::SlashDeferral`], and those
	/// that are due and not applied yet.
	///
	/// Twox: ids come from the protocol alone.
	#[pallet::storage]
	pub type PendingSlashes<T: Config> = StorageMap<_, Twox64Concat, BlockId, PendingSlashOf<T>>;

	/// The ids in [`PendingSlashes`] in the order in which they are due: moment and id.
	///
	/// Identity: the order of keys is the order of the queue, and users choose neither part.
	#[pallet::storage]
	pub type SlashSchedule<T: Config> = StorageMap<_, Identity, OrderedKey, ()>;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::draw_due(now)
		}

		fn on_idle(_now: BlockNumberFor<T>, remaining: Weight) -> Weight {
			let mut meter = WeightMeter::with_limit(remaining);
			Self::apply_due_slashes(&mut meter);
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

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Enters the pool with a new stake, price and capacity; a member first leaves it (R1).
		///
		/// ## Dispatch origin
		/// Signed by the prover.
		///
		/// ## Details
		/// Free exits are paid out first. `amount` (base units) is the whole new stake: it comes from the
		/// account's exits first, youngest first, the rest is put on hold. What remains of an exit that
		/// is used in part starts a new exit period. `reward_per_gas` is the price asked, at least 1;
		/// `max_capacity` the number of blocks at once. With all three 0 the call is
		/// [`exit`](Self::exit). Draws and rank use the new offer after [`Config::EntryDelay`].
		///
		/// ## Errors
		/// In this order: [`Error::ChangeTooFrequent`], [`Error::InvalidParams`],
		/// [`Error::InsufficientFunds`], [`Error::ProverNotGoodEnough`]; [`Error::NotInPool`] as `exit`.
		/// The currency's own if the account can have no further hold.
		///
		/// ## Events
		/// [`Event::Withdrawn`] and [`Event::Exited`] of the caller, the same of the member replaced,
		/// [`Event::Staked`]; each if it applies. Later [`Event::OfferListed`].
		#[pallet::call_index(0)]
		#[pallet::weight(Pallet::<T>::weight_of_stake())]
		pub fn stake(
			origin: OriginFor<T>,
			#[pallet::compact] amount: BalanceOf<T>,
			#[pallet::compact] reward_per_gas: PricePerGas,
			#[pallet::compact] max_capacity: Capacity,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_stake(&who, amount, reward_per_gas, max_capacity)
		}

		/// Leaves the pool; free exits are paid out first (R2).
		///
		/// ## Dispatch origin
		/// Signed by the prover.
		///
		/// ## Details
		/// The stake becomes an exit with its own date. With [`Config::MaxExits`] exits already it joins
		/// the youngest that is not free, whose date and duties start again.
		///
		/// ## Errors
		/// [`Error::ChangeTooFrequent`]; [`Error::NotInPool`] if there was nothing to pay out either.
		///
		/// ## Events
		/// [`Event::Withdrawn`], [`Event::Exited`]; each if it applies.
		#[pallet::call_index(1)]
		#[pallet::weight(Pallet::<T>::weight_of_exit())]
		pub fn exit(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_exit(&who)
		}

		/// Pays out the caller's free exits (R3).
		///
		/// ## Dispatch origin
		/// Signed by the staker.
		///
		/// ## Errors
		/// [`Error::NoMatureExit`]; [`Error::StillLiable`] if only duties stand in the way; the
		/// currency's own if the account cannot receive the tokens.
		///
		/// ## Events
		/// [`Event::Withdrawn`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(&who)
		}

		/// Pays out the free exits of `who` to `who` (R3).
		///
		/// ## Dispatch origin
		/// Signed by any account.
		///
		/// ## Errors
		/// Those of [`withdraw`](Self::withdraw).
		///
		/// ## Events
		/// [`Event::Withdrawn`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw_for(origin: OriginFor<T>, who: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_withdraw(&who)
		}

		/// Adds free tokens to the caller's stake (R9).
		///
		/// ## Dispatch origin
		/// Signed by a member.
		///
		/// ## Details
		/// `amount` (base units) is put on hold. Draws and rank use the larger stake after
		/// [`Config::EntryDelay`].
		///
		/// ## Errors
		/// [`Error::NotInPool`], [`Error::InvalidParams`] for an amount of 0, [`Error::InsufficientFunds`].
		///
		/// ## Events
		/// [`Event::StakeIncreased`]; later [`Event::OfferListed`].
		#[pallet::call_index(4)]
		#[pallet::weight(Pallet::<T>::weight_of_change(T::WeightInfo::stake_extra()))]
		pub fn stake_extra(
			origin: OriginFor<T>,
			#[pallet::compact] amount: BalanceOf<T>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_stake_extra(&who, amount)
		}

		/// Turns a part of the caller's stake into an exit; free exits are paid out first (R9).
		///
		/// ## Dispatch origin
		/// Signed by a member.
		///
		/// ## Details
		/// Draws and rank use the smaller stake at once.
		///
		/// ## Errors
		/// [`Error::NotInPool`], [`Error::ChangeTooFrequent`]; [`Error::InvalidParams`] for an amount of
		/// 0 or if the rest is too small for the capacity, also for an older one that draws still use.
		///
		/// ## Events
		/// [`Event::Withdrawn`] if it applies, [`Event::Unstaked`].
		#[pallet::call_index(5)]
		#[pallet::weight(Pallet::<T>::weight_of_change(T::WeightInfo::unstake()))]
		pub fn unstake(
			origin: OriginFor<T>,
			#[pallet::compact] amount: BalanceOf<T>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_unstake(&who, amount)
		}

		/// Turns one of the caller's exits back into stake (R9).
		///
		/// ## Dispatch origin
		/// Signed by a member.
		///
		/// ## Details
		/// Draws and rank use the larger stake after [`Config::EntryDelay`].
		///
		/// ## Errors
		/// [`Error::NotInPool`], [`Error::UnknownExit`].
		///
		/// ## Events
		/// [`Event::Restaked`]; later [`Event::OfferListed`].
		#[pallet::call_index(6)]
		#[pallet::weight(Pallet::<T>::weight_of_change(T::WeightInfo::restake()))]
		pub fn restake(origin: OriginFor<T>, #[pallet::compact] exit: ExitId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_restake(&who, exit)
		}

		/// Changes the caller's price and capacity (R9).
		///
		/// ## Dispatch origin
		/// Signed by a member.
		///
		/// ## Details
		/// Draws use the old terms until [`Config::EntryDelay`] is over, so the member is never out of
		/// draws. Blocks that are assigned keep their price and slash terms.
		///
		/// ## Errors
		/// [`Error::NotInPool`], [`Error::InvalidParams`].
		///
		/// ## Events
		/// [`Event::TermsChanged`]; later [`Event::OfferListed`].
		#[pallet::call_index(7)]
		#[pallet::weight(Pallet::<T>::weight_of_change(T::WeightInfo::set_terms()))]
		pub fn set_terms(
			origin: OriginFor<T>,
			#[pallet::compact] reward_per_gas: PricePerGas,
			#[pallet::compact] max_capacity: Capacity,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_terms(&who, reward_per_gas, max_capacity)
		}

		/// Pauses the caller: it keeps its slot and its duties, and is not drawn (R9).
		///
		/// ## Dispatch origin
		/// Signed by a member.
		///
		/// ## Details
		/// The member can still be drawn until [`Config::EntryDelay`] is over.
		///
		/// ## Errors
		/// [`Error::NotInPool`], [`Error::AlreadyPaused`].
		///
		/// ## Events
		/// [`Event::Paused`]; later [`Event::OfferListed`].
		#[pallet::call_index(8)]
		#[pallet::weight(Pallet::<T>::weight_of_change(T::WeightInfo::pause()))]
		pub fn pause(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_pause(&who)
		}

		/// Returns the caller to draws after a pause or a suspension (R9, R10).
		///
		/// ## Dispatch origin
		/// Signed by a member.
		///
		/// ## Details
		/// The member can be drawn when [`Config::EntryDelay`] is over.
		///
		/// ## Errors
		/// [`Error::NotInPool`], [`Error::NotPaused`], [`Error::StillSuspended`].
		///
		/// ## Events
		/// [`Event::Resumed`]; later [`Event::OfferListed`].
		#[pallet::call_index(9)]
		#[pallet::weight(Pallet::<T>::weight_of_change(T::WeightInfo::resume()))]
		pub fn resume(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_resume(&who)
		}

		/// Requests a prover for a block (R4).
		///
		/// ## Dispatch origin
		/// [`Config::ProtocolOrigin`].
		///
		/// ## Details
		/// Only events report the outcome of the draw, in a later block. The weight includes that of the
		/// draw.
		///
		/// ## Errors
		/// [`Error::QueueFull`], [`Error::AlreadyAssigned`].
		///
		/// ## Events
		/// [`Event::ProverRequested`]; after the draw [`Event::ProverAssigned`] or
		/// [`Event::ProverNotFound`].
		#[pallet::call_index(10)]
		#[pallet::weight(
			T::WeightInfo::assign_prover().saturating_add(Pallet::<T>::weight_of_draw())
		)]
		pub fn assign_prover(
			origin: OriginFor<T>,
			block_id: BlockId,
			fee_per_gas: PricePerGas,
		) -> DispatchResult {
			T::ProtocolOrigin::ensure_origin(origin)?;
			Ok(Self::do_assign_prover(block_id, fee_per_gas, false).map_err(Error::<T>::from)?)
		}

		/// Records that the work on a block was delivered (R6).
		///
		/// ## Dispatch origin
		/// [`Config::ProtocolOrigin`].
		///
		/// ## Errors
		/// [`Error::UnknownBlock`], [`Error::StillPending`], [`Error::AlreadyReleased`].
		///
		/// ## Events
		/// [`Event::ProverReleased`].
		#[pallet::call_index(11)]
		#[pallet::weight(Pallet::<T>::weight_of_release())]
		pub fn release_prover(origin: OriginFor<T>, block_id: BlockId) -> DispatchResult {
			T::ProtocolOrigin::ensure_origin(origin)?;
			Ok(Self::do_release_prover(block_id).map_err(Error::<T>::from)?)
		}

		/// Closes an assignment and slashes its prover (R7).
		///
		/// ## Dispatch origin
		/// [`Config::ProtocolOrigin`].
		///
		/// ## Details
		/// `proof_reward` is the reward for the proof, in base units; `fault` the reason, for the event.
		/// Of the slash, `reporter` gets up to the given amount, and [`Config::OnSlash`] the rest. With
		/// a [`Config::SlashDeferral`] the tokens move when the slash is due.
		///
		/// ## Errors
		/// [`Error::UnknownBlock`], [`Error::StillPending`].
		///
		/// ## Events
		/// [`Event::Slashed`], [`Event::Suspended`] if it applies; if the member is ejected,
		/// [`Event::Withdrawn`] (if it applies) and [`Event::Exited`]; [`Event::SlashDeferred`] if it
		/// applies.
		#[pallet::call_index(12)]
		#[pallet::weight(Pallet::<T>::weight_of_slash())]
		pub fn slash_prover(
			origin: OriginFor<T>,
			block_id: BlockId,
			proof_reward: BalanceOf<T>,
			fault: Fault,
			reporter: Option<(T::AccountId, BalanceOf<T>)>,
		) -> DispatchResult {
			T::ProtocolOrigin::ensure_origin(origin)?;
			Self::do_slash_prover(block_id, proof_reward, fault, reporter)
				.map_err(Error::<T>::from)?;
			Ok(())
		}

		/// Closes an assignment without a slash, or cancels a pending request (R8).
		///
		/// ## Dispatch origin
		/// [`Config::ProtocolOrigin`]; or signed by the assignment's own prover, once it is older than
		/// [`Config::MaxLiability`].
		///
		/// ## Errors
		/// [`Error::UnknownBlock`]; for the prover also [`Error::StillPending`],
		/// [`Error::NotYourAssignment`], [`Error::NotOverdue`].
		///
		/// ## Events
		/// [`Event::ProverDischarged`] or [`Event::RequestCancelled`].
		#[pallet::call_index(13)]
		#[pallet::weight(Pallet::<T>::weight_of_discharge())]
		pub fn discharge_prover(origin: OriginFor<T>, block_id: BlockId) -> DispatchResult {
			if let Err(origin) = T::ProtocolOrigin::try_origin(origin) {
				let who = ensure_signed(origin)?;
				Self::ensure_own_and_overdue(&who, block_id)?;
			}
			Ok(Self::do_discharge_prover(block_id).map_err(Error::<T>::from)?)
		}

		/// Takes the tokens of a deferred slash that is due (R7).
		///
		/// ## Dispatch origin
		/// Signed by any account.
		///
		/// ## Errors
		/// [`Error::NoPendingSlash`], [`Error::SlashNotDue`].
		///
		/// ## Events
		/// [`Event::SlashApplied`].
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::apply_slash())]
		pub fn apply_slash(origin: OriginFor<T>, block_id: BlockId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_apply_slash(block_id)
		}

		/// Cancels a deferred slash and releases its tokens (R7).
		///
		/// ## Dispatch origin
		/// [`Config::CancelSlashOrigin`].
		///
		/// ## Details
		/// One miss is taken back, and the suspension that the slash caused ends; the member stays paused
		/// until it resumes. A slot that was lost is not restored.
		///
		/// ## Errors
		/// [`Error::NoPendingSlash`], [`Error::SlashDue`]; the currency's own if the account cannot
		/// receive the tokens.
		///
		/// ## Events
		/// [`Event::SuspensionEnded`] if it applies, [`Event::SlashCancelled`].
		#[pallet::call_index(15)]
		#[pallet::weight((T::WeightInfo::cancel_slash(), DispatchClass::Operational))]
		pub fn cancel_slash(origin: OriginFor<T>, block_id: BlockId) -> DispatchResult {
			T::CancelSlashOrigin::ensure_origin(origin)?;
			Self::do_cancel_slash(block_id)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Returns what the pool knows of an account; an empty record for an unknown one.
		pub fn get_staker(who: T::AccountId) -> StakerRowOf<T> {
			Self::query_staker(&who)
		}

		/// Returns how many blocks could be assigned now.
		pub fn get_capacity() -> u64 {
			T::Selection::open().free_capacity()
		}

		/// Returns up to `limit` members in ascending order of slots, from slot `start` on, at most
		/// [`MAX_PAGE`].
		pub fn get_provers(start: ProverId, limit: u32) -> Vec<ProverRowOf<T>> {
			Self::query_provers(start, limit)
		}

		/// Returns their weights in a draw of the next block at `fee_per_gas`, paged as
		/// [`get_provers`](Self::get_provers).
		pub fn get_prover_weights(
			fee_per_gas: PricePerGas,
			start: ProverId,
			limit: u32,
		) -> Vec<WeightRow> {
			Self::query_weights(fee_per_gas, start, limit)
		}

		/// Returns up to `limit` assignments of `who` that are not closed, at most [`MAX_PAGE`], in the
		/// order of storage: those after the id `after` (the last of the previous page), or the first.
		pub fn get_assignments(
			who: T::AccountId,
			after: Option<BlockId>,
			limit: u32,
		) -> Vec<AssignmentRowOf<T>> {
			Self::query_assignments(&who, after, limit)
		}

		/// Returns the live parameters.
		pub fn get_parameters() -> ParametersOf<T> {
			Self::query_parameters()
		}

		/// Returns the share that one more member with this offer and all of its capacity free would
		/// have in draws at `fee_per_gas`, in parts of [`SHARE_UNIT`], rounded down.
		pub fn odds(fee_per_gas: PricePerGas, offer: OfferOf<T>) -> u64 {
			Self::query_odds(fee_per_gas, offer)
		}

		/// Returns the exit of `who` that can be withdrawn first, if the account has one.
		pub fn next_exit(who: T::AccountId) -> Option<ExitOf<T>> {
			Self::query_next_exit(&who)
		}

		/// Returns what [`stake`](Self::stake) would do for `who`, or the error that it would give.
		pub fn simulate_stake(
			who: T::AccountId,
			amount: BalanceOf<T>,
			reward_per_gas: PricePerGas,
			max_capacity: Capacity,
		) -> Result<SimulationOf<T>, DispatchError> {
			Self::simulate(&who, |who| Self::do_stake(who, amount, reward_per_gas, max_capacity))
		}

		/// Returns what [`exit`](Self::exit) would do for `who`, or the error that it would give.
		pub fn simulate_exit(who: T::AccountId) -> Result<SimulationOf<T>, DispatchError> {
			Self::simulate(&who, Self::do_exit)
		}

		/// Returns what [`unstake`](Self::unstake) would do for `who`, or the error that it would give.
		pub fn simulate_unstake(
			who: T::AccountId,
			amount: BalanceOf<T>,
		) -> Result<SimulationOf<T>, DispatchError> {
			Self::simulate(&who, |who| Self::do_unstake(who, amount))
		}

		/// Returns what [`withdraw`](Self::withdraw) would do for `who`, or the error that it would give.
		pub fn simulate_withdraw(who: T::AccountId) -> Result<SimulationOf<T>, DispatchError> {
			Self::simulate(&who, Self::do_withdraw)
		}
	}
}
