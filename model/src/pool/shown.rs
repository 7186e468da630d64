//! What the pool and the chain show, in the words of the model.

use frame_support::traits::fungible::{Inspect, InspectFreeze, InspectHold};
use pallet_prover_pool as pallet;
use prover_pool_primitives::{BlockId, PoolError};
use sp_core::U512;
use sp_runtime::{DispatchError, DispatchResult, ModuleError, Perbill};

use super::{
	runtime::*,
	tokens::{Account, CURRENCY},
	words::*,
};

pub fn answer(result: DispatchResult) -> Answer {
	result.map_err(|error| {
		let pool = <ProverPool as frame_support::traits::PalletInfoAccess>::index() as u8;
		match error {
			DispatchError::Module(ModuleError { index, message: Some(name), .. })
				if index == pool =>
			{
				name
			},
			DispatchError::BadOrigin => "BadOrigin",
			DispatchError::Module(_)
			| DispatchError::Token(_)
			| DispatchError::Arithmetic(_)
			| DispatchError::NoProviders
			| DispatchError::ConsumerRemaining => CURRENCY,
			other => panic!("an error that nobody should see: {other:?}"),
		}
	})
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
		Pool::Staked { who, amount, reward_per_gas: price, current_capacity: places } => {
			Event::Staked { who, amount, price, places }
		},
		Pool::Exited { who, amount, exit_amount: exit, forced } => {
			Event::Exited { who, amount, exit, forced }
		},
		Pool::Withdrawn { who, amount } => Event::Withdrawn { who, amount },
		Pool::ProverRequested { block_id: id, fee_per_gas: fee } => Event::Requested { id, fee },
		Pool::ProverAssigned { block_id: id, who, reward_per_gas: price } => {
			Event::Assigned { id, who, price }
		},
		Pool::ProverNotFound { block_id: id, reason } => Event::NotFound { id, reason },
		Pool::RequestCancelled { block_id: id } => Event::Cancelled { id },
		Pool::ProverReleased { block_id: id, who } => Event::Released { id, who },
		Pool::ProverDischarged { block_id: id, who } => Event::Discharged { id, who },
		Pool::Slashed { block_id: id, who, amount, from_exit: exit, from_stake: stake } => {
			Event::Slashed { id, who, amount, exit, stake }
		},
		other => panic!("an event that the model does not know: {other:?}"),
	}
}

pub fn books() -> Books {
	let slot = |prover: pallet::ProverOf<Runtime>| Slot {
		who: prover.who,
		stake: prover.staked_amount,
		price: prover.reward_per_gas,
		places: prover.current_capacity,
		entered_in: prover.entered_in,
		waiting: prover.waiting,
	};
	let staker = |staker: pallet::StakerOf<Runtime>| Staker {
		exit: staker.exit_amount,
		exit_clock: staker.exit_requested_at.map(Moment::from),
		max_capacity: staker.max_capacity,
		slot: staker.prover_id,
		outstanding: staker.outstanding,
		liable: staker.liable,
		liable_since: staker.liable_since.map(Moment::from),
		last_changed_at: staker.last_changed_at.map(Moment::from),
	};
	let request = |request: &pallet::DrawRequest<u64>| Request {
		id: request.block_id,
		fee: request.fee_per_gas,
		requested_in: request.requested_in,
		report: request.report,
	};
	Books {
		slots: ProverPool::get_provers(1, u32::MAX)
			.into_iter()
			.map(|(number, one)| (number, slot(one)))
			.collect(),
		stakers: pallet::Stakers::<Runtime>::iter()
			.map(|(who, (one, _))| (who, staker(one)))
			.collect(),
		ledger: pallet::Assignments::<Runtime>::iter()
			.map(|(id, one)| (id, assignment(one)))
			.collect(),
		queue: pallet::DrawQueue::<Runtime>::get().iter().map(request).collect(),
	}
}

fn assignment(assignment: pallet::AssignmentOf<Runtime>) -> Assignment {
	let parts = |share: Perbill| u64::from(share.deconstruct());
	Assignment {
		prover: assignment.prover,
		price: assignment.reward_per_gas,
		drawn_at: assignment.drawn_at.into(),
		released: assignment.released,
		max_capacity: assignment.terms.max_capacity,
		slash_points: parts(assignment.terms.slash_points),
		slash_multiplier: assignment.terms.slash_multiplier,
	}
}

/// In the order of ids: the query's own order is that of storage.
pub fn assignments(who: AccountId) -> Vec<(BlockId, Assignment)> {
	let mut duties: Vec<_> = ProverPool::get_assignments(who, None, u32::MAX)
		.into_iter()
		.map(|(id, one)| (id, assignment(one)))
		.collect();
	duties.sort_by_key(|(id, _)| *id);
	duties
}

pub fn weights(fee: u32) -> Vec<Weight> {
	let weight = |one: pallet::ProverWeight| Weight {
		slot: one.prover_id,
		weight: U512::from(one.weight),
		share: one.share,
		effective_price: one.effective_price,
	};
	ProverPool::get_prover_weights(fee, 1, u32::MAX).into_iter().map(weight).collect()
}

pub fn account(who: AccountId, propped: bool) -> Account {
	let held = |reason: pallet::HoldReason| Balances::balance_on_hold(&reason.into(), &who);
	let account = Account {
		free: Balances::balance(&who),
		stake: held(pallet::HoldReason::Stake),
		exit: held(pallet::HoldReason::Exit),
		frozen: Balances::balance_frozen(&voting::FreezeReason::Vote.into(), &who),
		propped,
	};
	assert_eq!(Balances::total_balance_on_hold(&who), account.held(), "holds of nobody's");
	account
}
