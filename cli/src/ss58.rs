//! Addresses: accounts as people copy them, with the chain's own prefix.

use crate::{chain::AccountId, Error, Result};
use base58::{FromBase58, ToBase58};
use sp_crypto_hashing::blake2_512;

/// Bytes of the checksum at the end of an address.
const CHECKSUM: usize = 2;
/// The highest prefix that there is: it has 14 bits.
pub const MAX_PREFIX: u16 = 0x3fff;

/// The address of an account on the chain with this prefix.
pub fn encode(account: &AccountId, prefix: u16) -> String {
	let mut bytes = prefix_bytes(prefix);
	bytes.extend(account.0);
	let checksum = checksum(&bytes);
	bytes.extend(checksum);
	bytes.to_base58()
}

/// The account of an address of the chain with this prefix, or of 32 bytes written as `0x…`.
pub fn decode(text: &str, prefix: u16) -> Result<AccountId> {
	let wrong = |reason: &str| Error::Usage(format!("`{text}` is not an account: {reason}"));
	if let Some(digits) = text.strip_prefix("0x") {
		let bytes = crate::decoded::from_hex(digits).and_then(|bytes| bytes.try_into().ok());
		return bytes.map(AccountId).ok_or_else(|| wrong("`0x` is followed by 64 digits"));
	}
	let other = "name it by its address, or by `0x` and 64 digits";
	let bytes = text.from_base58().map_err(|_| wrong(other))?;
	let prefix_length = if bytes.first().is_some_and(|first| *first >= 64) { 2 } else { 1 };
	if bytes.len() != prefix_length + 32 + CHECKSUM {
		return Err(wrong(other));
	}
	let (body, end) = bytes.split_at(prefix_length + 32);
	if checksum(body) != end {
		return Err(wrong("its checksum is wrong, so there is a mistake in it"));
	}
	let (found, account) = body.split_at(prefix_length);
	let mut key = [0; 32];
	key.copy_from_slice(account);
	let account = AccountId(key);
	if found != prefix_bytes(prefix) {
		let here = encode(&account, prefix);
		return Err(wrong(&format!(
			"it is an address of another chain; of this one, it is {here}"
		)));
	}
	Ok(account)
}

/// One byte for small prefixes; else two, whose bits are in an order of their own.
fn prefix_bytes(prefix: u16) -> Vec<u8> {
	match prefix & MAX_PREFIX {
		prefix if prefix < 64 => vec![prefix as u8],
		prefix => vec![
			((prefix & 0b1111_1100) >> 2) as u8 | 0b0100_0000,
			(prefix >> 8) as u8 | ((prefix & 0b11) << 6) as u8,
		],
	}
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
	let hash = blake2_512(&[b"SS58PRE", bytes].concat());
	[hash[0], hash[1]]
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use std::str::FromStr;

	const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
	const ALICE_ON_POLKADOT: &str = "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5";
	/// The chain with prefix 252, which takes two bytes.
	const ALICE_ON_FIO: &str = "xw8P6urbSAronL3zZFB7dg8p7LLSgKCUFDUgjohnf1iP434ic";

	#[test]
	fn well_known_addresses_are_read_and_written() {
		let alice = subxt_signer::sr25519::dev::alice().public_key().to_account_id();
		assert_eq!(AccountId::from_str(ALICE).unwrap(), alice);
		for (prefix, address) in [(42, ALICE), (0, ALICE_ON_POLKADOT), (252, ALICE_ON_FIO)] {
			assert_eq!(encode(&alice, prefix), address);
			assert_eq!(decode(address, prefix).unwrap(), alice);
		}
		let hex = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
		assert_eq!(decode(hex, 42).unwrap(), alice);
	}

	#[test]
	fn what_is_no_account_is_refused_with_the_reason() {
		let typo = ALICE.replace("Grwv", "Grwx");
		for (text, reason) in [
			("", "by its address"),
			("alice", "by its address"),
			// Every character is one of an address.
			("ferdie", "by its address"),
			("0x12", "64 digits"),
			("0xz", "64 digits"),
			(typo.as_str(), "checksum"),
			(&ALICE[..40], "by its address"),
			(ALICE_ON_POLKADOT, ALICE),
		] {
			let error = decode(text, 42).unwrap_err();
			assert_eq!(error.exit_code(), 2);
			assert!(error.to_string().contains(reason), "{text}: {error}");
		}
	}

	proptest! {
		#[test]
		fn every_address_is_read_back(account: [u8; 32], prefix in 0..=MAX_PREFIX) {
			let address = encode(&AccountId(account), prefix);
			prop_assert_eq!(decode(&address, prefix).unwrap(), AccountId(account));
		}

		#[test]
		fn no_account_has_a_second_spelling(account: [u8; 32], at in 0usize..48, to in "[1-9A-Z]") {
			let address = encode(&AccountId(account), 42);
			let mut changed = address.clone();
			changed.replace_range(at..at + 1, &to);
			// One change in 65 536 passes the checksum of 16 bits, as an address of another
			// account.
			if let Ok(read) = decode(&changed, 42) {
				prop_assert_eq!(changed == address, read == AccountId(account));
			}
		}

		#[test]
		fn no_text_makes_it_panic(text in "\\PC*") {
			let _ = decode(&text, 42);
		}
	}
}
