//! A prover's program as `prover-pool run --prover-command` starts it, for the demo rollup: it
//! executes blocks and attests to them (docs/operating.md).
//!
//! It attests with the key of development chains; `ATTESTOR_SURI` names another.

use prover_pool_rollup::{dev_genesis, Account, Header, Instance, Proposal, State};
use serde::Deserialize;
use serde_json::{json, Value};
use std::{env, error::Error, fs, io::stdin, path::PathBuf, str::FromStr};
use subxt::ext::codec::{DecodeAll, Encode};
use subxt_signer::{sr25519::Keypair, SecretUri};

#[derive(Deserialize)]
struct Request {
	version: u32,
	verb: String,
	state_dir: PathBuf,
	genesis_hash: String,
	block_id: u64,
	tx_list: String,
	gas_limit: u32,
	beneficiary: String,
	parent_hash: String,
	/// The rest is there for `prove` only.
	#[serde(default)]
	block_hash: String,
	#[serde(default)]
	instance: String,
	#[serde(default)]
	prover: String,
}

/// The first byte of an attestation: the demo chain's first kind of proofs.
const KIND: u8 = 0;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
	let request: Request = serde_json::from_reader(stdin())?;
	if request.version != 2 {
		return Err("this program knows version 2 only".into());
	}
	let answer = match request.verb.as_str() {
		"execute" => execute(&request)?,
		"prove" => prove(&request)?,
		other => return Err(format!("there is no verb `{other}`").into()),
	};
	println!("{answer}");
	Ok(())
}

/// Executes a block on the state of its parent, and keeps the state after it.
fn execute(request: &Request) -> Result<Value> {
	let Some(state) = state(request)? else { return Ok(json!({ "unknown_parent": true })) };
	let header = *executed(request, state)?.header();
	Ok(json!({ "block_hash": hex(&header.hash()), "gas_used": header.gas_used }))
}

/// Executes the block again, and signs its statement.
fn prove(request: &Request) -> Result<Value> {
	let state = state(request)?.ok_or("the state of the parent is not there")?;
	let header = *executed(request, state)?.header();
	let instance: Instance = header.instance(hash(&request.genesis_hash)?, hash(&request.prover)?);
	if hex(&header.hash()) != request.block_hash || hex(&instance.hash()) != request.instance {
		return Err("the statement is not that of this block".into());
	}
	let suri = env::var("ATTESTOR_SURI").unwrap_or_else(|_| "//Attestor".into());
	let key = Keypair::from_uri(&SecretUri::from_str(&suri)?)?;
	let proof = [&[KIND], &key.public_key().0[..], &key.sign(&instance.hash()).0].concat();
	Ok(json!({ "proof": hex(&proof) }))
}

/// Returns the state of the parent.
fn state(request: &Request) -> Result<Option<State>> {
	let genesis = dev_genesis();
	if hex(&genesis.header().hash()) == request.parent_hash {
		return Ok(Some(genesis));
	}
	let Ok(kept) = fs::read(request.state_dir.join(&request.parent_hash)) else { return Ok(None) };
	let (header, accounts) = <(Header, Vec<Account>)>::decode_all(&mut &kept[..])?;
	Ok(Some(State::restore(header, accounts)?))
}

/// Returns the state after the block.
fn executed(request: &Request, mut state: State) -> Result<State> {
	let proposal = Proposal {
		id: request.block_id,
		gas_limit: request.gas_limit,
		beneficiary: hash(&request.beneficiary)?,
	};
	let executed = state.execute(&proposal, &bytes(&request.tx_list)?)?;
	state.apply(&executed)?;
	let path = request.state_dir.join(hex(&state.header().hash()));
	let new = path.with_extension(std::process::id().to_string());
	fs::write(&new, (state.header(), state.accounts()).encode())?;
	fs::rename(new, path)?;
	Ok(state)
}

fn hash(text: &str) -> Result<[u8; 32]> {
	bytes(text)?.try_into().map_err(|_| "a hash has 32 bytes".into())
}

fn bytes(text: &str) -> Result<Vec<u8>> {
	let digits = text.strip_prefix("0x").ok_or("bytes begin with `0x`")?;
	let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16);
	Ok((0..digits.len() / 2).map(|at| byte(2 * at)).collect::<std::result::Result<_, _>>()?)
}

fn hex(bytes: &[u8]) -> String {
	bytes.iter().fold(String::from("0x"), |text, byte| text + &format!("{byte:02x}"))
}
