//! The storage of a chain in memory: a hash map, with a journal for the calls that fail.
//!
//! It is made for speed. There is no trie, no root, no child storage and no extension, and a key that is
//! removed leaves nothing behind. Keys have an order only where somebody asks for the next one.

use codec::{Compact, Decode, Encode};
use rustc_hash::FxBuildHasher;
use sp_core::storage::{ChildInfo, StateVersion, TrackedStorageKey};
use sp_externalities::{Error, Extension, ExtensionStore, Externalities, MultiRemovalResults};
use std::{
	any::{Any, TypeId},
	collections::{BTreeMap, BTreeSet, HashMap},
	ops::Bound,
};

type Bytes = Vec<u8>;

/// The length of what FRAME puts before the keys of one storage item.
const ITEM: usize = 32;

/// The storage.
#[derive(Clone, Debug, Default)]
pub struct Memory {
	values: HashMap<Bytes, Bytes, FxBuildHasher>,
	/// The first [`ITEM`] bytes of all keys that there ever were, each with the rests of its present keys: `None`
	/// until somebody asks for a next key there. Most items are never iterated, and spare the work.
	items: BTreeMap<Bytes, Option<BTreeSet<Bytes>>>,
	/// What keys had before the changes in the transactions that are open, oldest first.
	journal: Vec<(Bytes, Option<Bytes>)>,
	/// The lengths of the journal at which they began.
	open: Vec<usize>,
}

fn split(key: &[u8]) -> (&[u8], &[u8]) {
	key.split_at(key.len().min(ITEM))
}

fn behind(key: &[u8]) -> (Bound<&[u8]>, Bound<&[u8]>) {
	(Bound::Excluded(key), Bound::Unbounded)
}

impl Memory {
	/// Runs `life` with this as the storage of the thread.
	pub fn execute_with<R>(&mut self, life: impl FnOnce() -> R) -> R {
		sp_externalities::set_and_run_with_externalities(self, life)
	}

	/// Changes a value. Returns the one before.
	fn put(&mut self, key: &[u8], value: Option<Bytes>) -> Option<Bytes> {
		let Some(value) = value else {
			let before = self.values.remove(key)?;
			let (item, rest) = split(key);
			if let Some(Some(keys)) = self.items.get_mut(item) {
				keys.remove(rest);
			}
			return Some(before);
		};
		if let Some(before) = self.values.get_mut(key) {
			return Some(std::mem::replace(before, value));
		}
		self.values.insert(key.to_vec(), value);
		let (item, rest) = split(key);
		match self.items.get_mut(item) {
			None => {
				self.items.insert(item.to_vec(), None);
			},
			Some(None) => {},
			Some(Some(keys)) => {
				keys.insert(rest.to_vec());
			},
		}
		None
	}

	/// Returns the rests of an item's keys in their order, which is kept from now on.
	fn ordered(&mut self, item: &[u8]) -> Option<&BTreeSet<Bytes>> {
		let keys = self.items.get_mut(item)?;
		let in_order = || {
			let all = self.values.keys().map(|key| split(key));
			all.filter(|(it, _)| *it == item).map(|(_, rest)| rest.to_vec()).collect()
		};
		Some(keys.get_or_insert_with(in_order))
	}
}

impl Externalities for Memory {
	fn storage(&mut self, key: &[u8]) -> Option<Bytes> {
		self.values.get(key).cloned()
	}

	fn exists_storage(&mut self, key: &[u8]) -> bool {
		self.values.contains_key(key)
	}

	fn place_storage(&mut self, key: Bytes, value: Option<Bytes>) {
		let before = self.put(&key, value);
		if !self.open.is_empty() {
			self.journal.push((key, before));
		}
	}

	fn storage_append(&mut self, key: Bytes, value: Bytes) {
		let before = self.storage(&key).unwrap_or_default();
		let mut rest = &before[..];
		let count = Compact::<u32>::decode(&mut rest).map_or(0, |count| count.0);
		let after = [&Compact(count + 1).encode()[..], rest, &value[..]].concat();
		self.place_storage(key, Some(after));
	}

