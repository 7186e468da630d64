//! The full node of the prover pool's demo chain: BABE makes blocks, GRANDPA finalizes them.
//!
//! `--sealing` replaces both for development, with blocks made on demand or on a timer.

mod chain_spec;
mod cli;
mod command;
mod components;
mod ports;
mod rpc;
mod sealing;
mod service;

use std::process::ExitCode;

fn main() -> ExitCode {
	match command::run() {
		Ok(()) => ExitCode::SUCCESS,
		// Returning the error from `main` would print its `Debug` form.
		Err(error) => {
			eprintln!("Error: {error}");
			ExitCode::FAILURE
		},
	}
}
