use super::*;
use crate::{
	chain::{
		api::runtime_types::{
			bounded_collections::bounded_vec::BoundedVec,
			pallet_block_proposal::types::{Assignment, Escrow, Execution as OnChain},
		},
		H256,
	},
	execution::tests::{executed, hash},
	reads::rollup::Tag,
};

pub(crate) const ME: AccountId = AccountId([7; 32]);
/// The tag of the claims.
const KEY: Tag = Tag::First([0; 32]);
const OTHER: AccountId = AccountId([8; 32]);
pub(crate) const DEADLINE: u32 = 100;

fn at(now: u32) -> Clock {
	Clock { now, paused: 0 }
}

/// The result of the block with this id.
fn right(id: BlockId) -> Execution {
	executed(id, 1, 10 + id as u8).execution()
}

pub(crate) fn task(id: BlockId) -> Task {
	Task { block: id, execution: right(id) }
}

pub(crate) fn due(id: BlockId) -> Due {
	Due { task: task(id), deadline: Some(DEADLINE), can_be_tried: true }
}

fn rescue(id: BlockId) -> Due {
	Due { deadline: None, ..due(id) }
}

pub(crate) fn block(status: Status) -> Block {
	Block {
		proposer: AccountId([1; 32]),
		beneficiary: AccountId([2; 32]),
		tx_list_hash: hash(3),
		gas_limit: 5_000_000,
		fee_per_gas: 10_000,
		proposed_at: 1,
		escrow: Escrow { initial: 1, held: 1 },
		status,
		removed_at: None,
		claims: 0,
		barred: BoundedVec(vec![]),
	}
}

pub(crate) fn assigned(prover: AccountId, delivery: Delivery) -> Block {
	block(Status::Assigned(Assignment {
		prover,
		reward_per_gas: 10_000,
		start: 1,
		deadline: DEADLINE,
		delivery,
	}))
}

pub(crate) fn claim(prover: AccountId, execution: Execution) -> Claim {
	let Execution { parent_hash, block_hash, gas_used } = execution;
	Claim {
		prover,
		execution: OnChain { parent_hash, block_hash, gas_used },
		reward_per_gas: 10_000,
		bond: 0,
		tag: KEY,
		claimed_at: 10,
	}
}

fn mine(id: BlockId) -> Waiting {
	Waiting {
		id,
		right: Some(right(id)),
		turn: Turn::Mine { deadline: DEADLINE },
		is_claimed: false,
		is_barred: false,
		is_earning: true,
	}
}

fn open(id: BlockId, since: u32) -> Waiting {
	let opening = Opening { since, agreed: None, is_own_failure: false };
	Waiting { turn: Turn::Anybody(opening), is_earning: false, ..mine(id) }
}

fn failed(id: BlockId) -> Waiting {
	let opening = Opening { since: DEADLINE, agreed: Some(1), is_own_failure: true };
	Waiting { turn: Turn::Anybody(opening), ..mine(id) }
}

fn in_flight() -> InFlight {
	InFlight::default()
}

fn planned(blocks: &[Waiting], in_flight: &InFlight, now: u32) -> Plan {
	plan(blocks, in_flight, &BTreeSet::new(), now)
}

/// A plan that only counts.
fn nothing(open: usize, late: usize, time_left: Option<u32>) -> Plan {
	Plan { open, late, time_left, ..Plan::default() }
}

#[test]
fn it_is_this_accounts_turn_until_the_deadline() {
	let mine = assigned(ME, Delivery::Due);
	let turn = |now| Turn::of(&mine, &ME, at(now));
	assert_eq!(turn(DEADLINE - 1), Turn::Mine { deadline: DEADLINE });
	// The next block's clock is past the deadline.
	let opening = Opening { since: DEADLINE, agreed: Some(10_000), is_own_failure: true };
	assert_eq!(turn(DEADLINE), Turn::Anybody(opening));
}

#[test]
fn blocks_of_others_are_open_after_their_deadline() {
	let others = assigned(OTHER, Delivery::Due);
	assert_eq!(Turn::of(&others, &ME, at(DEADLINE - 1)), Turn::NotYet);
	let opening = Opening { since: DEADLINE, agreed: Some(10_000), is_own_failure: false };
	assert_eq!(Turn::of(&others, &ME, at(DEADLINE)), Turn::Anybody(opening));
	assert_eq!(Turn::of(&block(Status::Pending), &ME, at(DEADLINE)), Turn::NotYet);
}

