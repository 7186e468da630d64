//! From one version to the next: the pool's clock changes, and no period does.

use super::chain::{check_state, Chain};
use crate::{
	configs::{money::UNIT, pool::DrawDelay, protocol::FIRST_FEE_PER_GAS},
	pool_clock::{BLOCKS, SLOTS},
	BlockNumber, PoolClock, ProverPool, Runtime, RuntimeCall,
};
use frame_support::{
	migrations::VersionedMigration,
	traits::{GetStorageVersion, OnRuntimeUpgrade, StorageVersion},
};
use pallet_prover_pool::{
	migrations::MoveClock, AssignmentOf, Assignments, OrderedKey, PendingSlashOf, PendingSlashes,
	ProverId, ProverOf, Provers, SlashSchedule, Staker, Stakers,
};
use prover_pool_primitives::{Fault, ProverPool as Pool};
use sp_keyring::Sr25519Keyring::*;
use sp_runtime::{traits::BlockNumberProvider, AccountId32, Perbill};

fn stake(amount: u128) -> RuntimeCall {
	let reward_per_gas = FIRST_FEE_PER_GAS;
	pallet_prover_pool::Call::stake { amount: amount * UNIT, reward_per_gas, max_capacity: 4 }
		.into()
}

fn propose() -> RuntimeCall {
	pallet_block_proposal::Call::propose_block {
		tx_list: b"a list of transactions".to_vec(),
		gas_limit: 1_000_000,
		beneficiary: Ferdie.to_account_id(),
		max_fee_per_gas: u32::MAX,
	}
	.into()
}

fn set_pool(parameter: crate::configs::parameters::dynamic::pool::Parameters) -> RuntimeCall {
	let key_value = crate::configs::parameters::RuntimeParameters::Pool(parameter);
	let call = crate::checked_parameters::Call::set_parameter { key_value };
	pallet_sudo::Call::sudo { call: Box::new(call.into()) }.into()
}

const EXIT_PERIOD: BlockNumber = 12;

/// A chain with a running exit, members, a drawn block, a pending slash, a suspended prover and a request
/// that waits.
fn busy_chain() -> Chain {
	use crate::configs::parameters::dynamic::pool::*;
	let mut chain = Chain::development();
	chain.run_to(4);
	chain.block(vec![
		(Alice, set_pool(Parameters::MinChangeDelay(MinChangeDelay, Some(1)))),
		(Alice, set_pool(Parameters::ExitPeriod(ExitPeriod, Some(EXIT_PERIOD)))),
		(Alice, set_pool(Parameters::MaxMisses(MaxMisses, Some(1)))),
		(Alice, set_pool(Parameters::MaxPausedShare(MaxPausedShare, Some(Perbill::one())))),
		(Ferdie, stake(300)),
	]);
	chain.block(vec![(Ferdie, propose())]);
	chain.block(vec![(Bob, propose())]);
	chain.block(vec![(Ferdie, pallet_prover_pool::Call::exit {}.into())]);
	// Both are drawn by then.
	chain.run_to(7 + DrawDelay::get() + 1);
	chain.inspect(|| {
		let slashed = <ProverPool as Pool<_, _>>::slash_prover(1, UNIT, Fault::Other, None);
		assert!(slashed.is_ok_and(|amount| amount > 0));
		assert!(Stakers::<Runtime>::iter_values().any(|staker| staker.suspended_until.is_some()));
	});
	chain.block(vec![(Bob, propose())]);
	chain
}

/// What the pool has stored that has to do with time.
#[derive(Debug, PartialEq)]
struct Records {
	stakers: Vec<(AccountId32, Staker<Runtime>)>,
	provers: Vec<(ProverId, ProverOf<Runtime>)>,
	assignments: Vec<(u64, AssignmentOf<Runtime>)>,
	slashes: Vec<(u64, PendingSlashOf<Runtime>)>,
	schedule: Vec<OrderedKey>,
}

