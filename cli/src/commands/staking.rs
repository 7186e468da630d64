//! `stake`, `exit` and `withdraw`: a prover's way into the pool and out of it.

use super::{transact, Context};
use crate::{
	args::{StakeArgs, SubmitArgs},
	chain::api,
	output::count,
	Error, Result,
};

fn pool() -> api::prover_pool::calls::api::TransactionApi {
	api::transactions().prover_pool()
}

/// Enters the pool.
pub async fn stake(context: &Context, args: StakeArgs) -> Result<()> {
	let signer = context.signer()?;
	let token = context.client.token();
	let amount = token.parse(&args.amount)?;
	if amount == 0 {
		// To the chain, that and a price of 0 is an exit.
		return Err(Error::Usage("nothing to stake: to leave the pool, use `exit`".into()));
	}
	let summary = format!(
		"stake {} for {}, at {} base units per gas, for {} at once",
		token.format(amount),
		context.client.address(&signer.account()),
		args.price,
		count(args.capacity, "block", "blocks"),
	);
	let call = pool().stake(amount, args.price, args.capacity);
	transact(context, &signer, &call, &summary, &args.submit).await?;
	Ok(())
}

/// Leaves the pool.
pub async fn exit(context: &Context, args: SubmitArgs) -> Result<()> {
	let signer = context.signer()?;
	let account = context.client.address(&signer.account());
	let summary =
		format!("take {account} out of the pool, its stake to be free after the exit period");
	transact(context, &signer, &pool().exit(), &summary, &args).await?;
	Ok(())
}

/// Gets back a free exit.
pub async fn withdraw(context: &Context, args: SubmitArgs) -> Result<()> {
	let signer = context.signer()?;
	let account = context.client.address(&signer.account());
	let summary = format!("free the tokens of {account} that have left the pool");
	transact(context, &signer, &pool().withdraw(), &summary, &args).await?;
	Ok(())
}
