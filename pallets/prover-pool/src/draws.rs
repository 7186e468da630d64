//! Requests and draws (R4, R5).

use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
	ensure,
	migrations::MultiStepMigrator,
	traits::{Defensive, Get, Randomness},
	weights::Weight,
	WeakBoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use prover_pool_primitives::{
	BlockId, DrawHandler, DrawOutcome, OpenReason, PoolError, PricePerGas, Selection,
};
use sp_core::U256;
use sp_runtime::traits::Saturating;

use crate::{
	account::Account, Assignment, Assignments, AssignmentsOf, Config, DrawQueue, DrawRequest,
	DrawRequestOf, Event, Pallet, PendingSlashes, SlashTerms, WeightInfo,
};

/// Separates this pallet's seeds from those of other users of the same randomness.
const DRAW_CONTEXT: &[u8] = b"prover-pool/draw";

impl<T: Config> Pallet<T> {
	/// Queues a request (R4).
	pub(crate) fn do_assign_prover(
		block_id: BlockId,
		fee_per_gas: PricePerGas,
		notify_handler: bool,
	) -> Result<(), PoolError> {
		ensure!(
			!Assignments::<T>::contains_key(block_id)
				&& !PendingSlashes::<T>::contains_key(block_id),
			PoolError::AlreadyAssigned
		);
		let requested_in = frame_system::Pallet::<T>::block_number();
		DrawQueue::<T>::try_mutate(|queue| {
			ensure!(
				queue.iter().all(|request| request.block_id != block_id),
				PoolError::AlreadyAssigned
			);
			queue
				.try_push(DrawRequest { block_id, fee_per_gas, requested_in, notify_handler })
				.map_err(|_| PoolError::QueueFull)
		})?;
		Self::deposit_event(Event::ProverRequested { block_id, fee_per_gas });
		Ok(())
	}

	/// Resolves due draw requests, oldest first, then lists members whose entry delay is over. Returns the
	/// weight consumed.
	///
	/// All of it shares one session of the selection. The handler is called last, with all records
	/// written, so it may use the pool. While a multi-block migration runs nothing happens: nobody
	/// could act on a draw.
	pub(crate) fn draw_due(now: BlockNumberFor<T>) -> Weight {
		let mut weight = T::WeightInfo::on_initialize();
		if T::MultiBlockMigrator::ongoing() {
			return weight;
		}
		let due = Self::take_due();
		let changes = Self::due_changes(now);
		if due.is_empty() && changes.is_empty() {
			return weight;
		}
		let admissions = Self::weight_of_admission().saturating_mul(changes.len() as u64);
		let mut selection = T::Selection::open();
		let outcomes: Vec<_> = due
			.into_iter()
			.map(|(request, seed)| {
				let outcome = Self::draw(&request, seed, &mut selection);
				weight.saturating_accrue(Self::weight_of_draw());
				(request, outcome)
			})
			.collect();
		Self::admit(changes, &mut selection);
		weight.saturating_accrue(admissions);
		selection.save();
		for (request, outcome) in outcomes.into_iter().filter(|(request, _)| request.notify_handler)
		{
			T::DrawHandler::on_draw(request.block_id, outcome);
			weight.saturating_accrue(T::DrawHandler::on_draw_weight());
		}
		weight
	}

	/// Removes the requests that are drawn in this block from the queue, each with its seed.
	///
	/// A seed serves a request only if it became known [`Config::DrawDelay`] blocks after it (R5).
	/// Requests are queued in the order of their blocks: if one is not due, none behind it is.
	fn take_due() -> Vec<(DrawRequestOf<T>, U256)> {
		let queue = DrawQueue::<T>::get();
		let due: Vec<_> = queue
			.iter()
			.take(T::MaxDrawsPerBlock::get() as usize)
			.map_while(|request| Some((request.clone(), Self::seed_for(request)?)))
			.collect();
		if !due.is_empty() {
			let waiting = queue.into_inner().split_off(due.len());
			DrawQueue::<T>::put(WeakBoundedVec::force_from(waiting, None));
		}
		due
	}

	/// Returns the seed for a request, if there is one now that it may use.
	fn seed_for(request: &DrawRequestOf<T>) -> Option<U256> {
		// The id separates the draws of one block from each other.
		let subject = (DRAW_CONTEXT, request.block_id).encode();
		let (seed, known_since) = T::Randomness::random(&subject);
		let earliest = request.requested_in.saturating_add(T::DrawDelay::get());
		let seed = seed.filter(|_| known_since >= earliest)?;
		let seed = seed.as_ref();
		Some(U256::from_big_endian(&seed[..seed.len().min(32)]))
	}

	/// Makes one draw: records the assignment, or forgets the id.
	fn draw(
		request: &DrawRequestOf<T>,
		seed: U256,
		selection: &mut T::Selection,
	) -> DrawOutcome<T::AccountId> {
		let block_id = request.block_id;
		let drawn = selection.draw(request.fee_per_gas, seed).and_then(|drawn| {
			let account = Account::<T>::load_member(drawn.prover_id)
				.defensive_proof("the selection drew a slot without a member")
				.ok_or(OpenReason::EmptyPool)?;
			Ok((account, drawn.reward_per_gas))
		});
		match drawn {
			Ok((account, reward_per_gas)) => {
				let prover = account.who.clone();
				Self::record_assignment(block_id, account, reward_per_gas, selection);
				DrawOutcome::Assigned { prover, reward_per_gas }
			},
			Err(reason) => {
				Self::deposit_event(Event::ProverNotFound { block_id, reason });
				DrawOutcome::Open { reason }
			},
		}
	}

	fn record_assignment(
		block_id: BlockId,
		mut account: Account<T>,
		reward_per_gas: PricePerGas,
		selection: &mut T::Selection,
	) {
		let now = Self::now();
		let who = account.who.clone();
		// The terms are those of the offer that was drawn: a capacity declared since then must not
		// shrink the slash.
		let max_capacity =
			account.listed_offer().map_or(account.staker.max_capacity, |offer| offer.max_capacity);
		let assignment = Assignment {
			prover: who.clone(),
			reward_per_gas,
			drawn_at: now,
			released: false,
			terms: SlashTerms {
				max_capacity,
				slash_points: T::SlashPoints::get(),
				slash_multiplier: T::SlashMultiplier::get(),
			},
		};
		account.staker.on_assigned(now);
		account.save_with(selection);
		Assignments::<T>::insert(block_id, assignment);
		AssignmentsOf::<T>::insert(&who, block_id, ());
		Self::deposit_event(Event::ProverAssigned { block_id, who, reward_per_gas });
	}
}
