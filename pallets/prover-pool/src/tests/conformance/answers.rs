//! How the original's answers are read: refusals by name, and the few operations where both agree in
//! the effect and differ in the answer.

use sp_runtime::DispatchError;

use super::trace::{Call, Operation, Trace};
use crate::mock::Error;

/// The table of refusals.
fn refusal(name: &str) -> Option<DispatchError> {
	Some(match name {
		"CHANGE_TOO_FREQUENT" => Error::ChangeTooFrequent.into(),
		"INVALID_PARAMS" => Error::InvalidParams.into(),
		"NO_MATURE_EXIT" => Error::NoMatureExit.into(),
		"PROVER_NOT_GOOD_ENOUGH" => Error::ProverNotGoodEnough.into(),
		"UNAUTHORIZED" => DispatchError::BadOrigin,
		"Error(ERC20: burn amount exceeds balance)" => Error::InsufficientFunds.into(),
		_ => return None,
	})
}

/// Refusals that have another name here, since the change delay counts from the last entry (D6) and is
/// checked first. Both accounts restaked within an hour of a stake that had used up their exit, so the
/// original finds only the next fault.
const REFUSED_FOR_THE_DELAY: [(&str, usize); 2] = [("trace-01", 223), ("trace-04", 27)];

/// The reason why this pallet's answer differs. In all of these cases, the state afterwards is the same.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Deviation {
	/// An account leaves that is neither a member nor has an exit to be paid out: the original does
	/// nothing, here it is `NotInPool`.
	NotInPool,
	/// A refusal with another name ([`REFUSED_FOR_THE_DELAY`]).
	RefusedForTheDelay,
	/// A slash where nothing can be taken: the original is silent, here it is a slash of 0.
	SlashOfNothing,
	/// A release that belongs to no assignment: the original does nothing, here there is no such call.
	ReleaseOfNothing,
	/// The capacity of a slashed assignment, which returned here with the slash.
	ClosingRelease,
}

impl Deviation {
	/// Returns the reason why the answer to `op` differs, if it does.
	pub fn of(trace: &Trace, op: &Operation) -> Option<Self> {
		if op.ok == Some(false) {
			let listed = REFUSED_FOR_THE_DELAY.contains(&(trace.name.as_str(), op.index));
			return listed.then_some(Self::RefusedForTheDelay);
		}
		match &op.call {
			Call::Exit {} | Call::Stake { .. } if op.events.is_empty() => Some(Self::NotInPool),
			Call::SlashProver { .. } if op.events.is_empty() => Some(Self::SlashOfNothing),
			Call::ReleaseProver { .. } if op.info.closing => Some(Self::ClosingRelease),
			Call::ReleaseProver { .. } if op.info.blk.is_none() => Some(Self::ReleaseOfNothing),
			_ => None,
		}
	}
}

/// Returns what this pallet must answer to a call.
pub fn answer(trace: &Trace, op: &Operation) -> Result<(), DispatchError> {
	match (Deviation::of(trace, op), &op.err) {
		(Some(Deviation::NotInPool), _) => Err(Error::NotInPool.into()),
		(Some(Deviation::RefusedForTheDelay), _) => Err(Error::ChangeTooFrequent.into()),
		(_, None) => Ok(()),
		// A refusal that the table does not know is reported as a difference.
		(_, Some(name)) => {
			Err(refusal(name).unwrap_or(DispatchError::Other("unknown to the table")))
		},
	}
}
