//! The arguments of the commands: those of the protocol in [`protocol`], those of the daemon in
//! [`run`], those of `exporter` in [`exporter`], those of `calibrate` and `advise` in [`advice`], those of the history in
//! [`history`].

pub mod advice;
pub mod exporter;
pub mod history;
pub mod protocol;
pub mod run;

use crate::{chain::BlockId, keys::KeyArgs, output::Format, submit::Wait};
use advice::{AdviseArgs, CalibrateArgs};
use clap::{Args, Parser, Subcommand};
use exporter::ExporterArgs;
use history::{DashboardArgs, HistoryArgs, IndexArgs, WhyArgs};
use protocol::{
	BlocksArgs, ClearArgs, DisputeArgs, ProposeArgs, ProtocolCommand, ProveArgs, VerifyArgs,
};
use run::RunArgs;
use std::{path::PathBuf, time::Duration};

/// Stake in a prover pool, propose and prove blocks of its rollup, and watch both.
///
/// Amounts are in tokens, `1.5` or `1.5 UNIT`, or in base units, `1500 base`. Exit codes: 0
/// success, 1 internal error, 2 wrong usage, 3 no connection, 4 refused by the chain, 5 submitted
/// but not confirmed, 6 no usable key, 7 the chain has another runtime, 8 declined at the prompt.
#[derive(Debug, Parser)]
#[command(name = "prover-pool", version, max_term_width = 100)]
pub struct Cli {
	/// The options of every command.
	#[command(flatten)]
	pub global: Global,
	/// The command.
	#[command(subcommand)]
	pub command: Command,
}

/// The options of every command.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "General")]
pub struct Global {
	/// Use the first of these nodes that answers. Separate several with commas.
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

	/// The output format.
	#[arg(long, short, value_name = "FORMAT", global = true, default_value = "table")]
	pub output: Format,

	/// The key that signs.
	#[command(flatten)]
	pub key: KeyArgs,
}

impl Global {
	/// Returns whether the output is JSON.
	pub fn json(&self) -> bool {
		self.output == Format::Json
	}
}

/// The commands.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
	/// Show chain, pool and rollup at a glance.
	Status,
	/// Show the live parameters of the pool.
	Parameters,
	/// List the members of the pool.
	Provers,
	/// Show an account's record in the pool: its slot, exits, assignments.
	Staker(StakerArgs),
	/// Show the weight of each member in a draw.
	Weights(WeightsArgs),
	/// Show the share that an offer would have in draws.
	Odds(OddsArgs),
	/// Measure the time and the memory that proofs of sample blocks take: what a machine can offer.
	Calibrate(CalibrateArgs),
	/// Show prices and capacities that a stake can offer, with the odds and the income of each.
	Advise(AdviseArgs),
	/// Enter the pool, or enter it again with a new offer.
	Stake(StakeArgs),
	/// Leave the pool. The stake can be withdrawn after the exit period.
	Exit(SubmitArgs),
	/// Pay out free exits. With --for, those of any account to that account, which needs no proxy.
	Withdraw(SubmitArgs),
	/// Add free tokens to the stake.
	StakeExtra(AmountArgs),
	/// Turn a part of the stake into an exit.
	Unstake(AmountArgs),
	/// Turn an exit back into stake.
	Restake(RestakeArgs),
	/// Change price, capacity, or both.
	Terms(TermsArgs),
	/// Pause: keep the slot and the duties, and leave draws.
	Pause(SubmitArgs),
	/// Return to draws after a pause or a suspension.
	Resume(SubmitArgs),
	/// Close an old assignment of the account without a slash.
	Discharge(BlockCallArgs),
	/// Take the tokens of a deferred slash that is due.
	ApplySlash(BlockCallArgs),
	/// Cancel a deferred slash that is not due. Governance only.
	CancelSlash(CancelArgs),
	/// Propose a block of the rollup.
	Propose(ProposeArgs),
	/// List the unverified blocks, or show one of them.
	Blocks(BlocksArgs),
	/// Follow the events of pool and rollup until Ctrl-C.
	Watch(WatchArgs),
	/// Prove a block.
	Prove(ProveArgs),
	/// Verify the blocks whose claims have waited long enough.
	Verify(VerifyArgs),
	/// Cancel the draw of a block that was not drawn in time, and open the block.
	Expire(BlockCallArgs),
	/// Give up the next block to verify, which nobody has proven, and cancel all behind it.
	Skip(BlockCallArgs),
	/// Remove what is left of the claims on a settled block.
	ClearClaims(ClearArgs),
	/// Remove a wrong claim. Governance only.
	Dispute(DisputeArgs),
	/// Pause, reset or start the protocol. Governance only.
	#[command(subcommand)]
	Protocol(ProtocolCommand),
	/// Prove every block that is assigned to the account, and what others left unproven, until a
	/// signal ends it.
	Run(RunArgs),
	/// Serve metrics of the chain for Prometheus, until a signal ends it. Needs no key.
	Exporter(ExporterArgs),
	/// Keep a history of the chain in a file, until a signal ends it.
	Index(IndexArgs),
	/// Show what happened, from a history. Needs no node.
	History(HistoryArgs),
	/// Show what happened to a block of the rollup and to its money, in words, from a history. Needs no node.
	Why(WhyArgs),
	/// Serve the page of the pool to browsers, with a history if there is a file for it.
	Dashboard(DashboardArgs),
	/// Compare this program with a runtime: the present one, or one that is not enacted yet.
	Check(CheckArgs),
	/// Write a completion script for a shell.
	Completions(CompletionsArgs),
}

