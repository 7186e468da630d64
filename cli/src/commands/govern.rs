//! `dispute` and `protocol`: the calls of governance.

use super::{
	transact::{transact, Intent},
	Context,
};
use crate::{
	amount::Token,
	args::protocol::{DisputeArgs, GovernArgs, ProtocolCommand, ResetArgs, StartArgs},
	chain::{
		api::{
			self,
			runtime_types::{
				pallet_block_proposal::pallet::Call, prover_pool_runtime::RuntimeCall,
			},
		},
		BlockId, H256,
	},
	decoded::hex,
	execution::Execution,
	output::count,
	reads::rollup::{self, Claim, State},
	Error, Refusal, Result,
};
use serde_json::json;
use std::str::FromStr;
use subxt::tx::Payload;

fn calls() -> api::block_proposal::calls::api::TransactionApi {
	api::transactions().block_proposal()
}

/// Submits a call of the protocol: itself, or as root.
async fn govern<C: Payload>(
	context: &Context,
	(direct, call): (C, Call),
	intent: &Intent,
	args: &GovernArgs,
) -> Result<()> {
	let actor = context.actor(&args.submit)?;
	if args.sudo {
		let call = api::transactions().sudo().sudo(RuntimeCall::BlockProposal(call));
		return transact(context, &actor, &call, intent, &args.submit).await;
	}
	transact(context, &actor, &direct, intent, &args.submit).await
}

/// Runs a subcommand of `protocol`.
pub async fn protocol(context: &Context, command: ProtocolCommand) -> Result<()> {
	match command {
		ProtocolCommand::Pause(args) => pause(context, args).await,
		ProtocolCommand::Unpause(args) => unpause(context, args).await,
		ProtocolCommand::Reset(args) => reset(context, args).await,
		ProtocolCommand::Start(args) => start(context, args).await,
	}
}

/// Removes a wrong claim.
pub async fn dispute(context: &Context, args: DisputeArgs) -> Result<()> {
	let at = context.client.best().await?;
	let block = rollup::block(&at, args.block).await?.ok_or_else(|| unknown_block(args.block))?;
	let mut claims = rollup::claims(&at, args.block).await?;
	claims.extend(block.claim_in_time().cloned());
	let block_hash = args.block_hash.as_deref().map(|it| hash("--block-hash", it)).transpose()?;
	let parent = args.parent.as_deref().map(|it| hash("--parent", it)).transpose()?;
	claims.retain(|claim| {
		let Execution { parent_hash, block_hash: gives, gas_used } = (&claim.execution).into();
		block_hash.is_none_or(|it| it == gives)
			&& parent.is_none_or(|it| it == parent_hash)
			&& args.gas_used.is_none_or(|it| it == gas_used)
	});
	let claim = one_of(args.block, &claims)?;
	let execution = Execution::from(&claim.execution);
	let is_assigned =
		block.claim_in_time().is_some_and(|it| Execution::from(&it.execution) == execution);
	let prover = context.client.address(&claim.prover);
	let intent = disputed(context.client.token(), args.block, claim, &prover, is_assigned);
	let Execution { parent_hash, block_hash, gas_used } = execution;
	let block_id = args.block;
	let direct = calls().dispute_claim(block_id, parent_hash, block_hash, gas_used);
	let call = Call::dispute_claim { block_id, parent_hash, block_hash, gas_used };
	govern(context, (direct, call), &intent, &args.call).await
}

/// Returns the only claim. Refused if there is none, or if it is not clear which is meant.
fn one_of(block: BlockId, claims: &[Claim]) -> Result<&Claim> {
	match claims {
		[claim] => Ok(claim),
		[] => Err(Refusal {
			name: "BlockProposal.UnknownClaim".into(),
			reason: format!("block {block} has no such claim"),
		}
		.into()),
		several => Err(Error::Usage(format!(
			"block {block} has {} such claims: name one with --block-hash, --parent and --gas-used",
			several.len()
		))),
	}
}

fn disputed(
	token: &Token,
	block_id: BlockId,
	claim: &Claim,
	prover: &str,
	is_assigned: bool,
) -> Intent {
	let Execution { parent_hash, block_hash, gas_used } = (&claim.execution).into();
	let mut consequences = vec![format!(
		"This claim is barred for the block: {} with {gas_used} gas, on {}.",
		hex(block_hash.as_ref()),
		hex(parent_hash.as_ref())
	)];
	if claim.bond > 0 {
		let bond = token.format(claim.bond);
		consequences.push(format!("The bond of {bond} is forfeited."));
	}
	if is_assigned {
		consequences.push(format!(
			"The assignment of {prover} has failed: it is slashed when the block is settled, and any \
			 account may prove the block."
		));
	}
	Intent {
		summary: format!("remove the claim of {prover} on block {block_id} as wrong"),
		consequences,
		details: json!({
			"block_id": block_id,
			"prover": prover,
			"block_hash": block_hash,
			"parent_hash": parent_hash,
			"gas_used": gas_used,
			"bond": claim.bond.to_string(),
		}),
	}
}

async fn pause(context: &Context, args: GovernArgs) -> Result<()> {
	let at = context.client.best().await?;
	let most = rollup::parameters(&at)?.max_pause;
	let intent = Intent {
		summary: "pause the protocol".into(),
		consequences: vec![
			"Proposals, verification, skips and the rollup's clock stop; claims and disputes go on."
				.into(),
			format!("It ends by itself after {}.", count(most, "block", "blocks")),
		],
		details: json!({ "max_pause": most }),
	};
	govern(context, (calls().pause(), Call::pause {}), &intent, &args).await
}

