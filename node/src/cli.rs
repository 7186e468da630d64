//! The command line.

use crate::sealing::Sealing;
use sc_cli::{
	BuildSpecCmd, ChainInfoCmd, CheckBlockCmd, ExportBlocksCmd, ExportChainSpecCmd, ExportStateCmd,
	ImportBlocksCmd, KeySubcommand, PurgeChainCmd, RevertCmd, RunCmd,
};
use sc_storage_monitor::StorageMonitorParams;

/// A node, unless a subcommand is given.
#[derive(Debug, clap::Parser)]
pub struct Cli {
	/// The command to run instead of a node.
	#[command(subcommand)]
	pub subcommand: Option<Subcommand>,

	/// The options of a node.
	#[command(flatten)]
	pub run: RunCmd,

	/// The free space that its disk must have.
	#[command(flatten)]
	pub storage: StorageMonitorParams,

	/// Make blocks without waiting for slots, and finalize them. For development only.
	///
	/// `instant`: a block whenever a transaction arrives.
	/// A number N: a block every N milliseconds (1 to 60000), with or without transactions.
	///
	/// The node must hold the BABE keys of all authorities, as it does with `--dev`. Every block
	/// has the slot after its parent's: the chain's clock starts at the Unix epoch and advances by
	/// one slot per block. A block is final when the next one is made; with `instant`, 0.2 s after it.
	/// Only this node finalizes, without votes, so GRANDPA cannot continue later, and light clients
	/// cannot follow. A new database keeps the states of all blocks by default: see --state-pruning.
	// Negative numbers are parsed so that the error has the reason.
	#[arg(long, value_name = "instant|MS", allow_negative_numbers = true, verbatim_doc_comment)]
	pub sealing: Option<Sealing>,
}

/// The commands of this program.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
	/// Key management utilities.
	#[command(subcommand)]
	Key(KeySubcommand),

	/// Export the chain specification.
	ExportChainSpec(ExportChainSpecCmd),

	/// Export the chain specification the old way, with this node as a boot node.
	BuildSpec(BuildSpecCmd),

	/// Validate a block again.
	CheckBlock(CheckBlockCmd),

	/// Export blocks.
	ExportBlocks(ExportBlocksCmd),

	/// Export the state of a block as a raw chain specification.
	ExportState(ExportStateCmd),

	/// Import blocks.
	ImportBlocks(ImportBlocksCmd),

	/// Remove the whole chain.
	PurgeChain(PurgeChainCmd),

	/// Revert the chain by a number of blocks, at most to the last finalized one.
	Revert(RevertCmd),

	/// Show the best, the finalized and the genesis block in the database.
	ChainInfo(ChainInfoCmd),
}