/// A removed claim ends an assignment at once, whosever it is.
#[test]
fn a_block_with_a_removed_claim_is_open_at_once() {
	for (prover, is_own_failure) in [(ME, true), (OTHER, false)] {
		let removed = Block { removed_at: Some(30), ..assigned(prover, Delivery::Removed) };
		let opening = Opening { since: 30, agreed: Some(10_000), is_own_failure };
		assert_eq!(Turn::of(&removed, &ME, at(31)), Turn::Anybody(opening));
	}
}

#[test]
fn an_open_block_is_open_since_it_was_opened_or_a_claim_removed() {
	let status = Status::Open { opened_at: 20, fixed_reward: None };
	let opening = Opening { since: 20, agreed: None, is_own_failure: false };
	assert_eq!(Turn::of(&block(status.clone()), &ME, at(21)), Turn::Anybody(opening));
	let removed = Block { removed_at: Some(30), ..block(status) };
	let removed_since = Turn::Anybody(Opening { since: 30, ..opening });
	assert_eq!(Turn::of(&removed, &ME, at(31)), removed_since);
}

#[test]
fn only_the_same_result_on_the_same_parent_is_claimed() {
	let executed = executed(4, 1, 14);
	let right = executed.execution();
	let seen = |block: &Block, claims: &[Claim]| {
		Waiting::new(4, block, Some(&executed), claims, &ME, at(20)).is_claimed
	};
	let due = assigned(ME, Delivery::Due);
	assert!(!seen(&due, &[]));
	assert!(seen(&assigned(ME, Delivery::Claimed(claim(ME, right))), &[]));
	assert!(seen(&due, &[claim(OTHER, right)]));
	for wrong in [
		Execution { parent_hash: hash(9), ..right },
		Execution { block_hash: hash(9), ..right },
		Execution { gas_used: 9, ..right },
	] {
		assert!(!seen(&assigned(ME, Delivery::Claimed(claim(ME, wrong))), &[claim(OTHER, wrong)]));
	}
	// Before the block is executed, only an own claim counts.
	let unknown =
		|block: &Block| Waiting::new(4, block, None, &[claim(OTHER, right)], &ME, at(DEADLINE));
	assert_eq!((unknown(&due).right, unknown(&due).is_claimed), (None, false));
	let claimed = unknown(&assigned(ME, Delivery::Claimed(claim(ME, right))));
	assert!(claimed.is_claimed && !claimed.is_late());
}

#[test]
fn a_removed_result_is_barred() {
	let executed = executed(4, 1, 14);
	let right = executed.execution();
	let mut block = assigned(ME, Delivery::Due);
	let barred =
		|block: &Block| Waiting::new(4, block, Some(&executed), &[], &ME, at(20)).is_barred;
	block.barred.0.push(claim(ME, Execution { gas_used: 9, ..right }).execution);
	assert!(!barred(&block));
	block.barred.0.push(claim(ME, right).execution);
	assert!(barred(&block));
}

/// The key that vouched for the claim was revoked: the block is open at its agreed price, and no
/// claim of it counts.
#[test]
fn a_void_claim_leaves_its_block_to_all_at_once() {
	let executed = executed(4, 1, 14);
	let by = |prover| assigned(prover, Delivery::Claimed(claim(prover, executed.execution())));
	let seen = |prover, revoked: &[Tag]| {
		let mut block = by(prover);
		block.drop_void_claim(revoked);
		Waiting::new(4, &block, Some(&executed), &[], &ME, at(20))
	};
	let opening = Opening { since: 10, agreed: None, is_own_failure: false };
	for prover in [ME, OTHER] {
		for revoked in [vec![], vec![Tag::Second(1)]] {
			let valid = seen(prover, &revoked);
			assert!(valid.is_claimed && !matches!(valid.turn, Turn::Anybody(_)));
		}
		let void = seen(prover, &[Tag::Second(1), KEY]);
		let expected = (false, Turn::Anybody(opening), false);
		assert_eq!((void.is_claimed, void.turn, void.is_earning), expected);
	}
	// What was never claimed stays as it is.
	let mut due = assigned(ME, Delivery::Due);
	due.drop_void_claim(&[KEY]);
	assert_eq!(Turn::of(&due, &ME, at(20)), Turn::Mine { deadline: DEADLINE });
	// Claims of others are void in the same way.
	let other = claim(OTHER, executed.execution());
	assert_eq!([&[][..], &[KEY]].map(|revoked| other.is_void(revoked)), [false, true]);
}

