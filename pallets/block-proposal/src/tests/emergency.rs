//! Life 7: the clock, pauses, resets, and the start on a chain that already runs.

use frame_support::{
	assert_noop, assert_ok,
	traits::Hooks,
	weights::{Weight, WeightMeter},
};
use sp_core::H256;
use sp_runtime::traits::BadOrigin;

use crate::mock::*;

fn pause() {
	assert_ok!(BlockProposal::pause(root()));
}

fn pass_blocks(blocks: u64) {
	(0..blocks).for_each(|_| next_block());
}

#[test]
fn the_clock_counts_every_block_that_admits_extrinsics() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!((now(), System::block_number()), (1, 1));
		pass_blocks(2);
		assert_eq!((now(), System::block_number()), (3, 3));
	});
}

#[test]
fn no_window_runs_during_a_migration() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		run_to(deadline(id));
		Admitting::set(false);
		pass_blocks(100);
		Admitting::set(true);
		// The migration came at the last moment: still in time.
		assert_ok!(prove(ASSIGNED, id));
		assert!(claim_in_time(id).is_some());
	});
}

#[test]
fn a_block_without_room_for_the_clock_is_not_counted() {
	ExtBuilder::default().build_and_execute(|| {
		let needed = <Test as Config>::WeightInfo::on_poll();
		let mut meter = WeightMeter::with_limit(needed);
		BlockProposal::on_poll(2, &mut meter);
		assert_eq!((now(), meter.remaining()), (2, Weight::zero()));
		// Nothing is left: no extrinsic fits either.
		BlockProposal::on_poll(3, &mut meter);
		assert_eq!(now(), 2);
	});
}

#[test]
fn only_the_emergency_origin_acts() {
	ExtBuilder::default().build_and_execute(|| {
		for origin in [signed(DISPUTER), signed(PROPOSER), RuntimeOrigin::none()] {
			assert_noop!(BlockProposal::pause(origin.clone()), BadOrigin);
			assert_noop!(BlockProposal::unpause(origin.clone()), BadOrigin);
			assert_noop!(BlockProposal::reset(origin.clone(), GENESIS), BadOrigin);
			assert_noop!(BlockProposal::start(origin, GENESIS, FEE, 1), BadOrigin);
		}
	});
}

#[test]
fn a_pause_stops_proposals_verification_skips_and_the_clock() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		assert_ok!(prove(ASSIGNED, ids[0]));
		run_for(100);
		forget_events();
		pause();
		let until = System::block_number() + MaxPause::get();
		assert_eq!(events(), [Event::Paused { until }]);
		assert!(BlockProposal::is_paused());
		assert_noop!(BlockProposal::pause(root()), Error::Paused);
		let before = now();
		IdleWeight::set(Weight::MAX);
		pass_blocks(MaxPause::get() - 1);
		assert_eq!((now(), chain().verified_id), (before, 0));
		assert_noop!(try_propose(PROPOSER, vec![], 1), Error::Paused);
		assert_noop!(try_verify(9), Error::Paused);
		let refused = BlockProposal::verify_blocks(signed(RESCUER), 9).unwrap_err();
		assert_eq!(refused.post_info.actual_weight, Some(BlockProposal::weight_of_look()));
		assert_noop!(skip(RESCUER, ids[0]), Error::Paused);
		assert_ok!(BlockProposal::unpause(root()));
		assert_noop!(BlockProposal::unpause(root()), Error::NotPaused);
		assert_eq!(events(), [Event::Unpaused]);
		next_block();
		assert_eq!((now(), chain().verified_id), (before + 1, ids[0]));
		assert_ok!(try_propose(PROPOSER, vec![], 1));
	});
}

#[test]
fn claims_and_disputes_go_on_during_a_pause_and_no_window_runs() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		run_to(deadline(ids[0]));
		pause();
		pass_blocks(10);
		assert_ok!(prove(ASSIGNED, ids[0]));
		assert!(claim_in_time(ids[0]).is_some());
		assert_noop!(prove(RESCUER, ids[1]), Error::TooEarly);
		let lie = wrong(ids[1], GENESIS, 1);
		assert_ok!(prove_with(ASSIGNED, ids[1], lie));
		assert_ok!(dispute(ids[1], lie));
		// A draw that comes meanwhile gives a whole window.
		assert_ok!(BlockProposal::unpause(root()));
		let id = propose();
		pause();
		pass_blocks(5);
		let drawn = assignment(id);
		assert_eq!((drawn.start, drawn.deadline), (now() + 1, now() + 11));
	});
}