impl Command {
	/// Returns how the command submits its transaction; `None` if it has none.
	pub fn submit(&self) -> Option<&SubmitArgs> {
		use Command::*;
		match self {
			Status | Parameters | Provers | Staker(_) | Weights(_) | Odds(_) | Blocks(_) => None,
			Calibrate(_) | Advise(_) | Watch(_) | Run(_) | Check(_) | Completions(_) => None,
			Exporter(_) | Index(_) | History(_) | Why(_) | Dashboard(_) => None,
			Prove(args) => (!args.source.instance).then_some(&args.submit),
			Exit(submit) | Withdraw(submit) | Pause(submit) | Resume(submit) => Some(submit),
			Stake(args) => Some(&args.submit),
			StakeExtra(args) | Unstake(args) => Some(&args.submit),
			Restake(args) => Some(&args.submit),
			Terms(args) => Some(&args.submit),
			Propose(args) => Some(&args.submit),
			Discharge(args) | ApplySlash(args) | Expire(args) | Skip(args) => Some(&args.submit),
			CancelSlash(args) => Some(&args.call.submit),
			Verify(args) => Some(&args.submit),
			ClearClaims(args) => Some(&args.submit),
			Dispute(args) => Some(&args.call.submit),
			Protocol(command) => Some(&command.call().submit),
		}
	}

	/// Returns whether the command signs anything, so needs a key.
	pub fn signs(&self) -> bool {
		self.submit().is_some()
	}
}

/// How a transaction is submitted.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Transaction")]
pub struct SubmitArgs {
	/// Act for this account: it has named the key as its proxy. The key signs and pays the fee. Default: the
	/// account of the key.
	#[arg(long = "for", value_name = "ACCOUNT")]
	pub account: Option<String>,

	/// Submit without asking.
	#[arg(long, short)]
	pub yes: bool,

	/// Try the call, show its effect and its fee, and submit nothing.
	#[arg(long, conflicts_with = "yes")]
	pub dry_run: bool,

	/// Wait for inclusion or for finality.
	#[arg(long, value_name = "FOR", default_value = "in-block")]
	pub wait: Wait,

	/// Wait at most this long: for answers before the submission, and for the block after it. Before that, the
	/// connection to each node may take 10 seconds.
	#[arg(long, value_name = "SECONDS", default_value = "120", value_parser = clap::value_parser!(u64).range(1..=86_400))]
	pub timeout: u64,

	/// Pay this tip on top of the fee, for priority: `1000 base` or `0.001 UNIT`. The author of the
	/// block gets both.
	#[arg(long, value_name = "AMOUNT", default_value = "0")]
	pub tip: String,

	/// Use this nonce, to replace a waiting transaction by one with a higher tip. Default: the next
	/// one.
	#[arg(long, value_name = "N")]
	pub nonce: Option<u64>,
}

