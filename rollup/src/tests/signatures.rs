//! The signature scheme and the signer.

use super::*;
use crate::signature::{digits, Message};
use std::format;

#[test]
fn a_signature_verifies_with_its_key_alone() {
	let signed = signer(0).sign([1; 32], 2, 3).unwrap();
	assert!(signed.signature.verify(&signed.transfer, &signer(0).address()));
	assert!(!signed.signature.verify(&signed.transfer, &signer(1).address()));
	assert!(!signed.signature.verify(&signed.transfer, &signed.transfer.next_key));
}

#[test]
fn every_field_is_signed() {
	let SignedTransfer { transfer, signature } = signer(0).sign([1; 32], 2, 3).unwrap();
	let key = signer(0).address();
	for changed in [
		Transfer { from: [0; 32], ..transfer.clone() },
		Transfer { nonce: 1, ..transfer.clone() },
		Transfer { to: [2; 32], ..transfer.clone() },
		Transfer { amount: 3, ..transfer.clone() },
		Transfer { fee: 2, ..transfer.clone() },
		Transfer { next_key: key, ..transfer.clone() },
	] {
		assert!(!signature.verify(&changed, &key));
	}
	for at in 0..CHAINS * VALUE_SIZE {
		let mut changed = signature.clone();
		changed.chains[at] ^= 1;
		assert!(!changed.verify(&transfer, &key));
	}
	for at in 0..VALUE_SIZE {
		let mut changed = signature.clone();
		changed.seed[at] ^= 1;
		assert!(!changed.verify(&transfer, &key));
		let mut changed = signature.clone();
		changed.randomiser[at] ^= 1;
		assert!(!changed.verify(&transfer, &key));
	}
}

/// With another sum, a signature would take more steps, and contain those of other digests.
#[test]
fn digits_have_one_sum() {
	assert_eq!(digits(&[0; 16]), None);
	assert_eq!(digits(&[0xff; 16]), None);
	assert_eq!(digits(&[0xaa; 16]), None);
	// 56 digits of 2 and 8 of 1: the sum is 120.
	let mut digest = [0xaa; 16];
	digest[..2].fill(0x55);
	let mut expected = [2; CHAINS];
	expected[..8].fill(1);
	assert_eq!(digits(&digest), Some(expected));
	// The first digit is in the lowest bits.
	let mut digest = [0xaa; 16];
	digest[0] = 0b01_01_01_00;
	digest[1] = 0b10_10_01_01;
	digest[2] = 0b10_10_10_01;
	let digits = digits(&digest).unwrap();
	assert_eq!(digits[..12], [0, 1, 1, 1, 1, 1, 2, 2, 1, 2, 2, 2]);
}

#[test]
fn verification_always_takes_the_same_number_of_compressions() {
	let mut alice = signer(0);
	for _ in 0..5 {
		let key = alice.sign([1; 32], 2, 3).unwrap();
		let current = Signer::resume(dev_secret(0), key.transfer.nonce);
		let key_hash = if key.transfer.nonce == 0 { current.address() } else { next(&current) };
		let digest = Message::new(&key.transfer, &key_hash).digest(&key.signature.randomiser);
		let steps: u32 = digits(&digest).unwrap().iter().map(|digit| u32::from(3 - digit)).sum();
		assert_eq!(steps + 3 + 17, VERIFY_COMPRESSIONS);
	}
	assert_eq!(VERIFY_COMPRESSIONS, 92);

	/// Returns the hash of the key that a signer signs with next.
	fn next(signer: &Signer) -> Hash {
		let mut before = Signer::resume(dev_secret(0), signer.nonce() - 1);
		before.sign([0; 32], 0, 0).unwrap().transfer.next_key
	}
}

#[test]
fn a_signer_never_uses_a_key_twice() {
	let mut alice = signer(0);
	let mut seeds = std::collections::BTreeSet::new();
	let mut key = alice.address();
	for nonce in 0..20 {
		assert_eq!(alice.nonce(), nonce);
		let signed = alice.sign([1; 32], 2, 3).unwrap();
		assert_eq!(signed.transfer.nonce, nonce);
		assert!(signed.signature.verify(&signed.transfer, &key));
		assert!(seeds.insert(signed.signature.seed));
		key = signed.transfer.next_key;
	}
}

#[test]
fn a_signer_resumes_where_it_was() {
	let mut alice = signer(0);
	alice.sign([1; 32], 2, 3).unwrap();
	let mut resumed = Signer::resume(dev_secret(0), 1);
	assert_eq!(resumed.address(), alice.address());
	// Signing is deterministic: the same transfer again reveals nothing new.
	assert_eq!(resumed.sign([1; 32], 4, 5), alice.sign([1; 32], 4, 5));
	assert_eq!(Signer::resume(dev_secret(0), u64::MAX).sign([1; 32], 2, 3), Err(KeysExhausted));
}

#[test]
fn a_signer_does_not_show_its_secret() {
	let secret = [0xab; 32];
	let shown = format!("{:?}", Signer::new(secret));
	assert!(!shown.contains("171") || !shown.contains("secret"), "{shown}");
	assert!(!shown.contains("171, 171"), "{shown}");
}
