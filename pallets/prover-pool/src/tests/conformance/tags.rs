//! What the recordings mark: defects of the original (*quirks*) and consequences of its design
//! (*notes*). Each recorded operation with such a tag runs here from the state that was recorded before
//! it, and is compared with what the original did.

use std::{
	collections::{BTreeMap, BTreeSet},
	path::Path,
};

use frame_support::{assert_noop, assert_ok};
use pallet_prover_lottery::PriceBand;
use prover_pool_primitives::PricePerGas;
use sp_runtime::{DispatchResult, Perbill};

use super::{
	cases::{cases, cases_of, Case},
	pool::{whole_weights, CHANGE_DELAY, EXIT_PERIOD, MIN_STAKE_PER_CAPACITY},
	recorded::Recorded,
	recordings,
	replay::Mismatch,
	trace::{Call, Operation, PoolEvent, SlotRecord},
	OWN,
};
use crate::mock::*;

/// Every tag that occurs, its row in the table of differences, and its test.
const TAGS: [(&str, &str, fn()); 17] = [
	("fee125-overflow", "D1", d01_fee125_overflow),
	("fee75-overflow", "D1", d01_fee75_overflow),
	("slash-mul-overflow", "D2", d02_slash_mul_overflow),
	("matured-exit-slash", "D3", d03_matured_exit_slash),
	("capacity-refill", "D4", d04_capacity_refill),
	("stale-release", "D4", d04_stale_release),
	("zero-stake-lottery", "D5", d05_zero_stake_lottery),
	("under-min", "D5", d05_under_min),
	("early-change", "D6", d06_early_change),
	("slash-silent", "D10", d10_slash_silent),
	("exit-busy", "D10", d10_exit_busy),
	("genesis-cooldown", "D13", d13_genesis_cooldown),
	("zero-stake-evicted", "D14", d14_zero_stake_evicted),
	("clock-restart", "the same", same_clock_restart),
	("ejected-busy", "the same", same_ejected_busy),
	("zero-slash", "the same", same_zero_slash),
	("noop", "the same", same_noop),
];

#[test]
fn every_tag_has_its_test() {
	let with_tests: BTreeSet<_> = TAGS.iter().map(|(tag, ..)| String::from(*tag)).collect();
	let recordings = recordings(Path::new(OWN));
	let ops = recordings.iter().flat_map(|(_, trace)| &trace.ops);
	let found: BTreeSet<_> = ops.flat_map(Operation::tags).map(String::from).collect();
	assert_eq!(with_tests, found);
	assert_eq!(with_tests.len(), TAGS.len(), "a tag is listed twice");
}

/// Returns the original's weights of the recorded slots, with its 32-bit products: weight and price.
fn originals_weights(recorded: &Recorded, fee: PricePerGas) -> BTreeMap<u32, (u128, PricePerGas)> {
	let (high, low) = (fee.wrapping_mul(125) / 100, fee.wrapping_mul(75) / 100);
	let weight = |slot: &SlotRecord| {
		let price = match slot.reward_per_gas {
			asked if asked > high => high,
			asked if asked < low => low,
			asked => asked,
		};
		let square = u128::from(price) * u128::from(price);
		let weight = slot.staked_amount.0.checked_div(square).map_or(0, |whole| whole.max(1));
		(weight, price)
	};
	let free = recorded.slots.iter().filter(|(_, slot)| slot.current_capacity > 0);
	free.map(|(number, slot)| (*number, weight(slot))).collect()
}

/// Returns what the original's slash takes, with its 64-bit product.
fn originals_slash(case: &Case) -> Balance {
	let (who, record) = (case.whom(), case.before.record(case.whom()));
	let live =
		record.exit_requested_at > 0 && case.op.now <= record.exit_requested_at + EXIT_PERIOD;
	let exit = if live { record.exit_amount.0 } else { 0 };
	let pot = case.before.stake_of(who) + exit;
	if pot == 0 {
		return 0;
	}
	let multiple = u64::try_from(case.proof_reward()).unwrap().wrapping_mul(4);
	(pot * 25 / 10_000 / Balance::from(record.max_capacity)).max(multiple.into()).min(pot)
}

