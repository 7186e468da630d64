//! Reads the pool and the chain, in the types of the model.

use frame_support::traits::{
	fungible::{Inspect, InspectFreeze, InspectHold},
	PalletInfoAccess,
};
use pallet_prover_pool as pallet;
use prover_pool_primitives::{BlockId, PoolError};
use sp_core::U512;
use sp_runtime::{DispatchError, DispatchResult, ModuleError, Perbill};

use super::{
	runtime::*,
	tokens::{Account, CURRENCY},
	types::*,
};

pub fn refusal(error: DispatchError) -> Refusal {
	let pool = <ProverPool as PalletInfoAccess>::index() as u8;
	match error {
		DispatchError::Module(ModuleError { index, message: Some(name), .. }) if index == pool => {
			name
		},
		DispatchError::BadOrigin => "BadOrigin",
		DispatchError::Module(_)
		| DispatchError::Token(_)
		| DispatchError::Arithmetic(_)
		| DispatchError::NoProviders
		| DispatchError::ConsumerRemaining => CURRENCY,
		other => panic!("an error that no caller should see: {other:?}"),
	}
}

pub fn answer(result: DispatchResult) -> Answer {
	result.map_err(refusal)
}

pub fn hook<T>(result: Result<T, PoolError>) -> Answer<T> {
	let name = |error| -> Refusal {
		match error {
			PoolError::QueueFull => "QueueFull",
			PoolError::AlreadyAssigned => "AlreadyAssigned",
			PoolError::UnknownBlock => "UnknownBlock",
			PoolError::StillPending => "StillPending",
			PoolError::AlreadyReleased => "AlreadyReleased",
		}
	};
	result.map_err(name)
}

pub fn event(event: pallet::Event<Runtime>) -> Event {
	use pallet::Event as Pool;
	match event {
		Pool::Staked { who, prover_id, amount, reward_per_gas, current_capacity } => {
			Event::Staked {
				who,
				slot: prover_id,
				amount,
				price: reward_per_gas,
				capacity: current_capacity,
			}
		},
		Pool::Exited { who, amount, exit, forced } => Event::Exited { who, amount, exit, forced },
		Pool::Withdrawn { who, amount } => Event::Withdrawn { who, amount },
		Pool::StakeIncreased { who, amount } => Event::StakeIncreased { who, amount },
		Pool::Unstaked { who, amount, exit } => Event::Unstaked { who, amount, exit },
		Pool::Restaked { who, amount, exit } => Event::Restaked { who, amount, exit },
		Pool::TermsChanged { who, reward_per_gas: price, max_capacity: capacity } => {
			Event::TermsChanged { who, price, capacity }
		},
		Pool::Paused { who } => Event::Paused { who },
		Pool::Resumed { who } => Event::Resumed { who },
		Pool::OfferListed { who } => Event::Listed { who },
		Pool::Suspended { who, until } => Event::Suspended { who, until: until.into() },
		Pool::SuspensionEnded { who } => Event::SuspensionEnded { who },
		Pool::ProverRequested { block_id: id, fee_per_gas: fee } => Event::Requested { id, fee },
		Pool::ProverAssigned { block_id: id, who, reward_per_gas: price } => {
			Event::Assigned { id, who, price }
		},
		Pool::ProverNotFound { block_id: id, reason } => Event::NotFound { id, reason },
		Pool::RequestCancelled { block_id: id } => Event::Cancelled { id },
		Pool::ProverReleased { block_id: id, who } => Event::Released { id, who },
		Pool::ProverDischarged { block_id: id, who } => Event::Discharged { id, who },
		Pool::Slashed { block_id: id, who, amount, from_exits, from_stake, fault } => {
			assert_eq!(amount, from_exits + from_stake, "the sum in the slash of {id}");
			Event::Slashed { id, who, from_exits, from_stake, fault }
		},
		Pool::SlashDeferred { block_id: id, due_at } => {
			Event::SlashDeferred { id, due_at: due_at.into() }
		},
		Pool::SlashApplied { block_id: id, who, amount } => Event::SlashApplied { id, who, amount },
		Pool::SlashCancelled { block_id: id, who, amount } => {
			Event::SlashCancelled { id, who, amount }
		},
		other => panic!("an event that the model does not know: {other:?}"),
	}
}

// Storage.

