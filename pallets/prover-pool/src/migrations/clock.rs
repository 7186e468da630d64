//! Another clock.

use alloc::vec::Vec;
use codec::{Decode, Encode};
use core::marker::PhantomData;
use frame_support::{
	ensure,
	traits::{Get, UncheckedOnRuntimeUpgrade},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use prover_pool_primitives::BlockId;
use sp_runtime::{
	traits::{BlockNumberProvider, Saturating},
	DispatchError,
};

use crate::{
	AssignmentOf, Assignments, Config, DrawQueue, DrawRequest, MomentOf, Pallet, StakerInfoOf,
	Stakers,
};

/// The pool's clock changes from `From` to what is [`Config::BlockNumberProvider`] now: every stored
/// moment moves by the difference of the two clocks, so that it is as old as before.
///
/// Without it, exits would be payable at once if the new clock is ahead of the old one, and for a long
/// time not at all if it is behind. A chain needs it when it becomes a parachain and counts its relay
/// chain's blocks from then on, or when it counts slots instead of blocks, so that a week is a week
/// even where slots stay empty. Moments that belong to `frame_system` blocks (`entered_in`,
/// `requested_in`) stay.
///
/// # Use
///
/// It must run exactly once. Wrap it in a
/// [`VersionedMigration`](frame_support::migrations::VersionedMigration) whose pallet is *not* this
/// one, but one of the runtime that has the choice of the clock as its storage version, and that
/// was part of the runtime *before* this upgrade: a pallet that is new starts with the version of the
/// new code, and nothing would run. Both clocks must tell the time of the same block in
/// `on_runtime_upgrade`, which is called before the new block begins: `frame_system`'s number, BABE's
/// slot and the relay chain's number are all still those of the parent then.
///
/// # Edges
///
/// A unit of the new clock counts as much as one of the old: if it is longer or shorter, change the
/// periods in the same upgrade. A moment that would lie before the new clock's zero becomes zero. It
/// looks younger than it is: nothing is paid or discharged early for it, but what was free already
/// would be slashable again, so [`check_before`](Self::check_before) refuses. Wait until the new clock
/// is older than the oldest record, or start it ahead.
///
/// # Weight
///
/// It is the work of one block, two reads and a write for each account and each assignment that is
/// not closed. By RocksDB's weights half of a block of two seconds holds 6 600 of them. A larger pool
/// needs a `SteppedMigration`.
pub struct MoveClock<T, From>(PhantomData<(T, From)>);

/// Everything the pool has stored, with ages in place of moments.
#[derive(Debug, Decode, Encode, Eq, PartialEq)]
pub struct Records<Account, Staker, Assignment, BlockNumber> {
	stakers: Vec<(Account, Staker)>,
	assignments: Vec<(BlockId, Assignment)>,
	queue: Vec<DrawRequest<BlockNumber>>,
}

/// The [`Records`] of a runtime.
pub type RecordsOf<T> = Records<
	<T as frame_system::Config>::AccountId,
	StakerInfoOf<T>,
	AssignmentOf<T>,
	BlockNumberFor<T>,
>;

impl<T, From> MoveClock<T, From>
where
	T: Config,
	From: BlockNumberProvider<BlockNumber = MomentOf<T>>,
{
	/// To be called before: gives what [`check_after`](Self::check_after) compares.
	///
	/// # Errors
	/// A sentence, if an invariant does not hold or an age would be lost.
	pub fn check_before() -> Result<RecordsOf<T>, DispatchError> {
		Pallet::<T>::do_try_state()?;
		let (old, new) =
			(From::current_block_number(), T::BlockNumberProvider::current_block_number());
		let moments = Stakers::<T>::iter_values()
			.flat_map(|(mut staker, _)| {
				staker.moments_mut().map(|moment| *moment).collect::<Vec<_>>()
			})
			.chain(Assignments::<T>::iter_values().map(|assignment| assignment.drawn_at));
		for moment in moments {
			ensure!(moment <= old, "the old clock has not come to a moment that is stored");
			ensure!(old - moment <= new, "the new clock is younger than a moment that is stored");
		}
		Ok(Self::records(old))
	}

	/// To be called after, before the new clock moves: nothing is older or younger than before,
	/// everything else is what it was, and the invariants hold.
	///
	/// # Errors
	/// A sentence that says what is not so.
	pub fn check_after(before: RecordsOf<T>) -> Result<(), DispatchError> {
		let after = Self::records(T::BlockNumberProvider::current_block_number());
		ensure!(after.stakers == before.stakers, "an account is not what it was");
		ensure!(after.assignments == before.assignments, "an assignment is not what it was");
		ensure!(after.queue == before.queue, "the draw queue is not what it was");
		// Records and holds agree, so what is held is what it was, too.
		Pallet::<T>::do_try_state()
	}

	fn records(now: MomentOf<T>) -> RecordsOf<T> {
		let age = |moment: &mut MomentOf<T>| *moment = now.saturating_sub(*moment);
		Records {
			stakers: Stakers::<T>::iter()
				.map(|(who, (mut staker, prover))| {
					staker.moments_mut().for_each(age);
					(who, (staker, prover))
				})
				.collect(),
			assignments: Assignments::<T>::iter()
				.map(|(block_id, mut assignment)| {
					age(&mut assignment.drawn_at);
					(block_id, assignment)
				})
				.collect(),
			queue: DrawQueue::<T>::get().into_inner(),
		}
	}
}

impl<T, From> UncheckedOnRuntimeUpgrade for MoveClock<T, From>
where
	T: Config,
	From: BlockNumberProvider<BlockNumber = MomentOf<T>>,
{
	fn on_runtime_upgrade() -> Weight {
		let (old, new) =
			(From::current_block_number(), T::BlockNumberProvider::current_block_number());
		let shift = |moment: &mut MomentOf<T>| {
			*moment = if new >= old {
				moment.saturating_add(new - old)
			} else {
				moment.saturating_sub(old - new)
			}
		};
		let mut records: u64 = 0;
		Stakers::<T>::translate_values(|(mut staker, prover): StakerInfoOf<T>| {
			staker.moments_mut().for_each(shift);
			records.saturating_inc();
			Some((staker, prover))
		});
		Assignments::<T>::translate_values(|mut assignment: AssignmentOf<T>| {
			shift(&mut assignment.drawn_at);
			records.saturating_inc();
			Some(assignment)
		});
		// Each record is found and read; finding that there is none left, and the clocks, come on top.
		T::DbWeight::get().reads_writes(records.saturating_mul(2).saturating_add(4), records)
	}

	#[cfg(feature = "try-runtime")]
	fn pre_upgrade() -> Result<Vec<u8>, sp_runtime::TryRuntimeError> {
		Self::check_before().map(|records| records.encode())
	}

	#[cfg(feature = "try-runtime")]
	fn post_upgrade(records: Vec<u8>) -> Result<(), sp_runtime::TryRuntimeError> {
		let records = Decode::decode(&mut &records[..])
			.map_err(|_| "what was read before the upgrade cannot be decoded")?;
		Self::check_after(records)
	}
}
