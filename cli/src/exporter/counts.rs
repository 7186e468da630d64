//! What is counted in finalized blocks.

use crate::{
	chain::{
		api::{self, runtime_types::prover_pool_primitives::Fault},
		Balance, Config, Events,
	},
	Result,
};
use api::{block_proposal::events as rollup, prover_pool::events as pool};
use subxt::error::EventsError;

/// The reasons of slashes.
pub const FAULTS: [&str; 5] = ["late", "rescued", "removed_proof", "skipped", "other"];
/// How blocks of the rollup are settled: verified with a verdict, or given up.
pub const OUTCOMES: [&str; 6] = ["in_time", "failed", "rescued", "open", "skipped", "cancelled"];

/// What happened in a block.
#[derive(Debug, Default, Eq, PartialEq)]
pub struct Counts {
	/// The slashes: their reasons and their amounts.
	pub slashes: Vec<(&'static str, Balance)>,
	/// How blocks of the rollup were settled.
	pub outcomes: Vec<&'static str>,
	/// How many events this program cannot decode.
	pub undecoded: u64,
}

impl Counts {
	/// Counts the events of a block.
	pub fn of(all: &Events) -> Self {
		let mut counts = Self::default();
		for (index, event) in all.iter().enumerate() {
			let Ok(event) = event else {
				// Where the next one begins is not known either.
				counts.undecoded += u64::from(all.len()).saturating_sub(index as u64);
				break;
			};
			counts.undecoded += u64::from(counts.take(&event).is_err());
		}
		counts
	}

	fn take(&mut self, event: &subxt::events::Event<'_, Config>) -> Result<(), Box<EventsError>> {
		if let Some(slashed) = event.decode_fields_as::<pool::Slashed>() {
			let slashed = slashed?;
			self.slashes.push((name(&slashed.fault), slashed.amount));
		} else if let Some(verified) = event.decode_fields_as::<rollup::BlockVerified>() {
			self.outcomes.push(verified?.verdict.name());
		} else if let Some(skipped) = event.decode_fields_as::<rollup::BlockSkipped>() {
			skipped?;
			self.outcomes.push("skipped");
		} else if let Some(cancelled) = event.decode_fields_as::<rollup::BlockCancelled>() {
			cancelled?;
			self.outcomes.push("cancelled");
		}
		Ok(())
	}
}

fn name(fault: &Fault) -> &'static str {
	match fault {
		Fault::Late => "late",
		Fault::Rescued => "rescued",
		Fault::RemovedProof => "removed_proof",
		Fault::Skipped => "skipped",
		Fault::Other => "other",
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		chain::{offline, stored_event},
		compatibility::tests::replaced,
	};
	use subxt::ext::codec::{Compact, Encode};

	const METADATA: &[u8] = include_bytes!("../../metadata.scale");
	const WHO: [u8; 32] = [7; 32];

	/// Counts these events, as a runtime with this description has written them.
	fn counts(metadata: &[u8], events: &[Vec<u8>]) -> Counts {
		let all = [Compact(events.len() as u32).encode(), events.concat()].concat();
		Counts::of(&offline(metadata).events().from_bytes(all))
	}

	fn slashed(amount: u128, fault: u8) -> Vec<u8> {
		let fields = (1u64, WHO, amount, 0u128, amount, fault).encode();
		stored_event("ProverPool", "Slashed", fields)
	}

	fn verified(verdict: u8) -> Vec<u8> {
		let fields = (1u64, [9u8; 32], WHO, verdict, 5u128, 0u128, 0u128).encode();
		stored_event("BlockProposal", "BlockVerified", fields)
	}

	fn given_up(name: &str) -> Vec<u8> {
		stored_event("BlockProposal", name, (1u64, 5u128, 0u128).encode())
	}

	#[test]
	fn slashes_and_outcomes_are_counted_and_nothing_else() {
		let released = stored_event("ProverPool", "ProverReleased", (1u64, WHO).encode());
		let faults = (0..5).map(|fault| slashed(fault.into(), fault));
		let verdicts = (0..4).map(verified);
		let lost = [given_up("BlockSkipped"), given_up("BlockCancelled"), released];
		let all: Vec<_> = faults.chain(verdicts).chain(lost).collect();
		let slashes = FAULTS.into_iter().zip(0..).collect();
		let expected = Counts { slashes, outcomes: OUTCOMES.to_vec(), undecoded: 0 };
		assert_eq!(counts(METADATA, &all), expected);
		assert_eq!(counts(METADATA, &[]), Counts::default());
	}

	#[test]
	fn what_cannot_be_decoded_is_counted_as_that() {
		let two = [verified(0), given_up("BlockSkipped")];
		// A field has another name.
		let read = counts(&replaced("verdict", "verdikt"), &two);
		assert_eq!((read.outcomes, read.undecoded), (vec!["skipped"], 1));
		// Where an event of another layout ends is not known, so neither are those after it.
		let unknown = stored_event("BlockProposal", "BlockSkipped", vec![1, 2, 3]);
		let read = counts(METADATA, &[verified(0), unknown, verified(1)]);
		assert_eq!((read.outcomes, read.undecoded), (vec!["in_time"], 2));
	}
}