impl SubmitArgs {
	/// Returns the time limit.
	pub fn limit(&self) -> Duration {
		Duration::from_secs(self.timeout)
	}
}

/// Arguments of `staker`.
#[derive(Args, Clone, Debug)]
pub struct StakerArgs {
	/// The account. Default: that of the key.
	#[arg(value_name = "ACCOUNT")]
	pub account: Option<String>,
}

/// Arguments of `weights`.
#[derive(Args, Clone, Debug)]
pub struct WeightsArgs {
	/// The protocol's price, in base units per gas. Default: the present one.
	#[arg(long, value_name = "FEE", value_parser = clap::value_parser!(u32).range(1..))]
	pub fee: Option<u32>,
}

/// Arguments of `odds`.
#[derive(Args, Clone, Debug)]
pub struct OddsArgs {
	/// The stake.
	#[arg(long, value_name = "AMOUNT")]
	pub stake: String,

	/// The price asked, in base units per gas.
	#[arg(long, value_name = "PRICE", value_parser = clap::value_parser!(u32).range(1..))]
	pub price: u32,

	/// How many blocks the prover proves at once.
	#[arg(long, value_name = "BLOCKS", value_parser = clap::value_parser!(u32).range(1..))]
	pub capacity: u32,

	/// The protocol's price, in base units per gas. Default: the present one.
	#[arg(long, value_name = "FEE", value_parser = clap::value_parser!(u32).range(1..))]
	pub fee: Option<u32>,
}

/// Arguments of `stake`.
#[derive(Args, Clone, Debug)]
pub struct StakeArgs {
	/// The whole new stake, the present one included. It comes from exits first, then from free
	/// tokens.
	#[arg(value_name = "AMOUNT")]
	pub amount: String,

	/// The price asked, in base units per gas.
	#[arg(long, value_name = "PRICE", value_parser = clap::value_parser!(u32).range(1..))]
	pub price: u32,

	/// How many blocks can be assigned at once.
	#[arg(long, value_name = "BLOCKS", value_parser = clap::value_parser!(u32).range(1..))]
	pub capacity: u32,

	/// How the transaction is submitted.
	#[command(flatten)]
	pub submit: SubmitArgs,
}

/// Arguments of `stake-extra` and `unstake`.
#[derive(Args, Clone, Debug)]
pub struct AmountArgs {
	/// The amount.
	#[arg(value_name = "AMOUNT")]
	pub amount: String,

	/// How the transaction is submitted.
	#[command(flatten)]
	pub submit: SubmitArgs,
}

/// Arguments of `restake`.
#[derive(Args, Clone, Debug)]
pub struct RestakeArgs {
	/// The number of the exit, as `staker` shows it.
	#[arg(value_name = "EXIT")]
	pub exit: u32,

	/// How the transaction is submitted.
	#[command(flatten)]
	pub submit: SubmitArgs,
}

/// Arguments of `terms`.
#[derive(Args, Clone, Debug)]
pub struct TermsArgs {
	/// The new price, in base units per gas.
	#[arg(value_name = "PRICE", value_parser = clap::value_parser!(u32).range(1..))]
	pub first: Option<u32>,

	/// The new capacity.
	#[arg(value_name = "CAPACITY", value_parser = clap::value_parser!(u32).range(1..))]
	pub second: Option<u32>,

	/// The new price, in base units per gas. Default: the present one.
	#[arg(long, value_name = "PRICE", conflicts_with = "first", value_parser = clap::value_parser!(u32).range(1..))]
	pub price: Option<u32>,

	/// The new capacity: how many blocks can be assigned at once. Default: the present one.
	#[arg(long, value_name = "BLOCKS", conflicts_with = "second", value_parser = clap::value_parser!(u32).range(1..))]
	pub capacity: Option<u32>,

	/// How the transaction is submitted.
	#[command(flatten)]
	pub submit: SubmitArgs,
}

impl TermsArgs {
	/// Returns the new price and the new capacity.
	pub fn terms(&self) -> (Option<u32>, Option<u32>) {
		(self.first.or(self.price), self.second.or(self.capacity))
	}
}

/// Arguments of `cancel-slash`.
#[derive(Args, Clone, Debug)]
pub struct CancelArgs {
	/// Call as root through the sudo pallet, with the key of the sudo account.
	#[arg(long)]
	pub sudo: bool,

