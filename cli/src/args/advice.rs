//! The arguments of `calibrate` and `advise`.

use super::run::SourceArgs;
use clap::{ArgGroup, Args};
use std::{num::NonZero, thread::available_parallelism, time::Duration};

/// The highest number that [`positive`] accepts.
const MOST: f64 = 1e12;

/// Arguments of `calibrate`.
#[derive(Args, Clone, Debug)]
#[command(group(ArgGroup::new("calibrate_source").required(true).args(SourceArgs::IDS)))]
pub struct CalibrateArgs {
	/// The time that a proof may take. With it, no node is asked, and the limits are those of the demo
	/// chain. Default: the chain's shortest proof window, less four blocks to see the draw and to be
	/// included.
	#[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
	pub window: Option<u64>,

	/// The gas limit of the sample blocks. Default: the highest that the chain accepts.
	#[arg(long, value_name = "GAS", value_parser = clap::value_parser!(u32).range(1..))]
	pub gas_limit: Option<u32>,

	/// Measure this number of sample blocks, of evenly rising size.
	#[arg(long, value_name = "N", default_value = "4", value_parser = clap::value_parser!(u16).range(1..=32))]
	pub samples: u16,

	/// Execute and prove each sample block this number of times.
	#[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u16).range(1..=1000))]
	pub repeats: u16,

	/// Try 2, 4, 8 proofs at once and so on, up to this number, as long as that proves more in the same
	/// time. Default: the number of processors.
	#[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
	pub jobs: Option<u16>,

	/// End if a proof takes longer than this.
	#[arg(long, value_name = "SECONDS", default_value = "600", value_parser = clap::value_parser!(u64).range(1..))]
	pub proving_timeout: u64,

	/// End if an execution takes longer than this.
	#[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u64).range(1..))]
	pub execution_timeout: u64,

	/// The source of executions and proofs.
	#[command(flatten)]
	pub source: SourceArgs,
}

impl CalibrateArgs {
	/// Returns the most proofs to try at once.
	pub fn most_jobs(&self) -> u16 {
		let processors = || available_parallelism().map_or(1, NonZero::get);
		self.jobs.unwrap_or_else(|| processors().try_into().unwrap_or(u16::MAX))
	}

	/// Returns the time limit of a proof.
	pub fn proving_limit(&self) -> Duration {
		Duration::from_secs(self.proving_timeout)
	}

	/// Returns the time limit of an execution.
	pub fn execution_limit(&self) -> Duration {
		Duration::from_secs(self.execution_timeout)
	}
}

/// Arguments of `advise`.
#[derive(Args, Clone, Debug)]
pub struct AdviseArgs {
	/// The account that would make the offer. If it is a member, the offer replaces its present one. Default:
	/// that of the key, if there is one.
	#[arg(value_name = "ACCOUNT")]
	pub account: Option<String>,

	/// The stake. Default: the present one of the account.
	#[arg(long, value_name = "AMOUNT")]
	pub stake: Option<String>,

	/// The protocol's price, in base units per gas. Default: the present one.
	#[arg(long, value_name = "FEE", value_parser = clap::value_parser!(u32).range(1..))]
	pub fee: Option<u32>,

	/// What a proof costs, in base units per gas, base gas included: the price that just pays for it.
	#[arg(long, value_name = "PRICE", default_value = "0")]
	pub proof_cost: u32,

	/// The time from a draw to the proof of a full block, as `calibrate` shows it. Default: unknown.
	#[arg(long, value_name = "SECONDS", value_parser = positive, conflicts_with = "gas_per_second")]
	pub proof_seconds: Option<f64>,

	/// The same as a rate, in proving gas per second.
	#[arg(long, value_name = "GAS", value_parser = positive)]
	pub gas_per_second: Option<f64>,

	/// How many proofs are made at once in that time.
	#[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..))]
	pub jobs: u16,

	/// The gas that a block uses. Default: the highest gas limit.
	#[arg(long, value_name = "GAS")]
	pub gas: Option<u32>,

	/// How many blocks are proposed a day. Default: as in the last --blocks.
	#[arg(long, value_name = "N", value_parser = positive)]
	pub proposals_per_day: Option<f64>,

	/// Count the proposals in this number of the chain's last blocks.
	#[arg(long, value_name = "N", default_value = "200", value_parser = clap::value_parser!(u64).range(1..))]
	pub blocks: u64,

	/// The fee of a transaction with a proof, which a proxy pays. Default: 0, as an accepted proof pays none.
	#[arg(long, value_name = "AMOUNT")]
	pub transaction_fee: Option<String>,
}

/// Parses a number above 0.
fn positive(text: &str) -> Result<f64, String> {
	match text.parse() {
		Ok(number) if number > 0.0 && number <= MOST => Ok(number),
		_ => Err("it is not a number above 0, of at most 10^12".into()),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn rates_are_above_0_and_not_endless() {
		for (text, number) in [("0.5", 0.5), ("1e3", 1_000.0), ("1e12", 1e12)] {
			assert_eq!(positive(text), Ok(number));
		}
		for text in ["0", "-1", "1e13", "inf", "NaN", "", "ten"] {
			assert!(positive(text).is_err(), "{text}");
		}
	}
}
