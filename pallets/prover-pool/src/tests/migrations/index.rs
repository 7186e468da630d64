//! A pool that is scanned becomes one with a book and an index: step by step, and nothing of it shows.

use frame_support::{
	assert_ok, assert_storage_noop,
	migrations::{SteppedMigration, SteppedMigrationError},
	traits::{GetStorageVersion, StorageVersion},
	weights::{Weight, WeightMeter},
};
use prover_pool_primitives::{BlockId, OpenReason, ProverPool as Pool};

use crate::{
	members::Members,
	migrations::{old, IndexMembers},
	mock::*,
	AssignmentOf, Books, DrawQueue, Nodes, Pages, ProverOf, ProverWeight, Slots, StakerInfoOf,
	Stakers, Waiting,
};

type Migration = IndexMembers<Test>;
type Cursor = Option<AccountId>;

/// What one account of the migration weighs.
pub(super) fn one() -> Weight {
	ProverPool::weight_of_migration()
}

pub(super) fn step(cursor: Cursor, limit: Weight) -> Result<Cursor, SteppedMigrationError> {
	let mut meter = WeightMeter::with_limit(limit);
	let next = Migration::step(cursor, &mut meter);
	assert!(meter.consumed().all_lte(limit));
	next
}

/// Runs the migration to its end, and gives the number of its steps.
pub(super) fn migrate(limit: Weight) -> u32 {
	migrate_from(None, limit)
}

fn migrate_from(mut cursor: Cursor, limit: Weight) -> u32 {
	for steps in 1.. {
		cursor = step(cursor, limit).unwrap();
		if cursor.is_none() {
			return steps;
		}
	}
	unreachable!("no migration takes so many steps")
}

fn version() -> StorageVersion {
	ProverPool::on_chain_storage_version()
}

/// Brings the pool into the layout of version 1, in which it has no book.
fn into_old_layout() {
	let mut members = Members::<Test>::open();
	for who in Stakers::<Test>::iter_keys().collect::<Vec<_>>() {
		Migration::undo(who, &mut members);
	}
	members.close();
	let book = Books::<Test>::take();
	assert!(book.root.node.is_none() && book.top.is_none());
	assert_eq!((book.places, book.slots, book.full), Default::default());
	assert_eq!(Nodes::<Test>::iter().count() + Waiting::<Test>::iter().count(), 0);
	// Those who left once are still named.
	let _ = Slots::<Test>::clear(u32::MAX, None);
	let _ = Pages::<Test>::clear(u32::MAX, None);
	StorageVersion::new(1).put::<ProverPool>();
}

/// Everything that can be asked of the pool.
#[derive(Debug, PartialEq)]
struct Shown {
	stakers: Vec<(AccountId, StakerInfoOf<Test>)>,
	assignments: Vec<Vec<(BlockId, AssignmentOf<Test>)>>,
	held: Vec<(Balance, Balance)>,
	provers: Vec<(u32, ProverOf<Test>)>,
	weights: Vec<Vec<ProverWeight>>,
	places: (u64, u64),
	pending: Vec<BlockId>,
}

fn shown() -> Shown {
	let everybody = || 1..=MEMBERS + 5;
	let weights = |fee| ProverPool::get_prover_weights(fee, 1, u32::MAX);
	Shown {
		stakers: everybody().map(|who| (who, ProverPool::get_staker(who))).collect(),
		assignments: everybody().map(|who| ProverPool::get_assignments(who, None, 99)).collect(),
		held: everybody().map(held).collect(),
		provers: ProverPool::get_provers(1, u32::MAX),
		weights: [0, 1, 60, 100, 140, 5_000].map(weights).into(),
		places: (ProverPool::get_capacity(), <ProverPool as Pool<_, _>>::free_capacity()),
		pending: pending(),
	}
}

const MEMBERS: AccountId = 30;
const DELAY: u64 = 20;
/// The block in which [`busy`] leaves the chain.
const NOW: u64 = 32;

