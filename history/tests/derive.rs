//! What the rows say after the events of a life.

mod common;

use common::*;
use prover_pool_history::{
	block::Block,
	query::{self, BlockState, Blocks as Which, Events, Paging, Range},
	rows::{Fate, Membership, Prover, RollupBlock, SlashState, Status},
	Amount,
};
use serde_json::json;

fn block(folder: &Folder, id: u64) -> query::BlockDetail {
	query::block(&folder.reader(), id).unwrap().unwrap()
}

fn prover(folder: &Folder, account: &str) -> Prover {
	query::prover(&folder.reader(), account).unwrap().unwrap().prover.row
}

#[test]
fn a_block_that_is_proven_in_time() {
	let mut chain = Blocks::default();
	let blocks = [
		chain.next(&[staked("5Dave", 3, 100 * UNIT, 9_000, 8)]),
		chain.next(&[proposed(1, 90_000)]),
		chain.next(&drawn(1, "5Dave", 9_000, 30_000)),
		chain.next(&[
			claimed(1, "5Dave", 9_000, 0),
			of_pool("ProverPool.ProverReleased", 1, "5Dave"),
		]),
		chain.next(&[
			of_pool("ProverPool.ProverDischarged", 1, "5Dave"),
			verified(1, "5Dave", "InTime", [50_000, 40_000, 0]),
			("BlockProposal.AveragesUpdated", json!({ "fee_per_gas": 9_990, "window": 21 })),
		]),
	];
	let folder = Folder::with(&blocks);
	let detail = block(&folder, 1);
	let row = &detail.block.row;
	let moment = |number: usize| {
		let Block { number: block, time, .. } = blocks[number - 1];
		Some(prover_pool_history::Moment { block, time })
	};
	let expected = RollupBlock {
		id: 1,
		status: Status::Verified,
		proposer: Some("5Bob".into()),
		tx_list_hash: Some(format!("0x{:064x}", 1)),
		gas_limit: Some(4_000_000),
		fee_per_gas: Some(10_000),
		prover: Some("5Dave".into()),
		reward_per_gas: Some(9_000),
		deadline: Some(101),
		open_cause: None,
		fault: None,
		claims: 1,
		verdict: Some("InTime".into()),
		proven_by: Some("5Dave".into()),
		block_hash: Some("0x1".into()),
		gas_used: Some(1_000_000),
		paid_per_gas: Some(9_000),
		proposed: moment(2),
		drawn: moment(3),
		opened: None,
		claimed: moment(4),
		delivered: moment(4),
		proven: moment(4),
		settled: moment(5),
		escrow: Some(Amount(90_000)),
		returned_at_draw: Amount(30_000),
		paid: Some(Amount(50_000)),
		returned: Some(Amount(40_000)),
		forfeited: Some(Amount(0)),
		released: true,
		spans_gap: false,
	};
	assert_eq!(*row, expected);
	assert!(detail.block.is_final);
	assert_eq!(detail.claims.len(), 1);
	assert_eq!(detail.claims[0].row.fate, Fate::Verified);
	assert!(detail.slash.is_none());
	assert_eq!(
		detail.why,
		[
			"5Bob proposed it in block 2, at a fee of 10000 per gas, with 0.00000009 UNIT in escrow.",
			"The draw in block 3 chose 5Dave, at a price of 9000 per gas; its window ended at 101 of the \
			 protocol's clock. 0.00000003 UNIT of the escrow went back, since the price is lower than the highest \
			 possible one.",
			"5Dave proved it in block 4: 1000000 gas; it was verified.",
			"It was verified in block 5: 5Dave was in time and is paid 0.00000005 UNIT, the agreed price of the \
			 gas used, less a penalty by the share of the window that it used.",
			"Of the escrow of 0.00000009 UNIT, 0.00000005 UNIT were paid, 0.00000004 UNIT went back to the \
			 proposer, and 0 UNIT were forfeited.",
		]
	);
	let dave = prover(&folder, "5Dave");
	assert_eq!(
		(dave.work.assigned, dave.served, dave.work.in_time, dave.work.missed),
		(1, 1, 1, 0)
	);
	assert_eq!((dave.outstanding, dave.liable), (0, 0));
	assert_eq!((dave.work.earned, dave.stake), (Amount(50_000), Amount(100 * UNIT)));
	assert_eq!((dave.max_capacity, dave.slot), (Some(8), Some(3)));
	let fees = query::fees(&folder.reader(), Range::default(), &Paging::default()).unwrap();
	let points: Vec<_> = fees.items.iter().map(|it| (it.kind, it.at.block, it.price)).collect();
	assert_eq!(points, [("fee", 5, 9_990), ("agreed", 3, 9_000)]);
}