#[test]
fn a_pause_ends_by_itself() {
	ExtBuilder::default().build_and_execute(|| {
		let before = now();
		pause();
		forget_events();
		pass_blocks(MaxPause::get() - 1);
		assert!(BlockProposal::is_paused());
		assert_eq!((now(), events()), (before, vec![]));
		next_block();
		assert!(!BlockProposal::is_paused());
		assert_eq!((now(), events()), (before + 1, vec![Event::Unpaused]));
		assert_eq!(PausedUntil::<Test>::get(), None);
		assert_noop!(BlockProposal::unpause(root()), Error::NotPaused);
		assert_ok!(try_propose(PROPOSER, vec![], 1));
	});
}

/// Lets this many blocks pass in pauses, one after another.
fn pass_paused(blocks: u64) {
	for _ in 0..blocks {
		if BlockProposal::is_paused() {
			assert_ok!(BlockProposal::unpause(root()));
		}
		pause();
		next_block();
	}
}

/// The pool counts the blocks of this chain, paused or not. Only the protocol slashes, by its own clock.
#[test]
fn a_pause_slashes_nobody_though_the_pools_periods_run_on() {
	ExtBuilder::default().with(|| SlashDeferral::set(15)).build_and_execute(|| {
		// A miss from before the pause.
		let missed = assigned_block();
		run_to(deadline(missed) + 1);
		assert_ok!(prove(RESCUER, missed));
		cool_down_and_verify();
		let before = slashes();
		assert_eq!(before.len(), 1);

		let ids = propose_drawn(2);
		let (last, time) = (deadline(ids[0]), now());
		let not_due = pallet_prover_pool::Error::<Test>::SlashNotDue;
		assert_noop!(ProverPool::apply_slash(signed(RESCUER), missed), not_due);
		// Longer than its window, an expiry, and all periods of the pool but `MaxLiability`.
		pass_paused(200);
		assert_eq!((now(), deadline(ids[0])), (time, last));
		assert_noop!(skip(RESCUER, ids[0]), Error::Paused);
		let not_overdue = pallet_prover_pool::Error::<Test>::NotOverdue;
		assert_noop!(ProverPool::discharge_prover(signed(ASSIGNED), ids[0]), not_overdue);
		assert_ok!(ProverPool::apply_slash(signed(RESCUER), missed));

		// Its window goes on where it stopped, and it is in time at the end of it.
		assert_ok!(BlockProposal::unpause(root()));
		run_to(last);
		assert_noop!(prove(RESCUER, ids[0]), Error::TooEarly);
		assert_ok!(prove(ASSIGNED, ids[0]));
		cool_down_and_verify();
		assert_eq!(chain().verified_id, ids[0]);
		assert_eq!(slashes(), before);

		// Governance that pauses for longer than `MaxLiability` lets the prover go.
		pass_paused(PoolMaxLiability::get());
		assert_ok!(ProverPool::discharge_prover(signed(ASSIGNED), ids[1]));
		assert_ok!(BlockProposal::unpause(root()));
		forget_events();
		let_expire_and_skip(ids[1]);
		assert!(slashes().is_empty());
		let unknown = prover_pool_primitives::PoolError::UnknownBlock;
		let refused = Event::PoolRefused { block_id: ids[1], error: unknown };
		assert!(events().contains(&refused));
	});
}

#[test]
fn a_pause_is_over_even_if_no_block_has_room_to_notice() {
	ExtBuilder::default().build_and_execute(|| {
		pause();
		Admitting::set(false);
		pass_blocks(MaxPause::get());
		assert!(!BlockProposal::is_paused() && PausedUntil::<Test>::exists());
		assert_ok!(try_propose(PROPOSER, vec![], 1));
		// And can begin again.
		pause();
		assert!(BlockProposal::is_paused());
	});
}

