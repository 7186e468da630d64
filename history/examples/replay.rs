//! Stores the first blocks of a made-up chain in a file: the process that `tests/durability.rs` ends.
//!
//!     replay FILE BLOCKS

#[path = "../tests/common/mod.rs"]
mod common;

use std::{env, path::Path, process::ExitCode};

fn main() -> ExitCode {
	let arguments: Vec<String> = env::args().skip(1).collect();
	let [file, count] = &arguments[..] else { return ExitCode::from(2) };
	let Ok(count) = count.parse() else { return ExitCode::from(2) };
	match common::replay(Path::new(file), count) {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			println!("refused: {error}");
			ExitCode::from(9)
		},
	}
}
