//! Behaviour, attacks by name, and random sequences beside the model.

mod attacks;
mod lists;
mod random;
mod rules;
mod signatures;
mod witnesses;

use crate::*;
use std::{collections::BTreeMap, vec, vec::Vec};

/// A gas limit that no list of the tests exceeds.
const AMPLE: u32 = u32::MAX;
/// A beneficiary that has no account.
const BENEFICIARY: Address = [0xbe; 32];

/// Returns the signer of a development account.
fn signer(number: u32) -> Signer {
	Signer::new(dev_secret(number))
}

/// Returns a genesis state where these development accounts have these balances.
fn genesis(balances: &[u64]) -> State {
	let balances: BTreeMap<_, _> =
		(0..).zip(balances).map(|(number, balance)| (signer(number).address(), *balance)).collect();
	State::genesis(&balances).unwrap()
}

/// Returns a proposal with an ample limit.
fn proposal(state: &State) -> Proposal {
	Proposal { id: state.header().id + 1, gas_limit: AMPLE, beneficiary: BENEFICIARY }
}

/// Executes a list in both forms, which agree, and applies it. Supply is conserved.
fn run_list(state: &mut State, proposal: &Proposal, list: &[u8]) -> Outcome {
	let executed = state.execute(proposal, list).unwrap();
	let parent = *state.header();
	assert_eq!(execute(&parent, &executed.witness, proposal, list).unwrap(), executed.outcome);
	let before = supply(state);
	state.apply(&executed).unwrap();
	assert_eq!(supply(state), before);
	executed.outcome
}

/// Executes transfers and returns what became of them.
fn run(state: &mut State, transfers: &[SignedTransfer]) -> Vec<Effect> {
	let proposal = proposal(state);
	run_list(state, &proposal, &encode_list(transfers)).effects
}

/// Returns the sum of all balances.
fn supply(state: &State) -> u128 {
	state.accounts().iter().map(|account| u128::from(account.balance)).sum()
}

/// Returns the balance of an address, 0 if it has no account.
fn balance(state: &State, address: &Address) -> u64 {
	state.account(address).map_or(0, |account| account.balance)
}
