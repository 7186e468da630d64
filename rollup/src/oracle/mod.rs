//! The rollup beside a naive model, for the property tests and the fuzzer.
//!
//! [`World`] executes each block in three ways and compares: with the whole state, with a witness,
//! and by the [`Model`], which has no tree, no linked list and no witness.

mod bytes;
mod model;
mod world;

pub use bytes::Bytes;
pub use model::Model;
pub use world::World;

/// Runs blocks decoded from any bytes.
pub fn run_bytes(data: &[u8]) {
	let mut bytes = Bytes::new(data);
	let mut world = World::new();
	while !bytes.is_empty() {
		world.block(&mut bytes);
	}
}
