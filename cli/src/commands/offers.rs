//! `stake-extra`, `restake`, `terms`, `pause` and `resume`: changes of an offer in place.

use super::{
	account::{Delays, Situation, StakerView},
	band,
	reserve::{self, Moved},
	transact::{transact, Intent},
	views::{terms as terms_text, Exit, Offer},
	Context,
};
use crate::{
	amount::Token,
	args::{AmountArgs, RestakeArgs, SubmitArgs, TermsArgs},
	chain::{api, Balance},
	Error, Refusal, Result,
};
use serde_json::{json, Value};

fn calls() -> api::prover_pool::calls::api::TransactionApi {
	api::transactions().prover_pool()
}

/// Adds free tokens to the stake.
pub async fn stake_extra(context: &Context, args: AmountArgs) -> Result<()> {
	let token = context.client.token();
	let amount = token.parse(&args.amount)?;
	let situation = Situation::read(context, &args.submit).await?;
	let (view, offer) = situation.member(context).await?;
	let mut intent = more_stake(token, &view, offer, amount, situation.delays);
	let call = calls().stake_extra(amount);
	let moved = Moved { held: amount, released: 0 };
	reserve::add(context, &situation, &call, moved, &mut intent, &args.submit).await?;
	transact(context, &situation.actor, &call, &intent, &args.submit).await
}

/// Turns an exit back into stake.
pub async fn restake(context: &Context, args: RestakeArgs) -> Result<()> {
	let situation = Situation::read(context, &args.submit).await?;
	let (view, offer) = situation.member(context).await?;
	let exit = view.exits.iter().find(|exit| exit.id == args.exit).ok_or_else(|| Refusal {
		name: "ProverPool.UnknownExit".into(),
		reason: format!("{} has no exit {}", view.account, args.exit),
	})?;
	let mut intent = returned(context.client.token(), &view, offer, exit, situation.delays);
	intent.consequences.extend(band::note(&situation.at, offer.reward_per_gas).await?);
	let call = calls().restake(args.exit);
	transact(context, &situation.actor, &call, &intent, &args.submit).await
}

/// Changes price, capacity, or both.
pub async fn terms(context: &Context, args: TermsArgs) -> Result<()> {
	let (price, capacity) = args.terms();
	if price.or(capacity).is_none() {
		return Err(Error::Usage("nothing to change: name a price, a capacity, or both".into()));
	}
	let situation = Situation::read(context, &args.submit).await?;
	let (view, offer) = situation.member(context).await?;
	let price = price.unwrap_or(offer.reward_per_gas);
	let capacity = capacity.unwrap_or(offer.max_capacity);
	let mut intent = new_terms(&view, offer, price, capacity, situation.delays);
	intent.consequences.extend(band::note(&situation.at, price).await?);
	let call = calls().set_terms(price, capacity);
	transact(context, &situation.actor, &call, &intent, &args.submit).await
}

/// Takes the member out of draws.
pub async fn pause(context: &Context, args: SubmitArgs) -> Result<()> {
	let situation = Situation::read(context, &args).await?;
	let (view, _) = situation.member(context).await?;
	let intent = paused(&view, situation.delays);
	transact(context, &situation.actor, &calls().pause(), &intent, &args).await
}

/// Returns the member to draws.
pub async fn resume(context: &Context, args: SubmitArgs) -> Result<()> {
	let situation = Situation::read(context, &args).await?;
	let (view, _) = situation.member(context).await?;
	let intent = resumed(&view, situation.delays);
	transact(context, &situation.actor, &calls().resume(), &intent, &args).await
}

fn details(view: &StakerView, delays: Delays, further: Value) -> Value {
	let mut details = json!({ "account": view.account, "entry_delay": delays.entry });
	if let (Value::Object(details), Value::Object(further)) = (&mut details, further) {
		details.extend(further);
	}
	details
}

fn more_stake(
	token: &Token,
	view: &StakerView,
	offer: Offer,
	amount: Balance,
	delays: Delays,
) -> Intent {
	let stake = offer.stake.saturating_add(amount);
	let added = token.format(amount);
	let mut consequences = vec![format!(
		"{added} of free tokens are put on hold, {} are staked.",
		token.format(stake)
	)];
	consequences.extend(delays.until_listed("Draws and rank use the smaller stake"));
	let further = json!({ "amount": amount.to_string(), "stake_after": stake.to_string() });
	Intent {
		summary: format!("add {added} to the stake of {}", view.account),
		consequences,
		details: details(view, delays, further),
	}
}

fn returned(token: &Token, view: &StakerView, offer: Offer, exit: &Exit, delays: Delays) -> Intent {
	let stake = offer.stake.saturating_add(exit.amount);
	let mut consequences = vec![format!("{} are staked then.", token.format(stake))];
	consequences.extend(delays.until_listed("Draws and rank use the smaller stake"));
	let further = json!({
		"exit": exit.id,
		"amount": exit.amount.to_string(),
		"stake_after": stake.to_string(),
	});
	Intent {
		summary: format!(
			"turn exit {} of {} back into stake of {}",
			exit.id,
			token.format(exit.amount),
			view.account
		),
		consequences,
		details: details(view, delays, further),
	}
}

