//! The seeds of draws, the only code that model and mock runtime share.

use prover_pool_primitives::BlockId;

/// Returns the seed of the draw for block `id`, big-endian, made of a number that is not 0. Two
/// numbers stand for the lowest and the highest seed.
pub fn seed_for(number: u8, id: BlockId) -> [u8; 32] {
	match number {
		254 => [0; 32],
		255 => [0xff; 32],
		_ => sp_io::hashing::blake2_256(&[&[number][..], &id.to_le_bytes()].concat()),
	}
}
