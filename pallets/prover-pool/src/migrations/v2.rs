//! From a pool that is scanned slot by slot to one with a book and an index.

use codec::DecodeAll;
#[cfg(feature = "try-runtime")]
use codec::{Decode, Encode};
use core::marker::PhantomData;
use frame_support::{
	defensive,
	migrations::{MigrationId, SteppedMigration, SteppedMigrationError},
	storage::unhashed,
	traits::{Get, GetStorageVersion, StorageVersion},
	weights::WeightMeter,
};
use sp_runtime::traits::{Saturating, Zero};

use crate::{
	account::Account, members::Members, Config, Pallet, Prover, ProverOf, StakerOf, Stakers,
};

/// What tells this migration from others of a runtime.
const ID: &[u8; 18] = b"pallet-prover-pool";

/// The layout of version 1.
pub(crate) mod old {
	use super::*;
	use crate::{BalanceOf, Capacity, ProverId};
	use codec::{Decode, Encode, MaxEncodedLen};
	use frame_support::{pallet_prelude::*, storage_alias};
	use frame_system::pallet_prelude::BlockNumberFor;
	use prover_pool_primitives::PricePerGas;

	/// An occupied slot.
	#[derive(Clone, Decode, Encode, MaxEncodedLen)]
	pub struct Slot<AccountId, Balance, BlockNumber> {
		pub who: AccountId,
		pub staked_amount: Balance,
		pub reward_per_gas: PricePerGas,
		pub current_capacity: Capacity,
		pub entered_in: BlockNumber,
	}

	/// A slot of a runtime.
	pub type SlotOf<T> =
		Slot<<T as frame_system::Config>::AccountId, BalanceOf<T>, BlockNumberFor<T>>;

	/// The members, by slot.
	#[storage_alias]
	pub type Provers<T: Config> =
		StorageMap<Pallet<T>, Twox64Concat, ProverId, SlotOf<T>, OptionQuery>;

	/// The accounts' side: what [`crate::Stakers`] holds beside the slot now, under the same key.
	#[cfg(any(test, feature = "scaling"))]
	#[storage_alias]
	pub type Stakers<T: Config> = StorageMap<
		Pallet<T>,
		Blake2_128Concat,
		<T as frame_system::Config>::AccountId,
		StakerOf<T>,
		ValueQuery,
	>;
}

/// Storage version 1 to 2, account by account: its slot moves into its record, and the book and the
/// index take note of it.
///
/// Nothing that accounts own or owe changes. What is drawn afterwards has the same distribution. Until
/// it is done, which takes as many blocks as the weight given to it makes necessary, nobody is drawn;
/// `pallet-migrations`, which runs it, keeps all calls of users out as well.
///
/// A stake, an exit or a slash of an account that was not reached yet would not find its record: do not
/// run this by anything that lets calls in between the steps.
pub struct IndexMembers<T>(PhantomData<T>);

impl<T: Config> SteppedMigration for IndexMembers<T> {
	/// The account that was done last.
	type Cursor = T::AccountId;
	type Identifier = MigrationId<18>;

	fn id() -> Self::Identifier {
		MigrationId { pallet_id: *ID, version_from: 1, version_to: 2 }
	}

	fn migrating_prefixes() -> Option<impl IntoIterator<Item = alloc::vec::Vec<u8>>> {
		use frame_support::storage::StoragePrefixedMap;
		Some([Stakers::<T>::final_prefix().to_vec(), old::Provers::<T>::final_prefix().to_vec()])
	}

