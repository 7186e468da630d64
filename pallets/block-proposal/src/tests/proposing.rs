//! Life 1: what a proposal holds, stores and asks, and when it is refused.

use crate::mock::*;
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo};
use prover_pool_primitives::{DrawHandler, ProverPool as Pool};
use sp_runtime::traits::BadOrigin;

fn propose_as(who: AccountId, gas_limit: u32) -> sp_runtime::DispatchResult {
	BlockProposal::propose_block(signed(who), vec![1, 2, 3], gas_limit, BENEFICIARY)
}

#[test]
fn a_proposal_is_stored_escrowed_and_queued_for_a_draw() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(propose_as(PROPOSER, GAS_LIMIT));

		// `cost(gas_limit, 150 % of fee)`: (1 000 + 3 000) × 150.
		let escrow = 600_000;
		assert_eq!(held(HoldReason::Escrow, PROPOSER), escrow);
		let tx_list_hash = sp_io::hashing::blake2_256(&[1, 2, 3]).into();
		let stored = Block {
			proposer: PROPOSER,
			beneficiary: BENEFICIARY,
			tx_list_hash,
			gas_limit: GAS_LIMIT,
			fee_per_gas: FEE,
			proposed_at: 1,
			escrow: Escrow { initial: escrow, held: escrow },
			status: Status::Pending,
			disputed_at: None,
			proofs: Default::default(),
			barred: Default::default(),
		};
		assert_eq!(block(1), stored);
		let expected = ChainState { next_id: 2, pending: 1, ..ChainState::starting_from(GENESIS) };
		assert_eq!(chain(), expected);
		assert_eq!(PendingOf::<Test>::get(PROPOSER), 1);
		assert_eq!(pallet_prover_pool::DrawQueue::<Test>::get().len(), 1);
		assert_eq!(
			events(),
			[Event::BlockProposed {
				block_id: 1,
				proposer: PROPOSER,
				tx_list_hash,
				gas_limit: GAS_LIMIT,
				fee_per_gas: FEE,
				escrow,
			}]
		);
		assert_eq!(BlockProposal::blocks(0, 5), [(1, stored)]);
	});
}

#[test]
fn ids_are_consecutive() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!([propose(), propose(), propose()], [1, 2, 3]);
		assert_eq!(BlockProposal::blocks(2, 1).iter().map(|(id, _)| *id).collect::<Vec<_>>(), [2]);
		assert_eq!(BlockProposal::blocks(2, 9).len(), 2);
		assert!(BlockProposal::blocks(4, 9).is_empty());
	});
}

#[test]
fn empty_lists_and_the_largest_blocks_may_be_proposed() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(BlockProposal::propose_block(signed(PROPOSER), vec![], 0, PROPOSER));
		let longest = vec![0; MaxTxListSize::get() as usize];
		assert_ok!(BlockProposal::propose_block(
			signed(PROPOSER),
			longest,
			MaxGasLimit::get(),
			PROPOSER
		));
		assert_eq!(held(HoldReason::Escrow, PROPOSER), cost(0, 150) + cost(4_000, 150));
	});
}

#[test]
fn only_the_proposer_origin_may_propose() {
	ExtBuilder::default().build_and_execute(|| {
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(BlockProposal::propose_block(origin, vec![], 1, BENEFICIARY), BadOrigin);
		}
	});
}

#[test]
fn too_large_blocks_are_refused() {
	ExtBuilder::default().build_and_execute(|| {
		let too_long = vec![0; MaxTxListSize::get() as usize + 1];
		assert_noop!(
			BlockProposal::propose_block(signed(PROPOSER), too_long, 1, BENEFICIARY),
			Error::TxListTooLong
		);
		assert_noop!(propose_as(PROPOSER, MaxGasLimit::get() + 1), Error::GasLimitTooHigh);
	});
}

#[test]
fn too_many_unverified_blocks_are_refused_until_one_is_verified() {
	ExtBuilder::default().with(|| MaxUnverifiedBlocks::set(2)).build_and_execute(|| {
		let ids = propose_drawn(2);
		assert_noop!(propose_as(PROPOSER, 1), Error::TooManyUnverifiedBlocks);
		assert_ok!(prove(ASSIGNED, ids[0], GENESIS));
		cool_down_and_verify();
		assert_ok!(propose_as(PROPOSER, 1));
	});
}

