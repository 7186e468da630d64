//! A check finds what differs, to the base unit.

mod common;

use common::*;
use prover_pool_history::{
	check::{check, BlockFacts, Facts, Report, SlashFacts, StakerFacts},
	Amount,
};
use rusqlite::Connection;
use serde_json::{json, Value};

/// A block that is settled with a slash, one that waits, and a member.
fn history() -> Folder {
	let mut chain = Blocks::default();
	Folder::with(&[
		chain.next(&[
			staked("5Mal", 1, 10_000, 9_000, 8),
			proposed(1, 90_000),
			proposed(2, 70_000),
		]),
		chain.next(&drawn(1, "5Mal", 9_000, 0)),
		chain.next(&drawn(2, "5Mal", 9_000, 20_000)),
		chain.next(&[claimed(1, "5Eve", 9_000, 0)]),
		chain.next(&[
			slashed(1, "5Mal", [0, 500], "Rescued"),
			amount_of("Balances.Deposit", "5Eve", 50),
			verified(1, "5Eve", "Rescued", [50_000, 30_000, 10_000]),
		]),
	])
}

/// What its chain says.
fn facts() -> Facts {
	let staker = StakerFacts {
		account: "5Mal".into(),
		stake: Some(Amount(9_500)),
		exits: Amount(0),
		outstanding: 1,
		liable: 1,
		assigned: 2,
		served: 0,
		missed: 1,
	};
	let block = BlockFacts { id: 2, escrow: Amount(70_000), held: Amount(50_000) };
	Facts { block: 5, stakers: vec![staker], waiting: vec![block], slashes: Vec::new() }
}

/// Returns the differences with these facts.
fn differences(change: impl FnOnce(&mut Facts)) -> Vec<String> {
	let mut facts = facts();
	change(&mut facts);
	check(&history().reader(), &facts).unwrap().differences
}

#[test]
fn a_history_that_is_right_agrees_with_its_chain() {
	let report = check(&history().reader(), &facts()).unwrap();
	let expected = Report { blocks: 1, slashes: 1, waiting: 1, provers: 1, ..Report::default() };
	assert_eq!(report, expected);
}

#[test]
fn figures_that_differ_from_the_chain_by_one_are_found() {
	let expect = |found: Vec<String>, text: &str| assert_eq!(found, [text]);
	expect(
		differences(|it| it.stakers[0].missed = 0),
		"5Mal: the chain says stake 9500, exits 0, 1 outstanding, 1 liable, 2 assigned, 0 served, 0 missed, and the \
		 history stake 9500, exits 0, 1 outstanding, 1 liable, 2 assigned, 0 served, 1 missed",
	);
	for change in [
		|it: &mut StakerFacts| it.stake = Some(Amount(9_501)),
		|it: &mut StakerFacts| it.stake = None,
		|it: &mut StakerFacts| it.exits = Amount(1),
		|it: &mut StakerFacts| it.outstanding = 0,
		|it: &mut StakerFacts| it.liable = 2,
		|it: &mut StakerFacts| it.assigned = 3,
		|it: &mut StakerFacts| it.served = 1,
	] {
		assert_eq!(differences(|it| change(&mut it.stakers[0])).len(), 1);
	}
	expect(
		differences(|it| it.waiting[0].held = Amount(50_001)),
		"block 2: the chain holds 50001 of 70000 for it, and the history has 50000",
	);
	expect(
		differences(|it| it.waiting[0].escrow = Amount(70_001)),
		"block 2: the chain holds 50000 of 70001 for it, and the history has 50000",
	);
	expect(differences(|it| it.waiting.clear()), "block 2 waits, and the chain has settled it");
	let waits = |id| BlockFacts { id, escrow: Amount(90_000), held: Amount(90_000) };
	expect(
		differences(|it| it.waiting.push(waits(1))),
		"block 1: the chain holds 90000 of 90000 for it, and the history has settled it",
	);
	expect(
		differences(|it| it.waiting.push(waits(3))),
		"block 3 waits on the chain, and the history does not have it",
	);
	expect(
		differences(|it| it.stakers.clear()),
		"5Mal is a member, and the chain does not have it",
	);
	expect(
		differences(|it| {
			let new = StakerFacts { account: "5New".into(), ..it.stakers[0].clone() };
			it.stakers.push(new);
		}),
		"5New is a staker, and the history does not have it",
	);
}

