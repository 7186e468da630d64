//! Random sequences of calls of a rollup: whatever is called in whatever order, a refused call changes nothing, all
//! invariants hold after each step, tokens are conserved for each block and each bond, and at the end
//! every block can be settled and nothing is left on hold.

use std::collections::BTreeMap;

use frame_support::{assert_ok, pallet_prelude::DispatchResult, weights::Weight, StorageNoopGuard};
use proptest::prelude::*;
use prover_pool_primitives::BlockId;
use sp_core::H256;

use crate::{mock::*, BlockRow};

const PROVERS: [AccountId; 4] = [ASSIGNED, 11, RESCUER, VANDALS[0]];

/// A step. Numbers choose among what there is.
#[derive(Clone, Debug)]
enum Step {
	Pass(u8),
	Propose(u8),
	/// Prover, block, and which parent, hash and tag.
	Prove(u8, u8, u8, u8, u8),
	Verify(u8),
	Expire(u8),
	Skip,
	/// Which of the stored claims.
	Dispute(u8),
	Clear(u8, u8),
	Revoke(u8),
	Seed(bool),
	Idle(bool),
	Pause,
	Unpause,
	Reset(u8),
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		10 => (1u8..6).prop_map(Step::Pass),
		14 => any::<u8>().prop_map(Step::Propose),
		36 => (any::<u8>(), 0u8..4, 0u8..9, 0u8..8, 0u8..3)
			.prop_map(|(who, block, parent, hash, tag)| Step::Prove(who, block, parent, hash, tag)),
		8 => (0u8..5).prop_map(Step::Verify),
		1 => (0u8..6).prop_map(Step::Expire),
		2 => Just(Step::Skip),
		2 => any::<u8>().prop_map(Step::Dispute),
		3 => (0u8..12, 0u8..4).prop_map(|(block, max)| Step::Clear(block, max)),
		3 => (0u8..5).prop_map(Step::Revoke),
		2 => prop::bool::weighted(0.8).prop_map(Step::Seed),
		2 => any::<bool>().prop_map(Step::Idle),
		1 => Just(Step::Pause),
		4 => Just(Step::Unpause),
		1 => (0u8..3).prop_map(Step::Reset),
	]
}

/// All claims that wait for verification.
fn waiting_claims() -> Vec<(BlockId, Execution)> {
	let blocks = BlockProposal::blocks(0, u32::MAX).into_iter();
	blocks
		.flat_map(|BlockRow { block_id: id, block }| {
			let others = BlockProposal::claims(id, u32::MAX);
			others
				.into_iter()
				.chain(block.claim_in_time().cloned())
				.map(move |claim| (id, claim.execution))
		})
		.collect()
}

fn take(step: &Step) -> DispatchResult {
	let head = chain().head;
	match *step {
		Step::Pass(blocks) => {
			(0..blocks).for_each(|_| next_block());
			Ok(())
		},
		Step::Propose(who) => {
			let proposer = if who % 3 == 0 { RESCUER } else { PROPOSER };
			try_propose(proposer, tx_list(chain().next_id), GAS_LIMIT)
		},
		Step::Prove(who, block, parent, hash, tag) => {
			let id = head + u64::from(block);
			let parent_hash = match parent {
				0..=6 => right_parent(id),
				7 => chain().verified_hash,
				_ => H256::repeat_byte(who % 3),
			};
			let execution = match hash {
				0..=6 => execution(id, parent_hash),
				_ => wrong(id, parent_hash, who % 4),
			};
			prove_tagged(PROVERS[usize::from(who) % 4], id, execution, tag)
		},
		Step::Verify(max) => try_verify(max.into()),
		Step::Expire(block) => {
			BlockProposal::expire_request(signed(BENEFICIARY), head + u64::from(block))
		},
		Step::Skip => skip(BENEFICIARY, head),
		Step::Dispute(which) => match waiting_claims() {
			claims if claims.is_empty() => dispute(head, execution(head, GENESIS)),
			claims => {
				let (id, execution) = claims[usize::from(which) % claims.len()];
				dispute(id, execution)
			},
		},
		Step::Clear(block, max) => {
			let id = head.saturating_sub(block.into());
			let parents = Claims::<Test>::iter_key_prefix(id).take(max.into());
			plain(clear_on(id, &parents.collect::<Vec<_>>()))
		},
		Step::Revoke(tag) => {
			// From 3 on they are never used: nothing is revoked then.
			Revoked::set(vec![tag]);
			Ok(())
		},
		Step::Seed(some) => {
			Seed::set(some.then_some([9; 32]));
			Ok(())
		},
		Step::Idle(all) => {
			IdleWeight::set(if all { Weight::MAX } else { Weight::zero() });
			Ok(())
		},
		Step::Pause => BlockProposal::pause(root()),
		Step::Unpause => BlockProposal::unpause(root()),
		Step::Reset(byte) => BlockProposal::reset(root(), H256::repeat_byte(byte)),
	}
}