fn records() -> Records {
	let mut records = Records {
		stakers: Stakers::<Runtime>::iter().collect(),
		provers: Provers::<Runtime>::iter().collect(),
		assignments: Assignments::<Runtime>::iter().collect(),
		slashes: PendingSlashes::<Runtime>::iter().collect(),
		schedule: SlashSchedule::<Runtime>::iter_keys().collect(),
	};
	records.stakers.sort_by_key(|(who, _)| who.clone());
	records.provers.sort_by_key(|(prover_id, _)| *prover_id);
	records.assignments.sort_by_key(|(block_id, _)| *block_id);
	records.slashes.sort_by_key(|(block_id, _)| *block_id);
	records
}

/// The same, with every moment replaced.
fn replaced(mut records: Records, with: impl Fn(BlockNumber) -> BlockNumber) -> Records {
	for (_, staker) in &mut records.stakers {
		staker.exits.as_mut().iter_mut().for_each(|exit| exit.matures_at = with(exit.matures_at));
		staker.suspended_until = staker.suspended_until.map(&with);
	}
	for (_, prover) in &mut records.provers {
		prover.entered_at = with(prover.entered_at);
	}
	for (_, assignment) in &mut records.assignments {
		assignment.drawn_at = with(assignment.drawn_at);
	}
	for (_, slash) in &mut records.slashes {
		slash.due_at = with(slash.due_at);
		slash.suspended_until = slash.suspended_until.map(&with);
	}
	for key in &mut records.schedule {
		let due_at = BlockNumber::try_from(key.time()).expect("a moment");
		*key = OrderedKey::new(with(due_at), key.id());
	}
	records
}

/// Puts other moments into the state.
fn store(records: Records) {
	for (who, staker) in records.stakers {
		Stakers::<Runtime>::insert(who, staker);
	}
	for (prover_id, prover) in records.provers {
		Provers::<Runtime>::insert(prover_id, prover);
	}
	for (block_id, assignment) in records.assignments {
		Assignments::<Runtime>::insert(block_id, assignment);
	}
	for (block_id, slash) in records.slashes {
		PendingSlashes::<Runtime>::insert(block_id, slash);
	}
	let _ = SlashSchedule::<Runtime>::clear(u32::MAX, None);
	for key in records.schedule {
		SlashSchedule::<Runtime>::insert(key, ());
	}
}

#[test]
fn state_says_what_its_moments_mean() {
	let meaning = if cfg!(feature = "next-runtime") { SLOTS } else { BLOCKS };
	Chain::development().inspect(|| {
		assert_eq!(PoolClock::on_chain_storage_version(), StorageVersion::new(meaning));
		assert_eq!(PoolClock::in_code_storage_version(), StorageVersion::new(meaning));
	});
}

#[test]
fn clock_changes_once() {
	// Any other clock, and any versions: what this runtime's own migration is, is for the next tests.
	struct Ahead;
	impl BlockNumberProvider for Ahead {
		type BlockNumber = BlockNumber;

		fn current_block_number() -> BlockNumber {
			PoolClock::current_block_number() + 1_000_000
		}
	}
	const FROM: u16 = 1_000;
	const TO: u16 = 1_001;
	type Clock = MoveClock<Runtime, Ahead>;
	type Upgrade =
		VersionedMigration<FROM, TO, Clock, PoolClock, <Runtime as frame_system::Config>::DbWeight>;

	let mut chain = busy_chain();
	chain.inspect(|| {
		// The state of a chain whose clock was a million ahead.
		let present = records();
		assert_eq!((present.stakers.len(), present.provers.len()), (4, 3));
		assert_eq!((present.assignments.len(), present.slashes.len()), (1, 1));
		store(replaced(records(), |moment| moment + 1_000_000));
		assert_ne!(records(), present);

		// Another version: nothing happens.
		let untouched = records();
		Upgrade::on_runtime_upgrade();
		assert_eq!(records(), untouched);

		StorageVersion::new(FROM).put::<PoolClock>();
		let before = Clock::check_before().expect("the invariants hold");
		Upgrade::on_runtime_upgrade();
		Clock::check_after(before).expect("nothing has aged");
		assert_eq!(records(), present);
		assert_eq!(PoolClock::on_chain_storage_version(), StorageVersion::new(TO));

		Upgrade::on_runtime_upgrade();
		assert_eq!(records(), present, "the second time does nothing");
		check_state();
	});
}

