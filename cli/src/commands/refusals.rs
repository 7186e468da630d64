//! What the chain's state says about a refusal: from when on a call is allowed, or which number would do.
//!
//! What to do about an error in general is in [`advice`](crate::error::advice).

use super::{views::Exit, Context};
use crate::{
	amount::Token,
	args::Command,
	chain::{AccountId, At, Balance, BlockId},
	reads::{
		clock::{self, Unit},
		pool::{self, Parameters, ProverRow},
		rollup::{self, Status},
	},
	Error, Refusal, Result,
};

/// Adds to the refusal of a command what explains it. If that cannot be read, the refusal stays as it is.
pub(super) async fn explained(context: &Context, command: &Command, mut error: Error) -> Error {
	let refusal = match &mut error {
		Error::Refused(refusal) => refusal,
		Error::Failed(failed) => &mut failed.refusal,
		_ => return error,
	};
	if let Ok(Some(explanation)) = explanation(context, command, &refusal.name).await {
		refusal.explain(&explanation);
	}
	error
}

/// Returns the explanation of an error of this command, if there is one.
async fn explanation(context: &Context, command: &Command, name: &str) -> Result<Option<String>> {
	let Some(submit) = command.submit() else { return Ok(None) };
	if let ("BadOrigin" | "Invalid.BadSigner", Some(by_sudo)) = (name, by_sudo(command)) {
		return Ok(Some(governance(by_sudo).into()));
	}
	let who = context.actor(submit)?.account();
	let state = State { context, at: context.client.best().await?, who };
	match (name, command) {
		("ProverPool.InvalidParams", Command::Stake(args)) => {
			state.offer(state.amount(&args.amount)?, args.capacity).await
		},
		("ProverPool.InvalidParams", Command::Terms(args)) => state.terms(args.terms().1).await,
		("ProverPool.InvalidParams", Command::Unstake(args)) => {
			state.unstake(state.amount(&args.amount)?).await
		},
		("ProverPool.InvalidParams", Command::StakeExtra(_)) => {
			Ok(Some("An amount of 0 adds nothing.".into()))
		},
		("ProverPool.ProverNotGoodEnough", _) => state.overbid().await,
		("ProverPool.ChangeTooFrequent", _) => state.change_delay().await,
		("ProverPool.NoMatureExit" | "ProverPool.StillLiable", _) => state.exit().await,
		("ProverPool.StillSuspended", _) => state.suspension().await,
		("ProverPool.NotOverdue", Command::Discharge(args)) => state.liability(args.block).await,
		("ProverPool.SlashNotDue", Command::ApplySlash(args)) => state.slash(args.block).await,
		("BlockProposal.NotExpired", Command::Expire(args)) => state.request(args.block).await,
		("BlockProposal.NotExpired", Command::Skip(args)) => state.skip(args.block).await,
		("BlockProposal.TooEarly", Command::Prove(args)) => state.window(args.id).await,
		_ => Ok(None),
	}
}

/// Returns whether a call of governance is made through the sudo pallet; `None` for other calls.
fn by_sudo(command: &Command) -> Option<bool> {
	match command {
		Command::CancelSlash(args) => Some(args.sudo),
		Command::Dispute(args) => Some(args.call.sudo),
		Command::Protocol(command) => Some(command.call().sudo),
		_ => None,
	}
}

fn governance(by_sudo: bool) -> &'static str {
	match by_sudo {
		true => "With `--sudo`, sign with the key of the sudo account.",
		false => {
			"Only governance can make this call: add `--sudo` and sign with the sudo key, where there is one."
		},
	}
}

/// The state that refusals depend on.
struct State<'a> {
	context: &'a Context,
	at: At,
	/// The account that acts.
	who: AccountId,
}

