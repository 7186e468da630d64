//! The arguments of `index`, `history`, `why` and `dashboard`.

use crate::chain::BlockId;
use clap::Args;
use std::{net::SocketAddr, path::PathBuf};

/// The file of a history.
#[derive(Args, Clone, Debug)]
pub struct FileArgs {
	/// The file of the history.
	#[arg(long = "db", value_name = "FILE", env = "PROVER_POOL_HISTORY")]
	pub file: PathBuf,
}

/// Arguments of `index`.
#[derive(Args, Clone, Debug)]
pub struct IndexArgs {
	/// The file.
	#[command(flatten)]
	pub db: FileArgs,

	/// Store what is finalized now, compare the history with itself and with the chain, and end. Exit code 1 if
	/// they differ.
	#[arg(long)]
	pub check: bool,

	/// Rebuild all tables from the stored events first.
	#[arg(long)]
	pub rebuild: bool,
}

/// Arguments of `history`.
#[derive(Args, Clone, Debug)]
pub struct HistoryArgs {
	/// Only what happened to this account. Default: everything.
	#[arg(value_name = "ACCOUNT")]
	pub account: Option<String>,

	/// The file.
	#[command(flatten)]
	pub db: FileArgs,

	/// From this time on: `2026-11-30`, `2026-11-30T12:00:00Z`, or `3 days` before the last
	/// block. Default: the latest events.
	#[arg(long, value_name = "TIME")]
	pub since: Option<String>,

	/// Before this time.
	#[arg(long, value_name = "TIME")]
	pub until: Option<String>,

	/// Show at most this many of the latest events. Default: all with --since, else 100.
	#[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
	pub limit: Option<u64>,
}

/// Arguments of `why`.
#[derive(Args, Clone, Debug)]
pub struct WhyArgs {
	/// The block of the rollup.
	#[arg(value_name = "BLOCK")]
	pub block: BlockId,

	/// The file.
	#[command(flatten)]
	pub db: FileArgs,
}

/// Arguments of `dashboard`.
#[derive(Args, Clone, Debug)]
pub struct DashboardArgs {
	/// Serve the page at this address. Everybody who can reach the address can read the page. Others than browsers of this
	/// machine need --page-url.
	#[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9617")]
	pub listen: SocketAddr,

	/// The URL at which the browsers of visitors find the node, such as wss://node.example. The page publishes it.
	/// Default: --url.
	#[arg(long, value_name = "URL")]
	pub page_url: Option<String>,

	/// Keep a history in this file, and serve it to the page and under /v1.
	#[arg(long, value_name = "FILE", env = "PROVER_POOL_HISTORY")]
	pub history: Option<PathBuf>,
}
