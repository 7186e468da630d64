//! `stake`, `exit`, `unstake` and `withdraw`: calls that the chain can simulate.

use super::{
	account::{Delays, Situation, StakerView},
	band,
	reserve::{self, Moved},
	transact::{transact, Intent},
	views::{terms, Exit},
	Context,
};
use crate::{
	amount::Token,
	args::{AmountArgs, StakeArgs, SubmitArgs},
	chain::{api, AccountId, Balance},
	reads::pool::{self, Simulation},
	Error, Result,
};
use serde_json::{json, Value};

fn calls() -> api::prover_pool::calls::api::TransactionApi {
	api::transactions().prover_pool()
}

/// Enters the pool, or enters it again with a new offer.
pub async fn stake(context: &Context, args: StakeArgs) -> Result<()> {
	let token = context.client.token();
	let amount = token.parse(&args.amount)?;
	if amount == 0 {
		// The chain would treat 0 at a price and capacity of 0 as an exit.
		return Err(Error::Usage("nothing to stake: to leave the pool, use `exit`".into()));
	}
	let situation = Situation::read(context, &args.submit).await?;
	let (who, price, capacity) = (situation.who(), args.price, args.capacity);
	let simulation = pool::simulate_stake(&situation.at, who, amount, price, capacity).await?;
	let replaces = simulation.replaces.map(|account| context.client.address(&account));
	let change = Change::new(context, &situation, &who, &simulation);
	let mut intent = change.stake(token, amount, (price, capacity), replaces);
	intent.consequences.extend(band::note(&situation.at, price).await?);
	let call = calls().stake(amount, price, capacity);
	let moved = Moved { held: change.newly_held(), released: change.paid_out() };
	reserve::add(context, &situation, &call, moved, &mut intent, &args.submit).await?;
	transact(context, &situation.actor, &call, &intent, &args.submit).await
}

/// Leaves the pool.
pub async fn exit(context: &Context, args: SubmitArgs) -> Result<()> {
	let situation = Situation::read(context, &args).await?;
	let who = situation.who();
	let simulation = pool::simulate_exit(&situation.at, who).await?;
	let change = Change::new(context, &situation, &who, &simulation);
	let intent = change.exit(context.client.token());
	transact(context, &situation.actor, &calls().exit(), &intent, &args).await
}

/// Turns a part of the stake into an exit.
pub async fn unstake(context: &Context, args: AmountArgs) -> Result<()> {
	let token = context.client.token();
	let amount = token.parse(&args.amount)?;
	let situation = Situation::read(context, &args.submit).await?;
	let who = situation.who();
	let simulation = pool::simulate_unstake(&situation.at, who, amount).await?;
	let change = Change::new(context, &situation, &who, &simulation);
	let intent = change.unstake(token, amount);
	transact(context, &situation.actor, &calls().unstake(amount), &intent, &args.submit).await
}

/// Pays out the free exits of the account of the key, or of another one: that needs no proxy.
pub async fn withdraw(context: &Context, args: SubmitArgs) -> Result<()> {
	let situation = Situation::read(context, &args).await?;
	let who = situation.who();
	let simulation = pool::simulate_withdraw(&situation.at, who).await?;
	let change = Change::new(context, &situation, &who, &simulation);
	let intent = change.withdraw(context.client.token());
	let key = situation.actor.of_key();
	if situation.actor.is_proxied() {
		return transact(context, &key, &calls().withdraw_for(who), &intent, &args).await;
	}
	transact(context, &key, &calls().withdraw(), &intent, &args).await
}

/// An account before and after a call.
struct Change {
	before: StakerView,
	after: StakerView,
	delays: Delays,
}

impl Change {
	fn new(
		context: &Context,
		situation: &Situation,
		who: &AccountId,
		simulation: &Simulation,
	) -> Self {
		Self {
			before: situation.view(context, who, &simulation.before),
			after: situation.view(context, who, &simulation.after),
			delays: situation.delays,
		}
	}

	/// Returns how much is paid out: every one of these calls pays out free exits first. An exit
	/// stays if the account cannot receive it.
	fn paid_out(&self) -> Balance {
		self.before.free().saturating_sub(self.after.free())
	}

	/// Returns how many free tokens are put on hold.
	fn newly_held(&self) -> Balance {
		self.after.held.saturating_add(self.paid_out()).saturating_sub(self.before.held)
	}

	/// Returns the exits that are new or start again.
	fn new_exits(&self) -> impl Iterator<Item = &Exit> {
		self.after.exits.iter().filter(|exit| !self.before.exits.contains(exit))
	}

