//! The program whose executions are proven: one block of the demo rollup.
//!
//! It reads two frames, each a length (`u32`, little endian) and that number of bytes:
//!
//! 1. the SCALE encoding of the parent's header, the witness, the proposal, the genesis hash of the
//!    proposal's chain and the account of the prover;
//! 2. the list.
//!
//! It commits to the 32 bytes of the hash of the [`Instance`](prover_pool_rollup::Instance), and to
//! nothing else. It halts with 0, or not at all: an input that does not decode and a witness that does
//! not have the parent's state root have no proof.

#![no_std]
#![no_main]
#![deny(missing_docs)]

extern crate alloc;

mod runtime;

use codec::DecodeAll;
use prover_pool_rollup::{execute, Hash, Header, Proposal, Witness};

/// What the first frame has.
type Input = (Header, Witness, Proposal, Hash, [u8; 32]);

/// Executes the block, and returns what is committed to.
fn main() -> Hash {
	let input = runtime::read_frame();
	let list = runtime::read_frame();
	let Ok((parent, witness, proposal, genesis_hash, prover)) = Input::decode_all(&mut &input[..])
	else {
		runtime::fail("the input does not decode")
	};
	match execute(&parent, &witness, &proposal, &list) {
		Ok(outcome) => outcome.header.instance(genesis_hash, prover).hash(),
		Err(_) => runtime::fail("the witness is wrong or incomplete"),
	}
}
