use super::*;
use crate::chain::api::runtime_types::{
	bounded_collections::bounded_vec::BoundedVec,
	pallet_block_proposal::types::{Assignment, ChainState, Escrow, Proof},
};

pub(crate) const ME: AccountId = AccountId([7; 32]);
const OTHER: AccountId = AccountId([8; 32]);
const DEADLINE: u32 = 100;
const RESERVE: u32 = 5;
/// The last verified hash.
const VERIFIED: u8 = 1;

fn hash(byte: u8) -> H256 {
	H256([byte; 32])
}

fn task(block: BlockId, parent: u8) -> Task {
	Task { block, parent: hash(parent) }
}

fn due(block: BlockId, parent: u8, parent_id: BlockId) -> Due {
	Due { task: task(block, parent), parent_id, parent_on_chain: true, deadline: DEADLINE }
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
		disputed_at: None,
		proofs: BoundedVec(vec![]),
		barred: BoundedVec(vec![]),
	}
}

fn assigned(prover: AccountId) -> Block {
	block(Status::Assigned(Assignment {
		prover,
		reward_per_gas: 10_000,
		start: 1,
		deadline: DEADLINE,
		released: false,
		failed: false,
	}))
}

pub(crate) fn mine() -> Block {
	assigned(ME)
}

fn failed() -> Block {
	let mut block = mine();
	if let Status::Assigned(assignment) = &mut block.status {
		assignment.failed = true;
	}
	block
}

/// The same with a proof, made at time 10, on this parent, that gives it this hash.
fn proven(mut block: Block, prover: AccountId, parent: u8, gives: u8) -> Block {
	block.proofs.0.push(Proof {
		prover,
		block_hash: hash(gives),
		parent_hash: hash(parent),
		gas_used: 1,
		reward_per_gas: 1,
		bond: 0,
		proven_at: 10,
	});
	block
}

/// The blocks wait, from 1 on.
fn view(now: u32, blocks: Vec<Block>) -> View {
	let waiting: Vec<_> = (1..).zip(blocks).collect();
	let state = ChainState {
		next_id: waiting.len() as BlockId + 1,
		head: 1,
		verified_id: 0,
		verified_hash: hash(VERIFIED),
		verified_at: 1,
		pending: 0,
		open: 0,
	};
	View { now, state, waiting }
}

fn plan(view: &View, in_flight: &InFlight) -> Plan {
	view.plan(&ME, in_flight, RESERVE)
}

fn finished(tasks: &[(Task, u8)]) -> InFlight {
	let finished = tasks.iter().map(|(task, gives)| (*task, hash(*gives))).collect();
	InFlight { finished, ..InFlight::default() }
}

fn running(tasks: &[Task]) -> InFlight {
	InFlight { running: tasks.iter().copied().collect(), ..InFlight::default() }
}

/// A plan that only counts.
fn nothing(open: usize, late: usize, time_left: Option<u32>) -> Plan {
	Plan { open, late, time_left, ..Plan::default() }
}

#[test]
fn nothing_is_done_for_blocks_of_others() {
	let pending = block(Status::Pending);
	let open = block(Status::Open { opened_at: 1, frozen_reward: None });
	let view = view(20, vec![assigned(OTHER), pending, open]);
	assert_eq!(plan(&view, &InFlight::default()), Plan::default());
}

#[test]
fn an_assigned_block_is_proven_on_the_verified_hash_or_on_the_proof_before_it() {
	let expected = |due| Plan { prove: vec![due], ..nothing(1, 0, Some(80)) };
	let head = view(20, vec![mine()]);
	assert_eq!(plan(&head, &InFlight::default()), expected(due(1, VERIFIED, 0)));
	let second = view(20, vec![proven(assigned(OTHER), OTHER, VERIFIED, 2), mine()]);
	assert_eq!(plan(&second, &InFlight::default()), expected(due(2, 2, 1)));
	// A proof on another parent leads nowhere; of two on the right one the earlier counts.
	let forks = proven(assigned(OTHER), OTHER, 9, 3);
	let forks = proven(proven(forks, OTHER, VERIFIED, 4), ME, VERIFIED, 5);
	assert_eq!(plan(&view(20, vec![forks, mine()]), &InFlight::default()), expected(due(2, 4, 1)));
}