/// The upgrade itself, as the chain goes through it. The next runtime finds what the first one has left,
/// and a twin that has counted slots all its life shows what must become of it.
#[cfg(feature = "next-runtime")]
mod from_blocks_to_slots {
	use super::*;
	use crate::{RuntimeEvent, RuntimeOrigin};
	use frame_support::assert_noop;
	use frame_system::{LastRuntimeUpgrade, LastRuntimeUpgradeInfo};

	/// The first block's slot is 1 000.
	const AHEAD: BlockNumber = 999;
	/// In which block Ferdie leaves.
	const LEFT_IN: BlockNumber = 8;

	/// A chain as the first runtime leaves it.
	fn first_runtimes_chain() -> Chain {
		let mut chain = busy_chain();
		chain.inspect(|| {
			// The provers of the genesis have been there since slot 0, and since block 0.
			store(replaced(records(), |slot| slot.saturating_sub(AHEAD)));
			StorageVersion::new(BLOCKS).put::<PoolClock>();
			LastRuntimeUpgrade::<Runtime>::put(LastRuntimeUpgradeInfo {
				spec_version: 1.into(),
				spec_name: "prover-pool".into(),
			});
		});
		chain
	}

	fn withdrawn(events: &[RuntimeEvent]) -> bool {
		events.iter().any(|event| {
			matches!(
				event,
				RuntimeEvent::ProverPool(pallet_prover_pool::Event::Withdrawn { who, amount })
					if *who == Ferdie.to_account_id() && *amount == 300 * UNIT
			)
		})
	}

	#[test]
	fn nothing_ages_by_the_upgrade() {
		let (mut chain, mut twin) = (first_runtimes_chain(), busy_chain());
		let before = chain.inspect(records);
		let matures_at = |records: &Records| {
			let ferdie = Ferdie.to_account_id();
			let (_, staker) = records.stakers.iter().find(|(who, _)| *who == ferdie).unwrap();
			staker.exits[0].matures_at
		};
		assert_eq!(matures_at(&before), LEFT_IN + EXIT_PERIOD);

		for _ in 0..=DrawDelay::get() {
			chain.block(Vec::new());
			twin.block(Vec::new());
			let lived = replaced(twin.inspect(records), |slot| slot.max(AHEAD));
			assert_eq!(matures_at(&lived), LEFT_IN + EXIT_PERIOD + AHEAD);
			assert_eq!(chain.inspect(records), lived, "in block {}", chain.number());
		}
		chain.inspect(|| {
			assert_eq!(PoolClock::on_chain_storage_version(), StorageVersion::new(SLOTS));
			assert_eq!(records().assignments.len(), 2, "the request was drawn");
		});
	}

	/// Ferdie cannot be paid out yet, and can in the next block.
	fn assert_matures_next(chain: &mut Chain) {
		let withdraw = pallet_prover_pool::Call::withdraw {};
		chain.inspect(|| {
			assert_noop!(
				ProverPool::withdraw(RuntimeOrigin::signed(Ferdie.to_account_id())),
				pallet_prover_pool::Error::<Runtime>::NoMatureExit
			);
		});
		assert!(withdrawn(&chain.block(vec![(Ferdie, withdraw.into())])));
	}

	#[test]
	fn exit_matures_neither_early_nor_late() {
		let mut chain = first_runtimes_chain();
		chain.run_to(LEFT_IN + EXIT_PERIOD);
		assert_matures_next(&mut chain);
	}

	#[test]
	fn empty_slots_count_from_now_on() {
		let mut chain = first_runtimes_chain();
		chain.block(Vec::new());
		chain.skip_slots(5);
		chain.run_to(LEFT_IN + EXIT_PERIOD - 5);
		assert_matures_next(&mut chain);
	}

	/// A slot stays empty just before the block that changes the clock: it counts, once.
	#[test]
	fn empty_slots_just_before_the_upgrade_count() {
		let mut chain = first_runtimes_chain();
		chain.skip_slots(2);
		chain.run_to(LEFT_IN + EXIT_PERIOD - 2);
		assert_matures_next(&mut chain);
	}
}
