//! The weights that calls and methods declare: what was measured, and the selection's surcharges for what
//! a benchmark does not measure.

use frame_support::weights::Weight;
use prover_pool_primitives::Selection;

use crate::{Config, Pallet, WeightInfo};

impl<T: Config> Pallet<T> {
	/// A draw, without the handler.
	pub(crate) fn weight_of_draw() -> Weight {
		T::WeightInfo::draw()
			.saturating_add(T::Selection::draw_surcharge())
			.saturating_add(T::Selection::update_surcharge())
	}

	/// The listing of one entry or change whose delay is over.
	pub(crate) fn weight_of_admission() -> Weight {
		T::WeightInfo::admit().saturating_add(T::Selection::reorder_surcharge().saturating_mul(2))
	}

	/// A stake that replaces a member, with the listing of the newcomer, which a hook does later.
	pub(crate) fn weight_of_stake() -> Weight {
		T::WeightInfo::stake()
			.saturating_add(T::Selection::reorder_surcharge().saturating_mul(3))
			.saturating_add(Self::weight_of_admission())
	}

	/// A change of an offer that was measured as `change`, with its listing, which a hook does later.
	pub(crate) fn weight_of_change(change: Weight) -> Weight {
		change
			.saturating_add(T::Selection::reorder_surcharge().saturating_mul(2))
			.saturating_add(Self::weight_of_admission())
	}

	/// A member that leaves.
	pub(crate) fn weight_of_exit() -> Weight {
		T::WeightInfo::exit().saturating_add(T::Selection::reorder_surcharge())
	}

	/// A release.
	pub(crate) fn weight_of_release() -> Weight {
		T::WeightInfo::release_prover().saturating_add(T::Selection::update_surcharge())
	}

	/// A discharge.
	pub(crate) fn weight_of_discharge() -> Weight {
		T::WeightInfo::discharge_prover().saturating_add(T::Selection::update_surcharge())
	}

	/// A slash that ejects its prover, and the move of its tokens, which comes with it unless the slash is
	/// deferred.
	pub(crate) fn weight_of_slash() -> Weight {
		T::WeightInfo::slash_prover()
			.saturating_add(T::WeightInfo::apply_slash())
			.saturating_add(T::Selection::reorder_surcharge())
	}
}
