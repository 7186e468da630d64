#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

pub use book::{Book, NodeOf, Places};
pub use pallet::*;
pub use slots::Page;
pub use types::*;
pub use weights::WeightInfo;

mod account;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod book;
mod charges;
mod draws;
mod members;
pub mod migrations;
mod protocol;
mod queries;
pub mod runtime_api;
#[cfg(feature = "scaling")]
pub mod scaling;
#[cfg(feature = "scaling")]
mod scan;
pub mod selection;
mod settlement;
mod slots;
mod staking;
mod tokens;
mod try_state;
pub mod types;
mod waiting;
pub mod weights;

/// The most slots that a pool may have: as many as an index holds.
pub const MAX_PROVERS_LIMIT: u32 = prover_pool_index::MAX_ENTRIES;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

#[frame_support::pallet]
pub mod pallet {
	use super::{members::Members, *};
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{BalancedHold, MutateHold},
			OnUnbalanced, Randomness, StorageVersion, VariantCount,
		},
	};
	use frame_system::pallet_prelude::*;
	use prover_pool_index::NodeId;
	use prover_pool_primitives::{BlockId, DrawHandler, OpenReason, PricePerGas};
	use sp_runtime::{traits::BlockNumberProvider, Perbill};

	/// The layout of the storage that this code expects.
	pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(2);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What a runtime decides. Items marked *bound* must be constant: storage is laid out for them. All
	/// others may be dynamic (for instance from `pallet-parameters`); assignments keep the slash terms
	/// with which they were drawn.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The runtime's reasons for holds, which include this pallet's.
		type RuntimeHoldReason: Parameter
			+ Member
			+ MaxEncodedLen
			+ Copy
			+ VariantCount
			+ From<HoldReason>;

		/// The tokens that are staked. Its limit of holds per account must leave room for both of this
		/// pallet's [`HoldReason`]s.
		type Currency: MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ BalancedHold<Self::AccountId>;

		/// Receives what is slashed and not given to a reporter. `()` burns it; a treasury is the other
		/// common choice. Whoever controls the receiver must not be able to profit from slashes that it
		/// brings about.
		type OnSlash: OnUnbalanced<CreditOf<Self>>;

		/// The clock of all periods: exit, change delay, liability. It must never run backwards.
		///
		/// Solochains take `frame_system::Pallet`; parachains that produce blocks irregularly take their
		/// relay chain's number, so that periods mean time. A chain that changes it must run
		/// [`MoveClock`](crate::migrations::MoveClock).
		type BlockNumberProvider: BlockNumberProvider;

		/// The seed of draws, with the `frame_system` block since which it was known (R5). The seed must
		/// be uniform over 256 bits; of longer hashes the first 256 bits count. `None`: no seed now,
		/// requests wait.
		///
		/// Whoever knows a seed before the requests that it decides chooses the provers. Use a source in
		/// which block authors cannot choose the value (BABE's VRF of the parent, where *every* slot has
		/// one), never a block hash or the collective flip.
		type Randomness: Randomness<Option<Self::Hash>, BlockNumberFor<Self>>;

		/// An origin that may call the protocol's side directly: `EnsureNever`, unless the protocol does
		/// not live in a pallet of this runtime. A runtime enables this or the hook trait, not both.
		type ProtocolOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Is told how draws ended, for requests that came through the hook trait.
		type DrawHandler: DrawHandler<Self::AccountId>;

		/// How many slots there are, `1..=`[`MAX_PROVERS_LIMIT`]. *Bound.* It may be raised by an
		/// upgrade; before it is lowered, the slots above must be empty. What an operation costs hardly
		/// depends on it: see the table in the README.
		#[pallet::constant]
		type MaxProvers: Get<u32>;

		/// How many items a node of the index has at most,
		/// [`MIN_WIDTH`](prover_pool_index::MIN_WIDTH)`..=`[`MAX_WIDTH`](prover_pool_index::MAX_WIDTH).
		/// *Bound*, and never changed while anybody is in the pool. 64 is a good choice for every size:
		/// narrower nodes make more levels to read, wider ones more to read on each level.
		#[pallet::constant]
		type NodeWidth: Get<u32>;

		/// The smallest capacity a prover may declare, at least 1: below it, a slot of the pool would be
		/// taken by somebody who hardly works.
		#[pallet::constant]
		type MinCapacity: Get<Capacity>;

		/// The smallest stake per place, in base units, at least 1 (D15). To make failing dearer than
		/// proving: at least [`Config::SlashMultiplier`] times the reward of a full block at the highest
		/// fee expected.
		#[pallet::constant]
		type MinStakePerCapacity: Get<BalanceOf<Self>>;

		/// How long tokens take to leave, in units of [`Config::BlockNumberProvider`] (R3). Longer than
		/// any failure to prove may go unnoticed.
		#[pallet::constant]
		type ExitPeriod: Get<MomentOf<Self>>;

		/// How long a prover stays, at least, after it entered, in units of
		/// [`Config::BlockNumberProvider`] (R2).
		#[pallet::constant]
		type MinChangeDelay: Get<MomentOf<Self>>;

		/// The share of what is slashable that a slash takes, divided by the capacity (R7).
		#[pallet::constant]
		type SlashPoints: Get<Perbill>;

		/// The multiple of the proof's reward that a slash takes, if that is more (R7).
		#[pallet::constant]
		type SlashMultiplier: Get<u32>;

		/// The lowest price that is agreed, in percent of the fee, at most 100 (R4).
		#[pallet::constant]
		type PriceFloorPercent: Get<u32>;

		/// The highest price that is agreed, in percent of the fee, at least 100 (R4).
		#[pallet::constant]
		type PriceCeilingPercent: Get<u32>;

		/// By which share of its stake, rounded up, the smallest prover must be exceeded to be replaced
		/// (D12). 0 lets one base unit evict.
		#[pallet::constant]
		type MinOverbid: Get<Perbill>;

		/// Below which share of its minimum stake a prover is forced out by a slash. 0: only when nothing
		/// is left (D5).
		#[pallet::constant]
		type EjectionThreshold: Get<Perbill>;

		/// The age, in units of [`Config::BlockNumberProvider`], after which a prover may discharge its
		/// own assignment (R8). Well above the time that the protocol takes to settle any block, else
		/// provers dodge their slash.
		#[pallet::constant]
		type MaxLiability: Get<MomentOf<Self>>;

		/// How many `frame_system` blocks a new prover waits before it may be drawn (R5): at least as
		/// long as anybody knows a seed in advance. With BABE, two epochs.
		#[pallet::constant]
		type EntryDelay: Get<BlockNumberFor<Self>>;

		/// How many requests may wait for their draw. *Bound.*
		#[pallet::constant]
		type MaxPendingDraws: Get<u32>;

		/// How many draws happen in one block, at most. Their weight, the handler's included, must stay
		/// below half of a block.
		#[pallet::constant]
		type MaxDrawsPerBlock: Get<u32>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;

		/// What benchmarks cannot bring about themselves: `()` where there is always a seed.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: benchmarking::BenchmarkHelper;
	}

	/// Why tokens are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// They are the stake of a member of the pool.
		#[codec(index = 0)]
		Stake,
		/// They are on their way out.
		#[codec(index = 1)]
		Exit,
	}

	/// What each account has to do with the pool: its side of it, and its slot if it is a member. Only
	/// accounts for which something is left have an entry (I7).
	///
	/// Blake2: whoever chooses an account chooses the key.
	#[pallet::storage]
	pub type Stakers<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, StakerInfoOf<T>, ValueQuery>;

	/// Who entered each slot last: its member, if the slot is taken. Slots are `1..=MaxProvers`. It is
	/// not cleared when a member leaves, only overwritten by the next: an exit need not touch it.
	/// Which slots are taken say [`Books`] and [`Pages`] (I2, I6).
	///
	/// Twox: slot numbers are the pallet's own, nobody can choose them to unbalance the trie.
	#[pallet::storage]
	pub type Slots<T: Config> = StorageMap<_, Twox64Concat, ProverId, T::AccountId, OptionQuery>;

	/// The book: what is known of all members together (I6).
	#[pallet::storage]
	pub type Books<T: Config> = StorageValue<_, Book<T::NodeWidth>, ValueQuery>;

	/// The nodes of the index below the top one, which is in [`Books`] (I6). A pool of up to
	/// [`Config::NodeWidth`] members has none.
	///
	/// Twox: ids are the index's own.
	#[pallet::storage]
	pub type Nodes<T: Config> = StorageMap<_, Twox64Concat, NodeId, NodeOf<T>, OptionQuery>;

	/// Which slots are taken, 1,024 on a page, but for the first page, which is in [`Books`] (I6).
	///
	/// Twox: page numbers are the pallet's own.
	#[pallet::storage]
	pub type Pages<T: Config> = StorageMap<_, Twox64Concat, u32, Page, ValueQuery>;

	/// The turns of members that wait until they take part in draws (R5, I6).
	///
	/// Identity: the order of keys is the order of turns, and both parts of a key are the chain's own.
	#[pallet::storage]
	pub type Waiting<T: Config> = StorageMap<_, Identity, Turn, (), OptionQuery>;

	/// The ledger of assignments that are not closed (I4). At most as many as the protocol leaves
	/// unsettled.
	///
	/// Twox: ids come from the protocol alone.
	#[pallet::storage]
	pub type Assignments<T: Config> =
		StorageMap<_, Twox64Concat, BlockId, AssignmentOf<T>, OptionQuery>;

	/// The ids in [`Assignments`], account first: what each account still has to answer for (I4).
	///
	/// Hashers as in [`Stakers`] and [`Assignments`].
	#[pallet::storage]
	pub type AssignmentsOf<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, BlockId, (), OptionQuery>;

	/// The requests that wait for their draw, oldest first. No id occurs twice, and none is in
	/// [`Assignments`].
	#[pallet::storage]
	pub type DrawQueue<T: Config> =
		StorageValue<_, BoundedVec<DrawRequest<BlockNumberFor<T>>, T::MaxPendingDraws>, ValueQuery>;

	/// The provers with which a chain starts.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Account, stake in base units, price in base units per gas, capacity: what each would have
		/// passed to [`Call::stake`]. The stakes must be covered by genesis balances.
		pub provers: Vec<(T::AccountId, BalanceOf<T>, PricePerGas, Capacity)>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for (who, amount, reward_per_gas, max_capacity) in &self.provers {
				if let Err(error) =
					Pallet::<T>::do_stake(who, *amount, *reward_per_gas, *max_capacity)
				{
					panic!("genesis prover {who:?} cannot stake: {error:?}");
				}
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account entered the pool (R1).
		Staked {
			/// The new member.
			who: T::AccountId,
			/// Its whole stake, in base units.
			amount: BalanceOf<T>,
			/// Its price, in base units per gas.
			reward_per_gas: PricePerGas,
			/// Its free places: the declared capacity less the work it still has.
			current_capacity: Capacity,
		},
		/// A member left the pool (R2).
		Exited {
			/// The former member.
			who: T::AccountId,
			/// What left the pool, in base units.
			amount: BalanceOf<T>,
			/// All that is now on its way out for the account, this amount included.
			exit_amount: BalanceOf<T>,
			/// Whether it was replaced or ejected, rather than left of its own will.
			forced: bool,
		},
		/// A free exit was paid out: the tokens are no longer held (R3).
		Withdrawn {
			/// Whose tokens.
			who: T::AccountId,
			/// How many, in base units.
			amount: BalanceOf<T>,
		},
		/// A block needs a prover; its draw comes in a later block (R4).
		ProverRequested {
			/// The block.
			block_id: BlockId,
			/// The protocol's price, in base units per gas.
			fee_per_gas: PricePerGas,
		},
		/// A prover was drawn (R4).
		ProverAssigned {
			/// The block to prove.
			block_id: BlockId,
			/// Who must prove it.
			who: T::AccountId,
			/// The price agreed, in base units per gas.
			reward_per_gas: PricePerGas,
		},
		/// A draw found nobody: the block is open, its id forgotten (R4).
		ProverNotFound {
			/// The block.
			block_id: BlockId,
			/// Why.
			reason: OpenReason,
		},
		/// A pending request was cancelled (R8).
		RequestCancelled {
			/// The block.
			block_id: BlockId,
		},
		/// Work was delivered: the place is free, the prover still liable (R6).
		ProverReleased {
			/// The block.
			block_id: BlockId,
			/// Who delivered it.
			who: T::AccountId,
		},
		/// An assignment was closed without a slash (R8).
		ProverDischarged {
			/// The block.
			block_id: BlockId,
			/// Who is no longer liable for it.
			who: T::AccountId,
		},
		/// An assignment was closed with a slash, which may come to zero (R7).
		Slashed {
			/// The block.
			block_id: BlockId,
			/// Who was slashed.
			who: T::AccountId,
			/// The whole slash, in base units: the sum of the next two.
			amount: BalanceOf<T>,
			/// What of it was on its way out.
			from_exit: BalanceOf<T>,
			/// What of it was staked.
			from_stake: BalanceOf<T>,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The prover entered too recently to leave or to change its stake.
		ChangeTooFrequent,
		/// The price is 0, the capacity too small, or the stake too small for the capacity.
		InvalidParams,
		/// The pool is full, and its smallest stake is not outbid.
		ProverNotGoodEnough,
		/// The account is not in the pool, and nothing of its exit could be paid out.
		NotInPool,
		/// Nothing is on its way out, or not for long enough.
		NoMatureExit,
		/// The exit period is over, but the account still owes work from before its end.
		StillLiable,
		/// As many requests wait for their draw as the queue holds.
		QueueFull,
		/// The block is pending or assigned already.
		AlreadyAssigned,
		/// Neither a request nor an assignment has this id.
		UnknownBlock,
		/// The block's draw has not happened yet.
		StillPending,
		/// The work was released before.
		AlreadyReleased,
		/// The assignment is somebody else's.
		NotYourAssignment,
		/// The assignment is too young to be discharged by its own prover.
		NotOverdue,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::draw_due(now)
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
		/// A free exit is paid out first. `amount` (base units) is the whole new stake: it comes from the
		/// account's own exit first, the rest is put on hold. What remains of the exit starts a new exit
		/// period. `reward_per_gas` is the price asked, at least 1; `max_capacity` the number of blocks
		/// at once. With all three 0 the call is [`exit`](Self::exit).
		///
		/// ## Errors
		/// In this order: [`Error::ChangeTooFrequent`], [`Error::InvalidParams`], the currency's own if
		/// the account has too little, [`Error::ProverNotGoodEnough`]; [`Error::NotInPool`] as `exit`.
		///
		/// ## Events
		/// [`Event::Withdrawn`] and [`Event::Exited`] of the caller, the same of the prover replaced,
		/// [`Event::Staked`]; each if it applies.
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

		/// Leaves the pool; a free exit is paid out first (R2).
		///
		/// ## Dispatch origin
		/// Signed by the prover.
		///
		/// ## Details
		/// The stake joins the account's exit, whose period starts anew for the whole sum.
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

		/// Pays out the caller's free exit (R3).
		///
		/// ## Dispatch origin
		/// Signed by the staker.
		///
		/// ## Errors
		/// [`Error::NoMatureExit`], [`Error::StillLiable`].
		///
		/// ## Events
		/// [`Event::Withdrawn`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(&who)
		}

		/// Requests a prover for a block (R4).
		///
		/// ## Dispatch origin
		/// [`Config::ProtocolOrigin`].
		///
		/// ## Details
		/// The outcome of the draw, in a later block, is told by events only. The weight includes that
		/// of the draw.
		///
		/// ## Errors
		/// [`Error::QueueFull`], [`Error::AlreadyAssigned`].
		///
		/// ## Events
		/// [`Event::ProverRequested`]; after the draw [`Event::ProverAssigned`] or
		/// [`Event::ProverNotFound`].
		#[pallet::call_index(3)]
		#[pallet::weight(
			T::WeightInfo::assign_prover()
.saturating_add(T::WeightInfo::draw())
		)]
		pub fn assign_prover(
			origin: OriginFor<T>,
			block_id: BlockId,
			fee_per_gas: PricePerGas,
		) -> DispatchResult {
			T::ProtocolOrigin::ensure_origin(origin)?;
			Ok(Self::do_assign_prover(block_id, fee_per_gas, false).map_err(Error::<T>::from)?)
		}

		/// The work on a block was delivered (R6).
		///
		/// ## Dispatch origin
		/// [`Config::ProtocolOrigin`].
		///
		/// ## Errors
		/// [`Error::UnknownBlock`], [`Error::StillPending`], [`Error::AlreadyReleased`].
		///
		/// ## Events
		/// [`Event::ProverReleased`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::release_prover())]
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
		/// `proof_reward` is what the proof was worth, in base units. Of what is slashed, `reporter` gets
		/// up to the given amount, and [`Config::OnSlash`] the rest.
		///
		/// ## Errors
		/// [`Error::UnknownBlock`], [`Error::StillPending`].
		///
		/// ## Events
		/// [`Event::Slashed`]; if the prover is forced out, [`Event::Withdrawn`] (if it applies) and
		/// [`Event::Exited`].
		#[pallet::call_index(5)]
		#[pallet::weight(Pallet::<T>::weight_of_slash())]
		pub fn slash_prover(
			origin: OriginFor<T>,
			block_id: BlockId,
			proof_reward: BalanceOf<T>,
			reporter: Option<(T::AccountId, BalanceOf<T>)>,
		) -> DispatchResult {
			T::ProtocolOrigin::ensure_origin(origin)?;
			Self::do_slash_prover(block_id, proof_reward, reporter).map_err(Error::<T>::from)?;
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
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::discharge_prover())]
		pub fn discharge_prover(origin: OriginFor<T>, block_id: BlockId) -> DispatchResult {
			if let Err(origin) = T::ProtocolOrigin::try_origin(origin) {
				let who = ensure_signed(origin)?;
				Self::ensure_own_and_overdue(&who, block_id)?;
			}
			Ok(Self::do_discharge_prover(block_id).map_err(Error::<T>::from)?)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What an account has to do with the pool (an empty record if nothing), with its slot if it is
		/// a member.
		pub fn get_staker(who: T::AccountId) -> StakerInfoOf<T> {
			Stakers::<T>::get(who)
		}

		/// All free places of all members.
		pub fn get_capacity() -> u64 {
			Members::<T>::open().places().all
		}

		/// Up to `limit` members in order of their slots, from slot `start` on.
		pub fn get_provers(start: ProverId, limit: u32) -> Vec<(ProverId, ProverOf<T>)> {
			Members::<T>::open().page(start, limit)
		}

		/// Their weights in a draw of the next block at `fee_per_gas`, from slot `start` on.
		pub fn get_prover_weights(
			fee_per_gas: PricePerGas,
			start: ProverId,
			limit: u32,
		) -> Vec<ProverWeight> {
			Members::<T>::open().weights(fee_per_gas, start, limit)
		}

		/// Up to `limit` assignments of `who` that are not closed, in the order of storage, after the
		/// one called `after` (the last of the previous page), or from the first.
		pub fn get_assignments(
			who: T::AccountId,
			after: Option<BlockId>,
			limit: u32,
		) -> Vec<(BlockId, AssignmentOf<T>)> {
			Self::query_assignments(&who, after, limit)
		}

		/// The live parameters.
		pub fn get_parameters() -> ParametersOf<T> {
			Self::query_parameters()
		}
	}
}