#[test]
fn what_is_proven_or_being_proven_is_not_begun_again() {
	let view_of = |block| view(20, vec![block]);
	let there = view_of(proven(mine(), ME, VERIFIED, 2));
	assert_eq!(plan(&there, &InFlight::default()), nothing(0, 0, None));
	let running = running(&[task(1, VERIFIED)]);
	assert_eq!(plan(&view_of(mine()), &running), nothing(1, 0, Some(80)));
	// Not even if the proof at hand is found to be there.
	assert_eq!(plan(&there, &finished(&[(task(1, VERIFIED), 2)])), nothing(0, 0, None));
}

#[test]
fn a_proof_at_hand_is_sent_once() {
	let view = view(20, vec![mine()]);
	let mut in_flight = finished(&[(task(1, VERIFIED), 2)]);
	let expected = Plan { submit: vec![due(1, VERIFIED, 0)], ..nothing(1, 0, Some(80)) };
	assert_eq!(plan(&view, &in_flight), expected);
	in_flight.sent.insert(task(1, VERIFIED));
	let awaited = Plan { awaited: vec![due(1, VERIFIED, 0)], ..nothing(1, 0, Some(80)) };
	assert_eq!(plan(&view, &in_flight), awaited);
	// Its transaction is lost for good.
	in_flight.sent.clear();
	assert_eq!(plan(&view, &in_flight), expected);
}

#[test]
fn what_failed_rests() {
	let view = view(20, vec![mine(), mine()]);
	let mut in_flight = InFlight { delayed: [task(1, VERIFIED)].into(), ..InFlight::default() };
	assert_eq!(plan(&view, &in_flight), nothing(2, 0, Some(80)));
	// What builds on a proof that cannot be sent is not sent either.
	in_flight.finished = finished(&[(task(1, VERIFIED), 2), (task(2, 2), 3)]).finished;
	assert_eq!(plan(&view, &in_flight), nothing(2, 0, Some(80)));
}

#[test]
fn a_successor_is_proven_on_our_own_proof_before_that_is_on_chain() {
	let view = view(20, vec![mine(), mine()]);
	let in_flight = finished(&[(task(1, VERIFIED), 2)]);
	let on_ours = Due { parent_on_chain: false, ..due(2, 2, 1) };
	let first = plan(&view, &in_flight);
	assert_eq!((first.submit, first.prove), (vec![due(1, VERIFIED, 0)], vec![on_ours]));
	// Both are sent together, in their order.
	let in_flight = finished(&[(task(1, VERIFIED), 2), (task(2, 2), 3)]);
	assert_eq!(plan(&view, &in_flight).submit, [due(1, VERIFIED, 0), on_ours]);
	// Or one after the other.
	let in_flight = InFlight { sent: [task(1, VERIFIED)].into(), ..in_flight };
	assert_eq!(plan(&view, &in_flight).submit, [on_ours]);
}

#[test]
fn a_block_waits_for_its_predecessor_but_not_too_long() {
	let blocks = || vec![assigned(OTHER), mine()];
	let last_calm = DEADLINE - RESERVE - 1;
	let calm = plan(&view(last_calm, blocks()), &InFlight::default());
	assert_eq!(calm, nothing(1, 0, Some(RESERVE + 1)));
	let urgent = plan(&view(last_calm + 1, blocks()), &InFlight::default());
	assert_eq!(urgent.prove, [due(2, VERIFIED, 0)]);
	// Built on the last proof before the gap.
	let blocks = vec![proven(assigned(OTHER), OTHER, VERIFIED, 2), assigned(OTHER), mine()];
	assert_eq!(plan(&view(last_calm + 1, blocks), &InFlight::default()).prove, [due(3, 2, 1)]);
}

