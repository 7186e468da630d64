use super::*;
use crate::oracle::{run_bytes, Bytes, World};
use proptest::prelude::*;

proptest! {
	#![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

	/// Full state, witness and model agree; changed witnesses and lists change no result, and
	/// nothing panics; the supply is conserved. See [`crate::oracle`].
	#[test]
	fn all_forms_agree(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
		run_bytes(&bytes);
	}

	/// Any bytes are a list.
	#[test]
	fn any_bytes_have_an_outcome(list in prop::collection::vec(any::<u8>(), 0..3_000)) {
		let mut world = World::new();
		let proposal = proposal(world.state());
		let outcome = world.compare(&proposal, &list).outcome;
		prop_assert_eq!(outcome.header.list_hash, sha256(&list));
	}

	/// Any witness that decodes is an error or gives the right result.
	#[test]
	fn any_witness_is_checked(
		indices in prop::collection::vec(0u32..8, 0..6),
		siblings in prop::collection::vec(any::<[u8; 32]>(), 0..6),
	) {
		let state = genesis(&[100, 100, 100]);
		let list = encode_list(&[signer(0).sign(signer(1).address(), 10, 1).unwrap()]);
		let account = |index: &u32| state.accounts().get(*index as usize).copied();
		let accounts = indices
			.iter()
			.map(|index| (*index, account(index).unwrap_or(state.accounts()[0])))
			.collect();
		let witness = Witness { accounts, siblings };
		let expected = state.execute(&proposal(&state), &list).unwrap().outcome;
		match execute(state.header(), &witness, &proposal(&state), &list) {
			Ok(outcome) => prop_assert_eq!(outcome, expected),
			Err(error) => prop_assert!(error != Error::ExcessiveSupply),
		}
	}
}

/// The random sequences reach every kind of effect: a test that nothing can fail shows nothing.
#[test]
fn random_sequences_are_not_idle() {
	let mut seen = std::collections::BTreeSet::new();
	let mut random = 1u64;
	let mut sequences = 0;
	while seen.len() < 7 {
		sequences += 1;
		assert!(sequences < 300, "only {seen:?}");
		let data: Vec<u8> = (0..400)
			.map(|_| {
				random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
				(random >> 56) as u8
			})
			.collect();
		let mut bytes = Bytes::new(&data);
		let mut world = World::new();
		while !bytes.is_empty() {
			let effects = world.block(&mut bytes);
			seen.extend(effects.iter().map(|effect| std::format!("{effect:?}")));
			if world.state().accounts().len() > 5 {
				seen.insert("an account was created".into());
			}
		}
	}
}
