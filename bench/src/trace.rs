//! Traces the accesses of an operation to the state, in order, and counts its other calls of the host.

use sp_core::storage::{ChildInfo, StateVersion, TrackedStorageKey};
use sp_externalities::{Error, Extension, ExtensionStore, Externalities, MultiRemovalResults};
use sp_io::hashing::twox_128;
use std::any::{Any, TypeId};

use crate::{
	cost::on_trie,
	pool::Pool,
	wasm::{Counters, Wasm},
	Operation,
};

/// The kind of a call of the host.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Access {
	/// Reads a value, or whether there is one.
	Read,
	/// Writes or removes a value.
	Write,
	/// Appends to a value, such as the events.
	Append,
	/// Finds the next key.
	NextKey,
	/// Starts or ends a storage layer.
	Layer,
}

/// All accesses of one operation.
#[derive(Clone, Debug, Default)]
pub struct Trace(pub Vec<(Access, Vec<u8>)>);

impl Trace {
	/// Traces an operation.
	///
	/// # Errors
	/// If the runtime fails.
	pub fn of(wasm: &Wasm, pool: &Pool, operation: Operation) -> Result<Self, String> {
		on_trie(&pool.trie, |ext| {
			let mut tracing = Tracing { ext, trace: Self::default() };
			wasm.run(&mut tracing, pool.setting, operation)?;
			Ok(tracing.trace)
		})
	}

	/// Returns the number of accesses of this kind to a storage item.
	pub fn count(&self, access: Access, item: &str) -> usize {
		let wanted = |entry: &&(Access, Vec<u8>)| entry.0 == access && item_name(&entry.1) == item;
		self.0.iter().filter(wanted).count()
	}

	/// Returns the accesses as lines: the kind, the total, the number for each item.
	pub fn summary(&self) -> Vec<String> {
		let ways = [
			(Access::Read, "reads"),
			(Access::Write, "writes"),
			(Access::Append, "appends"),
			(Access::NextKey, "next keys"),
			(Access::Layer, "layers"),
		];
		let line = |(access, name): (Access, &str)| {
			let mut items: Vec<(String, usize)> = Vec::new();
			let entries = self.0.iter().filter(|entry| entry.0 == access);
			for item in entries.clone().map(|(_, key)| item_name(key)) {
				match items.iter_mut().find(|(other, _)| *other == item) {
					Some((_, count)) => *count += 1,
					None => items.push((item, 1)),
				}
			}
			let items: Vec<_> = items
				.into_iter()
				.map(|(item, count)| if count == 1 { item } else { format!("{count} {item}") })
				.collect();
			format!("{name:<14} {:>6}  {}", entries.count(), items.join(", "))
		};
		ways.into_iter().map(line).collect()
	}
}

