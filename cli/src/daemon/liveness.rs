//! Calls that any account may make so that the rollup goes on, and which a prover makes that rescues:
//! `expire_request` opens a block that was not drawn in time, `skip_block` gives up a head that
//! nobody has proven.
//!
//! A skip cancels all blocks behind the head, and their provers are not paid. So the daemon makes it
//! last of all: once the chain has allowed it for a while, nobody has claimed the head, and the
//! daemon itself has no proof of it, makes none and would begin none. If this account is to be paid
//! for a block behind the head, it leaves another whole period to somebody who can prove the head.

use super::{
	rescue::{earns_behind, Policy},
	work::{Plan, Task, Waiting},
};
use crate::{
	args::run::RescueMode,
	chain::BlockId,
	reads::rollup::{Block, Clock, State, Status},
};
use std::collections::{BTreeMap, BTreeSet};

/// How many blocks a skip waits once the chain allows it: a daemon that has just begun catches up,
/// and a proof that failed is tried again.
const BEFORE_SKIP: u32 = 16;
/// A call that has no effect is made again after this many blocks.
const AGAIN_AFTER: u64 = 16;

/// A call that any account may make.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Call {
	/// Opens a block that was not drawn in time.
	ExpireRequest(BlockId),
	/// Skips the head.
	SkipBlock(BlockId),
}

impl Call {
	/// Returns the name of the call.
	pub fn name(self) -> &'static str {
		match self {
			Call::ExpireRequest(_) => "expire_request",
			Call::SkipBlock(_) => "skip_block",
		}
	}

	/// Returns the block.
	pub fn block(self) -> BlockId {
		match self {
			Call::ExpireRequest(block) | Call::SkipBlock(block) => block,
		}
	}
}

/// What a call waits for that the chain allows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Wait {
	/// The number of blocks of the chain to wait.
	pub blocks: u32,
	/// True if this daemon has a proof of the block, makes one, or is about to: then the call is not
	/// made.
	pub is_proving: bool,
}

/// What the calls depend on, besides the plan.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
	/// The rollup's clock.
	pub clock: Clock,
	/// The state of the rollup.
	pub state: &'a State,
	/// The blocks that wait, as they are stored.
	pub blocks: &'a [(BlockId, Block)],
	/// The same, as this account sees them.
	pub waiting: &'a [Waiting],
	/// The proofs that are being made.
	pub running: &'a BTreeSet<Task>,
	/// The first block that is not proposed in a finalized block of the chain.
	pub finalized_next_id: BlockId,
	/// The shortest window of a prover.
	pub min_proof_window: u32,
}

/// Returns the calls that the chain allows and that this account makes.
pub fn calls(policy: &Policy, plan: &Plan, situation: &Situation) -> BTreeMap<Call, Wait> {
	if policy.mode == RescueMode::Off {
		return BTreeMap::new();
	}
	let final_ones = situation.blocks.iter().filter(|(id, _)| *id < situation.finalized_next_id);
	let expired = final_ones.filter(|(_, block)| {
		let expires_after = block.proposed_at.saturating_add(policy.expiry_period);
		matches!(block.status, Status::Pending) && situation.clock.now > expires_after
	});
	let opening = expired.map(|(id, _)| {
		(Call::ExpireRequest(*id), Wait { blocks: policy.delay(*id), is_proving: false })
	});
	let mut calls: BTreeMap<_, _> = opening.collect();
	if let Some(head) = skippable_head(policy, situation) {
		let mut blocks = BEFORE_SKIP.saturating_add(policy.delay(head));
		if earns_behind(situation.waiting, head) {
			blocks = blocks.saturating_add(policy.expiry_period);
		}
		let planned = plan.prove.iter().chain(&plan.submit).chain(&plan.awaited);
		let mut tasks = planned.map(|due| due.task).chain(situation.running.iter().copied());
		let is_proving = tasks.any(|task| task.block == head);
		calls.insert(Call::SkipBlock(head), Wait { blocks, is_proving });
	}
	calls
}