	fn step(
		cursor: Option<Self::Cursor>,
		meter: &mut WeightMeter,
	) -> Result<Option<Self::Cursor>, SteppedMigrationError> {
		if Pallet::<T>::on_chain_storage_version() >= 2 {
			return Ok(None);
		}
		let one = Pallet::<T>::weight_of_migration();
		if !meter.can_consume(one) {
			return Err(SteppedMigrationError::InsufficientWeight { required: one });
		}
		let mut last = cursor;
		let mut members = Members::<T>::open();
		let mut accounts = match &last {
			Some(who) => Stakers::<T>::iter_keys_from(Stakers::<T>::hashed_key_for(who)),
			None => Stakers::<T>::iter_keys(),
		};
		let done = loop {
			// Before the next one is looked for: finding that there is none left may weigh as much.
			if meter.try_consume(one).is_err() {
				break false;
			}
			let Some(who) = accounts.next() else { break true };
			Self::migrate(who.clone(), &mut members);
			last = Some(who);
		};
		members.close();
		if done {
			StorageVersion::new(2).put::<Pallet<T>>();
			return Ok(None);
		}
		Ok(last)
	}

	#[cfg(feature = "try-runtime")]
	fn pre_upgrade() -> Result<alloc::vec::Vec<u8>, sp_runtime::TryRuntimeError> {
		let accounts = Stakers::<T>::iter_keys().count() as u64;
		Ok((accounts, old::Provers::<T>::iter_keys().count() as u64).encode())
	}

	#[cfg(feature = "try-runtime")]
	fn post_upgrade(before: alloc::vec::Vec<u8>) -> Result<(), sp_runtime::TryRuntimeError> {
		let before = <(u64, u64)>::decode(&mut &before[..])
			.map_err(|_| "what was counted before the upgrade cannot be decoded")?;
		let members = Stakers::<T>::iter_values().filter(|(_, prover)| prover.is_some()).count();
		let after = (Stakers::<T>::iter_keys().count() as u64, members as u64);
		frame_support::ensure!(after == before, "accounts or members came or went");
		frame_support::ensure!(
			old::Provers::<T>::iter_keys().next().is_none(),
			"a slot of the old layout is left"
		);
		Pallet::<T>::do_try_state()
	}
}

impl<T: Config> IndexMembers<T> {
	pub(crate) fn migrate(who: T::AccountId, members: &mut Members<T>) {
		let key = Stakers::<T>::hashed_key_for(&who);
		// All of the value, no more: a record of the new layout is longer.
		let staker = unhashed::get_raw(&key)
			.and_then(|value| StakerOf::<T>::decode_all(&mut &value[..]).ok());
		let Some(mut staker) = staker else {
			defensive!("a record is not of the old layout");
			return;
		};
		let slot = staker.prover_id.and_then(old::Provers::<T>::take);
		if slot.is_none() && staker.prover_id.take().is_some() {
			defensive!("a member has no slot");
		}
		let prover = slot.map(Self::prover);
		Account::new(who, staker, prover).save_with(members);
	}

	fn prover(slot: old::SlotOf<T>) -> ProverOf<T> {
		let now = frame_system::Pallet::<T>::block_number();
		// This block's draws are over: it is the next ones that it may take part in.
		let waiting = !slot.entered_in.is_zero()
			&& now < slot.entered_in.saturating_add(T::EntryDelay::get());
		Prover {
			who: slot.who,
			staked_amount: slot.staked_amount,
			reward_per_gas: slot.reward_per_gas,
			current_capacity: slot.current_capacity,
			entered_in: slot.entered_in,
			waiting,
		}
	}

	/// An account back into the layout of version 1.
	#[cfg(any(test, feature = "runtime-benchmarks"))]
	pub(crate) fn undo(who: T::AccountId, members: &mut Members<T>) {
		let mut account = Account::<T>::load(who.clone());
		let prover = account.prover.take();
		account.note(members);
		if let (Some(slot), Some(prover)) = (account.staker.prover_id, prover) {
			let slot_record = old::SlotOf::<T> {
				who: prover.who,
				staked_amount: prover.staked_amount,
				reward_per_gas: prover.reward_per_gas,
				current_capacity: prover.current_capacity,
				entered_in: prover.entered_in,
			};
			old::Provers::<T>::insert(slot, slot_record);
			crate::Slots::<T>::remove(slot);
		}
		unhashed::put(&Stakers::<T>::hashed_key_for(&who), &account.staker);
	}
}
