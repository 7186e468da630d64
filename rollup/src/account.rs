//! Accounts.

use crate::{
	hash::{pair, Block, Domain, Hash},
	transfer::Address,
};
use codec::{Decode, Encode};

/// The least address, for which there is no key. Its account always exists, with index 0, so there
/// is an account below every other address.
pub const NULL_ADDRESS: Address = [0; 32];

/// An account, as the state tree commits to it.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
pub struct Account {
	/// Its address.
	pub address: Address,
	/// The next greater address that has an account; [`NULL_ADDRESS`] for the greatest.
	pub next: Address,
	/// The hash of the one-time public key that signs its next transfer. At first, the address.
	pub key: Hash,
	/// What it has, in base units.
	pub balance: u64,
	/// The number of its transfers.
	pub nonce: u64,
}

impl Account {
	/// Returns the account of an address that has never signed.
	pub(crate) fn new(address: Address, next: Address, balance: u64) -> Self {
		Self { address, next, key: address, balance, nonce: 0 }
	}

	/// Returns whether there is no account between this one and its next one with this address,
	/// which is greater than this one's.
	pub(crate) fn next_is_beyond(&self, address: &Address) -> bool {
		self.next > *address || self.next == NULL_ADDRESS
	}

	/// Returns the hash of the leaf: two compressions.
	pub(crate) fn leaf(&self) -> Hash {
		let mut second = Block::default();
		second[..32].copy_from_slice(&self.key);
		second[32..40].copy_from_slice(&self.balance.to_le_bytes());
		second[40..48].copy_from_slice(&self.nonce.to_le_bytes());
		Domain::Leaf.hash(&[pair(&self.address, &self.next), second])
	}
}
