//! The program: [`prover_pool_cli`] does all the work.

use clap::Parser;
use prover_pool_cli::{args::Cli, commands};
use std::{
	io::{stderr, Write},
	process::ExitCode,
};

#[tokio::main]
async fn main() -> ExitCode {
	let cli = Cli::parse();
	let json = cli.global.json();
	match commands::run(cli).await {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			// The exit code reports it, too, if this cannot be written.
			let _ = writeln!(stderr(), "{}", error.line(json));
			ExitCode::from(error.exit_code())
		},
	}
}
