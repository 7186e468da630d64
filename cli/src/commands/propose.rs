//! `propose`: a block of the rollup.

use super::{
	file::bounded,
	transact::{transact, Intent},
	Context,
};
use crate::{
	amount::Token,
	args::ProposeArgs,
	chain::{api, Balance},
	decoded::hex,
	output::count,
	reads::rollup::{self, Parameters},
	Error, Refusal, Result,
};
use serde_json::json;
use sp_crypto_hashing::blake2_256;
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
}

/// Submits a transaction list.
pub async fn run(context: &Context, args: ProposeArgs) -> Result<()> {
	let client = &context.client;
	let signer = context.signer()?;
	let beneficiary = match &args.beneficiary {
		Some(address) => client.account(address)?,
		None => signer.account(),
	};
	let at = client.best().await?;
	let parameters = rollup::parameters(&at).await?;
	let list = read(&args.list, parameters.max_tx_list_size)?;
	let proposal = Proposal {
		proposer: client.address(&signer.account()),
		beneficiary: client.address(&beneficiary),
		list: &list,
		gas_limit: args.gas_limit,
		fee_per_gas: rollup::fee_per_gas(&at).await?,
	};
	let escrow = escrow(&parameters, args.gas_limit, proposal.fee_per_gas);
	let intent = proposal.intent(client.token(), escrow);
	let call =
		api::transactions().block_proposal().propose_block(list, args.gas_limit, beneficiary);
	transact(context, &signer, &call, &intent, &args.submit).await
}

impl Proposal<'_> {
	fn intent(&self, token: &Token, escrow: Balance) -> Intent {
		let Self { proposer, beneficiary, list, gas_limit, fee_per_gas } = self;
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
					token.format(escrow)
				),
				"If the block is skipped without a proof, the escrow is lost.".into(),
			],
			details: json!({
				"proposer": proposer,
				"beneficiary": beneficiary,
				"tx_list_hash": hex(&blake2_256(list)),
				"tx_list_size": list.len(),
				"gas_limit": gas_limit,
				"fee_per_gas": fee_per_gas,
				"escrow": escrow.to_string(),
			}),
		}
	}
}

/// Returns the escrow of a proposal at this fee (Money): the final price of open blocks, for all
/// gas allowed.
fn escrow(parameters: &Parameters, gas_limit: u32, fee_per_gas: u32) -> Balance {
	let price = u128::from(fee_per_gas) * u128::from(parameters.open_reward_end) / 100;
	(u128::from(parameters.base_gas) + u128::from(gas_limit)) * price
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
		};
		let intent = proposal.intent(&Token::new("UNIT", 12).unwrap(), 105_000_000_000);
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
				"If the block is skipped without a proof, the escrow is lost.",
			]
		);
		assert_eq!(intent.details["escrow"], "105000000000");
		assert_eq!(intent.details["tx_list_hash"], hex(&blake2_256(b"a list")));
	}
}
