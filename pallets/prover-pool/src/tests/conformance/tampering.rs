//! Each test changes one value of a recording, and the replay must fail there.

use std::path::Path;

use super::{
	check,
	pool::EXIT_PERIOD,
	recordings,
	replay::{replay, Mismatch},
	trace::{Account, Call, Decimal, Operation, PoolEvent, Trace},
	OWN,
};
use crate::mock::Balance;

fn recording(name: &str) -> Trace {
	Trace::read(&Path::new(OWN).join(name))
}

/// Changes the first operation to which `change` applies (it returns that), and returns its index and the
/// mismatch.
fn tampered(file: &str, change: impl Fn(&mut Operation) -> bool) -> (usize, Mismatch) {
	let mut trace = recording(file);
	let (index, op) = trace
		.ops
		.iter()
		.enumerate()
		.find_map(|(index, op)| {
			let mut op = op.clone();
			change(&mut op).then_some((index, op))
		})
		.unwrap();
	trace.ops[index] = op;
	(index, replay(&trace).unwrap_err())
}

/// The replay must fail at the changed operation, and name what is not as recorded.
#[track_caller]
fn noticed(what: &str, file: &str, change: impl Fn(&mut Operation) -> bool) {
	let (changed, mismatch) = tampered(file, change);
	assert_eq!(mismatch.op, changed, "{mismatch}");
	assert!(mismatch.difference.what.starts_with(what), "{mismatch}");
}

/// Adds one to the amount of the first event that `amount` finds.
fn one_more(
	op: &mut Operation,
	amount: impl FnMut(&mut PoolEvent) -> Option<&mut Decimal<Balance>>,
) -> bool {
	op.events.iter_mut().find_map(amount).map(|amount| amount.0 += 1).is_some()
}

#[test]
fn amounts_of_events() {
	noticed("events", "trace-04.json", |op| {
		one_more(op, |event| match event {
			PoolEvent::Staked { amount, .. } => Some(amount),
			_ => None,
		})
	});
	noticed("events", "trace-04.json", |op| {
		one_more(op, |event| match event {
			PoolEvent::Exited { amount, .. } => Some(amount),
			_ => None,
		})
	});
	noticed("events", "trace-04.json", |op| {
		one_more(op, |event| match event {
			PoolEvent::Withdrawn { amount, .. } => Some(amount),
			_ => None,
		})
	});
	noticed("events", "trace-04.json", |op| {
		one_more(op, |event| match event {
			PoolEvent::Slashed { amount, .. } => Some(amount),
			_ => None,
		})
	});
}

#[test]
fn other_parts_of_events() {
	// The account, the order, the number.
	noticed("events", "trace-01.json", |op| match &mut op.events[..] {
		[PoolEvent::Staked { addr, .. }] => {
			*addr = Account(addr.0 + 1);
			true
		},
		_ => false,
	});
	noticed("events", "trace-02.json", |op| {
		op.events.reverse();
		op.events.len() > 1
	});
	noticed("events", "trace-02.json", |op| op.events.len() > 1 && op.events.pop().is_some());
	// The parts of a slash.
	noticed("events", "trace-ledger-07.json", |op| {
		let exit = op.info.from_exit.as_mut().filter(|exit| exit.0 > 0);
		exit.map(|exit| exit.0 -= 1).is_some()
	});
}

#[test]
fn balances_and_records() {
	noticed("balance of", "trace-01.json", |op| {
		op.delta.balances.values_mut().next().map(|balance| balance.0 += 1).is_some()
	});
	// A change that the recording leaves out.
	noticed("balance of", "trace-01.json", |op| op.delta.balances.pop_first().is_some());
	noticed("staker", "trace-04.json", |op| {
		let record = op.delta.stakers.values_mut().find(|record| record.exit_amount.0 > 0);
		record.map(|record| record.exit_requested_at += 1).is_some()
	});
	noticed("staker", "trace-01.json", |op| {
		let record = op.delta.stakers.values_mut().find(|record| record.slot > 0);
		record.map(|record| record.max_capacity += 1).is_some()
	});
}

#[test]
fn slots_and_capacity() {
	let slot = |op: &mut Operation, change: fn(&mut super::trace::SlotRecord)| {
		op.delta.slots.values_mut().find(|slot| slot.who.is_some()).map(change).is_some()
	};
	noticed("slot", "trace-01.json", |op| slot(op, |slot| slot.reward_per_gas += 1));
	noticed("slot", "trace-01.json", |op| slot(op, |slot| slot.who = Some(Account::PROTOCOL)));
	noticed("recorded capacity", "trace-01.json", |op| slot(op, |slot| slot.current_capacity += 1));
	noticed("recorded capacity", "trace-01.json", |op| {
		op.capacity += 1;
		op.index == 20
	});
	// Both wrong, and consistent with each other.
	noticed("capacity", "trace-01.json", |op| {
		op.capacity += 1;
		slot(op, |slot| slot.current_capacity += 1)
	});
	// Another slot than the one taken.
	noticed("slot", "trace-01.json", |op| {
		let Some((number, slot)) = op.delta.slots.pop_first() else { return false };
		op.delta.slots.insert(Decimal(number.0 + 1), slot).is_none()
	});
}

