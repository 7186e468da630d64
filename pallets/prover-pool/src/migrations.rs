//! What a runtime runs once when an upgrade changes the meaning of this pallet's storage: another clock.

use alloc::vec::Vec;
use codec::{Decode, Encode};
use core::marker::PhantomData;
use frame_support::{
	ensure,
	traits::{Get, UncheckedOnRuntimeUpgrade},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use prover_pool_primitives::{BlockId, ProverId};
use sp_runtime::{
	traits::{BlockNumberProvider, Bounded, Saturating, UniqueSaturatedInto, Zero},
	DispatchError,
};

use crate::{
	AssignmentOf, Assignments, Config, DrawQueue, DrawRequest, MomentOf, OrderedKey, Pallet,
	PendingSlashOf, PendingSlashes, ProverOf, Provers, SlashSchedule, Staker, Stakers,
};

/// Moves every stored moment when the pool's clock changes from `From` to what is
/// [`Config::BlockNumberProvider`] now.
///
/// Every moment moves by the difference of the two clocks, so that it is as long ago, or as far ahead,
/// as before. Without it, exits would be payable at once if the new clock is ahead of the old one, and
/// for a long time not at all if it is behind. A chain needs it when it becomes a parachain and counts
/// its relay chain's blocks from then on, or when it counts slots instead of blocks, so that a week is
/// a week even where slots stay empty. Numbers of `frame_system` blocks (`entered_in`, `changed_in`,
/// `requested_in`, the queue of changes) stay.
///
/// # Use
///
/// It must run exactly once. Wrap it in a
/// [`VersionedMigration`](frame_support::migrations::VersionedMigration) whose pallet is *not* this
/// one, but one of the runtime that has the choice of the clock as its storage version, and that
/// was part of the runtime *before* this upgrade: a pallet that is new starts with the version of the
/// new code, and nothing would run. Both clocks must show the time of the same block in
/// `on_runtime_upgrade`, which is called before the new block begins: `frame_system`'s number, BABE's
/// slot and the relay chain's number are all still those of the parent then.
///
/// # Edges
///
/// A unit of the new clock counts as much as one of the old: if it is longer or shorter, change the
/// periods in the same upgrade. A moment that would lie before the new clock's zero becomes zero, one
/// beyond its range becomes the last. Such a moment no longer has its distance from others: an exit
/// might answer for an assignment that was drawn after it matured. So
/// [`check_before`](Self::check_before) refuses. Wait until the new clock is older than the oldest
/// record, or start it ahead.
///
/// # Weight
///
/// It is the work of one block: two reads and a write for each account, member and assignment that is
/// not closed, and three writes for each pending slash, whose key in the schedule moves too. By
/// RocksDB's weights half of a block of two seconds holds 6,600 records. A larger pool needs a
/// `SteppedMigration`.
pub struct MoveClock<T, From>(PhantomData<(T, From)>);

/// All records with moments, the moments replaced by their distances from the present.
#[derive(Debug, Decode, Encode, Eq, PartialEq)]
pub struct Records<Account, Staker, Prover, Assignment, Slash, BlockNumber> {
	stakers: Vec<(Account, Staker)>,
	provers: Vec<(ProverId, Prover)>,
	assignments: Vec<(BlockId, Assignment)>,
	slashes: Vec<(BlockId, Slash)>,
	queue: Vec<DrawRequest<BlockNumber>>,
	/// In the order of the records above. Negative: ago.
	distances: Vec<i128>,
}

/// The [`Records`] of a runtime.
pub type RecordsOf<T> = Records<
	<T as frame_system::Config>::AccountId,
	Staker<T>,
	ProverOf<T>,
	AssignmentOf<T>,
	PendingSlashOf<T>,
	BlockNumberFor<T>,
>;

impl<T, From> MoveClock<T, From>
where
	T: Config,
	From: BlockNumberProvider<BlockNumber = MomentOf<T>>,
{
	/// Returns what [`check_after`](Self::check_after) compares. To be called before the migration.
	///
	/// # Errors
	/// A sentence, if an invariant does not hold or a distance would be lost.
	pub fn check_before() -> Result<RecordsOf<T>, DispatchError> {
		Pallet::<T>::do_try_state()?;
		let old = From::current_block_number();
		let new = T::BlockNumberProvider::current_block_number();
		let entries = Provers::<T>::iter_values().map(|prover| prover.entered_at);
		let draws = Assignments::<T>::iter_values().map(|assignment| assignment.drawn_at);
		for moment in entries.chain(draws) {
			ensure!(moment <= old, "the old clock has not reached an entry or a draw");
		}
		let records = Self::records(old);
		for distance in &records.distances {
			let moved = wide(new).saturating_add(*distance);
			ensure!(moved >= 0, "the new clock is younger than a moment that is stored");
			ensure!(
				moved <= wide(MomentOf::<T>::max_value()),
				"the new clock has no room for a moment that is stored"
			);
		}
		Ok(records)
	}

	/// Refused unless every moment is as long ago, or as far ahead, as before, all else is unchanged, and
	/// the invariants hold. To be called after the migration, before the new clock moves.
	///
	/// # Errors
	/// A sentence that says what is wrong.
	pub fn check_after(before: RecordsOf<T>) -> Result<(), DispatchError> {
		let after = Self::records(T::BlockNumberProvider::current_block_number());
		ensure!(after.stakers == before.stakers, "an account has changed");
		ensure!(after.provers == before.provers, "a member has changed");
		ensure!(after.assignments == before.assignments, "an assignment has changed");
		ensure!(after.slashes == before.slashes, "a pending slash has changed");
		ensure!(after.queue == before.queue, "the draw queue has changed");
		ensure!(after.distances == before.distances, "a moment has another distance than before");
		// Records, holds and the schedule of slashes agree, so these are what they were, too.
		Pallet::<T>::do_try_state()
	}

	fn records(now: MomentOf<T>) -> RecordsOf<T> {
		let mut distances = Vec::new();
		let mut distance = |moment: &mut MomentOf<T>| {
			distances.push(wide(*moment).saturating_sub(wide(now)));
			*moment = Zero::zero();
		};
		let stakers = Stakers::<T>::iter()
			.map(|(who, mut staker)| {
				of_staker(&mut staker, &mut distance);
				(who, staker)
			})
			.collect();
		let provers = Provers::<T>::iter()
			.map(|(prover_id, mut prover)| {
				distance(&mut prover.entered_at);
				(prover_id, prover)
			})
			.collect();
		let assignments = Assignments::<T>::iter()
			.map(|(block_id, mut assignment)| {
				distance(&mut assignment.drawn_at);
				(block_id, assignment)
			})
			.collect();
		let slashes = PendingSlashes::<T>::iter()
			.map(|(block_id, mut slash)| {
				of_slash::<T>(&mut slash, &mut distance);
				(block_id, slash)
			})
			.collect();
		let queue = DrawQueue::<T>::get().into_inner();
		Records { stakers, provers, assignments, slashes, queue, distances }
	}
}

fn wide(moment: impl UniqueSaturatedInto<u64>) -> i128 {
	moment.unique_saturated_into().into()
}

/// Visits the moments of an account's record.
fn of_staker<T: Config>(staker: &mut Staker<T>, mut visit: impl FnMut(&mut MomentOf<T>)) {
	staker.exits.as_mut().iter_mut().for_each(|exit| visit(&mut exit.matures_at));
	staker.suspended_until.iter_mut().for_each(visit);
}

/// Visits the moments of a pending slash.
fn of_slash<T: Config>(slash: &mut PendingSlashOf<T>, mut visit: impl FnMut(&mut MomentOf<T>)) {
	visit(&mut slash.due_at);
	slash.suspended_until.iter_mut().for_each(visit);
}

impl<T, From> UncheckedOnRuntimeUpgrade for MoveClock<T, From>
where
	T: Config,
	From: BlockNumberProvider<BlockNumber = MomentOf<T>>,
{
	fn on_runtime_upgrade() -> Weight {
		let old = From::current_block_number();
		let new = T::BlockNumberProvider::current_block_number();
		let shift = |moment: &mut MomentOf<T>| {
			*moment = if new >= old {
				moment.saturating_add(new - old)
			} else {
				moment.saturating_sub(old - new)
			}
		};
		let (mut records, mut slashes) = (0u64, 0u64);
		Stakers::<T>::translate_values(|mut staker: Staker<T>| {
			of_staker(&mut staker, shift);
			records.saturating_inc();
			Some(staker)
		});
		Provers::<T>::translate_values(|mut prover: ProverOf<T>| {
			shift(&mut prover.entered_at);
			records.saturating_inc();
			Some(prover)
		});
		Assignments::<T>::translate_values(|mut assignment: AssignmentOf<T>| {
			shift(&mut assignment.drawn_at);
			records.saturating_inc();
			Some(assignment)
		});
		PendingSlashes::<T>::translate(|block_id, mut slash: PendingSlashOf<T>| {
			SlashSchedule::<T>::remove(OrderedKey::new(slash.due_at, block_id));
			of_slash::<T>(&mut slash, shift);
			SlashSchedule::<T>::insert(OrderedKey::new(slash.due_at, block_id), ());
			slashes.saturating_inc();
			Some(slash)
		});
		// Each record is found and read; the ends of four maps, and the clocks, come on top. A slash moves in
		// the schedule as well.
		let reads = records.saturating_add(slashes).saturating_mul(2).saturating_add(6);
		let writes = records.saturating_add(slashes.saturating_mul(3));
		T::DbWeight::get().reads_writes(reads, writes)
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
