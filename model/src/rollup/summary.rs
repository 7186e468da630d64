//! Counts the events of a run. The counts are printed, and checked for variety.

use super::{calls::Outcome, runtime::Event};
use std::{collections::BTreeMap, fmt};

/// The counts of one run or many.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Summary {
	/// Steps taken.
	pub steps: u64,
	/// Blocks of the chain.
	pub blocks: u64,
	/// The accepted and refused calls, by call of the pallet.
	pub calls: BTreeMap<&'static str, (u64, u64)>,
	/// The refusals, by call and error.
	pub refusals: BTreeMap<(&'static str, &'static str), u64>,
	/// The ends of rollup blocks.
	pub ends: BTreeMap<&'static str, u64>,
	/// Events.
	pub events: BTreeMap<String, u64>,
}

/// The calls of the pallet, and the errors that a long run must have.
const REFUSALS: &[(&str, &[&str])] = &[
	("clear_claims", &["NothingToClear"]),
	(
		"confirm_claim",
		&[
			"AlreadyConfirmed",
			"Cancelled",
			"InvalidProof",
			"ProofTooLong",
			"UnknownBlock",
			"UnknownClaim",
		],
	),
	("dispute_claim", &["Bad origin", "Cancelled", "UnknownBlock", "UnknownClaim"]),
	("expire_request", &["Cancelled", "NotExpired", "NotPending", "UnknownBlock"]),
	("pause", &["Bad origin", "Paused"]),
	(
		"propose_block",
		&[
			"FeeTooHigh",
			"GasLimitTooHigh",
			"NoFunds",
			"NotStarted",
			"Paused",
			"PoolQueueFull",
			"TooManyOpenBlocks",
			"TooManyPendingBlocks",
			"TooManyUnverifiedBlocks",
			"TxListTooLong",
		],
	),
	(
		"prove_block",
		&[
			"AlreadyProven",
			"Barred",
			"Cancelled",
			"GasOverLimit",
			"InvalidProof",
			"NoFunds",
			"ProofTooLong",
			"TooEarly",
			"TooManyForks",
			"UnknownBlock",
		],
	),
	("reset", &["Bad origin", "NotPaused"]),
	(
		"skip_block",
		&[
			"Cancelled",
			"HasClaim",
			"NotExpired",
			"NotHead",
			"Paused",
			"StillPending",
			"UnknownBlock",
		],
	),
	("start", &["AlreadyStarted", "Bad origin", "InvalidFee"]),
	("unpause", &["Bad origin", "NotPaused"]),
	("verify_blocks", &["NothingToVerify", "Paused"]),
];
/// The ends of blocks that a long run must have.
const ENDS: &[&str] = &[
	"after a removal",
	"cancelled open",
	"cancelled pending",
	"cancelled, discharged",
	"cancelled, slashed",
	"in time",
	"late",
	"open",
	"rescued",
	"skipped",
];
/// The events that follow neither from an accepted call nor from an end.
const EVENTS: &[&str] = &[
	"ClaimUnconfirmed",
	"ClaimVoided",
	"BlocksCancelled",
	"BondSettled",
	"PaymentFailed",
	"PoolRefused",
	"Unpaused",
];

impl Summary {
	pub(super) fn count_call(&mut self, name: &'static str, outcome: Outcome) {
		let (accepted, refused) = self.calls.entry(name).or_default();
		match outcome {
			Ok(()) => *accepted += 1,
			Err(error) => {
				*refused += 1;
				*self.refusals.entry((name, error)).or_default() += 1;
			},
		}
	}

	pub(super) fn count_events(&mut self, events: &[Event]) {
		for event in events {
			let shown = format!("{event:?}");
			let name = shown.trim_start_matches("Event::").split_whitespace().next();
			*self.events.entry(name.unwrap_or_default().into()).or_default() += 1;
		}
	}

	pub(super) fn count_ends(&mut self, ends: &[&'static str]) {
		for end in ends {
			*self.ends.entry(end).or_default() += 1;
		}
	}

	/// Checks that a long run has enough of everything.
	///
	/// # Errors
	/// Names what happened too rarely.
	pub fn check_variety(&self) -> Result<(), String> {
		let mut counts = Vec::new();
		for (call, errors) in REFUSALS {
			let (accepted, refused) = self.calls.get(call).copied().unwrap_or_default();
			counts.push((format!("{call}, accepted"), accepted, 10));
			counts.push((format!("{call}, refused"), refused, 10));
			for error in *errors {
				let count = self.refusals.get(&(*call, *error)).copied();
				counts.push((format!("{call}, {error}"), count.unwrap_or_default(), 2));
			}
		}
		for end in ENDS {
			counts.push((end.to_string(), self.ends.get(end).copied().unwrap_or_default(), 30));
		}
		for event in EVENTS {
			counts.push((
				event.to_string(),
				self.events.get(*event).copied().unwrap_or_default(),
				2,
			));
		}
		let rare = counts.into_iter().find(|(_, count, least)| count < least);
		rare.map_or(Ok(()), |(name, count, least)| {
			Err(format!("{name}: {count} times, not {least}"))
		})
	}

	/// Adds another run.
	pub fn add(&mut self, other: &Self) {
		self.steps += other.steps;
		self.blocks += other.blocks;
		for (name, (accepted, refused)) in &other.calls {
			let sum = self.calls.entry(name).or_default();
			*sum = (sum.0 + accepted, sum.1 + refused);
		}
		for (key, count) in &other.refusals {
			*self.refusals.entry(*key).or_default() += count;
		}
		for (name, count) in &other.ends {
			*self.ends.entry(name).or_default() += count;
		}
		for (name, count) in &other.events {
			*self.events.entry(name.clone()).or_default() += count;
		}
	}
}

impl fmt::Display for Summary {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		writeln!(f, "{} steps, {} blocks", self.steps, self.blocks)?;
		writeln!(f, "calls (accepted, refused): {:?}", self.calls)?;
		writeln!(f, "refusals: {:?}", self.refusals)?;
		writeln!(f, "ends: {:?}", self.ends)?;
		write!(f, "events: {:?}", self.events)
	}
}
