//! `prove`: a proof of a block.

use super::{
	file::bounded,
	govern::{hash, unknown_block},
	transact::{transact, Intent},
	Context,
};
use crate::{
	amount::Token,
	args::protocol::ProveArgs,
	chain::{api, AccountId, At, Balance, BlockId, H256},
	decoded::{from_hex, hex},
	execution::{Execution, Proposal},
	lineage::catch_up::execute_up_to,
	output::{pairs, Progress, Show},
	prover::{instance_hash, states::StateStore, Input, Prover, Statement},
	reads::rollup::{self, Block, Clock, Delivery, Status},
	Error, Refusal, Result,
};
use serde::Serialize;
use serde_json::json;
use std::{fs::File, path::Path, time::Duration};
use tempfile::TempDir;

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
	gas_used: u32,
	prover: String,
}

/// The role of a prover for a block.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Role {
	/// It was drawn and has time.
	Assigned,
	/// The same, and it has claimed already: the new claim replaces the old one.
	Replacing,
	/// It was drawn and its time is over.
	Late,
	/// It was drawn and its claim was removed.
	Failed,
	/// Another account was drawn, or none.
	Other,
}

/// Computes the statement, gets a proof, and submits it.
pub async fn run(context: &Context, args: ProveArgs) -> Result<()> {
	let client = &context.client;
	let account = match args.prover.as_ref().or(args.submit.account.as_ref()) {
		Some(address) => client.account(address)?,
		None => context.signer()?.account(),
	};
	let at = client.best().await?;
	let block = rollup::block(&at, args.id).await?.ok_or_else(|| unknown_block(args.id))?;
	let (parameters, clock) = (rollup::parameters(&at)?, rollup::clock(&at).await?);
	let (states, _temporary) = states(&args)?;
	let prover = args.source.made.prover(states)?;
	if let Some(attestor) = prover.attestor() {
		attestor.check_for(client.properties())?;
	}
	let (execution, input) = match named(&args)? {
		Some(execution) => (execution, None),
		None => {
			let limit = args.submit.limit();
			let (execution, input) = executed(context, &at, &prover, args.id, limit).await?;
			(execution, Some(input))
		},
	};
	let proposal = block.proposal(args.id);
	let instance = instance_hash(client.genesis_hash(), &proposal, &execution, &account);
	let shown = Instance::new(context, &proposal, &execution, instance, &account);
	if args.source.instance {
		return context.print(&shown);
	}
	let blocks_left = match &block.status {
		Status::Assigned(it) if it.prover == account => clock.blocks_left(it.deadline).unwrap_or(0),
		_ => parameters.expiry_period,
	};
	let statement = Statement { execution, instance, prover: account, blocks_left };
	let proof = match (&args.source.proof_file, input) {
		(Some(path), _) => read_proof(path, parameters.max_proof_size)?,
		(None, Some(input)) => prover.prove(&input, &statement).await.map_err(Error::Internal)?,
		(None, None) => attested(&prover, instance)?,
	};
	let role = Role::of(&account, &block, clock);
	let price = rollup::reward_per_gas(&at, args.id).await?.filter(|_| role.is_paid());
	let reward = price.map(|price| (price, parameters.cost(execution.gas_used, price)));
	let intent = shown.intent(client.token(), role, reward, role.bond(parameters.proof_bond));
	let Execution { parent_hash, block_hash, gas_used } = execution;
	let call = api::transactions().block_proposal().prove_block(
		args.id,
		parent_hash,
		block_hash,
		gas_used,
		proof,
	);
	transact(context, &context.actor(&args.submit)?, &call, &intent, &args.submit).await
}

/// Returns the directory of the rollup's states, and the temporary one in which it is, if any: that
/// is removed when the value is dropped.
fn states(args: &ProveArgs) -> Result<(StateStore, Option<TempDir>)> {
	if let Some(directory) = &args.state {
		return Ok((StateStore::open(&directory.join("states"))?, None));
	}
	let temporary = TempDir::with_prefix("prover-pool-")?;
	Ok((StateStore::open(temporary.path())?, Some(temporary)))
}