#[test]
fn a_proof_can_be_in_time_until_the_block_of_its_deadline() {
	// One sent at 99 is included at 100.
	let in_time = plan(&view(DEADLINE - 1, vec![mine()]), &InFlight::default());
	assert_eq!(in_time, Plan { prove: vec![due(1, VERIFIED, 0)], ..nothing(1, 0, Some(1)) });
	let in_flight =
		InFlight { running: [task(1, VERIFIED)].into(), ..finished(&[(task(1, VERIFIED), 2)]) };
	let late = plan(&view(DEADLINE, vec![mine()]), &in_flight);
	assert_eq!(late, Plan { cancel: vec![task(1, VERIFIED)], ..nothing(0, 1, None) });
}

#[test]
fn a_failed_assignment_cannot_be_saved() {
	let view = view(20, vec![failed()]);
	assert_eq!(plan(&view, &finished(&[(task(1, VERIFIED), 2)])), nothing(0, 1, None));
}

#[test]
fn a_barred_prover_does_not_try_again_on_that_parent() {
	let mut barred = mine();
	barred.barred.0.push((hash(VERIFIED), ME));
	let plan_of = |block| plan(&view(20, vec![block]), &InFlight::default()).prove;
	assert_eq!(plan_of(barred.clone()), []);
	barred.barred.0[0].1 = OTHER;
	assert_eq!(plan_of(barred), [due(1, VERIFIED, 0)]);
}

#[test]
fn a_lost_proof_is_made_anew_and_one_on_a_wrong_parent_replaced() {
	// Block 1 turned out otherwise than we had built on.
	let first = proven(assigned(OTHER), OTHER, VERIFIED, 2);
	let blocks = || vec![first.clone(), proven(mine(), ME, 9, 3)];
	let expected = Plan { prove: vec![due(2, 2, 1)], ..nothing(0, 0, None) };
	assert_eq!(plan(&view(20, blocks()), &InFlight::default()), expected);
	// But not when the replacement would be late, and the proof there is not.
	assert_eq!(plan(&view(DEADLINE, blocks()), &InFlight::default()), nothing(0, 0, None));
	// The proof that is there need not be replaced in a hurry as long as the parent is not known.
	let blocks = vec![assigned(OTHER), proven(mine(), ME, 9, 3)];
	assert_eq!(plan(&view(DEADLINE - 1, blocks), &InFlight::default()), nothing(0, 0, None));
	// The chain dropped it: a second window, and the proof that is at hand is on a dead parent.
	let in_flight = finished(&[(task(2, 9), 3)]);
	let again = plan(&view(20, vec![first, mine()]), &in_flight);
	assert_eq!(again, Plan { prove: vec![due(2, 2, 1)], ..nothing(1, 0, Some(80)) });
}

#[test]
fn a_block_that_another_has_proven_rightly_is_left_alone() {
	// In a second window: the prover that came before is paid, and we are discharged.
	let view = view(20, vec![proven(mine(), OTHER, VERIFIED, 2)]);
	assert_eq!(plan(&view, &InFlight::default()), nothing(0, 0, None));
}

#[test]
fn what_is_no_longer_the_parent_is_unwanted() {
	let blocks = vec![proven(assigned(OTHER), OTHER, VERIFIED, 2), mine()];
	let in_flight = running(&[task(2, 9), task(5, 1)]);
	let expected = Plan {
		prove: vec![due(2, 2, 1)],
		unwanted: vec![task(2, 9), task(5, 1)],
		..nothing(1, 0, Some(80))
	};
	assert_eq!(plan(&view(20, blocks), &in_flight), expected);
}

