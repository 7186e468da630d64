//! The parameters and the relations between them.

use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{Config, Pallet, MAX_PROVERS_LIMIT, NODE_WIDTH};

const _: () = assert!(prover_lottery_index::check_width(NODE_WIDTH).is_ok());

/// The lottery's parameters (`get_parameters`).
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[scale_info(capture_docs = "always")]
pub struct Parameters {
	/// The number of slots.
	pub max_provers: u32,
	/// The lower end of the price band, in percent of the fee.
	pub price_floor_percent: u32,
	/// The upper end of the price band, in percent of the fee.
	pub price_ceiling_percent: u32,
}

impl<T: Config> Pallet<T> {
	/// Checks the parameters: the number of slots is within its limit, and the price band contains
	/// the fee. `integrity_test` asserts it. A runtime with dynamic parameters calls it when one is
	/// set.
	///
	/// # Errors
	/// A sentence that says what to change.
	pub fn check_parameters() -> Result<(), &'static str> {
		let parameters = Self::get_parameters();
		if !(1..=MAX_PROVERS_LIMIT).contains(&parameters.max_provers) {
			return Err("prover lottery: set MaxProvers between 1 and 1,048,576");
		}
		if parameters.price_floor_percent > 100 {
			return Err("prover lottery: set PriceFloorPercent to at most 100");
		}
		if parameters.price_ceiling_percent < 100 {
			return Err("prover lottery: set PriceCeilingPercent to at least 100");
		}
		Ok(())
	}
}
