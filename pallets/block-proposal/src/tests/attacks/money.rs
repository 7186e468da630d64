//! Attacks on tokens: escrows, bonds, slashes, and what is owed to others.

use frame_support::{
	assert_noop, assert_ok,
	pallet_prelude::DispatchResult,
	traits::{fungible::Inspect, tokens::Preservation, LockableCurrency, WithdrawReasons},
};
use prover_pool_primitives::PoolError;
use sp_runtime::{traits::BadOrigin, TokenError};

use super::REWARD;
use crate::mock::*;

fn propose_as(who: AccountId) -> DispatchResult {
	try_propose(who, tx_list(chain().next_id), GAS_LIMIT)
}

fn send(from: AccountId, amount: Balance) -> DispatchResult {
	use frame_support::traits::fungible::Mutate;
	Balances::transfer(&from, &TREASURY, amount, Preservation::Expendable).map(|_| ())
}

#[test]
fn attack_stealing_a_proof_from_the_pool_of_transactions() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		let before = balances();
		let id = open_block();
		let right = execution(id, GENESIS);
		let seen = proof_of(RESCUER, id, right, TAG);
		let prove_by = |who, execution| submit(who, id, execution, seen.clone());
		// The thief sees the rescuer's transaction and gets in first: the proof names its prover.
		assert_noop!(prove_by(VANDALS[0], right), Error::InvalidProof);
		// It sends it in the rescuer's name with worse claims, to spoil it: the proof names those too.
		let spoilt = Execution { gas_used: 0, ..right };
		assert_noop!(prove_by(RESCUER, spoilt), Error::InvalidProof);
		// It repeats the proof after the rescuer, and after its verification.
		assert_ok!(prove_by(RESCUER, right));
		assert_noop!(prove_by(VANDALS[0], right), Error::AlreadyProven);
		assert_noop!(prove_by(RESCUER, right), Error::AlreadyProven);
		cool_down_and_verify();
		assert_noop!(prove_by(VANDALS[0], right), Error::UnknownBlock);
		assert_eq!((gain(&before, VANDALS[0]), held(HoldReason::ProofBond, VANDALS[0])), (0, 0));
		assert_eq!(gain(&before, RESCUER), cost(GAS_USED, 75) as i128);
	});
}

#[test]
fn attack_settling_somebody_elses_block() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		// Until the window is over the block is its prover's, to the last moment.
		while now() <= deadline(id) {
			assert_noop!(prove(VANDALS[0], id), Error::TooEarly);
			next_block();
			if now() == deadline(id) {
				assert_ok!(prove(ASSIGNED, id));
			}
		}
		// Afterwards any account may prove, but not the same again.
		assert_noop!(prove(VANDALS[0], id), Error::AlreadyProven);
		// Only the dispute origin removes a claim, the pool knows no other protocol, and nothing else
		// of another's can be settled.
		let Execution { parent_hash, block_hash, gas_used } = execution(id, GENESIS);
		let vandal = signed(VANDALS[0]);
		assert_noop!(
			BlockProposal::dispute_claim(vandal, id, parent_hash, block_hash, gas_used),
			BadOrigin
		);
		assert_noop!(
			ProverPool::slash_prover(signed(VANDALS[0]), id, 1, Fault::Other, None),
			BadOrigin
		);
		assert_noop!(ProverPool::release_prover(signed(VANDALS[0]), id), BadOrigin);
		assert_noop!(
			ProverPool::discharge_prover(signed(VANDALS[0]), id),
			pallet_prover_pool::Error::<Test>::NotYourAssignment
		);
		assert_noop!(BlockProposal::expire_request(signed(VANDALS[0]), id), Error::NotPending);
		assert_noop!(skip(VANDALS[0], id), Error::NotExpired);
		cool_down_and_verify();
		// Paid less 2.5 % for the whole window; the vandal worked for nothing.
		assert_eq!(gain(&before, ASSIGNED), REWARD - 7_500);
		assert_eq!(gain(&before, VANDALS[0]), 0);
	});
}

#[test]
fn attack_double_slash() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		// Failed twice over: a claim removed, and another one late; then rescued.
		assert_ok!(prove_with(ASSIGNED, id, wrong(id, GENESIS, 1)));
		assert_ok!(dispute(id, wrong(id, GENESIS, 1)));
		run_to(deadline(id) + ExpiryPeriod::get() + 2);
		assert_ok!(prove(RESCUER, id));
		assert_ok!(prove_with(ASSIGNED, id, wrong(id, GENESIS, 2)));
		cool_down_and_verify();
		// It can neither be skipped nor verified nor slashed once more.
		assert_noop!(skip(VANDALS[0], id), Error::UnknownBlock);
		assert_noop!(try_verify(9), Error::NothingToVerify);
		assert_noop!(
			ProverPool::slash_prover(root(), id, 300_000, Fault::Other, Some((VANDALS[0], 1)),),
			pallet_prover_pool::Error::<Test>::UnknownBlock
		);
		assert_eq!(slashes(), [(4 * REWARD as Balance, Fault::RemovedProof)]);
		assert_eq!(gain(&before, ASSIGNED), -4 * REWARD);
		assert_eq!(gain(&before, RESCUER), REWARD + REWARD / 2);
	});
}

