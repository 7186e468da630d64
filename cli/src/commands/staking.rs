//! `stake`, `exit` and `withdraw`: a prover's way into the pool and out of it.

use super::{
	transact::{transact, Intent},
	Context,
};
use crate::{
	amount::Token,
	args::{StakeArgs, SubmitArgs},
	chain::{api, Balance},
	output::count,
	reads::{
		clock::{self, Unit},
		pool::{self, ExitState},
	},
	Error, Result,
};
use serde_json::json;

fn calls() -> api::prover_pool::calls::api::TransactionApi {
	api::transactions().prover_pool()
}

/// Enters the pool.
pub async fn stake(context: &Context, args: StakeArgs) -> Result<()> {
	let token = context.client.token();
	let amount = token.parse(&args.amount)?;
	if amount == 0 {
		// To the chain, that and a price of 0 is an exit.
		return Err(Error::Usage("nothing to stake: to leave the pool, use `exit`".into()));
	}
	let intent = Standing::read(context).await?.stake(token, amount, args.price, args.capacity);
	let call = calls().stake(amount, args.price, args.capacity);
	transact(context, &context.signer()?, &call, &intent, &args.submit).await
}

/// Leaves the pool.
pub async fn exit(context: &Context, args: SubmitArgs) -> Result<()> {
	let intent = Standing::read(context).await?.exit(context.client.token());
	transact(context, &context.signer()?, &calls().exit(), &intent, &args).await
}

/// Gets back a free exit.
pub async fn withdraw(context: &Context, args: SubmitArgs) -> Result<()> {
	let intent = Standing::read(context).await?.withdraw(context.client.token());
	transact(context, &context.signer()?, &calls().withdraw(), &intent, &args).await
}

/// How the account stands with the pool, as far as it matters to these calls (R1 to R3).
#[derive(Clone, Debug)]
struct Standing {
	account: String,
	/// Its stake; 0 if it is not in the pool.
	staked: Balance,
	/// What is on its way out, and not free yet.
	exiting: Balance,
	/// What is free: every one of these calls pays it out.
	free: Balance,
	/// Whether it owes work.
	liable: bool,
	clock: Unit,
	exit_period: u32,
	min_change_delay: u32,
	entry_delay: u32,
}

impl Standing {
	async fn read(context: &Context) -> Result<Self> {
		let client = &context.client;
		let who = context.signer()?.account();
		let at = client.best().await?;
		let (staker, prover) = pool::staker(&at, who).await?;
		let parameters = pool::parameters(&at).await?;
		let (now, clock) = clock::now(&at).await?;
		// The next block is the first that can have the call.
		let next = now.saturating_add(1);
		let (exiting, free) = match pool::exit_state(&staker, next, parameters.exit_period).0 {
			ExitState::Free => (0, staker.exit_amount),
			_ => (staker.exit_amount, 0),
		};
		Ok(Self {
			account: client.address(&who),
			staked: prover.map_or(0, |prover| prover.staked_amount),
			exiting,
			free,
			liable: staker.liable > 0,
			clock,
			exit_period: parameters.exit_period,
			min_change_delay: parameters.min_change_delay,
			entry_delay: parameters.entry_delay,
		})
	}

