//! `propose`: a block of the rollup.

use super::{transact, Context};
use crate::{
	args::ProposeArgs,
	chain::{api, Balance},
	reads::rollup::{self, Parameters},
	Error, Refusal, Result,
};
use std::{
	fs::File,
	io::{stdin, Read},
	path::Path,
};

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
	let fee_per_gas = rollup::fee_per_gas(&at).await?;
	let summary = format!(
		"propose {} bytes for {}, with {} in escrow",
		list.len(),
		client.address(&signer.account()),
		client.token().format(escrow(&parameters, args.gas_limit, fee_per_gas)),
	);
	let call =
		api::transactions().block_proposal().propose_block(list, args.gas_limit, beneficiary);
	transact(context, &signer, &call, &summary, &args.submit).await?;
	Ok(())
}

/// What a proposal holds at this fee (Money): the price at which open blocks end, for all gas allowed.
fn escrow(parameters: &Parameters, gas_limit: u32, fee_per_gas: u32) -> Balance {
	let price = u128::from(fee_per_gas) * u128::from(parameters.open_reward_end) / 100;
	(u128::from(parameters.base_gas) + u128::from(gas_limit)) * price
}

/// Reads a list, and no more than the chain takes: nodes cut off whoever sends them too much.
fn read(path: &Path, most: u32) -> Result<Vec<u8>> {
	let unreadable =
		|error| Error::Usage(format!("the list {} cannot be read: {error}", path.display()));
	let input: Box<dyn Read> = match path.to_str() {
		Some("-") => Box::new(stdin()),
		_ => Box::new(File::open(path).map_err(unreadable)?),
	};
	let mut list = Vec::new();
	input.take(u64::from(most) + 1).read_to_end(&mut list).map_err(unreadable)?;
	if list.len() > most as usize {
		let name = "BlockProposal.TxListTooLong".into();
		return Err(Refusal { name, reason: format!("at most {most} bytes") }.into());
	}
	Ok(list)
}
