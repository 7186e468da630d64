//! The comparison of pool and model.

use prover_pool_primitives::{BlockId, OpenReason, ProverPool as Pool};

use super::{inputs::ACCOUNTS, model::Model, read, runtime::*, summary::Summary, types::*};

/// The fees at which weights are compared.
const FEES: [u32; 5] = [100, 1, 4_000, u32::MAX, 0];
/// The limits of pages.
const LIMITS: [u32; 4] = [u32::MAX, 1, 2, 3];
/// The offers whose odds are compared.
const OFFERS: [Offer; 4] = [
	Offer { stake: 1_000, price: 100, capacity: 3, paused: false },
	Offer { stake: u128::MAX, price: 1, capacity: 1, paused: false },
	Offer { stake: 1, price: u32::MAX, capacity: 1, paused: false },
	Offer { stake: 1_000, price: 100, capacity: 3, paused: true },
];

/// Compares the events since the last comparison, and the state and queries of both sides after step
/// `number`. `issued`: all tokens ever issued.
pub fn compare(
	model: &mut Model,
	summary: &mut Summary,
	number: usize,
	issued: Balance,
	when: &str,
) {
	let events: Vec<_> = System::read_events_for_pallet().into_iter().map(read::event).collect();
	System::reset_events();
	events.iter().for_each(|event| summary.count("event", name(event)));
	assert_eq!(events, std::mem::take(&mut model.events), "events {when}: pool, model");
	let outcomes = std::mem::take(&mut model.outcomes);
	assert_eq!(Outcomes::take(), outcomes, "what the handler heard {when}: pool, model");
	let slashed = std::mem::take(&mut model.slashed);
	assert_eq!(Slashed::take(), slashed, "what reached OnSlash {when}: pool, model");

	let state = model.state();
	assert_eq!(read::state(), state, "storage {when}: pool, model");
	count_states(model, &state, summary);
	compare_tokens(model, issued, when);
	compare_queries(model, &state, number, when);
	if let Err(broken) = ProverPool::do_try_state() {
		panic!("{when}: {broken:?}");
	}
	if let Err(broken) = ProverLottery::do_try_state() {
		panic!("{when}: {broken:?}");
	}
}

fn compare_tokens(model: &Model, issued: Balance, when: &str) {
	for who in ACCOUNTS {
		let expected = model.tokens.of(who);
		let found = read::account(who, expected.propped);
		assert_eq!(found, expected, "tokens of {who} {when}: chain, model");
	}
	let accounts = model.tokens.accounts.values();
	let total: Balance = accounts.map(|account| account.free + account.held).sum();
	assert_eq!(Balances::total_issuance(), total, "tokens came or went {when}");
	assert_eq!(total + model.tokens.burned, issued, "tokens came or went {when}");
}

fn compare_queries(model: &Model, state: &State, number: usize, when: &str) {
	let limit = LIMITS[number % LIMITS.len()];
	for who in ACCOUNTS {
		let row = model.staker_row(who);
		assert_eq!(row.held, model.tokens.of(who).held, "what is held of {who} {when}: model");
		assert_eq!(read::staker_row(who), row, "row of {who} {when}: pool, model");
		assert_eq!(read::next_exit(who), model.next_exit(who), "next exit of {who} {when}");
		let own = |(_, duty): &(BlockId, Assignment)| duty.prover == who;
		let duties: Vec<_> = state.ledger.clone().into_iter().filter(own).collect();
		assert_eq!(read::assignments(who, limit), duties, "duties of {who} {when}: pool, model");
	}

	let start = if number.is_multiple_of(2) { 0 } else { 1 + (number / 2 % 4) as u32 };
	let rows = model.prover_rows(start, limit);
	assert_eq!(read::prover_rows(start, limit), rows, "rows from {start} {when}: pool, model");
	let fee = FEES[number % FEES.len()];
	let weights = model.weight_rows(fee, start, limit);
	let found = read::weight_rows(fee, start, limit);
	assert_eq!(found, weights, "weights at {fee} {when}: pool, model");
	let offer = OFFERS[number / 5 % OFFERS.len()];
	let odds = model.odds(fee, &offer);
	assert_eq!(read::odds(fee, &offer), odds, "odds of {offer:?} at {fee} {when}: pool, model");

	let capacity = model.drawable_capacity();
	assert_eq!(ProverPool::get_capacity(), capacity, "capacity {when}: pool, model");
	let free_capacity = <ProverPool as Pool<_, _>>::free_capacity();
	assert_eq!(free_capacity, capacity, "free capacity {when}: pool, model");
	assert_eq!(read::parameters(), model.parameters, "parameters {when}: pool, model");
}

