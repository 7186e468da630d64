//! Requests and draws (R4, R5).

use codec::Encode;
use frame_support::{
	ensure,
	migrations::MultiStepMigrator,
	traits::{Get, Randomness},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use prover_pool_primitives::{
	BlockId, DrawHandler, DrawOutcome, OpenReason, PoolError, PricePerGas,
};
use sp_core::U256;

use crate::{
	account::Account, members::Members, selection, waiting, Assignment, Assignments, AssignmentsOf,
	Config, DrawQueue, DrawRequest, Event, Pallet, SlashTerms, WeightInfo,
};

/// What separates this pallet's seeds from those of other users of the same randomness.
const DRAW_CONTEXT: &[u8] = b"prover-pool/draw";

impl<T: Config> Pallet<T> {
	/// Queues a request (R4). `report`: whether the handler hears of its outcome.
	pub(crate) fn do_assign_prover(
		block_id: BlockId,
		fee_per_gas: PricePerGas,
		report: bool,
	) -> Result<(), PoolError> {
		ensure!(!Assignments::<T>::contains_key(block_id), PoolError::AlreadyAssigned);
		let requested_in = frame_system::Pallet::<T>::block_number();
		DrawQueue::<T>::try_mutate(|queue| {
			ensure!(
				queue.iter().all(|request| request.block_id != block_id),
				PoolError::AlreadyAssigned
			);
			queue
				.try_push(DrawRequest { block_id, fee_per_gas, requested_in, report })
				.map_err(|_| PoolError::QueueFull)
		})?;
		Self::deposit_event(Event::ProverRequested { block_id, fee_per_gas });
		Ok(())
	}

	/// Draws for the requests that are due, oldest first; then lets in those whose turn it is. Returns the weight consumed.
	///
	/// While a multi-block migration runs there are no draws: nobody could act on them.
	pub(crate) fn draw_due(now: BlockNumberFor<T>) -> Weight {
		let mut weight = T::WeightInfo::on_initialize();
		if T::MultiBlockMigrator::ongoing() {
			return weight;
		}
		let draw = T::WeightInfo::draw();
		for _ in 0..T::MaxDrawsPerBlock::get() {
			let Some((request, seed)) = Self::next_due() else { break };
			let drawn = Self::draw(&request, seed);
			weight.saturating_accrue(draw);
			if request.report {
				T::DrawHandler::on_draw(request.block_id, drawn);
				weight.saturating_accrue(T::DrawHandler::on_draw_weight());
			}
		}
		let admitted = waiting::admit::<T>(now);
		weight.saturating_accrue(T::WeightInfo::admit().saturating_mul(admitted.into()));
		weight
	}

	/// Takes the oldest request out of the queue, if there is a seed for it that became known after it
	/// was made (R5). Requests are queued in the order of their blocks: if the oldest is not due,
	/// none is.
	///
	/// The queue is written before the draw, so that a handler may use the pool.
	fn next_due() -> Option<(DrawRequest<BlockNumberFor<T>>, U256)> {
		DrawQueue::<T>::try_mutate(|queue| -> Result<_, ()> {
			let request = queue.first().ok_or(())?;
			// The id separates the draws of one block from each other.
			let subject = (DRAW_CONTEXT, request.block_id).encode();
			let (seed, known_since) = T::Randomness::random(&subject);
			let seed = seed.filter(|_| known_since > request.requested_in).ok_or(())?;
			Ok((queue.remove(0), selection::seed_number(seed.as_ref())))
		})
		.ok()
	}

	/// One draw: the assignment is recorded, or the id forgotten.
	fn draw(request: &DrawRequest<BlockNumberFor<T>>, seed: U256) -> DrawOutcome<T::AccountId> {
		let block_id = request.block_id;
		let mut members = Members::<T>::open();
		let drawn = members.draw(request.fee_per_gas, seed).and_then(|(slot, reward_per_gas)| {
			let prover = Members::<T>::occupant(slot).ok_or(OpenReason::NoFreeCapacity)?;
			Ok((prover, reward_per_gas))
		});
		match drawn {
			Ok((prover, reward_per_gas)) => {
				let account = Account::<T>::load(prover.clone());
				Self::record_assignment(block_id, account, reward_per_gas, &mut members);
				members.close();
				DrawOutcome::Assigned { prover, reward_per_gas }
			},
			Err(reason) => {
				Self::record_open(block_id, reason);
				DrawOutcome::Open { reason }
			},
		}
	}

	fn record_assignment(
		block_id: BlockId,
		mut account: Account<T>,
		reward_per_gas: PricePerGas,
		members: &mut Members<T>,
	) {
		let now = Self::now();
		let who = account.who.clone();
		account.staker.on_assigned(now);
		let assignment = Assignment {
			prover: who.clone(),
			reward_per_gas,
			drawn_at: now,
			released: false,
			terms: SlashTerms {
				max_capacity: account.staker.max_capacity,
				slash_points: T::SlashPoints::get(),
				slash_multiplier: T::SlashMultiplier::get(),
			},
		};
		account.save_with(members);
		Assignments::<T>::insert(block_id, assignment);
		AssignmentsOf::<T>::insert(&who, block_id, ());
		Self::deposit_event(Event::ProverAssigned { block_id, who, reward_per_gas });
	}

	fn record_open(block_id: BlockId, reason: OpenReason) {
		Self::deposit_event(Event::ProverNotFound { block_id, reason });
	}
}