impl State<'_> {
	fn token(&self) -> &Token {
		self.context.client.token()
	}

	fn amount(&self, text: &str) -> Result<Balance> {
		self.token().parse(text)
	}

	/// Returns since when a call is allowed that is refused up to this moment of the pool's clock.
	async fn after(&self, last: u32) -> Result<Option<String>> {
		let (now, clock) = clock::now(&self.at).await?;
		Ok(Some(allowed_after(clock, last, now)))
	}

	async fn offer(&self, stake: Balance, capacity: u32) -> Result<Option<String>> {
		let parameters = pool::parameters(&self.at).await?;
		Ok(offer_faults(self.token(), &Limits::from(&parameters), stake, capacity))
	}

	async fn terms(&self, capacity: Option<u32>) -> Result<Option<String>> {
		let Some(member) = pool::staker(&self.at, self.who).await?.prover else { return Ok(None) };
		self.offer(member.offer.stake, capacity.unwrap_or(member.offer.max_capacity)).await
	}

	async fn unstake(&self, amount: Balance) -> Result<Option<String>> {
		let Some(member) = pool::staker(&self.at, self.who).await?.prover else { return Ok(None) };
		let parameters = pool::parameters(&self.at).await?;
		let listed = member.listed.as_ref().map_or(0, |listed| listed.max_capacity);
		let capacity = member.offer.max_capacity.max(listed);
		let (limits, stake) = (Limits::from(&parameters), member.offer.stake);
		Ok(unstake_fault(self.token(), &limits, stake, capacity, amount))
	}

	async fn overbid(&self) -> Result<Option<String>> {
		let parameters = pool::parameters(&self.at).await?;
		let provers = pool::provers(&self.at).await?;
		Ok(to_beat(&provers, &parameters).map(|least| outbidding(self.token(), least)))
	}

	async fn change_delay(&self) -> Result<Option<String>> {
		let Some(member) = pool::staker(&self.at, self.who).await?.prover else { return Ok(None) };
		let delay = pool::parameters(&self.at).await?.min_change_delay;
		self.after(pool::bound_until(&member, delay)).await
	}

	async fn exit(&self) -> Result<Option<String>> {
		let Some(exit) = pool::next_exit(&self.at, self.who).await? else {
			return Ok(Some("It has no exit at all.".into()));
		};
		let (now, clock) = clock::now(&self.at).await?;
		let assignments = pool::assignments(&self.at, self.who).await?;
		let answered = assignments.iter().filter(|row| row.assignment.drawn_at <= exit.matures_at);
		let oldest = answered.map(|row| row.block_id).min();
		Ok(Some(exit_date(self.token(), &Exit::new(&exit, now), oldest, clock, now)))
	}

	async fn suspension(&self) -> Result<Option<String>> {
		match pool::staker(&self.at, self.who).await?.suspended_until {
			Some(until) => self.after(until).await,
			None => Ok(None),
		}
	}

	async fn liability(&self, block: BlockId) -> Result<Option<String>> {
		let Some(assignment) = pool::assignment(&self.at, block).await? else { return Ok(None) };
		let max_liability = pool::parameters(&self.at).await?.max_liability;
		self.after(assignment.drawn_at.saturating_add(max_liability)).await
	}

	async fn slash(&self, block: BlockId) -> Result<Option<String>> {
		let Some(slash) = pool::pending_slash(&self.at, block).await? else { return Ok(None) };
		// From the date on, and not after it.
		self.after(slash.due_at.saturating_sub(1)).await
	}

	async fn request(&self, id: BlockId) -> Result<Option<String>> {
		let Some(block) = rollup::block(&self.at, id).await? else { return Ok(None) };
		let expiry_period = rollup::parameters(&self.at)?.expiry_period;
		self.after_on_rollup(block.proposed_at.saturating_add(expiry_period)).await
	}

	async fn skip(&self, id: BlockId) -> Result<Option<String>> {
		let Some(block) = rollup::block(&self.at, id).await? else { return Ok(None) };
		let parameters = rollup::parameters(&self.at)?;
		let head_since = rollup::started(&self.at).await?.head_since;
		let (window, period) = (parameters.min_proof_window, parameters.expiry_period);
		match block.skippable_after(head_since, window, period) {
			Some(last) => self.after_on_rollup(last).await,
			None => Ok(None),
		}
	}

	async fn after_on_rollup(&self, last: u32) -> Result<Option<String>> {
		let now = rollup::now(&self.at).await?;
		Ok(Some(format!("This is allowed after {last} by the rollup's clock; now is {now}.")))
	}

	async fn window(&self, id: BlockId) -> Result<Option<String>> {
		let Some(block) = rollup::block(&self.at, id).await? else { return Ok(None) };
		let now = rollup::now(&self.at).await?;
		Ok(match &block.status {
			Status::Pending => Some("It waits for its draw.".into()),
			Status::Assigned(it) if it.prover != self.who => {
				let prover = self.context.client.address(&it.prover);
				Some(format!(
					"{prover} has until {} by the rollup's clock; now is {now}.",
					it.deadline
				))
			},
			_ => None,
		})
	}
}