/// D1. The original's band is what its wrapped products give; here it is the band.
fn band_of_a_high_fee(tag: &str, percent: u64) {
	let mut outside = 0;
	for case in cases(tag) {
		let Call::AssignProver { block_id, fee_per_gas: fee } = case.op.call else { panic!() };
		assert!(u64::from(fee) * percent > u32::MAX.into(), "{}", case.name());

		let weights = originals_weights(&case.before, fee);
		let (picked, returned) = (case.op.pick.clone().unwrap(), case.op.returned.clone().unwrap());
		assert_eq!(picked.total.0, weights.values().map(|(weight, _)| weight).sum::<u128>());
		let price = weights.get(&picked.slot).map_or(0, |(_, price)| *price);
		assert_eq!(returned.reward_per_gas, price, "{}", case.name());

		case.here(|| {
			let band = PriceBand::around(fee, 75, 125).unwrap();
			let exact = |percent: u64| (u64::from(fee) * percent / 100).min(u32::MAX.into()) as u32;
			for (slot, whole) in whole_weights(fee) {
				let asked = case.before.slots[&slot].reward_per_gas;
				assert_eq!(whole.effective_price, asked.clamp(exact(75), exact(125)));
				assert_eq!(whole.effective_price, band.clamp(asked));
			}
			// A member is drawn, at a price within the band.
			assert_ok!(request_at(block_id.0, fee));
			run_blocks(2);
			let agreed = assignment(block_id.0).unwrap().reward_per_gas;
			assert_eq!(agreed, band.clamp(agreed), "{}", case.name());
			outside += usize::from(price != band.clamp(price));
		});
	}
	println!("{tag}: in {outside} draws the original agreed on a price outside of the band");
	assert!(outside > 0);
}

#[test]
fn d01_fee125_overflow() {
	band_of_a_high_fee("fee125-overflow", 125);
}

#[test]
fn d01_fee75_overflow() {
	band_of_a_high_fee("fee75-overflow", 75);
}

#[test]
fn d02_slash_mul_overflow() {
	let mut spared = 0;
	for case in cases("slash-mul-overflow") {
		case.here(|| {
			assert_eq!(case.recorded_slash(), originals_slash(&case), "{}", case.name());
			// Four times such a reward exceeds every stake.
			let here = case.slash(case.op.now);
			assert_eq!(here.amount, here.answering, "{}", case.name());
			assert_eq!(prover(case.whom()), None);
			spared += usize::from(case.recorded_slash() < here.amount);
		});
	}
	println!("slash-mul-overflow: {spared} slashes of the original took less than all");
	assert!(spared > 0);
}

#[test]
fn d03_matured_exit_slash() {
	for case in cases("matured-exit-slash") {
		let who = case.whom();
		let exit = case.before.record(who).exit_amount.0;
		let taken = case.recorded_slash();
		// There: computed from the stake alone, and taken from the exit first.
		let gone = exit - case.after().record(who).exit_amount.0;
		case.here(|| {
			assert_eq!(taken, originals_slash(&case), "{}", case.name());
			assert_eq!(gone, taken.min(exit), "{}", case.name());
			let balance = free(who);
			// Here: the exit does not answer for work that was drawn after its date.
			let here = case.slash(case.op.now);
			assert_eq!(here.answering, case.before.stake_of(who), "{}", case.name());
			assert_eq!(here.from_exits, 0, "{}", case.name());
			assert!(case.is("slash-mul-overflow") || here.amount == taken, "{}", case.name());
			if case.withheld(who) {
				assert_eq!(staker(who).exits_total(), exit, "{}", case.name());
				return;
			}
			// It is paid out by an ejection already if nothing was left of the stake.
			if prover(who).is_some() {
				assert_ok!(withdraw(who));
			}
			assert_eq!(free(who), balance + exit, "{}", case.name());
		});
	}
}

