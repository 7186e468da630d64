//! Attacks by name, which fail.

use super::*;
use Effect::Refused;

#[test]
fn replayed_transfer() {
	let mut state = genesis(&[100]);
	let transfers = [signer(0).sign([1; 32], 10, 1).unwrap()];
	assert_eq!(run(&mut state, &transfers), [Effect::Moved]);
	assert_eq!(run(&mut state, &transfers), [Refused(Refusal::WrongNonce)]);
	assert_eq!(balance(&state, &[1; 32]), 10);
}

#[test]
fn replayed_failed_transfer() {
	// A transfer that failed for want of funds does not come back when there are some.
	let mut state = genesis(&[1, 100]);
	let (mut alice, mut bob) = (signer(0), signer(1));
	let transfers = [alice.sign([1; 32], 50, 5).unwrap()];
	assert_eq!(run(&mut state, &transfers), [Effect::Unpaid]);
	run(&mut state, &[bob.sign(alice.address(), 99, 0).unwrap()]);
	assert_eq!(run(&mut state, &transfers), [Refused(Refusal::WrongNonce)]);
	assert_eq!(balance(&state, &alice.address()), 100);
}

#[test]
fn signature_with_the_previous_key() {
	let mut state = genesis(&[100]);
	let mut alice = signer(0);
	let first = [alice.sign([1; 32], 10, 1).unwrap()];
	run(&mut state, &first);
	let mut second = alice.sign([2; 32], 10, 1).unwrap();
	second.signature = first[0].signature.clone();
	assert_eq!(run(&mut state, &[second]), [Refused(Refusal::BadSignature)]);
}

#[test]
fn transfer_from_somebody_else() {
	let mut state = genesis(&[100, 100]);
	let mut stolen = signer(1).sign(signer(1).address(), 10, 1).unwrap();
	stolen.transfer.from = signer(0).address();
	assert_eq!(run(&mut state, &[stolen]), [Refused(Refusal::BadSignature)]);
	assert_eq!(balance(&state, &signer(0).address()), 100);
}

#[test]
fn diverted_recipient() {
	let mut state = genesis(&[100]);
	let mut diverted = signer(0).sign([1; 32], 10, 1).unwrap();
	diverted.transfer.to = [2; 32];
	assert_eq!(run(&mut state, &[diverted]), [Refused(Refusal::BadSignature)]);
}

#[test]
fn replaced_next_key() {
	// With another one, the account would be the attacker's.
	let mut state = genesis(&[100]);
	let mut taken = signer(0).sign([1; 32], 10, 1).unwrap();
	taken.transfer.next_key = signer(1).address();
	assert_eq!(run(&mut state, &[taken]), [Refused(Refusal::BadSignature)]);
}

#[test]
fn transfer_ahead_of_its_turn() {
	let mut state = genesis(&[100]);
	let mut alice = signer(0);
	let first = alice.sign([1; 32], 10, 1).unwrap();
	let second = alice.sign([2; 32], 10, 1).unwrap();
	let effects = run(&mut state, &[second.clone(), first, second]);
	assert_eq!(effects, [Refused(Refusal::WrongNonce), Effect::Moved, Effect::Moved]);
}

#[test]
fn nonce_at_its_end() {
	// Only a state that no genesis leads to has it.
	let mut accounts = genesis(&[100]).accounts().to_vec();
	let address = signer(0).address();
	let account = accounts.iter_mut().find(|account| account.address == address).unwrap();
	account.nonce = u64::MAX;
	let mut state = crafted(accounts);
	let mut transfer = signer(0).sign([1; 32], 10, 1).unwrap();
	transfer.transfer.nonce = u64::MAX;
	assert_eq!(run(&mut state, &[transfer]), [Refused(Refusal::WrongNonce)]);
}