fn allowed_after(clock: Unit, last: u32, now: u32) -> String {
	let unit = clock.name();
	format!("This is allowed after {unit} {last}; now is {unit} {now}.")
}

/// Returns when an exit can be withdrawn. `oldest` is the block of the oldest assignment that it answers
/// for.
fn exit_date(token: &Token, exit: &Exit, oldest: Option<BlockId>, clock: Unit, now: u32) -> String {
	let (amount, when, unit) = (token.format(exit.amount), exit.when(clock), clock.name());
	let oldest = oldest.map_or(String::new(), |block| format!(", the oldest of block {block}"));
	let id = exit.id;
	format!("Exit {id} of {amount} can be withdrawn {when}{oldest}; now is {unit} {now}.")
}

/// The limits of an offer (R1).
struct Limits {
	min_capacity: u32,
	max_capacity: u32,
	min_stake_per_capacity: Balance,
}

impl From<&Parameters> for Limits {
	fn from(parameters: &Parameters) -> Self {
		Self {
			min_capacity: parameters.min_capacity,
			max_capacity: parameters.max_capacity,
			min_stake_per_capacity: parameters.min_stake_per_capacity,
		}
	}
}

impl Limits {
	/// Returns the least stake for this capacity.
	fn least_stake(&self, capacity: u32) -> Balance {
		self.min_stake_per_capacity.saturating_mul(capacity.into())
	}
}

/// Returns why the pool would refuse an offer; `None` if it would accept it, or if it is full.
fn offer_faults(token: &Token, limits: &Limits, stake: Balance, capacity: u32) -> Option<String> {
	let Limits { min_capacity, max_capacity, min_stake_per_capacity } = limits;
	let mut faults = Vec::new();
	if !(*min_capacity..=*max_capacity).contains(&capacity) {
		faults.push(format!(
			"A capacity of {capacity} is outside of {min_capacity} to {max_capacity}."
		));
	}
	let least = limits.least_stake(capacity);
	if stake < least {
		let (least, given) = (token.format(least), token.format(stake));
		let affordable = stake.checked_div(*min_stake_per_capacity).unwrap_or(0);
		faults.push(match affordable >= Balance::from(*min_capacity) {
			true => format!(
				"A capacity of {capacity} needs a stake of {least}: {given} is enough for {affordable}."
			),
			false => format!("A capacity of {capacity} needs a stake of {least}, not {given}."),
		});
	}
	(!faults.is_empty()).then(|| faults.join(" "))
}

/// Returns why this amount cannot be taken from a stake. `capacity` is the largest that draws use now or
/// will use.
fn unstake_fault(
	token: &Token,
	limits: &Limits,
	stake: Balance,
	capacity: u32,
	amount: Balance,
) -> Option<String> {
	let least = limits.least_stake(capacity);
	let most = stake.saturating_sub(least);
	if amount == 0 {
		return Some("An amount of 0 takes nothing.".into());
	}
	(amount > most).then(|| {
		format!(
			"A capacity of {capacity} needs a stake of {}: of {}, at most {} can be taken.",
			token.format(least),
			token.format(stake),
			token.format(most)
		)
	})
}

fn to_beat(provers: &[ProverRow], parameters: &Parameters) -> Option<Balance> {
	pool::stake_to_beat(provers, parameters.max_provers, parameters.min_overbid.0)
}

fn outbidding(token: &Token, least: Balance) -> String {
	format!("A stake of more than {} outbids the smallest one of a full pool.", token.format(least))
}

