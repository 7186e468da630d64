//! What happened in a run: to be printed, and to see that it was not dull.

use super::{
	model::{End, Settled},
	runtime::{Balance, Event},
};
use std::{collections::BTreeMap, fmt};

/// What happened in a run, or in many.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Summary {
	/// How many steps were taken.
	pub steps: u64,
	/// How many blocks of the chain passed.
	pub blocks: u64,
	/// For every call of the pallet, how often it was accepted and how often refused.
	pub calls: BTreeMap<&'static str, (u64, u64)>,
	/// How often each refusal was given.
	pub refusals: BTreeMap<&'static str, u64>,
	/// How many rollup blocks came to each end.
	pub ends: BTreeMap<&'static str, u64>,
	/// How often each event was reported.
	pub events: BTreeMap<String, u64>,
	/// What was held at the proposals of the blocks that ended, paid from it, returned, forfeited.
	pub money: [Balance; 4],
}

impl Summary {
	/// Counts a call.
	pub(super) fn note_call(&mut self, name: &'static str, outcome: Result<(), &'static str>) {
		let (accepted, refused) = self.calls.entry(name).or_default();
		match outcome {
			Ok(()) => *accepted += 1,
			Err(refusal) => {
				*refused += 1;
				*self.refusals.entry(refusal).or_default() += 1;
			},
		}
	}

	/// Whether enough happened for a long run to mean something: every end, every call accepted and
	/// refused, every refusal there is, every event. Else what was missing.
	pub fn check_interesting(&self) -> Result<(), String> {
		let ends = ["in time", "late", "rescued", "open", "skipped", "disputed before"];
		let refusals = [
			"AlreadyProven",
			"Bad origin",
			"Barred",
			"GasLimitTooHigh",
			"GasOverLimit",
			"HasProof",
			"InvalidProof",
			"NoFunds",
			"NotExpired",
			"NotHead",
			"NotPending",
			"NothingToVerify",
			"PoolQueueFull",
			"ProofTooLong",
			"StillPending",
			"TooEarly",
			"TooManyForks",
			"TooManyOpenBlocks",
			"TooManyPendingBlocks",
			"TooManyUnverifiedBlocks",
			"TxListTooLong",
			"UnknownBlock",
			"UnknownProof",
			"WrongParent",
			"WrongTxList",
		];
		let events =
			["PaymentFailed", "PoolRefused", "ProofDisplaced", "ProofRemoved", "WindowRestarted"];
		let end = |name: &str| self.ends.get(name).copied().unwrap_or_default();
		let counts = ends
			.map(|name| (name, end(name), 30))
			.into_iter()
			.chain([("overtaken", end("overtaken"), 2)])
			.chain(refusals.map(|name| (name, self.refusals.get(name).copied().unwrap_or(0), 2)))
			.chain(events.map(|name| {
				let count = self.events.get(&format!("Event::{name}"));
				(name, count.copied().unwrap_or(0), 2)
			}))
			.chain(self.calls.iter().map(|(name, (accepted, _))| (*name, *accepted, 50)))
			.chain(self.calls.iter().map(|(name, (_, refused))| (*name, *refused, 50)));
		for (name, count, least) in counts {
			if count < least {
				return Err(format!("{name}: {count} times, not {least}"));
			}
		}
		if self.calls.len() == 6 {
			Ok(())
		} else {
			Err(format!("not all six calls: {:?}", self.calls.keys()))
		}
	}

	pub(super) fn note_events(&mut self, events: &[Event]) {
		for event in events {
			let shown = format!("{event:?}");
			let name = shown.split_whitespace().next().unwrap_or_default();
			*self.events.entry(name.into()).or_default() += 1;
		}
	}

	pub(super) fn note_end(&mut self, settled: &Settled) {
		let end = match settled.end {
			End::InTime => "in time",
			End::Late => "late",
			End::Rescued => "rescued",
			End::Overtaken => "overtaken",
			End::Open => "open",
			End::Skipped => "skipped",
		};
		*self.ends.entry(end).or_default() += 1;
		if settled.disputed {
			*self.ends.entry("disputed before").or_default() += 1;
		}
		let amounts = [settled.put_up, settled.paid, settled.returned, settled.forfeited];
		for (sum, amount) in self.money.iter_mut().zip(amounts) {
			*sum += amount;
		}
	}

	/// Adds another run.
	pub fn add(&mut self, other: &Self) {
		self.steps += other.steps;
		self.blocks += other.blocks;
		for (name, (accepted, refused)) in &other.calls {
			let sum = self.calls.entry(name).or_default();
			*sum = (sum.0 + accepted, sum.1 + refused);
		}
		for (name, count) in &other.refusals {
			*self.refusals.entry(name).or_default() += count;
		}
		for (name, count) in &other.ends {
			*self.ends.entry(name).or_default() += count;
		}
		for (name, count) in &other.events {
			*self.events.entry(name.clone()).or_default() += count;
		}
		for (sum, amount) in self.money.iter_mut().zip(other.money) {
			*sum += amount;
		}
	}
}

impl fmt::Display for Summary {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		writeln!(f, "{} steps, {} blocks", self.steps, self.blocks)?;
		writeln!(f, "calls (accepted, refused): {:?}", self.calls)?;
		writeln!(f, "refusals: {:?}", self.refusals)?;
		writeln!(f, "ends: {:?}", self.ends)?;
		writeln!(f, "events: {:?}", self.events)?;
		let [put_up, paid, returned, forfeited] = self.money;
		write!(f, "held {put_up} = paid {paid} + returned {returned} + forfeited {forfeited}")
	}
}