/// Returns the result that the arguments name.
fn named(args: &ProveArgs) -> Result<Option<Execution>> {
	match (&args.block_hash, &args.parent, args.gas_used) {
		(Some(block_hash), Some(parent), Some(gas_used)) => Ok(Some(Execution {
			parent_hash: hash("--parent", parent)?,
			block_hash: hash("--block-hash", block_hash)?,
			gas_used,
		})),
		_ => Ok(None),
	}
}

/// Executes all waiting blocks up to this one.
async fn executed(
	context: &Context,
	at: &At,
	prover: &Prover,
	id: BlockId,
	limit: Duration,
) -> Result<(Execution, Input)> {
	let progress = Progress::new();
	progress.say("executing …");
	let (input, executed) = execute_up_to(&context.client, at, prover, id, limit).await?;
	Ok((executed.execution(), input))
}

/// Returns an attestation to a result that was not executed here.
fn attested(prover: &Prover, instance: H256) -> Result<Vec<u8>> {
	match prover {
		Prover::Demo(demo) => demo.attest(instance),
		Prover::Command { .. } => None,
	}
	.ok_or_else(|| {
		Error::Usage(
			"--prover-command executes the block itself: leave out --block-hash, --parent and --gas-used"
				.into(),
		)
	})
}

impl Role {
	/// Returns the role in the next block.
	fn of(prover: &AccountId, block: &Block, clock: Clock) -> Self {
		let Some(assignment) = block.assignment().filter(|it| it.prover == *prover) else {
			return Role::Other;
		};
		match assignment.delivery {
			Delivery::Removed => Role::Failed,
			_ if clock.blocks_left(assignment.deadline).is_none() => Role::Late,
			Delivery::Claimed(_) => Role::Replacing,
			Delivery::Due => Role::Assigned,
		}
	}

	/// Returns whether the proof is paid if the block is verified by it.
	fn is_paid(self) -> bool {
		matches!(self, Role::Assigned | Role::Replacing | Role::Other)
	}

	/// Returns the bond of a claim.
	fn bond(self, bond: Balance) -> Balance {
		match self {
			Role::Assigned | Role::Replacing => 0,
			Role::Late | Role::Failed | Role::Other => bond,
		}
	}
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

impl Instance {
	fn new(
		context: &Context,
		proposal: &Proposal,
		execution: &Execution,
		instance: H256,
		prover: &AccountId,
	) -> Self {
		Self {
			instance,
			block_id: proposal.block_id,
			tx_list_hash: proposal.tx_list_hash,
			gas_limit: proposal.gas_limit,
			beneficiary: context.client.address(&proposal.beneficiary),
			block_hash: execution.block_hash,
			parent_hash: execution.parent_hash,
			gas_used: execution.gas_used,
			prover: context.client.address(prover),
		}
	}

