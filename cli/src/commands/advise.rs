//! `advise`: the odds and the income of offers. What it shows is in [`advice`](super::advice).

use super::{advice::Advice, Context};
use crate::{
	advice::{provable, time_to_prove, Band, Market, Work},
	args::advice::AdviseArgs,
	chain::{api, AccountId, At, Balance},
	reads::{
		pace::Pace,
		pool::{self, MemberStatus, ProverRow},
		rollup,
	},
	Error, Result,
};
use serde::Serialize;
use std::time::Duration;

/// One whole, in parts of 10⁹.
const BILLION: f64 = 1e9;
/// The blocks of the chain that a block is in a prover's hands besides the time of the proof: one to see the
/// draw, one to be included.
const ON_THE_WAY: u32 = 2;

/// How fast a machine proves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Machine {
	/// The seconds for a full block, with `jobs` proofs at once.
	pub full_block: f64,
	/// The seconds for a block of the gas that is counted on.
	pub block: f64,
	pub jobs: u32,
	/// How many full blocks it proves within the window if they are drawn at the same time.
	pub provable: u32,
}

/// What is read of the chain, or named by arguments.
pub(super) struct Facts {
	pub account: Option<String>,
	pub stake: Balance,
	/// The account's present price, if it is a member.
	pub price: Option<u32>,
	pub others: Vec<(Balance, u32)>,
	pub rules: Rules,
	pub fee_per_gas: u32,
	pub band: Band,
	pub proposals_per_day: f64,
	pub counted_blocks: Option<u64>,
	pub base_gas: u32,
	pub gas: u32,
	pub proof_cost: u32,
	pub transaction_fee: Balance,
	pub max_delay_penalty: u32,
	pub window: u32,
	pub block_time: Duration,
	pub machine: Option<Machine>,
}

/// The pool's rules on offers and slashes.
#[derive(Clone, Copy)]
pub(super) struct Rules {
	pub min_capacity: u32,
	pub max_capacity: u32,
	pub min_stake_per_capacity: Balance,
	/// In parts of 10⁹.
	pub slash_points: u32,
	pub slash_multiplier: u32,
}

/// Shows the offers after the best block.
pub async fn run(context: &Context, args: AdviseArgs) -> Result<()> {
	let facts = Facts::read(context, &args).await?;
	context.print(&Advice::new(facts, context.client.token())?)
}

impl Facts {
	async fn read(context: &Context, args: &AdviseArgs) -> Result<Self> {
		let client = &context.client;
		let who = match &args.account {
			Some(address) => Some(client.account(address)?),
			None if context.global.key.is_given() => Some(context.signer()?.account()),
			None => None,
		};
		let at = client.best().await?;
		let members = pool::provers(&at).await?;
		let own = members.iter().find(|member| Some(member.account) == who);
		let stake = match &args.stake {
			Some(amount) => client.token().parse(amount)?,
			None => own.map(|member| member.offer.stake).ok_or_else(no_stake)?,
		};
		let fee_per_gas = match args.fee {
			Some(fee) => fee,
			None => rollup::fee_per_gas(&at).await?,
		};
		let no_price = || Error::Usage(format!("at a fee of {fee_per_gas} nobody is drawn"));
		let band = Band::around(fee_per_gas, pool::band_percents(&at)?).ok_or_else(no_price)?;
		let (proposals_per_day, counted_blocks) = match args.proposals_per_day {
			Some(number) => (number, None),
			None => {
				let pace = Pace::read(client, &at, args.blocks).await?;
				(pace.per_day()?, Some(pace.blocks))
			},
		};
		let transaction_fee = match &args.transaction_fee {
			Some(amount) => client.token().parse(amount)?,
			// An accepted proof pays none.
			None => 0,
		};
		let protocol = rollup::parameters(&at)?;
		let max_gas = rollup::max_gas_limit(&at)?;
		let gas = args.gas.unwrap_or(max_gas);
		if gas > max_gas {
			return Err(Error::Usage(format!("a block uses at most {max_gas} gas")));
		}
		let block_time = block_time(&at)?;
		let window = protocol.min_proof_window;
		let time = time_to_prove(window, block_time);
		Ok(Self {
			account: who.map(|who| client.address(&who)),
			stake,
			price: own.map(|member| member.offer.reward_per_gas),
			others: others(&members, who),
			rules: Rules::read(&at).await?,
			fee_per_gas,
			band,
			proposals_per_day,
			counted_blocks,
			base_gas: protocol.base_gas,
			gas,
			proof_cost: args.proof_cost,
			transaction_fee,
			max_delay_penalty: rollup::max_delay_penalty(&at)?,
			window,
			block_time,
			machine: Machine::named(args, gas, max_gas, time),
		})
	}

	/// Returns the time for a proof.
	pub fn time_to_prove(&self) -> Duration {
		time_to_prove(self.window, self.block_time)
	}

	/// Returns how long a block is in the prover's hands: the whole window if the machine is not known.
	fn held(&self) -> Duration {
		let whole = self.block_time.saturating_mul(self.window);
		let on_the_way = self.block_time.saturating_mul(ON_THE_WAY);
		let known = self.machine.map(|it| duration(it.block).saturating_add(on_the_way));
		known.map_or(whole, |known| known.min(whole))
	}

