//! What a valid transfer does, case by case.

use super::*;
use Effect::*;

#[test]
fn a_transfer_moves_its_amount_and_pays_its_fee() {
	let mut state = genesis(&[1_000, 500]);
	let (mut alice, bob) = (signer(0), signer(1));
	let transfer = alice.sign(bob.address(), 300, 7).unwrap();
	let next_key = transfer.transfer.next_key;
	assert_eq!(run(&mut state, &[transfer]), [Moved]);
	assert_eq!(balance(&state, &alice.address()), 693);
	assert_eq!(balance(&state, &bob.address()), 800);
	assert_eq!(balance(&state, &BENEFICIARY), 7);
	let account = state.account(&alice.address()).unwrap();
	assert_eq!((account.nonce, account.key), (1, next_key));
	assert_eq!(state.account(&bob.address()).unwrap().key, bob.address());
}

#[test]
fn transfers_of_one_list_follow_each_other() {
	let mut state = genesis(&[1_000]);
	let (mut alice, mut bob) = (signer(0), signer(1));
	let transfers = [
		alice.sign(bob.address(), 500, 1).unwrap(),
		// Bob's account was created by the transfer before.
		bob.sign(alice.address(), 200, 1).unwrap(),
		alice.sign(bob.address(), 600, 1).unwrap(),
		alice.sign(bob.address(), 98, 0).unwrap(),
	];
	assert_eq!(run(&mut state, &transfers), [Moved; 4]);
	assert_eq!(balance(&state, &alice.address()), 0);
	assert_eq!(balance(&state, &bob.address()), 997);
}

#[test]
fn an_account_is_created_by_the_first_amount_above_zero() {
	let mut state = genesis(&[10]);
	let mut alice = signer(0);
	let new = [7; 32];
	assert_eq!(run(&mut state, &[alice.sign(new, 0, 0).unwrap()]), [Moved]);
	assert_eq!(state.account(&new), None);
	assert_eq!(run(&mut state, &[alice.sign(new, 1, 0).unwrap()]), [Moved]);
	let account = *state.account(&new).unwrap();
	assert_eq!((account.balance, account.nonce, account.key), (1, 0, new));
	assert_eq!(state.accounts().last(), Some(&account));
}

#[test]
fn an_account_stays_when_it_is_empty() {
	let mut state = genesis(&[10]);
	let mut alice = signer(0);
	assert_eq!(run(&mut state, &[alice.sign([7; 32], 10, 0).unwrap()]), [Moved]);
	// Or it would begin with its first key again, which is used.
	let account = state.account(&alice.address()).unwrap();
	assert_eq!((account.balance, account.nonce), (0, 1));
}

#[test]
fn a_transfer_to_oneself_pays_the_fee_and_needs_the_amount() {
	let mut state = genesis(&[100]);
	let mut alice = signer(0);
	let address = alice.address();
	assert_eq!(run(&mut state, &[alice.sign(address, 95, 5).unwrap()]), [Moved]);
	assert_eq!(balance(&state, &address), 95);
	assert_eq!(run(&mut state, &[alice.sign(address, 91, 5).unwrap()]), [FeeOnly]);
	assert_eq!(balance(&state, &address), 90);
}

#[test]
fn a_zero_amount_pays_the_fee_and_rotates_the_key() {
	let mut state = genesis(&[100, 0]);
	let (mut alice, bob) = (signer(0), signer(1));
	assert_eq!(run(&mut state, &[alice.sign(bob.address(), 0, 5).unwrap()]), [Moved]);
	assert_eq!(balance(&state, &alice.address()), 95);
	assert_eq!(balance(&state, &bob.address()), 0);
	assert_eq!(state.account(&alice.address()).unwrap().nonce, 1);
}

#[test]
fn without_the_amount_only_the_fee_is_paid() {
	let mut state = genesis(&[100, 0]);
	let (mut alice, bob) = (signer(0), signer(1));
	let transfers = [
		alice.sign(bob.address(), 96, 5).unwrap(),
		alice.sign(bob.address(), u64::MAX, 5).unwrap(),
		alice.sign(bob.address(), 85, 5).unwrap(),
	];
	assert_eq!(run(&mut state, &transfers), [FeeOnly, FeeOnly, Moved]);
	assert_eq!(balance(&state, &alice.address()), 0);
	assert_eq!(balance(&state, &bob.address()), 85);
	assert_eq!(balance(&state, &BENEFICIARY), 15);
}

