//! `prove`: a proof of a block.

use super::{
	file::bounded,
	transact::{transact, Intent},
	Context,
};
use crate::{
	amount::Token,
	args::ProveArgs,
	chain::{api, AccountId, At, Balance, BlockId, H256},
	decoded::{from_hex, hex},
	keys::Signer,
	output::{pairs, Show},
	prove::{attest, demo_block_hash, instance_hash, parent_of, Parent},
	reads::rollup::{self, Block, Evidence, Status},
	Error, Refusal, Result,
};
use serde::Serialize;
use serde_json::json;
use std::{fs::File, path::Path, str::FromStr};

/// The statement to prove, for provers elsewhere.
#[derive(Serialize)]
struct Instance {
	instance: H256,
	block_id: BlockId,
	tx_list_hash: H256,
	gas_limit: u32,
	beneficiary: String,
	block_hash: H256,
	parent_hash: H256,
	parent_id: BlockId,
	gas_used: u32,
	prover: String,
}

/// The role of a prover for a block.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Role {
	/// It was drawn and has time.
	Assigned,
	/// It was drawn and its time is over.
	Late,
	/// It was drawn and its proof was removed.
	Failed,
	/// Another account was drawn, or none.
	Other,
}

/// Computes the statement, gets a proof, and submits it.
pub async fn run(context: &Context, args: ProveArgs) -> Result<()> {
	let client = &context.client;
	let prover = match &args.prover {
		Some(address) => client.account(address)?,
		None => context.signer()?.account(),
	};
	let at = client.best().await?;
	let block = rollup::block(&at, args.id).await?.ok_or_else(|| Refusal {
		name: "BlockProposal.UnknownBlock".into(),
		reason: format!("no unverified block has the id {}", args.id),
	})?;
	let parent = parent(&at, &args).await?;
	let evidence = evidence(&args, &block, parent)?;
	let instance = instance_hash(client.genesis_hash(), args.id, &block, &evidence, &prover);
	let shown = Instance::new(context, &args, &block, parent, &evidence, instance, &prover);
	if args.attestor.instance {
		return context.print(&shown);
	}
	let parameters = rollup::parameters(&at).await?;
	let proof = proof(context, &args, instance, parameters.max_proof_size)?;
	let role = Role::of(&prover, &block.status, rollup::now(&at).await?);
	let has_proof = block.proofs.0.iter().any(|proof| proof.prover == prover);
	let bond = if has_proof { 0 } else { role.bond(parameters.proof_bond) };
	let intent = shown.intent(client.token(), role, bond);
	let call =
		api::transactions().block_proposal().prove_block(args.id, parent.id, evidence, proof);
	transact(context, &context.signer()?, &call, &intent, &args.submit).await
}

impl Role {
	/// Returns the role in the next block, whose clock is one ahead of `now`.
	fn of(prover: &AccountId, status: &Status, now: u32) -> Self {
		match status {
			Status::Assigned(it) if it.prover != *prover => Role::Other,
			Status::Assigned(it) if it.failed => Role::Failed,
			Status::Assigned(it) if it.deadline <= now => Role::Late,
			Status::Assigned(_) => Role::Assigned,
			Status::Pending | Status::Open { .. } => Role::Other,
		}
	}

	/// Returns the bond for its first proof.
	fn bond(self, bond: Balance) -> Balance {
		match self {
			Role::Assigned | Role::Late => 0,
			Role::Failed | Role::Other => bond,
		}
	}
}

/// Returns the parent of the arguments, or the proven block before.
async fn parent(at: &At, args: &ProveArgs) -> Result<Parent> {
	if let Some(hash) = &args.parent {
		return Ok(Parent { hash: parse_hash("--parent", hash)?, id: args.parent_id });
	}
	let state = rollup::state(at).await?;
	let waiting = rollup::blocks(at, state.head).await?;
	parent_of(&state, &waiting, args.id).map_err(|first| {
		Error::Usage(format!(
			"block {first} is not proven yet, so the parent of {} is unknown: prove that block first, or \
			 name the parent with --parent",
			args.id
		))
	})
}

