//! Provers that prove what is assigned to them.

use crate::{chain::Chain, runtime::*};
use prover_pool_primitives::BlockId;
use std::collections::BTreeMap;

/// How a prover works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
	/// The time from the block after the draw to the claim, in blocks, for a list of effort 1. 0: it claims
	/// in the block after the draw.
	pub delay: BlockNumber,
	/// What a proof costs it, in base units per gas (the fixed gas included), for a list of effort 1.
	pub cost_per_gas: f64,
	/// The most blocks that it works on at once: its real capacity.
	pub machines: u32,
	/// How many blocks before its deadline it claims, if it has the proof by then. `None`: it claims as soon as
	/// it has the proof.
	pub to_spare: Option<BlockNumber>,
	/// True if it works at all. Otherwise it takes assignments and misses them.
	pub works: bool,
}

impl Default for Profile {
	/// A prover that needs two blocks, pays nothing, and has as many machines as it takes.
	fn default() -> Self {
		Self { delay: 2, cost_per_gas: 0.0, machines: u32::MAX, to_spare: None, works: true }
	}
}

/// Work that has begun or waits.
#[derive(Clone, Copy, Debug)]
struct Work {
	who: AccountId,
	block_id: BlockId,
	/// The last time, by the protocol's clock, at which a claim is in time.
	deadline: BlockNumber,
}

/// Any number of provers.
#[derive(Clone, Debug, Default)]
pub struct Provers {
	/// Provers whose claims the author of the present block leaves out. They try again in the next one.
	pub left_out: Vec<AccountId>,
	profiles: BTreeMap<AccountId, Profile>,
	/// By the block of the chain in which the claim is made.
	due: BTreeMap<BlockNumber, Vec<Work>>,
	/// For each prover with few machines: when each of them is free.
	machines: BTreeMap<AccountId, Vec<BlockNumber>>,
}

impl Provers {
	/// Adds a prover, or changes how it works from now on.
	pub fn set(&mut self, who: AccountId, profile: Profile) {
		self.profiles.insert(who, profile);
		self.machines.remove(&who);
	}

	/// Returns how a prover works.
	pub fn profile(&self, who: AccountId) -> Option<Profile> {
		self.profiles.get(&who).copied()
	}

	/// Takes in the draws of the present block, and makes the claims that are due in it.
	pub fn act(&mut self, chain: &mut Chain) {
		let now = chain.now();
		for at in 0..chain.draws().len() {
			let draw = chain.draws()[at];
			if let Ok((who, _, deadline)) = draw.outcome {
				self.begin(chain, who, draw.block_id, deadline, now);
			}
		}
		let later = self.due.split_off(&(now + 1));
		let due = std::mem::replace(&mut self.due, later);
		for work in due.into_values().flatten() {
			if self.left_out.contains(&work.who) {
				self.due.entry(now + 1).or_default().push(work);
				continue;
			}
			// A late claim would be accepted, but not paid. One of a block that was cancelled is refused.
			if chain.clock() <= work.deadline {
				let _ = chain.prove(work.who, work.block_id);
			}
		}
	}

	fn begin(
		&mut self,
		chain: &mut Chain,
		who: AccountId,
		block_id: BlockId,
		deadline: BlockNumber,
		now: BlockNumber,
	) {
		let Some(profile) = self.profiles.get(&who).copied().filter(|it| it.works) else { return };
		let list = chain.list(block_id);
		let effort = (profile.delay as f64 * list.effort).ceil() as BlockNumber;
		// What was drawn in this block is seen in the next.
		let mut at = self.machine(who, profile, now + 1, effort) + effort;
		let left = deadline.saturating_sub(chain.clock());
		if let Some(to_spare) = profile.to_spare {
			at = at.max(now + left.saturating_sub(to_spare));
		}
		if profile.cost_per_gas > 0.0 {
			let gas = chain.cost(list.gas_used, 1) as f64;
			let cost = gas * profile.cost_per_gas * list.effort;
			chain.pay_outside(who, -(cost as i128));
		}
		self.due.entry(at).or_default().push(Work { who, block_id, deadline });
	}

	/// Returns when a machine is free for this work, from `from` on, and takes it for `effort` blocks.
	fn machine(
		&mut self,
		who: AccountId,
		profile: Profile,
		from: BlockNumber,
		effort: BlockNumber,
	) -> BlockNumber {
		if profile.machines == u32::MAX {
			return from;
		}
		let machines =
			self.machines.entry(who).or_insert_with(|| vec![0; profile.machines.max(1) as usize]);
		let first = machines.iter_mut().min().map(|free_at| {
			let begin = from.max(*free_at);
			*free_at = begin + effort.max(1);
			begin
		});
		first.unwrap_or(from)
	}
}
