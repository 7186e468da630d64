//! The sender's side: keys from a secret, and signatures that advance.

use crate::{
	hash::{sha256, Block, Domain, Hash},
	signature::{
		digits, first_half, Chains, Message, Signature, Value, CHAINS, CHAIN_END, VALUE_SIZE,
	},
	transfer::{Address, SignedTransfer, Transfer},
};
use core::fmt;

/// What is derived from a secret for one nonce. The numbers are part of the derivation.
#[derive(Clone, Copy)]
enum Purpose {
	/// The beginning of a chain.
	Chain(u8),
	/// The public seed.
	Seed,
	/// The randomiser of a message, which follows in three blocks.
	Randomiser,
}

/// The secret of one account on one rollup.
///
/// Never use it on a second rollup, or on the same one begun anew: the keys would be the same, and
/// each may sign once only.
#[derive(Clone, Copy)]
struct Secret([u8; 32]);

impl Secret {
	/// Returns the block with the secret, the nonce and the purpose.
	fn block(&self, nonce: u64, purpose: Purpose) -> Block {
		let (kind, index) = match purpose {
			Purpose::Chain(index) => (0, index),
			Purpose::Seed => (1, 0),
			Purpose::Randomiser => (2, 0),
		};
		let mut block = Block::default();
		block[..32].copy_from_slice(&self.0);
		block[32..40].copy_from_slice(&nonce.to_le_bytes());
		block[40] = kind;
		block[41] = index;
		block
	}

	/// Returns the public seed of the key for this nonce.
	fn seed(&self, nonce: u64) -> Value {
		first_half(&Domain::Secret.hash(&[self.block(nonce, Purpose::Seed)]))
	}

	/// Returns the beginning of a chain of the key for this nonce.
	fn chain(&self, nonce: u64, index: u8) -> Value {
		first_half(&Domain::Secret.hash(&[self.block(nonce, Purpose::Chain(index))]))
	}

	/// Returns the hash of the one-time public key for this nonce.
	fn key_hash(&self, nonce: u64) -> Hash {
		let mut chains = Chains::new(&self.seed(nonce));
		for index in 0..CHAINS as u8 {
			let end = chains.step(index, &self.chain(nonce, index), 0..CHAIN_END);
			chains.set_end(index, end);
		}
		chains.key_hash()
	}

	/// Returns a randomiser of which the digest has the right sum, and the digits. It takes some
	/// 829 attempts, and is the same for the same message.
	fn randomiser(&self, transfer: &Transfer, key: &Hash) -> (Value, [u8; CHAINS]) {
		let mut message = Message::new(transfer, key);
		let [first, second, third] = *message.blocks();
		let secret = self.block(transfer.nonce, Purpose::Randomiser);
		let mut randomiser = first_half(&Domain::Secret.hash(&[secret, first, second, third]));
		let mut attempt = 0u64;
		loop {
			randomiser[VALUE_SIZE - 8..].copy_from_slice(&attempt.to_le_bytes());
			if let Some(digits) = digits(&message.digest(&randomiser)) {
				return (randomiser, digits);
			}
			attempt = attempt.wrapping_add(1);
		}
	}

	/// Returns the signature of the transfer by the key for its nonce, which has this hash.
	fn sign(&self, transfer: &Transfer, key: &Hash) -> Signature {
		let (randomiser, digits) = self.randomiser(transfer, key);
		let seed = self.seed(transfer.nonce);
		let mut chains = Chains::new(&seed);
		let mut values = [0; CHAINS * VALUE_SIZE];
		for ((index, digit), value) in (0..).zip(digits).zip(values.chunks_exact_mut(VALUE_SIZE)) {
			value.copy_from_slice(&chains.step(
				index,
				&self.chain(transfer.nonce, index),
				0..digit,
			));
		}
		Signature { seed, randomiser, chains: values }
	}
}

/// The error of a signer whose nonces are used up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeysExhausted;

impl fmt::Display for KeysExhausted {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		formatter.write_str("the account has signed with all of its keys")
	}
}

impl core::error::Error for KeysExhausted {}

/// An account's secret and the nonce of its next transfer.
///
/// Each signature uses the key for the nonce and advances, so one signer never signs two transfers
/// with one key. It cannot be cloned. **Two signers of one secret can do so**, and two transfers
/// that are signed with one key enable others to sign a third. The crate documentation has the
/// rules for the keeper of a secret.
pub struct Signer {
	secret: Secret,
	address: Address,
	nonce: u64,
	/// The hash of the key for the nonce.
	key: Hash,
}

impl Signer {
	/// Returns the signer of a new account, of which no transfer was signed. The 32 bytes must be
	/// random and for this account on this rollup only.
	pub fn new(secret: [u8; 32]) -> Self {
		let secret = Secret(secret);
		let address = secret.key_hash(0);
		Self { secret, address, nonce: 0, key: address }
	}

	/// Returns the signer of an account whose next transfer has this nonce.
	///
	/// Take the nonce of the account from the rollup's state only if every transfer that was signed
	/// has been executed. Otherwise submit the waiting ones again, unchanged, and resume after the
	/// last of them.
	pub fn resume(secret: [u8; 32], nonce: u64) -> Self {
		let secret = Secret(secret);
		Self { secret, address: secret.key_hash(0), nonce, key: secret.key_hash(nonce) }
	}

	/// Returns the address of the account.
	pub fn address(&self) -> Address {
		self.address
	}

	/// Returns the nonce of the next transfer. Store it before a signature leaves the machine.
	pub fn nonce(&self) -> u64 {
		self.nonce
	}

	/// Signs a transfer with the key for the present nonce, and advances to the next one.
	///
	/// # Errors
	/// [`KeysExhausted`] at the last nonce: 2⁶⁴ − 1.
	pub fn sign(
		&mut self,
		to: Address,
		amount: u64,
		fee: u64,
	) -> Result<SignedTransfer, KeysExhausted> {
		let nonce = self.nonce;
		let next_nonce = nonce.checked_add(1).ok_or(KeysExhausted)?;
		let next_key = self.secret.key_hash(next_nonce);
		let transfer = Transfer { from: self.address, nonce, to, amount, fee, next_key };
		let signature = self.secret.sign(&transfer, &self.key);
		self.nonce = next_nonce;
		self.key = next_key;
		Ok(SignedTransfer { transfer, signature })
	}
}

impl fmt::Debug for Signer {
	/// Shows everything but the secret.
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		formatter
			.debug_struct("Signer")
			.field("address", &self.address)
			.field("nonce", &self.nonce)
			.finish_non_exhaustive()
	}
}

/// Returns the secret of the development account with this number, which is public: the
/// SHA-256 hash of `prover-pool-rollup/dev` and the number as `u32`, little endian.
pub fn dev_secret(number: u32) -> [u8; 32] {
	let mut bytes = *b"prover-pool-rollup/dev\0\0\0\0";
	bytes[22..].copy_from_slice(&number.to_le_bytes());
	sha256(&bytes)
}