/// The clock stands still, so a claim in the next block is still in time.
#[test]
fn a_pause_at_the_deadline_leaves_time() {
	let pause = Clock { now: DEADLINE, paused: 1 };
	let mine = assigned(ME, Delivery::Due);
	assert_eq!(Turn::of(&mine, &ME, pause), Turn::Mine { deadline: DEADLINE });
	assert_eq!(Turn::of(&assigned(OTHER, Delivery::Due), &ME, pause), Turn::NotYet);
	let executed = executed(4, 1, 14);
	let waiting = Waiting::new(4, &mine, Some(&executed), &[], &ME, pause);
	let running = InFlight { running: [task(4)].into(), ..in_flight() };
	let plan = planned(&[waiting], &running, DEADLINE);
	assert_eq!((plan.cancel, plan.unwanted, plan.late, plan.open), (vec![], vec![], 0, 1));
	// The pause is over with the next block.
	assert!(matches!(Turn::of(&mine, &ME, at(DEADLINE)), Turn::Anybody(_)));
	let late = Clock { now: DEADLINE + 1, paused: 1 };
	assert!(matches!(Turn::of(&mine, &ME, late), Turn::Anybody(_)));
}

#[test]
fn an_account_earns_what_it_has_claimed_or_has_to_prove() {
	let executed = executed(4, 1, 14);
	let earns = |block: &Block, claims: &[Claim], now| {
		Waiting::new(4, block, Some(&executed), claims, &ME, at(now)).is_earning
	};
	let by = |prover| claim(prover, executed.execution());
	let open = block(Status::Open { opened_at: 20, fixed_reward: None });
	assert!(earns(&assigned(ME, Delivery::Due), &[], 20));
	assert!(earns(&assigned(ME, Delivery::Claimed(by(ME))), &[], DEADLINE));
	assert!(earns(&open, &[by(OTHER), by(ME)], 21));
	assert!(!earns(&assigned(ME, Delivery::Due), &[], DEADLINE));
	assert!(!earns(&assigned(OTHER, Delivery::Claimed(by(OTHER))), &[by(OTHER)], 20));
	assert!(!earns(&open, &[], 21));
}

#[test]
fn nothing_is_done_for_blocks_of_others() {
	let others = Waiting { turn: Turn::NotYet, ..mine(1) };
	assert_eq!(planned(&[others, open(2, 1)], &in_flight(), 20), Plan::default());
}

/// No block waits for the one before it.
#[test]
fn assigned_blocks_are_proven_at_once() {
	let others = Waiting { turn: Turn::NotYet, ..mine(1) };
	let plan = planned(&[others, mine(2), mine(3)], &in_flight(), 20);
	assert_eq!(plan, Plan { prove: vec![due(2), due(3)], ..nothing(2, 0, Some(80)) });
}

#[test]
fn a_block_that_was_not_executed_yet_is_open_and_not_proven() {
	let unknown = Waiting { right: None, ..mine(1) };
	assert_eq!(planned(&[unknown], &in_flight(), 20), nothing(1, 0, Some(80)));
}

#[test]
fn what_is_claimed_or_being_proven_is_not_begun_again() {
	let claimed = Waiting { is_claimed: true, ..mine(1) };
	assert_eq!(planned(&[claimed], &in_flight(), 20), Plan::default());
	let running = InFlight { running: [task(1)].into(), ..in_flight() };
	assert_eq!(planned(&[mine(1)], &running, 20), nothing(1, 0, Some(80)));
	assert_eq!(planned(&[claimed], &running, 20).unwanted, [task(1)]);
}

#[test]
fn a_finished_proof_is_submitted_once() {
	let mut in_flight = InFlight { finished: [task(1)].into(), ..in_flight() };
	let submit = Plan { submit: vec![due(1)], ..nothing(1, 0, Some(80)) };
	assert_eq!(planned(&[mine(1)], &in_flight, 20), submit);
	in_flight.sent.insert(task(1));
	let awaited = Plan { awaited: vec![due(1)], ..nothing(1, 0, Some(80)) };
	assert_eq!(planned(&[mine(1)], &in_flight, 20), awaited);
	// Its transaction is lost for good.
	in_flight.sent.clear();
	assert_eq!(planned(&[mine(1)], &in_flight, 20), submit);
}

/// A proof of another result, from before a reverted block or another version of the prover.
#[test]
fn a_proof_of_another_result_is_of_no_use() {
	let other = Execution { block_hash: hash(99), ..right(1) };
	let stale = Task { execution: other, ..task(1) };
	let in_flight = InFlight { finished: [stale].into(), running: [stale].into(), ..in_flight() };
	let plan = planned(&[mine(1)], &in_flight, 20);
	assert_eq!((plan.prove, plan.submit, plan.unwanted), (vec![due(1)], vec![], vec![stale]));
}

