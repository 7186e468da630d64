//! The arguments of `run`.

use crate::{
	keys::Signer,
	prover::{states::StateStore, Prover},
	Result,
};
use clap::{ArgGroup, Args};
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// Arguments of `run`.
#[derive(Args, Clone, Debug)]
#[command(group(ArgGroup::new("run_source").required(true).args(SourceArgs::IDS)))]
pub struct RunArgs {
	/// Prove for this account: it has named the key as its proxy. The key signs and pays fees. Default: the
	/// account of the key.
	#[arg(long = "for", value_name = "ACCOUNT")]
	pub account: Option<String>,

	/// The directory of the state, for one prover on one chain. Created if it is missing.
	#[arg(
		long,
		value_name = "DIRECTORY",
		default_value = "prover-pool-state",
		env = "PROVER_POOL_STATE"
	)]
	pub state: PathBuf,

	/// Make up to this many proofs at once.
	#[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..))]
	pub jobs: u16,

	/// Restart a proof after this time. Default: no limit. A proof that would be late is always
	/// abandoned.
	#[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
	pub proving_timeout: Option<u64>,

	/// Restart the execution of a block after this time.
	#[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u64).range(1..))]
	pub execution_timeout: u64,

	/// Which blocks to prove that others should have proven, or that nobody has to prove. Each needs
	/// a bond. Unless it is `off`, blocks that nobody can prove are skipped in the end, and requests
	/// that are not drawn are opened.
	#[arg(long, value_name = "WHICH", default_value = "profitable")]
	pub rescue: RescueMode,

	/// The reward for which a proof is worth making, in base units per gas. Default: the price that
	/// the account asks in the pool.
	#[arg(long, value_name = "PRICE")]
	pub proof_cost: Option<u32>,

	/// Rebuild the rollup's state from this node, which has all states and bodies. Separate several
	/// with commas. Default: the node in use.
	#[arg(long, value_name = "URL", value_delimiter = ',')]
	pub archive_url: Vec<String>,

	/// Raise tips once this many blocks are left until the deadline: see --max-tip.
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

	/// The source of executions and proofs.
	#[command(flatten)]
	pub source: SourceArgs,

	/// Crash at this step, for tests.
	#[cfg(feature = "fault-injection")]
	#[arg(long, value_name = "STEP", hide = true)]
	pub crash_at: Option<crate::fault::Step>,
}

/// The source of executions and proofs.
#[derive(Args, Clone, Debug)]
#[group(skip)]
#[command(next_help_heading = "Proof")]
pub struct SourceArgs {
	/// Execute the demo rollup, and attest with the registered key whose SURI is in this file.
	#[arg(long, value_name = "FILE")]
	pub attestor_suri_file: Option<PathBuf>,

	/// Execute the demo rollup, and attest with the public attestation key of development chains.
	#[arg(long)]
	pub attestor_dev: bool,

	/// Run this shell command for each execution and each proof. It reads the request from its
	/// standard input and writes the answer to its standard output, both as JSON
	/// (docs/operating.md).
	#[arg(long, value_name = "COMMAND")]
	pub prover_command: Option<String>,
}

impl SourceArgs {
	/// The arguments, of which a command takes one.
	pub const IDS: [&'static str; 3] = ["attestor_suri_file", "attestor_dev", "prover_command"];

	/// Returns the source, which keeps states in this directory. Without an argument it executes the
	/// demo rollup, and proves nothing.
	pub fn prover(&self, states: StateStore) -> Result<Prover> {
		if let Some(command) = &self.prover_command {
			return Ok(Prover::Command { command: command.clone(), states });
		}
		let attestor = match &self.attestor_suri_file {
			Some(path) => Some(Signer::from_suri_file(path)?),
			None if self.attestor_dev => Some(Signer::development("attestor")?),
			None => None,
		};
		Ok(Prover::demo(attestor, states))
	}
}

/// Which blocks of others are proven.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub enum RescueMode {
	/// Those that pay at least --proof-cost, and one whose skip would take the pay for others.
	#[default]
	Profitable,
	/// All, whatever they pay.
	Always,
	/// None.
	Off,
}

impl RunArgs {
	/// Returns the address of the metrics server, if there is one.
	pub fn metrics_address(&self) -> Option<SocketAddr> {
		(!self.no_metrics).then_some(self.metrics)
	}

	/// Returns the time limit of a proof.
	pub fn proving_limit(&self) -> Option<Duration> {
		self.proving_timeout.map(Duration::from_secs)
	}

	/// Returns the time limit of an execution.
	pub fn execution_limit(&self) -> Duration {
		Duration::from_secs(self.execution_timeout)
	}
}