#[test]
fn too_many_pending_blocks_of_one_proposer_are_refused() {
	ExtBuilder::default().with(|| MaxPendingPerProposer::set(2)).build_and_execute(|| {
		propose();
		propose();
		assert_noop!(propose_as(PROPOSER, 1), Error::TooManyPendingBlocks);
		// Others are not concerned, and drawn blocks do not count.
		assert_ok!(propose_as(RESCUER, 1));
		next_block();
		assert_ok!(propose_as(PROPOSER, 1));
		assert_eq!(PendingOf::<Test>::iter().collect::<Vec<_>>(), [(PROPOSER, 1)]);
	});
}

#[test]
fn too_many_open_blocks_are_refused_while_the_pool_is_full() {
	let two_places = vec![(ASSIGNED, STAKE, FEE, 2)];
	ExtBuilder::default().provers(two_places).with(|| MaxOpenBlocks::set(3)).build_and_execute(
		|| {
			// Two places for three pending blocks: the third will be open.
			propose_drawn(3);
			assert_eq!((chain().open, chain().pending), (1, 0));
			assert_eq!(<ProverPool as Pool<_, _>>::free_capacity(), 0);
			propose();
			propose();
			assert_eq!(chain().open + chain().pending, 3);
			assert_noop!(propose_as(PROPOSER, 1), Error::TooManyOpenBlocks);
		},
	);
}

#[test]
fn many_open_blocks_do_not_matter_while_the_pool_has_a_place_for_another() {
	ExtBuilder::default().empty_pool().with(|| MaxOpenBlocks::set(2)).build_and_execute(|| {
		propose_drawn(2);
		assert_noop!(propose_as(PROPOSER, 1), Error::TooManyOpenBlocks);
		assert_ok!(ProverPool::stake(signed(ASSIGNED), STAKE, FEE, 1));
		next_block();
		// One place, nothing pending: one more. Then the place is as good as taken.
		assert_ok!(propose_as(PROPOSER, 1));
		assert_noop!(propose_as(PROPOSER, 1), Error::TooManyOpenBlocks);
	});
}

#[test]
fn a_proposer_without_funds_is_refused() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(propose_as(777, 1), Error::NoFunds);
		// The existential deposit is not to be had.
		leave_free(BENEFICIARY, cost(1, 150) + ExistentialDeposit::get() - 1);
		assert_noop!(propose_as(BENEFICIARY, 1), Error::NoFunds);
		assert_ok!(propose_as(BENEFICIARY, 0));
	});
}

#[test]
fn a_full_queue_of_the_pool_is_named() {
	let builder = ExtBuilder::default().with(|| {
		Seed::set(None);
		MaxPendingPerProposer::set(100);
		MaxOpenBlocks::set(100);
	});
	builder.build_and_execute(|| {
		(0..8).for_each(|_| {
			propose();
		});
		assert_noop!(propose_as(PROPOSER, 1), Error::PoolQueueFull);
	});
}

#[test]
fn other_refusals_of_the_pool_are_named_too() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(ProverPool::assign_prover(RuntimeOrigin::root(), 1, FEE));
		assert_noop!(propose_as(PROPOSER, 1), Error::PoolRefusedRequest);
	});
}

#[test]
fn a_proposal_pre_pays_draw_handler_and_settlement() {
	ExtBuilder::default().build_and_execute(|| {
		let call = crate::Call::<Test>::propose_block {
			tx_list: vec![0; 32],
			gas_limit: 1,
			beneficiary: BENEFICIARY,
		};
		let own = <Test as Config>::WeightInfo::propose_block(32)
			.saturating_add(<ProverPool as Pool<u64, u128>>::assign_prover_weight())
			.saturating_add(<ProverPool as Pool<u64, u128>>::free_capacity_weight());
		let later =
			<ProverPool as Pool<u64, u128>>::draw_weight()
				.saturating_add(BlockProposal::on_draw_weight())
				.saturating_add(<Test as Config>::WeightInfo::verify_block(4))
				.saturating_add(
					<ProverPool as Pool<u64, u128>>::slash_prover_weight()
						.max(<ProverPool as Pool<u64, u128>>::discharge_prover_weight()),
				);
		assert_eq!(call.get_dispatch_info().call_weight, own.saturating_add(later));
	});
}
