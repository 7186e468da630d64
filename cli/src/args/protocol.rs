//! The arguments of the commands that propose, prove, settle and govern blocks.

use super::{run::SourceArgs, SubmitArgs};
use crate::chain::BlockId;
use clap::{ArgGroup, Args, Subcommand};
use std::path::PathBuf;

/// Arguments of `propose`.
#[derive(Args, Clone, Debug)]
pub struct ProposeArgs {
	/// A file with the transaction list, or `-` for standard input.
	#[arg(value_name = "FILE")]
	pub list: PathBuf,

	/// The most gas that the block may use.
	#[arg(long, value_name = "GAS")]
	pub gas_limit: u32,

	/// The highest fee to accept, in base units per gas. Default: the present fee, and the share by
	/// which it may move within one block.
	#[arg(long, value_name = "FEE")]
	pub max_fee_per_gas: Option<u32>,

	/// The account that earns the rollup's fees. Default: that of the key.
	#[arg(long, value_name = "ACCOUNT")]
	pub beneficiary: Option<String>,

	/// How the transaction is submitted.
	#[command(flatten)]
	pub submit: SubmitArgs,
}

/// Arguments of `blocks`.
#[derive(Args, Clone, Debug)]
pub struct BlocksArgs {
	/// Show this block with its claims.
	#[arg(value_name = "ID")]
	pub id: Option<BlockId>,
}

/// Arguments of `prove`.
#[derive(Args, Clone, Debug)]
pub struct ProveArgs {
	/// The block.
	#[arg(value_name = "ID")]
	pub id: BlockId,

	/// The hash of the block. With --parent and --gas-used, nothing is executed. Default: the blocks
	/// up to this one are executed.
	#[arg(long, value_name = "HASH", requires_all = ["parent", "gas_used"])]
	pub block_hash: Option<String>,

	/// The hash of the parent.
	#[arg(long, value_name = "HASH", requires = "block_hash")]
	pub parent: Option<String>,

	/// The gas that the block uses.
	#[arg(long, value_name = "GAS", requires = "block_hash")]
	pub gas_used: Option<u32>,

	/// The account that will submit the proof, with --instance. Default: that of the key.
	#[arg(long, value_name = "ACCOUNT", conflicts_with_all = ["attestor_suri_file", "attestor_dev", "prover_command", "proof_file"])]
	pub prover: Option<String>,

	/// Use and keep the rollup's states in this directory, such as that of a daemon. Default: a
	/// temporary one.
	#[arg(long, value_name = "DIRECTORY", env = "PROVER_POOL_STATE")]
	pub state: Option<PathBuf>,

	/// Where the proof comes from.
	#[command(flatten)]
	pub source: ProofArgs,

	/// How the transaction is submitted.
	#[command(flatten)]
	pub submit: SubmitArgs,
}

/// Where a proof comes from.
#[derive(Args, Clone, Debug)]
#[group(skip)]
#[command(next_help_heading = "Proof")]
#[command(group(
	ArgGroup::new("proof_source")
		.required(true)
		.args(SourceArgs::IDS)
		.args(["proof_file", "instance"])
))]
pub struct ProofArgs {
	/// It is made here.
	#[command(flatten)]
	pub made: SourceArgs,

	/// Submit the proof in this file: its bytes, or `0x…`.
	#[arg(long, value_name = "FILE")]
	pub proof_file: Option<PathBuf>,

	/// Show the statement to prove, and submit nothing.
	#[arg(long)]
	pub instance: bool,
}

/// Arguments of `verify`.
#[derive(Args, Clone, Debug)]
pub struct VerifyArgs {
	/// Settle up to this many blocks.
	#[arg(long, value_name = "N", default_value = "16", value_parser = clap::value_parser!(u32).range(1..))]
	pub max: u32,

	/// How the transaction is submitted.
	#[command(flatten)]
	pub submit: SubmitArgs,
}

/// Arguments of `clear-claims`.
#[derive(Args, Clone, Debug)]
pub struct ClearArgs {
	/// The block.
	#[arg(value_name = "BLOCK")]
	pub block: BlockId,

	/// Clear the claims on up to this many parents, at most 64.
	#[arg(long, value_name = "N", default_value = "16", value_parser = clap::value_parser!(u32).range(1..=64))]
	pub max: u32,

	/// How the transaction is submitted.
	#[command(flatten)]
	pub submit: SubmitArgs,
}

/// Arguments of `dispute`.
#[derive(Args, Clone, Debug)]
pub struct DisputeArgs {
	/// The block.
	#[arg(value_name = "BLOCK")]
	pub block: BlockId,

	/// The hash that the claim gives the block. Needed, like the next two, if the block has several
	/// claims.
	#[arg(long, value_name = "HASH")]
	pub block_hash: Option<String>,

	/// The parent of the claim.
	#[arg(long, value_name = "HASH")]
	pub parent: Option<String>,

	/// The gas of the claim.
	#[arg(long, value_name = "GAS")]
	pub gas_used: Option<u32>,

	/// How the call is submitted.
	#[command(flatten)]
	pub call: GovernArgs,
}

/// How a call of governance is submitted.
#[derive(Args, Clone, Debug)]
pub struct GovernArgs {
	/// Call as root through the sudo pallet, with the key of the sudo account.
	#[arg(long)]
	pub sudo: bool,

	/// How the transaction is submitted.
	#[command(flatten)]
	pub submit: SubmitArgs,
}

/// The subcommands of `protocol`.
#[derive(Clone, Debug, Subcommand)]
pub enum ProtocolCommand {
	/// Stop proposals, verification and skips, and the rollup's clock, for a limited time.
	Pause(GovernArgs),
	/// End the pause.
	Unpause(GovernArgs),
	/// During a pause: cancel all blocks that wait and set the verified hash.
	Reset(ResetArgs),
	/// Start the rollup on a chain that already runs.
	Start(StartArgs),
}

impl ProtocolCommand {
	/// Returns how the call is submitted.
	pub fn call(&self) -> &GovernArgs {
		match self {
			Self::Pause(args) | Self::Unpause(args) => args,
			Self::Reset(args) => &args.call,
			Self::Start(args) => &args.call,
		}
	}
}

/// Arguments of `protocol reset`.
#[derive(Args, Clone, Debug)]
pub struct ResetArgs {
	/// The hash of the rollup's block on which the next one builds.
	#[arg(value_name = "HASH")]
	pub verified_hash: String,

	/// How the call is submitted.
	#[command(flatten)]
	pub call: GovernArgs,
}

/// Arguments of `protocol start`.
#[derive(Args, Clone, Debug)]
pub struct StartArgs {
	/// The hash of the rollup's genesis block.
	#[arg(value_name = "HASH")]
	pub genesis_hash: String,

	/// The first fee, in base units per gas.
	#[arg(long, value_name = "FEE")]
	pub fee_per_gas: u32,

	/// The first average delay, in blocks.
	#[arg(long, value_name = "BLOCKS")]
	pub delay: u32,

	/// How the call is submitted.
	#[command(flatten)]
	pub call: GovernArgs,
}