pub fn state() -> State {
	let request = |request: &pallet::DrawRequest<u64>| Request {
		id: request.block_id,
		fee: request.fee_per_gas,
		requested_in: request.requested_in,
		report: request.notify_handler,
	};
	State {
		members: pallet::Provers::<Runtime>::iter()
			.map(|(slot, prover)| (slot, member(prover)))
			.collect(),
		stakers: pallet::Stakers::<Runtime>::iter()
			.map(|(who, record)| (who, staker(record)))
			.collect(),
		ledger: pallet::Assignments::<Runtime>::iter()
			.map(|(id, one)| (id, assignment(one)))
			.collect(),
		requests: pallet::DrawQueue::<Runtime>::get().iter().map(request).collect(),
		changes: pallet::PendingChanges::<Runtime>::iter_keys()
			.map(|key| (key.time(), key.id() as u32))
			.collect(),
		slashes: pallet::PendingSlashes::<Runtime>::iter()
			.map(|(id, slash)| (id, pending_slash(slash)))
			.collect(),
		schedule: pallet::SlashSchedule::<Runtime>::iter_keys()
			.map(|key| (key.time(), key.id()))
			.collect(),
	}
}

fn offer(offer: pallet::OfferOf<Runtime>) -> Offer {
	Offer {
		stake: offer.stake,
		price: offer.reward_per_gas,
		capacity: offer.max_capacity,
		paused: offer.paused,
	}
}

fn member(prover: pallet::ProverOf<Runtime>) -> Member {
	let own = Offer {
		stake: prover.stake,
		price: prover.reward_per_gas,
		capacity: pallet::Stakers::<Runtime>::get(prover.account).max_capacity,
		paused: prover.paused,
	};
	let (entry, listed) = match prover.listing {
		pallet::Listing::Current => (None, Some(own)),
		pallet::Listing::Entering(entry) => (Some(offer(entry)), None),
		pallet::Listing::Changing(old) => (None, Some(offer(old))),
	};
	Member {
		who: prover.account,
		stake: prover.stake,
		price: prover.reward_per_gas,
		paused: prover.paused,
		entered_at: prover.entered_at.into(),
		entered_in: prover.entered_in,
		changed_in: prover.changed_in,
		entry,
		listed,
	}
}

fn exit(exit: &pallet::ExitOf<Runtime>) -> Exit {
	Exit {
		id: exit.id,
		amount: exit.amount,
		matures_at: exit.matures_at.into(),
		duties: exit.duties,
	}
}

fn track(record: pallet::TrackRecord) -> Track {
	Track {
		assigned: record.assigned,
		served: record.served,
		missed: record.missed,
		misses_in_a_row: record.misses_in_a_row,
	}
}

fn staker(staker: pallet::Staker<Runtime>) -> Staker {
	Staker {
		slot: staker.prover_id,
		capacity: staker.max_capacity,
		outstanding: staker.outstanding,
		liable: staker.liable,
		exits: staker.exits.iter().map(exit).collect(),
		suspended_until: staker.suspended_until.map(Moment::from),
		track: track(staker.record),
	}
}

fn assignment(assignment: pallet::AssignmentOf<Runtime>) -> Assignment {
	Assignment {
		prover: assignment.prover,
		price: assignment.reward_per_gas,
		drawn_at: assignment.drawn_at.into(),
		released: assignment.released,
		capacity: assignment.terms.max_capacity,
		slash_points: parts(assignment.terms.slash_points),
		slash_multiplier: assignment.terms.slash_multiplier,
	}
}

fn pending_slash(slash: pallet::PendingSlashOf<Runtime>) -> PendingSlash {
	PendingSlash {
		who: slash.who,
		amount: slash.amount,
		fault: slash.fault,
		reporter: slash.reporter,
		due_at: slash.due_at.into(),
		suspended_until: slash.suspended_until.map(Moment::from),
		served: slash.served,
	}
}

fn parts(share: Perbill) -> u64 {
	u64::from(share.deconstruct())
}

pub fn account(who: AccountId, propped: bool) -> Account {
	let held = Balances::balance_on_hold(&pallet::HoldReason::Staked.into(), &who);
	assert_eq!(Balances::total_balance_on_hold(&who), held, "{who} has the pool's hold alone");
	Account {
		free: Balances::balance(&who),
		held,
		frozen: Balances::balance_frozen(&voting::FreezeReason::Vote.into(), &who),
		propped,
	}
}

// Queries.

