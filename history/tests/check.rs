//! A check finds what differs, to the base unit.

mod common;

use common::*;
use prover_pool_history::{
	check::{check, BlockFacts, Facts, Report, StakerFacts},
	Amount,
};
use rusqlite::Connection;

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
	Facts { block: 5, stakers: vec![staker], waiting: vec![block] }
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
	expect(differences(|it| it.waiting.clear()), "block 2 waits, and the chain has settled it");
	expect(
		differences(|it| it.stakers.clear()),
		"5Mal is a member, and the chain does not know it",
	);
	expect(
		differences(|it| {
			let new = StakerFacts { account: "5New".into(), ..it.stakers[0].clone() };
			it.stakers.push(new);
		}),
		"5New is a staker, and the history does not know it",
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

#[test]
fn facts_of_another_block_are_refused() {
	let error = check(&history().reader(), &Facts { block: 4, ..facts() }).unwrap_err();
	let expected = "the chain was read after block 4, and the history ends with 5: check them at the same block";
	assert_eq!(error.to_string(), expected);
}
