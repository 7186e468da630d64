//! Chooses the blocks to prove that this account need not prove: open ones, and those whose
//! assigned prover has failed. The rollup's liveness rests on somebody doing it.

use super::work::{Turn, Waiting};
use crate::{
	args::run::RescueMode,
	chain::{AccountId, Balance, BlockId},
};
use sp_crypto_hashing::blake2_256;
use std::collections::{BTreeMap, BTreeSet};

/// A rescue begins up to this many blocks later than it may, so that several daemons do not all
/// begin at once.
const STAGGER: u32 = 3;
/// One whole, in the unit of the chain's shares.
const BILLION: u64 = 1_000_000_000;

/// The rule by which rescues are chosen.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
	/// Which blocks.
	pub mode: RescueMode,
	/// The least reward per gas, in base units, for which a proof is worth making.
	pub least_reward: u32,
	/// The bond of each claim.
	pub bond: Balance,
	/// The bonus for a block whose assigned prover has failed, in parts of 10⁹ of the reward.
	pub bonus: u32,
	/// The account that proves.
	pub me: AccountId,
}

/// The state of the chain as far as rescues depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
	/// The rollup's clock.
	pub now: u32,
	/// The account's free tokens.
	pub free: Balance,
	/// The first block that is not proposed in a finalized block of the chain.
	pub finalized_next_id: BlockId,
	/// What a proof of each open block pays now, per gas.
	pub open_rewards: &'a BTreeMap<BlockId, u32>,
	/// The blocks on which work has begun.
	pub begun: &'a BTreeSet<BlockId>,
}

impl Policy {
	/// Returns the blocks to rescue. What has begun comes first and is not given up when its reward
	/// changes; of the others, those with the lowest ids. Each needs a bond, and as much again stays
	/// free for fees.
	pub fn choose(&self, waiting: &[Waiting], situation: &Situation) -> BTreeSet<BlockId> {
		if self.mode == RescueMode::Off {
			return BTreeSet::new();
		}
		let candidates = waiting.iter().filter(|block| self.is_candidate(block, situation));
		let (begun, new): (Vec<_>, Vec<_>) =
			candidates.partition(|block| situation.begun.contains(&block.id));
		let new = new.into_iter().filter(|block| self.may_begin(block, situation));
		let bonds = match self.bond {
			0 => usize::MAX,
			bond => usize::try_from(situation.free / bond).unwrap_or(usize::MAX).saturating_sub(1),
		};
		begun.into_iter().chain(new).map(|block| block.id).take(bonds).collect()
	}

	fn is_candidate(&self, block: &Waiting, situation: &Situation) -> bool {
		let Turn::Anybody(opening) = block.turn else { return false };
		// It is never paid for a block that it has failed to prove.
		let is_paid = !opening.is_own_failure || self.mode == RescueMode::Always;
		is_paid
			&& block.right.is_some()
			&& !block.is_claimed
			&& !block.is_barred
			&& block.id < situation.finalized_next_id
	}

	fn may_begin(&self, block: &Waiting, situation: &Situation) -> bool {
		let Turn::Anybody(opening) = block.turn else { return false };
		let starts_at = opening.since.saturating_add(self.delay(block.id));
		let reward = match opening.agreed {
			Some(agreed) => self.with_bonus(agreed),
			None => situation.open_rewards.get(&block.id).copied().unwrap_or(0).into(),
		};
		let pays = self.mode == RescueMode::Always || reward >= self.least_reward.into();
		starts_at <= situation.now && pays
	}

	fn with_bonus(&self, agreed: u32) -> u64 {
		let agreed = u64::from(agreed);
		agreed + agreed * u64::from(self.bonus) / BILLION
	}

	/// Returns how many blocks later than possible this account begins to rescue this block.
	fn delay(&self, block: BlockId) -> u32 {
		let seed = [self.me.0.as_slice(), &block.to_le_bytes()].concat();
		u32::from(blake2_256(&seed)[0]) % STAGGER
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		daemon::work::Opening,
		execution::{tests::hash, Execution},
	};

	const NOW: u32 = 100;
	const BOND: Balance = 10;
	const NOTHING: [BlockId; 0] = [];

	fn policy(mode: RescueMode) -> Policy {
		Policy { mode, least_reward: 9_000, bond: BOND, bonus: 500_000_000, me: AccountId([1; 32]) }
	}

	/// Returns a block that anybody may prove, for long enough for every delay.
	fn block(id: BlockId, agreed: Option<u32>) -> Waiting {
		let opening = Opening { since: NOW - STAGGER, agreed, is_own_failure: false };
		let right = Execution { parent_hash: hash(1), block_hash: hash(2), gas_used: 1 };
		Waiting {
			id,
			right: Some(right),
			turn: Turn::Anybody(opening),
			is_claimed: false,
			is_barred: false,
		}
	}

	fn own_failure(id: BlockId) -> Waiting {
		let opening = Opening { since: 0, agreed: Some(90_000), is_own_failure: true };
		Waiting { turn: Turn::Anybody(opening), ..block(id, None) }
	}

	struct Chain {
		free: Balance,
		finalized_next_id: BlockId,
		open_rewards: BTreeMap<BlockId, u32>,
		begun: BTreeSet<BlockId>,
	}

