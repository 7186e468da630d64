//! One-time signatures: Winternitz chains with digits of a fixed sum.

use crate::{
	hash::{pair, Block, Domain, Hash},
	transfer::Transfer,
};
use codec::{Decode, Encode};

/// The bytes of a chain's value, of the public seed, the randomiser and the digest: n.
pub const VALUE_SIZE: usize = 16;

/// The number of chains: one for each digit of 2 bits of the digest.
pub const CHAINS: usize = VALUE_SIZE * 4;

/// The last position of a chain: w − 1, for w = 4.
pub const CHAIN_END: u8 = 3;

/// The sum that the digits of a digest must have. Two different digests of the same sum have a
/// digit each that is smaller than the other's, so no signature contains another. The mean of all
/// digests is 96, and one in 829 has this sum: a signer tries some 829 randomisers, which takes it
/// a fraction of a millisecond, and saves every verifier a quarter of the steps.
pub const DIGIT_SUM: u32 = 120;

/// The number of compressions that a verification takes: the steps of all chains, which the sum
/// determines, 3 for the message and 17 for the key.
pub const VERIFY_COMPRESSIONS: u32 = CHAINS as u32 * CHAIN_END as u32 - DIGIT_SUM + 3 + 17;

/// A value of a chain, a public seed or a randomiser.
pub type Value = [u8; VALUE_SIZE];

/// A one-time signature of a transfer.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct Signature {
	/// The public seed of the one-time key. It makes every step of every key's chains a function of
	/// its own.
	pub seed: Value,
	/// The randomiser of the digest, chosen by the signer such that the digits have the right sum.
	pub randomiser: Value,
	/// One value for each chain, at the position that its digit states, one after another.
	pub chains: [u8; CHAINS * VALUE_SIZE],
}

impl Signature {
	/// Returns the hash of the one-time public key that made this signature of the transfer, as far
	/// as `key` is that hash, and some other hash if it is not.
	///
	/// Returns `None` if the digits have a wrong sum.
	fn recovered_key(&self, transfer: &Transfer, key: &Hash) -> Option<Hash> {
		let digits = digits(&Message::new(transfer, key).digest(&self.randomiser))?;
		let mut chains = Chains::new(&self.seed);
		let (values, _) = self.chains.as_chunks::<VALUE_SIZE>();
		for ((index, digit), value) in (0u8..).zip(digits).zip(values) {
			let end = chains.step(index, value, digit..CHAIN_END);
			chains.set_end(index, end);
		}
		Some(chains.key_hash())
	}

	/// Returns whether this is a signature of the transfer by the one-time key with the hash `key`.
	pub fn verify(&self, transfer: &Transfer, key: &Hash) -> bool {
		self.recovered_key(transfer, key).as_ref() == Some(key)
	}
}

/// The three blocks that are hashed for a digest.
pub(crate) struct Message([Block; 3]);

impl Message {
	/// Returns the message of a transfer by the one-time key with this hash.
	///
	/// The key binds the digest to one signature: a search for another message with the same digest
	/// is a search for one key.
	pub fn new(transfer: &Transfer, key: &Hash) -> Self {
		let mut first = Block::default();
		first[VALUE_SIZE..24].copy_from_slice(&transfer.nonce.to_le_bytes());
		first[24..32].copy_from_slice(&transfer.amount.to_le_bytes());
		first[32..40].copy_from_slice(&transfer.fee.to_le_bytes());
		Self([first, pair(&transfer.from, &transfer.to), pair(&transfer.next_key, key)])
	}

	/// Returns the digest with this randomiser: three compressions.
	///
	/// The randomiser comes first. It is unknown until the signer has chosen the message, so an
	/// attacker cannot prepare two messages of one digest and have one of them signed.
	pub fn digest(&mut self, randomiser: &Value) -> Value {
		self.0[0][..VALUE_SIZE].copy_from_slice(randomiser);
		first_half(&Domain::Message.hash(&self.0))
	}

	/// Returns the blocks, with zeros for the randomiser.
	pub fn blocks(&self) -> &[Block; 3] {
		&self.0
	}
}

/// Returns the digits of a digest, or `None` if their sum is wrong.
pub(crate) fn digits(digest: &Value) -> Option<[u8; CHAINS]> {
	let mut digits = [0; CHAINS];
	for (four, byte) in digits.chunks_exact_mut(4).zip(digest) {
		for (digit, shift) in four.iter_mut().zip([0, 2, 4, 6]) {
			*digit = byte >> shift & 3;
		}
	}
	let sum: u32 = digits.iter().map(|digit| u32::from(*digit)).sum();
	(sum == DIGIT_SUM).then_some(digits)
}

/// The chains of one key, of which the ends are collected.
pub(crate) struct Chains {
	/// The input of a step: a value, the public seed, the chain, the position, zeros.
	input: Block,
	/// The input of the key's hash: the public seed and zeros, then the ends.
	key: [Block; 17],
}

impl Chains {
	/// Returns the chains of the key with this public seed. All ends are zero at first.
	pub fn new(seed: &Value) -> Self {
		let mut input = Block::default();
		input[VALUE_SIZE..2 * VALUE_SIZE].copy_from_slice(seed);
		let mut key = [Block::default(); 17];
		key[0][..VALUE_SIZE].copy_from_slice(seed);
		Self { input, key }
	}

	/// Returns the value after the steps from each of these positions to the next one.
	pub fn step(&mut self, chain: u8, value: &Value, positions: core::ops::Range<u8>) -> Value {
		let mut value = *value;
		self.input[2 * VALUE_SIZE] = chain;
		for position in positions {
			self.input[..VALUE_SIZE].copy_from_slice(&value);
			self.input[2 * VALUE_SIZE + 1] = position;
			value = first_half(&Domain::Chain.hash(core::slice::from_ref(&self.input)));
		}
		value
	}

	/// Sets the end of a chain below [`CHAINS`].
	pub fn set_end(&mut self, chain: u8, end: Value) {
		let chain = usize::from(chain);
		let at = chain % 4 * VALUE_SIZE;
		self.key[1 + chain / 4][at..at + VALUE_SIZE].copy_from_slice(&end);
	}

	/// Returns the hash of the one-time public key.
	pub fn key_hash(&self) -> Hash {
		Domain::Key.hash(&self.key)
	}
}

/// Returns the first half of a hash.
pub(crate) fn first_half(hash: &Hash) -> Value {
	let mut half = Value::default();
	half.copy_from_slice(&hash[..VALUE_SIZE]);
	half
}