/// Calls of the host that do not concern the state.
pub struct HostCalls(Vec<(&'static str, Counters)>);

impl HostCalls {
	/// Returns counters for hashing and for allocations.
	///
	/// # Errors
	/// If there is no wasm.
	pub fn new() -> Result<Self, String> {
		let counters = [
			("hashes", Counters::of_host_calls(|name| name.starts_with("ext_hashing"))?),
			(
				"allocations",
				Counters::of_host_calls(|name| name.starts_with("ext_allocator_malloc"))?,
			),
			("all host calls", Counters::of_host_calls(|name| !name.starts_with("ext_meter"))?),
		];
		Ok(Self(counters.into()))
	}

	/// Counts in one operation.
	///
	/// # Errors
	/// If the runtime fails.
	pub fn summary(&self, pool: &Pool, operation: Operation) -> Result<Vec<String>, String> {
		let count = |(name, counters): &(&str, Counters)| {
			let count = on_trie(&pool.trie, |ext| counters.count(ext, pool.setting, operation))?;
			Ok(format!("{name:<14} {count:>6}"))
		};
		self.0.iter().map(count).collect()
	}
}

/// The pallets of the runtimes and their storage items.
const ITEMS: [(&str, &[&str]); 5] = [
	("System", &["Account", "BlockWeight", "EventCount", "Events", "ExecutionPhase", "Number"]),
	("Balances", &["Account", "Freezes", "Holds", "InactiveIssuance", "Locks", "TotalIssuance"]),
	("ProverLottery", &["State", "Nodes", "Pages"]),
	("ProverPoolScan", &["Slots"]),
	(
		"ProverPool",
		&[
			"Assignments",
			"AssignmentsOf",
			"DrawQueue",
			"PendingChanges",
			"PendingSlashes",
			"Provers",
			"SlashSchedule",
			"Stakers",
		],
	),
];

/// Returns the name of the storage item that a key belongs to.
fn item_name(key: &[u8]) -> String {
	let items =
		ITEMS.into_iter().flat_map(|(pallet, items)| items.iter().map(move |item| (pallet, item)));
	for (pallet, item) in items {
		if key.starts_with(&[twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat()) {
			return format!("{pallet}.{item}");
		}
	}
	match std::str::from_utf8(key) {
		Ok(text) if !text.is_empty() => text.into(),
		_ => format!("0x{}", key.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
	}
}

/// Externalities that record what is accessed.
struct Tracing<'a> {
	ext: &'a mut dyn Externalities,
	trace: Trace,
}

impl Tracing<'_> {
	fn add(&mut self, access: Access, key: &[u8]) {
		self.trace.0.push((access, key.to_vec()));
	}
}

impl ExtensionStore for Tracing<'_> {
	fn extension_by_type_id(&mut self, type_id: TypeId) -> Option<&mut dyn Any> {
		self.ext.extension_by_type_id(type_id)
	}

	fn register_extension_with_type_id(
		&mut self,
		type_id: TypeId,
		extension: Box<dyn Extension>,
	) -> Result<(), Error> {
		self.ext.register_extension_with_type_id(type_id, extension)
	}

	fn deregister_extension_by_type_id(&mut self, type_id: TypeId) -> Result<(), Error> {
		self.ext.deregister_extension_by_type_id(type_id)
	}
}

// Methods that the runtimes use are recorded. The others only pass the call on.
impl Externalities for Tracing<'_> {
	fn storage(&mut self, key: &[u8]) -> Option<Vec<u8>> {
		self.add(Access::Read, key);
		self.ext.storage(key)
	}

	fn exists_storage(&mut self, key: &[u8]) -> bool {
		self.add(Access::Read, key);
		self.ext.exists_storage(key)
	}

	fn place_storage(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
		self.add(Access::Write, &key);
		self.ext.place_storage(key, value)
	}

	fn storage_append(&mut self, key: Vec<u8>, value: Vec<u8>) {
		self.add(Access::Append, &key);
		self.ext.storage_append(key, value)
	}

	fn next_storage_key(&mut self, key: &[u8]) -> Option<Vec<u8>> {
		self.add(Access::NextKey, key);
		self.ext.next_storage_key(key)
	}

	fn storage_start_transaction(&mut self) {
		self.add(Access::Layer, b"begun");
		self.ext.storage_start_transaction()
	}

	fn storage_rollback_transaction(&mut self) -> Result<(), ()> {
		self.add(Access::Layer, b"rolled back");
		self.ext.storage_rollback_transaction()
	}

	fn storage_commit_transaction(&mut self) -> Result<(), ()> {
		self.add(Access::Layer, b"committed");
		self.ext.storage_commit_transaction()
	}

	fn set_offchain_storage(&mut self, key: &[u8], value: Option<&[u8]>) {
		self.ext.set_offchain_storage(key, value)
	}

	fn storage_hash(&mut self, key: &[u8]) -> Option<Vec<u8>> {
		self.ext.storage_hash(key)
	}

	fn child_storage_hash(&mut self, child_info: &ChildInfo, key: &[u8]) -> Option<Vec<u8>> {
		self.ext.child_storage_hash(child_info, key)
	}

	fn child_storage(&mut self, child_info: &ChildInfo, key: &[u8]) -> Option<Vec<u8>> {
		self.ext.child_storage(child_info, key)
	}

	fn next_child_storage_key(&mut self, child_info: &ChildInfo, key: &[u8]) -> Option<Vec<u8>> {
		self.ext.next_child_storage_key(child_info, key)
	}

	fn kill_child_storage(
		&mut self,
		child_info: &ChildInfo,
		maybe_limit: Option<u32>,
		maybe_cursor: Option<&[u8]>,
	) -> MultiRemovalResults {
		self.ext.kill_child_storage(child_info, maybe_limit, maybe_cursor)
	}

	fn clear_prefix(
		&mut self,
		prefix: &[u8],
		maybe_limit: Option<u32>,
		maybe_cursor: Option<&[u8]>,
	) -> MultiRemovalResults {
		self.ext.clear_prefix(prefix, maybe_limit, maybe_cursor)
	}

	fn clear_child_prefix(
		&mut self,
		child_info: &ChildInfo,
		prefix: &[u8],
		maybe_limit: Option<u32>,
		maybe_cursor: Option<&[u8]>,
	) -> MultiRemovalResults {
		self.ext.clear_child_prefix(child_info, prefix, maybe_limit, maybe_cursor)
	}

	fn place_child_storage(
		&mut self,
		child_info: &ChildInfo,
		key: Vec<u8>,
		value: Option<Vec<u8>>,
	) {
		self.ext.place_child_storage(child_info, key, value)
	}

	fn storage_root(&mut self, state_version: StateVersion) -> Vec<u8> {
		self.ext.storage_root(state_version)
	}

	fn child_storage_root(
		&mut self,
		child_info: &ChildInfo,
		state_version: StateVersion,
	) -> Vec<u8> {
		self.ext.child_storage_root(child_info, state_version)
	}

	fn wipe(&mut self) {
		self.ext.wipe()
	}

	fn commit(&mut self) {
		self.ext.commit()
	}

	fn read_write_count(&self) -> (u32, u32, u32, u32) {
		self.ext.read_write_count()
	}

	fn reset_read_write_count(&mut self) {
		self.ext.reset_read_write_count()
	}

	fn get_whitelist(&self) -> Vec<TrackedStorageKey> {
		self.ext.get_whitelist()
	}

	fn set_whitelist(&mut self, new: Vec<TrackedStorageKey>) {
		self.ext.set_whitelist(new)
	}

	fn get_read_and_written_keys(&self) -> Vec<(Vec<u8>, u32, u32, bool)> {
		self.ext.get_read_and_written_keys()
	}
}
