//! The relations between the items of [`Config`].

use crate::*;
use frame_support::{dispatch::DispatchClass, traits::Get, weights::Weight};

impl<T: Config> Pallet<T> {
	/// Checks the relations between the parameters. A runtime with dynamic parameters should run it
	/// after each change of one, and refuse the change if it fails.
	///
	/// # Errors
	/// A sentence that says what to change.
	pub fn check_parameters() -> Result<(), &'static str> {
		Self::parameters().check()
	}

	/// Checks all relations, those of weights included. Panics with a sentence that says what to change.
	pub(crate) fn check_config() {
		if let Err(what_to_do) = Self::check_parameters() {
			panic!("block proposal: {what_to_do}");
		}
		let limit = T::BlockWeights::get().get(DispatchClass::Normal).max_extrinsic;
		for (call, weight) in Self::heaviest_calls() {
			assert!(
				limit.is_none_or(|limit| weight.all_lte(limit)),
				"block proposal: at worst, `{call}` needs {weight:?} and does not fit into an \
				 extrinsic; lower MaxUnverifiedBlocks, MaxForks or the sizes",
			);
		}
	}

	/// Returns the most weight of each call without which the rollup stops.
	fn heaviest_calls() -> [(&'static str, Weight); 5] {
		[
			("propose_block", Self::weight_of_propose(T::MaxTxListSize::get() as usize)),
			("prove_block", Self::weight_of_prove(T::MaxProofSize::get() as usize)),
			("verify_blocks", Self::weight_of_verify(1)),
			("skip_block", Self::weight_of_skip()),
			("dispute_proof", Self::weight_of_dispute()),
		]
	}
}
