//! What calls and methods are charged: what was measured, and what a measurement does not bring about.

use codec::MaxEncodedLen;
use frame_support::{traits::Get, weights::Weight};
use prover_pool_index::max_height;

use crate::{Config, NodeOf, Pallet, WeightInfo};

impl<T: Config> Pallet<T> {
	/// A stake, and the newcomer's first turn to be drawn, which comes in a hook.
	pub(crate) fn weight_of_stake() -> Weight {
		T::WeightInfo::stake()
			.saturating_add(Self::weight_of_reshaping().saturating_mul(2))
			.saturating_add(T::WeightInfo::admit())
	}

	/// A member that leaves.
	pub(crate) fn weight_of_exit() -> Weight {
		T::WeightInfo::exit().saturating_add(Self::weight_of_reshaping())
	}

	/// A slash that forces its prover out.
	pub(crate) fn weight_of_slash() -> Weight {
		T::WeightInfo::slash_prover().saturating_add(Self::weight_of_reshaping())
	}

	/// One account of the migration.
	pub(crate) fn weight_of_migration() -> Weight {
		T::WeightInfo::migrate_account()
			.saturating_add(Self::weight_of_reshaping())
			// The way to the next account.
			.saturating_add(T::DbWeight::get().reads(1))
	}

	/// What an entry or a departure may cost more than on an ordinary day: on every level a node may be
	/// split, or joined with a neighbour that has to be read, and a level may be added. Benchmarks do not
	/// bring about the day on which all of it happens.
	fn weight_of_reshaping() -> Weight {
		let levels = u64::from(max_height(T::MaxProvers::get(), T::NodeWidth::get()));
		let neighbours = levels.saturating_sub(1);
		let node = NodeOf::<T>::max_encoded_len() as u64;
		T::DbWeight::get()
			.reads_writes(neighbours, levels)
			.saturating_add(Weight::from_parts(0, neighbours.saturating_mul(node)))
	}
}
