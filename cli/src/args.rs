//! What the commands take.

use crate::{chain::BlockId, daemon::args::RunArgs, keys::KeyArgs, output::Format, submit::Wait};
use clap::{Args, Parser, Subcommand};
use std::{path::PathBuf, time::Duration};

/// Stake in a prover pool, propose and prove blocks of its rollup, and watch both.
///
/// Amounts are written in tokens, `1.5` or `1.5 UNIT`, or in base units, `1500 base`. Exit codes: 0 done,
/// 1 internal error, 2 wrong usage, 3 no connection, 4 refused by the chain, 5 submitted but not confirmed,
/// 6 no usable key, 7 the chain has another runtime, 8 answered no.
#[derive(Debug, Parser)]
#[command(name = "prover-pool", version, max_term_width = 100)]
pub struct Cli {
	/// What every command takes.
	#[command(flatten)]
	pub global: Global,
	/// What to do.
	#[command(subcommand)]
	pub command: Command,
}

/// What every command takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "General")]
pub struct Global {
	/// Nodes to ask: the first that answers is used. Several are separated by commas.
	#[arg(
		long,
		value_name = "URL",
		global = true,
		value_delimiter = ',',
		default_value = "ws://127.0.0.1:9944",
		env = "PROVER_POOL_URL",
		hide_env_values = true
	)]
	pub url: Vec<String>,

	/// Allow unencrypted connections to other machines.
	#[arg(long, global = true)]
	pub insecure: bool,

	/// The form of results.
	#[arg(long, short, value_name = "FORM", global = true, default_value = "table")]
	pub output: Format,

	/// Whose key signs.
	#[command(flatten)]
	pub key: KeyArgs,
}

impl Global {
	/// Whether programs read what is written.
	pub fn json(&self) -> bool {
		self.output == Format::Json
	}
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
	/// Where chain, pool and rollup stand.
	Status,
	/// The members of the pool.
	Provers,
	/// An account's side of the pool: its slot, its exit, its assignments.
	Staker(StakerArgs),
	/// What each member weighs in a draw.
	Weights(WeightsArgs),
	/// Enter the pool, or enter it anew on other terms.
	Stake(StakeArgs),
	/// Leave the pool: the stake is free after the exit period.
	Exit(SubmitArgs),
	/// Get back an exit that is free.
	Withdraw(SubmitArgs),
	/// Propose a block of the rollup.
	Propose(ProposeArgs),
	/// The blocks that wait for verification, or one of them.
	Blocks(BlocksArgs),
	/// Follow what happens in pool and rollup, until Ctrl-C.
	Watch(WatchArgs),
	/// Prove a block.
	Prove(ProveArgs),
	/// Prove every block that is assigned to the account of the key, until a signal ends it.
	Run(RunArgs),
	/// Write a completion script for a shell.
	Completions(CompletionsArgs),
}

impl Command {
	/// Whether it signs anything, and so needs a key.
	pub fn signs(&self) -> bool {
		use Command::*;
		match self {
			Stake(_) | Exit(_) | Withdraw(_) | Propose(_) => true,
			Prove(args) => !args.attestor.instance,
			_ => false,
		}
	}
}

/// How a transaction is submitted.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Transaction")]
pub struct SubmitArgs {
	/// Submit without asking.
	#[arg(long, short)]
	pub yes: bool,

	/// Try the call, show its fee, and submit nothing.
	#[arg(long, conflicts_with = "yes")]
	pub dry_run: bool,

	/// What to wait for.
	#[arg(long, value_name = "FOR", default_value = "in-block")]
	pub wait: Wait,

	/// For how many seconds to wait, for answers before it is submitted and for its block afterwards.
	#[arg(long, value_name = "SECONDS", default_value = "120", value_parser = clap::value_parser!(u64).range(1..=86_400))]
	pub timeout: u64,

	/// What to pay besides the fee, to go before other transactions that wait: `1000 base` or `0.001
	/// UNIT`. Like the fee, it is burnt.
	#[arg(long, value_name = "AMOUNT", default_value = "0")]
	pub tip: String,

	/// The nonce, to replace a transaction that waits by one with a higher tip; else the next one of the
	/// account.
	#[arg(long, value_name = "N")]
	pub nonce: Option<u64>,
}

impl SubmitArgs {
	/// For how long to wait.
	pub fn patience(&self) -> Duration {
		Duration::from_secs(self.timeout)
	}
}

