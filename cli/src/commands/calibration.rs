//! What `calibrate` shows.

use crate::{
	advice::RESERVE,
	amount::Token,
	output::{pairs, Align, Show, Table},
};
use serde::Serialize;
use std::time::Duration;

/// What was measured.
#[derive(Debug, Serialize)]
pub(super) struct Calibration {
	/// The samples, by rising gas.
	pub samples: Vec<Measured>,
	/// Proofs of the largest sample at once; none if the window has no time for it.
	pub at_once: Vec<AtOnce>,
	pub window: Option<Window>,
	/// The largest gas that is proven within the window.
	pub largest_gas: Option<u32>,
	/// The same with time for two attempts.
	pub largest_gas_twice: Option<u32>,
	/// The number of proofs at once that proves most.
	pub jobs: u32,
	/// The time of a proof of the largest sample with `jobs` proofs at once, and of its execution.
	#[serde(rename = "proof_seconds", serialize_with = "seconds")]
	pub proof_time: Duration,
	/// How many blocks are proven within the window if they are drawn at the same time.
	pub capacity: Option<u32>,
}

/// A sample block.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Measured {
	pub transfers: u32,
	pub gas_used: u32,
	/// The median of the times of its execution.
	#[serde(rename = "execution_seconds", serialize_with = "seconds")]
	pub execution: Duration,
	#[serde(rename = "longest_execution_seconds", serialize_with = "seconds")]
	pub longest_execution: Duration,
	/// The median of the times of its proof.
	#[serde(rename = "proof_seconds", serialize_with = "seconds")]
	pub proof: Duration,
	#[serde(rename = "longest_proof_seconds", serialize_with = "seconds")]
	pub longest_proof: Duration,
	/// The most memory of the command, in bytes.
	pub memory: Option<u64>,
	/// By the medians of execution and proof.
	pub gas_per_second: u64,
}

/// Proofs of one sample that are made at the same time.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct AtOnce {
	pub jobs: u32,
	/// The longest time until all were there.
	#[serde(rename = "seconds", serialize_with = "seconds")]
	pub time: Duration,
	/// The most memory of all of them, in bytes.
	pub memory: Option<u64>,
	/// By the longest time.
	pub gas_per_second: u64,
}

/// The shortest proof window.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Window {
	/// Its length in blocks of the chain; `None` if only the time was given.
	pub blocks: Option<u32>,
	/// The time of a block.
	pub block_seconds: Option<f64>,
	/// The time for the proof.
	#[serde(rename = "seconds", serialize_with = "seconds")]
	pub time: Duration,
}

impl Measured {
	/// Returns the longest time from the block to its proof, in bad luck.
	pub fn longest(&self) -> Duration {
		self.longest_execution.saturating_add(self.longest_proof)
	}
}

fn seconds<S: serde::Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
	to.serialize_f64(time.as_secs_f64())
}

/// Returns a time with three decimals.
fn in_seconds(time: Duration) -> String {
	format!("{:.3} s", time.as_secs_f64())
}

/// Returns a size in mebibytes, rounded up.
fn in_mebibytes(memory: Option<u64>) -> String {
	memory.map_or("-".into(), |bytes| format!("{} MiB", bytes.div_ceil(1 << 20)))
}

impl Calibration {
	fn samples_table(&self) -> String {
		let mut table = Table::new(&[
			("TRANSFERS", Align::Right),
			("GAS", Align::Right),
			("EXECUTION", Align::Right),
			("PROOF", Align::Right),
			("LONGEST", Align::Right),
			("MEMORY", Align::Right),
			("GAS PER SECOND", Align::Right),
		]);
		for sample in &self.samples {
			table.row([
				sample.transfers.to_string(),
				sample.gas_used.to_string(),
				in_seconds(sample.execution),
				in_seconds(sample.proof),
				in_seconds(sample.longest()),
				in_mebibytes(sample.memory),
				sample.gas_per_second.to_string(),
			]);
		}
		table.text("")
	}

	fn at_once_table(&self) -> Option<String> {
		let mut table = Table::new(&[
			("AT ONCE", Align::Right),
			("LONGEST", Align::Right),
			("MEMORY", Align::Right),
			("GAS PER SECOND", Align::Right),
		]);
		for it in &self.at_once {
			table.row([
				it.jobs.to_string(),
				in_seconds(it.time),
				in_mebibytes(it.memory),
				it.gas_per_second.to_string(),
			]);
		}
		(!self.at_once.is_empty()).then(|| table.text(""))
	}

	/// Returns the gas that is proven in time, in words.
	fn gas(&self, gas: Option<u32>) -> String {
		let gas_of = |sample: Option<&Measured>| sample.map_or(0, |sample| sample.gas_used);
		let largest = gas_of(self.samples.last());
		match gas {
			None => format!("less than {} gas", gas_of(self.samples.first())),
			Some(gas) if gas == largest => format!("{gas} gas, the largest block"),
			Some(gas) => format!("{gas} gas of {largest}"),
		}
	}

	fn result(&self) -> String {
		let proof = format!("{:.3}", self.proof_time.as_secs_f64());
		let advise = format!("prover-pool advise --proof-seconds {proof} --jobs {}", self.jobs);
		let (Some(window), Some(capacity)) = (self.window, self.capacity) else {
			return pairs(&[("Suggested", format!("--jobs {}", self.jobs)), ("Then", advise)]);
		};
		let mut length = in_seconds(window.time);
		if let (Some(blocks), Some(seconds)) = (window.blocks, window.block_seconds) {
			length += &format!(": {blocks} blocks of {seconds} s, without {RESERVE}");
		}
		let suggested = match capacity {
			0 => "do not stake: the largest block is late".into(),
			capacity => {
				format!("--jobs {}, and a capacity of up to {capacity} in the pool", self.jobs)
			},
		};
		pairs(&[
			("Window", length),
			("In time", self.gas(self.largest_gas)),
			("Twice", format!("{}, if the first proof fails", self.gas(self.largest_gas_twice))),
			("Suggested", suggested),
			("Then", advise),
		])
	}
}

