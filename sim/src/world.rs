//! The market in which attacks happen, unless an attack needs another: honest provers of equal size, one
//! proposer per block of the chain, a rescuer, and governance that disputes.

use crate::{
	agents::{Governance, Market, Profile, Proposers, Rescuer},
	attack::Outcome,
	babe::Babe,
	chain::{Chain, List, Member, Setup},
	parameters::Parameters,
	runtime::*,
};
use prover_pool_primitives::{Capacity, PricePerGas};

/// The first account of an attacker. [`attacker`] returns the others.
pub const ATTACKER: AccountId = 1;
/// The account that earns the rewards of blocks by honest authors.
pub const OTHER_AUTHORS: AccountId = 900;
/// The account of the honest rescuer.
pub const RESCUER: AccountId = 901;

/// Returns an account of the attacker, of up to 800.
pub fn attacker(index: u64) -> AccountId {
	ATTACKER + index
}

/// Returns an honest prover.
pub fn honest(index: u64) -> AccountId {
	1_000 + index
}

/// Returns an honest prover that is not a member at first.
pub fn newcomer(index: u64) -> AccountId {
	3_000 + index
}

/// Returns a proposer.
pub fn proposer(index: u64) -> AccountId {
	5_000 + index
}

/// What every account owns beside its stake.
pub const ENDOWMENT: Balance = 100_000 * UNIT;

/// What a call of the pool costs on the demo chain at most, in tokens: that of `stake`.
pub const CALL_FEE: f64 = 0.006;

/// The market. All fields may be changed before [`World::run`].
#[derive(Clone, Debug)]
pub struct World {
	/// The parameters.
	pub parameters: Parameters,
	/// The rules of draws.
	pub rules: Edition,
	/// How many honest provers there are.
	pub provers: u64,
	/// The stake of each.
	pub stake: Balance,
	/// The price of each. Prices differ by one, so that the order of a draw is no accident.
	pub price: PricePerGas,
	/// The capacity of each.
	pub capacity: Capacity,
	/// How each works.
	pub profile: Profile,
	/// How many accounts own tokens and work as honest provers, but are not members at first.
	pub newcomers: u64,
	/// The attacker's members of the genesis.
	pub attackers: Vec<Member>,
	/// How many accounts the attacker owns, members included.
	pub attacker_accounts: u64,
	/// How they work, if they are to be driven as honest provers are.
	pub attackers_work: Option<Profile>,
	/// Proposals in each block of the chain.
	pub demand: f64,
	/// The proposers.
	pub proposers: u64,
	/// What they propose.
	pub list: List,
	/// True if there is a rescuer.
	pub rescued: bool,
	/// After how many blocks wrong claims are disputed.
	pub disputed_after: Option<BlockNumber>,
}

impl World {
	/// Returns the market with the demo's parameters: eight provers with 500 tokens and a capacity of 16
	/// each, full blocks at the first fee, and proofs that cost half of it.
	pub fn demo() -> Self {
		Self::with(Parameters::demo())
	}

	/// Returns the same with other parameters.
	pub fn with(parameters: Parameters) -> Self {
		let fee = parameters.first_fee_per_gas;
		let list = List::of(parameters.max_gas_limit);
		Self {
			rules: Edition::default(),
			provers: 8,
			stake: 500 * UNIT,
			price: fee,
			capacity: 16,
			profile: Profile { cost_per_gas: f64::from(fee) / 2.0, ..Profile::default() },
			newcomers: 0,
			attackers: Vec::new(),
			attacker_accounts: 1,
			attackers_work: None,
			demand: 1.0,
			proposers: 4,
			list,
			rescued: true,
			disputed_after: Some(3),
			parameters,
		}
	}

	/// Adds a member of the attacker's, that works as honest provers do. Its stake is this share of all
	/// stakes, before members that are added later.
	pub fn add_attacker(&mut self, index: u64, share: f64, price: PricePerGas, capacity: Capacity) {
		let others = self.stake as f64 * self.provers as f64
			+ self.attackers.iter().map(|it| it.stake as f64).sum::<f64>();
		let stake = (others * share / (1.0 - share)) as Balance;
		self.attackers.push(Member { who: attacker(index), stake, price, capacity });
		self.attackers_work = Some(self.profile);
	}