fn prover_row(row: pallet::ProverRowOf<Runtime>) -> ProverRow {
	ProverRow {
		slot: row.prover_id,
		who: row.account,
		offer: offer(row.offer),
		current_capacity: row.current_capacity,
		status: match row.status {
			pallet::MemberStatus::Active => Status::Active,
			pallet::MemberStatus::Entering => Status::Entering,
			pallet::MemberStatus::Paused => Status::Paused,
			pallet::MemberStatus::Suspended { until } => Status::Suspended { until: until.into() },
		},
		listed: row.listed.map(offer),
		entered_at: row.entered_at.into(),
		entered_in: row.entered_in,
		changed_in: row.changed_in,
		track: track(row.record),
	}
}

fn row_of(row: pallet::StakerRowOf<Runtime>) -> StakerRow {
	StakerRow {
		prover: row.prover.map(prover_row),
		capacity: row.max_capacity,
		outstanding: row.outstanding,
		liable: row.liable,
		exits: row.exits.iter().map(exit).collect(),
		suspended_until: row.suspended_until.map(Moment::from),
		track: track(row.record),
		held: row.held,
	}
}

pub fn staker_row(who: AccountId) -> StakerRow {
	row_of(ProverPool::get_staker(who))
}

pub fn prover_rows(start: u32, limit: u32) -> Vec<ProverRow> {
	ProverPool::get_provers(start, limit).into_iter().map(prover_row).collect()
}

pub fn weight_rows(fee: u32, start: u32, limit: u32) -> Vec<WeightRow> {
	let row = |row: pallet::WeightRow| WeightRow {
		slot: row.prover_id,
		weight: U512::from(row.weight),
		share: row.share,
		effective_price: row.effective_price,
	};
	ProverPool::get_prover_weights(fee, start, limit).into_iter().map(row).collect()
}

/// All pages of `get_assignments`, put into the order of ids: the query's own order is that of storage.
pub fn assignments(who: AccountId, limit: u32) -> Vec<(BlockId, Assignment)> {
	let mut duties = Vec::new();
	loop {
		let after = duties.last().map(|(id, _)| *id);
		let page = ProverPool::get_assignments(who, after, limit);
		let last = page.len() < limit as usize;
		duties.extend(page.into_iter().map(|row| (row.block_id, assignment(row.assignment))));
		if last {
			break;
		}
	}
	duties.sort_by_key(|(id, _)| *id);
	duties
}

pub fn next_exit(who: AccountId) -> Option<Exit> {
	ProverPool::next_exit(who).as_ref().map(exit)
}

pub fn odds(fee: u32, offer: &Offer) -> u64 {
	let Offer { stake, price, capacity, paused } = *offer;
	let offer = pallet::Offer { stake, reward_per_gas: price, max_capacity: capacity, paused };
	ProverPool::odds(fee, offer)
}

pub fn simulation(
	answer: Result<pallet::SimulationOf<Runtime>, DispatchError>,
) -> Answer<Simulation> {
	let simulation = answer.map_err(refusal)?;
	Ok(Simulation {
		before: row_of(simulation.before),
		after: row_of(simulation.after),
		replaces: simulation.replaces,
	})
}

/// `get_parameters` of the pool and of the lottery.
pub fn parameters() -> Parameters {
	let pool = ProverPool::get_parameters();
	let lottery = ProverLottery::get_parameters();
	assert_eq!(pool.max_provers, lottery.max_provers, "the number of slots");
	Parameters {
		max_provers: pool.max_provers,
		max_exits: pool.max_exits,
		min_capacity: pool.min_capacity,
		max_capacity: pool.max_capacity,
		min_stake_per_capacity: pool.min_stake_per_capacity,
		exit_period: pool.exit_period.into(),
		min_change_delay: pool.min_change_delay.into(),
		slash_points: parts(pool.slash_points),
		slash_multiplier: pool.slash_multiplier,
		slash_exits_first: pool.slash_exits_first,
		slash_deferral: pool.slash_deferral.into(),
		max_misses: pool.max_misses,
		suspension_period: pool.suspension_period.into(),
		max_paused_share: parts(pool.max_paused_share),
		price_floor_percent: lottery.price_floor_percent,
		price_ceiling_percent: lottery.price_ceiling_percent,
		min_overbid: parts(pool.min_overbid),
		ejection_threshold: parts(pool.ejection_threshold),
		max_liability: pool.max_liability.into(),
		entry_delay: pool.entry_delay,
		draw_delay: pool.draw_delay,
		max_pending_draws: pool.max_pending_draws,
		max_draws_per_block: pool.max_draws_per_block,
		max_admissions: pool.max_admissions,
	}
}
