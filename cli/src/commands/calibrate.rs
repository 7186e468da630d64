//! `calibrate`: how fast a prover proves sample blocks, and what it takes. What it shows is in
//! [`calibration`](super::calibration).

use super::calibration::{AtOnce, Calibration, Measured, Window};
use crate::{
	advice::{largest_gas, provable, time_to_prove},
	amount::Token,
	args::{advice::CalibrateArgs, Global},
	chain::{api, AccountId, At},
	client::Client,
	output::{count, warn, Progress},
	prover::{instance_hash, memory::with_peak, states::StateStore, Prover, Statement},
	reads::rollup,
	samples::{most_transfers, samples, sizes, Sample},
	signals::interrupted,
	Error, Result,
};
use futures::future::try_join_all;
use prover_pool_rollup::GAS_PER_TRANSFER;
use std::{
	future::Future,
	time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::time::timeout;

/// The prover that the statements on samples name.
const PROVER: AccountId = AccountId([0; 32]);
/// More proofs at once are tried while each step proves at least this much more in the same time, in percent.
const WORTHWHILE: u64 = 110;

/// What limits blocks and proofs.
#[derive(Clone, Copy, Debug)]
struct Limits {
	gas: u32,
	list_size: u32,
	proof_size: u32,
	window: Option<Window>,
}

impl Limits {
	/// The demo chain's.
	const DEMO: Self =
		Self { gas: 8_000_000, list_size: 120 * 1_024, proof_size: 1_024, window: None };

	/// Reads the limits of the chain of the first node that answers, unless a window was given. Without a node,
	/// they are the demo chain's.
	async fn read(global: &Global, args: &CalibrateArgs, progress: &Progress) -> Result<Self> {
		let limits = match args.window {
			Some(seconds) => {
				let time = Duration::from_secs(seconds);
				let window = Some(Window { blocks: None, block_seconds: None, time });
				Self { window, ..Self::DEMO }
			},
			None => {
				progress.say("connecting …");
				let connected = Client::connect(&global.url, global.insecure).await;
				progress.clear();
				match connected {
					Ok(client) => Self::of_chain(&client.best().await?)?,
					Err(Error::Connection(reason)) => {
						warn(&format!(
							"limits are the demo chain's, and times are compared with no window unless --window names \
							 one: {reason}"
						));
						Self::DEMO
					},
					Err(other) => return Err(other),
				}
			},
		};
		Ok(Self { gas: args.gas_limit.unwrap_or(limits.gas), ..limits })
	}

	fn of_chain(at: &At) -> Result<Self> {
		let parameters = rollup::parameters(at)?;
		let block_time = at.constants().entry(api::constants().babe().expected_block_time())?;
		let (blocks, block_time) = (parameters.min_proof_window, Duration::from_millis(block_time));
		Ok(Self {
			gas: rollup::max_gas_limit(at)?,
			list_size: parameters.max_tx_list_size,
			proof_size: parameters.max_proof_size,
			window: Some(Window {
				blocks: Some(blocks),
				block_seconds: Some(block_time.as_secs_f64()),
				time: time_to_prove(blocks, block_time),
			}),
		})
	}
}

/// The time and the memory of an execution or a proof.
#[derive(Clone, Copy, Debug)]
struct Spent {
	time: Duration,
	memory: Option<u64>,
}

/// Measures and shows.
pub async fn run(global: Global, args: CalibrateArgs) -> Result<()> {
	// Commands have a process group of their own: they end when this future is dropped.
	tokio::select! {
		result = calibrate(&global, &args) => result,
		signal = interrupted() => {
			signal?;
			Err(Error::Internal("interrupted before all was measured".into()))
		},
	}
}

async fn calibrate(global: &Global, args: &CalibrateArgs) -> Result<()> {
	let folder = TempDir::with_prefix("prover-pool-")?;
	let prover = args.source.prover(StateStore::open(folder.path())?)?;
	let progress = Progress::new();
	let limits = Limits::read(global, args, &progress).await?;
	let most = most_transfers(limits.gas, limits.list_size);
	if most == 0 {
		return Err(Error::Usage(format!(
			"a block with a gas limit of {} has no room for a transfer, which takes {GAS_PER_TRANSFER}",
			limits.gas
		)));
	}
	progress.say("making sample blocks …");
	let samples = samples(sizes(most, args.samples), limits.gas)?;
	let calibration = Bench { args, prover, limits, progress: &progress }.run(&samples).await?;
	progress.clear();
	// No amount is shown.
	global.output.print(&calibration, &Token::new("UNIT", 0)?)
}

/// A prover that is measured.
struct Bench<'a> {
	args: &'a CalibrateArgs,
	prover: Prover,
	limits: Limits,
	progress: &'a Progress,
}

