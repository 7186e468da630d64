//! Lists, gas and headers.

use super::*;
use codec::{Compact, Encode};

/// Returns the outcome of a list with this gas limit on a state that it does not change.
fn unchanged(state: &State, gas_limit: u32, list: &[u8]) -> Outcome {
	let proposal = Proposal { gas_limit, ..proposal(state) };
	let mut after = state.clone();
	let outcome = run_list(&mut after, &proposal, list);
	assert_eq!(outcome.header.state_root, state.header().state_root);
	assert_eq!(after.accounts(), state.accounts());
	assert_eq!(outcome.effects, []);
	// It is another block all the same.
	assert_eq!(outcome.header.parent, state.header().hash());
	assert_ne!(outcome.header.hash(), state.header().hash());
	// And needs no witness.
	assert_eq!(execute(state.header(), &Witness::default(), &proposal, list), Ok(outcome.clone()));
	outcome
}

#[test]
fn a_transfer_has_its_documented_size() {
	let signed = signer(0).sign([1; 32], 2, 3).unwrap();
	assert_eq!(signed.encode().len(), SignedTransfer::SIZE);
	let list = encode_list(&[signed.clone(), signed.clone()]);
	assert_eq!(list.len(), 1 + 2 * SignedTransfer::SIZE);
	assert_eq!(decode_list(&list), Some(vec![signed.clone(), signed]));
}

#[test]
fn a_list_that_does_not_decode_gives_an_empty_block_without_gas() {
	let state = genesis(&[100]);
	let whole = encode_list(&[signer(0).sign([1; 32], 2, 3).unwrap()]);
	let mut trailing = whole.clone();
	trailing.push(0);
	let claims = |count: u32| [&Compact(count).encode()[..], &whole[1..]].concat();
	// The number 1 in two bytes, where one is enough.
	let long_form = [&[0b101, 0], &whole[1..]].concat();
	for list in [
		&[][..],
		&[0, 0],
		&[0xff; 40],
		&whole[..whole.len() - 1],
		&whole[1..],
		&trailing,
		&claims(0),
		&claims(2),
		&claims(u32::MAX),
		&long_form,
	] {
		assert_eq!(decode_list(list), None);
		assert_eq!(unchanged(&state, AMPLE, list).header.gas_used, 0);
		assert_eq!(unchanged(&state, 0, list).header.gas_used, 0);
	}
}

#[test]
fn an_empty_list_uses_no_gas() {
	let outcome = unchanged(&genesis(&[100]), 0, &encode_list(&[]));
	assert_eq!(outcome.header.gas_used, 0);
}

#[test]
fn a_list_above_the_limit_gives_an_empty_block_with_all_gas() {
	let mut state = genesis(&[100]);
	let mut alice = signer(0);
	let list =
		encode_list(&[alice.sign([1; 32], 2, 3).unwrap(), alice.sign([1; 32], 2, 3).unwrap()]);
	for gas_limit in [0, 1, GAS_PER_TRANSFER, 2 * GAS_PER_TRANSFER - 1] {
		assert_eq!(unchanged(&state, gas_limit, &list).header.gas_used, gas_limit);
	}
	let exact = Proposal { gas_limit: 2 * GAS_PER_TRANSFER, ..proposal(&state) };
	let outcome = run_list(&mut state, &exact, &list);
	assert_eq!(outcome.header.gas_used, 2 * GAS_PER_TRANSFER);
	assert_eq!(outcome.effects, [Effect::Moved; 2]);
}

#[test]
fn every_transfer_uses_gas_whatever_becomes_of_it() {
	let mut state = genesis(&[100]);
	let refused = signer(1).sign([1; 32], 2, 3).unwrap();
	let paid = signer(0).sign([1; 32], 2, 3).unwrap();
	let list = encode_list(&[refused.clone(), paid.clone(), paid, refused]);
	let proposal = proposal(&state);
	let outcome = run_list(&mut state, &proposal, &list);
	assert_eq!(outcome.header.gas_used, 4 * GAS_PER_TRANSFER);
	assert_eq!(
		outcome.effects,
		[
			Effect::Refused(Refusal::UnknownSender),
			Effect::Moved,
			Effect::Refused(Refusal::WrongNonce),
			Effect::Refused(Refusal::UnknownSender),
		]
	);
}

#[test]
fn a_block_depends_on_parent_and_proposal_alone() {
	let state = genesis(&[100]);
	let list = encode_list(&[signer(0).sign([1; 32], 2, 0).unwrap()]);
	let block = |proposal: Proposal, list: &[u8]| {
		state.execute(&proposal, list).unwrap().outcome.header.hash()
	};
	let given = proposal(&state);
	let hash = block(given, &list);
	assert_eq!(hash, block(given, &list));
	for other in [
		Proposal { id: given.id + 1, ..given },
		Proposal { gas_limit: given.gas_limit - 1, ..given },
		Proposal { beneficiary: [1; 32], ..given },
	] {
		assert_ne!(hash, block(other, &list));
	}
	assert_ne!(hash, block(given, &[]));
}

#[test]
fn headers_and_instances_are_their_fields_one_after_another() {
	let header = Header {
		parent: [1; 32],
		id: 0x0203,
		list_hash: [3; 32],
		gas_limit: 0x0405,
		beneficiary: [5; 32],
		gas_used: 0x0607,
		accounts: 0x0809,
		state_root: [8; 32],
	};
	let bytes = [
		&b"rollup-header/01"[..],
		&[1; 32],
		&[3, 2, 0, 0, 0, 0, 0, 0],
		&[3; 32],
		&[5, 4, 0, 0],
		&[5; 32],
		&[7, 6, 0, 0],
		&[9, 8, 0, 0],
		&[8; 32],
	]
	.concat();
	assert_eq!(bytes.len(), 164);
	assert_eq!(header.hash(), sha256(&bytes));

	let bytes = [
		&[9; 32][..],
		b"block-proposal/2",
		&[3, 2, 0, 0, 0, 0, 0, 0],
		&[3; 32],
		&[5, 4, 0, 0],
		&[5; 32],
		&[1; 32],
		&header.hash(),
		&[7, 6, 0, 0],
		&[10; 32],
	]
	.concat();
	assert_eq!(bytes.len(), 224);
	assert_eq!(header.instance([9; 32], [10; 32]).hash(), sha256(&bytes));
}
