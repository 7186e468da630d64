//! The storage of a chain in memory: a map, with a journal for the calls that fail.
//!
//! It is made for speed. There is no trie, no root, no child storage and no extension, and a key that is
//! removed leaves nothing behind. Events are dropped: agents read the state.

use codec::{Compact, Decode, Encode};
use sp_core::storage::{ChildInfo, StateVersion, Storage, TrackedStorageKey};
use sp_externalities::{Error, Extension, ExtensionStore, Externalities, MultiRemovalResults};
use std::{
	any::{Any, TypeId},
	collections::BTreeMap,
	ops::Bound,
};

type Bytes = Vec<u8>;

/// The length of what FRAME puts before the keys of one storage item.
const ITEM: usize = 32;

/// The storage. Values are kept by item, then by the rest of their keys: comparisons of keys that begin with
/// the same 32 bytes would take most of the time.
#[derive(Clone, Debug, Default)]
pub struct Memory {
	items: BTreeMap<Bytes, BTreeMap<Bytes, Bytes>>,
	/// What keys had before the changes in the transactions that are open, oldest first.
	journal: Vec<(Bytes, Option<Bytes>)>,
	/// The lengths of the journal at which they began.
	open: Vec<usize>,
	/// The key of the value that is dropped.
	dropped: Bytes,
}

fn split(key: &[u8]) -> (&[u8], &[u8]) {
	key.split_at(key.len().min(ITEM))
}

fn behind(key: &[u8]) -> (Bound<&[u8]>, Bound<&[u8]>) {
	(Bound::Excluded(key), Bound::Unbounded)
}

impl Memory {
	/// Returns storage with these values. What is appended to the key `dropped` is dropped.
	pub fn new(storage: Storage, dropped: &[u8]) -> Self {
		let mut memory = Self { dropped: dropped.to_vec(), ..Self::default() };
		for (key, value) in storage.top {
			memory.put(&key, Some(value));
		}
		memory
	}

	/// Runs `life` with this as the storage of the thread.
	pub fn execute_with<R>(&mut self, life: impl FnOnce() -> R) -> R {
		sp_externalities::set_and_run_with_externalities(self, life)
	}

	fn get(&self, key: &[u8]) -> Option<&Bytes> {
		let (item, rest) = split(key);
		self.items.get(item)?.get(rest)
	}

	/// Changes a value. Returns the one before.
	fn put(&mut self, key: &[u8], value: Option<Bytes>) -> Option<Bytes> {
		let (item, rest) = split(key);
		match (self.items.get_mut(item), value) {
			(None, None) => None,
			(None, Some(value)) => {
				self.items.insert(item.to_vec(), BTreeMap::from([(rest.to_vec(), value)]));
				None
			},
			(Some(values), None) => values.remove(rest),
			(Some(values), Some(value)) => match values.get_mut(rest) {
				Some(before) => Some(std::mem::replace(before, value)),
				None => values.insert(rest.to_vec(), value),
			},
		}
	}
}

impl Externalities for Memory {
	fn storage(&mut self, key: &[u8]) -> Option<Bytes> {
		self.get(key).cloned()
	}

	fn exists_storage(&mut self, key: &[u8]) -> bool {
		self.get(key).is_some()
	}

	fn place_storage(&mut self, key: Bytes, value: Option<Bytes>) {
		let before = self.put(&key, value);
		if !self.open.is_empty() {
			self.journal.push((key, before));
		}
	}

	fn storage_append(&mut self, key: Bytes, value: Bytes) {
		if key == self.dropped {
			return;
		}
		let before = self.storage(&key).unwrap_or_default();
		let mut rest = &before[..];
		let count = Compact::<u32>::decode(&mut rest).map_or(0, |count| count.0);
		let after = [&Compact(count + 1).encode()[..], rest, &value[..]].concat();
		self.place_storage(key, Some(after));
	}

	fn next_storage_key(&mut self, key: &[u8]) -> Option<Bytes> {
		let (item, rest) = split(key);
		let values = self.items.get(item);
		if let Some((rest, _)) = values.and_then(|it| it.range::<[u8], _>(behind(rest)).next()) {
			return Some([item, &rest[..]].concat());
		}
		self.items.range::<[u8], _>(behind(item)).find_map(|(item, values)| {
			let (rest, _) = values.first_key_value()?;
			Some([&item[..], &rest[..]].concat())
		})
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
		self.get(key).map(|value| sp_io::hashing::blake2_256(value).to_vec())
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
				storage.clear_prefix(&key(number), None, None);
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

	#[test]
	fn it_behaves_as_the_storage_of_the_sdk() {
		let mut memory = Memory::new(Storage::default(), b"events");
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
			change(&mut memory, step, number);
			change(&mut basic, step, number);
			assert_eq!(all(&mut memory), all(&mut basic), "after step {at}, {step}");
		}
	}

	#[test]
	fn events_are_dropped() {
		let mut memory = Memory::new(Storage::default(), b"events");
		memory.storage_append(b"events".to_vec(), vec![1]);
		assert_eq!(memory.storage(b"events"), None);
	}
}