#[test]
fn d04_capacity_refill() {
	let mut refused = 0;
	for case in cases("capacity-refill") {
		let Call::Stake { amount, reward_per_gas, max_capacity } = case.op.call else { panic!() };
		let outstanding = case.before.outstanding(case.by());
		let recorded = case.op.events.last();
		let Some(PoolEvent::Staked { current_capacity, .. }) = recorded else { panic!() };
		assert_eq!(*current_capacity, max_capacity, "{}", case.name());
		assert!(outstanding > 0, "{}", case.name());
		case.here(|| {
			if case.is("early-change") {
				assert_noop!(case.call(), Error::ChangeTooFrequent);
				refused += 1;
				return;
			}
			assert_ok!(case.call());
			let free = max_capacity.saturating_sub(outstanding);
			let prover_id = staker(case.by()).prover_id.unwrap();
			let expected = staked(case.by(), prover_id, amount.0, reward_per_gas, free);
			assert_eq!(pool_events().pop(), Some(expected), "{}", case.name());
		});
	}
	assert_eq!(refused, 1, "the only one that D6 refuses already");
}

#[test]
fn d04_stale_release() {
	for case in cases("stale-release") {
		let (who, block_id) = (case.whom(), case.op.info.blk.unwrap().0);
		// There: the unit counts twice, since the entry began with all of the capacity.
		let capacity = |recorded: &Recorded| recorded.slot_of(who).unwrap().current_capacity;
		assert_eq!(capacity(&case.after()), capacity(&case.before) + 1, "{}", case.name());
		let outstanding = case.before.outstanding(who);
		case.here(|| {
			assert_ok!(release(block_id));
			assert_eq!(staker(who).outstanding, outstanding - 1, "{}", case.name());
			if let Some(row) = prover_row(who) {
				let free = row.offer.max_capacity.saturating_sub(outstanding - 1);
				assert_eq!(row.current_capacity, free, "{}", case.name());
			}
			assert!(release(block_id).is_err(), "{}", case.name());
		});
	}
}

#[test]
fn d05_zero_stake_lottery() {
	let mut without_stake = 0;
	for case in cases("zero-stake-lottery") {
		let Call::AssignProver { fee_per_gas: fee, .. } = case.op.call else { panic!() };
		let recorded = originals_weights(&case.before, fee);
		let total = recorded.values().map(|(weight, _)| weight).sum::<u128>();
		assert_eq!(case.op.pick.as_ref().unwrap().total.0, total, "{}", case.name());
		case.here(|| {
			let here = whole_weights(fee);
			for (slot, (weight, _)) in recorded {
				if case.before.slots[&slot].staked_amount.0 == 0 {
					// It has been ejected here.
					assert_eq!((weight, here.get(&slot)), (1, None), "{}", case.name());
					without_stake += 1;
				}
			}
		});
	}
	println!("zero-stake-lottery: {without_stake} members without stake had a weight there");
	assert!(without_stake > 0);
}

#[test]
fn d05_under_min() {
	let (mut nothing_left, mut something_left) = (0, 0);
	for case in cases("under-min") {
		let who = case.whom();
		// There: it keeps its slot, whatever is left.
		let left = case.after().slot_of(who).unwrap().staked_amount.0;
		let max_capacity = case.before.record(who).max_capacity;
		assert!(left < MIN_STAKE_PER_CAPACITY * Balance::from(max_capacity));
		if left == 0 {
			case.here(|| {
				assert!(case.slash(case.op.now).amount >= case.recorded_slash(), "{}", case.name());
				assert_eq!(prover(who), None, "{}", case.name());
			});
			nothing_left += 1;
			continue;
		}
		something_left += 1;
		if !case.is("slash-mul-overflow") && !case.is("matured-exit-slash") {
			// The same here with the original's threshold of 0,
			assert_eq!(case.compare(), Ok(()));
		}
		case.here(|| {
			// and not with another.
			EjectionThreshold::set(Perbill::one());
			case.slash(case.op.now);
			assert_eq!(prover(who), None, "{}", case.name());
		});
	}
	println!("under-min: {nothing_left} with nothing left, {something_left} with something");
	assert!(nothing_left > 0 && something_left > 0);
}