#[test]
fn rows_that_do_not_add_up_are_found() {
	for (change, text) in [
		(
			"UPDATE rollup_block SET forfeited = '10001' WHERE id = 1",
			"block 1: 90000 were in escrow, and 90001 were paid, returned and forfeited",
		),
		(
			"UPDATE slash SET to_rescuer = '51'",
			"the slash for block 1: 500 are 500 of exits and stake, and 501 were taken",
		),
	] {
		let folder = history();
		Connection::open(folder.file()).unwrap().execute(change, []).unwrap();
		assert_eq!(check(&folder.reader(), &facts()).unwrap().differences, [text]);
	}
}

/// A slash that is deferred, after the blocks of [`history`].
fn with_pending_slash() -> Folder {
	let folder = history();
	let mut chain = Blocks::default();
	chain.skip(5);
	let deferred = ("ProverPool.SlashDeferred", json!({ "block_id": 2, "due_at": 55 }));
	let slash = slashed(2, "5Mal", [100, 300], "Skipped");
	folder.store().append(&chain.next(&[slash, deferred]), None).unwrap();
	folder
}

/// What the chain says of it.
fn pending() -> SlashFacts {
	SlashFacts { block_id: 2, who: "5Mal".into(), amount: Amount(400), due_at: 55 }
}

/// Returns the differences of slashes.
fn slash_differences(folder: &Folder, slashes: Vec<SlashFacts>) -> Vec<String> {
	let facts = Facts { block: folder.store().last().unwrap().unwrap().number, slashes, ..facts() };
	let report = check(&folder.reader(), &facts).unwrap();
	report.differences.into_iter().filter(|text| text.contains("slash")).collect()
}

#[test]
fn pending_slashes_are_those_of_the_chain() {
	let folder = with_pending_slash();
	assert_eq!(slash_differences(&folder, vec![pending()]), [""; 0]);
	let is = "the pending slash for block 2: the chain has";
	let history = "and the history 400 of 5Mal, due at 55";
	assert_eq!(slash_differences(&folder, vec![]), [format!("{is} none, {history}")]);
	for (changed, text) in [
		(SlashFacts { amount: Amount(401), ..pending() }, "401 of 5Mal, due at 55"),
		(SlashFacts { who: "5Eve".into(), ..pending() }, "400 of 5Eve, due at 55"),
		(SlashFacts { due_at: 56, ..pending() }, "400 of 5Mal, due at 56"),
	] {
		let expected = format!("{is} {text}, {history}");
		assert_eq!(slash_differences(&folder, vec![changed]), [expected]);
	}
	// The slash for block 1 was applied at once.
	let applied = SlashFacts { block_id: 1, ..pending() };
	assert_eq!(
		slash_differences(&folder, vec![applied, pending()]),
		["the pending slash for block 1: the chain has 400 of 5Mal, due at 55, and the history none"]
	);
	let unknown = SlashFacts { block_id: 3, ..pending() };
	assert_eq!(
		slash_differences(&folder, vec![pending(), unknown]),
		["the slash for block 3 is pending on the chain, and the history does not have it"]
	);
}

#[test]
fn a_slash_of_which_another_amount_is_taken_is_found() {
	for (taken, expected) in [
		(400, vec![]),
		(401, vec!["the slash for block 2: 400 are 400 of exits and stake, and 401 were taken"]),
	] {
		let folder = with_pending_slash();
		let applied = json!({ "block_id": 2, "who": "5Mal", "amount": taken.to_string() });
		let mut chain = Blocks::default();
		chain.skip(6);
		let block = chain.next(&[("ProverPool.SlashApplied", applied)]);
		folder.store().append(&block, None).unwrap();
		assert_eq!(slash_differences(&folder, vec![]), expected);
	}
	// The parts differ from the whole.
	let (name, mut slash) = slashed(1, "5Mal", [100, 300], "Skipped");
	slash["amount"] = "401".into();
	let folder = Folder::with(&[Blocks::default().next(&[(name, slash)])]);
	assert_eq!(
		slash_differences(&folder, vec![]),
		["the slash for block 1: 401 are 400 of exits and stake, and 401 were taken"]
	);
}

