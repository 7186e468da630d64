//! The pool beside its model.
//!
//! [`run`] makes a chain and a model, does the same things to both and compares everything they
//! show after each: results with the names of errors, events, slots, records, the ledger, the queue,
//! weights, balances, what the protocol and `OnSlash` were given. The one thing taken from the pool
//! is whom it has drawn; that this is in proportion is tested elsewhere.

mod draws;
mod lockstep;
mod model;
mod runtime;
mod shown;
mod tokens;
mod words;

use core::fmt;
use std::collections::BTreeMap;

use codec::{Decode, Encode};

pub use lockstep::run;

/// Something that happens to the pool: plain numbers, all of which mean something, so that a fuzzer
/// wastes nothing. The names of accounts are indices, ids are chosen from those that exist, sums may be
/// relative to a balance: see the constants here.
#[derive(Clone, Debug, Decode, Encode, PartialEq)]
pub enum Step {
	/// R1, by a prover, with a sum of a kind.
	Stake {
		/// Index of a prover.
		who: u8,
		/// The kind of the amount: see [`kind`].
		kind: u8,
		/// The amount, if the kind asks for one.
		amount: u64,
		/// The price.
		price: u32,
		/// The capacity.
		capacity: u16,
	},
	/// R2.
	Exit {
		/// Index of a prover.
		who: u8,
	},
	/// R3.
	Withdraw {
		/// Index of a prover.
		who: u8,
	},
	/// R4.
	Request {
		/// Who asks: see [`caller`].
		caller: u8,
		/// Which block: a new one below 240, else one that is known.
		id: u8,
		/// The fee.
		fee: u32,
	},
	/// R6.
	Release {
		/// Who calls: see [`caller`].
		caller: u8,
		/// Which block: an assigned one below 240, else one that is pending or unknown.
		id: u8,
	},
	/// R7.
	Slash {
		/// Who calls: see [`caller`].
		caller: u8,
		/// Which block, as in [`Step::Release`].
		id: u8,
		/// The kind of the proof's reward: see [`kind`].
		kind: u8,
		/// The proof's reward, if the kind asks for one.
		reward: u64,
		/// Index of the reporter; nobody from 8 on.
		reporter: u8,
		/// What the reporter gets at most.
		most: u32,
	},
	/// R8.
	Discharge {
		/// Who calls: see [`caller`].
		caller: u8,
		/// Which block, as in [`Step::Release`].
		id: u8,
	},
	/// Blocks pass, at most four.
	Blocks {
		/// How many more than one.
		more: u8,
	},
	/// The clock of periods goes on.
	Advance {
		/// By how much.
		by: u32,
	},
	/// The clock of periods goes on to where something changes for an account, if that is to come.
	AdvanceTo {
		/// Index of a prover.
		who: u8,
		/// What changes: its exit matures, its delay ends, its oldest duty is overdue.
		edge: u8,
		/// 0: the last moment before, 1: the first after.
		after: u8,
	},
	/// A parameter changes.
	Parameter {
		/// Which, in the order of the struct.
		which: u8,
		/// To which value, within its bounds.
		value: u32,
	},
	/// The source of seeds changes.
	Seed {
		/// What seeds are made of; none with 0.
		seed: u8,
		/// How old a seed is; 255: as old as the parent block.
		age: u8,
	},
	/// The protocol calls back when it hears of a draw, or does not.
	CallBack {
		/// Does, if odd.
		on: u8,
	},
	/// What is slashed goes elsewhere.
	SlashesTo {
		/// Index of an account; burned from 8 on.
		to: u8,
	},
	/// A multi-block migration begins or ends.
	Migrate {
		/// Begins, if odd.
		on: u8,
	},
	/// Tokens are sent.
	Transfer {
		/// Index of an account.
		from: u8,
		/// Index of an account.
		to: u8,
		/// The kind of the sum: see [`kind`].
		kind: u8,
		/// The sum, if the kind asks for one.
		amount: u32,
	},
	/// Another pallet freezes tokens.
	Freeze {
		/// Index of an account.
		who: u8,
		/// How many; 0 thaws.
		amount: u32,
	},
}

/// Kinds of sums.
pub mod kind {
	/// As much as just decides, give or take what the number leaves modulo 4: a stake as large as the
	/// smallest must be outbid with, a reward for which a slash leaves what must be left.
	pub const EDGE: u8 = 4;
	/// What can be transferred, or put on hold, less what the number leaves modulo [`REST`].
	pub const ALL: u8 = 5;
	/// How little may be left of all.
	pub const REST: u64 = 16;
	/// What is on its way out, less the same.
	pub const EXIT: u8 = 6;
	/// The number, times 2⁶⁴.
	pub const HUGE: u8 = 7;
	/// The number itself: every kind that is nothing else.
	pub const PLAIN: u8 = 0;
	/// How many there are.
	pub const COUNT: u8 = 8;
}

/// Who calls the protocol's side.
pub mod caller {
	/// The hook trait: what is nothing else.
	pub const HOOK: u8 = 0;
	/// `ProtocolOrigin`.
	pub const ORIGIN: u8 = 4;
	/// The prover of the block itself.
	pub const OWN: u8 = 6;
	/// A prover, whose index is the rest.
	pub const SOMEBODY: u8 = 7;
	/// How many there are.
	pub const COUNT: u8 = 8;
}

/// What a run has seen.
#[derive(Clone, Debug, Default)]
pub struct Summary {
	/// How many steps there were.
	pub steps: u64,
	/// How often each call had each result, the name of an error or [`Summary::OK`]; and how often there
	/// was each event.
	pub results: BTreeMap<(&'static str, &'static str), u64>,
}

impl Summary {
	/// The result of what is not refused.
	pub const OK: &'static str = "ok";

	/// How often `call` was accepted.
	pub fn accepted(&self, call: &'static str) -> u64 {
		self.results.get(&(call, Self::OK)).copied().unwrap_or_default()
	}

	/// How often `call` was refused.
	pub fn refused(&self, call: &'static str) -> u64 {
		let refused =
			|((name, result), _): &(&(&str, &str), &u64)| *name == call && *result != Self::OK;
		self.results.iter().filter(refused).map(|(_, times)| times).sum()
	}

	/// Adds what another run has seen.
	pub fn add(&mut self, other: Self) {
		self.steps += other.steps;
		for (key, times) in other.results {
			*self.results.entry(key).or_default() += times;
		}
	}

	fn count(&mut self, call: &'static str, result: &'static str) {
		*self.results.entry((call, result)).or_default() += 1;
	}
}

impl fmt::Display for Summary {
	fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(out, "{} steps", self.steps)?;
		let mut last = "";
		for ((call, result), times) in &self.results {
			if *call != last {
				write!(out, "\n{call}:")?;
				last = call;
			}
			write!(out, " {result} {times},")?;
		}
		Ok(())
	}
}