#[test]
fn answers() {
	let refused_as = |name: &'static str| {
		move |op: &mut Operation| op.err.replace(name.into()).is_some_and(|old| old != name)
	};
	noticed("answer", "trace-02.json", refused_as("NO_MATURE_EXIT"));
	noticed("answer", "trace-02.json", refused_as("UNHEARD_OF"));
	// A refusal turned into success, and the reverse.
	noticed("answer", "trace-04.json", |op| {
		op.ok = Some(true);
		matches!(op.call, Call::Withdraw {}) && op.err.take().is_some()
	});
	noticed("answer", "trace-04.json", |op| {
		op.err = Some("NO_MATURE_EXIT".into());
		matches!(op.call, Call::Withdraw {}) && op.ok.replace(false) == Some(true)
	});
}

#[test]
fn draws() {
	noticed("random word", "trace-03.json", |op| {
		op.random_word.as_mut().map(|word| word.0[31] ^= 1).is_some()
	});
	noticed("random word", "trace-03.json", |op| {
		op.parent_hash.0[0] ^= 1;
		op.random_word.is_some()
	});
	let pick = |op: &mut Operation, change: fn(&mut super::trace::Pick)| {
		op.pick.as_mut().map(change).is_some()
	};
	noticed("draw", "trace-03.json", |op| pick(op, |pick| pick.slot += 1));
	noticed("draw", "trace-03.json", |op| pick(op, |pick| pick.total.0 += 1));
	noticed("price agreed", "trace-03.json", |op| {
		op.returned.as_mut().map(|returned| returned.reward_per_gas += 1).is_some()
	});
	noticed("prover drawn", "trace-03.json", |op| {
		let prover = op.returned.as_mut().and_then(|returned| returned.prover.as_mut());
		prover.map(|prover| prover.0 += 1).is_some()
	});
}

#[test]
fn snapshots() {
	let weights = |op: &mut Operation, change: fn(&mut super::trace::Weights)| {
		op.snapshot.as_mut().map(|snapshot| change(&mut snapshot.weights[2])).is_some()
	};
	let file = "trace-01.json";
	noticed("weight of slot 1", file, |op| weights(op, |weights| weights.weights[0].0 += 1));
	noticed("weight of slot 32", file, |op| weights(op, |weights| weights.weights[31].0 += 1));
	noticed("weight of slot 2", file, |op| weights(op, |weights| weights.effective_prices[1] += 1));
	noticed("sum of weights", file, |op| weights(op, |weights| weights.total.0 += 1));
	noticed("snapshot", file, |op| {
		let balances = op.snapshot.as_mut().map(|snapshot| &mut snapshot.balances);
		balances.is_some_and(|balances| balances.pop_last().is_some())
	});
	noticed("snapshot", file, |op| {
		op.snapshot.as_mut().map(|snapshot| snapshot.supply.0 += 1).is_some()
	});
	noticed("snapshot", file, |op| {
		op.snapshot.as_mut().map(|snapshot| snapshot.slots.swap(0, 1)).is_some()
	});
}

#[test]
fn settlement_of_assignments() {
	// A release, a discharge and a slash of a block without an assignment.
	let file = "trace-ledger-01.json";
	noticed("answer", file, |op| {
		let concerned = matches!(op.call, Call::ReleaseProver { .. }) && op.executed();
		concerned && op.info.blk.replace(Decimal(u64::MAX)).is_some()
	});
	noticed("answer", file, |op| match &mut op.call {
		Call::Discharge { block_id } => {
			block_id.0 = u64::MAX;
			true
		},
		_ => false,
	});
	noticed("answer", file, |op| match &mut op.call {
		Call::SlashProver { block_id, .. } => {
			block_id.0 = u64::MAX;
			true
		},
		_ => false,
	});
}

#[test]
fn time() {
	// A withdrawal before its date.
	let mut trace = recording("trace-04.json");
	let paid = |op: &Operation| matches!(op.call, Call::Withdraw {}) && op.executed();
	let paid = trace.ops.iter().position(paid).unwrap();
	trace.ops[paid].now -= EXIT_PERIOD;
	let mismatch = replay(&trace).unwrap_err();
	assert_eq!((mismatch.op, mismatch.difference.what.as_str()), (paid, "answer"));
}

#[test]
fn an_operation_left_out() {
	let mut trace = recording("trace-03.json");
	let taken = trace.ops.iter().position(|op| !op.events.is_empty()).unwrap();
	trace.ops.remove(taken);
	assert!(replay(&trace).is_err());
}

#[test]
fn a_recording_in_which_nothing_is_compared() {
	let mut trace = recording("trace-quirks.json");
	trace.ops[0].quirks.push("anything".into());
	assert_eq!(check("this", &trace), Err("this: nothing to compare".into()));
	trace.ops.clear();
	assert_eq!(check("this", &trace), Err("this: nothing to compare".into()));
}

#[test]
fn a_strict_recording_with_a_tag() {
	let mut trace = recording("trace-03.json");
	trace.ops[30].notes.push("anything".into());
	assert_eq!(check("this", &trace), Err("this: 30 of 400 compared".into()));
}

#[test]
#[should_panic(expected = "holds no recordings")]
fn a_folder_without_recordings() {
	recordings(Path::new("src"));
}