	fn details(&self, further: Value) -> Value {
		let mut details = json!({
			"account": self.before.account,
			"stake_before": self.before.stake().to_string(),
			"stake_after": self.after.stake().to_string(),
			"paid_out": self.paid_out().to_string(),
			"newly_held": self.newly_held().to_string(),
			"new_exits": self.new_exits().collect::<Vec<_>>(),
		});
		for more in [further, self.delays.json()] {
			if let (Value::Object(details), Value::Object(more)) = (&mut details, more) {
				details.extend(more);
			}
		}
		details
	}

	/// Returns what happens to the account's tokens, a sentence each.
	fn tokens(&self, token: &Token) -> Vec<String> {
		let mut lines = Vec::new();
		let (paid_out, newly_held) = (self.paid_out(), self.newly_held());
		if paid_out > 0 {
			lines.push(format!("{} of free exits are paid out.", token.format(paid_out)));
		}
		if newly_held > 0 {
			lines.push(format!("{} of free tokens are put on hold.", token.format(newly_held)));
		}
		lines.extend(self.new_exits().map(|exit| self.delays.exit(token, exit)));
		lines
	}

	fn stake(
		&self,
		token: &Token,
		amount: Balance,
		(price, capacity): (u32, u32),
		replaces: Option<String>,
	) -> Intent {
		let (account, terms) = (&self.before.account, terms(price, capacity));
		let staked = token.format(amount);
		let summary = match self.before.stake() {
			0 => format!("stake {staked} for {account}, {terms}"),
			before => {
				let before = token.format(before);
				format!("replace the stake of {before} of {account} by {staked}, {terms}")
			},
		};
		let mut consequences = self.tokens(token);
		if let Some(replaced) = &replaces {
			consequences.push(format!("{replaced} is replaced and leaves the pool."));
		}
		if let Some(until) = self.after.suspended_until {
			consequences.push(format!(
				"The account is suspended: it is not drawn until it resumes, after {} {until}.",
				self.delays.clock.name()
			));
		}
		consequences.extend(self.delays.until_listed("Draws do not use the offer"));
		let delay = self.delays.period(self.delays.change);
		consequences.push(format!("The account can neither leave nor unstake for {delay}."));
		let details = self.details(json!({
			"amount": amount.to_string(),
			"reward_per_gas": price,
			"max_capacity": capacity,
			"replaces": replaces,
		}));
		Intent { summary, consequences, details }
	}

	fn exit(&self, token: &Token) -> Intent {
		let account = &self.before.account;
		let summary = match self.before.stake() {
			0 => format!("pay out the free exits of {account}"),
			stake => {
				format!("remove {account} from the pool, with its stake of {}", token.format(stake))
			},
		};
		Intent { summary, consequences: self.tokens(token), details: self.details(json!({})) }
	}

	fn unstake(&self, token: &Token, amount: Balance) -> Intent {
		let (account, rest) = (&self.before.account, token.format(self.after.stake()));
		let summary = format!("take {} from the stake of {account}", token.format(amount));
		let mut consequences =
			vec![format!("{rest} stay staked. Draws and rank use this at once.")];
		consequences.extend(self.tokens(token));
		let details = self.details(json!({ "amount": amount.to_string() }));
		Intent { summary, consequences, details }
	}