#[test]
fn d06_early_change() {
	for case in cases("early-change") {
		assert!(case.op.executed(), "{}", case.name());
		let entered_at = case.before.entered_at[&case.by()];
		assert!(case.op.now <= entered_at + CHANGE_DELAY, "{}", case.name());
		case.here(|| {
			assert_noop!(case.call(), Error::ChangeTooFrequent);
		});
	}
}

#[test]
fn d10_slash_silent() {
	let (mut zero, mut withheld) = (0, 0);
	for case in cases("slash-silent") {
		assert!(case.op.executed() && case.op.events.is_empty(), "{}", case.name());
		let who = case.whom();
		case.here(|| {
			// For work from after the date of the exit: the same, with an event.
			assert_eq!(case.slash(case.op.now).answering, 0, "{}", case.name());
			zero += 1;
			// For older work, which is not closed, the exit answers here; there it is out of reach.
			let Some(oldest) = case.before.assignments_of(who).map(|drawn| drawn.drawn_at).min()
			else {
				return;
			};
			if case.withheld(who) {
				let here = case.slash(oldest);
				assert!(here.amount > 0 && here.from_exits == here.amount, "{}", case.name());
				withheld += 1;
			}
		});
	}
	println!("slash-silent: {zero} slashes of nothing, {withheld} exits that are not free here");
	assert!(zero > 0 && withheld > 0);
}

#[test]
fn d13_genesis_cooldown() {
	for case in cases("genesis-cooldown") {
		// There: refused because 0 is both the exit date of an account that never left and the beginning
		// of time.
		assert_eq!(case.op.err.as_deref(), Some("CHANGE_TOO_FREQUENT"));
		assert_eq!(case.before.record(case.by()).exit_requested_at, 0);
		assert!(case.op.now <= CHANGE_DELAY);
		let entered_at = case.before.entered_at[&case.by()];
		case.here(|| {
			// Here: refused for the entry less than an hour ago,
			for now in [case.op.now, entered_at + CHANGE_DELAY] {
				Now::set(now);
				assert_noop!(case.call(), Error::ChangeTooFrequent);
			}
			// and for nothing else.
			Now::set(entered_at + CHANGE_DELAY + 1);
			assert_ok!(case.call());
		});
	}
}

#[test]
fn d14_zero_stake_evicted() {
	for case in cases("zero-stake-evicted") {
		let who = case.by();
		let recorded = case.after().record(who).slot;
		let evicted = case.before.slots[&recorded].who.unwrap().0;
		assert_eq!(case.before.stake_of(evicted), 0, "{}", case.name());
		let own = case.before.record(who).slot;
		let vacant = (1..=32).find(|slot| *slot == own || !case.before.slots.contains_key(slot));
		case.here(|| {
			// The slot has been vacant since the slash: no member is replaced.
			assert_ok!(case.call());
			assert_eq!(staker(who).prover_id, vacant.min(Some(recorded)), "{}", case.name());
			let forced = |event: &Event| matches!(event, Event::Exited { forced: true, .. });
			assert!(!pool_events().iter().any(forced), "{}", case.name());
		});
	}
}

/// Tags with which this pallet does something else.
const DIFFERENT: [&str; 4] =
	["early-change", "capacity-refill", "zero-stake-evicted", "slash-mul-overflow"];

/// Returns the recorded operations with a tag that have none of the [`DIFFERENT`] ones.
fn comparable(tag: &str) -> Vec<Case> {
	let all = cases(tag);
	let count = all.len();
	let cases: Vec<_> =
		all.into_iter().filter(|case| !DIFFERENT.iter().any(|other| case.is(other))).collect();
	println!("{tag}: {} of {count} operations compared", cases.len());
	assert!(!cases.is_empty());
	cases
}