/// Returns the head, if it can be skipped.
fn skippable_head(policy: &Policy, situation: &Situation) -> Option<BlockId> {
	let Situation { clock, state, waiting, .. } = *situation;
	let (head, block) = situation.blocks.first().filter(|(id, _)| *id == state.head)?;
	let (window, period) = (situation.min_proof_window, policy.expiry_period);
	let is_allowed =
		clock.paused == 0 && clock.now > block.skippable_after(state.head_since, window, period)?;
	let is_final = *head < situation.finalized_next_id;
	let claim = block.claim_in_time();
	let has_claim = claim.is_some_and(|it| it.execution.parent_hash == state.verified_hash)
		|| waiting.iter().any(|it| it.id == *head && it.is_claimed);
	(is_allowed && is_final && !has_claim).then_some(*head)
}

/// When each call has been made.
#[derive(Debug, Default)]
pub struct Liveness {
	/// The block of the chain since which each call is allowed, and that in which it was last made.
	calls: BTreeMap<Call, (u64, Option<u64>)>,
}

impl Liveness {
	/// Takes the calls that the chain allows at this best block. Returns those to make now.
	pub fn observe(&mut self, calls: &BTreeMap<Call, Wait>, best: u64) -> Vec<Call> {
		self.calls.retain(|call, _| calls.contains_key(call));
		let mut now = Vec::new();
		for (call, wait) in calls {
			let (since, made) = self.calls.entry(*call).or_insert((best, None));
			let next = match *made {
				Some(made) => made.saturating_add(AGAIN_AFTER),
				None => since.saturating_add(wait.blocks.into()),
			};
			if next <= best && !wait.is_proving {
				*made = Some(best);
				now.push(*call);
			}
		}
		now
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		daemon::{
			rescue::tests::policy,
			work::{
				tests::{assigned, block, claim, due, task, ME},
				Turn,
			},
		},
		execution::{tests::hash, Execution},
		reads::rollup::Delivery,
	};

	const HEAD: BlockId = 4;
	/// The deadline is 100, and the policy's period is 40.
	const EXPIRED: u32 = 141;

	fn state() -> State {
		State {
			next_id: 9,
			head: HEAD,
			verified_id: 3,
			verified_hash: hash(1),
			head_since: 50,
			pending: 0,
			open: 0,
			cancelled: None,
		}
	}

	fn waiting(id: BlockId) -> Waiting {
		let turn = Turn::NotYet;
		Waiting { id, right: None, turn, is_claimed: false, is_barred: false, is_earning: false }
	}

	/// A chain with this head, and a block behind it.
	struct Chain {
		now: u32,
		paused: u32,
		state: State,
		head: Block,
		waiting: [Waiting; 2],
		plan: Plan,
		running: BTreeSet<Task>,
		finalized_next_id: BlockId,
	}

	impl Default for Chain {
		fn default() -> Self {
			Self {
				now: EXPIRED,
				paused: 0,
				state: state(),
				head: assigned(ME, Delivery::Due),
				waiting: [waiting(HEAD), waiting(HEAD + 1)],
				plan: Plan::default(),
				running: BTreeSet::new(),
				finalized_next_id: 9,
			}
		}
	}

	impl Chain {
		fn calls(&self, mode: RescueMode) -> Vec<(Call, Wait)> {
			let behind = assigned(ME, Delivery::Due);
			let situation = Situation {
				clock: Clock { now: self.now, paused: self.paused },
				state: &self.state,
				blocks: &[(HEAD, self.head.clone()), (HEAD + 1, behind)],
				waiting: &self.waiting,
				running: &self.running,
				finalized_next_id: self.finalized_next_id,
				min_proof_window: 20,
			};
			calls(&policy(mode), &self.plan, &situation).into_iter().collect()
		}

		/// Returns whether the head is or will be skipped.
		fn skips(&self) -> bool {
			let skip = Call::SkipBlock(HEAD);
			let mut calls = self.calls(RescueMode::Profitable).into_iter();
			calls.any(|(call, wait)| call == skip && !wait.is_proving)
		}
	}

	fn after(blocks: u32) -> Wait {
		Wait { blocks, is_proving: false }
	}

	#[test]
	fn a_head_that_nobody_proves_is_skipped() {
		let stagger = policy(RescueMode::Profitable).delay(HEAD);
		let expected = [(Call::SkipBlock(HEAD), after(BEFORE_SKIP + stagger))];
		for mode in [RescueMode::Profitable, RescueMode::Always] {
			assert_eq!(Chain::default().calls(mode), expected);
		}
		assert_eq!(Chain::default().calls(RescueMode::Off), []);
		// Who loses its pay waits longer.
		let mut chain = Chain::default();
		chain.waiting[1].is_earning = true;
		let later = [(Call::SkipBlock(HEAD), after(BEFORE_SKIP + stagger + 40))];
		assert_eq!(chain.calls(RescueMode::Profitable), later);
	}