/// Counts the steps after which the pool was in a state that each run should have.
fn count_states(model: &Model, state: &State, summary: &mut Summary) {
	let any_staker = |is: &dyn Fn(&AccountId, &Staker) -> bool| {
		state.stakers.iter().any(|(who, staker)| is(who, staker))
	};
	let free = |exit: &&Exit| exit.duties == 0 && exit.matures_at < model.now;
	let unreceivable = |who: &AccountId, staker: &Staker| {
		let amount: Balance = staker.exits.iter().filter(free).map(|exit| exit.amount).sum();
		amount > 0 && model.tokens.clone().release(*who, amount).is_err()
	};
	let max_misses = model.parameters.max_misses;
	let spared = |staker: &Staker| {
		let is_due = max_misses > 0 && staker.track.misses_in_a_row >= max_misses;
		is_due && staker.suspended_until.is_none()
	};
	let any_member = |is: &dyn Fn(&Member) -> bool| state.members.values().any(is);
	let own = |member: &Member| model.offer_of(member);
	let due_since = model.block.saturating_sub(model.parameters.entry_delay);
	let seen = [
		("several exits", any_staker(&|_, staker| staker.exits.len() > 1)),
		("an exit with duties", any_staker(&|_, s| s.exits.iter().any(|exit| exit.duties > 0))),
		("a free exit that cannot be received", any_staker(&unreceivable)),
		("misses that did not suspend", any_staker(&|_, staker| spared(staker))),
		("an entry with a change", any_member(&|m| m.entry.is_some_and(|e| e != own(m)))),
		("a change", any_member(&|m| m.listed.is_some_and(|l| l != own(m)))),
		("a change that is late", state.changes.iter().any(|(since, _)| *since < due_since)),
		("several pending slashes", state.slashes.len() > 1),
		("a full pool", state.members.len() == model.parameters.max_provers as usize),
	];
	for (name, _) in seen.iter().filter(|(_, is)| *is) {
		summary.count("state", name);
	}
}

/// Returns the name under which an event is counted: its kind, and for some kinds a special case.
fn name(event: &Event) -> &'static str {
	match event {
		Event::Staked { .. } => "Staked",
		Event::Exited { forced: false, .. } => "Exited",
		Event::Exited { forced: true, exit: None, .. } => "Exited, forced, without a stake",
		Event::Exited { forced: true, .. } => "Exited, forced",
		Event::Withdrawn { .. } => "Withdrawn",
		Event::StakeIncreased { .. } => "StakeIncreased",
		Event::Unstaked { .. } => "Unstaked",
		Event::Restaked { .. } => "Restaked",
		Event::TermsChanged { .. } => "TermsChanged",
		Event::Paused { .. } => "Paused",
		Event::Resumed { .. } => "Resumed",
		Event::Listed { .. } => "OfferListed",
		Event::Suspended { .. } => "Suspended",
		Event::SuspensionEnded { .. } => "SuspensionEnded",
		Event::Requested { .. } => "ProverRequested",
		Event::Assigned { .. } => "ProverAssigned",
		Event::NotFound { reason: OpenReason::ZeroFee, .. } => "ProverNotFound, ZeroFee",
		Event::NotFound { reason: OpenReason::EmptyPool, .. } => "ProverNotFound, EmptyPool",
		Event::NotFound { .. } => "ProverNotFound, NoFreeCapacity",
		Event::Cancelled { .. } => "RequestCancelled",
		Event::Released { .. } => "ProverReleased",
		Event::Discharged { .. } => "ProverDischarged",
		Event::Slashed { from_exits: 0, from_stake: 0, .. } => "Slashed, by nothing",
		Event::Slashed { from_exits: 0, .. } => "Slashed, stake",
		Event::Slashed { from_stake: 0, .. } => "Slashed, exits",
		Event::Slashed { .. } => "Slashed, both",
		Event::SlashDeferred { .. } => "SlashDeferred",
		Event::SlashApplied { .. } => "SlashApplied",
		Event::SlashCancelled { .. } => "SlashCancelled",
	}
}
