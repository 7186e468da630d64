//! The arguments of `exporter`.

use clap::Args;
use std::net::SocketAddr;

/// Arguments of `exporter`.
#[derive(Args, Clone, Debug)]
pub struct ExporterArgs {
	/// Serve the metrics at this address. Anybody who can reach it can read them.
	#[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9618")]
	pub listen: SocketAddr,
}