#[test]
fn a_reset_sets_the_hash_and_cancels_all_without_a_slash() {
	ExtBuilder::default().build_and_execute(|| {
		let right = H256::repeat_byte(0x77);
		assert_noop!(BlockProposal::reset(root(), right), Error::NotPaused);
		let ids = propose_drawn(3);
		let before = balances();
		// One is late, one claimed, one waits; all of it for nothing.
		run_to(deadline(ids[0]) + 1);
		assert_ok!(prove(RESCUER, ids[1]));
		pause();
		forget_events();
		assert_ok!(BlockProposal::reset(root(), right));
		assert_eq!(
			events(),
			[
				Event::Reset { verified_hash: right },
				Event::BlocksCancelled { from: ids[0], below: ids[2] + 1, slashing: false },
			]
		);
		assert_eq!((chain().verified_hash, chain().head), (right, ids[0]));
		assert_noop!(prove_on(ASSIGNED, ids[2], right), Error::Cancelled);
		assert_ok!(BlockProposal::unpause(root()));
		IdleWeight::set(Weight::MAX);
		next_block();
		assert_eq!((chain().unverified(), chain().cancelled), (0, None));
		assert!(slashes().is_empty());
		assert_eq!(balances(), before);
		for who in [PROPOSER, RESCUER] {
			assert_eq!(held(HoldReason::Escrow, who) + held(HoldReason::ProofBond, who), 0);
		}
		// The rollup goes on from the new hash.
		let id = assigned_block();
		assert_ok!(prove_on(ASSIGNED, id, right));
		cool_down_and_verify();
		assert_eq!(chain().verified_hash, hash_on(id, right));
	});
}

#[test]
fn a_reset_without_waiting_blocks_only_sets_the_hash() {
	ExtBuilder::default().build_and_execute(|| {
		pause();
		forget_events();
		assert_ok!(BlockProposal::reset(root(), H256::zero()));
		assert_eq!(events(), [Event::Reset { verified_hash: H256::zero() }]);
		let expected = ChainState::starting_from(H256::zero());
		assert_eq!(chain(), expected);
	});
}

#[test]
fn a_reset_also_spares_those_whom_a_skip_would_have_slashed() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = propose_drawn(2);
		let_expire_and_skip(ids[0]);
		forget_events();
		pause();
		assert_ok!(BlockProposal::reset(root(), GENESIS));
		assert_ok!(BlockProposal::unpause(root()));
		verify();
		assert!(slashes().is_empty());
	});
}

#[test]
fn the_protocol_can_be_started_on_a_chain_that_already_runs() {
	ExtBuilder::default().not_started().build_and_execute(|| {
		pass_blocks(10);
		assert_noop!(try_propose(PROPOSER, vec![], 1), Error::NotStarted);
		assert_noop!(try_verify(1), Error::NothingToVerify);
		assert_noop!(prove_with(ASSIGNED, 1, execution(1, GENESIS)), Error::UnknownBlock);
		assert!(BlockProposal::blocks(0, 9).is_empty());
		assert_eq!(BlockProposal::fee_per_gas(), MinFeePerGas::get());
		pause();
		assert_noop!(BlockProposal::reset(root(), GENESIS), Error::NotStarted);
		assert_ok!(BlockProposal::unpause(root()));
		for fee in [0, MinFeePerGas::get() - 1, MaxFeePerGas::get() + 1] {
			assert_noop!(BlockProposal::start(root(), GENESIS, fee, 5), Error::InvalidFee);
		}
		forget_events();
		assert_ok!(BlockProposal::start(root(), GENESIS, FEE, 5));
		let started = Event::Started { genesis_hash: GENESIS, fee_per_gas: FEE, delay: 5 };
		assert_eq!(events(), [started]);
		assert_eq!(BlockProposal::fee_per_gas(), FEE);
		// It may be corrected until something was proposed.
		assert_ok!(BlockProposal::start(root(), GENESIS, FEE, 6));
		let id = assigned_block();
		assert_eq!(deadline(id) - assignment(id).start, 12);
		assert_noop!(BlockProposal::start(root(), GENESIS, FEE, 5), Error::AlreadyStarted);
		assert_ok!(prove(ASSIGNED, id));
		cool_down_and_verify();
		assert_noop!(BlockProposal::start(root(), GENESIS, FEE, 5), Error::AlreadyStarted);
	});
}

#[test]
#[should_panic(expected = "the protocol cannot start at genesis")]
fn a_genesis_with_a_fee_out_of_bounds_is_refused() {
	ExtBuilder::default().fee(7).build();
}
