//! The demo rollup as a program, which executes and does not prove.

use std::process::ExitCode;

fn main() -> ExitCode {
	let refuse = |_: &_| Err("this program makes no proofs".into());
	prover_pool_rollup_program::run("prover-pool-rollup", refuse)
}