	/// A stake replaces the one before: that leaves as with `exit`, and what is leaving is used first.
	fn stake(&self, token: &Token, amount: Balance, price: u32, capacity: u32) -> Intent {
		let show = |amount| token.format(amount);
		let before = self.staked.saturating_add(self.exiting);
		let reused = amount.min(before);
		let (taken, leaving) = (amount - reused, before - reused);
		let terms = format!(
			"at {price} base units per gas, for {} at once",
			count(capacity, "block", "blocks")
		);
		let account = &self.account;
		let summary = match self.staked {
			0 => format!("stake {} for {account}, {terms}", show(amount)),
			staked => format!(
				"replace the stake of {} of {account} by {}, {terms}",
				show(staked),
				show(amount)
			),
		};
		let mut consequences = self.paid_out(token);
		if self.exiting > 0 {
			consequences.push(format!(
				"{} that are leaving the pool are used for it first.",
				show(self.exiting.min(amount))
			));
		}
		if taken > 0 {
			let taken = show(taken);
			consequences.push(format!("{taken} of the account's free tokens are held for it."));
		}
		if leaving > 0 && self.staked == 0 {
			consequences.push(self.leaves(token, leaving, "go on leaving, and wait anew"));
		} else if leaving > 0 {
			consequences.push(self.leaves(token, leaving, "start to leave"));
		}
		if self.entry_delay > 0 {
			let delay = count(self.entry_delay, "block", "blocks");
			consequences.push(format!("It takes no part in draws for {delay}."));
		}
		let delay = self.period(self.min_change_delay);
		consequences.push(format!("It can neither leave nor change its stake for {delay}."));
		let details = json!({
			"account": account,
			"amount": amount.to_string(),
			"reward_per_gas": price,
			"max_capacity": capacity,
			"replaces": self.staked.to_string(),
			"reused": reused.to_string(),
			"newly_held": taken.to_string(),
			"leaves": leaving.to_string(),
			"paid_out": self.free.to_string(),
			"clock": self.clock,
			"exit_period": self.exit_period,
			"min_change_delay": self.min_change_delay,
			"entry_delay": self.entry_delay,
		});
		Intent { summary, consequences, details }
	}

	/// Whatever was leaving before waits anew, together with the stake.
	fn exit(&self, token: &Token) -> Intent {
		let (account, show) = (&self.account, |amount| token.format(amount));
		let summary = match self.staked {
			0 => format!("take {account} out of the pool"),
			staked => format!("take {account} out of the pool, with its stake of {}", show(staked)),
		};
		let mut consequences = self.paid_out(token);
		let leaving = match self.staked {
			0 => 0,
			staked => staked.saturating_add(self.exiting),
		};
		if leaving > 0 {
			consequences.push(self.leaves(token, leaving, "start to leave"));
			if self.exiting > 0 {
				let exiting = show(self.exiting);
				consequences.push(format!(
					"{exiting} of it are leaving already: they wait as long as the rest, from now on."
				));
			}
		}
		let details = json!({
			"account": account,
			"leaves": leaving.to_string(),
			"paid_out": self.free.to_string(),
			"clock": self.clock,
			"exit_period": self.exit_period,
		});
		Intent { summary, consequences, details }
	}

	fn withdraw(&self, token: &Token) -> Intent {
		let (account, free) = (&self.account, token.format(self.free));
		Intent {
			summary: format!("free {free} of {account} that have left the pool"),
			consequences: vec![],
			details: json!({ "account": account, "paid_out": self.free.to_string() }),
		}
	}

	fn paid_out(&self, token: &Token) -> Vec<String> {
		let free = token.format(self.free);
		(self.free > 0)
			.then(|| format!("{free} that have left the pool are paid out."))
			.into_iter()
			.collect()
	}

	fn leaves(&self, token: &Token, amount: Balance, how: &str) -> String {
		let (amount, period) = (token.format(amount), self.period(self.exit_period));
		let owed = if self.liable { ", and when no block is owed" } else { "" };
		format!("{amount} {how}: free after {period}{owed}.")
	}