/// A pool with a bit of everything, of thirty that were there from genesis, five that came later, and
/// with slots that are vacant or had several members.
fn busy(test: impl FnOnce()) {
	let mut pool = ExtBuilder::default().max_provers(40).entry_delay(DELAY);
	for who in 1..=MEMBERS {
		pool = pool.balance(who, START_BALANCE).provers(&[(
			who,
			1_000 + 7 * Balance::from(who),
			50 + 5 * who as u32,
			4,
		)]);
	}
	for who in MEMBERS + 1..=MEMBERS + 5 {
		pool = pool.balance(who, START_BALANCE);
	}
	pool.build_and_execute(|| {
		// Work in all states, for members and for those who leave.
		for (block_id, who) in (1..).zip([1, 1, 1, 1, 2, 2, 3, 4]) {
			assign(block_id, who);
		}
		for block_id in [2, 6, 7] {
			assert_ok!(release(block_id));
		}
		advance_clock(11);
		for who in [2, 4, 10, 11, 30] {
			assert_ok!(exit(who));
		}
		assert_ok!(slash(5, 50));
		// Entered in 17, 30, 31 and 32. One of them was there before, and is liable.
		assert_eq!(System::block_number(), 17);
		assert_ok!(stake(31, 500, 100, 4));
		assert_ok!(stake(32, 600, 90, 4));
		run_to_block(NOW - 2);
		assert_ok!(stake(33, 700, 80, 4));
		run_to_block(NOW - 1);
		assert_ok!(stake(1, 400, 110, 5));
		assert_ok!(request(100));
		run_to_block(NOW);
		// Before the draw of 100, which has no seed.
		Seed::set(None);
		assert_ok!(request(101));
		assert_ok!(stake(34, 900, 3_000, 2));
		ProverPool::do_try_state().unwrap();
		test();
	});
}

#[test]
fn nothing_of_it_shows() {
	for (accounts, steps) in [(1, 35), (2, 18), (7, 5), (34, 2), (35, 1), (1_000, 1)] {
		busy(|| {
			let before = shown();
			assert_eq!(before.provers.len(), 29);
			assert_eq!(Stakers::<Test>::iter().count(), 34, "five without a slot");
			let waiting: Vec<_> = Waiting::<Test>::iter_keys().collect();
			assert_eq!(waiting.len(), 5);

			into_old_layout();
			System::reset_events();
			assert_eq!(old::Stakers::<Test>::iter().count(), 34);
			assert_eq!(old::Provers::<Test>::iter().count(), 29);
			assert_eq!(migrate(one() * accounts), steps, "{accounts} in a step");

			assert_eq!(version(), 2);
			assert_eq!(old::Provers::<Test>::iter_keys().count(), 0);
			assert_eq!(shown(), before);
			assert_eq!(Waiting::<Test>::iter_keys().collect::<Vec<_>>(), waiting);
			assert_eq!(pool_events().len(), 0, "nothing has happened");
			assert_ok!(ProverPool::do_try_state());
		});
	}
}

#[test]
fn a_second_run_does_nothing() {
	busy(|| {
		into_old_layout();
		migrate(one() * 9);
		assert_storage_noop!(assert_eq!(step(None, one() * 1_000), Ok(None)));
		assert_storage_noop!(assert_eq!(step(Some(7), Weight::zero()), Ok(None)));
	});
}

#[test]
fn too_little_weight_is_refused() {
	busy(|| {
		into_old_layout();
		let required = one();
		for limit in [
			Weight::zero(),
			required - Weight::from_parts(1, 0),
			required - Weight::from_parts(0, 1),
		] {
			assert_storage_noop!(assert_eq!(
				step(None, limit),
				Err(SteppedMigrationError::InsufficientWeight { required })
			));
		}
		// Also on the way.
		let cursor = step(None, required).unwrap();
		assert_storage_noop!(assert_eq!(
			step(cursor, Weight::zero()),
			Err(SteppedMigrationError::InsufficientWeight { required })
		));
		assert_eq!(migrate_from(cursor, required), 34);
	});
}

