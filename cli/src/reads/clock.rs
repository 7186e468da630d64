//! Clocks: that of the pool's periods, and that of people. This chain's first runtime counts the pool's periods
//! in blocks, later ones in BABE's slots. The version of the pallet `PoolClock` decides.

use crate::{
	chain::{api, At},
	Error, Result,
};
use subxt::error::StorageError;

/// The unit of the pool's periods.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
	/// Blocks of this chain.
	Blocks,
	/// Slots of BABE.
	Slots,
}

impl Unit {
	/// Returns the name of one unit.
	pub fn name(self) -> &'static str {
		match self {
			Unit::Blocks => "block",
			Unit::Slots => "slot",
		}
	}
}

/// Returns the time of the pool's clock, and its unit.
pub async fn now(at: &At) -> Result<(u32, Unit)> {
	let version = match at.storage().storage_version("PoolClock").await {
		Ok(version) => version,
		Err(StorageError::NoValueFound) => 0,
		Err(error) => return Err(error.into()),
	};
	match version {
		0 => Ok((number(at.block_number())?, Unit::Blocks)),
		1 => {
			let slot =
				at.storage().fetch(api::storage().babe().current_slot(), ()).await?.decode()?;
			Ok((number(slot.0)?, Unit::Slots))
		},
		other => Err(Error::Incompatible(format!(
			"this program does not know version {other} of the pool's clock: use the \
			 version of prover-pool that belongs to the chain"
		))),
	}
}

/// Returns the time of a block, in seconds since 1970; `None` in the genesis state.
pub async fn time(at: &At) -> Result<Option<f64>> {
	let now = at.storage().try_fetch(api::storage().timestamp().now(), ()).await?;
	let milliseconds = now.map(|now| now.decode()).transpose()?;
	Ok(milliseconds.map(|milliseconds| milliseconds as f64 / 1000.0))
}

fn number(wide: u64) -> Result<u32> {
	u32::try_from(wide)
		.map_err(|_| Error::Internal(format!("the clock's time {wide} is out of range")))
}