impl Bench<'_> {
	async fn run(&self, samples: &[Sample]) -> Result<Calibration> {
		let mut measured = Vec::new();
		for sample in samples {
			measured.push(self.measure(sample, samples.len()).await?);
		}
		let (Some(largest), Some(last)) = (samples.last(), measured.last()) else {
			return Err(Error::Internal("there is no sample block".into()));
		};
		let times: Vec<_> = measured.iter().map(|it| (it.gas_used, it.longest())).collect();
		let window = self.limits.window;
		let time = window.map(|window| window.time);
		let is_in_time = time.is_none_or(|time| last.longest() <= time);
		let at_once = match is_in_time {
			true => self.try_jobs(largest, last).await?,
			false => Vec::new(),
		};
		let best =
			best_jobs(&at_once, time.map(|time| time.saturating_sub(last.longest_execution)));
		let jobs = best.map_or(1, |best| best.jobs);
		let proof = best.map_or(last.longest_proof, |best| best.time);
		let proof_time = last.longest_execution.saturating_add(proof);
		Ok(Calibration {
			at_once,
			window,
			largest_gas: time.and_then(|time| largest_gas(&times, time)),
			largest_gas_twice: time.and_then(|time| largest_gas(&times, time / 2)),
			jobs,
			proof_time,
			capacity: time.map(|time| provable(jobs, proof_time, time)),
			samples: measured,
		})
	}

	/// Executes and proves a sample, several times.
	async fn measure(&self, sample: &Sample, of: usize) -> Result<Measured> {
		let (mut executions, mut proofs) = (Vec::new(), Vec::new());
		for run in 1..=self.args.repeats {
			self.progress.say(&format!(
				"sample block {} of {of} with {}: run {run} of {} …",
				sample.executed.block_id(),
				count(sample.transfers, "transfer", "transfers"),
				self.args.repeats
			));
			executions.push(spent(self.execute(sample)).await?);
			proofs.push(spent(self.prove(sample)).await?);
		}
		let memory = executions.iter().chain(&proofs).filter_map(|spent| spent.memory).max();
		let (execution, longest_execution) = median_and_longest(&executions);
		let (proof, longest_proof) = median_and_longest(&proofs);
		let gas_used = sample.executed.gas_used;
		Ok(Measured {
			transfers: sample.transfers,
			gas_used,
			execution,
			longest_execution,
			proof,
			longest_proof,
			memory,
			gas_per_second: rate(gas_used.into(), execution.saturating_add(proof)),
		})
	}

	/// Makes more and more proofs of a sample at once.
	async fn try_jobs(&self, sample: &Sample, alone: &Measured) -> Result<Vec<AtOnce>> {
		let gas = u64::from(sample.executed.gas_used);
		let (time, memory) = (alone.longest_proof, alone.memory);
		let mut tried = vec![AtOnce { jobs: 1, time, memory, gas_per_second: rate(gas, time) }];
		let mut last = tried[0];
		for jobs in numbers_of_jobs(self.args.most_jobs()) {
			let mut runs = Vec::new();
			for run in 1..=self.args.repeats {
				let repeats = self.args.repeats;
				self.progress.say(&format!("{jobs} proofs at once: run {run} of {repeats} …"));
				let proofs = (0..jobs).map(|_| self.prove(sample));
				runs.push(spent(try_join_all(proofs)).await?);
			}
			let (_, time) = median_and_longest(&runs);
			let memory = runs.iter().filter_map(|spent| spent.memory).max();
			let gas_per_second = rate(gas.saturating_mul(jobs.into()), time);
			let next = AtOnce { jobs, time, memory, gas_per_second };
			tried.push(next);
			if !is_worthwhile(&last, &next) {
				break;
			}
			last = next;
		}
		Ok(tried)
	}

	/// Executes a sample. Refused with another result than the rollup's.
	async fn execute(&self, sample: &Sample) -> Result<()> {
		let failed = |reason: &str| failed(sample, "executed", reason);
		let work = self.prover.execute(&sample.input);
		let answer = within(self.args.execution_limit(), work).await;
		let executed = answer
			.map_err(|reason| failed(&reason))?
			.ok_or_else(|| failed("the prover does not have the state of its parent"))?;
		if executed != sample.executed {
			return Err(failed(&format!(
				"the prover's result is {:?} with {} gas, the right one {:?} with {} gas",
				executed.block_hash,
				executed.gas_used,
				sample.executed.block_hash,
				sample.executed.gas_used
			)));
		}
		Ok(())
	}

	/// Proves a sample. Refused with a proof that has no length that the chain accepts.
	async fn prove(&self, sample: &Sample) -> Result<()> {
		let failed = |reason: &str| failed(sample, "proven", reason);
		let execution = sample.executed.execution();
		let (genesis_hash, proposal) = (sample.input.genesis_hash, &sample.input.step.proposal);
		let instance = instance_hash(genesis_hash, proposal, &execution, &PROVER);
		let blocks_left = self.limits.window.and_then(|window| window.blocks).unwrap_or(u32::MAX);
		let statement = Statement { execution, instance, prover: PROVER, blocks_left };
		let work = self.prover.prove(&sample.input, &statement);
		let proof = within(self.args.proving_limit(), work).await;
		let (length, most) =
			(proof.map_err(|reason| failed(&reason))?.len(), self.limits.proof_size);
		if length == 0 || length > most as usize {
			return Err(failed(&format!("the proof has {length} bytes, not 1 to {most}")));
		}
		Ok(())
	}
}