/// Everything is the same here.
fn same_with(tag: &str) {
	for case in comparable(tag) {
		assert_eq!(case.compare(), Ok(()));
	}
}

#[test]
fn d10_exit_busy() {
	let mut kept = 0;
	for case in comparable("exit-busy") {
		let who = case.by();
		let paid = matches!(case.op.events[0], PoolEvent::Withdrawn { addr, .. } if addr.0 == who);
		if !(paid && case.withheld(who)) {
			// A busy member may leave, and stays liable: the same.
			assert_eq!(case.compare(), Ok(()));
			continue;
		}
		// Its exit matured while it answered for open assignments: paid there, and here when they are
		// closed.
		let exit_amount = case.before.record(who).exit_amount.0;
		let stake = case.before.stake_of(who);
		case.here(|| {
			assert_ok!(case.call());
			assert_eq!(pool_events(), [exited(who, stake, 0)], "{}", case.name());
			assert_eq!(staker(who).exits_total(), exit_amount + stake, "{}", case.name());
		});
		kept += 1;
	}
	println!("exit-busy: {kept} mature exits kept (D10)");
	assert!(kept > 0);
}

#[test]
fn same_clock_restart() {
	same_with("clock-restart");
}

#[test]
fn same_ejected_busy() {
	same_with("ejected-busy");
}

#[test]
fn same_zero_slash() {
	same_with("zero-slash");
}

#[test]
fn same_noop() {
	same_with("noop");
}

/// Operations without a tag that differ here: file, operation, row.
const APART: [(&str, usize, &str); 9] = [
	// A member that was slashed to nothing leaves. Here it was ejected.
	("trace-05", 142, "D5"),
	("trace-05", 152, "D5"),
	("trace-05", 179, "D5"),
	("trace-05", 260, "D5"),
	("trace-05", 305, "D5"),
	// Refused by both: there for the parameters or the tokens, here for the delay first.
	("trace-06", 39, "D6"),
	("trace-06", 165, "D6"),
	// A mature exit that answers for open assignments is not free here.
	("trace-quirks", 120, "D10"),
	("trace-quirks", 319, "D10"),
];

/// The recordings that cannot be replayed behind their first tag, operation by operation.
#[test]
fn every_operation_without_a_tag() {
	let mut recordings = recordings(Path::new(OWN));
	recordings.retain(|(_, trace)| !trace.strict && !trace.ledger);
	let cases = cases_of(recordings, |op| op.tags().next().is_none());
	let mut apart = Vec::new();
	for case in &cases {
		let Err(Mismatch { trace, op, difference }) = case.compare() else { continue };
		let listed = APART.iter().find(|(name, index, _)| (*name, *index) == (&*trace, op));
		let answered = |error: Error| format!("{:?}", DispatchResult::Err(error.into()));
		let expected = match (listed, &case.op.call) {
			(Some((_, _, "D5")), Call::Stake { amount, reward_per_gas, max_capacity }) => {
				let slot = case.after().record(case.by()).slot;
				let only = staked(case.by(), slot, amount.0, *reward_per_gas, *max_capacity);
				format!("{:?}", [only])
			},
			(Some((_, _, "D5")), _) => answered(Error::NotInPool),
			(Some((_, _, "D6")), _) => answered(Error::ChangeTooFrequent),
			(Some((_, _, "D10")), _) => answered(Error::StillLiable),
			_ => panic!("{trace} op {op}: {difference:?}"),
		};
		assert_eq!(difference.ours, expected, "{trace} op {op}");
		apart.push((trace, op));
	}
	let listed = APART.iter().map(|(trace, op, _)| (String::from(*trace), *op));
	assert_eq!(apart, listed.collect::<Vec<_>>());
	println!("without a tag: {} operations compared, {} apart", cases.len(), apart.len());
}
