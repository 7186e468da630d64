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
	/// The time after which a block that nobody proves can be skipped.
	pub expiry_period: u32,
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
	/// The next block to settle.
	pub head: BlockId,
}

impl Policy {
	/// Returns the blocks to rescue. What has begun comes first and is not given up when its reward
	/// changes; of the others, those with the lowest ids. Each needs a bond, and as much again stays
	/// free for fees.
	///
	/// The head is proven whatever that pays, once half of the time until it can be skipped is over,
	/// if this account is to be paid for a block behind it: a skip cancels all of them.
	pub fn choose(&self, waiting: &[Waiting], situation: &Situation) -> BTreeSet<BlockId> {
		if self.mode == RescueMode::Off {
			return BTreeSet::new();
		}
		let head = self.endangered_head(waiting, situation);
		let pays = |block: &Waiting| Some(block.id) == head || self.pays(block, situation);
		let is_candidate = |block: &&Waiting| {
			// It is never paid for a block that it has failed to prove.
			let may_pay = !is_own_failure(block) || Some(block.id) == head;
			(may_pay || self.mode == RescueMode::Always) && is_provable(block, situation)
		};
		let candidates = waiting.iter().filter(is_candidate);
		let (begun, new): (Vec<_>, Vec<_>) =
			candidates.partition(|block| situation.begun.contains(&block.id));
		let is_due = |block: &&Waiting| {
			self.starts_at(block).is_some_and(|at| at <= situation.now) && pays(block)
		};
		let new = new.into_iter().filter(is_due);
		let bonds = match self.bond {
			0 => usize::MAX,
			bond => usize::try_from(situation.free / bond).unwrap_or(usize::MAX).saturating_sub(1),
		};
		begun.into_iter().chain(new).map(|block| block.id).take(bonds).collect()
	}

	/// Returns the head, if its skip would soon take the pay for a block behind it.
	fn endangered_head(&self, waiting: &[Waiting], situation: &Situation) -> Option<BlockId> {
		let head = waiting.iter().find(|block| block.id == situation.head)?;
		let Turn::Anybody(opening) = head.turn else { return None };
		let half = opening.since.saturating_add(self.expiry_period / 2);
		(half <= situation.now && earns_behind(waiting, head.id)).then_some(head.id)
	}

	/// Returns when this account may begin to rescue a block.
	fn starts_at(&self, block: &Waiting) -> Option<u32> {
		let Turn::Anybody(opening) = block.turn else { return None };
		Some(opening.since.saturating_add(self.delay(block.id)))
	}

	/// Returns whether a proof is worth making.
	fn pays(&self, block: &Waiting, situation: &Situation) -> bool {
		let Turn::Anybody(opening) = block.turn else { return false };
		let reward = match opening.agreed {
			Some(agreed) => self.with_bonus(agreed),
			None => situation.open_rewards.get(&block.id).copied().unwrap_or(0).into(),
		};
		self.mode == RescueMode::Always || reward >= self.least_reward.into()
	}

	fn with_bonus(&self, agreed: u32) -> u64 {
		let agreed = u64::from(agreed);
		agreed + agreed * u64::from(self.bonus) / BILLION
	}

	/// Returns how many blocks later than possible this account does something for this block.
	pub fn delay(&self, block: BlockId) -> u32 {
		let seed = [self.me.0.as_slice(), &block.to_le_bytes()].concat();
		u32::from(blake2_256(&seed)[0]) % STAGGER
	}
}

/// Returns whether any account may prove the block, and this daemon can.
fn is_provable(block: &Waiting, situation: &Situation) -> bool {
	matches!(block.turn, Turn::Anybody(_))
		&& block.right.is_some()
		&& !block.is_claimed
		&& !block.is_barred
		&& block.id < situation.finalized_next_id
}

fn is_own_failure(block: &Waiting) -> bool {
	matches!(block.turn, Turn::Anybody(opening) if opening.is_own_failure)
}

/// Returns whether this account is to be paid for a block behind the head.
pub fn earns_behind(waiting: &[Waiting], head: BlockId) -> bool {
	waiting.iter().any(|block| block.id > head && block.is_earning)
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;
	use crate::{
		daemon::work::Opening,
		execution::{tests::hash, Execution},
	};

	const NOW: u32 = 100;
	const BOND: Balance = 10;
	const EXPIRY: u32 = 40;
	const NOTHING: [BlockId; 0] = [];

	pub fn policy(mode: RescueMode) -> Policy {
		Policy {
			mode,
			least_reward: 9_000,
			bond: BOND,
			bonus: 100_000_000,
			expiry_period: EXPIRY,
			me: AccountId([1; 32]),
		}
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
			is_earning: false,
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
		head: BlockId,
	}

	impl Default for Chain {
		fn default() -> Self {
			Self {
				free: 1_000,
				finalized_next_id: 50,
				open_rewards: BTreeMap::new(),
				begun: BTreeSet::new(),
				head: 2,
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
				head: self.head,
			};
			policy.choose(blocks, &situation).into_iter().collect()
		}
	}

	#[test]
	fn a_rescue_pays_the_agreed_reward_with_the_bonus() {
		let chain = Chain::default();
		let chosen =
			|agreed| chain.chosen(&policy(RescueMode::Profitable), &[block(3, Some(agreed))], NOW);
		// 8 182 and a tenth of it.
		assert_eq!(chosen(8_182), [3]);
		assert_eq!(chosen(8_181), NOTHING);
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

	/// A skip of the head would take the pay for what is behind it.
	#[test]
	fn a_head_before_earnings_is_proven_whatever_it_pays() {
		let half = EXPIRY / 2;
		let opening = |agreed, is_own_failure| Opening { since: NOW, agreed, is_own_failure };
		let mine = |id| Waiting {
			turn: Turn::Mine { deadline: NOW + 99 },
			is_earning: true,
			..block(id, None)
		};
		let profitable = policy(RescueMode::Profitable);
		let chain = Chain { head: 3, ..Chain::default() };
		for turn in [opening(Some(1), false), opening(None, false), opening(Some(1), true)] {
			let head = Waiting { turn: Turn::Anybody(turn), ..block(3, None) };
			let chosen =
				|chain: &Chain, behind, now| chain.chosen(&profitable, &[head, behind], now);
			assert_eq!(chosen(&chain, mine(4), NOW + half - 1), NOTHING, "{turn:?}");
			assert_eq!(chosen(&chain, mine(4), NOW + half), [3], "{turn:?}");
			// Nothing to lose, or not the head.
			assert_eq!(
				chosen(&chain, Waiting { is_earning: false, ..mine(4) }, NOW + half),
				NOTHING
			);
			assert_eq!(chosen(&chain, mine(2), NOW + half), NOTHING);
			assert_eq!(chosen(&Chain::default(), mine(4), NOW + half), NOTHING);
			let off = chain.chosen(&policy(RescueMode::Off), &[head, mine(4)], NOW + half);
			assert_eq!(off, NOTHING);
		}
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