	/// Returns what the chain begins with.
	pub fn setup(&self) -> Setup {
		let honest = (0..self.provers).map(|at| Member {
			who: honest(at),
			stake: self.stake,
			price: self.price.saturating_add(at as PricePerGas),
			capacity: self.capacity,
		});
		let members: Vec<_> = honest.chain(self.attackers.iter().copied()).collect();
		let mut balances: Vec<_> =
			members.iter().map(|member| (member.who, member.stake + ENDOWMENT)).collect();
		let others = (0..self.proposers).map(proposer).chain((0..self.newcomers).map(newcomer));
		let others = others.chain((0..self.attacker_accounts).map(attacker));
		for who in others.chain([OTHER_AUTHORS, RESCUER]) {
			if !balances.iter().any(|(it, _)| *it == who) {
				balances.push((who, ENDOWMENT));
			}
		}
		Setup { parameters: self.parameters.clone(), rules: self.rules, members, balances }
	}

	/// Returns the agents.
	pub fn market(&self) -> Market {
		let mut market = Market::default();
		for who in self.honest_provers() {
			market.provers.set(who, self.profile);
		}
		if let Some(profile) = self.attackers_work {
			for member in &self.attackers {
				market.provers.set(member.who, profile);
			}
		}
		let proposers = (0..self.proposers).map(proposer).collect();
		market.proposers = Proposers::new(proposers, self.demand, self.list);
		if self.rescued {
			let cost_per_gas = self.profile.cost_per_gas;
			market.rescuers.push(Rescuer {
				cost_per_gas,
				least_reward: cost_per_gas as PricePerGas + 1,
				..Rescuer::new(RESCUER)
			});
		}
		if let Some(after) = self.disputed_after {
			market.governance = Governance::disputing(after);
		}
		market
	}

	/// Returns the honest accounts that an attack may harm: provers, proposers, the rescuer, other authors.
	pub fn victims(&self) -> Vec<AccountId> {
		let proposers = (0..self.proposers).map(proposer);
		self.honest_provers().chain(proposers).chain([RESCUER, OTHER_AUTHORS]).collect()
	}

	/// Returns the honest provers, those who are not members at first included.
	fn honest_provers(&self) -> impl Iterator<Item = AccountId> {
		(0..self.provers).map(honest).chain((0..self.newcomers).map(newcomer))
	}

	/// Runs `life` on a new chain with this market, and returns what the accounts of `attackers` gained
	/// and the victims lost. `life` must end with [`finish`], or blocks that wait count as a loss of nobody.
	pub fn run(
		&self,
		attackers: &[AccountId],
		life: impl FnOnce(&mut Chain, &mut Market),
	) -> Outcome {
		self.setup().run(|chain| {
			let victims = self.victims();
			let before = (chain.worth_of(attackers), chain.worth_of(&victims));
			life(chain, &mut self.market());
			let counts = chain.counts();
			Outcome {
				profit: chain.worth_of(attackers) - before.0,
				loss: before.1 - chain.worth_of(&victims),
				blocks: counts.proposed,
				chain_blocks: counts.chain_blocks,
				verified: counts.verified,
			}
		})
	}
}

/// Passes blocks of honest authors.
pub fn pass(chain: &mut Chain, market: &mut Market, babe: &mut Babe, blocks: u64) {
	for _ in 0..blocks {
		let block = babe.honest();
		market.pass_block(chain, block.output);
	}
}

/// Stops all demand, and passes blocks until none of the rollup waits, at most 1,000.
pub fn finish(chain: &mut Chain, market: &mut Market, babe: &mut Babe) {
	finish_with(chain, market, babe, |_| {});
}

/// Does the same, with what the attacker does in each block after all others.
pub fn finish_with(
	chain: &mut Chain,
	market: &mut Market,
	babe: &mut Babe,
	mut act: impl FnMut(&mut Chain),
) {
	market.proposers.per_block = 0.0;
	for _ in 0..1_000 {
		let state = chain.rollup();
		if state.head == state.next_id {
			return;
		}
		pass(chain, market, babe, 1);
		act(chain);
	}
}

/// Charges an account for the proof of a list, at this cost per gas.
pub fn pay_for_proof(chain: &mut Chain, who: AccountId, list: List, cost_per_gas: f64) {
	let cost = chain.cost(list.gas_used, 1) as f64 * cost_per_gas * list.effort;
	chain.pay_outside(who, -(cost as i128));
}