#[test]
fn a_block_that_another_prover_rescues() {
	let deferred = ("ProverPool.SlashDeferred", json!({ "block_id": 1, "due_at": 55 }));
	let applied =
		("ProverPool.SlashApplied", json!({ "block_id": 1, "who": "5Mal", "amount": "500" }));
	let bond = json!({
		"block_id": 1, "prover": "5Eve", "returned": UNIT.to_string(), "forfeited": "0",
	});
	let mut chain = Blocks::default();
	let blocks = [
		chain.next(&[staked("5Mal", 1, 10_000, 9_000, 8)]),
		chain.next(&[proposed(1, 90_000)]),
		chain.next(&drawn(1, "5Mal", 9_000, 0)),
		chain.next(&[claimed(1, "5Eve", 9_000, UNIT)]),
		chain.next(&[
			slashed(1, "5Mal", [0, 500], "Rescued"),
			deferred,
			// A fee, which is no part of the slash.
			amount_of("Balances.Deposit", "5Eve", 7),
			("BlockProposal.BondSettled", bond),
			verified(1, "5Eve", "Rescued", [50_000, 40_000, 0]),
		]),
		chain.next(&[applied, amount_of("Balances.Deposit", "5Eve", 50)]),
	];
	let folder = Folder::with(&blocks[..5]);
	let slash = block(&folder, 1).slash.unwrap().row;
	assert_eq!((slash.state, slash.due_at), (SlashState::Pending, Some(55)));
	assert_eq!((slash.rescuer.as_deref(), slash.to_rescuer), (Some("5Eve"), Amount(0)));
	assert_eq!(slash.burnt, Amount(0));

	folder.store().append(&blocks[5], None).unwrap();
	let detail = block(&folder, 1);
	let slash = detail.slash.unwrap().row;
	assert_eq!((slash.state, slash.resolved.unwrap().block), (SlashState::Applied, 6));
	assert_eq!((slash.to_rescuer, slash.burnt), (Amount(50), Amount(450)));
	assert_eq!(detail.claims[0].row.bond_returned, Amount(UNIT));
	assert_eq!(
		detail.why.last().unwrap(),
		"5Mal was slashed 0.0000000005 UNIT in block 5, because another account had to do its work: 0 UNIT of its \
		 exits and 0.0000000005 UNIT of its stake. The tokens were taken in block 6: 5Eve received \
		 0.00000000005 UNIT, and 0.00000000045 UNIT went to the runtime's receiver of slashes."
	);
	let mallory = prover(&folder, "5Mal");
	assert_eq!((mallory.work.missed, mallory.work.late, mallory.work.slashed), (1, 0, Amount(500)));
	assert_eq!((mallory.stake, mallory.liable, mallory.outstanding), (Amount(9_500), 0, 0));
	let eve = prover(&folder, "5Eve");
	assert_eq!((eve.status, eve.work.rescued), (Membership::Outside, 1));
	assert_eq!((eve.work.earned, eve.bonuses), (Amount(50_000), Amount(50)));
}