/// A node that is some blocks behind, or a reverted block.
#[test]
fn what_is_being_proven_goes_on_though_a_view_does_not_show_the_assignment() {
	let in_flight = running(&[task(1, VERIFIED)]);
	let unwanted = Plan { unwanted: vec![task(1, VERIFIED)], ..Plan::default() };
	let open = block(Status::Open { opened_at: 1, frozen_reward: None });
	for blocks in [vec![block(Status::Pending)], vec![], vec![open], vec![assigned(OTHER)]] {
		assert_eq!(plan(&view(20, blocks.clone()), &in_flight), unwanted, "{blocks:?}");
	}
	// Here there is no doubt.
	let cancelled = Plan { cancel: vec![task(1, VERIFIED)], ..nothing(0, 1, None) };
	assert_eq!(plan(&view(20, vec![failed()]), &in_flight), cancelled);
	let there = view(DEADLINE, vec![proven(mine(), ME, VERIFIED, 2)]);
	assert_eq!(plan(&there, &in_flight), Plan { late: 0, ..cancelled });
}

#[test]
fn in_a_hurry_what_is_at_hand_is_sent_if_the_chain_takes_it() {
	let blocks = || vec![proven(assigned(OTHER), OTHER, VERIFIED, 2), mine()];
	let urgent = || view(DEADLINE - 2, blocks());
	// It had begun on the verified hash, while its predecessor was not there yet.
	let in_flight = finished(&[(task(2, VERIFIED), 3)]);
	let sent = plan(&urgent(), &in_flight);
	assert_eq!((sent.submit, sent.prove), (vec![due(2, VERIFIED, 0)], vec![due(2, 2, 1)]));
	// What is still being proven goes on.
	assert_eq!(plan(&urgent(), &running(&[task(2, VERIFIED)])).unwanted, []);
	// On a parent that the chain does not know it is of no use.
	assert_eq!(plan(&urgent(), &finished(&[(task(2, 9), 3)])).submit, []);
	assert_eq!(plan(&urgent(), &running(&[task(2, 9)])).unwanted, [task(2, 9)]);
	// Without hurry, or with the right one at hand, only that is sent.
	assert_eq!(plan(&view(20, blocks()), &in_flight).submit, []);
	let both = finished(&[(task(2, VERIFIED), 3), (task(2, 2), 4)]);
	assert_eq!(plan(&urgent(), &both).submit, [due(2, 2, 1)]);
}

#[test]
fn the_most_urgent_block_comes_first() {
	let mut urgent = mine();
	if let Status::Assigned(assignment) = &mut urgent.status {
		assignment.deadline = 50;
	}
	let blocks = vec![mine(), assigned(OTHER), urgent];
	let plan = plan(&view(46, blocks), &InFlight::default());
	let first = Due { deadline: 50, ..due(3, VERIFIED, 0) };
	assert_eq!(plan.prove, [first, due(1, VERIFIED, 0)]);
	assert_eq!((plan.open, plan.time_left), (2, Some(4)));
}

mod whatever_the_chain_shows {
	use super::*;
	use proptest::{collection::vec, prelude::*};

	/// A block with some proofs among few hashes, so that chains of them are common.
	fn any_block() -> impl Strategy<Value = Block> {
		let prover = || prop_oneof![Just(ME), Just(OTHER)];
		let proof = (prover(), 1..6u8, 1..6u8);
		(0..5u8, prover(), 15..40u32, vec(proof, 0..3), any::<bool>()).prop_map(
			|(kind, prover, deadline, proofs, barred)| {
				let mut it = match kind {
					0 => block(Status::Pending),
					1 => block(Status::Open { opened_at: 1, frozen_reward: None }),
					_ => assigned(prover),
				};
				if let Status::Assigned(assignment) = &mut it.status {
					assignment.deadline = deadline;
					assignment.failed = kind == 2;
				}
				for (prover, parent, gives) in proofs {
					it = proven(it, prover, parent, gives);
				}
				if barred {
					it.barred.0.push((hash(2), ME));
				}
				it
			},
		)
	}

	fn any_tasks() -> impl Strategy<Value = Vec<Task>> {
		vec((1..8u64, 1..6u8).prop_map(|(block, parent)| task(block, parent)), 0..5)
	}