	/// The block, and how the transaction is submitted.
	#[command(flatten)]
	pub call: BlockCallArgs,
}

/// Arguments of `discharge`, `apply-slash`, `expire` and `skip`.
#[derive(Args, Clone, Debug)]
pub struct BlockCallArgs {
	/// The block.
	#[arg(value_name = "BLOCK")]
	pub block: BlockId,

	/// How the transaction is submitted.
	#[command(flatten)]
	pub submit: SubmitArgs,
}

/// Arguments of `watch`.
#[derive(Args, Clone, Debug)]
pub struct WatchArgs {
	/// Follow finalized blocks instead of the best ones.
	#[arg(long)]
	pub finalized: bool,
}

/// Arguments of `check`.
#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
	/// The file of the runtime, plain or compressed: at most 64 MiB. No node is asked. Default: the
	/// present runtime of the node.
	#[arg(long, value_name = "FILE")]
	pub wasm: Option<PathBuf>,
}

/// Arguments of `completions`.
#[derive(Args, Clone, Debug)]
pub struct CompletionsArgs {
	/// The shell.
	#[arg(value_name = "SHELL")]
	pub shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;

	fn parse(args: &[&str]) -> Result<Command, clap::Error> {
		Cli::try_parse_from([&["prover-pool"], args].concat()).map(|cli| cli.command)
	}

	#[test]
	fn the_definition_is_consistent() {
		Cli::command().debug_assert();
	}

	#[test]
	fn terms_are_given_by_place_or_by_name() {
		for (args, expected) in [
			(&["terms", "9000", "8"][..], (Some(9_000), Some(8))),
			(&["terms", "9000"], (Some(9_000), None)),
			(&["terms", "9000", "--capacity", "8"], (Some(9_000), Some(8))),
			(&["terms", "--price", "9000"], (Some(9_000), None)),
			(&["terms", "--capacity", "8"], (None, Some(8))),
			(&["terms"], (None, None)),
		] {
			let Ok(Command::Terms(parsed)) = parse(args) else { panic!("{args:?}") };
			assert_eq!(parsed.terms(), expected, "{args:?}");
		}
		for wrong in [&["terms", "9000", "--price", "1"][..], &["terms", "0"], &["terms", "1", "0"]]
		{
			assert!(parse(wrong).is_err(), "{wrong:?}");
		}
	}

	#[test]
	fn every_call_needs_a_key() {
		for args in [
			&["stake", "80", "--price", "1", "--capacity", "4"][..],
			&["exit"],
			&["withdraw", "--for", "5Fa"],
			&["stake-extra", "1"],
			&["unstake", "1"],
			&["restake", "3"],
			&["terms", "1", "4"],
			&["pause"],
			&["resume"],
			&["discharge", "7"],
			&["apply-slash", "7"],
			&["cancel-slash", "7", "--sudo"],
			&["propose", "list", "--gas-limit", "1", "--max-fee-per-gas", "9"],
			&["prove", "7", "--attestor-dev"],
			&["verify"],
			&["expire", "7"],
			&["skip", "7"],
			&["clear-claims", "7"],
			&["dispute", "7", "--sudo"],
			&["protocol", "pause", "--sudo"],
			&["protocol", "unpause"],
			&["protocol", "reset", "0x11"],
			&["protocol", "start", "0x11", "--fee-per-gas", "10000", "--delay", "20"],
		] {
			assert!(parse(args).unwrap().signs(), "{args:?}");
		}
		for args in [
			&["status"][..],
			&["parameters"],
			&["odds", "--stake", "80", "--price", "1", "--capacity", "4"],
			&["calibrate", "--attestor-dev"],
			&["advise", "--stake", "80"],
			&["staker", "5Fa"],
			&["check", "--wasm", "next.wasm"],
			&["index", "--db", "history.db", "--check"],
			&["history", "5Fa", "--db", "history.db", "--since", "3 days"],
			&["why", "7", "--db", "history.db"],
			&["dashboard", "--history", "history.db"],
			&["exporter", "--listen", "127.0.0.1:0"],
			&["prove", "7", "--instance", "--prover", "5Fa"],
		] {
			assert!(!parse(args).unwrap().signs(), "{args:?}");
		}
	}
}
