//! Life 2: what a draw, or its absence, makes of a block.

use frame_support::{assert_noop, assert_ok};
use prover_pool_primitives::{DrawHandler, DrawOutcome, OpenReason};
use sp_runtime::traits::BadOrigin;

use crate::mock::*;

#[test]
fn an_assigned_block_has_a_window_and_a_lower_escrow() {
	ExtBuilder::default().build_and_execute(|| {
		let id = propose();
		forget_events();
		next_block();

		// The first extrinsics after the draw are those of time 2. Twice the average delay of 5.
		let drawn = Assignment {
			prover: ASSIGNED,
			reward_per_gas: FEE,
			start: 2,
			deadline: 12,
			delivery: Delivery::Due,
		};
		assert_eq!(block(id).status, Status::Assigned(drawn));
		// (1 000 + 3 000) × 100 of (1 000 + 3 000) × 150.
		assert_eq!(block(id).escrow, Escrow { initial: 600_000, held: 400_000 });
		assert_eq!(held(HoldReason::Escrow, PROPOSER), 400_000);
		assert_eq!((chain().pending, chain().open), (0, 0));
		assert_eq!(PendingOf::<Test>::iter().count(), 0);
		assert_eq!(
			events(),
			[Event::BlockAssigned {
				block_id: id,
				prover: ASSIGNED,
				reward_per_gas: FEE,
				deadline: 12,
				returned: 200_000,
			}]
		);
	});
}

#[test]
fn a_block_for_which_no_prover_is_found_is_open_and_keeps_its_escrow() {
	let full = vec![(ASSIGNED, STAKE, FEE, 1)];
	for (provers, taken, reason) in
		[(vec![], 0, OpenReason::EmptyPool), (full, 1, OpenReason::NoFreeCapacity)]
	{
		ExtBuilder::default().provers(provers).build_and_execute(|| {
			propose_drawn(taken);
			let id = propose();
			forget_events();
			next_block();
			assert_eq!(block(id).status, Status::Open { opened_at: now(), fixed_reward: None });
			assert_eq!(block(id).escrow, Escrow { initial: 600_000, held: 600_000 });
			assert_eq!((chain().pending, chain().open), (0, 1));
			assert_eq!(
				events(),
				[Event::BlockOpened { block_id: id, cause: OpenCause::Drawn(reason) }]
			);
		});
	}
}

#[test]
fn blocks_are_assigned_after_all_draws_of_the_block() {
	ExtBuilder::default().build_and_execute(|| {
		let ids = [propose(), propose()];
		forget_events();
		next_block();
		let drawn: Vec<_> = System::events()
			.into_iter()
			.filter_map(|record| match record.event {
				RuntimeEvent::ProverPool(pallet_prover_pool::Event::ProverAssigned {
					block_id,
					..
				}) => Some(("drawn", block_id)),
				RuntimeEvent::BlockProposal(Event::BlockAssigned { block_id, .. }) => {
					Some(("assigned", block_id))
				},
				_ => None,
			})
			.collect();
		assert_eq!(
			drawn,
			[("drawn", ids[0]), ("drawn", ids[1]), ("assigned", ids[0]), ("assigned", ids[1])]
		);
	});
}

#[test]
fn windows_are_twice_the_average_delay_within_their_bounds() {
	for (delay, window) in [(0, 4), (1, 4), (2, 4), (3, 6), (10, 20), (11, 20), (u64::MAX, 20)] {
		ExtBuilder::default().delay(delay).build_and_execute(|| {
			let id = assigned_block();
			let assignment = assignment(id);
			assert_eq!(assignment.deadline - assignment.start, window, "average {delay}");
		});
	}
}

#[test]
fn a_price_beyond_the_escrow_is_cut() {
	ExtBuilder::default().with(|| Seed::set(None)).build_and_execute(|| {
		let id = propose();
		let reward_per_gas = u32::MAX;
		BlockProposal::on_draw(id, DrawOutcome::Assigned { prover: ASSIGNED, reward_per_gas });
		assert_eq!(assignment(id).reward_per_gas, 150);
		assert_eq!(block(id).escrow, Escrow { initial: 600_000, held: 600_000 });
	});
}

#[test]
fn draws_of_other_blocks_change_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		forget_events();
		let before = block(id);
		for stray in [0, id, id + 1, u64::MAX] {
			BlockProposal::on_draw(stray, DrawOutcome::Open { reason: OpenReason::EmptyPool });
		}
		assert_eq!((block(id), chain().open, events()), (before, 0, vec![]));
	});
}