async fn unpause(context: &Context, args: GovernArgs) -> Result<()> {
	let at = context.client.best().await?;
	let until = rollup::paused_until(&at).await?;
	let intent = Intent {
		summary: "end the pause of the protocol".into(),
		consequences: vec!["Windows continue with the time that they had left.".into()],
		details: json!({ "paused_until": until }),
	};
	govern(context, (calls().unpause(), Call::unpause {}), &intent, &args).await
}

async fn reset(context: &Context, args: ResetArgs) -> Result<()> {
	let verified_hash = hash("HASH", &args.verified_hash)?;
	let at = context.client.best().await?;
	let intent = to_reset(&rollup::started(&at).await?, verified_hash);
	let call = (calls().reset(verified_hash), Call::reset { verified_hash });
	govern(context, call, &intent, &args.call).await
}

fn to_reset(state: &State, verified_hash: H256) -> Intent {
	let cancelled = state.next_id.saturating_sub(state.first_live());
	Intent {
		summary: format!("set the rollup's verified hash to {}", hex(verified_hash.as_ref())),
		consequences: vec![
			format!("It is {} now.", hex(state.verified_hash.as_ref())),
			format!(
				"{} that wait for verification are cancelled: escrows and bonds are returned, nobody is \
				 slashed.",
				count(cancelled, "block", "blocks")
			),
		],
		details: json!({
			"verified_hash": verified_hash,
			"verified_hash_before": state.verified_hash,
			"cancelled": cancelled,
		}),
	}
}

async fn start(context: &Context, args: StartArgs) -> Result<()> {
	let genesis_hash = hash("HASH", &args.genesis_hash)?;
	let StartArgs { fee_per_gas, delay, .. } = args;
	let intent = Intent {
		summary: format!("start the rollup from {}", hex(genesis_hash.as_ref())),
		consequences: vec![format!(
			"The first fee is {fee_per_gas} base units per gas, the first average delay {}.",
			count(delay, "block", "blocks")
		)],
		details: json!({
			"genesis_hash": genesis_hash,
			"fee_per_gas": fee_per_gas,
			"delay": delay,
		}),
	};
	let direct = calls().start(genesis_hash, fee_per_gas, delay);
	let call = Call::start { genesis_hash, fee_per_gas, delay };
	govern(context, (direct, call), &intent, &args.call).await
}

/// Parses a hash that an argument holds.
pub fn hash(argument: &str, text: &str) -> Result<H256> {
	H256::from_str(text).map_err(|_| {
		Error::Usage(format!("{argument} `{text}` is not a hash: write `0x` and 64 digits"))
	})
}

/// Returns the refusal for a block that does not wait.
pub fn unknown_block(id: BlockId) -> Refusal {
	Refusal {
		name: "BlockProposal.UnknownBlock".into(),
		reason: format!("no unsettled block has the id {id}"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		chain::{
			api::runtime_types::pallet_block_proposal::types::Execution as OnChain, AccountId,
		},
		commands::account::tests::{token, UNIT},
		execution::tests::hash as hash_of,
	};

	fn claim(gas_used: u32, bond: u128) -> Claim {
		let (parent_hash, block_hash) = (hash_of(1), hash_of(2));
		Claim {
			prover: AccountId([1; 32]),
			execution: OnChain { parent_hash, block_hash, gas_used },
			reward_per_gas: 1,
			bond,
			tag: rollup::Tag::First([0; 32]),
			claimed_at: 1,
		}
	}

	#[test]
	fn a_dispute_says_whom_it_costs_what() {
		let intent = disputed(&token(), 7, &claim(9, UNIT), "5Fa", false);
		assert_eq!(intent.summary, "remove the claim of 5Fa on block 7 as wrong");
		let what = format!("0x{} with 9 gas, on 0x{}.", "02".repeat(32), "01".repeat(32));
		let barred = format!("This claim is barred for the block: {what}");
		assert_eq!(intent.consequences, [&barred[..], "The bond of 1 UNIT is forfeited."]);
		let intent = disputed(&token(), 7, &claim(9, 0), "5Fa", true);
		assert!(intent.consequences[1].contains("The assignment of 5Fa has failed"));
		assert_eq!(intent.consequences.len(), 2);
	}

	#[test]
	fn a_dispute_is_about_one_claim() {
		assert_eq!(one_of(7, &[]).unwrap_err().exit_code(), 4);
		assert_eq!(one_of(7, &[claim(9, 0)]).unwrap().execution.gas_used, 9);
		let error = one_of(7, &[claim(9, 0), claim(8, 0)]).unwrap_err();
		assert_eq!(error.exit_code(), 2);
		assert!(error.to_string().contains("2 such claims: name one"), "{error}");
	}

	#[test]
	fn a_reset_says_how_many_blocks_it_cancels() {
		let state = State {
			next_id: 9,
			head: 4,
			verified_id: 3,
			verified_hash: hash_of(3),
			head_since: 1,
			pending: 0,
			open: 0,
			cancelled: None,
		};
		let intent = to_reset(&state, hash_of(5));
		assert!(intent.summary.contains(&"05".repeat(32)));
		assert!(intent.consequences[0].contains(&"03".repeat(32)));
		assert!(intent.consequences[1].starts_with("5 blocks that wait"), "{intent:?}");
	}

	#[test]
	fn a_hash_has_64_digits() {
		assert_eq!(hash("HASH", &format!("0x{}", "01".repeat(32))).unwrap(), hash_of(1));
		for wrong in ["0x01", "nonsense", ""] {
			assert_eq!(hash("--parent", wrong).unwrap_err().exit_code(), 2);
		}
	}
}
