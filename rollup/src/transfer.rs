//! Transfers, and lists of them.

use crate::{hash::Hash, signature::Signature};
use alloc::vec::Vec;
use codec::{Decode, DecodeAll, Encode};

/// The address of an account: the hash of its first one-time public key.
pub type Address = [u8; 32];

/// What a sender signs.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct Transfer {
	/// The account that pays.
	pub from: Address,
	/// The number of transfers that this account has signed before and that were executed.
	pub nonce: u64,
	/// The account that receives the amount. It need not exist.
	pub to: Address,
	/// What is moved, in base units.
	pub amount: u64,
	/// What the beneficiary of the block gets, in base units.
	pub fee: u64,
	/// The hash of the one-time public key that signs the sender's next transfer.
	pub next_key: Hash,
}

/// A transfer and its signature.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct SignedTransfer {
	/// What is signed.
	pub transfer: Transfer,
	/// The signature by the sender's present one-time key.
	pub signature: Signature,
}

impl SignedTransfer {
	/// The length of its encoding, in bytes.
	pub const SIZE: usize = 1_176;
}

/// Returns the bytes of a list: the SCALE encoding of the vector.
pub fn encode_list(transfers: &[SignedTransfer]) -> Vec<u8> {
	transfers.encode()
}

/// Returns the transfers of a list, or `None` if it does not decode: too short, trailing bytes, or
/// a length that is not encoded in its shortest form.
///
/// Uses memory in proportion to the bytes, whatever length they claim.
pub fn decode_list(list: &[u8]) -> Option<Vec<SignedTransfer>> {
	Vec::decode_all(&mut &*list).ok()
}
