//! What the daemon and a prover's program say to each other: JSON (docs/operating.md).
//!
//! The program keeps the rollup's states, and executes and proves on its own. It chooses nothing
//! that is signed or submitted: the daemon computes the statement, and a proof is all that it takes
//! from an answer to `prove`.

use super::{Input, Outcome, Statement};
use crate::{
	chain::{AccountId, H256},
	decoded::hexadecimal,
};
use serde::{Deserialize, Serialize, Serializer};
use std::path::Path;

/// The version of the contract. It changes when older programs would not understand.
const VERSION: u32 = 2;

/// A request.
#[derive(Debug, Serialize)]
pub struct Request<'a> {
	version: u32,
	#[serde(flatten)]
	verb: Verb,
	state_dir: &'a Path,
	genesis_hash: H256,
	block_id: u64,
	#[serde(with = "hexadecimal")]
	tx_list: &'a [u8],
	tx_list_hash: H256,
	gas_limit: u32,
	#[serde(serialize_with = "account")]
	beneficiary: AccountId,
	parent_id: u64,
	parent_hash: H256,
}

/// What is to be done with a block.
#[derive(Debug, Serialize)]
#[serde(tag = "verb", rename_all = "snake_case")]
enum Verb {
	Execute,
	Prove {
		block_hash: H256,
		gas_used: u32,
		instance: H256,
		#[serde(serialize_with = "account")]
		prover: AccountId,
		blocks_left: u32,
	},
}

impl<'a> Request<'a> {
	/// Returns a request to execute a block, with the directory of the rollup's states.
	pub fn execute(input: &'a Input, state_dir: &'a Path) -> Self {
		Self::new(Verb::Execute, input, state_dir)
	}

	/// Returns a request to prove a block.
	pub fn prove(input: &'a Input, state_dir: &'a Path, statement: &Statement) -> Self {
		let Statement { execution, instance, prover, blocks_left } = *statement;
		let verb = Verb::Prove {
			block_hash: execution.block_hash,
			gas_used: execution.gas_used,
			instance,
			prover,
			blocks_left,
		};
		Self::new(verb, input, state_dir)
	}

	fn new(verb: Verb, input: &'a Input, state_dir: &'a Path) -> Self {
		let Input { genesis_hash, step, tx_list } = input;
		let (proposal, parent) = (step.proposal, step.parent);
		Self {
			version: VERSION,
			verb,
			state_dir,
			genesis_hash: *genesis_hash,
			block_id: proposal.block_id,
			tx_list,
			tx_list_hash: proposal.tx_list_hash,
			gas_limit: proposal.gas_limit,
			beneficiary: proposal.beneficiary,
			parent_id: parent.id,
			parent_hash: parent.hash,
		}
	}
}

/// An answer to `execute`.
#[derive(Debug, Deserialize)]
pub struct ExecuteAnswer {
	block_hash: Option<H256>,
	gas_used: Option<u32>,
	#[serde(default)]
	unknown_parent: bool,
}

impl ExecuteAnswer {
	/// Returns the result, or `None` if the program does not know the parent.
	pub fn outcome(self) -> Result<Option<Outcome>, String> {
		match self {
			Self { block_hash: Some(block_hash), gas_used: Some(gas_used), .. } => {
				Ok(Some(Outcome { block_hash, gas_used }))
			},
			Self { unknown_parent: true, .. } => Ok(None),
			_ => Err("it has neither `block_hash` and `gas_used` nor `unknown_parent`".into()),
		}
	}
}

/// An answer to `prove`.
#[derive(Debug, Deserialize)]
pub struct ProveAnswer {
	/// The proof.
	#[serde(with = "hexadecimal")]
	pub proof: Vec<u8>,
}

fn account<S: Serializer>(account: &AccountId, to: S) -> Result<S::Ok, S::Error> {
	hexadecimal::serialize(&account.0, to)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		decoded::hex,
		prover::tests::{input, statement},
	};
	use serde_json::{json, Value};

	fn bytes(byte: u8) -> String {
		hex(&[byte; 32])
	}

	fn block(verb: &str) -> Value {
		json!({
			"version": 2,
			"verb": verb,
			"state_dir": "/states",
			"genesis_hash": bytes(1),
			"block_id": 2,
			"tx_list": "0x0405",
			"tx_list_hash": bytes(3),
			"gas_limit": 6,
			"beneficiary": bytes(7),
			"parent_id": 9,
			"parent_hash": bytes(8),
		})
	}

	#[test]
	fn a_request_names_the_block_and_its_parent() {
		let request = serde_json::to_value(Request::execute(&input(), Path::new("/states")));
		assert_eq!(request.unwrap(), block("execute"));
	}

	#[test]
	fn a_request_to_prove_has_the_statement_as_well() {
		let input = input();
		let request = Request::prove(&input, Path::new("/states"), &statement());
		let mut expected = block("prove");
		let statement = json!({
			"block_hash": bytes(12),
			"gas_used": 5,
			"instance": bytes(13),
			"prover": bytes(10),
			"blocks_left": 11,
		});
		expected.as_object_mut().unwrap().extend(statement.as_object().unwrap().clone());
		assert_eq!(serde_json::to_value(request).unwrap(), expected);
	}

	#[test]
	fn an_answer_is_a_result_or_an_unknown_parent() {
		let outcome = |json: Value| {
			serde_json::from_value::<ExecuteAnswer>(json)
				.map_err(|error| error.to_string())
				.and_then(ExecuteAnswer::outcome)
		};
		let result = json!({ "block_hash": bytes(12), "gas_used": 5, "more": true });
		let expected = Outcome { block_hash: H256([12; 32]), gas_used: 5 };
		assert_eq!(outcome(result), Ok(Some(expected)));
		assert_eq!(outcome(json!({ "unknown_parent": true })), Ok(None));
		for wrong in [
			json!({}),
			json!({ "unknown_parent": false }),
			json!({ "block_hash": bytes(12) }),
			json!({ "block_hash": "0x12", "gas_used": 5 }),
			json!({ "block_hash": bytes(12), "gas_used": -5 }),
			json!({ "block_hash": bytes(12), "gas_used": 4_294_967_296u64 }),
			json!([]),
		] {
			assert!(outcome(wrong.clone()).is_err(), "{wrong}");
		}
	}
}