	fn next_storage_key(&mut self, key: &[u8]) -> Option<Bytes> {
		let (item, rest) = split(key);
		let next = self.ordered(item).and_then(|keys| keys.range::<[u8], _>(behind(rest)).next());
		if let Some(rest) = next {
			return Some([item, &rest[..]].concat());
		}
		let mut item = item.to_vec();
		loop {
			item = self.items.range::<[u8], _>(behind(&item)).next()?.0.clone();
			if let Some(rest) = self.ordered(&item).and_then(BTreeSet::first) {
				return Some([&item[..], &rest[..]].concat());
			}
		}
	}

	fn clear_prefix(
		&mut self,
		prefix: &[u8],
		limit: Option<u32>,
		_cursor: Option<&[u8]>,
	) -> MultiRemovalResults {
		let mut removed = 0;
		let mut next = match self.exists_storage(prefix) {
			true => Some(prefix.to_vec()),
			false => self.next_storage_key(prefix),
		};
		while let Some(key) = next.filter(|key| key.starts_with(prefix)) {
			if limit.is_some_and(|limit| removed >= limit) {
				let maybe_cursor = Some(key);
				return MultiRemovalResults {
					maybe_cursor,
					backend: removed,
					unique: removed,
					loops: removed,
				};
			}
			next = self.next_storage_key(&key);
			self.place_storage(key, None);
			removed += 1;
		}
		MultiRemovalResults {
			maybe_cursor: None,
			backend: removed,
			unique: removed,
			loops: removed,
		}
	}

	fn storage_start_transaction(&mut self) {
		self.open.push(self.journal.len());
	}

	fn storage_rollback_transaction(&mut self) -> Result<(), ()> {
		let start = self.open.pop().ok_or(())?;
		for (key, before) in self.journal.split_off(start).into_iter().rev() {
			self.put(&key, before);
		}
		Ok(())
	}

	fn storage_commit_transaction(&mut self) -> Result<(), ()> {
		self.open.pop().ok_or(())?;
		if self.open.is_empty() {
			self.journal.clear();
		}
		Ok(())
	}

	fn set_offchain_storage(&mut self, _key: &[u8], _value: Option<&[u8]>) {}

	fn storage_hash(&mut self, key: &[u8]) -> Option<Bytes> {
		self.storage(key).map(|value| sp_io::hashing::blake2_256(&value).to_vec())
	}

	// What no pallet of the simulator uses.

	fn child_storage_hash(&mut self, _child_info: &ChildInfo, _key: &[u8]) -> Option<Bytes> {
		unimplemented!("child storage")
	}

	fn child_storage(&mut self, _child_info: &ChildInfo, _key: &[u8]) -> Option<Bytes> {
		unimplemented!("child storage")
	}

	fn next_child_storage_key(&mut self, _child_info: &ChildInfo, _key: &[u8]) -> Option<Bytes> {
		unimplemented!("child storage")
	}

	fn kill_child_storage(
		&mut self,
		_child_info: &ChildInfo,
		_limit: Option<u32>,
		_cursor: Option<&[u8]>,
	) -> MultiRemovalResults {
		unimplemented!("child storage")
	}

	fn clear_child_prefix(
		&mut self,
		_child_info: &ChildInfo,
		_prefix: &[u8],
		_limit: Option<u32>,
		_cursor: Option<&[u8]>,
	) -> MultiRemovalResults {
		unimplemented!("child storage")
	}

	fn place_child_storage(&mut self, _child_info: &ChildInfo, _key: Bytes, _value: Option<Bytes>) {
		unimplemented!("child storage")
	}

	fn storage_root(&mut self, _state_version: StateVersion) -> Bytes {
		unimplemented!("roots")
	}

	fn child_storage_root(
		&mut self,
		_child_info: &ChildInfo,
		_state_version: StateVersion,
	) -> Bytes {
		unimplemented!("roots")
	}

