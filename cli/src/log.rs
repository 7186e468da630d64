//! The log of commands that run until a signal ends them.

use std::io::{stderr, IsTerminal};
use tracing_subscriber::EnvFilter;

/// Starts the log on standard error; `RUST_LOG` sets the level.
pub(crate) fn start() {
	let filter = EnvFilter::try_from_default_env()
		.unwrap_or_else(|_| EnvFilter::new("warn,prover_pool_cli=info"));
	// Fails if there is one already, in tests.
	let _ = tracing_subscriber::fmt()
		.with_env_filter(filter)
		.with_writer(stderr)
		.with_ansi(stderr().is_terminal())
		.with_target(false)
		.try_init();
}
