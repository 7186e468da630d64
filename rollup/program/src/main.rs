#![doc = include_str!("../README.md")]

mod answers;
mod hexadecimal;
mod requests;
mod states;
mod transfers;

use requests::Request;
use serde_json::Value;
use std::{
	io::{self, BufRead, Write},
	process::ExitCode,
};

/// Why there is no answer, in words.
type Reason = String;

fn main() -> ExitCode {
	match answer_all(io::stdin().lock(), io::stdout().lock()) {
		Ok(()) => ExitCode::SUCCESS,
		Err(reason) => {
			eprintln!("prover-pool-rollup: {reason}");
			ExitCode::FAILURE
		},
	}
}

/// Answers each line until the input ends.
fn answer_all(input: impl BufRead, mut output: impl Write) -> Result<(), Reason> {
	for line in input.lines() {
		let line = line.map_err(|error| format!("the input cannot be read: {error}"))?;
		let answer = answer(&line)?;
		writeln!(output, "{answer}")
			.and_then(|()| output.flush())
			.map_err(|error| format!("the answer cannot be written: {error}"))?;
	}
	Ok(())
}

/// Answers a request.
fn answer(line: &str) -> Result<Value, Reason> {
	let request =
		serde_json::from_str(line).map_err(|error| format!("no valid request: {error}"))?;
	match request {
		Request::Execute(request) => answers::execute(&request),
		Request::Transfers(request) => answers::transfers(&request),
		Request::Accounts(request) => answers::accounts(&request),
	}
}