#[test]
fn a_task_that_failed_is_delayed() {
	let in_flight =
		InFlight { delayed: [task(1), task(2)].into(), finished: [task(2)].into(), ..in_flight() };
	assert_eq!(planned(&[mine(1), mine(2)], &in_flight, 20), nothing(2, 0, Some(80)));
}

#[test]
fn a_barred_result_is_not_repeated() {
	let barred = Waiting { is_barred: true, ..mine(1) };
	let in_flight = InFlight { finished: [task(1)].into(), ..in_flight() };
	assert_eq!(planned(&[barred], &in_flight, 20), nothing(1, 0, Some(80)));
}

#[test]
fn a_claim_can_be_in_time_until_the_block_of_its_deadline() {
	// One submitted at 99 is included at 100.
	let in_time = planned(&[mine(1)], &in_flight(), DEADLINE - 1);
	assert_eq!(in_time, Plan { prove: vec![due(1)], ..nothing(1, 0, Some(1)) });
	let in_flight =
		InFlight { running: [task(1)].into(), finished: [task(1)].into(), ..in_flight() };
	let late = planned(&[failed(1)], &in_flight, DEADLINE);
	assert_eq!(late, Plan { cancel: vec![task(1)], ..nothing(0, 1, None) });
	// Somebody has proven it, or it was in time after all.
	let claimed = Waiting { is_claimed: true, ..failed(1) };
	assert_eq!(planned(&[claimed], &InFlight::default(), DEADLINE).late, 0);
}

#[test]
fn the_most_urgent_block_comes_first_and_rescues_last() {
	let urgent = Waiting { turn: Turn::Mine { deadline: 50 }, ..mine(3) };
	let blocks = [open(1, 1), mine(2), urgent];
	let plan = plan(&blocks, &in_flight(), &[1].into(), 46);
	let first = Due { deadline: Some(50), ..due(3) };
	assert_eq!(plan.prove, [first, due(2), rescue(1)]);
	assert_eq!((plan.open, plan.time_left), (2, Some(4)));
}

#[test]
fn a_rescue_cannot_be_tried_before_the_block_that_allows_it() {
	let expected = |can_be_tried| vec![Due { can_be_tried, ..rescue(1) }];
	let proven = |now| plan(&[open(1, DEADLINE)], &in_flight(), &[1].into(), now).prove;
	assert_eq!(proven(DEADLINE), expected(false));
	assert_eq!(proven(DEADLINE + 1), expected(true));
}

/// Others have proven it, or it no longer pays.
#[test]
fn a_rescue_that_is_not_chosen_any_more_is_unwanted() {
	let running = InFlight { running: [task(1)].into(), ..in_flight() };
	let chosen = plan(&[open(1, 1)], &running, &[1].into(), 20);
	assert_eq!(chosen, Plan { yielding: vec![task(1)], ..Plan::default() });
	let left = plan(&[open(1, 1)], &running, &BTreeSet::new(), 20);
	assert_eq!(left, Plan { unwanted: vec![task(1)], ..Plan::default() });
}

#[test]
fn an_own_failure_can_be_rescued() {
	let plan = plan(&[failed(1)], &in_flight(), &[1].into(), DEADLINE + 1);
	assert_eq!(plan, Plan { prove: vec![rescue(1)], ..nothing(0, 1, None) });
}

/// A node that is some blocks behind, or a reverted block.
#[test]
fn what_is_being_proven_goes_on_though_a_view_does_not_show_the_assignment() {
	let running = InFlight { running: [task(1)].into(), ..in_flight() };
	let others = Waiting { turn: Turn::NotYet, ..mine(1) };
	for blocks in [&[others][..], &[], &[open(1, 1)]] {
		let unwanted = Plan { unwanted: vec![task(1)], ..Plan::default() };
		assert_eq!(planned(blocks, &running, 20), unwanted, "{blocks:?}");
	}
}

