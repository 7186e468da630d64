//! Invariant I6: the state is the one that the members' candidates give.
//!
//! Always compiled, so that tests, `try-runtime` and runtimes share it. Nothing on chain calls it.

use alloc::collections::{BTreeMap, BTreeSet};
use prover_pool_primitives::{Candidate, ListedStake, ProverId};
use sp_runtime::traits::AtLeast32BitUnsigned;

use crate::{
	session::{entry_of, with_wide_stake},
	Config, Lottery, Pallet,
};

impl<T: Config> Pallet<T> {
	/// Checks the state without its members. The pool checks it against them.
	///
	/// # Errors
	/// A sentence that says what is wrong.
	pub fn do_try_state() -> Result<(), &'static str> {
		Lottery::<T>::read().check_state()
	}
}

impl<T: Config> Lottery<T> {
	/// Checks that the stored state can be used, the index, the slot pages, and that every entry
	/// has an occupied slot of its own.
	pub(crate) fn check_state(&self) -> Result<(), &'static str> {
		if let Some(reason) = self.unusable {
			return Err(reason);
		}
		self.index.check()?;
		self.check_slots()?;
		let mut occupied: BTreeSet<ProverId> = self.occupied(1).collect();
		for entry in self.index.entries().unwrap_or_default() {
			if !occupied.remove(&entry.key.id) {
				return Err("I6: an entry has no occupied slot of its own");
			}
		}
		Ok(())
	}

	/// Checks the entries, the sums and the occupied slots against the members.
	pub(crate) fn check_members<Balance: AtLeast32BitUnsigned + Copy>(
		&self,
		members: impl Iterator<Item = (ProverId, Option<Candidate<Balance>>)>,
	) -> Result<(), &'static str> {
		let mut slots = BTreeSet::new();
		let mut entries = BTreeMap::new();
		let (mut free_capacity, mut listed_stake) = (0u64, ListedStake::default());
		for (prover_id, candidate) in members {
			if !slots.insert(prover_id) {
				return Err("I6: two members have one slot");
			}
			let Some(candidate) = candidate.map(with_wide_stake) else { continue };
			let entry = entry_of(prover_id, &candidate);
			entries.insert(entry.key, entry);
			free_capacity = free_capacity.saturating_add(candidate.drawable_capacity().into());
			listed_stake.replace(None, Some(candidate));
		}
		if !self.occupied(1).eq(slots) {
			return Err("I6: the occupied slots are not those of the members");
		}
		if !self.index.entries().unwrap_or_default().iter().eq(entries.values()) {
			return Err("I6: the entries are not those of the candidates");
		}
		if self.state.free_capacity != free_capacity {
			return Err("I6: the sum of free capacity is not that of the candidates");
		}
		if self.state.listed_stake != listed_stake {
			return Err("I6: the sums of stakes are not those of the candidates");
		}
		Ok(())
	}
}