/// What the chain's state says after the gap, as events: block 1 was settled in it, block 2 drawn, block 3 proposed.
fn state_after_gap() -> Vec<(&'static str, Value)> {
	let staker = json!({
		"who": "5Mal", "exits": "0", "outstanding": 1, "liable": 2, "suspended_until": null, "assigned": 2,
		"served": 0, "missed": 1, "prover_id": 1, "stake": "9500", "reward_per_gas": 9_000, "max_capacity": 8,
		"paused": false,
	});
	vec![
		("State.Stakers", json!({})),
		("State.Staker", staker),
		("State.Rollup", json!({ "head": 2, "next_id": 4 })),
		waiting(2, "assigned", Some(("5Mal", 9_000, 120, true)), 70_000, 50_000),
		waiting(3, "pending", None, 80_000, 80_000),
		("State.PendingSlashes", json!({ "block_ids": [] })),
	]
}

/// Two blocks and a deferred slash, then a gap. With the state after it, if it is read.
fn with_gap(is_state_read: bool) -> Folder {
	let mut chain = Blocks::default();
	let deferred = ("ProverPool.SlashDeferred", json!({ "block_id": 1, "due_at": 55 }));
	let folder = Folder::with(&[
		chain.next(&[
			staked("5Mal", 1, 10_000, 9_000, 8),
			proposed(1, 90_000),
			proposed(2, 70_000),
		]),
		chain.next(&drawn(1, "5Mal", 9_000, 0)),
		chain.next(&[slashed(1, "5Mal", [0, 500], "Rescued"), deferred]),
	]);
	chain.skip(10);
	let state = if is_state_read { state_after_gap() } else { Vec::new() };
	folder.store().append(&chain.next(&state), Some("left out")).unwrap();
	folder
}

/// What its chain says after it.
fn facts_after_gap() -> Facts {
	let staker = StakerFacts { liable: 2, ..facts().stakers[0].clone() };
	let waits = |id, escrow, held| BlockFacts { id, escrow: Amount(escrow), held: Amount(held) };
	let waiting = vec![waits(2, 70_000, 50_000), waits(3, 80_000, 80_000)];
	Facts { block: 14, stakers: vec![staker], waiting, slashes: Vec::new() }
}

#[test]
fn after_a_gap_everything_is_checked_again_once_the_state_was_read() {
	let folder = with_gap(true);
	let report = check(&folder.reader(), &facts_after_gap()).unwrap();
	let expected = Report {
		waiting: 2,
		provers: 1,
		// How block 1 and its slash ended is not known.
		blocks_unknown: 1,
		slashes_unknown: 1,
		gaps: 1,
		..Report::default()
	};
	assert_eq!(report, expected);
	let differences = |change: &dyn Fn(&mut Facts)| {
		let mut facts = facts_after_gap();
		change(&mut facts);
		check(&folder.reader(), &facts).unwrap().differences
	};
	assert_eq!(
		differences(&|it| it.waiting[0].held = Amount(49_999)),
		["block 2: the chain holds 49999 of 70000 for it, and the history has 50000"]
	);
	assert_eq!(
		differences(&|it| it.waiting.truncate(1)),
		["block 3 waits, and the chain has settled it"]
	);
	let ended = BlockFacts { id: 1, escrow: Amount(90_000), held: Amount(90_000) };
	assert_eq!(
		differences(&|it| it.waiting.push(ended.clone())),
		["block 1: the chain holds 90000 of 90000 for it, and the history has settled it"]
	);
	let ended = SlashFacts { block_id: 1, who: "5Mal".into(), amount: Amount(500), due_at: 55 };
	assert_eq!(
		differences(&|it| it.slashes.push(ended.clone())),
		["the pending slash for block 1: the chain has 500 of 5Mal, due at 55, and the history none"]
	);
	assert_eq!(differences(&|it| it.stakers[0].outstanding = 2).len(), 1);
}

#[test]
fn without_the_state_after_a_gap_nothing_is_said_to_differ() {
	let report = check(&with_gap(false).reader(), &facts_after_gap()).unwrap();
	let expected = Report {
		// Block 1 waits in the history, block 2 was drawn in the gap, block 3 proposed.
		blocks_unknown: 3,
		slashes_unknown: 1,
		provers_unknown: 1,
		gaps: 1,
		..Report::default()
	};
	assert_eq!(report, expected);
}

#[test]
fn facts_of_another_block_are_refused() {
	let error = check(&history().reader(), &Facts { block: 4, ..facts() }).unwrap_err();
	let expected = "the chain was read after block 4, and the history ends with 5: check them at the same block";
	assert_eq!(error.to_string(), expected);
}
