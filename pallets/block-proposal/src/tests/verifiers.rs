//! Proofs: several verifiers at once, by kind, all of a set, or one after the other.

use codec::Encode;
use frame_support::weights::Weight;
use sp_core::H256;

use crate::{
	mock::{EchoVerifier, Revoked, UNCONFIRMED},
	AllOf, AnyOf, Either, ProofVerifier, Stage, Then, Verification,
};

const INSTANCE: H256 = H256::repeat_byte(0x42);

/// Accepts one word, whatever the instance. Its tag is revoked while 99 is.
struct Word;
impl ProofVerifier for Word {
	type Tag = u16;

	fn verify(_instance: H256, proof: &[u8]) -> Verification<u16> {
		let tag = (proof == b"word").then_some(500);
		Verification { tag, weight: Weight::from_parts(7, 0) }
	}

	fn verify_weight(_proof_len: u32) -> Weight {
		Weight::from_parts(8, 0)
	}

	fn is_revoked(_tag: &u16) -> bool {
		Revoked::get().contains(&99)
	}

	fn is_revoked_weight() -> Weight {
		Weight::from_parts(3, 0)
	}
}

fn echo(tag: u8) -> Vec<u8> {
	[INSTANCE.as_bytes(), &[tag]].concat()
}

#[test]
fn any_of_chooses_by_the_first_byte() {
	type Any = AnyOf<EchoVerifier, Word>;
	Revoked::set(vec![]);
	let verify = |bytes: &[&[u8]]| Any::verify(INSTANCE, &bytes.concat());
	assert_eq!(verify(&[&[0], &echo(5)]).tag, Some(Either::First(5)));
	assert_eq!(verify(&[&[1], b"word"]).tag, Some(Either::Second(500)));
	// Right proofs under the wrong kind, no kind, no bytes.
	for wrong in [[&[1u8][..], &echo(5)].concat(), b"\0word".to_vec(), b"\x02word".to_vec(), vec![]]
	{
		assert_eq!(Any::verify(INSTANCE, &wrong).tag, None, "{wrong:?}");
	}
	// The weight is that of the one that was asked, at most the heavier.
	assert_eq!(verify(&[&[1], b"word"]).weight, Weight::from_parts(7, 0));
	assert_eq!(verify(&[&[0], &echo(5)]).weight, Weight::from_parts(1_000_000, 0));
	assert_eq!(verify(&[]).weight, Weight::zero());
	assert_eq!(Any::verify_weight(10), EchoVerifier::verify_weight(10));
	assert_eq!(Any::is_revoked_weight(), EchoVerifier::is_revoked_weight());
	// What is revoked of one kind says nothing of the other.
	Revoked::set(vec![5]);
	assert!(Any::is_revoked(&Either::First(5)) && !Any::is_revoked(&Either::First(6)));
	assert!(!Any::is_revoked(&Either::Second(500)));
	Revoked::set(vec![99]);
	assert!(Any::is_revoked(&Either::Second(500)) && !Any::is_revoked(&Either::First(5)));
}

#[test]
fn all_of_needs_both() {
	type All = AllOf<EchoVerifier, Word>;
	Revoked::set(vec![]);
	let verify =
		|first: Vec<u8>, second: &[u8]| All::verify(INSTANCE, &(first, second.to_vec()).encode());
	let both = verify(echo(5), b"word");
	assert_eq!((both.tag, both.weight), (Some((5, 500)), Weight::from_parts(1_000_007, 0)));
	// The second is not asked if the first is wrong.
	let first_wrong = verify(vec![], b"word");
	assert_eq!((first_wrong.tag, first_wrong.weight), (None, Weight::from_parts(400_000, 0)));
	assert_eq!(verify(echo(5), b"world").tag, None);
	for undecodable in
		[vec![], vec![0xff], [(echo(5), b"word".to_vec()).encode(), vec![0]].concat()]
	{
		let answer = All::verify(INSTANCE, &undecodable);
		assert_eq!((answer.tag, answer.weight), (None, Weight::zero()));
	}
	assert_eq!(All::verify_weight(0), Weight::from_parts(1_000_008, 0));
	assert_eq!(All::is_revoked_weight(), Weight::from_parts(10_003, 0));
	// One that is revoked is enough.
	assert!(!All::is_revoked(&(5, 500)));
	for revoked in [5, 99] {
		Revoked::set(vec![revoked]);
		assert!(All::is_revoked(&(5, 500)), "{revoked}");
	}
}

#[test]
fn then_takes_the_second_proof_later() {
	type Both = Then<EchoVerifier, Word>;
	Revoked::set(vec![]);
	let Verification { tag, weight } = Both::verify(INSTANCE, &echo(5));
	let claimed = tag.expect("the first kind is enough for a claim");
	assert_eq!((claimed, weight), (Stage::Claimed(5), Weight::from_parts(1_000_000, 0)));
	assert_eq!(Both::verify(INSTANCE, b"word").tag, None);
	assert!(!Both::is_confirmed(&claimed));
	let Verification { tag, weight } = Both::confirm(&claimed, INSTANCE, b"word");
	let confirmed = tag.expect("a proof of the second kind");
	assert_eq!((confirmed, weight), (Stage::Confirmed(5, 500), Weight::from_parts(7, 0)));
	assert!(Both::is_confirmed(&confirmed));
	// The first kind again, nothing, and what is confirmed already.
	for (tag, proof) in [(claimed, echo(5)), (claimed, vec![]), (confirmed, b"word".to_vec())] {
		assert_eq!(Both::confirm(&tag, INSTANCE, &proof).tag, None);
	}
	assert_eq!(Both::verify_weight(3), EchoVerifier::verify_weight(3));
	assert_eq!(Both::confirm_weight(3), Word::verify_weight(3));
	assert_eq!(Both::is_revoked_weight(), Weight::from_parts(10_003, 0));
	Revoked::set(vec![99]);
	assert!(!Both::is_revoked(&claimed) && Both::is_revoked(&confirmed));
	Revoked::set(vec![5]);
	assert!(Both::is_revoked(&claimed) && Both::is_revoked(&confirmed));
}

#[test]
fn any_of_confirms_by_the_kind_of_the_claim() {
	type Any = AnyOf<Word, EchoVerifier>;
	Revoked::set(vec![]);
	let first = Either::Second(5 | UNCONFIRMED);
	assert!(Any::is_confirmed(&Either::First(500)) && !Any::is_confirmed(&first));
	let Verification { tag, weight } = Any::confirm(&first, INSTANCE, INSTANCE.as_bytes());
	assert_eq!((tag, weight), (Some(Either::Second(5)), Weight::from_parts(700_000, 0)));
	assert_eq!(Any::confirm(&Either::First(500), INSTANCE, b"word").tag, None);
	assert_eq!(Any::confirm_weight(1), EchoVerifier::confirm_weight(1));
}

#[test]
fn the_empty_verifier_accepts_nothing() {
	for bytes in [&[][..], &[0], INSTANCE.as_bytes()] {
		assert_eq!(<() as ProofVerifier>::verify(INSTANCE, bytes).tag, None);
	}
	assert!(<() as ProofVerifier>::is_revoked(&()));
}