/// Returns the error of a sample on which the prover fails.
fn failed(sample: &Sample, what: &str, reason: &str) -> Error {
	Error::Internal(format!(
		"sample block {} with {} was not {what}: {reason}",
		sample.executed.block_id(),
		count(sample.transfers, "transfer", "transfers")
	))
}

async fn within<T>(
	limit: Duration,
	work: impl Future<Output = Result<T, String>>,
) -> Result<T, String> {
	let late = |_| Err(format!("it took longer than {} s", limit.as_secs()));
	timeout(limit, work).await.unwrap_or_else(late)
}

/// Runs this to its end. Returns the time and the memory that it took.
async fn spent<T>(work: impl Future<Output = Result<T>>) -> Result<Spent> {
	let start = Instant::now();
	let (result, memory) = with_peak(work).await;
	let time = start.elapsed();
	result.map(|_| Spent { time, memory })
}

/// Returns the numbers of proofs at once to try after one: 2, 4, 8 and so on.
fn numbers_of_jobs(most: u16) -> impl Iterator<Item = u32> {
	std::iter::successors(Some(2u32), |jobs| Some(jobs * 2))
		.take_while(move |jobs| *jobs <= u32::from(most))
}

fn is_worthwhile(last: &AtOnce, next: &AtOnce) -> bool {
	u128::from(next.gas_per_second) * 100
		>= u128::from(last.gas_per_second) * u128::from(WORTHWHILE)
}

/// Returns the number of proofs at once that proves most, of those that end in time. Of equal ones, the
/// smallest; the first one if none ends in time.
fn best_jobs(tried: &[AtOnce], time: Option<Duration>) -> Option<AtOnce> {
	let in_time = tried.iter().filter(|it| time.is_none_or(|time| it.time <= time));
	let best = in_time.reduce(|best, next| match is_worthwhile(best, next) {
		true => next,
		false => best,
	});
	best.or(tried.first()).copied()
}

/// Returns gas per second, rounded down.
pub(super) fn rate(gas: u64, time: Duration) -> u64 {
	let rate = u128::from(gas) * 1_000_000_000 / time.as_nanos().max(1);
	rate.try_into().unwrap_or(u64::MAX)
}

/// Returns the median of the times, the mean of the middle two of an even number, and the longest.
fn median_and_longest(runs: &[Spent]) -> (Duration, Duration) {
	let mut times: Vec<Duration> = runs.iter().map(|spent| spent.time).collect();
	times.sort_unstable();
	let at = |index: usize| times.get(index).copied().unwrap_or_default();
	let middle = times.len() / 2;
	let median = match times.len() % 2 {
		0 => at(middle.saturating_sub(1)).saturating_add(at(middle)) / 2,
		_ => at(middle),
	};
	(median, at(times.len().saturating_sub(1)))
}

#[cfg(test)]
mod tests {
	use super::*;

	fn millis(number: u64) -> Duration {
		Duration::from_millis(number)
	}

	fn at_once(jobs: u32, time: u64) -> AtOnce {
		let (time, gas) = (millis(time), u64::from(jobs) * 7_584_720);
		AtOnce { jobs, time, memory: None, gas_per_second: rate(gas, time) }
	}

	fn runs(times: &[u64]) -> Vec<Spent> {
		times.iter().map(|time| Spent { time: millis(*time), memory: None }).collect()
	}

	#[test]
	fn the_median_is_in_the_middle() {
		for (times, median, longest) in
			[(&[7][..], 7, 7), (&[9, 1, 2], 2, 9), (&[4, 1, 9, 2], 3, 9), (&[], 0, 0)]
		{
			assert_eq!(median_and_longest(&runs(times)), (millis(median), millis(longest)));
		}
	}

	#[test]
	fn more_proofs_at_once_have_to_prove_more() {
		let tried = [at_once(1, 8_000), at_once(2, 9_000), at_once(4, 17_000)];
		let best = |time: Option<u64>| best_jobs(&tried, time.map(millis)).map(|best| best.jobs);
		// Twice as many take nearly twice the time.
		assert_eq!((best(None), best(Some(9_000))), (Some(2), Some(2)));
		// Two are not in time; not even one.
		assert_eq!((best(Some(8_999)), best(Some(1))), (Some(1), Some(1)));
		assert!(best_jobs(&[], None).is_none());
		assert_eq!(numbers_of_jobs(1).count(), 0);
		assert_eq!(numbers_of_jobs(9).collect::<Vec<_>>(), [2, 4, 8]);
		assert_eq!((rate(10, millis(4_000)), rate(10, Duration::ZERO)), (2, 10_000_000_000));
	}
}
