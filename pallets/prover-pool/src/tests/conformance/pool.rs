//! This pallet, set up to be compared with the original.

use std::{
	collections::{BTreeMap, BTreeSet},
	fmt::Debug,
};

use frame_support::traits::fungible::MutateHold;
use prover_pool_primitives::{BlockId, PricePerGas};
use sp_core::U256;
use sp_runtime::Perbill;

use super::recorded::Recorded;
use crate::{mock::*, AssignmentOf, Assignments, AssignmentsOf, HoldReason, ProverId, ProverOf};

/// Something that is not as recorded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
	pub what: String,
	pub recorded: String,
	pub ours: String,
}

/// Whether both are the same.
pub fn same<T: PartialEq + Debug>(what: &str, recorded: T, ours: T) -> Result<(), Difference> {
	if recorded == ours {
		return Ok(());
	}
	Err(Difference {
		what: what.into(),
		recorded: format!("{recorded:?}"),
		ours: format!("{ours:?}"),
	})
}

/// Whether both hold the same under the same keys. Names the first key under which they do not.
pub fn same_entries<K, V>(
	what: &str,
	recorded: &BTreeMap<K, V>,
	ours: &BTreeMap<K, V>,
) -> Result<(), Difference>
where
	K: Ord + Debug,
	V: PartialEq + Debug,
{
	let keys: BTreeSet<_> = recorded.keys().chain(ours.keys()).collect();
	keys.into_iter()
		.try_for_each(|key| same(&format!("{what} {key:?}"), recorded.get(key), ours.get(key)))
}

// The original's own numbers. One unit of the clock is a second.

pub const EXIT_PERIOD: Moment = 7 * 24 * 60 * 60;
pub const CHANGE_DELAY: Moment = 60 * 60;
pub const MIN_STAKE_PER_CAPACITY: Balance = 10_000;
/// 25 of 10 000.
pub const SLASH_POINTS: Perbill = Perbill::from_parts(2_500_000);
pub const SLASH_MULTIPLIER: u32 = 4;

/// The parameters with which this pallet can do what the original did: its own numbers, and none of
/// the repairs that are a matter of configuration (D11, D12, D15).
fn set_originals_parameters() {
	MaxProvers::set(32);
	MinCapacity::set(32);
	MinStakePerCapacity::set(MIN_STAKE_PER_CAPACITY);
	ExitPeriod::set(EXIT_PERIOD);
	MinChangeDelay::set(CHANGE_DELAY);
	SlashPoints::set(SLASH_POINTS);
	SlashMultiplier::set(SLASH_MULTIPLIER);
	PriceFloorPercent::set(75);
	PriceCeilingPercent::set(125);
	MinOverbid::set(Perbill::zero());
	EjectionThreshold::set(Perbill::zero());
	EntryDelay::set(0);
	// The original knows no liability that could end.
	MaxLiability::set(Moment::MAX);
}

/// A chain whose pool is as recorded. Every account has the existential deposit on top: the original's
/// token has none.
pub fn load(recorded: &Recorded) -> sp_io::TestExternalities {
	let mut builder = ExtBuilder::default();
	set_originals_parameters();
	for who in recorded.accounts() {
		let balance = recorded.balances.get(&who).copied().unwrap_or_default();
		let held = recorded.stake_of(who) + recorded.record(who).exit_amount.0;
		builder = builder.balance(who, balance + held + EXISTENTIAL_DEPOSIT);
	}
	let mut ext = builder.build();
	ext.execute_with(|| {
		let mut members = BTreeMap::new();
		for (slot, (who, staked_amount, reward_per_gas, current_capacity)) in recorded.members() {
			Balances::hold(&HoldReason::Stake.into(), &who, staked_amount).unwrap();
			let prover = ProverOf::<Test> {
				who,
				staked_amount,
				reward_per_gas,
				current_capacity,
				entered_in: 0,
				waiting: false,
			};
			members.insert((slot, who), prover);
		}
		for (who, staker) in recorded.stakers() {
			Balances::hold(&HoldReason::Exit.into(), &who, staker.exit_amount).unwrap();
			let prover = staker.prover_id.and_then(|slot| members.remove(&(slot, who)));
			put_account(who, staker, prover);
		}
		assert!(members.is_empty(), "recorded members without a record: {members:?}");
		for (block_id, assignment) in &recorded.ledger {
			AssignmentsOf::<Test>::insert(assignment.prover, block_id, ());
			Assignments::<Test>::insert(block_id, assignment);
		}
	});
	ext
}

/// Before a slash that belongs to no assignment: one that has been released, so that it takes no place,
/// with the terms of now. The original slashes accounts, not assignments.
pub fn assign_for_slash(
	recorded: &Recorded,
	block_id: BlockId,
	prover: AccountId,
	drawn_at: Moment,
) {
	let terms = recorded.terms(prover);
	let assignment =
		AssignmentOf::<Test> { prover, reward_per_gas: 1, drawn_at, released: true, terms };
	Assignments::<Test>::insert(block_id, assignment);
	AssignmentsOf::<Test>::insert(prover, block_id, ());
	crate::Stakers::<Test>::mutate(prover, |(staker, _)| {
		staker.liable += 1;
		staker.liable_since.get_or_insert(drawn_at);
	});
}

/// Compares everything: tokens, slots, records, ledger, and the pallet's own invariants.
pub fn compare(recorded: &Recorded) -> Result<(), Difference> {
	let balances = recorded.accounts().map(|who| {
		let balance = recorded.balances.get(&who).copied().unwrap_or_default();
		(who, balance + EXISTENTIAL_DEPOSIT)
	});
	let ours = recorded.accounts().map(|who| (who, free(who)));
	same_entries("balance of", &balances.collect(), &ours.collect())?;

	let ours = ProverPool::get_provers(1, u32::MAX).into_iter().map(|(slot, prover)| {
		let ProverOf::<Test> { who, staked_amount, reward_per_gas, current_capacity, .. } = prover;
		(slot, (who, staked_amount, reward_per_gas, current_capacity))
	});
	same_entries("slot", &recorded.members(), &ours.collect())?;
	let ours = crate::Stakers::<Test>::iter().map(|(who, (staker, _))| (who, staker));
	same_entries("staker", &recorded.stakers(), &ours.collect())?;

	let ours: BTreeMap<BlockId, AssignmentOf<Test>> = Assignments::<Test>::iter().collect();
	same_entries("assignment", &recorded.ledger, &ours)?;
	same("queue of draws", Vec::new(), pending())?;
	same("try_state", Ok(()), ProverPool::do_try_state())
}

/// What one slot weighs in whole numbers, as the original has it, with the effective price.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct WholeWeight {
	pub weight: u128,
	pub effective_price: PricePerGas,
}

/// The weights at a fee, read as the original's: max(1, ⌊weight / 2⁶⁴⌋) for whoever has a free place
/// and a price.
pub fn whole_weights(fee: PricePerGas) -> BTreeMap<ProverId, WholeWeight> {
	let free_places: BTreeMap<_, _> = ProverPool::get_provers(1, u32::MAX)
		.into_iter()
		.map(|(slot, prover)| (slot, prover.current_capacity))
		.collect();
	ProverPool::get_prover_weights(fee, 1, u32::MAX)
		.into_iter()
		.filter(|prover| free_places[&prover.prover_id] > 0)
		.map(|prover| {
			let whole = (prover.weight >> 64).low_u128().max(1);
			let weight = if prover.weight == U256::zero() { 0 } else { whole };
			(prover.prover_id, WholeWeight { weight, effective_price: prover.effective_price })
		})
		.collect()
}
