//! Execution with a witness.

use super::*;
use crate::execution::MAX_ACCOUNTS;
use codec::Encode;

/// Returns a state with three accounts beside the null account, and a list of one transfer of the
/// first one to this address.
fn case(to: Address) -> (State, Proposal, Vec<u8>) {
	let state = genesis(&[100, 100, 100]);
	let list = encode_list(&[signer(0).sign(to, 10, 1).unwrap()]);
	(state.clone(), proposal(&state), list)
}

#[test]
fn a_witness_has_what_a_block_touches_and_no_more() {
	let balances: BTreeMap<_, _> = (0..=255u8).map(|byte| ([byte; 32], 5)).collect();
	let alice = signer(0).address();
	let mut balances = balances;
	balances.insert(alice, 100);
	let state = State::genesis(&balances).unwrap();
	let proposal = Proposal { beneficiary: [9; 32], ..proposal(&state) };

	let to_existing = encode_list(&[signer(0).sign([5; 32], 10, 1).unwrap()]);
	let witness = state.execute(&proposal, &to_existing).unwrap().witness;
	let addresses: Vec<_> = witness.accounts.iter().map(|(_, account)| account.address).collect();
	let mut expected = vec![[5; 32], [9; 32], alice];
	expected.sort();
	assert_eq!(addresses, expected);
	assert!(witness.siblings.len() <= 3 * 9);

	// A new account needs its neighbour and the last account too.
	let mut new = [5; 32];
	new[31] = 6;
	let to_new = encode_list(&[signer(0).sign(new, 10, 1).unwrap()]);
	let witness = state.execute(&proposal, &to_new).unwrap().witness;
	let addresses: Vec<_> = witness.accounts.iter().map(|(_, account)| account.address).collect();
	let mut expected = vec![[5; 32], [9; 32], [255; 32], alice];
	expected.sort();
	assert_eq!(addresses, expected);
}

#[test]
fn every_account_of_a_witness_is_necessary() {
	let (state, proposal, list) = case([7; 32]);
	let witness = state.execute(&proposal, &list).unwrap().witness;
	// With all other accounts as siblings, the rest of the witness is still right.
	for (index, account) in witness.accounts.clone() {
		let kept: Vec<_> =
			witness.accounts.iter().filter(|(kept, _)| *kept != index).copied().collect();
		let mut leaves = state.accounts().iter().map(Account::leaf);
		let siblings = crate::tree::Tree::new(leaves.by_ref().collect());
		let mut lacking = Witness { accounts: kept.clone(), siblings: vec![] };
		let nodes = kept.iter().map(|(index, account)| (*index, account.leaf())).collect();
		crate::tree::root(
			state.header().accounts,
			nodes,
			|position| {
				let sibling = siblings.get(position)?;
				lacking.siblings.push(sibling);
				Some(sibling)
			},
			|_, _| (),
		)
		.unwrap();
		assert_eq!(
			execute(state.header(), &lacking, &proposal, &list),
			Err(Error::IncompleteWitness),
			"without {account:?}"
		);
	}
}

#[test]
fn unnecessary_accounts_do_no_harm() {
	let (state, proposal, list) = case(signer(1).address());
	let all = (0..).zip(state.accounts().iter().copied()).collect();
	let witness = Witness { accounts: all, siblings: vec![] };
	let expected = state.execute(&proposal, &list).unwrap().outcome;
	assert_eq!(execute(state.header(), &witness, &proposal, &list), Ok(expected));
}

#[test]
fn wrong_witnesses_by_name() {
	let (state, proposal, list) = case([7; 32]);
	let executed = state.execute(&proposal, &list).unwrap();
	let refused = |change: &dyn Fn(&mut Witness)| {
		let mut witness = executed.witness.clone();
		change(&mut witness);
		let result = execute(state.header(), &witness, &proposal, &list);
		assert_eq!(result, Err(Error::WrongWitness));
	};
	refused(&|witness| witness.accounts[0].1.balance += 1);
	refused(&|witness| witness.accounts[0].1.key = [1; 32]);
	refused(&|witness| witness.accounts[0].1.next = [1; 32]);
	refused(&|witness| witness.accounts.swap(0, 1));
	refused(&|witness| witness.accounts.push(witness.accounts[0]));
	refused(&|witness| witness.accounts.clear());
	refused(&|witness| witness.accounts.last_mut().unwrap().0 = state.header().accounts);
	refused(&|witness| witness.accounts.last_mut().unwrap().0 = u32::MAX);
	refused(&|witness| witness.siblings.push([0; 32]));
	refused(&|witness| witness.siblings.insert(0, [0; 32]));
}