fn new_terms(view: &StakerView, old: Offer, price: u32, capacity: u32, delays: Delays) -> Intent {
	let consequences = match (price, capacity) == (old.reward_per_gas, old.max_capacity) {
		true => present_terms(view, delays),
		false => {
			let before = terms_text(old.reward_per_gas, old.max_capacity);
			let mut lines = vec![format!("Until now: {before}.")];
			lines.extend(delays.until_listed("Draws use the old terms"));
			lines.push("Blocks that are assigned keep their price and slash terms.".into());
			lines
		},
	};
	let further = json!({
		"reward_per_gas": price,
		"max_capacity": capacity,
		"reward_per_gas_before": old.reward_per_gas,
		"max_capacity_before": old.max_capacity,
	});
	Intent {
		summary: format!("change the terms of {}: {}", view.account, terms_text(price, capacity)),
		consequences,
		details: details(view, delays, further),
	}
}

/// Returns the consequences of terms that the member has already.
fn present_terms(view: &StakerView, delays: Delays) -> Vec<String> {
	let mut lines = vec!["Note: these are its present terms, nothing changes.".into()];
	if view.changing {
		let again = "The delay of its last change starts again: draws use the older offer";
		lines.extend(delays.until_listed(again));
	}
	lines
}

fn paused(view: &StakerView, delays: Delays) -> Intent {
	let mut consequences = vec!["It keeps its slot, and must prove what is assigned to it.".into()];
	consequences.extend(delays.until_listed("It can still be drawn"));
	Intent {
		summary: format!("pause {}", view.account),
		consequences,
		details: details(view, delays, json!({})),
	}
}

fn resumed(view: &StakerView, delays: Delays) -> Intent {
	let mut consequences = Vec::new();
	if let Some(until) = view.suspended_until {
		let unit = delays.clock.name();
		consequences.push(format!("It is suspended until {unit} {until}, and refused before."));
	}
	consequences.extend(delays.until_listed("It is still not drawn"));
	Intent {
		summary: format!("return {} to draws", view.account),
		consequences,
		details: details(view, delays, json!({ "suspended_until": view.suspended_until })),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		commands::account::tests::{exit, staker, token, DELAYS, UNIT},
		reads::pool::ExitState::Maturing,
	};

	const AT_ONCE: Delays = Delays { entry: 0, ..DELAYS };

	#[test]
	fn more_stake_is_held_at_once_and_used_later() {
		let (view, offer) = (staker(80, &[]), staker(80, &[]).offer.unwrap());
		let intent = more_stake(&token(), &view, offer, 10 * UNIT, DELAYS);
		assert_eq!(intent.summary, "add 10 UNIT to the stake of 5Fa");
		assert_eq!(
			intent.consequences,
			[
				"10 UNIT of free tokens are put on hold, 90 UNIT are staked.",
				"Draws and rank use the smaller stake for 20 blocks.",
			]
		);
		assert_eq!(intent.details["stake_after"], "90000000000000");
		let intent = more_stake(&token(), &view, offer, 10 * UNIT, AT_ONCE);
		assert_eq!(intent.consequences.len(), 1);
	}

	#[test]
	fn an_exit_returns_to_the_stake() {
		let exit = exit(3, 10, Maturing);
		let view = staker(80, &[exit]);
		let intent = returned(&token(), &view, view.offer.unwrap(), &exit, AT_ONCE);
		assert_eq!(intent.summary, "turn exit 3 of 10 UNIT back into stake of 5Fa");
		assert_eq!(intent.consequences, ["90 UNIT are staked then."]);
		assert_eq!(
			(&intent.details["exit"], &intent.details["entry_delay"]),
			(&json!(3), &json!(0))
		);
	}

	#[test]
	fn new_terms_are_shown_with_the_old_ones() {
		let view = staker(80, &[]);
		let intent = new_terms(&view, view.offer.unwrap(), 9_500, 1, DELAYS);
		let expected =
			"change the terms of 5Fa: at 9500 base units per gas, for up to 1 block at once";
		assert_eq!(intent.summary, expected);
		assert_eq!(
			intent.consequences,
			[
				"Until now: at 9000 base units per gas, for up to 4 blocks at once.",
				"Draws use the old terms for 20 blocks.",
				"Blocks that are assigned keep their price and slash terms.",
			]
		);
		assert_eq!(intent.details["reward_per_gas_before"], 9_000);
	}

	#[test]
	fn present_terms_change_nothing_but_the_delay_of_the_last_change() {
		let view = staker(80, &[]);
		let again = |view: &StakerView, delays| {
			new_terms(view, view.offer.unwrap(), 9_000, 4, delays).consequences
		};
		let nothing = "Note: these are its present terms, nothing changes.";
		assert_eq!(again(&view, DELAYS), [nothing]);
		let changing = StakerView { changing: true, ..view };
		let delay =
			"The delay of its last change starts again: draws use the older offer for 20 blocks.";
		assert_eq!(again(&changing, DELAYS), [nothing, delay]);
		assert_eq!(again(&changing, AT_ONCE), [nothing]);
	}

	#[test]
	fn a_pause_and_its_end_take_effect_later() {
		let view = staker(80, &[]);
		let intent = paused(&view, DELAYS);
		assert_eq!(intent.summary, "pause 5Fa");
		assert_eq!(intent.consequences[1], "It can still be drawn for 20 blocks.");
		let intent = resumed(&view, DELAYS);
		assert_eq!(intent.summary, "return 5Fa to draws");
		assert_eq!(intent.consequences, ["It is still not drawn for 20 blocks."]);
		let suspended = StakerView { suspended_until: Some(900), ..view };
		let intent = resumed(&suspended, AT_ONCE);
		assert_eq!(intent.consequences, ["It is suspended until block 900, and refused before."]);
	}
}
