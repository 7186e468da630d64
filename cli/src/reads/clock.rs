//! The clock of the pool's periods. This chain's first runtime counts blocks, later ones BABE's slots;
//! the pallet `PoolClock` has nothing but a version, which tells.

use crate::{
	chain::{api, At},
	Error, Result,
};
use subxt::error::StorageError;

/// What the pool's periods are counted in.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
	/// Blocks of this chain.
	Blocks,
	/// Slots of BABE.
	Slots,
}

impl Unit {
	/// One of them.
	pub fn name(self) -> &'static str {
		match self {
			Unit::Blocks => "block",
			Unit::Slots => "slot",
		}
	}
}

/// What the pool's clock shows, and what it counts.
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
			"the chain's pool has a clock of version {other}, which this program does not know: use the \
			 version of prover-pool that belongs to the chain"
		))),
	}
}

fn number(wide: u64) -> Result<u32> {
	u32::try_from(wide).map_err(|_| Error::Internal(format!("{wide} is too late for this clock")))
}
