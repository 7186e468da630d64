//! `propose`: a block of the rollup.

use super::{
	file::bounded,
	transact::{transact, Intent},
	Context,
};
use crate::{
	amount::Token,
	args::protocol::ProposeArgs,
	chain::{api, Balance},
	decoded::hex,
	output::count,
	reads::rollup::{self, Parameters},
	Error, Refusal, Result,
};
use serde_json::json;
use sp_crypto_hashing::sha2_256;
use std::{
	fs::File,
	io::{stdin, Read},
	path::Path,
};

/// A proposal and its price.
struct Proposal<'a> {
	proposer: String,
	beneficiary: String,
	list: &'a [u8],
	gas_limit: u32,
	fee_per_gas: u32,
	max_fee_per_gas: u32,
}

/// One whole, in the unit of the chain's shares.
const BILLION: u64 = 1_000_000_000;

/// Submits a transaction list.
pub async fn run(context: &Context, args: ProposeArgs) -> Result<()> {
	let client = &context.client;
	let actor = context.actor(&args.submit)?;
	let beneficiary = match &args.beneficiary {
		Some(address) => client.account(address)?,
		None => actor.account(),
	};
	let at = client.best().await?;
	let parameters = rollup::parameters(&at)?;
	let list = read(&args.list, parameters.max_tx_list_size)?;
	let fee_per_gas = rollup::fee_per_gas(&at).await?;
	let proposal = Proposal {
		proposer: client.address(&actor.account()),
		beneficiary: client.address(&beneficiary),
		list: &list,
		gas_limit: args.gas_limit,
		fee_per_gas,
		max_fee_per_gas: args
			.max_fee_per_gas
			.unwrap_or_else(|| after_a_step(fee_per_gas, parameters.max_fee_step)),
	};
	let max_fee_per_gas = proposal.max_fee_per_gas;
	let escrow = |fee_per_gas| escrow(&parameters, args.gas_limit, fee_per_gas);
	let intent = proposal.intent(client.token(), escrow);
	let calls = api::transactions().block_proposal();
	let call = calls.propose_block(list, args.gas_limit, beneficiary, max_fee_per_gas);
	transact(context, &actor, &call, &intent, &args.submit).await
}

impl Proposal<'_> {
	fn intent(&self, token: &Token, escrow: impl Fn(u32) -> Balance) -> Intent {
		let Self { proposer, beneficiary, list, gas_limit, fee_per_gas, max_fee_per_gas } = self;
		let (now, most) = (escrow(*fee_per_gas), escrow(*max_fee_per_gas));
		Intent {
			summary: format!(
				"propose a block of {} for {proposer}, with at most {gas_limit} gas",
				count(list.len() as u128, "byte", "bytes")
			),
			consequences: vec![
				format!("{beneficiary} earns the rollup's fees."),
				format!(
					"{} are put on hold as escrow, at {fee_per_gas} base units per gas: the block never costs \
					 more. The rest is returned at the draw and when the block is verified.",
					token.format(now)
				),
				format!(
					"If the fee has risen by then, up to {} are held, at {max_fee_per_gas} base units per gas; \
					 at a higher fee the proposal is refused.",
					token.format(most)
				),
				"If the block is skipped without a proof, the escrow is lost. If one before it is skipped, \
				 this one is cancelled and the escrow returned."
					.into(),
			],
			details: json!({
				"proposer": proposer,
				"beneficiary": beneficiary,
				"tx_list_hash": hex(&sha2_256(list)),
				"tx_list_size": list.len(),
				"gas_limit": gas_limit,
				"fee_per_gas": fee_per_gas,
				"max_fee_per_gas": max_fee_per_gas,
				"escrow": now.to_string(),
				"max_escrow": most.to_string(),
			}),
		}
	}
}

/// Returns the escrow of a proposal at this fee (Money): the final price of open blocks, for all
/// gas allowed.
fn escrow(parameters: &Parameters, gas_limit: u32, fee_per_gas: u32) -> Balance {
	let price = u64::from(fee_per_gas) * u64::from(parameters.open_reward_end) / 100;
	parameters.cost(gas_limit, u32::try_from(price).unwrap_or(u32::MAX))
}

/// Returns the fee after it has risen by the most that it may within one block, rounded up.
fn after_a_step(fee_per_gas: u32, max_fee_step: u32) -> u32 {
	let step = (u64::from(fee_per_gas) * u64::from(max_fee_step)).div_ceil(BILLION);
	u32::try_from(u64::from(fee_per_gas) + step).unwrap_or(u32::MAX)
}

/// Reads a list, up to the size that the chain accepts: nodes disconnect clients that send more.
fn read(path: &Path, most: u32) -> Result<Vec<u8>> {
	let unreadable =
		|error| Error::Usage(format!("cannot read the list {}: {error}", path.display()));
	let input: Box<dyn Read> = match path.to_str() {
		Some("-") => Box::new(stdin()),
		_ => Box::new(File::open(path).map_err(unreadable)?),
	};
	let list = bounded(input, most.into()).map_err(unreadable)?;
	Ok(list.ok_or_else(|| Refusal {
		name: "BlockProposal.TxListTooLong".into(),
		reason: format!("at most {most} bytes"),
	})?)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_proposal_says_what_is_held_and_who_earns() {
		let proposal = Proposal {
			proposer: "5Fbob".into(),
			beneficiary: "5Feve".into(),
			list: b"a list",
			gas_limit: 5_000_000,
			fee_per_gas: 10_000,
			max_fee_per_gas: 20_000,
		};
		let escrow = |fee| 10_500_000 * Balance::from(fee);
		let intent = proposal.intent(&Token::new("UNIT", 12).unwrap(), escrow);
		assert_eq!(
			intent.summary,
			"propose a block of 6 bytes for 5Fbob, with at most 5000000 gas"
		);
		assert_eq!(
			intent.consequences,
			[
				"5Feve earns the rollup's fees.",
				"0.105 UNIT are put on hold as escrow, at 10000 base units per gas: the block never costs \
				 more. The rest is returned at the draw and when the block is verified.",
				"If the fee has risen by then, up to 0.21 UNIT are held, at 20000 base units per gas; at a \
				 higher fee the proposal is refused.",
				"If the block is skipped without a proof, the escrow is lost. If one before it is skipped, \
				 this one is cancelled and the escrow returned.",
			]
		);
		assert_eq!(intent.details["escrow"], "105000000000");
		assert_eq!(intent.details["max_escrow"], "210000000000");
		assert_eq!(intent.details["tx_list_hash"], hex(&sha2_256(b"a list")));
	}

	#[test]
	fn the_default_covers_one_step_of_the_fee() {
		for (fee, step, expected) in [
			(10_000, 10_000_000, 10_100),
			(10_001, 10_000_000, 10_102),
			(10_000, 0, 10_000),
			(8, 1, 9),
			(u32::MAX, 1_000_000_000, u32::MAX),
		] {
			assert_eq!(after_a_step(fee, step), expected, "{fee} and {step}");
		}
	}
}