	fn work(&self) -> Work {
		let whole = self.block_time.saturating_mul(self.window).as_secs_f64();
		let used = if whole > 0.0 { self.held().as_secs_f64() / whole } else { 1.0 };
		Work {
			base_gas: self.base_gas,
			gas: self.gas,
			proof_cost: self.proof_cost,
			transaction_fee: self.transaction_fee,
			max_delay_penalty: self.max_delay_penalty,
			window_used: (used * BILLION) as u32,
		}
	}

	pub fn market(&self) -> Market {
		/// The seconds of a day.
		const DAY: f64 = 86_400.0;
		Market {
			stake: self.stake,
			others: self.others.clone(),
			band: self.band,
			draws_per_day: self.proposals_per_day,
			work: self.work(),
			held: self.held(),
			proofs_per_day: self.machine.map(|it| f64::from(it.jobs) * DAY / it.block),
			provable: self.machine.map(|it| it.provable),
		}
	}
}

impl Rules {
	async fn read(at: &At) -> Result<Self> {
		let parameters = pool::parameters(at).await?;
		Ok(Self {
			min_capacity: parameters.min_capacity,
			max_capacity: parameters.max_capacity,
			min_stake_per_capacity: parameters.min_stake_per_capacity,
			slash_points: parameters.slash_points.0,
			slash_multiplier: parameters.slash_multiplier,
		})
	}

	/// Returns the highest capacity that a stake allows (R1): its whole base units for each block are enough.
	pub fn most_capacity(&self, stake: Balance) -> u32 {
		let allowed = stake.checked_div(self.min_stake_per_capacity).unwrap_or(Balance::MAX);
		u32::try_from(allowed).unwrap_or(u32::MAX).min(self.max_capacity)
	}
}

impl Machine {
	/// Returns the machine that the arguments name, if they do. A proof by its rate takes time in proportion to
	/// its gas.
	fn named(args: &AdviseArgs, gas: u32, max_gas: u32, time: Duration) -> Option<Self> {
		let (full_block, block) = match (args.proof_seconds, args.gas_per_second) {
			(Some(seconds), _) => (seconds, seconds),
			(None, Some(rate)) => (f64::from(max_gas) / rate, f64::from(gas) / rate),
			(None, None) => return None,
		};
		let jobs = args.jobs.into();
		let provable = provable(jobs, duration(full_block), time);
		Some(Self { full_block, block, jobs, provable })
	}
}

/// Returns stakes and prices of the other members that are in draws, or will be soon. Those who have no free
/// capacity at the moment are among them.
fn others(members: &[ProverRow], who: Option<AccountId>) -> Vec<(Balance, u32)> {
	let others = members.iter().filter(|member| Some(member.account) != who);
	let drawn = others.filter(|member| {
		matches!(member.status, MemberStatus::Active | MemberStatus::Entering)
			&& !member.offer.paused
	});
	drawn.map(|member| (member.offer.stake, member.offer.reward_per_gas)).collect()
}

fn no_stake() -> Error {
	Error::Usage("no stake: name one with --stake, or an account that is a member".into())
}

/// Returns the time of a block of the chain.
fn block_time(at: &At) -> Result<Duration> {
	let milliseconds = at.constants().entry(api::constants().babe().expected_block_time())?;
	Ok(Duration::from_millis(milliseconds))
}

/// Returns a time in seconds, at least 0; the longest one if they are too many.
fn duration(seconds: f64) -> Duration {
	Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn only_members_that_draws_choose_count_as_others() {
		use crate::reads::pool::tests::{member, OFFER};
		let me = AccountId([9; 32]);
		let mine = ProverRow { account: me, ..member() };
		let entering = ProverRow { status: MemberStatus::Entering, ..member() };
		let paused = ProverRow { offer: pool::Offer { paused: true, ..OFFER }, ..member() };
		let suspended = ProverRow { status: MemberStatus::Suspended { until: 9 }, ..member() };
		let members = [mine, entering, paused, suspended, member()];
		assert_eq!(others(&members, Some(me)), [(80, 9_000), (80, 9_000)]);
		assert_eq!(others(&members, None).len(), 3);
	}

	#[test]
	fn a_machine_is_named_by_time_or_by_rate() {
		use crate::args::{Cli, Command};
		use clap::Parser;
		let named = |args: &[&str]| {
			let cli = Cli::try_parse_from([&["prover-pool", "advise"], args].concat()).unwrap();
			let Command::Advise(args) = cli.command else { panic!("{args:?}") };
			Machine::named(&args, 2_000_000, 8_000_000, Duration::from_secs(96))
		};
		let machine =
			|full_block, block, jobs, provable| Some(Machine { full_block, block, jobs, provable });
		assert_eq!(named(&[]), None);
		assert_eq!(named(&["--proof-seconds", "32"]), machine(32.0, 32.0, 1, 3));
		let by_rate = ["--gas-per-second", "100000", "--jobs", "2"];
		assert_eq!(named(&by_rate), machine(80.0, 20.0, 2, 2));
		// Longer than any time that can be counted.
		assert_eq!(named(&["--gas-per-second", "1e-300"]).unwrap().provable, 0);
	}
}