#[test]
fn a_slash_that_is_cancelled_is_a_miss_that_is_forgiven() {
	let mut chain = Blocks::default();
	let name = ("ProverPool.SlashDeferred", json!({ "block_id": 1, "due_at": 55 }));
	let cancelled =
		("ProverPool.SlashCancelled", json!({ "block_id": 1, "who": "5Mal", "amount": "500" }));
	let skipped = json!({ "block_id": 1, "returned": "0", "forfeited": "90000" });
	let folder = Folder::with(&[
		chain.next(&[staked("5Mal", 1, 10_000, 9_000, 8), proposed(1, 90_000)]),
		chain.next(&drawn(1, "5Mal", 9_000, 0)),
		chain.next(&[
			slashed(1, "5Mal", [0, 500], "Skipped"),
			name,
			("BlockProposal.BlockSkipped", skipped),
		]),
		chain.next(&[cancelled]),
	]);
	let detail = block(&folder, 1);
	assert_eq!(detail.block.row.status, Status::Skipped);
	assert_eq!(detail.block.row.forfeited, Some(Amount(90_000)));
	assert_eq!(detail.slash.unwrap().row.state, SlashState::Cancelled);
	let mallory = prover(&folder, "5Mal");
	assert_eq!((mallory.work.missed, mallory.forgiven, mallory.record_missed), (1, 1, 0));
	assert_eq!(mallory.slashes_cancelled, Amount(500));
}

