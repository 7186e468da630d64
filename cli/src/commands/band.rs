//! The price band of draws, where a price is outside of it (R4).

use crate::{
	advice::Band,
	chain::At,
	reads::{pool, rollup},
	Error, Result,
};

/// Says what a draw pays for this price at the present fee; `None` if it pays the price itself, or on a chain
/// whose draws have no such band.
pub(super) async fn note(at: &At, price: u32) -> Result<Option<String>> {
	match read(at).await {
		Ok(read) => Ok(read.and_then(|(fee_per_gas, band)| outside(fee_per_gas, band, price))),
		Err(Error::Incompatible(_)) => Ok(None),
		Err(error) => Err(error),
	}
}

/// Reads the present fee and the band around it; `None` before the rollup has a fee.
async fn read(at: &At) -> Result<Option<(u32, Band)>> {
	if rollup::state(at).await?.is_none() {
		return Ok(None);
	}
	let fee_per_gas = rollup::fee_per_gas(at).await?;
	let band = Band::around(fee_per_gas, pool::band_percents(at)?);
	Ok(band.map(|band| (fee_per_gas, band)))
}

fn outside(fee_per_gas: u32, Band { floor, ceiling }: Band, price: u32) -> Option<String> {
	let (side, paid) = match price {
		_ if price > ceiling => ("above", format!("a draw pays {ceiling}")),
		_ if price < floor => {
			("below", format!("a draw pays {floor}, and is won no more often for less"))
		},
		_ => return None,
	};
	Some(format!(
		"The price is {side} the band of {floor} to {ceiling}, at the present fee of {fee_per_gas} base units \
		 per gas: {paid}."
	))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_price_outside_of_the_band_is_not_what_a_draw_pays() {
		let note = |price| outside(10_000, Band { floor: 7_500, ceiling: 12_500 }, price);
		for price in [7_500, 10_000, 12_500] {
			assert_eq!(note(price), None);
		}
		assert_eq!(
			note(12_501).unwrap(),
			"The price is above the band of 7500 to 12500, at the present fee of 10000 base units per gas: a \
			 draw pays 12500."
		);
		assert_eq!(
			note(7_499).unwrap(),
			"The price is below the band of 7500 to 12500, at the present fee of 10000 base units per gas: a \
			 draw pays 7500, and is won no more often for less."
		);
	}
}
