//! What `run` takes.

use super::{fault::Faults, prover::Prover};
use crate::{keys::Signer, Result};
use clap::Args;
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// Arguments of `run`.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
	/// The folder for what must not be forgotten. Made if it is missing; for one prover on one chain.
	#[arg(
		long,
		value_name = "FOLDER",
		default_value = "prover-pool-state",
		env = "PROVER_POOL_STATE"
	)]
	pub state: PathBuf,

	/// Who makes the proofs.
	#[command(flatten)]
	pub source: ProverArgs,

	/// How many proofs are made at once.
	#[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..))]
	pub jobs: u16,

	/// After how many seconds a proof is given up and begun anew. Whatever this says, it is given up when
	/// it would be late.
	#[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
	pub proving_timeout: Option<u64>,

	/// So many blocks before its deadline a block is proven on what is there, though an earlier block has
	/// no proof yet. What proofs were seen to take is added.
	#[arg(long, value_name = "BLOCKS", default_value = "4", value_parser = clap::value_parser!(u32).range(1..))]
	pub reserve: u32,

	/// What to pay besides the fee, for each transaction, to come before others: needed where blocks are
	/// ever full. With its unit, such as `1000 base`.
	#[arg(long, value_name = "AMOUNT", default_value = "0")]
	pub tip: String,

	/// How high a tip may become. That of a proof which is sent and not included is doubled with every
	/// block, once the time left is no more than --reserve. Never, if not said.
	#[arg(long, value_name = "AMOUNT")]
	pub max_tip: Option<String>,

	/// Where metrics are served.
	#[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9616")]
	pub metrics: SocketAddr,

	/// Serve no metrics.
	#[arg(long)]
	pub no_metrics: bool,

	/// Crash at this step, for tests.
	#[cfg(feature = "fault-injection")]
	#[arg(long, value_name = "STEP", hide = true)]
	pub crash_at: Option<super::fault::Step>,
}

/// Who makes the proofs.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
#[command(next_help_heading = "Proof")]
pub struct ProverArgs {
	/// A file with the SURI of a registered attestation key: the demo rollup's proofs.
	#[arg(long, value_name = "FILE")]
	pub attestor_suri_file: Option<PathBuf>,

	/// The attestation key of development chains, which everybody knows.
	#[arg(long)]
	pub attestor_dev: bool,

	/// A command of the shell that reads what to prove from its standard input and writes the proof to
	/// its standard output, both as JSON (docs/operating.md).
	#[arg(long, value_name = "COMMAND")]
	pub prover_command: Option<String>,
}

impl RunArgs {
	/// Who makes the proofs.
	pub fn prover(&self) -> Result<Prover> {
		if let Some(command) = &self.source.prover_command {
			return Ok(Prover::Command(command.clone()));
		}
		let attestor = match &self.source.attestor_suri_file {
			Some(path) => Signer::from_suri_file(path)?,
			None => Signer::development("attestor")?,
		};
		Ok(Prover::Attestor(Box::new(attestor)))
	}

	/// Where metrics are served, if they are.
	pub fn metrics_address(&self) -> Option<SocketAddr> {
		(!self.no_metrics).then_some(self.metrics)
	}

	/// For how long a proof is made.
	pub fn limit(&self) -> Option<Duration> {
		self.proving_timeout.map(Duration::from_secs)
	}

	/// Where to crash.
	pub fn faults(&self) -> Faults {
		#[cfg(feature = "fault-injection")]
		return Faults::new(self.crash_at);
		#[cfg(not(feature = "fault-injection"))]
		Faults::default()
	}
}
