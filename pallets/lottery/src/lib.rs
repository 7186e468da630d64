#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod integrity;
mod session;
mod slots;
mod state;
mod store;
mod surcharges;
mod try_state;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use integrity::Parameters;
pub use pallet::*;
pub use prover_lottery_index::{weight, PriceBand};
pub use session::Lottery;
pub use slots::Bitmap;
pub use state::LotteryState;

use frame_support::traits::ConstU32;

/// The highest [`Config::MaxProvers`]: the most entries of an index, and the slots of 1,024 pages.
pub const MAX_PROVERS_LIMIT: u32 = prover_lottery_index::MAX_ENTRIES;

/// The most items of an index node. 64 suits pools of every size: narrower nodes need more levels,
/// wider ones more bytes per level.
///
/// The state holds the width that it was stored with. If this constant is changed, the lottery
/// refuses to work on stored nodes and [`try_state`](Pallet::do_try_state) names the reason, until
/// a migration has stored them anew.
pub const NODE_WIDTH: u32 = 64;

/// A node of the index.
pub type Node = prover_lottery_index::Node<ConstU32<NODE_WIDTH>>;

/// The target of log messages.
const LOG_TARGET: &str = "runtime::prover-lottery";

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{pallet_prelude::*, traits::StorageVersion};
	use frame_system::pallet_prelude::*;
	use prover_lottery_index::NodeId;

	/// The storage layout of this code.
	pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What a runtime chooses. An item marked *bound* must be constant. The others may be dynamic,
	/// for instance from `pallet-parameters`: a draw uses the values of its own block. See
	/// [`Pallet::check_parameters`].
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The number of slots, `1..=`[`MAX_PROVERS_LIMIT`]. *Bound.*
		///
		/// The cost of an operation hardly depends on it. It may be raised at any time. If it is
		/// lowered, members in higher slots stay, are drawn and ranked as before, and no newcomer
		/// gets a slot above the new number; weights are those of the smaller pool meanwhile.
		#[pallet::constant]
		type MaxProvers: Get<u32>;

		/// The lower end of the price band, in percent of the fee, `0..=100`. A prover that asks
		/// less is paid this much, and gains no weight by asking less.
		///
		/// Above 100, no prover could be paid the fee or less.
		#[pallet::constant]
		type PriceFloorPercent: Get<u32>;

		/// The upper end of the price band, in percent of the fee, at least 100. A prover that asks
		/// more is paid this much.
		///
		/// Protocols escrow fees by it, so it is raised with care. Below 100, no prover could be
		/// paid the fee.
		#[pallet::constant]
		type PriceCeilingPercent: Get<u32>;
	}

	/// Everything that nearly every operation needs (I6). Absent: no slot has ever been occupied.
	///
	/// A value that cannot be decoded, or whose nodes have another width than [`NODE_WIDTH`], is
	/// never overwritten: the lottery then draws nobody and changes nothing.
	#[pallet::storage]
	pub type State<T: Config> = StorageValue<_, LotteryState, OptionQuery>;

	/// The nodes of the index below the top one, which is in [`State`] (I6). Up to [`NODE_WIDTH`]
	/// candidates need none.
	///
	/// Twox: node ids are the index's own.
	#[pallet::storage]
	pub type Nodes<T: Config> = StorageMap<_, Twox64Concat, NodeId, Node, OptionQuery>;

	/// The occupied slots of all pages but the first, which is in [`State`] (I6). A page without an
	/// occupied slot is absent. At most 1,023 pages.
	///
	/// Twox: page numbers are the pallet's own.
	#[pallet::storage]
	pub type Pages<T: Config> = StorageMap<_, Twox64Concat, u32, Bitmap, OptionQuery>;

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Returns the lottery's parameters.
		pub fn get_parameters() -> Parameters {
			Parameters {
				max_provers: T::MaxProvers::get(),
				price_floor_percent: T::PriceFloorPercent::get(),
				price_ceiling_percent: T::PriceCeilingPercent::get(),
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Logs an error if the state cannot be used by the new code.
		fn on_runtime_upgrade() -> Weight {
			// Reading logs it.
			let _ = LotteryState::read::<T>();
			T::DbWeight::get().reads(1)
		}

		fn integrity_test() {
			if let Err(message) = Self::check_parameters() {
				panic!("{message}");
			}
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_n: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state().map_err(sp_runtime::TryRuntimeError::Other)
		}
	}
}