fn evidence(args: &ProveArgs, block: &Block, parent: Parent) -> Result<Evidence> {
	let tx_list_hash = block.tx_list_hash;
	let block_hash = match &args.block_hash {
		Some(hash) => parse_hash("--block-hash", hash)?,
		None => demo_block_hash(parent.hash, tx_list_hash),
	};
	let gas_used = args.gas_used.unwrap_or(block.gas_limit);
	Ok(Evidence { tx_list_hash, block_hash, parent_hash: parent.hash, gas_used })
}

/// Returns a proof of this instance: an attestation, or the content of a file.
fn proof(context: &Context, args: &ProveArgs, instance: H256, most: u32) -> Result<Vec<u8>> {
	if let Some(path) = &args.attestor.proof_file {
		return read_proof(path, most);
	}
	let attestor = match &args.attestor.attestor_suri_file {
		Some(path) => Signer::from_suri_file(path)?,
		None => Signer::development("attestor")?,
	};
	attestor.check_for(context.client.properties())?;
	Ok(attest(&attestor, instance))
}

/// Reads the bytes of a proof, or hexadecimal digits, up to little more than the chain accepts.
fn read_proof(path: &Path, most: u32) -> Result<Vec<u8>> {
	/// Room for `0x` and line ends.
	const MARGIN: u64 = 64;
	let unreadable = |reason: &dyn std::fmt::Display| {
		Error::Usage(format!("cannot read the proof {}: {reason}", path.display()))
	};
	let file = File::open(path).map_err(|error| unreadable(&error))?;
	let bytes = bounded(file, 2 * u64::from(most) + MARGIN).map_err(|error| unreadable(&error))?;
	let bytes = bytes.ok_or_else(|| Refusal {
		name: "BlockProposal.ProofTooLong".into(),
		reason: format!("at most {most} bytes"),
	})?;
	match std::str::from_utf8(&bytes).ok().and_then(|text| text.trim().strip_prefix("0x")) {
		Some(digits) => {
			from_hex(digits).ok_or_else(|| unreadable(&"`0x` is followed by other digits"))
		},
		None => Ok(bytes),
	}
}

fn parse_hash(argument: &str, text: &str) -> Result<H256> {
	H256::from_str(text).map_err(|_| {
		Error::Usage(format!("{argument} `{text}` is not a hash: write `0x` and 64 digits"))
	})
}

impl Instance {
	fn new(
		context: &Context,
		args: &ProveArgs,
		block: &Block,
		parent: Parent,
		evidence: &Evidence,
		instance: H256,
		prover: &AccountId,
	) -> Self {
		Self {
			instance,
			block_id: args.id,
			tx_list_hash: evidence.tx_list_hash,
			gas_limit: block.gas_limit,
			beneficiary: context.client.address(&block.beneficiary),
			block_hash: evidence.block_hash,
			parent_hash: parent.hash,
			parent_id: parent.id,
			gas_used: evidence.gas_used,
			prover: context.client.address(prover),
		}
	}

	fn intent(&self, token: &Token, role: Role, bond: Balance) -> Intent {
		let Self { prover, block_id, gas_used, parent_hash, .. } = self;
		let mut consequences = Vec::new();
		match role {
			Role::Late => consequences.push(format!(
				"The deadline is over: the proof pays nothing, and {prover} is slashed."
			)),
			Role::Failed => consequences.push(format!(
				"A proof of {prover} was removed: this one pays nothing, and {prover} is slashed."
			)),
			Role::Assigned | Role::Other => {},
		}
		if bond > 0 {
			consequences.push(format!(
				"{} are held as a bond: they are lost if the block is verified on another parent, or if \
				 this proof is removed.",
				token.format(bond)
			));
		}
		Intent {
			summary: format!(
				"prove block {block_id} for {prover}: {gas_used} gas, on {}",
				hex(parent_hash.as_ref())
			),
			consequences,
			details: json!({
				"block_id": block_id,
				"parent_id": self.parent_id,
				"tx_list_hash": self.tx_list_hash,
				"block_hash": self.block_hash,
				"parent_hash": parent_hash,
				"gas_used": gas_used,
				"prover": prover,
				"instance": self.instance,
				"bond": bond.to_string(),
			}),
		}
	}
}

