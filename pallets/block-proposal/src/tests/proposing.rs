//! Life 1: what a proposal holds, stores and requests, and when it is refused.

use frame_support::{
	assert_noop, assert_ok,
	dispatch::{GetDispatchInfo, Pays},
};
use prover_pool_primitives::{DrawHandler, ProverPool as Pool};
use sp_runtime::traits::BadOrigin;

use crate::{mock::*, BlockRow};

fn propose_as(who: AccountId, gas_limit: u32) -> sp_runtime::DispatchResult {
	try_propose(who, vec![1, 2, 3], gas_limit)
}

#[test]
fn a_proposal_is_stored_escrowed_and_queued_for_a_draw() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(propose_as(PROPOSER, GAS_LIMIT));

		// `cost(gas_limit, 150 % of fee)`: (1 000 + 3 000) × 150.
		let escrow = 600_000;
		assert_eq!(held(HoldReason::Escrow, PROPOSER), escrow);
		let tx_list_hash = sp_io::hashing::sha2_256(&[1, 2, 3]).into();
		let stored = Block {
			proposer: PROPOSER,
			beneficiary: BENEFICIARY,
			tx_list_hash,
			gas_limit: GAS_LIMIT,
			fee_per_gas: FEE,
			proposed_at: 1,
			escrow: Escrow { initial: escrow, held: escrow },
			status: Status::Pending,
			removed_at: None,
			claims: 0,
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
		assert_eq!(BlockProposal::blocks(0, 5), [BlockRow { block_id: 1, block: stored }]);
	});
}

#[test]
fn ids_are_consecutive() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!([propose(), propose(), propose()], [1, 2, 3]);
		assert_eq!(
			BlockProposal::blocks(2, 1).iter().map(|row| row.block_id).collect::<Vec<_>>(),
			[2]
		);
		assert_eq!(BlockProposal::blocks(2, 9).len(), 2);
		assert!(BlockProposal::blocks(4, 9).is_empty());
	});
}

#[test]
fn empty_lists_and_the_largest_blocks_may_be_proposed() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(try_propose(PROPOSER, vec![], 0));
		let longest = vec![0; MaxTxListSize::get() as usize];
		assert_ok!(try_propose(PROPOSER, longest, MaxGasLimit::get()));
		assert_eq!(held(HoldReason::Escrow, PROPOSER), cost(0, 150) + cost(4_000, 150));
	});
}

#[test]
fn only_the_proposer_origin_may_propose() {
	ExtBuilder::default().build_and_execute(|| {
		for origin in [root(), RuntimeOrigin::none()] {
			let answer = BlockProposal::propose_block(origin, vec![], 1, BENEFICIARY, FEE);
			assert_noop!(plain(answer), BadOrigin);
		}
	});
}

#[test]
fn too_large_blocks_are_refused() {
	ExtBuilder::default().build_and_execute(|| {
		let too_long = vec![0; MaxTxListSize::get() as usize + 1];
		assert_noop!(try_propose(PROPOSER, too_long, 1), Error::TxListTooLong);
		assert_noop!(propose_as(PROPOSER, MaxGasLimit::get() + 1), Error::GasLimitTooHigh);
	});
}