#[test]
fn a_fee_is_paid_in_full_or_not_at_all_and_the_key_rotates() {
	let mut state = genesis(&[100, 0]);
	let (mut alice, bob) = (signer(0), signer(1));
	let transfers = [
		alice.sign(bob.address(), 0, 101).unwrap(),
		alice.sign(bob.address(), 1, u64::MAX).unwrap(),
		// The signer and the account still agree.
		alice.sign(bob.address(), 100, 0).unwrap(),
	];
	assert_eq!(run(&mut state, &transfers), [Unpaid, Unpaid, Moved]);
	assert_eq!(state.account(&BENEFICIARY), None);
	assert_eq!(balance(&state, &bob.address()), 100);
}

#[test]
fn a_beneficiary_gets_its_own_fee_back_after_the_block() {
	let mut state = genesis(&[100, 0]);
	let (mut alice, bob) = (signer(0), signer(1));
	let proposal = Proposal { beneficiary: alice.address(), ..proposal(&state) };
	let transfers = [
		alice.sign(bob.address(), 60, 30).unwrap(),
		// The fee of the first one is not there yet.
		alice.sign(bob.address(), 30, 5).unwrap(),
	];
	let outcome = run_list(&mut state, &proposal, &encode_list(&transfers));
	assert_eq!(outcome.effects, [Moved, FeeOnly]);
	assert_eq!(balance(&state, &alice.address()), 40);
	assert_eq!(balance(&state, &bob.address()), 60);
}

#[test]
fn a_beneficiary_can_be_the_recipient_and_be_new() {
	let mut state = genesis(&[100]);
	let transfer = signer(0).sign(BENEFICIARY, 50, 10).unwrap();
	assert_eq!(run(&mut state, &[transfer]), [Moved]);
	assert_eq!(balance(&state, &BENEFICIARY), 60);
	assert_eq!(state.accounts().len(), 3);
}

#[test]
fn the_null_account_can_receive_and_never_pays() {
	let mut state = genesis(&[100]);
	assert_eq!(run(&mut state, &[signer(0).sign(NULL_ADDRESS, 50, 0).unwrap()]), [Moved]);
	assert_eq!(balance(&state, &NULL_ADDRESS), 50);
	let mut stolen = signer(1).sign([7; 32], 1, 0).unwrap();
	stolen.transfer.from = NULL_ADDRESS;
	assert_eq!(run(&mut state, &[stolen]), [Refused(Refusal::BadSignature)]);
}

#[test]
fn the_greatest_supply_does_not_overflow() {
	let mut state = genesis(&[u64::MAX - 1, 1]);
	let (mut alice, mut bob) = (signer(0), signer(1));
	let transfers = [
		bob.sign(alice.address(), 1, 0).unwrap(),
		alice.sign(alice.address(), u64::MAX, 0).unwrap(),
		alice.sign(bob.address(), u64::MAX, 1).unwrap(),
		alice.sign(bob.address(), 0, u64::MAX - 1).unwrap(),
	];
	assert_eq!(run(&mut state, &transfers), [Moved, Moved, FeeOnly, Moved]);
	assert_eq!(balance(&state, &BENEFICIARY), u64::MAX);
}

#[test]
fn genesis_is_the_same_for_the_same_balances() {
	let state = genesis(&[5, 6]);
	let header = *state.header();
	assert_eq!(header.id, 0);
	assert_eq!(header.accounts, 3);
	assert_eq!(header, *genesis(&[5, 6]).header());
	assert_ne!(header.hash(), genesis(&[6, 5]).header().hash());
	let null = [(NULL_ADDRESS, 0)].into();
	assert_eq!(
		State::genesis(&BTreeMap::new()).unwrap().header(),
		State::genesis(&null).unwrap().header()
	);
	let excessive = [([1; 32], u64::MAX), ([2; 32], 1)].into();
	assert_eq!(State::genesis(&excessive).unwrap_err(), GenesisError::ExcessiveSupply);
}

#[test]
fn a_state_is_restored_from_its_accounts_only() {
	let mut state = genesis(&[100]);
	run(&mut state, &[signer(0).sign([7; 32], 50, 1).unwrap()]);
	let restored = State::restore(*state.header(), state.accounts().to_vec()).unwrap();
	let list = encode_list(&[Signer::resume(dev_secret(0), 1).sign([8; 32], 9, 1).unwrap()]);
	assert_eq!(
		restored.execute(&proposal(&state), &list).unwrap().outcome,
		state.execute(&proposal(&state), &list).unwrap().outcome
	);
	for change in [
		|accounts: &mut Vec<Account>| accounts[1].balance += 1,
		|accounts: &mut Vec<Account>| accounts.swap(0, 1),
		|accounts: &mut Vec<Account>| accounts.truncate(1),
		|accounts: &mut Vec<Account>| accounts.push(accounts[0]),
		|accounts: &mut Vec<Account>| accounts.clear(),
	] {
		let mut accounts = state.accounts().to_vec();
		change(&mut accounts);
		let restored = State::restore(*state.header(), accounts);
		assert_eq!(restored.unwrap_err(), Error::WrongWitness);
	}
}