impl Show for Instance {
	fn text(&self, _: &Token) -> String {
		pairs(&[
			("Instance", hex(self.instance.as_ref())),
			("Block", self.block_id.to_string()),
			("List", hex(self.tx_list_hash.as_ref())),
			("Gas limit", self.gas_limit.to_string()),
			("Beneficiary", self.beneficiary.clone()),
			("Hash", hex(self.block_hash.as_ref())),
			("Parent", format!("{}, block {}", hex(self.parent_hash.as_ref()), self.parent_id)),
			("Gas used", self.gas_used.to_string()),
			("Prover", self.prover.clone()),
		])
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use api::runtime_types::pallet_block_proposal::types::Assignment;
	use std::fs;

	fn account(byte: u8) -> AccountId {
		AccountId([byte; 32])
	}

	fn assigned(deadline: u32, failed: bool) -> Status {
		let prover = account(1);
		let assignment =
			Assignment { prover, reward_per_gas: 1, start: 1, deadline, released: failed, failed };
		Status::Assigned(assignment)
	}

	#[test]
	fn a_prover_is_late_when_the_next_block_is() {
		let me = account(1);
		for (status, role) in [
			(assigned(101, false), Role::Assigned),
			(assigned(100, false), Role::Late),
			(assigned(101, true), Role::Failed),
			(Status::Pending, Role::Other),
			(Status::Open { opened_at: 1, frozen_reward: None }, Role::Other),
		] {
			assert_eq!(Role::of(&me, &status, 100), role);
			assert_eq!(Role::of(&account(2), &status, 100), Role::Other);
		}
	}

	#[test]
	fn provers_that_were_not_drawn_pay_a_bond() {
		let bonds = [Role::Assigned, Role::Late, Role::Failed, Role::Other].map(|it| it.bond(7));
		assert_eq!(bonds, [0, 0, 7, 7]);
	}

	#[test]
	fn a_proof_says_what_it_may_cost() {
		let instance = Instance {
			instance: H256([1; 32]),
			block_id: 3,
			tx_list_hash: H256([2; 32]),
			gas_limit: 9,
			beneficiary: "5Feve".into(),
			block_hash: H256([3; 32]),
			parent_hash: H256([4; 32]),
			parent_id: 2,
			gas_used: 8,
			prover: "5Fdave".into(),
		};
		let token = Token::new("UNIT", 12).unwrap();
		let intent = instance.intent(&token, Role::Assigned, 0);
		let parent = format!("0x{}", "04".repeat(32));
		assert_eq!(intent.summary, format!("prove block 3 for 5Fdave: 8 gas, on {parent}"));
		assert_eq!(intent.consequences, [""; 0]);
		let intent = instance.intent(&token, Role::Other, 2_000_000_000_000);
		assert_eq!(
			intent.consequences,
			["2 UNIT are held as a bond: they are lost if the block is verified on another parent, or if \
			  this proof is removed."]
		);
		assert_eq!(intent.details["bond"], "2000000000000");
		assert_eq!(intent.details["parent_hash"], parent);
		let consequences = instance.intent(&token, Role::Late, 0).consequences;
		assert!(consequences[0].contains("over") && consequences[0].contains("slashed"));
		assert_eq!(instance.intent(&token, Role::Failed, 1).consequences.len(), 2);
	}

	#[test]
	fn a_proof_is_bytes_or_digits_and_not_endless() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("proof");
		for (content, expected) in [
			(&b"0x0102\n"[..], vec![1, 2]),
			(&[7, 8, 9], vec![7, 8, 9]),
			(b"0x", vec![]),
			// The chain says that this is too long.
			(&[7; 68], vec![7; 68]),
		] {
			fs::write(&path, content).unwrap();
			assert_eq!(read_proof(&path, 2).unwrap(), expected);
		}
		fs::write(&path, b"0x012").unwrap();
		assert_eq!(read_proof(&path, 2).unwrap_err().exit_code(), 2);
		fs::write(&path, [7; 69]).unwrap();
		let error = read_proof(&path, 2).unwrap_err();
		assert!(matches!(&error, Error::Refused(it) if it.name == "BlockProposal.ProofTooLong"));
		assert_eq!(read_proof(Path::new("/dev/zero"), 2).unwrap_err().exit_code(), 4);
	}
}