/// Arguments of `staker`.
#[derive(Args, Debug)]
pub struct StakerArgs {
	/// The account; else that of the key.
	#[arg(value_name = "ACCOUNT")]
	pub account: Option<String>,
}

/// Arguments of `weights`.
#[derive(Args, Debug)]
pub struct WeightsArgs {
	/// The protocol's price per gas, in base units; else the present one.
	#[arg(long, value_name = "FEE")]
	pub fee: Option<u32>,
}

/// Arguments of `stake`.
#[derive(Args, Debug)]
pub struct StakeArgs {
	/// How much to stake: all of it, what is staked already included. What is exiting is used first.
	#[arg(value_name = "AMOUNT")]
	pub amount: String,

	/// The price asked, in base units per gas.
	#[arg(long, value_name = "PRICE", value_parser = clap::value_parser!(u32).range(1..))]
	pub price: u32,

	/// How many blocks may be assigned at once.
	#[arg(long, value_name = "BLOCKS", value_parser = clap::value_parser!(u32).range(1..))]
	pub capacity: u32,

	/// How it is submitted.
	#[command(flatten)]
	pub submit: SubmitArgs,
}

/// Arguments of `propose`.
#[derive(Args, Debug)]
pub struct ProposeArgs {
	/// A file with the transaction list, or `-` for standard input.
	#[arg(value_name = "FILE")]
	pub list: PathBuf,

	/// The most gas that the block may use.
	#[arg(long, value_name = "GAS")]
	pub gas_limit: u32,

	/// Who earns the rollup's fees in it; else the account of the key.
	#[arg(long, value_name = "ACCOUNT")]
	pub beneficiary: Option<String>,

	/// How it is submitted.
	#[command(flatten)]
	pub submit: SubmitArgs,
}

/// Arguments of `blocks`.
#[derive(Args, Debug)]
pub struct BlocksArgs {
	/// Show this block with its proofs.
	#[arg(value_name = "ID")]
	pub id: Option<BlockId>,
}

/// Arguments of `watch`.
#[derive(Args, Debug)]
pub struct WatchArgs {
	/// Follow finalized blocks instead of the best ones.
	#[arg(long)]
	pub finalized: bool,
}

/// Arguments of `prove`.
#[derive(Args, Debug)]
pub struct ProveArgs {
	/// The block.
	#[arg(value_name = "ID")]
	pub id: BlockId,

	/// The hash that its transaction list gives it on its parent.
	#[arg(long, value_name = "HASH", required_unless_present = "demo")]
	pub block_hash: Option<String>,

	/// The gas that it uses.
	#[arg(long, value_name = "GAS", required_unless_present = "demo")]
	pub gas_used: Option<u32>,

	/// Execute it as the demo rollup does, which executes nothing: the hash is that of parent and list,
	/// the gas used is the limit.
	#[arg(long, conflicts_with = "block_hash")]
	pub demo: bool,

	/// The hash of its parent; else what is proven or verified before it.
	#[arg(long, value_name = "HASH")]
	pub parent: Option<String>,

	/// The block that has this hash, unless it is the last verified one.
	#[arg(long, value_name = "ID", requires = "parent", default_value = "0")]
	pub parent_id: BlockId,

	/// Who is going to submit the proof, with --instance; else the account of the key.
	#[arg(long, value_name = "ACCOUNT", conflicts_with_all = ["attestor_suri_file", "attestor_dev", "proof_file"])]
	pub prover: Option<String>,

	/// Who vouches for it.
	#[command(flatten)]
	pub attestor: AttestorArgs,

	/// How it is submitted.
	#[command(flatten)]
	pub submit: SubmitArgs,
}

/// Where a proof comes from.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
#[command(next_help_heading = "Proof")]
pub struct AttestorArgs {
	/// A file with the SURI of a registered attestation key.
	#[arg(long, value_name = "FILE")]
	pub attestor_suri_file: Option<PathBuf>,

	/// The attestation key of development chains, which everybody knows.
	#[arg(long)]
	pub attestor_dev: bool,

	/// A file with a proof that was made elsewhere: its bytes, or `0x…`.
	#[arg(long, value_name = "FILE")]
	pub proof_file: Option<PathBuf>,

	/// Show what has to be proven, so that it can be proven elsewhere, and submit nothing.
	#[arg(long)]
	pub instance: bool,
}

/// Arguments of `completions`.
#[derive(Args, Debug)]
pub struct CompletionsArgs {
	/// The shell.
	#[arg(value_name = "SHELL")]
	pub shell: clap_complete::Shell,
}