	fn withdraw(&self, token: &Token) -> Intent {
		let (account, paid_out) = (&self.before.account, token.format(self.paid_out()));
		Intent {
			summary: format!("pay out {paid_out} of free exits to {account}"),
			consequences: vec![],
			details: self.details(json!({})),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		commands::account::tests::{exit, staker, token, DELAYS, UNIT},
		reads::pool::ExitState::{Free, Maturing},
	};

	const TERMS: &str = "at 9000 base units per gas, for up to 4 blocks at once";

	fn change(before: StakerView, after: StakerView) -> Change {
		Change { before, after, delays: DELAYS }
	}

	fn stake(before: StakerView, after: StakerView) -> (String, Vec<String>) {
		let amount = after.stake();
		let change = change(before, after);
		let Intent { summary, mut consequences, .. } =
			change.stake(&token(), amount, (9_000, 4), None);
		let delays = [
			"Draws do not use the offer for 20 blocks.",
			"The account can neither leave nor unstake for 600 blocks.",
		];
		let end = consequences.split_off(consequences.len() - delays.len());
		assert_eq!(end, delays);
		(summary, consequences)
	}

	#[test]
	fn a_first_stake_is_held() {
		let (summary, consequences) = stake(staker(0, &[]), staker(80, &[]));
		assert_eq!(summary, format!("stake 80 UNIT for 5Fa, {TERMS}"));
		assert_eq!(consequences, ["80 UNIT of free tokens are put on hold."]);
	}

	#[test]
	fn a_smaller_stake_leaves_an_exit() {
		let after = staker(100, &[exit(1, 900, Maturing)]);
		let (summary, consequences) = stake(staker(1_000, &[]), after);
		assert_eq!(summary, format!("replace the stake of 1000 UNIT of 5Fa by 100 UNIT, {TERMS}"));
		assert_eq!(consequences, ["Exit 1 of 900 UNIT can be withdrawn after block 700."]);
	}

	#[test]
	fn a_larger_stake_uses_exits_first() {
		let before = staker(1_000, &[exit(0, 7, Free), exit(1, 50, Maturing)]);
		let (_, consequences) = stake(before, staker(1_200, &[]));
		assert_eq!(
			consequences,
			["7 UNIT of free exits are paid out.", "150 UNIT of free tokens are put on hold."]
		);
		// The same stake on other terms moves nothing.
		assert_eq!(stake(staker(1_000, &[]), staker(1_000, &[])).1, [""; 0]);
	}

	#[test]
	fn an_exit_that_cannot_be_received_stays() {
		let (before, after) = (staker(0, &[exit(0, 7, Free)]), staker(80, &[exit(0, 7, Free)]));
		assert_eq!(stake(before, after).1, ["80 UNIT of free tokens are put on hold."]);
	}

	#[test]
	fn who_is_replaced_or_suspended_is_named() {
		let after = StakerView { suspended_until: Some(900), ..staker(80, &[]) };
		let change = change(staker(0, &[]), after);
		let intent = change.stake(&token(), 80 * UNIT, (9_000, 4), Some("5Eve".into()));
		assert_eq!(
			intent.consequences[1..3],
			[
				"5Eve is replaced and leaves the pool.",
				"The account is suspended: it is not drawn until it resumes, after block 900.",
			]
		);
		assert_eq!(
			intent.details,
			json!({
				"account": "5Fa",
				"amount": "80000000000000",
				"reward_per_gas": 9000,
				"max_capacity": 4,
				"replaces": "5Eve",
				"stake_before": "0",
				"stake_after": "80000000000000",
				"newly_held": "80000000000000",
				"paid_out": "0",
				"new_exits": [],
				"clock": "blocks",
				"min_change_delay": 600,
				"entry_delay": 20,
			})
		);
	}

	#[test]
	fn leaving_turns_the_stake_into_an_exit() {
		let after = staker(0, &[exit(3, 1_000, Maturing)]);
		let intent = change(staker(1_000, &[]), after).exit(&token());
		assert_eq!(intent.summary, "remove 5Fa from the pool, with its stake of 1000 UNIT");
		assert_eq!(intent.consequences, ["Exit 3 of 1000 UNIT can be withdrawn after block 700."]);
		assert_eq!(intent.details["new_exits"][0]["id"], 3);

		let intent = change(staker(0, &[exit(0, 7, Free)]), staker(0, &[])).exit(&token());
		assert_eq!(intent.summary, "pay out the free exits of 5Fa");
		assert_eq!(intent.consequences, ["7 UNIT of free exits are paid out."]);
	}

	#[test]
	fn a_part_of_the_stake_becomes_an_exit() {
		let joined = exit(1, 40, Maturing);
		let (before, after) = (staker(80, &[exit(1, 10, Maturing)]), staker(50, &[joined]));
		let intent = change(before, after).unstake(&token(), 30 * UNIT);
		assert_eq!(intent.summary, "take 30 UNIT from the stake of 5Fa");
		assert_eq!(
			intent.consequences,
			[
				"50 UNIT stay staked. Draws and rank use this at once.",
				"Exit 1 of 40 UNIT can be withdrawn after block 700.",
			]
		);
	}

	#[test]
	fn a_withdrawal_says_how_much_is_paid_out() {
		let exits = [exit(0, 7, Free), exit(1, 50, Maturing)];
		let intent = change(staker(0, &exits), staker(0, &exits[1..])).withdraw(&token());
		assert_eq!(intent.summary, "pay out 7 UNIT of free exits to 5Fa");
		assert_eq!(intent.details["paid_out"], "7000000000000");
	}
}
