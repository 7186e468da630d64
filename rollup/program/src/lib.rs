#![doc = include_str!("../README.md")]

mod answers;
mod hexadecimal;
mod requests;
mod states;
mod transfers;

pub use answers::Execution;
pub use requests::{Accounts, Block, Prove, Request, Transfers};

use serde_json::{json, Value};
use std::{
	io::{self, BufRead, Write},
	process::ExitCode,
};

/// Why there is no answer, in words.
pub type Reason = String;

/// Answers the requests on standard input until it ends. `name` is that of the program, for the reason
/// on standard error if there is no answer. `prove` returns the proof that is asked for.
pub fn run(name: &str, prove: impl FnMut(&Prove) -> Result<Vec<u8>, Reason>) -> ExitCode {
	match answer_all(io::stdin().lock(), io::stdout().lock(), prove) {
		Ok(()) => ExitCode::SUCCESS,
		Err(reason) => {
			eprintln!("{name}: {reason}");
			ExitCode::FAILURE
		},
	}
}

/// Answers each line until the input ends.
fn answer_all(
	input: impl BufRead,
	mut output: impl Write,
	mut prove: impl FnMut(&Prove) -> Result<Vec<u8>, Reason>,
) -> Result<(), Reason> {
	for line in input.lines() {
		let line = line.map_err(|error| format!("the input cannot be read: {error}"))?;
		let answer = answer(&line, &mut prove)?;
		writeln!(output, "{answer}")
			.and_then(|()| output.flush())
			.map_err(|error| format!("the answer cannot be written: {error}"))?;
	}
	Ok(())
}

/// Answers a request.
fn answer(
	line: &str,
	prove: &mut impl FnMut(&Prove) -> Result<Vec<u8>, Reason>,
) -> Result<Value, Reason> {
	let request =
		serde_json::from_str(line).map_err(|error| format!("no valid request: {error}"))?;
	match request {
		Request::Execute(block) => answers::execute(&block),
		Request::Prove(request) => {
			let proof = prove(&request)?;
			Ok(json!({ "proof": hexadecimal::encode(proof) }))
		},
		Request::Transfers(request) => answers::transfers(&request),
		Request::Accounts(request) => answers::accounts(&request),
	}
}