	fn period(&self, length: u32) -> String {
		let unit = self.clock.name();
		count(length, unit, &format!("{unit}s"))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const UNIT: Balance = 1_000_000_000_000;

	fn token() -> Token {
		Token::new("UNIT", 12).unwrap()
	}

	/// Staked, leaving and free, in tokens.
	fn standing(staked: Balance, exiting: Balance, free: Balance) -> Standing {
		Standing {
			account: "5Fa".into(),
			staked: staked * UNIT,
			exiting: exiting * UNIT,
			free: free * UNIT,
			liable: false,
			clock: Unit::Blocks,
			exit_period: 100_800,
			min_change_delay: 600,
			entry_delay: 20,
		}
	}

	fn stake(standing: Standing, amount: Balance) -> (String, Vec<String>) {
		let Intent { summary, mut consequences, .. } =
			standing.stake(&token(), amount * UNIT, 9_000, 4);
		let waits = [
			"It takes no part in draws for 20 blocks.",
			"It can neither leave nor change its stake for 600 blocks.",
		];
		let end = consequences.split_off(consequences.len() - waits.len());
		assert_eq!(end, waits);
		(summary, consequences)
	}

	const TERMS: &str = "at 9000 base units per gas, for 4 blocks at once";

	#[test]
	fn a_first_stake_is_held() {
		let (summary, consequences) = stake(standing(0, 0, 0), 80);
		assert_eq!(summary, format!("stake 80 UNIT for 5Fa, {TERMS}"));
		assert_eq!(consequences, ["80 UNIT of the account's free tokens are held for it."]);
	}

	#[test]
	fn a_smaller_stake_replaces_a_larger_one() {
		let (summary, consequences) = stake(standing(1_000, 0, 0), 100);
		assert_eq!(summary, format!("replace the stake of 1000 UNIT of 5Fa by 100 UNIT, {TERMS}"));
		assert_eq!(consequences, ["900 UNIT start to leave: free after 100800 blocks."]);

		let standing = Standing { liable: true, clock: Unit::Slots, ..standing(1_000, 50, 0) };
		let intent = standing.stake(&token(), 100 * UNIT, 9_000, 4);
		assert_eq!(
			intent.consequences[..2],
			[
				"50 UNIT that are leaving the pool are used for it first.",
				"950 UNIT start to leave: free after 100800 slots, and when no block is owed.",
			]
		);
		assert_eq!(
			intent.details,
			json!({
				"account": "5Fa",
				"amount": "100000000000000",
				"reward_per_gas": 9000,
				"max_capacity": 4,
				"replaces": "1000000000000000",
				"reused": "100000000000000",
				"newly_held": "0",
				"leaves": "950000000000000",
				"paid_out": "0",
				"clock": "slots",
				"exit_period": 100800,
				"min_change_delay": 600,
				"entry_delay": 20,
			})
		);
	}

	#[test]
	fn a_larger_stake_uses_what_is_there_first() {
		let (_, consequences) = stake(standing(1_000, 0, 0), 1_200);
		assert_eq!(consequences, ["200 UNIT of the account's free tokens are held for it."]);
		let (_, consequences) = stake(standing(1_000, 50, 7), 1_200);
		assert_eq!(
			consequences,
			[
				"7 UNIT that have left the pool are paid out.",
				"50 UNIT that are leaving the pool are used for it first.",
				"150 UNIT of the account's free tokens are held for it.",
			]
		);
		// The same stake on other terms moves nothing.
		assert_eq!(stake(standing(1_000, 0, 0), 1_000).1, [""; 0]);
	}

	#[test]
	fn who_has_left_uses_what_is_leaving_first() {
		let (summary, consequences) = stake(standing(0, 500, 0), 80);
		assert_eq!(summary, format!("stake 80 UNIT for 5Fa, {TERMS}"));
		assert_eq!(
			consequences,
			[
				"80 UNIT that are leaving the pool are used for it first.",
				"420 UNIT go on leaving, and wait anew: free after 100800 blocks.",
			]
		);
	}

	#[test]
	fn an_exit_says_what_leaves_and_when_it_is_free() {
		let intent = standing(1_000, 0, 0).exit(&token());
		assert_eq!(intent.summary, "take 5Fa out of the pool, with its stake of 1000 UNIT");
		assert_eq!(intent.consequences, ["1000 UNIT start to leave: free after 100800 blocks."]);

		let intent = standing(1_000, 50, 0).exit(&token());
		assert_eq!(
			intent.consequences,
			[
				"1050 UNIT start to leave: free after 100800 blocks.",
				"50 UNIT of it are leaving already: they wait as long as the rest, from now on.",
			]
		);
		assert_eq!(intent.details["leaves"], "1050000000000000");

		// Who is not in the pool is paid what is free, and what is leaving goes on as before.
		let intent = standing(0, 0, 7).exit(&token());
		assert_eq!(intent.consequences, ["7 UNIT that have left the pool are paid out."]);
		assert_eq!(intent.details["leaves"], "0");
	}

	#[test]
	fn a_withdrawal_says_how_much_it_frees() {
		let intent = standing(0, 0, 7).withdraw(&token());
		assert_eq!(intent.summary, "free 7 UNIT of 5Fa that have left the pool");
	}
}