#[test]
fn claims_that_differ_on_the_same_parent_are_found() {
	let right = right(4);
	let wrong = [
		claim(OTHER, Execution { block_hash: hash(99), ..right }),
		claim(OTHER, Execution { gas_used: 99, ..right }),
	];
	let elsewhere =
		claim(OTHER, Execution { parent_hash: hash(98), block_hash: hash(99), ..right });
	let due = assigned(OTHER, Delivery::Due);
	let claims = [wrong[0].clone(), claim(ME, right), elsewhere.clone(), wrong[1].clone()];
	let hashes = |block: &Block, claims: &[Claim]| -> Vec<(H256, u32)> {
		differing(block, &right, claims)
			.map(|claim| (claim.execution.block_hash, claim.execution.gas_used))
			.collect()
	};
	assert_eq!(hashes(&due, &claims), [(hash(99), right.gas_used), (right.block_hash, 99)]);
	// That of the assigned prover as well.
	let claimed = assigned(OTHER, Delivery::Claimed(wrong[0].clone()));
	assert_eq!(hashes(&claimed, &[]), [(hash(99), right.gas_used)]);
	assert_eq!(hashes(&assigned(OTHER, Delivery::Claimed(elsewhere)), &[]), []);
}

mod whatever_the_chain_shows {
	use super::*;
	use proptest::{collection::vec, prelude::*};

	fn any_waiting() -> impl Strategy<Value = Waiting> {
		let turn = (0..4u8, 15..40u32).prop_map(|(kind, at)| match kind {
			0 => Turn::NotYet,
			1 => Turn::Anybody(Opening { since: at - 10, agreed: None, is_own_failure: false }),
			2 => Turn::Anybody(Opening { since: at - 10, agreed: Some(1), is_own_failure: true }),
			_ => Turn::Mine { deadline: at },
		});
		(turn, any::<bool>(), any::<bool>(), 0..5u8).prop_map(|(turn, known, claimed, barred)| {
			Waiting {
				right: known.then_some(right(0)),
				turn,
				is_claimed: claimed && known,
				is_barred: barred == 0 && known,
				..mine(0)
			}
		})
	}

	fn any_blocks() -> impl Strategy<Value = Vec<Waiting>> {
		vec(any_waiting(), 0..8).prop_map(|blocks| {
			let numbered = (1..).zip(blocks);
			numbered
				.map(|(id, block)| Waiting { id, right: block.right.map(|_| right(id)), ..block })
				.collect()
		})
	}

	fn any_tasks() -> impl Strategy<Value = BTreeSet<Task>> {
		vec(1..9u64, 0..5).prop_map(|ids| ids.into_iter().map(task).collect())
	}

	prop_compose! {
		fn any_in_flight()(
			finished in any_tasks(),
			sent in any_tasks(),
			running in any_tasks(),
			delayed in any_tasks(),
		) -> InFlight {
			InFlight { finished, sent, running, delayed }
		}
	}

	proptest! {
		/// Nothing is done that the chain would refuse, that is done already, or that is another's;
		/// and nothing that is due is forgotten.
		#[test]
		fn exactly_what_is_due_is_done(
			blocks in any_blocks(),
			in_flight in any_in_flight(),
			rescues in vec(1..9u64, 0..5),
			now in 10..15u32,
		) {
			let rescues: BTreeSet<_> = rescues.into_iter().collect();
			let plan = plan(&blocks, &in_flight, &rescues, now);
			for block in &blocks {
				let task = task(block.id);
				let count = |list: &[Due]| list.iter().filter(|due| due.task == task).count();
				let done = [count(&plan.prove), count(&plan.submit), count(&plan.awaited)];
				let chosen = match block.turn {
					Turn::Mine { .. } => true,
					Turn::Anybody(_) => rescues.contains(&block.id),
					Turn::NotYet => false,
				};
				let usable = block.right.is_some() && !block.is_claimed && !block.is_barred;
				let is_due = chosen && usable && !in_flight.delayed.contains(&task);
				let expected = match () {
					() if !is_due => [0, 0, 0],
					() if in_flight.sent.contains(&task) => [0, 0, 1],
					() if in_flight.finished.contains(&task) => [0, 1, 0],
					() if in_flight.running.contains(&task) => [0, 0, 0],
					() => [1, 0, 0],
				};
				prop_assert_eq!(done, expected, "{:?}", block);
			}
			// A running proof is needed, given up, or of no use at present.
			for running in &in_flight.running {
				let listed = plan.unwanted.contains(running) || plan.cancel.contains(running);
				let needed = blocks.iter().any(|block| {
					task(block.id) == *running && block.right.is_some()
						&& !block.is_claimed && !block.is_barred
						&& match block.turn {
							Turn::Mine { .. } => true,
							Turn::Anybody(_) => rescues.contains(&block.id),
							Turn::NotYet => false,
						}
				});
				prop_assert_eq!(listed, !needed);
			}
		}
	}
}