#[test]
fn a_request_expires_and_is_cancelled_at_the_pool() {
	ExtBuilder::default().with(|| Seed::set(None)).build_and_execute(|| {
		let id = propose();
		forget_events();
		assert_noop!(BlockProposal::expire_request(signed(RESCUER), id + 1), Error::UnknownBlock);
		run_to(1 + ExpiryPeriod::get());
		assert_noop!(BlockProposal::expire_request(signed(RESCUER), id), Error::NotExpired);
		next_block();
		assert_noop!(BlockProposal::expire_request(RuntimeOrigin::none(), id), BadOrigin);
		assert_ok!(BlockProposal::expire_request(signed(RESCUER), id));

		assert_eq!(block(id).status, Status::Open { opened_at: now(), fixed_reward: None });
		assert_eq!((chain().pending, chain().open), (0, 1));
		assert_eq!(PendingOf::<Test>::iter().count(), 0);
		assert!(pallet_prover_pool::DrawQueue::<Test>::get().is_empty());
		assert_eq!(events(), [Event::BlockOpened { block_id: id, cause: OpenCause::Expired }]);
		assert_noop!(BlockProposal::expire_request(signed(RESCUER), id), Error::NotPending);

		// The seed returns: no draw comes any more, and the block can be proven.
		Seed::set(Some([1; 32]));
		next_block();
		assert!(block(id).is_open());
		assert_ok!(prove(RESCUER, id));
	});
}

#[test]
fn a_drawn_block_has_no_request_to_expire() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		run_for(100);
		assert_noop!(BlockProposal::expire_request(signed(RESCUER), id), Error::NotPending);
	});
}

#[test]
fn a_request_that_the_pool_has_forgotten_expires_all_the_same() {
	ExtBuilder::default().with(|| Seed::set(None)).build_and_execute(|| {
		let id = propose();
		assert_ok!(ProverPool::discharge_prover(root(), id));
		run_for(ExpiryPeriod::get() + 1);
		assert_ok!(BlockProposal::expire_request(signed(RESCUER), id));
		assert!(block(id).is_open());
		let error = prover_pool_primitives::PoolError::UnknownBlock;
		assert!(events().contains(&Event::PoolRefused { block_id: id, error }));
	});
}

/// Three provers of equal weight, and who is drawn for the first block of this rollup when `ask` has
/// proposed it in the first block of this chain, with this seed for the second.
fn first_drawn(seed: u8, ask: impl FnOnce()) -> AccountId {
	let mut drawn = 0;
	let equal = [ASSIGNED, 11, 12].map(|who| (who, STAKE, FEE, CAPACITY));
	ExtBuilder::default().provers(equal.to_vec()).build_and_execute(|| {
		ask();
		assert_eq!(block(1).status, Status::Pending, "a draw comes later");
		Seed::set(Some([seed; 32]));
		next_block();
		drawn = assignment(1).prover;
	});
	drawn
}

#[test]
fn nothing_in_a_proposal_changes_who_is_drawn() {
	let ask = |who, list: &[u8], gas_limit, beneficiary| {
		let any = u32::MAX;
		plain(BlockProposal::propose_block(signed(who), list.to_vec(), gas_limit, beneficiary, any))
	};
	let mut everybody = std::collections::BTreeSet::new();
	for seed in 0..12 {
		let plainly = first_drawn(seed, || ask(PROPOSER, b"list", GAS_LIMIT, BENEFICIARY).unwrap());
		everybody.insert(plainly);
		// A list can be ground without end, a gas limit and a beneficiary chosen, another account used.
		for grain in 0..8 {
			let list = [b"list".as_slice(), &[grain; 20]].concat();
			let ground = || ask(PROPOSER, &list, GAS_LIMIT, BENEFICIARY).unwrap();
			assert_eq!(first_drawn(seed, ground), plainly);
		}
		for gas_limit in [0, 1, GAS_LIMIT + 1, MaxGasLimit::get()] {
			let sized = || ask(PROPOSER, b"list", gas_limit, BENEFICIARY).unwrap();
			assert_eq!(first_drawn(seed, sized), plainly);
		}
		for who in [RESCUER, VANDALS[0], TREASURY, ASSIGNED] {
			let by = || ask(who, b"list", GAS_LIMIT, who).unwrap();
			assert_eq!(first_drawn(seed, by), plainly);
		}
		// Tries that were refused leave nothing behind, and what follows in the same block does not matter.
		let again_and_again = || {
			for _ in 0..5 {
				assert_noop!(ask(PROPOSER, b"list", u32::MAX, 0), Error::GasLimitTooHigh);
			}
			(0..4).for_each(|n| ask(PROPOSER, &[n], GAS_LIMIT, BENEFICIARY).unwrap());
		};
		assert_eq!(first_drawn(seed, again_and_again), plainly);
	}
	assert_eq!(everybody.into_iter().collect::<Vec<_>>(), [ASSIGNED, 11, 12], "the seed does");
}