#[test]
fn claims_are_replaced_removed_and_voided() {
	let removed = |name| {
		let data = json!({
			"block_id": 1, "prover": "5Dave", "parent_hash": "0x0", "block_hash": "0x1", "gas_used": 1_000_000,
		});
		(name, data)
	};
	let other_parent = {
		let (name, mut data) = claimed(1, "5Dave", 9_000, 0);
		data["parent_hash"] = "0x77".into();
		(name, data)
	};
	let status = |events: &[&[(&'static str, serde_json::Value)]]| {
		let mut chain = Blocks::default();
		let mut blocks = vec![chain.next(&[proposed(1, 90_000)])];
		blocks.extend(events.iter().map(|events| chain.next(events)));
		let detail = block(&Folder::with(&blocks), 1);
		let fates: Vec<_> = detail.claims.iter().map(|claim| claim.row.fate).collect();
		(detail.block.row.status, fates)
	};
	let draw = drawn(1, "5Dave", 9_000, 0);
	let own = [claimed(1, "5Dave", 9_000, 0)];
	assert_eq!(status(&[]), (Status::Pending, vec![]));
	assert_eq!(status(&[&draw]), (Status::Assigned, vec![]));
	assert_eq!(status(&[&draw, &own]), (Status::Claimed, vec![Fate::Stored]));
	assert_eq!(
		status(&[&draw, &[other_parent], &own]),
		(Status::Claimed, vec![Fate::Replaced, Fate::Stored])
	);
	assert_eq!(
		status(&[&draw, &own, &[removed("BlockProposal.ClaimRemoved")]]),
		(Status::Assigned, vec![Fate::Removed])
	);
	assert_eq!(
		status(&[&draw, &own, &[removed("BlockProposal.ClaimUnconfirmed")]]),
		(Status::Assigned, vec![Fate::Unconfirmed])
	);
	let opened = ("BlockProposal.BlockOpened", json!({ "block_id": 1, "cause": "ClaimVoided" }));
	assert_eq!(
		status(&[&draw, &own, &[removed("BlockProposal.ClaimVoided"), opened]]),
		(Status::Open, vec![Fate::Voided])
	);
	let cancelled = json!({ "from": 1, "below": 2, "slashing": true });
	assert_eq!(
		status(&[&draw, &own, &[("BlockProposal.BlocksCancelled", cancelled)]]),
		(Status::Cancelled, vec![Fate::Stored])
	);
}

#[test]
fn a_career_from_entry_to_withdrawal() {
	let who = |name, data: serde_json::Value| {
		let mut data = data;
		data["who"] = "5Eve".into();
		(name, data)
	};
	let mut chain = Blocks::default();
	let folder = Folder::with(&[
		chain.next(&[staked("5Eve", 2, 1_000, 9_000, 4)]),
		chain.next(&[who("ProverPool.OfferListed", json!({}))]),
		chain.next(&[amount_of("ProverPool.StakeIncreased", "5Eve", 500)]),
		chain.next(&[who("ProverPool.Unstaked", json!({ "amount": "300", "exit": 0 }))]),
		chain.next(&[who("ProverPool.Restaked", json!({ "amount": "100", "exit": 0 }))]),
		chain.next(&[who(
			"ProverPool.TermsChanged",
			json!({ "reward_per_gas": 8_000, "max_capacity": 6 }),
		)]),
		chain.next(&[who("ProverPool.Suspended", json!({ "until": 8 }))]),
		chain.next(&[who("ProverPool.SuspensionEnded", json!({}))]),
		chain.next(&[who("ProverPool.Resumed", json!({}))]),
		chain.next(&[who(
			"ProverPool.Exited",
			json!({ "amount": "1300", "exit": 1, "forced": false }),
		)]),
		chain.next(&[amount_of("ProverPool.Withdrawn", "5Eve", 1_500)]),
	]);
	let detail = query::prover(&folder.reader(), "5Eve").unwrap().unwrap();
	let offers: Vec<_> = detail
		.offers
		.iter()
		.rev()
		.map(|offer| {
			let it = &offer.row;
			(it.change.as_str(), it.stake.0, it.reward_per_gas.unwrap(), it.max_capacity, it.paused)
		})
		.collect();
	assert_eq!(
		offers,
		[
			("Staked", 1_000, 9_000, Some(4), false),
			("OfferListed", 1_000, 9_000, Some(4), false),
			("StakeIncreased", 1_500, 9_000, Some(4), false),
			("Unstaked", 1_200, 9_000, Some(4), false),
			("Restaked", 1_300, 9_000, Some(4), false),
			("TermsChanged", 1_300, 8_000, Some(6), false),
			("Suspended", 1_300, 8_000, Some(6), true),
			("SuspensionEnded", 1_300, 8_000, Some(6), true),
			("Resumed", 1_300, 8_000, Some(6), false),
			("Exited", 0, 8_000, Some(6), false),
		]
	);
	let eve = detail.prover.row;
	// 200 were left of the first exit.
	assert_eq!((eve.status, eve.exits), (Membership::Left, Amount(0)));
	assert_eq!((eve.left.unwrap().block, eve.forced), (10, false));
}

#[test]
fn the_record_begins_again_when_the_pool_forgets_the_account() {
	let exited = json!({ "who": "5Eve", "amount": "1000", "exit": 0, "forced": false });
	let mut chain = Blocks::default();
	let mut blocks = vec![
		chain.next(&[staked("5Eve", 2, 1_000, 9_000, 4), proposed(1, 9)]),
		chain.next(&drawn(1, "5Eve", 9_000, 0)),
		chain.next(&[of_pool("ProverPool.ProverDischarged", 1, "5Eve")]),
		chain.next(&[("ProverPool.Exited", exited)]),
	];
	let counts = |blocks: &[Block]| {
		let eve = prover(&Folder::with(blocks), "5Eve");
		(eve.served, eve.record_served)
	};
	assert_eq!(counts(&blocks), (1, 1));
	// A stake that pays out the only exit first does not make the pool forget the account.
	let withdrawn = amount_of("ProverPool.Withdrawn", "5Eve", 1_000);
	let again = staked("5Eve", 2, 1_000, 9_000, 4);
	let mut staked_again = blocks.clone();
	staked_again.push(Blocks::after(&blocks[3], 'a').next(&[withdrawn.clone(), again]));
	assert_eq!(counts(&staked_again), (1, 1));
	// A withdrawal does.
	blocks.push(chain.next(&[withdrawn]));
	assert_eq!(counts(&blocks), (1, 0));
}

#[test]
fn the_state_says_what_no_event_contains() {
	let staker = json!({
		"who": "5Old", "exits": "7", "outstanding": 2, "liable": 3, "suspended_until": null, "assigned": 10,
		"served": 6, "missed": 1, "prover_id": 5, "stake": "800", "reward_per_gas": 7_000, "max_capacity": 16,
		"paused": true,
	});
	let mut chain = Blocks::default();
	let folder = Folder::with(&[chain.next(&[
		("State.Staker", staker),
		("State.Fee", json!({ "fee_per_gas": 10_000, "window": null })),
	])]);
	let old = prover(&folder, "5Old");
	assert_eq!((old.status, old.slot, old.paused), (Membership::Member, Some(5), true));
	assert_eq!((old.stake, old.exits), (Amount(800), Amount(7)));
	assert_eq!((old.outstanding, old.liable, old.max_capacity), (2, 3, Some(16)));
	// Counts are of the events, the record is the chain's.
	assert_eq!((old.work.assigned, old.record_assigned, old.record_served), (0, 10, 6));
	let market = query::market(&folder.reader()).unwrap();
	assert_eq!((market.members, market.fee.unwrap().price), (1, 10_000));

	// Who has left in a gap is in no event, and no longer in the state.
	let new = json!({
		"who": "5New", "exits": "0", "outstanding": 0, "liable": 0, "suspended_until": null, "assigned": 0,
		"served": 0, "missed": 0, "prover_id": 5, "stake": "900", "reward_per_gas": 7_000, "max_capacity": 16,
		"paused": false,
	});
	let next = chain.next(&[("State.Stakers", json!({})), ("State.Staker", new)]);
	folder.store().append(&next, None).unwrap();
	let old = prover(&folder, "5Old");
	assert_eq!(
		(old.status, old.slot, old.stake, old.exits),
		(Membership::Left, None, Amount(0), Amount(0))
	);
	assert_eq!((old.outstanding, old.record_assigned), (0, 0));
	assert_eq!(query::market(&folder.reader()).unwrap().members, 1);
}

#[test]
fn an_event_that_is_not_understood_is_a_gap_and_no_guess() {
	let mut chain = Blocks::default();
	let blocks = [
		chain.next(&[staked("5Eve", 2, 1_000, 9_000, 4)]),
		chain.next(&[
			("ProverPool.Withdrawn", json!({ "who": "5Eve", "sum": "9" })),
			proposed(1, 9),
		]),
	];
	let folder = Folder::with(&blocks);
	let gaps = query::market(&folder.reader()).unwrap().position.gaps;
	assert_eq!(gaps.len(), 1);
	assert_eq!((gaps[0].from_block, gaps[0].to_block), (2, 2));
	assert_eq!(gaps[0].reason, "ProverPool.Withdrawn: it has no field `amount`");
	assert!(prover(&folder, "5Eve").spans_gap);
	// The next block has to contain the state.
	let staker = json!({
		"who": "5Eve", "exits": "0", "outstanding": 0, "liable": 0, "suspended_until": null, "assigned": 0,
		"served": 0, "missed": 0, "prover_id": null,
	});
	let state = [("State.Stakers", json!({})), ("State.Staker", staker)];
	let next = Blocks::after(&blocks[1], 'a').next(&state);
	let mut store = folder.store();
	assert!(store.needs_state().unwrap());
	store.append(&next, None).unwrap();
	assert!(!store.needs_state().unwrap());
	let eve = prover(&folder, "5Eve");
	assert!(eve.spans_gap && eve.status == Membership::Left);
	// The others of the block count, and all are stored.
	assert_eq!(block(&folder, 1).block.row.escrow, Some(Amount(9)));
	let events = query::events(&folder.reader(), &Events::default(), &Paging::default()).unwrap();
	assert_eq!(events.items.len(), 5);
}

#[test]
fn the_state_is_needed_once_for_a_runtime_that_is_not_understood() {
	let mut chain = Blocks::default();
	let odd = ("ProverPool.Withdrawn", json!({ "who": "5Eve", "sum": "9" }));
	let state = ("State.Stakers", json!({}));
	let mut next = |spec_version, events: &[(&str, serde_json::Value)]| Block {
		spec_version,
		..chain.next(events)
	};
	let folder = Folder::new();
	let mut store = folder.store();
	let mut asked = Vec::new();
	for (spec_version, is_odd) in
		[(1, false), (2, true), (2, true), (2, false), (2, true), (3, true), (3, false), (3, false)]
	{
		let needs_state = store.needs_state().unwrap();
		asked.push(needs_state);
		let mut events = Vec::new();
		if is_odd {
			events.push(odd.clone());
		}
		if needs_state {
			events.push(state.clone());
		}
		store.append(&next(spec_version, &events), None).unwrap();
	}
	// At the beginning, after the first odd block of version 2, and after that of version 3.
	assert_eq!(asked, [true, false, true, false, false, false, true, false]);
	// A program that is started again may understand them.
	store.append(&next(3, std::slice::from_ref(&odd)), None).unwrap();
	assert!(!store.needs_state().unwrap());
	drop(store);
	assert!(folder.store().needs_state().unwrap());
}

#[test]
fn what_ended_in_a_gap_is_unknown_and_no_longer_waits() {
	let mut chain = Blocks::default();
	let deferred = |id| ("ProverPool.SlashDeferred", json!({ "block_id": id, "due_at": 55 }));
	let folder = Folder::with(&[
		chain.next(&[
			staked("5Mal", 1, 10_000, 9_000, 8),
			proposed(1, 90_000),
			proposed(2, 70_000),
			proposed(3, 70_000),
		]),
		chain.next(&drawn(2, "5Mal", 9_000, 0)),
		chain.next(&[claimed(2, "5Mal", 9_000, 0)]),
		chain.next(&[
			slashed(1, "5Mal", [0, 500], "Late"),
			deferred(1),
			slashed(2, "5Mal", [0, 100], "Late"),
			deferred(2),
		]),
	]);
	chain.skip(10);
	let after = chain.next(&[
		("State.Stakers", json!({})),
		("State.Rollup", json!({ "head": 3, "next_id": 5 })),
		waiting(3, "open", None, 70_000, 70_000),
		waiting(4, "assigned", Some(("5Dave", 9_500, 44, true)), 80_000, 60_000),
		("State.PendingSlashes", json!({ "block_ids": [2] })),
	]);
	folder.store().append(&after, Some("left out")).unwrap();
	let shown = || {
		let blocks = [1, 2, 3, 4].map(|id| block(&folder, id).block.row.status);
		let slashes = query::slashes(&folder.reader(), None, None, &Paging::default()).unwrap();
		let slashes: Vec<_> =
			slashes.items.iter().map(|it| (it.row.block_id, it.row.state)).collect();
		(blocks, slashes)
	};
	let expected = (
		[Status::Unknown, Status::Unknown, Status::Open, Status::Assigned],
		vec![(2, SlashState::Pending), (1, SlashState::Unknown)],
	);
	assert_eq!(shown(), expected);
	let of = |state| Which { status: Some(state), ..Which::default() };
	let ids = |state| {
		let page = query::blocks(&folder.reader(), &of(state), &Paging::default()).unwrap();
		page.items.iter().map(|it| it.row.id).collect::<Vec<_>>()
	};
	assert_eq!(ids(BlockState::Waiting), [4, 3]);
	assert_eq!(ids(BlockState::Of(Status::Unknown)), [2, 1]);
	assert!(ids(BlockState::Settled).is_empty());
	let market = json!(query::market(&folder.reader()).unwrap());
	let counts = json!({ "pending": 0, "assigned": 1, "open": 1, "claimed": 0, "cancelled": 0 });
	assert_eq!((&market["waiting"], &market["settled"]["unknown"]), (&counts, &json!(2)));
	assert_eq!(market["slashes"]["unknown"], 1);

	let claimed = block(&folder, 2);
	assert_eq!(claimed.claims[0].row.fate, Fate::Unknown);
	assert_eq!(
		claimed.why[2],
		"5Mal proved it in block 3: 1000000 gas; what became of it is not in the history."
	);
	assert_eq!(
		block(&folder, 1).why[1..],
		[
			"It was settled in blocks that the history lacks: how it ended is not known.",
			"5Mal was slashed 0.0000000005 UNIT in block 4, because its proof came after its window: 0 UNIT of its exits \
			 and 0.0000000005 UNIT of its stake. Whether the tokens were taken or released is not known: it happened \
			 in blocks that the history lacks.",
			"Events of its life may be missing: the history has a gap, so this may not be all.",
		]
	);
	let slash = query::prover(&folder.reader(), "5Mal").unwrap().unwrap();
	let csv = prover_pool_history::csv::row(&slash.slashes[1].row);
	assert!(csv.contains(",55,unknown,"), "{csv}");
	let opened = block(&folder, 3).block.row;
	assert_eq!((opened.open_cause.as_deref(), opened.opened), (Some("Unknown"), None));
	// Proposed in the gap: the state has all but the moments.
	let new = block(&folder, 4).block.row;
	assert_eq!((new.prover.as_deref(), new.reward_per_gas), (Some("5Dave"), Some(9_500)));
	assert_eq!((new.escrow, new.returned_at_draw), (Some(Amount(80_000)), Amount(20_000)));
	assert!(new.spans_gap && new.released && new.drawn.is_none());

	// Facts of the state are no news of an account.
	let (_, feed) = query::feed(&folder.reader(), "5Bob", 100).unwrap();
	let names: Vec<_> = feed.iter().map(|it| it.row.name.as_str()).collect();
	assert_eq!(names, ["BlockProposed"; 3]);

	// They are the same when all rows are rebuilt.
	folder.store().rebuild().unwrap();
	assert_eq!(shown(), expected);
}

#[test]
fn work_that_was_delivered_in_a_gap_is_closed_once() {
	let staker = json!({
		"who": "5Dave", "exits": "0", "outstanding": 1, "liable": 2, "suspended_until": null, "assigned": 2,
		"served": 0, "missed": 0, "prover_id": 5, "stake": "900", "reward_per_gas": 7_000, "max_capacity": 16,
		"paused": false,
	});
	let mut chain = Blocks::default();
	chain.skip(7);
	let folder = Folder::with(&[
		chain.next(&[
			("State.Stakers", json!({})),
			("State.Staker", staker),
			("State.Rollup", json!({ "head": 1, "next_id": 3 })),
			waiting(1, "claimed", Some(("5Dave", 7_000, 44, true)), 90, 90),
			waiting(2, "assigned", Some(("5Dave", 7_000, 45, false)), 90, 90),
			("State.PendingSlashes", json!({ "block_ids": [] })),
		]),
		chain.next(&[of_pool("ProverPool.ProverDischarged", 1, "5Dave")]),
	]);
	let dave = prover(&folder, "5Dave");
	assert_eq!((dave.outstanding, dave.liable), (1, 1));
}

#[test]
fn figures_that_span_a_gap_say_so() {
	let mut chain = Blocks::default();
	let mut blocks = vec![
		chain.next(&[staked("5Dave", 3, 1_000, 9_000, 8), proposed(1, 9), proposed(2, 9)]),
		chain.next(&[verified(1, "5Dave", "Open", [9, 0, 0])]),
	];
	chain.skip(10);
	blocks.push(chain.next(&[proposed(3, 9), verified(4, "5New", "Open", [9, 0, 0])]));
	let folder = Folder::with(&blocks[..2]);
	let mut store = folder.store();
	let error = store.append(&blocks[2], None).unwrap_err();
	assert!(error.to_string().contains("the blocks after 2 are missing"), "{error}");
	store.append(&blocks[2], Some("the node has no state of them")).unwrap();

	let all = query::blocks(&folder.reader(), &Which::default(), &Paging::default()).unwrap();
	let spans: Vec<_> = all.items.iter().map(|it| (it.row.id, it.row.spans_gap)).collect();
	// 1 was settled before it. 2 waited in it. 3 is younger. 4 was proposed in it.
	assert_eq!(spans, [(4, true), (3, false), (2, true), (1, false)]);
	assert!(prover(&folder, "5Dave").spans_gap && prover(&folder, "5New").spans_gap);
	let market = query::market(&folder.reader()).unwrap();
	assert!(market.hour.row.spans_gap);
	let gap = &market.position.gaps[0];
	assert_eq!((gap.from_block, gap.to_block), (3, 12));
	assert_eq!((gap.before_time, gap.after_time), (blocks[1].time, blocks[2].time));
	assert!(block(&folder, 2).why.iter().any(|it| it.contains("has a gap")));
}

#[test]
fn all_rows_can_be_rebuilt_from_the_events() {
	let mut market = Market::new(5, 2, 9);
	let folder = Folder::new();
	let mut store = folder.store();
	// Days, hours, gaps, and blocks without an event in between.
	for number in 0..400 {
		let block = market.next(if number % 50 == 0 { 40_000_000 } else { 600_000 });
		if number == 150 {
			continue;
		}
		let missing = (number == 151).then_some("left out");
		store.append(&block, missing).unwrap();
	}
	let before = dump(&folder.file());
	assert!(before.iter().filter(|line| line.starts_with("summary ")).count() > 60);
	assert!(before.iter().any(|line| line.starts_with("prover_summary ")));
	store.rebuild().unwrap();
	assert_eq!(dump(&folder.file()), before);
}
