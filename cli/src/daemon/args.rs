//! The arguments of `run`.

use super::{fault::Faults, prover::Prover};
use crate::{keys::Signer, Result};
use clap::Args;
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// Arguments of `run`.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
	/// The directory of the state, for one prover on one chain. Created if it is missing.
	#[arg(
		long,
		value_name = "DIRECTORY",
		default_value = "prover-pool-state",
		env = "PROVER_POOL_STATE"
	)]
	pub state: PathBuf,

	/// The source of proofs.
	#[command(flatten)]
	pub source: ProverArgs,

	/// Make up to this many proofs at once.
	#[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..))]
	pub jobs: u16,

	/// Restart a proof after this time. Default: no limit. A proof that would be late is always
	/// abandoned.
	#[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
	pub proving_timeout: Option<u64>,

	/// Start proving this many blocks before the deadline even if the parent has no proof yet. The
	/// proving time observed so far is added.
	#[arg(long, value_name = "BLOCKS", default_value = "4", value_parser = clap::value_parser!(u32).range(1..))]
	pub reserve: u32,

	/// Pay this tip on top of each fee, for priority on a congested chain. With its unit, such as
	/// `1000 base`.
	#[arg(long, value_name = "AMOUNT", default_value = "0")]
	pub tip: String,

	/// Raise tips up to this amount: once the time left is no more than --reserve, the tip of a
	/// proof that is not included doubles with every block. Default: never.
	#[arg(long, value_name = "AMOUNT")]
	pub max_tip: Option<String>,

	/// Serve metrics at this address.
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

/// The source of proofs.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
#[command(next_help_heading = "Proof")]
pub struct ProverArgs {
	/// Make the demo rollup's proofs: attest with the registered key whose SURI is in this file.
	#[arg(long, value_name = "FILE")]
	pub attestor_suri_file: Option<PathBuf>,

	/// Attest with the public attestation key of development chains.
	#[arg(long)]
	pub attestor_dev: bool,

	/// Run this shell command for each proof. It reads the request from its standard input and
	/// writes the proof to its standard output, both as JSON (docs/operating.md).
	#[arg(long, value_name = "COMMAND")]
	pub prover_command: Option<String>,
}

impl RunArgs {
	/// Returns the source of proofs.
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

	/// Returns the address of the metrics server, if there is one.
	pub fn metrics_address(&self) -> Option<SocketAddr> {
		(!self.no_metrics).then_some(self.metrics)
	}

	/// Returns the time limit of a proof.
	pub fn limit(&self) -> Option<Duration> {
		self.proving_timeout.map(Duration::from_secs)
	}

	/// Returns the step at which to crash.
	pub fn faults(&self) -> Faults {
		#[cfg(feature = "fault-injection")]
		return Faults::new(self.crash_at);
		#[cfg(not(feature = "fault-injection"))]
		Faults::default()
	}
}
