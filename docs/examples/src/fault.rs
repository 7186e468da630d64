//! Another fault: a protocol's own reasons, without a change of the pool.

use codec::{Decode, DecodeWithMemTracking, Encode};
use prover_pool_primitives::{BlockId, Fault, PoolError, ProverPool};
use scale_info::TypeInfo;

/// Why this protocol slashes. Its event has this reason; the pool's has [`Fault::Other`] for those that
/// only this protocol knows.
#[derive(Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub enum Reason {
	/// No proof in time.
	NoProof,
	/// The prover published data that does not match its proof.
	DataWithheld,
}

impl From<Reason> for Fault {
	fn from(reason: Reason) -> Self {
		match reason {
			Reason::NoProof => Self::Late,
			Reason::DataWithheld => Self::Other,
		}
	}
}

/// Slashes the prover of a block for one of these reasons.
pub fn slash<Pool: ProverPool<AccountId, Balance>, AccountId, Balance>(
	id: BlockId,
	reward: Balance,
	reason: Reason,
) -> Result<Balance, PoolError> {
	Pool::slash_prover(id, reward, reason.into(), None)
}
