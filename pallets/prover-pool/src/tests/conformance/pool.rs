//! This pallet, set up to be compared with the original.

use std::{
	collections::{BTreeMap, BTreeSet},
	fmt::Debug,
};

use frame_support::traits::fungible::MutateHold;
use prover_pool_primitives::{BlockId, Candidate, PricePerGas, Selection};
use sp_core::U256;
use sp_runtime::Perbill;

use super::recorded::{Member, Record, Recorded};
use crate::{
	mock::*, AssignmentOf, Assignments, AssignmentsOf, Exit, HoldReason, Listing, ProverId,
	ProverOf, Provers, Stakers,
};

/// A value that is not as recorded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
	pub what: String,
	pub recorded: String,
	pub ours: String,
}

/// Refused unless both are the same.
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

/// Refused unless both have the same values under the same keys. Names the first key where they differ.
fn same_entries<K, V>(
	what: &str,
	recorded: BTreeMap<K, V>,
	ours: BTreeMap<K, V>,
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
/// 25 of 10,000.
pub const SLASH_POINTS: Perbill = Perbill::from_parts(2_500_000);
pub const SLASH_MULTIPLIER: u32 = 4;

/// Sets the parameters for conformance: the original's numbers, and what is configurable without the
/// repairs (D11, D12, D15–D18).
fn set_conformance_parameters() {
	MaxProvers::set(32);
	PriceFloorPercent::set(75);
	PriceCeilingPercent::set(125);
	MaxExits::set(1);
	MinCapacity::set(32);
	MaxCapacity::set(u32::MAX);
	MinStakePerCapacity::set(MIN_STAKE_PER_CAPACITY);
	ExitPeriod::set(EXIT_PERIOD);
	MinChangeDelay::set(CHANGE_DELAY);
	SlashPoints::set(SLASH_POINTS);
	SlashMultiplier::set(SLASH_MULTIPLIER);
	SlashExitsFirst::set(true);
	SlashDeferral::set(0);
	MaxMisses::set(0);
	MinOverbid::set(Perbill::zero());
	EjectionThreshold::set(Perbill::zero());
	EntryDelay::set(0);
	DrawDelay::set(1);
	// In the original, liability does not end.
	MaxLiability::set(Moment::MAX);
}

/// Returns a chain whose pool is as recorded. Every account has the existential deposit on top: the
/// original's token has none.
pub fn load(recorded: &Recorded) -> sp_io::TestExternalities {
	let mut builder = ExtBuilder::default();
	set_conformance_parameters();
	for who in recorded.accounts() {
		let balance = recorded.balances.get(&who).copied().unwrap_or_default();
		let held = recorded.stake_of(who) + recorded.record(who).exit_amount.0;
		builder = builder.balance(who, balance + held + EXISTENTIAL_DEPOSIT);
	}
	let mut ext = builder.build();
	ext.execute_with(|| put(recorded));
	ext
}

/// Writes the recorded records.
fn put(recorded: &Recorded) {
	for (who, record) in recorded.records() {
		let duties = |matures_at| {
			let drawn = recorded.assignments_of(who).map(|assignment| assignment.drawn_at);
			drawn.filter(|drawn_at| *drawn_at <= matures_at).count() as u32
		};
		let exits: Vec<_> = record
			.exits
			.into_iter()
			.map(|(amount, matures_at)| Exit {
				id: 0,
				amount,
				matures_at,
				duties: duties(matures_at),
			})
			.collect();
		let Record { max_capacity, prover_id, outstanding, liable, .. } = record;
		let exits_total = exits.iter().map(|exit| exit.amount).sum();
		let staker = Staker {
			prover_id,
			max_capacity,
			outstanding,
			liable,
			exits: exits.try_into().unwrap(),
			..Default::default()
		};
		Stakers::<Test>::insert(who, staker);
		Balances::hold(&HoldReason::Staked.into(), &who, exits_total).unwrap();
	}
	for (block_id, assignment) in &recorded.ledger {
		AssignmentsOf::<Test>::insert(assignment.prover, block_id, ());
		Assignments::<Test>::insert(block_id, assignment);
	}
	let mut lottery: Lottery = Selection::<Balance>::open();
	for (slot, member) in recorded.members() {
		let Member { who, stake, reward_per_gas, free_capacity, entered_at } = member;
		Balances::hold(&HoldReason::Staked.into(), &who, stake).unwrap();
		let prover = ProverOf::<Test> {
			account: who,
			stake,
			reward_per_gas,
			paused: false,
			entered_at,
			entered_in: 0,
			changed_in: 0,
			listing: Listing::Current,
		};
		Provers::<Test>::insert(slot, prover);
		Selection::<Balance>::occupy(&mut lottery, slot);
		let candidate = Candidate { stake, reward_per_gas, free_capacity, paused: false };
		lottery.update(slot, None, Some(candidate));
	}
	Selection::<Balance>::save(lottery);
}

/// Prepares a slash that belongs to no assignment: writes one that is released, so that it takes no
/// capacity, with the terms of now. The original slashes accounts, not assignments.
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
	Stakers::<Test>::mutate(prover, |staker| {
		staker.on_assigned(drawn_at);
		staker.on_released();
	});
}