#[test]
fn parent_with_more_than_the_supply() {
	let mut accounts = genesis(&[100, 100]).accounts().to_vec();
	for account in &mut accounts {
		account.balance = u64::MAX;
	}
	let state = crafted(accounts);
	let (mut alice, bob) = (signer(0), signer(1));
	let amount = encode_list(&[alice.sign(bob.address(), 1, 0).unwrap()]);
	assert_eq!(state.execute(&proposal(&state), &amount).unwrap_err(), Error::ExcessiveSupply);
	let fee = encode_list(&[signer(0).sign(bob.address(), 0, 1).unwrap()]);
	let to_bob = Proposal { beneficiary: bob.address(), ..proposal(&state) };
	assert_eq!(state.execute(&to_bob, &fee).unwrap_err(), Error::ExcessiveSupply);
	let fees = encode_list(&[
		signer(0).sign(bob.address(), 0, u64::MAX).unwrap(),
		signer(1).sign(bob.address(), 0, u64::MAX).unwrap(),
	]);
	assert_eq!(state.execute(&proposal(&state), &fees).unwrap_err(), Error::ExcessiveSupply);
}

#[test]
fn addresses_beside_each_other_make_no_path_longer() {
	// In a tree by address, accounts that share a long prefix with a victim's make its path long.
	// Here the number of accounts alone does.
	let mut state = genesis(&[1_000]);
	let mut alice = signer(0);
	let victim = alice.address();
	let transfers: Vec<_> = (0..32u8)
		.map(|bit| {
			let mut beside = victim;
			beside[31 - usize::from(bit) / 8] ^= 1 << (bit % 8);
			alice.sign(beside, 1, 0).unwrap()
		})
		.collect();
	assert_eq!(run(&mut state, &transfers), [Effect::Moved; 32]);
	assert_eq!(state.accounts().len(), 34);
	let list = encode_list(&[alice.sign(victim, 0, 0).unwrap()]);
	let witness = state.execute(&proposal(&state), &list).unwrap().witness;
	assert_eq!(witness.accounts.len(), 1);
	assert!(witness.siblings.len() <= 6, "34 leaves have 6 levels above them");
}

/// Returns a state with these accounts, whatever they are.
fn crafted(accounts: Vec<Account>) -> State {
	let leaves = accounts.iter().map(Account::leaf).collect();
	let header = Header {
		accounts: accounts.len() as u32,
		state_root: crate::tree::Tree::new(leaves).root(),
		..*genesis(&[]).header()
	};
	State::restore(header, accounts).unwrap()
}

/// Returns a transfer of more than the state's only signer has, and that signer's account with
/// enough for it.
fn forged_balance(state: &State) -> (Vec<u8>, u32, Account) {
	let address = signer(0).address();
	let list = encode_list(&[signer(0).sign(NULL_ADDRESS, 1_000_000, 0).unwrap()]);
	let index = state.accounts().iter().position(|account| account.address == address).unwrap();
	(list, index as u32, Account { balance: 1_000_000, ..state.accounts()[index] })
}

#[test]
fn witness_with_a_second_account_of_one_index() {
	let state = genesis(&[100]);
	let (list, index, forged) = forged_balance(&state);
	assert_eq!((index, state.accounts().len()), (1, 2));
	// Each of the two leaves is folded with a sibling of its own, and the first gives the right
	// root.
	let accounts = vec![(1, state.accounts()[1]), (1, forged)];
	let siblings = vec![state.accounts()[0].leaf(); 2];
	let result = execute(state.header(), &Witness { accounts, siblings }, &proposal(&state), &list);
	assert_eq!(result, Err(Error::WrongWitness));
}

#[test]
fn witness_with_an_account_beyond_the_last() {
	let state = genesis(&[100]);
	let (list, _, forged) = forged_balance(&state);
	// Beside the whole tree, the leaf has a path of its own that never meets the root.
	let accounts = vec![(0, state.accounts()[0]), (1, state.accounts()[1]), (2, forged)];
	let witness = Witness { accounts, siblings: vec![] };
	let result = execute(state.header(), &witness, &proposal(&state), &list);
	assert_eq!(result, Err(Error::WrongWitness));
}