	fn wipe(&mut self) {
		unimplemented!("benchmarks")
	}

	fn commit(&mut self) {
		unimplemented!("benchmarks")
	}

	fn read_write_count(&self) -> (u32, u32, u32, u32) {
		unimplemented!("benchmarks")
	}

	fn reset_read_write_count(&mut self) {
		unimplemented!("benchmarks")
	}

	fn get_whitelist(&self) -> Vec<TrackedStorageKey> {
		unimplemented!("benchmarks")
	}

	fn set_whitelist(&mut self, _new: Vec<TrackedStorageKey>) {
		unimplemented!("benchmarks")
	}

	fn get_read_and_written_keys(&self) -> Vec<(Bytes, u32, u32, bool)> {
		unimplemented!("benchmarks")
	}
}

/// There are no extensions.
impl ExtensionStore for Memory {
	fn extension_by_type_id(&mut self, _type_id: TypeId) -> Option<&mut dyn Any> {
		None
	}

	fn register_extension_with_type_id(
		&mut self,
		_type_id: TypeId,
		_extension: Box<dyn Extension>,
	) -> Result<(), Error> {
		Err(Error::ExtensionsAreNotSupported)
	}

	fn deregister_extension_by_type_id(&mut self, type_id: TypeId) -> Result<(), Error> {
		Err(Error::ExtensionIsNotRegistered(type_id))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_state_machine::BasicExternalities;

	/// Returns one of few keys, of all lengths around that of an item.
	fn key(number: u64) -> Bytes {
		let long = [[number as u8 % 3; ITEM].to_vec(), vec![number as u8 / 3; 2]].concat();
		let length = [0, 1, 2, 31, 32, 33, 34][number as usize / 7 % 7];
		long[..length].to_vec()
	}

	/// Changes both in the same way.
	fn change(storage: &mut dyn Externalities, step: u64, number: u64) {
		match step {
			0..=3 => storage.place_storage(key(number), Some(number.to_le_bytes().to_vec())),
			4 => storage.place_storage(key(number), None),
			5 => {
				let key = [&b"list"[..], &key(number)].concat();
				storage.storage_append(key, number.to_le_bytes().to_vec());
			},
			6 => storage.storage_start_transaction(),
			7 => storage.storage_commit_transaction().expect("one is open"),
			8 => storage.storage_rollback_transaction().expect("one is open"),
			_ => {
				let _ = storage.clear_prefix(&key(number), None, None);
			},
		}
	}

	/// Returns all keys with their values.
	fn all(storage: &mut dyn Externalities) -> Vec<(Bytes, Option<Bytes>)> {
		let mut found = vec![(Vec::new(), storage.storage(&[]))];
		while let Some(key) = storage.next_storage_key(&found[found.len() - 1].0) {
			let value = storage.storage(&key);
			assert!(storage.exists_storage(&key));
			found.push((key, value));
		}
		found
	}

	/// One storage is iterated in each step, of the other only copies are.
	#[test]
	fn it_behaves_as_the_storage_of_the_sdk() {
		let (mut memory, mut not_iterated) = (Memory::default(), Memory::default());
		let mut basic = BasicExternalities::new_empty();
		let mut depth = 0;
		for at in 0u64..20_000 {
			let hash = sp_io::hashing::twox_64(&at.to_le_bytes());
			let (step, number) = (u64::from(hash[0]) % 10, u64::from(hash[1]));
			match step {
				6 => depth += 1,
				7 | 8 if depth == 0 => continue,
				7 | 8 => depth -= 1,
				_ => {},
			}
			for storage in [&mut memory as &mut dyn Externalities, &mut not_iterated, &mut basic] {
				change(storage, step, number);
			}
			let expected = all(&mut basic);
			assert_eq!(all(&mut memory), expected, "after step {at}, {step}");
			assert_eq!(all(&mut not_iterated.clone()), expected, "after step {at}, {step}");
		}
	}
}