#[test]
fn too_many_unverified_blocks_are_refused_until_one_is_verified() {
	ExtBuilder::default().with(|| MaxUnverifiedBlocks::set(2)).build_and_execute(|| {
		let ids = propose_drawn(2);
		assert_noop!(propose_as(PROPOSER, 1), Error::TooManyUnverifiedBlocks);
		assert_ok!(prove(ASSIGNED, ids[0]));
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
	let two_at_once = vec![(ASSIGNED, STAKE, FEE, 2)];
	ExtBuilder::default().provers(two_at_once).with(|| MaxOpenBlocks::set(3)).build_and_execute(
		|| {
			// Free capacity for two of three pending blocks: the third will be open.
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
fn many_open_blocks_do_not_matter_while_the_pool_has_free_capacity() {
	ExtBuilder::default().empty_pool().with(|| MaxOpenBlocks::set(2)).build_and_execute(|| {
		propose_drawn(2);
		assert_noop!(propose_as(PROPOSER, 1), Error::TooManyOpenBlocks);
		assert_ok!(ProverPool::stake(signed(ASSIGNED), STAKE, FEE, 1));
		next_block();
		// Capacity for one, nothing pending: one more. Then it is as good as taken.
		assert_ok!(propose_as(PROPOSER, 1));
		assert_noop!(propose_as(PROPOSER, 1), Error::TooManyOpenBlocks);
	});
}

#[test]
fn a_proposer_without_funds_is_refused() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(propose_as(777, 1), Error::NoFunds);
		// The existential deposit cannot be held.
		leave_free(BENEFICIARY, cost(1, 150) + ExistentialDeposit::get() - 1);
		assert_noop!(propose_as(BENEFICIARY, 1), Error::NoFunds);
		assert_ok!(propose_as(BENEFICIARY, 0));
	});
}

#[test]
fn refusals_of_the_pool_are_named() {
	let builder = ExtBuilder::default().with(|| {
		Seed::set(None);
		MaxPendingPerProposer::set(100);
		MaxOpenBlocks::set(100);
	});
	builder.build_and_execute(|| {
		assert_ok!(ProverPool::assign_prover(root(), 1, FEE));
		assert_noop!(propose_as(PROPOSER, 1), Error::PoolRefusedRequest);
		assert_ok!(ProverPool::discharge_prover(root(), 1));
		(0..8).for_each(|_| {
			propose();
		});
		assert_noop!(propose_as(PROPOSER, 1), Error::PoolQueueFull);
	});
}

#[test]
fn a_proposer_states_the_highest_fee_that_it_accepts() {
	ExtBuilder::default().build_and_execute(|| {
		let propose = |max_fee| {
			plain(BlockProposal::propose_block(signed(PROPOSER), vec![], 1, BENEFICIARY, max_fee))
		};
		assert_noop!(propose(FEE - 1), Error::FeeTooHigh);
		assert_ok!(propose(FEE));
	});
}

fn proposal(list: usize) -> crate::Call<Test> {
	crate::Call::propose_block {
		tx_list: vec![0; list],
		gas_limit: 1,
		beneficiary: BENEFICIARY,
		max_fee_per_gas: FEE,
	}
}

#[test]
fn a_proposal_prepays_draw_handler_and_settlement() {
	ExtBuilder::default().build_and_execute(|| {
		let own = BlockProposal::weight_of_refused_proposal(32);
		let later = <ProverPool as Pool<u64, u128>>::draw_weight()
			.saturating_add(BlockProposal::on_draw_weight())
			.saturating_add(<Test as Config>::WeightInfo::verify_block(4))
			.saturating_add(<ProverPool as Pool<u64, u128>>::slash_prover_weight());
		assert_eq!(proposal(32).get_dispatch_info().call_weight, own.saturating_add(later));
		// And keeps it when it is accepted.
		let accepted =
			BlockProposal::propose_block(signed(PROPOSER), vec![0; 32], 1, BENEFICIARY, FEE);
		assert_eq!(accepted.unwrap().actual_weight, None);
	});
}

#[test]
fn a_refused_proposal_is_refunded_what_was_not_done() {
	ExtBuilder::default().build_and_execute(|| {
		let own = BlockProposal::weight_of_refused_proposal(32);
		assert!((own * 3).all_lt(proposal(32).get_dispatch_info().call_weight));
		let refused =
			BlockProposal::propose_block(signed(PROPOSER), vec![0; 32], 1, BENEFICIARY, FEE - 1);
		let post_info = refused.unwrap_err().post_info;
		assert_eq!((post_info.actual_weight, post_info.pays_fee), (Some(own), Pays::Yes));
	});
}