#[test]
fn witness_of_another_parent() {
	let (mut state, proposal, list) = case([7; 32]);
	let witness = state.execute(&proposal, &list).unwrap().witness;
	run(&mut state, &[signer(1).sign(signer(2).address(), 1, 0).unwrap()]);
	let result = execute(state.header(), &witness, &proposal, &list);
	assert_eq!(result, Err(Error::WrongWitness));
}

#[test]
fn header_without_accounts() {
	let (state, proposal, list) = case([7; 32]);
	for accounts in [0, 1, u32::MAX] {
		let header = Header { accounts, ..*state.header() };
		for witness in [Witness::default(), state.execute(&proposal, &list).unwrap().witness] {
			assert!(execute(&header, &witness, &proposal, &list).is_err());
		}
	}
}

/// Grows a tree from one leaf over every width up to 70, by one, two or three leaves at once: the
/// path of the last leaf has the siblings of all new ones.
#[test]
fn a_tree_grows_leaf_by_leaf() {
	for step in 1..=3u8 {
		let mut state = genesis(&[1_000_000]);
		let mut alice = signer(0);
		for count in 0..70 / step {
			let transfers: Vec<_> = (0..step)
				.map(|new| {
					alice.sign([count + 1, new, 1].repeat(11)[..32].try_into().unwrap(), 1, 0)
				})
				.map(Result::unwrap)
				.collect();
			// Executes with the witness too.
			run(&mut state, &transfers);
			State::restore(*state.header(), state.accounts().to_vec()).unwrap();
		}
	}
}

/// A tree of 2³¹ accounts, of which one is known and all siblings are made up, has no room.
#[test]
fn there_is_no_account_above_the_limit() {
	let mut alice = signer(0);
	let account = Account {
		address: alice.address(),
		next: NULL_ADDRESS,
		key: alice.address(),
		balance: 100,
		nonce: 0,
	};
	let low = Account { address: NULL_ADDRESS, next: alice.address(), balance: 0, ..account };
	let accounts = vec![(0, low), (1, account)];
	let siblings: Vec<Hash> = (1..31).map(|level| [level; 32]).collect();
	let leaves: Vec<_> = accounts.iter().map(|(index, account)| (*index, account.leaf())).collect();
	let mut rest = siblings.iter();
	let root =
		crate::tree::root(MAX_ACCOUNTS, leaves, |_| rest.next().copied(), |_, _| ()).unwrap();
	let parent = Header { accounts: MAX_ACCOUNTS, state_root: root, ..*genesis(&[]).header() };
	let witness = Witness { accounts, siblings };
	let new: Address = [0xff; 32];
	let list = encode_list(&[
		alice.sign(new, 10, 1).unwrap(),
		alice.sign(alice.address(), 10, 1).unwrap(),
	]);
	let proposal = Proposal { id: 1, gas_limit: AMPLE, beneficiary: new };
	let outcome = execute(&parent, &witness, &proposal, &list).unwrap();
	assert_eq!(outcome.effects, [Effect::FeeOnly, Effect::Moved]);
	assert_eq!(outcome.header.accounts, MAX_ACCOUNTS);

	// Neither does the beneficiary get an account: the null account has the fees.
	let paid = Account {
		balance: 98,
		nonce: 2,
		key: alice.sign(new, 0, 0).unwrap().transfer.next_key,
		..account
	};
	let key = Signer::resume(dev_secret(0), 1).sign(new, 0, 0).unwrap().transfer.next_key;
	let leaves =
		vec![(0, Account { balance: 2, ..low }.leaf()), (1, Account { key, ..paid }.leaf())];
	let mut rest = witness.siblings.iter();
	let root = crate::tree::root(MAX_ACCOUNTS, leaves, |_| rest.next().copied(), |_, _| ());
	assert_eq!(Some(outcome.header.state_root), root);
}

#[test]
fn a_witness_is_small() {
	// What a prover sends into a zkVM for 16 transfers among 1,024 accounts.
	let balances: BTreeMap<_, _> = (0..1_023)
		.map(|number| (dev_secret(number), 100))
		.chain([(signer(0).address(), 100)])
		.collect();
	let state = State::genesis(&balances).unwrap();
	let mut alice = signer(0);
	let transfers: Vec<_> =
		(0..16).map(|number| alice.sign(dev_secret(number * 60), 1, 1).unwrap()).collect();
	let witness =
		state.execute(&proposal(&state), &encode_list(&transfers)).unwrap().witness.encode();
	assert!(witness.len() < 6_000, "{} bytes", witness.len());
}
