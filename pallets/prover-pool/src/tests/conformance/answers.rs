//! How the original's answers are read: refusals by name, and the few places where both agree in what
//! happens and differ in what they say about it.

use sp_runtime::{DispatchError, TokenError};

use super::trace::{Call, Operation, Trace};
use crate::mock::Error;

/// The one table of refusals.
fn refusal(name: &str) -> Option<DispatchError> {
	Some(match name {
		"CHANGE_TOO_FREQUENT" => Error::ChangeTooFrequent.into(),
		"INVALID_PARAMS" => Error::InvalidParams.into(),
		"NO_MATURE_EXIT" => Error::NoMatureExit.into(),
		"PROVER_NOT_GOOD_ENOUGH" => Error::ProverNotGoodEnough.into(),
		"UNAUTHORIZED" => DispatchError::BadOrigin,
		"Error(ERC20: burn amount exceeds balance)" => TokenError::FundsUnavailable.into(),
		_ => return None,
	})
}

/// Refusals that have another name here, since the limit on changes is measured from the last change
/// (D6) and comes first. Both wanted to restake within an hour after a stake that had used up their
/// exit, so the original finds only what is wrong next.
const REFUSED_FOR_THE_CHANGE: [(&str, usize); 2] = [("trace-01", 223), ("trace-04", 27)];

/// Why an operation is told otherwise here. In all of them, what there is afterwards is the same.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Otherwise {
	/// Leaving without being a member and without an exit to be paid: the original says nothing, here
	/// it is `NotInPool`.
	NotInPool,
	/// A refusal with another name ([`REFUSED_FOR_THE_CHANGE`]).
	RefusedForTheChange,
	/// A slash where nothing can be taken: the original says nothing, here it is a slash of 0.
	SlashOfNothing,
	/// A release that belongs to no assignment: the original does nothing, here there is no call for
	/// it.
	ReleaseOfNothing,
	/// The place of a slashed assignment, which is free here since the slash.
	ClosingRelease,
}

impl Otherwise {
	/// Whether, and why, `op` is told otherwise.
	pub fn of(trace: &Trace, op: &Operation) -> Option<Self> {
		if op.ok == Some(false) {
			let listed = REFUSED_FOR_THE_CHANGE.contains(&(trace.name.as_str(), op.index));
			return listed.then_some(Self::RefusedForTheChange);
		}
		match &op.call {
			Call::Exit {} if op.events.is_empty() => Some(Self::NotInPool),
			Call::Stake { .. } if op.events.is_empty() => Some(Self::NotInPool),
			Call::SlashProver { .. } if op.events.is_empty() => Some(Self::SlashOfNothing),
			Call::ReleaseProver { .. } if op.info.closing => Some(Self::ClosingRelease),
			Call::ReleaseProver { .. } if op.info.blk.is_none() => Some(Self::ReleaseOfNothing),
			_ => None,
		}
	}
}

/// What this pallet must answer to a call.
pub fn answer(trace: &Trace, op: &Operation) -> Result<(), DispatchError> {
	match Otherwise::of(trace, op) {
		Some(Otherwise::NotInPool) => return Err(Error::NotInPool.into()),
		Some(Otherwise::RefusedForTheChange) => return Err(Error::ChangeTooFrequent.into()),
		_ => {},
	}
	match &op.err {
		None => Ok(()),
		// A refusal that nobody has heard of is not ours, so it is reported as a difference.
		Some(name) => Err(refusal(name).unwrap_or(DispatchError::Other("unknown to the table"))),
	}
}
