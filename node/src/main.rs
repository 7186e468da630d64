//! The full node of the prover pool's demo chain: BABE makes blocks, GRANDPA finalizes them.
//!
//! `--sealing` replaces both for development, with blocks made on demand or on a timer.

// The errors of the SDK are large, and no node returns them often.
#![allow(clippy::result_large_err)]

mod chain_spec;
mod cli;
mod command;
mod components;
mod ports;
mod rpc;
mod sealing;
mod service;

use std::{process::ExitCode, time::Duration};

fn main() -> ExitCode {
	match command::run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			// The log is written in the background, at least every 50 ms. The reason of the node's end
			// must be printed after it.
			std::thread::sleep(Duration::from_millis(100));
			eprintln!("Error: {error}");
			ExitCode::FAILURE
		},
	}
}
