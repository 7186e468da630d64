//! Fixed vectors, for implementations in other languages: `vectors.json`.

use codec::Encode;
use prover_pool_rollup::{
	dev_secret, encode_list, execute, Account, Effect, Header, Proposal, SignedTransfer, Signer,
	State, NULL_ADDRESS,
};
use serde_json::{json, Value};
use std::{collections::BTreeMap, path::Path};

const GENESIS_HASH: [u8; 32] = [0x11; 32];
const PROVER: [u8; 32] = [0x22; 32];

/// The committed file is what this crate computes. After an intended change, replace it with the
/// file that is named in the message, and raise the versions of the tags.
#[test]
fn vectors_are_as_committed() {
	let computed = serde_json::to_string_pretty(&vectors()).unwrap() + "\n";
	let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vectors.json");
	std::fs::write(&file, &computed).unwrap();
	assert!(computed == include_str!("vectors.json"), "other results: {}", file.display());
}

fn vectors() -> Value {
	let mut signers: Vec<_> = (0..3).map(|number| Signer::new(dev_secret(number))).collect();
	let addresses: Vec<_> = signers.iter().map(Signer::address).collect();
	let balances: BTreeMap<_, _> = addresses.iter().take(2).map(|it| (*it, 1_000_000)).collect();
	let mut state = State::genesis(&balances).unwrap();
	let genesis = *state.header();

	let last = signers[1].sign(NULL_ADDRESS, 7, 40).unwrap();
	let mut forged = last.clone();
	forged.transfer.to = addresses[0];
	let first = [
		signers[0].sign(addresses[2], 250_000, 10).unwrap(),
		signers[0].sign(addresses[1], 2_000_000, 20).unwrap(),
		forged,
		signers[2].sign(addresses[0], 1, 300_000).unwrap(),
		last,
	];
	let second = [signers[1].sign(addresses[1], 999, 1).unwrap()];
	let beneficiary = [0xbe; 32];
	let blocks = [
		block(&mut state, Proposal { id: 1, gas_limit: 8_000_000, beneficiary }, &first),
		// Above its limit.
		block(&mut state, Proposal { id: 2, gas_limit: 72_929, beneficiary }, &second),
		block(&mut state, Proposal { id: 4, gas_limit: 72_930, beneficiary }, &second),
	];
	json!({
		"accounts": (0..3).zip(&addresses).map(|(number, address)| json!({
			"number": number,
			"secret": hex(&dev_secret(number)),
			"address": hex(address),
			"balance": balances.get(address).copied().unwrap_or_default(),
		})).collect::<Vec<_>>(),
		"genesis": header(&genesis),
		"blocks": blocks,
	})
}

/// Executes a block, and returns all about it.
fn block(state: &mut State, proposal: Proposal, transfers: &[SignedTransfer]) -> Value {
	let list = encode_list(transfers);
	let executed = state.execute(&proposal, &list).unwrap();
	let outcome = execute(state.header(), &executed.witness, &proposal, &list).unwrap();
	assert_eq!(outcome, executed.outcome);
	state.apply(&executed).unwrap();
	let instance = outcome.header.instance(GENESIS_HASH, PROVER);
	json!({
		"list": hex(&list),
		"witness": hex(&executed.witness.encode()),
		"effects": outcome.effects.iter().map(effect).collect::<Vec<_>>(),
		"header": header(&outcome.header),
		"accounts": state.accounts().iter().map(account).collect::<Vec<_>>(),
		"instance": json!({
			"genesisHash": hex(&GENESIS_HASH),
			"prover": hex(&PROVER),
			"hash": hex(&instance.hash()),
		}),
	})
}

fn header(header: &Header) -> Value {
	json!({
		"parent": hex(&header.parent),
		"id": header.id,
		"listHash": hex(&header.list_hash),
		"gasLimit": header.gas_limit,
		"beneficiary": hex(&header.beneficiary),
		"gasUsed": header.gas_used,
		"accounts": header.accounts,
		"stateRoot": hex(&header.state_root),
		"encoded": hex(&header.encode()),
		"hash": hex(&header.hash()),
	})
}

fn account(account: &Account) -> Value {
	let Account { address, next, key, balance, nonce } = account;
	json!({
		"address": hex(address),
		"next": hex(next),
		"key": hex(key),
		"balance": balance,
		"nonce": nonce,
	})
}

fn effect(effect: &Effect) -> Value {
	match effect {
		Effect::Refused(refusal) => json!(format!("Refused: {refusal:?}")),
		effect => json!(format!("{effect:?}")),
	}
}

fn hex(bytes: &[u8]) -> String {
	let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
	format!("0x{}", digits.collect::<String>())
}