	#[test]
	fn a_head_that_the_chain_would_not_skip_is_left_alone() {
		let on =
			|parent| claim(ME, Execution { parent_hash: parent, block_hash: hash(9), gas_used: 1 });
		let with = |delivery| assigned(ME, delivery);
		assert!(Chain::default().skips());
		for (chain, why) in [
			(Chain { now: EXPIRED - 1, ..Chain::default() }, "it is not expired"),
			(Chain { paused: 1, ..Chain::default() }, "the protocol is paused"),
			(Chain { finalized_next_id: HEAD, ..Chain::default() }, "it is not final"),
			(Chain { head: block(Status::Pending), ..Chain::default() }, "it is not drawn"),
			(Chain { head: with(Delivery::Claimed(on(hash(1)))), ..Chain::default() }, "claimed"),
			(Chain { state: State { head: 3, ..state() }, ..Chain::default() }, "not the head"),
			(Chain { state: State { head_since: 121, ..state() }, ..Chain::default() }, "too soon"),
		] {
			assert!(!chain.skips(), "{why}");
		}
		let mut claimed = Chain::default();
		claimed.waiting[0].is_claimed = true;
		assert!(!claimed.skips());
		// A claim on another parent cannot be verified.
		assert!(Chain { head: with(Delivery::Claimed(on(hash(2)))), ..Chain::default() }.skips());
	}

	#[test]
	fn a_head_that_is_being_proven_is_not_skipped() {
		for plan in [
			Plan { prove: vec![due(HEAD)], ..Plan::default() },
			Plan { submit: vec![due(HEAD)], ..Plan::default() },
			Plan { awaited: vec![due(HEAD)], ..Plan::default() },
		] {
			assert!(!Chain { plan, ..Chain::default() }.skips());
		}
		assert!(!Chain { running: [task(HEAD)].into(), ..Chain::default() }.skips());
		let plan = Plan { prove: vec![due(HEAD + 1)], ..Plan::default() };
		assert!(Chain { plan, running: [task(HEAD + 1)].into(), ..Chain::default() }.skips());
	}

	#[test]
	fn a_block_that_is_not_drawn_is_opened() {
		// Proposed at 1.
		let pending = |now| Chain { now, head: block(Status::Pending), ..Chain::default() };
		let stagger = policy(RescueMode::Profitable).delay(HEAD);
		let expected = [(Call::ExpireRequest(HEAD), after(stagger))];
		assert_eq!(pending(42).calls(RescueMode::Profitable), expected);
		assert_eq!(pending(41).calls(RescueMode::Profitable), []);
		assert_eq!(pending(42).calls(RescueMode::Off), []);
		let not_final = Chain { finalized_next_id: HEAD, ..pending(42) };
		assert_eq!(not_final.calls(RescueMode::Profitable), []);
	}

	#[test]
	fn a_call_waits_and_is_made_again_if_it_has_no_effect() {
		let mut liveness = Liveness::default();
		let skip = Call::SkipBlock(HEAD);
		let due: BTreeMap<_, _> = [(skip, after(3))].into();
		let made: Vec<u64> =
			(10..50).filter(|best| liveness.observe(&due, *best) == [skip]).collect();
		assert_eq!(made, [13, 29, 45]);
		// Asked twice at the same block.
		assert_eq!(liveness.observe(&due, 61), [skip]);
		assert_eq!(liveness.observe(&due, 61), []);
		// It was not allowed for a moment: the wait begins again.
		assert_eq!(liveness.observe(&BTreeMap::new(), 62), []);
		assert_eq!(liveness.observe(&due, 80), []);
		assert_eq!(liveness.observe(&due, 83), [skip]);
	}
	/// A proof that fails again and again does not put off the skip, but no attempt is cut short.
	#[test]
	fn a_skip_does_not_wait_from_one_attempt_to_the_next() {
		let mut liveness = Liveness::default();
		let skip = Call::SkipBlock(HEAD);
		let made = (0..30u64).find(|best| {
			let is_proving = best % 5 < 3;
			let calls = [(skip, Wait { blocks: 10, is_proving })].into();
			liveness.observe(&calls, *best) == [skip]
		});
		assert_eq!(made, Some(13));
	}
}