/// What each block and each bond cost, and where it went, by the events.
#[derive(Default)]
struct Ledger {
	escrows: BTreeMap<BlockId, Balance>,
	/// What is held for claims of a block by an account.
	bonds: BTreeMap<(BlockId, AccountId), Balance>,
	settled: usize,
}

impl Ledger {
	fn read(&mut self) {
		for event in events() {
			match event {
				Event::BlockProposed { block_id, escrow, .. } => {
					assert_eq!(self.escrows.insert(block_id, escrow), None);
				},
				Event::BlockVerified { block_id, paid, returned, forfeited, .. } => {
					self.settle(block_id, paid + returned + forfeited);
				},
				Event::BlockSkipped { block_id, returned, forfeited }
				| Event::BlockCancelled { block_id, returned, forfeited } => {
					self.settle(block_id, returned + forfeited);
				},
				Event::BlockClaimed { block_id, prover, bond, .. } => {
					*self.bonds.entry((block_id, prover)).or_default() += bond;
				},
				Event::BondSettled { block_id, prover, returned, forfeited } => {
					let held = self.bonds.get_mut(&(block_id, prover)).expect("a claim");
					*held = held.checked_sub(returned + forfeited).expect("no more than held");
				},
				Event::PaymentFailed { .. } => panic!("all accounts can receive"),
				Event::PoolRefused { .. } => panic!("the pool has no reason to refuse"),
				_ => {},
			}
		}
	}

	fn settle(&mut self, block_id: BlockId, sum: Balance) {
		assert_eq!(self.escrows.remove(&block_id), Some(sum), "escrow of {block_id}");
		self.settled += 1;
	}
}

/// Lets everything be settled: nothing may be stuck.
fn settle_all(ledger: &mut Ledger) {
	Revoked::set(vec![]);
	Seed::set(Some([9; 32]));
	IdleWeight::set(Weight::MAX);
	if BlockProposal::is_paused() {
		assert_ok!(BlockProposal::unpause(root()));
	}
	for _ in 0..1_000 {
		next_block();
		ledger.read();
		let head = chain().head;
		if head == chain().next_id {
			break;
		}
		let _ = BlockProposal::expire_request(signed(BENEFICIARY), head);
		let _ = skip(BENEFICIARY, head);
	}
	next_block();
	ledger.read();
	assert_eq!((chain().unverified(), chain().pending, chain().open), (0, 0, 0));
	assert!(Claims::<Test>::iter().next().is_none());
	assert!(Leftovers::<Test>::iter().next().is_none());
	assert!(ledger.escrows.is_empty());
	assert!(ledger.bonds.values().all(|held| *held == 0));
	assert!(pallet_prover_pool::Assignments::<Test>::iter().next().is_none());
	for who in frame_system::Account::<Test>::iter_keys() {
		assert_eq!(held(HoldReason::Escrow, who) + held(HoldReason::ProofBond, who), 0);
	}
}

fn live(steps: &[Step]) {
	let provers = vec![(ASSIGNED, STAKE, FEE, 3), (11, STAKE, FEE, 2)];
	ExtBuilder::default().provers(provers).build_and_execute(|| {
		let mut ledger = Ledger::default();
		for step in steps {
			let guard = StorageNoopGuard::default();
			if take(step).is_ok() {
				std::mem::forget(guard);
			}
			ledger.read();
			assert_ok!(BlockProposal::do_try_state());
			assert_ok!(ProverPool::do_try_state());
		}
		settle_all(&mut ledger);
	});
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..Default::default() })]

	#[test]
	fn random_sequences_conserve_tokens_and_get_settled(
		steps in prop::collection::vec(step(), 1..120)
	) {
		live(&steps);
	}
}