impl Show for Calibration {
	fn text(&self, _: &Token) -> String {
		let parts = [Some(self.samples_table()), self.at_once_table(), Some(self.result())];
		parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		advice::{largest_gas, provable},
		commands::calibrate::rate,
	};
	use prover_pool_rollup::GAS_PER_TRANSFER;

	fn millis(number: u64) -> Duration {
		Duration::from_millis(number)
	}

	fn sample(transfers: u32, execution: u64, proof: u64) -> Measured {
		let (execution, proof) = (millis(execution), millis(proof));
		let gas_used = transfers * GAS_PER_TRANSFER;
		Measured {
			transfers,
			gas_used,
			execution,
			longest_execution: execution + millis(10),
			proof,
			longest_proof: proof + millis(200),
			memory: Some(120 << 20),
			gas_per_second: rate(gas_used.into(), execution + proof),
		}
	}

	fn at_once(jobs: u32, time: u64) -> AtOnce {
		let gas = u64::from(jobs) * u64::from(104 * GAS_PER_TRANSFER);
		let time = millis(time);
		let memory = Some(u64::from(jobs) * (120 << 20));
		AtOnce { jobs, time, memory, gas_per_second: rate(gas, time) }
	}

	/// Two samples, and 8 s for a proof of the larger one; 10 s for each of two at once.
	fn calibration(window: Option<Window>) -> Calibration {
		let proof_time = millis(10_030);
		let times = [(3_792_360, millis(4_220)), (7_584_720, millis(8_230))];
		let time = window.map(|window| window.time);
		Calibration {
			samples: vec![sample(52, 10, 4_000), sample(104, 20, 8_000)],
			at_once: vec![at_once(1, 8_200), at_once(2, 10_000), at_once(4, 20_000)],
			largest_gas: time.and_then(|time| largest_gas(&times, time)),
			largest_gas_twice: time.and_then(|time| largest_gas(&times, time / 2)),
			jobs: 2,
			proof_time,
			capacity: time.map(|time| provable(2, proof_time, time)),
			window,
		}
	}

	fn text(window: Option<Window>) -> String {
		calibration(window).text(&Token::new("UNIT", 0).unwrap())
	}

	#[test]
	fn a_calibration_is_shown_with_what_it_suggests() {
		let (blocks, block_seconds) = (Some(20), Some(6.0));
		let window = Window { blocks, block_seconds, time: millis(96_000) };
		let expected = "\
TRANSFERS      GAS  EXECUTION    PROOF  LONGEST   MEMORY  GAS PER SECOND
       52  3792360    0.010 s  4.000 s  4.220 s  120 MiB          945725
      104  7584720    0.020 s  8.000 s  8.230 s  120 MiB          945725

AT ONCE   LONGEST   MEMORY  GAS PER SECOND
      1   8.200 s  120 MiB          924965
      2  10.000 s  240 MiB         1516944
      4  20.000 s  480 MiB         1516944

Window     96.000 s: 20 blocks of 6 s, without 4
In time    7584720 gas, the largest block
Twice      7584720 gas, the largest block, if the first proof fails
Suggested  --jobs 2, and a capacity of up to 18 in the pool
Then       prover-pool advise --proof-seconds 10.030 --jobs 2";
		assert_eq!(text(Some(window)), expected);
		assert!(include_str!("../../README.md").contains(expected), "the page shows another text");
	}

	#[test]
	fn what_a_window_has_no_time_for_is_said() {
		let window = |time| Window { blocks: None, block_seconds: None, time: millis(time) };
		let result = |time| text(Some(window(time))).rsplit_once("\n\n").unwrap().1.to_string();
		let expected = "\
Window     6.000 s
In time    5475751 gas of 7584720
Twice      less than 3792360 gas, if the first proof fails
Suggested  do not stake: the largest block is late
Then       prover-pool advise --proof-seconds 10.030 --jobs 2";
		assert_eq!(result(6_000), expected);
		assert!(result(4_000).contains("\nIn time    less than 3792360 gas\n"));
		let without = text(None).rsplit_once("\n\n").unwrap().1.to_string();
		let expected = "\
Suggested  --jobs 2
Then       prover-pool advise --proof-seconds 10.030 --jobs 2";
		assert_eq!(without, expected);
	}

	#[test]
	fn memory_that_was_not_seen_is_not_shown() {
		let shown = [None, Some(1), Some(1 << 20), Some((1 << 20) + 1)].map(in_mebibytes);
		assert_eq!(shown, ["-", "1 MiB", "1 MiB", "2 MiB"].map(String::from));
	}

	#[test]
	fn times_are_seconds_in_json() {
		let json = serde_json::to_value(calibration(None)).unwrap();
		let sample = &json["samples"][1];
		assert_eq!(
			(&sample["proof_seconds"], &sample["memory"]),
			(&8.0.into(), &(120 << 20).into())
		);
		assert_eq!((&json["proof_seconds"], &json["jobs"]), (&10.03.into(), &2.into()));
		assert_eq!((&json["capacity"], &json["window"]), (&().into(), &().into()));
		let window = Window { blocks: None, block_seconds: None, time: millis(6_000) };
		let json = serde_json::to_value(calibration(Some(window))).unwrap();
		assert_eq!((&json["window"]["seconds"], &json["capacity"]), (&6.0.into(), &0.into()));
	}
}