	prop_compose! {
		fn any_in_flight()(
			finished in vec((1..8u64, 1..6u8, 1..6u8), 0..6),
			running in any_tasks(),
			delayed in any_tasks(),
			sent in vec(any::<bool>(), 6),
		) -> InFlight {
			let finished: BTreeMap<_, _> =
				finished.into_iter().map(|(block, parent, gives)| (task(block, parent), hash(gives))).collect();
			let sent = finished.keys().zip(sent).filter(|(_, sent)| *sent).map(|(task, _)| *task).collect();
			InFlight {
				finished,
				sent,
				running: running.into_iter().collect(),
				delayed: delayed.into_iter().collect(),
			}
		}
	}

	proptest! {
		/// Nothing is done that the chain would refuse, that is done already, or that is another's.
		#[test]
		fn what_is_done_is_of_use(
			now in 10..40u32,
			blocks in vec(any_block(), 0..7),
			in_flight in any_in_flight(),
			reserve in 1..20u32,
		) {
			let view = view(now, blocks);
			let plan = view.plan(&ME, &in_flight, reserve);
			let find = |id: BlockId| &view.waiting.iter().find(|(it, _)| *it == id).unwrap().1;
			let mut gone: Vec<BlockId> = in_flight.sent.iter().map(|task| task.block).collect();
			for due in plan.submit.iter().chain(&plan.prove) {
				let Due { task, parent_id, parent_on_chain, deadline } = *due;
				let block = find(task.block);
				let Status::Assigned(assignment) = &block.status else { panic!("not assigned") };
				prop_assert_eq!((assignment.prover, assignment.failed), (ME, false));
				prop_assert!(now < deadline && deadline == assignment.deadline);
				prop_assert!(!is_barred(block, task.parent, &ME));
				prop_assert!(!in_flight.delayed.contains(&task));
				let ours = |proof: &Proof<_, _, _>| proof.prover == ME && proof.parent_hash == task.parent;
				prop_assert!(!block.proofs.0.iter().any(ours));
				// The parent is what the pallet asks for, or will be by what is sent before.
				if parent_on_chain {
					let there = match parent_id {
						0 => view.state.verified_hash == task.parent,
						id => find(id).proofs.0.iter().any(|proof| proof.block_hash == task.parent),
					};
					prop_assert!(there && parent_id < task.block);
				} else {
					let own = |made: &(&Task, &H256)| made.0.block == parent_id && *made.1 == task.parent;
					prop_assert!(in_flight.finished.iter().any(|made| own(&made)) && parent_id < task.block);
				}
			}
			for due in &plan.submit {
				prop_assert!(in_flight.finished.contains_key(&due.task) && !in_flight.sent.contains(&due.task));
				prop_assert!(due.parent_on_chain || gone.contains(&due.parent_id));
				gone.push(due.task.block);
			}
			for due in &plan.prove {
				prop_assert!(!in_flight.finished.contains_key(&due.task) && !in_flight.running.contains(&due.task));
			}
			for (place, due) in plan.submit.iter().enumerate() {
				prop_assert!(plan.submit[..place].iter().all(|other| other.task != due.task));
			}
		}

		/// A block whose parent is certain is never left without anything being done for it.
		#[test]
		fn no_block_is_forgotten(now in 10..40u32, blocks in vec(any_block(), 0..7), reserve in 1..20u32) {
			let view = view(now, blocks);
			let plan = view.plan(&ME, &InFlight::default(), reserve);
			let mut parent = view.state.verified_hash;
			let first = view.waiting.iter().find(|(_, block)| match hash_on(block, parent) {
				Some(hash) => { parent = hash; false },
				None => true,
			});
			let Some((id, block)) = first else { return Ok(()) };
			let mine = matches!(duty_status(block, &ME, now), Some(DutyStatus::Open(_)));
			let may = mine && !is_barred(block, parent, &ME);
			let begun = plan.prove.iter().any(|due| due.task == Task { block: *id, parent });
			prop_assert_eq!(may, begun);
		}
	}
}