#[test]
fn every_step_goes_on_where_the_last_one_ended() {
	busy(|| {
		let before = shown().stakers;
		into_old_layout();
		let order: Vec<_> = Stakers::<Test>::iter_keys().collect();
		let mut cursor = None;
		for (done, who) in order.iter().enumerate() {
			assert_eq!(version(), 1);
			cursor = step(cursor, one()).unwrap();
			assert_eq!(cursor, Some(*who));
			// Those who were reached are as they were, and all that the book knows.
			let members = order[..=done].iter().filter(|who| prover(**who).is_some()).count();
			assert_eq!(Books::<Test>::get().root.len as usize, members);
			for who in &order[..=done] {
				assert!(before.contains(&(*who, ProverPool::get_staker(*who))));
			}
		}
		assert_eq!(version(), 1, "that there is nobody left is not known yet");
		assert_eq!(step(cursor, one()), Ok(None));
		assert_eq!(version(), 2);
	});
}

#[test]
fn an_empty_pool_is_done_at_once() {
	ExtBuilder::default().build_and_execute(|| {
		into_old_layout();
		assert_eq!(step(None, one()), Ok(None));
		assert_eq!(version(), 2);
	});
}

#[test]
fn only_those_wait_whose_delay_is_not_over() {
	/// Who waits, if the migration runs in this block.
	fn waiting_after(block: u64) -> Vec<AccountId> {
		let mut waiting = Vec::new();
		busy(|| {
			into_old_layout();
			System::set_block_number(block);
			migrate(one() * 5);
			assert_ok!(ProverPool::do_try_state());
			waiting = (1..=MEMBERS + 5)
				.filter(|who| prover(*who).is_some_and(|prover| prover.waiting))
				.collect();
		});
		waiting
	}
	// A draw in the next block may choose those who entered more than 20 blocks before it. None of
	// genesis waits, and Alice is not one of them any more.
	assert_eq!(waiting_after(NOW), [1, 31, 32, 33, 34]);
	assert_eq!(waiting_after(17 + DELAY - 1), [1, 31, 32, 33, 34]);
	assert_eq!(waiting_after(17 + DELAY), [1, 33, 34]);
	assert_eq!(waiting_after(NOW + DELAY - 1), [34]);
	assert!(waiting_after(NOW + DELAY).is_empty());
}

/// The index as the pool has it when it was never without: what shows a member to have been let in too
/// late, or too early.
#[test]
fn whoever_waits_takes_part_as_if_nothing_had_been() {
	for block in NOW..=NOW + DELAY + 1 {
		busy(|| {
			run_to_block(block);
			let before = shown();
			into_old_layout();
			migrate(one() * 5);
			assert_eq!(shown(), before, "in block {block}");
		});
	}
}

#[test]
fn draws_stop_meanwhile_and_go_on_afterwards() {
	busy(|| {
		outcomes();
		into_old_layout();
		Seed::set(Some(Default::default()));
		Migrating::set(true);
		let mut cursor = None;
		loop {
			let queued = DrawQueue::<Test>::get();
			run_blocks(1);
			assert_eq!(DrawQueue::<Test>::get(), queued);
			cursor = step(cursor, one() * 7).unwrap();
			if cursor.is_none() {
				break;
			}
		}
		Migrating::set(false);
		assert_eq!(
			(System::block_number(), outcomes(), pending()),
			(NOW + 5, vec![], vec![100, 101])
		);

		// The turns that have come meanwhile, that of account 31 in this block, are taken after the draws.
		aim(100, 7, FEE);
		aim(101, 8, FEE);
		run_blocks(1);
		let assigned = |prover, reward_per_gas| Outcome::Assigned { prover, reward_per_gas };
		assert_eq!(outcomes(), [(100, assigned(7, 85)), (101, assigned(8, 90))]);
		assert_ok!(request(102));
		aim(102, 31, FEE);
		KnownSince::set(Some(u64::MAX));
		run_blocks(1);
		assert_eq!(outcomes(), [(102, assigned(31, 100))]);
	});
}

/// Nobody is left in the pool, but somebody with an exit.
#[test]
fn a_pool_of_leavers_has_no_members() {
	ExtBuilder::default().provers(&[(ALICE, 1_000, 100, 4)]).build_and_execute(|| {
		advance_clock(11);
		assert_ok!(exit(ALICE));
		into_old_layout();
		migrate(one());
		assert_eq!(staker(ALICE).exit_amount, 1_000);
		assert_ok!(request(1));
		run_blocks(2);
		assert_eq!(outcomes(), [(1, Outcome::Open { reason: OpenReason::EmptyPool })]);
	});
}
