//! A prover's program as `prover-pool run --prover-command` starts it, for the demo rollup: it
//! reads what to prove from standard input and writes the proof to standard output
//! (docs/operating.md).
//!
//! It attests with the key of development chains; `ATTESTOR_SURI` names another. What it signs is
//! what `instance_hash_of` in `pallets/block-proposal` documents.

use serde_json::{json, Value};
use sp_crypto_hashing::blake2_256;
use std::{env, error::Error, io::stdin, str::FromStr};
use subxt_signer::{sr25519::Keypair, SecretUri};

fn main() -> Result<(), Box<dyn Error>> {
	let request: Value = serde_json::from_reader(stdin())?;
	let text = |name: &str| request[name].as_str().ok_or(format!("`{name}` is missing"));
	let bytes = |name: &str| -> Result<Vec<u8>, Box<dyn Error>> {
		let digits = text(name)?.trim_start_matches("0x");
		let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16);
		Ok((0..digits.len()).step_by(2).map(byte).collect::<Result<_, _>>()?)
	};
	let number = |name: &str| request[name].as_u64().ok_or(format!("`{name}` is missing"));
	if number("version")? != 1 {
		return Err("this program knows version 1 only".into());
	}

	// Executing a block of the demo rollup: nothing is executed, all of the gas is used.
	let (list, parent) = (bytes("tx_list")?, bytes("parent_hash")?);
	let list_hash = blake2_256(&list);
	if list_hash[..] != bytes("tx_list_hash")? {
		return Err("the transaction list is not the one that was proposed".into());
	}
	let block_hash = blake2_256(&[&parent[..], &list_hash].concat());
	let gas_limit = u32::try_from(number("gas_limit")?)?;

	// Proving it: a signature of the statement.
	let instance = [
		&bytes("genesis_hash")?[..],
		b"block-proposal/1",
		&number("block_id")?.to_le_bytes(),
		&list_hash,
		&gas_limit.to_le_bytes(),
		&bytes("beneficiary")?,
		&block_hash,
		&parent,
		&gas_limit.to_le_bytes(),
		&bytes("prover")?,
	];
	let suri = env::var("ATTESTOR_SURI").unwrap_or_else(|_| "//Attestor".into());
	let key = Keypair::from_uri(&SecretUri::from_str(&suri)?)?;
	let signature = key.sign(&blake2_256(&instance.concat()));
	let proof = [&key.public_key().0[..], &signature.0].concat();

	let hex = |bytes: &[u8]| {
		bytes.iter().fold(String::from("0x"), |text, byte| text + &format!("{byte:02x}"))
	};
	println!(
		"{}",
		json!({ "block_hash": hex(&block_hash), "gas_used": gas_limit, "proof": hex(&proof) })
	);
	Ok(())
}