/// Compares everything: tokens, slots, records, ledger, and the pallet's own invariants.
pub fn compare(recorded: &Recorded) -> Result<(), Difference> {
	let balances = recorded.accounts().map(|who| {
		let balance = recorded.balances.get(&who).copied().unwrap_or_default();
		(who, balance + EXISTENTIAL_DEPOSIT)
	});
	let ours = recorded.accounts().map(|who| (who, free(who)));
	same_entries("balance of", balances.collect(), ours.collect())?;
	same_entries("slot", recorded.members(), members())?;
	same_entries("staker", recorded.records(), records())?;
	let ours: BTreeMap<_, _> = Assignments::<Test>::iter().collect();
	same_entries("assignment", recorded.ledger.clone(), ours)?;
	same("queue of draws", Vec::new(), pending())?;
	same("try_state", Ok(()), ProverPool::do_try_state())
}

fn members() -> BTreeMap<ProverId, Member> {
	let rows = ProverPool::get_provers(1, u32::MAX).into_iter().map(|row| {
		let member = Member {
			who: row.account,
			stake: row.offer.stake,
			reward_per_gas: row.offer.reward_per_gas,
			free_capacity: row.current_capacity,
			entered_at: row.entered_at,
		};
		(row.prover_id, member)
	});
	rows.collect()
}

fn records() -> BTreeMap<AccountId, Record> {
	let rows = Stakers::<Test>::iter_keys().map(|who| {
		let row = ProverPool::get_staker(who);
		let youngest = row.exits.last();
		let total = row.exits.iter().map(|exit| exit.amount).sum();
		let record = Record {
			exits: youngest.map(|exit| (total, exit.matures_at)),
			max_capacity: row.max_capacity,
			prover_id: row.prover.map(|prover| prover.prover_id),
			outstanding: row.outstanding,
			liable: row.liable,
		};
		(who, record)
	});
	rows.collect()
}

/// The weight of one slot in whole numbers, as the original has it, with the effective price.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct WholeWeight {
	pub weight: u128,
	pub effective_price: PricePerGas,
}

/// Returns the weights at a fee, read as the original's: max(1, ⌊weight / 2⁶⁴⌋) for each member with
/// free capacity and a price.
pub fn whole_weights(fee: PricePerGas) -> BTreeMap<ProverId, WholeWeight> {
	let members = members();
	ProverPool::get_prover_weights(fee, 1, u32::MAX)
		.into_iter()
		.filter(|row| members[&row.prover_id].free_capacity > 0)
		.map(|row| {
			let whole = (row.weight >> 64).low_u128().max(1);
			let weight = if row.weight == U256::zero() { 0 } else { whole };
			(row.prover_id, WholeWeight { weight, effective_price: row.effective_price })
		})
		.collect()
}