#[test]
fn attack_double_release() {
	ExtBuilder::default().provers(vec![(ASSIGNED, STAKE, FEE, 2)]).build_and_execute(|| {
		let ids = propose_drawn(2);
		let places = || ProverPool::get_capacity();
		assert_eq!(places(), 0);
		assert_ok!(prove(ASSIGNED, ids[1]));
		assert_eq!(places(), 1);
		// The same block again, on another parent, and again after its claim was removed.
		assert_ok!(prove_on(ASSIGNED, ids[1], GENESIS));
		assert_ok!(prove(ASSIGNED, ids[1]));
		assert_ok!(prove_with(ASSIGNED, ids[0], wrong(ids[0], GENESIS, 1)));
		assert_ok!(dispute(ids[0], wrong(ids[0], GENESIS, 1)));
		assert_ok!(prove_with(ASSIGNED, ids[0], wrong(ids[0], GENESIS, 2)));
		assert_eq!(places(), 2);
		assert_ok!(prove(RESCUER, ids[0]));
		assert_ok!(dispute(ids[0], wrong(ids[0], GENESIS, 2)));
		cool_down_and_verify();
		assert_eq!(places(), 2, "all capacity, and not more");
		let refused =
			|event| matches!(event, Event::PoolRefused { error: PoolError::AlreadyReleased, .. });
		assert!(!events().into_iter().any(refused));
	});
}

#[test]
fn attack_slash_dodging_by_exit() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		assert_ok!(ProverPool::exit(signed(ASSIGNED)));
		// The pool's exit period is 50 blocks: longer than any block of an honest rollup takes, and if
		// all sleep it is still no way out.
		run_for(60);
		assert!(ProverPool::withdraw(signed(ASSIGNED)).is_err());
		assert_ok!(skip(RESCUER, id));
		let full = cost(GAS_LIMIT, FEE) as i128;
		assert_eq!((gain(&before, ASSIGNED), gain(&before, PROPOSER)), (-4 * full, -full));
		assert_ok!(ProverPool::withdraw(signed(ASSIGNED)));
		assert_eq!(gain(&before, ASSIGNED), -4 * full);
	});
}

#[test]
fn attack_slash_dodging_with_a_rescuing_accomplice() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = assigned_block();
		// The pair waits for the window to end, to earn the bonus on top of the reward.
		run_to(deadline(id) + 1);
		assert_ok!(prove(RESCUER, id));
		cool_down_and_verify();
		let together = gain(&before, ASSIGNED) + gain(&before, RESCUER);
		assert_eq!(together, REWARD + REWARD / 2 - 4 * REWARD);
		// The proposer pays what it agreed to, and no more.
		assert_eq!(gain(&before, PROPOSER), -REWARD);
	});
}

#[test]
fn attack_a_proposer_that_spends_its_escrow() {
	ExtBuilder::default().build_and_execute(|| {
		let id = propose();
		let escrow = 600_000;
		assert_eq!(held(HoldReason::Escrow, PROPOSER), escrow);
		let free = Balances::balance(&PROPOSER);
		// It cannot send it, nor what keeps the account alive, nor stake it, nor use it for a second block.
		assert_noop!(send(PROPOSER, free + 1), TokenError::FundsUnavailable);
		assert_noop!(send(PROPOSER, free - 99), TokenError::Frozen);
		let stake = ProverPool::stake(signed(PROPOSER), free, FEE, 1);
		assert_eq!(stake, Err(pallet_prover_pool::Error::<Test>::InsufficientFunds.into()));
		assert_ok!(send(PROPOSER, free - 100));
		assert_noop!(propose_as(PROPOSER), Error::NoFunds);
		// It locks what is left, held or not.
		Balances::set_lock(*b"proposer", &PROPOSER, Balance::MAX, WithdrawReasons::all());
		next_block();
		let before = balances();
		assert_ok!(prove(ASSIGNED, id));
		cool_down_and_verify();
		assert_eq!(gain(&before, ASSIGNED), REWARD);
		assert_eq!(gain(&before, PROPOSER), -REWARD);
		assert_eq!(balance(PROPOSER), 100 + escrow - REWARD as Balance);
	});
}