	impl Default for Chain {
		fn default() -> Self {
			Self {
				free: 1_000,
				finalized_next_id: 50,
				open_rewards: BTreeMap::new(),
				begun: BTreeSet::new(),
			}
		}
	}

	impl Chain {
		fn chosen(&self, policy: &Policy, blocks: &[Waiting], now: u32) -> Vec<BlockId> {
			let situation = Situation {
				now,
				free: self.free,
				finalized_next_id: self.finalized_next_id,
				open_rewards: &self.open_rewards,
				begun: &self.begun,
			};
			policy.choose(blocks, &situation).into_iter().collect()
		}
	}

	#[test]
	fn a_rescue_pays_the_agreed_reward_with_the_bonus() {
		let chain = Chain::default();
		let chosen =
			|agreed| chain.chosen(&policy(RescueMode::Profitable), &[block(3, Some(agreed))], NOW);
		// 6 000 and half of it.
		assert_eq!(chosen(6_000), [3]);
		assert_eq!(chosen(5_999), NOTHING);
		assert_eq!(chosen(u32::MAX), [3]);
	}

	#[test]
	fn an_open_block_pays_what_the_chain_says() {
		let mut chain = Chain::default();
		let profitable = policy(RescueMode::Profitable);
		let open = [block(3, None)];
		assert_eq!(chain.chosen(&profitable, &open, NOW), NOTHING);
		chain.open_rewards.insert(3, 8_999);
		assert_eq!(chain.chosen(&profitable, &open, NOW), NOTHING);
		chain.open_rewards.insert(3, 9_000);
		assert_eq!(chain.chosen(&profitable, &open, NOW), [3]);
	}

	#[test]
	fn the_mode_decides_over_what_does_not_pay() {
		let chain = Chain::default();
		let blocks = [block(3, Some(1)), own_failure(4), block(5, Some(9_000))];
		assert_eq!(chain.chosen(&policy(RescueMode::Profitable), &blocks, NOW), [5]);
		assert_eq!(chain.chosen(&policy(RescueMode::Always), &blocks, NOW), [3, 4, 5]);
		assert_eq!(chain.chosen(&policy(RescueMode::Off), &blocks, NOW), NOTHING);
	}

	#[test]
	fn what_is_claimed_barred_unknown_or_not_final_is_left_alone() {
		let good = block(3, Some(90_000));
		let chain = Chain::default();
		for block in [
			Waiting { is_claimed: true, ..good },
			Waiting { is_barred: true, ..good },
			Waiting { right: None, ..good },
			Waiting { turn: Turn::NotYet, ..good },
			Waiting { turn: Turn::Mine { deadline: NOW + 9 }, ..good },
			Waiting { id: 50, ..good },
		] {
			assert_eq!(
				chain.chosen(&policy(RescueMode::Always), &[block], NOW),
				NOTHING,
				"{block:?}"
			);
		}
		assert_eq!(chain.chosen(&policy(RescueMode::Always), &[good], NOW), [3]);
	}

	#[test]
	fn every_claim_needs_a_bond_and_one_more_stays_for_fees() {
		let blocks = [3, 4, 5, 6].map(|id| block(id, Some(90_000)));
		for (free, expected) in
			[(0, &[][..]), (19, &[]), (20, &[3]), (39, &[3, 4]), (50, &[3, 4, 5, 6])]
		{
			let chain = Chain { free, ..Chain::default() };
			assert_eq!(chain.chosen(&policy(RescueMode::Profitable), &blocks, NOW), expected);
		}
		// What has begun comes first.
		let chain = Chain { free: 20, begun: [5].into(), ..Chain::default() };
		assert_eq!(chain.chosen(&policy(RescueMode::Profitable), &blocks, NOW), [5]);
		let free = Policy { bond: 0, ..policy(RescueMode::Profitable) };
		let chain = Chain { free: 0, ..Chain::default() };
		assert_eq!(chain.chosen(&free, &blocks, NOW), [3, 4, 5, 6]);
	}

	#[test]
	fn what_has_begun_is_not_given_up_for_its_reward() {
		let chain = Chain { begun: [3].into(), ..Chain::default() };
		let blocks = [block(3, Some(1)), block(4, Some(1))];
		assert_eq!(chain.chosen(&policy(RescueMode::Profitable), &blocks, NOW), [3]);
		// An assignment that ran into its deadline is.
		assert_eq!(chain.chosen(&policy(RescueMode::Profitable), &[own_failure(3)], NOW), NOTHING);
	}

	/// Each account begins at its own time, the same whenever it is asked, and none much later.
	#[test]
	fn daemons_do_not_all_begin_at_once() {
		let opening = Opening { since: NOW, agreed: Some(90_000), is_own_failure: false };
		let fresh = Waiting { turn: Turn::Anybody(opening), ..block(3, None) };
		let chain = Chain::default();
		let mut starts = BTreeMap::new();
		for account in 0..60 {
			let policy = Policy { me: AccountId([account; 32]), ..policy(RescueMode::Profitable) };
			let start = (NOW..).find(|now| !chain.chosen(&policy, &[fresh], *now).is_empty());
			*starts.entry(start.unwrap() - NOW).or_insert(0) += 1;
		}
		assert_eq!(starts.keys().copied().collect::<Vec<_>>(), [0, 1, 2]);
		assert!(starts.values().all(|count| *count >= 10), "{starts:?}");
	}
}