/// Returns the refusal of a newcomer's offer, if the pool would refuse it.
pub(super) fn refused_offer(
	token: &Token,
	parameters: &Parameters,
	provers: &[ProverRow],
	stake: Balance,
	capacity: u32,
) -> Option<Refusal> {
	let refusal = |name: &str, reason| Refusal { name: name.into(), reason };
	if let Some(faults) = offer_faults(token, &parameters.into(), stake, capacity) {
		return Some(refusal("ProverPool.InvalidParams", faults));
	}
	let least = to_beat(provers, parameters).filter(|least| stake <= *least)?;
	Some(refusal("ProverPool.ProverNotGoodEnough", outbidding(token, least)))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		args::Cli,
		commands::account::tests::{exit, token, UNIT},
		reads::pool::ExitState::{Liable, Maturing},
	};
	use clap::Parser;

	const LIMITS: Limits =
		Limits { min_capacity: 4, max_capacity: 128, min_stake_per_capacity: 10 * UNIT };

	#[test]
	fn an_offer_that_is_refused_says_what_would_do() {
		for (stake, capacity, expected) in [
			(40, 4, None),
			(1_280, 128, None),
			(80, 100, Some("A capacity of 100 needs a stake of 1000 UNIT: 80 UNIT is enough for 8.")),
			(39, 4, Some("A capacity of 4 needs a stake of 40 UNIT, not 39 UNIT.")),
			(0, 4, Some("A capacity of 4 needs a stake of 40 UNIT, not 0 UNIT.")),
			(40, 3, Some("A capacity of 3 is outside of 4 to 128.")),
			(9_000, 129, Some("A capacity of 129 is outside of 4 to 128.")),
			(
				80,
				200,
				Some(
					"A capacity of 200 is outside of 4 to 128. A capacity of 200 needs a stake of 2000 UNIT: \
					 80 UNIT is enough for 8.",
				),
			),
		] {
			let faults = offer_faults(&token(), &LIMITS, stake * UNIT, capacity);
			assert_eq!(faults.as_deref(), expected);
		}
	}

	#[test]
	fn a_part_of_a_stake_that_cannot_be_taken_says_how_much_can() {
		let fault = |amount| unstake_fault(&token(), &LIMITS, 100 * UNIT, 8, amount);
		assert_eq!(fault(20 * UNIT), None);
		for amount in [20 * UNIT + 1, 200 * UNIT] {
			assert_eq!(
				fault(amount).unwrap(),
				"A capacity of 8 needs a stake of 80 UNIT: of 100 UNIT, at most 20 UNIT can be taken."
			);
		}
		assert_eq!(fault(0).unwrap(), "An amount of 0 takes nothing.");
	}

	#[test]
	fn dates_are_said_with_the_present_time() {
		assert_eq!(
			allowed_after(Unit::Slots, 600, 40),
			"This is allowed after slot 600; now is slot 40."
		);
		assert_eq!(
			exit_date(&token(), &exit(1, 70, Maturing), None, Unit::Blocks, 40),
			"Exit 1 of 70 UNIT can be withdrawn after block 700; now is block 40."
		);
		let liable = Exit { duties: 2, ..exit(0, 30, Liable) };
		assert_eq!(
			exit_date(&token(), &liable, Some(3), Unit::Blocks, 800),
			"Exit 0 of 30 UNIT can be withdrawn once 2 assignments are closed, the oldest of block 3; now \
			 is block 800."
		);
	}

	#[test]
	fn a_full_pool_names_the_stake_that_enters() {
		assert_eq!(
			outbidding(&token(), 42 * UNIT),
			"A stake of more than 42 UNIT outbids the smallest one of a full pool."
		);
	}

	#[test]
	fn calls_of_governance_name_the_sudo_key() {
		let by_sudo = |args: &[&str]| {
			by_sudo(&Cli::try_parse_from([&["prover-pool"], args].concat()).unwrap().command)
		};
		for (args, expected) in [
			(&["cancel-slash", "7"][..], Some(false)),
			(&["cancel-slash", "7", "--sudo"], Some(true)),
			(&["dispute", "7"], Some(false)),
			(&["protocol", "pause", "--sudo"], Some(true)),
			(&["protocol", "reset", "0x11"], Some(false)),
			(&["apply-slash", "7"], None),
		] {
			assert_eq!(by_sudo(args), expected, "{args:?}");
		}
		assert_eq!(governance(true), "With `--sudo`, sign with the key of the sudo account.");
		assert!(governance(false).contains("add `--sudo`"));
	}
}