#[test]
fn attack_the_existential_deposit_edge() {
	ExtBuilder::default().empty_pool().build_and_execute(|| {
		// A bond and an escrow are never what keeps an account alive.
		leave_free(VANDALS[0], ProofBond::get() + 99);
		leave_free(VANDALS[1], 600_099);
		assert_noop!(propose_as(VANDALS[1]), Error::NoFunds);
		let id = open_block();
		assert_noop!(prove(VANDALS[0], id), Error::NoFunds);
		// With one more base unit they are enough; all that is left free is the deposit.
		leave_free(RESCUER, ProofBond::get() + 100);
		assert_ok!(prove(RESCUER, id));
		assert_noop!(send(RESCUER, 1), TokenError::Frozen);
		leave_free(PROPOSER, 100);
		let before = balances();
		cool_down_and_verify();
		assert_eq!(gain(&before, RESCUER), cost(GAS_USED, 75) as i128);
		assert_eq!(gain(&before, TREASURY), 0);
	});
}

#[test]
fn attack_accounts_reaped_while_the_rollup_owes_or_is_owed() {
	ExtBuilder::default().build_and_execute(|| {
		let id = assigned_block();
		// The prover that will not prove leaves the pool and takes all that is free.
		assert_ok!(ProverPool::exit(signed(ASSIGNED)));
		leave_free(ASSIGNED, 100);
		assert_noop!(send(ASSIGNED, 100), TokenError::Frozen);
		// So does the proposer. Neither account can go while something is held from it.
		leave_free(PROPOSER, 100);
		assert_noop!(send(PROPOSER, 100), TokenError::Frozen);
		run_to(deadline(id) + 1);
		let before = balances();
		assert_ok!(prove(RESCUER, id));
		cool_down_and_verify();
		assert_eq!(gain(&before, RESCUER), REWARD + REWARD / 2);
		assert_eq!(gain(&before, ASSIGNED), -4 * REWARD);
		// Nothing is held from the proposer any more: now it may go.
		assert_ok!(send(PROPOSER, balance(PROPOSER)));
		assert!(!System::account_exists(&PROPOSER));
	});
}

#[test]
fn attack_a_trap_for_provers() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let too_long = vec![0xff; MaxTxListSize::get() as usize + 1];
		let trap = |list, gas| try_propose(PROPOSER, list, gas);
		assert_noop!(trap(too_long, GAS_LIMIT), Error::TxListTooLong);
		assert_noop!(trap(vec![], MaxGasLimit::get() + 1), Error::GasLimitTooHigh);
		// A list that means nothing, within the limits: it proves as an empty block, which is paid.
		let garbage = vec![0xff; MaxTxListSize::get() as usize];
		assert_ok!(trap(garbage, 0));
		next_block();
		let empty = Execution { gas_used: 0, ..execution(1, GENESIS) };
		assert_ok!(prove_with(ASSIGNED, 1, empty));
		cool_down_and_verify();
		let base = cost(0, FEE) as i128;
		assert_eq!((gain(&before, ASSIGNED), gain(&before, PROPOSER)), (base, -base));
		assert!(slashes().is_empty());
	});
}

#[test]
fn attack_a_full_queue() {
	let capacity = vec![(ASSIGNED, STAKE, FEE, 100)];
	ExtBuilder::default()
		.provers(capacity)
		.with(|| MaxUnverifiedBlocks::set(20))
		.build_and_execute(|| {
			let before = balances();
			// One attacker does not fill the queue of 8, two do.
			(0..4).for_each(|_| propose_as(VANDALS[0]).unwrap());
			assert_noop!(propose_as(VANDALS[0]), Error::TooManyPendingBlocks);
			(0..4).for_each(|_| propose_as(VANDALS[1]).unwrap());
			assert_noop!(propose_as(PROPOSER), Error::PoolQueueFull);
			// It costs the honest proposer one block of waiting …
			next_block();
			let id = chain().next_id;
			assert_ok!(propose_as(PROPOSER));
			next_block();
			next_block();
			assert_eq!(assignment(id).prover, ASSIGNED);
			// … and the attackers all their blocks: the escrow while they wait, the rewards for good.
			assert_eq!(held(HoldReason::Escrow, VANDALS[0]), 4 * cost(GAS_LIMIT, FEE));
			for id in 1..=id {
				assert_ok!(prove(ASSIGNED, id));
			}
			cool_down_and_verify();
			assert_eq!(chain().verified_id, id);
			for vandal in &VANDALS[..2] {
				// Less the penalties of a prover that got them all at once.
				let paid = -gain(&before, *vandal);
				assert!((4 * REWARD - 4 * 7_500..=4 * REWARD).contains(&paid), "{paid}");
			}
		});
}
