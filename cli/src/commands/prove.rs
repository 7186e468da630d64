//! `prove`: a proof of a block.

use super::{transact, Context};
use crate::{
	amount::Token,
	args::ProveArgs,
	chain::{api, AccountId, At, BlockId, H256},
	decoded::{from_hex, hex},
	keys::Signer,
	output::{pairs, Show},
	prove::{attest, demo_block_hash, instance_hash, parent_of, Parent},
	reads::rollup::{self, Block, Evidence},
	Error, Refusal, Result,
};
use serde::Serialize;
use std::{fs, path::Path, str::FromStr};

/// What has to be proven, for whoever does it elsewhere.
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

/// Works out the statement, has it proven, and submits the proof.
pub async fn run(context: &Context, args: ProveArgs) -> Result<()> {
	let client = &context.client;
	let signer = context.signer()?;
	let prover = signer.account();
	let at = client.best().await?;
	let block = rollup::block(&at, args.id).await?.ok_or_else(|| Refusal {
		name: "BlockProposal.UnknownBlock".into(),
		reason: format!("no block that waits for verification has the id {}", args.id),
	})?;
	let parent = parent(&at, &args).await?;
	let evidence = evidence(&args, &block, parent)?;
	let instance = instance_hash(client.genesis_hash(), args.id, &block, &evidence, &prover);
	if args.attestor.instance {
		let shown = Instance::new(context, &args, &block, parent, &evidence, instance, &prover);
		return context.print(&shown);
	}
	let proof = proof(context, &args, instance)?;
	let summary = format!(
		"prove block {} for {}: {} gas, on {}",
		args.id,
		client.address(&prover),
		evidence.gas_used,
		hex(parent.hash.as_ref()),
	);
	let call =
		api::transactions().block_proposal().prove_block(args.id, parent.id, evidence, proof);
	transact(context, &signer, &call, &summary, &args.submit).await?;
	Ok(())
}

/// What the arguments name, or what is proven before the block.
async fn parent(at: &At, args: &ProveArgs) -> Result<Parent> {
	if let Some(hash) = &args.parent {
		return Ok(Parent { hash: parse_hash("--parent", hash)?, id: args.parent_id });
	}
	let state = rollup::state(at).await?;
	let waiting = rollup::blocks(at, state.head).await?;
	parent_of(&state, &waiting, args.id).map_err(|first| {
		Error::Usage(format!(
			"block {first} is not proven yet, so the parent of {} is not known: prove that first, or say \
			 on what to build with --parent",
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

/// A proof of this instance: made here with an attestation key, or read.
fn proof(context: &Context, args: &ProveArgs, instance: H256) -> Result<Vec<u8>> {
	if let Some(path) = &args.attestor.proof_file {
		return read_proof(path);
	}
	let attestor = match &args.attestor.attestor_suri_file {
		Some(path) => Signer::from_suri_file(path)?,
		None => Signer::development("attestor")?,
	};
	attestor.check_for(context.client.properties())?;
	Ok(attest(&attestor, instance))
}

/// A file with the bytes of a proof, or with hexadecimal digits.
fn read_proof(path: &Path) -> Result<Vec<u8>> {
	let unreadable = |reason: &dyn std::fmt::Display| {
		Error::Usage(format!("the proof {} cannot be read: {reason}", path.display()))
	};
	let bytes = fs::read(path).map_err(|error| unreadable(&error))?;
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