	/// Returns what the proof does. `reward` is its price per gas and what it pays in all.
	fn intent(
		&self,
		token: &Token,
		role: Role,
		reward: Option<(u32, Balance)>,
		bond: Balance,
	) -> Intent {
		let Self { prover, block_id, gas_used, block_hash, parent_hash, .. } = self;
		let mut consequences = Vec::new();
		match role {
			Role::Late => consequences.push(format!(
				"The deadline is over: the proof pays nothing, and {prover} is slashed."
			)),
			Role::Failed => consequences.push(format!(
				"A claim of {prover} was removed: this one pays nothing, and {prover} is slashed."
			)),
			Role::Replacing => {
				consequences.push(format!("It replaces the claim that {prover} has made."))
			},
			Role::Assigned | Role::Other => {},
		}
		if let Some((price, reward)) = reward {
			consequences.push(format!(
				"It pays {} if the block is verified by it, {price} base units per gas.",
				token.format(reward)
			));
		}
		if bond > 0 {
			consequences.push(format!(
				"A bond of {} is held: it is lost if the block is verified on another parent, or if \
				 this claim is removed.",
				token.format(bond)
			));
		}
		Intent {
			summary: format!(
				"prove block {block_id} for {prover}: {gas_used} gas, {} on {}",
				hex(block_hash.as_ref()),
				hex(parent_hash.as_ref())
			),
			consequences,
			details: json!({
				"block_id": block_id,
				"tx_list_hash": self.tx_list_hash,
				"block_hash": block_hash,
				"parent_hash": parent_hash,
				"gas_used": gas_used,
				"prover": prover,
				"instance": self.instance,
				"reward_per_gas": reward.map(|(price, _)| price),
				"reward": reward.map(|(_, reward)| reward.to_string()),
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
			("Parent", hex(self.parent_hash.as_ref())),
			("Gas used", self.gas_used.to_string()),
			("Prover", self.prover.clone()),
		])
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::daemon::work::tests::{assigned, block, claim};
	use std::fs;

	fn account(byte: u8) -> AccountId {
		AccountId([byte; 32])
	}

	/// The deadline is 100.
	#[test]
	fn a_prover_is_late_when_the_next_block_is() {
		let me = account(1);
		let execution =
			Execution { parent_hash: H256([1; 32]), block_hash: H256([2; 32]), gas_used: 1 };
		let claimed = Delivery::Claimed(claim(me, execution));
		let open = block(Status::Open { opened_at: 1, fixed_reward: None });
		for (block, now, role) in [
			(assigned(me, Delivery::Due), 99, Role::Assigned),
			(assigned(me, claimed), 99, Role::Replacing),
			(assigned(me, Delivery::Due), 100, Role::Late),
			(assigned(me, Delivery::Removed), 99, Role::Failed),
			(block(Status::Pending), 99, Role::Other),
			(open, 99, Role::Other),
		] {
			let clock = Clock { now, paused: 0 };
			assert_eq!(Role::of(&me, &block, clock), role);
			assert_eq!(Role::of(&account(2), &block, clock), Role::Other);
		}
		let pause = Clock { now: 100, paused: 1 };
		assert_eq!(Role::of(&me, &assigned(me, Delivery::Due), pause), Role::Assigned);
	}

	#[test]
	fn only_an_assigned_prover_in_time_needs_no_bond() {
		let roles = [Role::Assigned, Role::Replacing, Role::Late, Role::Failed, Role::Other];
		assert_eq!(roles.map(|it| it.bond(7)), [0, 0, 7, 7, 7]);
		assert_eq!(roles.map(Role::is_paid), [true, true, false, false, true]);
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
			gas_used: 8,
			prover: "5Fdave".into(),
		};
		let token = Token::new("UNIT", 12).unwrap();
		let intent = instance.intent(&token, Role::Assigned, Some((9_000, 72_000)), 0);
		let [hash, parent] = ["03", "04"].map(|byte| format!("0x{}", byte.repeat(32)));
		let summary = format!("prove block 3 for 5Fdave: 8 gas, {hash} on {parent}");
		assert_eq!(intent.summary, summary);
		let paid =
			"It pays 0.000000072 UNIT if the block is verified by it, 9000 base units per gas.";
		assert_eq!(intent.consequences, [paid]);
		assert_eq!(
			(&intent.details["reward_per_gas"], &intent.details["reward"]),
			(&json!(9_000), &json!("72000"))
		);
		let intent = instance.intent(&token, Role::Other, None, 2_000_000_000_000);
		assert_eq!(
			intent.consequences,
			["A bond of 2 UNIT is held: it is lost if the block is verified on another parent, or if \
			  this claim is removed."]
		);
		assert_eq!(intent.details["bond"], "2000000000000");
		assert_eq!(intent.details["parent_hash"], parent);
		let consequences = instance.intent(&token, Role::Late, None, 0).consequences;
		assert!(consequences[0].contains("over") && consequences[0].contains("slashed"));
		assert_eq!(instance.intent(&token, Role::Failed, None, 1).consequences.len(), 2);
		let replacing = instance.intent(&token, Role::Replacing, None, 0).consequences;
		assert_eq!(replacing, ["It replaces the claim that 5Fdave has made."]);
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
