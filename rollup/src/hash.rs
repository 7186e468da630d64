//! SHA-256, whole and by single compressions.

use sha2::{compress256, digest::generic_array::GenericArray, Digest, Sha256};

/// A SHA-256 hash, or the result of single compressions.
pub type Hash = [u8; 32];

/// The input of one compression.
pub(crate) type Block = GenericArray<u8, sha2::digest::consts::U64>;

/// Returns the SHA-256 hash of the bytes.
pub fn sha256(bytes: &[u8]) -> Hash {
	Sha256::digest(bytes).into()
}

/// What is hashed with a fixed number of compressions and no padding.
///
/// The compressions begin with the state in which SHA-256 is after one block that holds the
/// domain's tag and zeros. So nothing of one domain equals anything of another, or a SHA-256 hash
/// of anything else. Each domain has inputs of one length only, but for [`Domain::Secret`], where
/// the first block determines the length.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Domain {
	/// An account, in the state tree.
	Leaf,
	/// An inner node of the state tree.
	Node,
	/// One step of a chain of the signature scheme.
	Chain,
	/// A one-time public key.
	Key,
	/// The message of a signature.
	Message,
	/// What a signer derives from its secret.
	Secret,
}

impl Domain {
	/// Returns the state after the block with the tag.
	const fn initial_state(self) -> [u32; 8] {
		match self {
			// "prover-pool-rollup/leaf"
			Self::Leaf => [
				0x9950b867, 0x2d01e971, 0xfae5ef6b, 0x1c58f731, 0x96ec9502, 0x579446de, 0xd5c3adc4,
				0x166f56c1,
			],
			// "prover-pool-rollup/node"
			Self::Node => [
				0xf50d2a96, 0x31efee3e, 0x085f3e08, 0x9007e200, 0x99668fad, 0x706d98f9, 0x0f5cfcf2,
				0xb7eaf337,
			],
			// "prover-pool-rollup/chain"
			Self::Chain => [
				0xbc6eeb07, 0xa52e8d56, 0xa161b1f6, 0xaf43cc45, 0x44037e87, 0xbd768ef9, 0xcb63d48d,
				0x72c735cf,
			],
			// "prover-pool-rollup/key"
			Self::Key => [
				0x65e5e720, 0x837044e9, 0x992b6080, 0x977cd4cd, 0x086b7cef, 0x75c3094f, 0xcf5b478a,
				0x8832c618,
			],
			// "prover-pool-rollup/message"
			Self::Message => [
				0xddb59e5f, 0x49b7a408, 0x8fee9251, 0x65dcacf2, 0xa66d227d, 0x3ad261d6, 0x0f8986ef,
				0x95186490,
			],
			// "prover-pool-rollup/secret"
			Self::Secret => [
				0x2506f6aa, 0x753d6f87, 0xb8372bf1, 0x32650514, 0x61f1a1d5, 0xfbc36832, 0xe11be436,
				0xcf9ff808,
			],
		}
	}

	/// Returns the hash of the blocks: one compression each.
	pub fn hash(self, blocks: &[Block]) -> Hash {
		let mut state = self.initial_state();
		compress256(&mut state, blocks);
		let mut hash = Hash::default();
		for (bytes, word) in hash.chunks_exact_mut(4).zip(state) {
			bytes.copy_from_slice(&word.to_be_bytes());
		}
		hash
	}

	/// Returns the hash of two hashes: one compression.
	pub fn hash_pair(self, left: &Hash, right: &Hash) -> Hash {
		self.hash(&[pair(left, right)])
	}
}

/// Returns a block of two halves.
pub(crate) fn pair(left: &[u8; 32], right: &[u8; 32]) -> Block {
	let mut block = Block::default();
	let (first, second) = block.split_at_mut(32);
	first.copy_from_slice(left);
	second.copy_from_slice(right);
	block
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::format;

	#[test]
	fn a_domain_begins_after_a_block_with_its_tag() {
		const STANDARD: [u32; 8] = [
			0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
			0x5be0cd19,
		];
		for (domain, name) in [
			(Domain::Leaf, "leaf"),
			(Domain::Node, "node"),
			(Domain::Chain, "chain"),
			(Domain::Key, "key"),
			(Domain::Message, "message"),
			(Domain::Secret, "secret"),
		] {
			let tag = format!("prover-pool-rollup/{name}");
			let mut block = Block::default();
			block[..tag.len()].copy_from_slice(tag.as_bytes());
			let mut state = STANDARD;
			compress256(&mut state, &[block]);
			assert_eq!(domain.initial_state(), state, "{name}");
		}
	}

	#[test]
	fn sha256_is_the_standard_one() {
		// FIPS 180-2, appendix B.1.
		let expected = [
			0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae,
			0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61,
			0xf2, 0x00, 0x15, 0xad,
		];
		assert_eq!(sha256(b"abc"), expected);
	}
}
