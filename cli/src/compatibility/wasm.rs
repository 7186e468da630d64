//! The file of a runtime: plain WebAssembly, or compressed as upgrades are. An interpreter runs it
//! for its version and its description, without a chain.
//!
//! Whatever the file contains, it costs a bounded time and a bounded memory, and ends in a sentence.

use super::Version;
use crate::{Error, Result};
use sp_crypto_hashing::{blake2_128, blake2_256, twox_128, twox_256, twox_64};
use sp_maybe_compressed_blob::decompress;
use std::{fs::File, io::Read, path::Path};
use subxt::{ext::codec::Decode, Metadata};
use wasmi::{
	AsContextMut, Caller, CompilationMode, Config, Engine, ExternType, Linker, Memory, Module,
	Store, StoreLimits, StoreLimitsBuilder, Val,
};

/// The most bytes of a file, and of the runtime in it. A runtime has a few million.
const MAX_CODE: usize = 64 * 1024 * 1024;
/// The most bytes of memory that the runtime gets.
const MAX_MEMORY: usize = 256 * 1024 * 1024;
/// The most steps of one call. The description of the demo's runtime takes less than a twentieth.
const MAX_STEPS: u64 = 1_000_000_000;
/// The most entries of its table of functions. The demo's runtime has less than a twentieth.
const MAX_TABLE: u32 = 100_000;
/// The number of bytes in a page of WebAssembly's memory.
const PAGE: usize = 64 * 1024;

/// A runtime from a file.
#[derive(Debug)]
pub struct Runtime {
	/// Its name and version.
	pub version: Version,
	/// Its description.
	pub metadata: Metadata,
}

/// Reads the runtime in this file.
pub fn load(path: &Path) -> Result<Runtime> {
	let of_file =
		|what: &dyn std::fmt::Display| Error::Usage(format!("--wasm {}: {what}", path.display()));
	let code = read(path).map_err(|what| of_file(&what))?;
	let program = Program::new(&code).map_err(|what| of_file(&what))?;
	let answer = program.call("Core_version", &[]).map_err(|what| of_file(&what))?;
	let version = answer.and_then(|answer| Version::decode(&answer));
	let version = version.ok_or_else(|| of_file(&"this is not a runtime: it has no version"))?;
	let metadata = program.metadata().map_err(|what| of_file(&what))?;
	let metadata = Metadata::decode_from(&metadata).map_err(|error| {
		Error::Incompatible(format!(
			"this program cannot read the description of {version}: {error}"
		))
	})?;
	Ok(Runtime { version, metadata })
}

/// Reads a file, and decompresses it.
fn read(path: &Path) -> Result<Vec<u8>, String> {
	let too_long = || format!("it has more than {} MiB", MAX_CODE >> 20);
	let mut bytes = Vec::new();
	let most = MAX_CODE as u64 + 1;
	File::open(path)
		.and_then(|file| file.take(most).read_to_end(&mut bytes))
		.map_err(|error| error.to_string())?;
	if bytes.len() > MAX_CODE {
		return Err(too_long());
	}
	use sp_maybe_compressed_blob::Error as E;
	match decompress(&bytes, MAX_CODE) {
		Ok(code) => Ok(code.into_owned()),
		Err(E::PossibleBomb) => Err(format!("decompressed, {}", too_long())),
		Err(E::Invalid) => Err("it is compressed, and damaged".into()),
	}
}

/// A runtime that can be called. Each call begins with a memory of its own.
struct Program {
	engine: Engine,
	module: Module,
}

/// What a call can reach.
struct Host {
	limits: StoreLimits,
	/// Set once the program has its memory.
	memory: Option<Memory>,
	/// The first free byte of the memory.
	free: u32,
}

impl Program {
	fn new(code: &[u8]) -> Result<Self, String> {
		let mut config = Config::default();
		config.consume_fuel(true).compilation_mode(CompilationMode::Lazy);
		let engine = Engine::new(&config);
		let module = Module::new(&engine, code)
			.map_err(|error| format!("this is not a runtime: {error}"))?;
		Ok(Self { engine, module })
	}

	/// Returns the encoded description: the one that the library asks a node for.
	fn metadata(&self) -> Result<Vec<u8>, String> {
		/// The version of a description that may still change.
		const DRAFT: u32 = u32::MAX;
		let unreadable = || "its description cannot be read".to_string();
		let versions = self.call("Metadata_metadata_versions", &[])?.unwrap_or_default();
		let versions = Vec::<u32>::decode(&mut versions.as_slice()).unwrap_or_default();
		if let Some(latest) = versions.into_iter().filter(|version| *version != DRAFT).max() {
			let answer = self.call("Metadata_metadata_at_version", &latest.to_le_bytes())?;
			let answer = answer.and_then(|it| Option::<Vec<u8>>::decode(&mut it.as_slice()).ok());
			return answer.flatten().ok_or_else(unreadable);
		}
		let answer = self.call("Metadata_metadata", &[])?;
		let answer = answer.ok_or("this is not a runtime: it does not describe itself")?;
		Vec::<u8>::decode(&mut answer.as_slice()).map_err(|_| unreadable())
	}

	/// Calls a function of the runtime. Returns its answer; `None` if there is no such function.
	fn call(&self, method: &str, arguments: &[u8]) -> Result<Option<Vec<u8>>, String> {
		if self.module.get_export(method).is_none() {
			return Ok(None);
		}
		self.run(method, arguments).map(Some).map_err(|error| format!("{method}: {error}"))
	}

	fn run(&self, method: &str, arguments: &[u8]) -> Result<Vec<u8>, wasmi::Error> {
		// An imported memory counts twice: when it is made, and in the module.
		let limits = StoreLimitsBuilder::new()
			.memories(2)
			.memory_size(MAX_MEMORY)
			.tables(1)
			.table_elements(MAX_TABLE)
			.build();
		let host = Host { limits, memory: None, free: 0 };
		let mut store = Store::new(&self.engine, host);
		store.limiter(|host| &mut host.limits);
		store.set_fuel(MAX_STEPS)?;
		let linker = self.linker(&mut store)?;
		let instance = linker.instantiate(&mut store, &self.module)?.start(&mut store)?;
		if let Some(memory) = instance.get_memory(&store, "memory") {
			store.data_mut().memory = Some(memory);
		}
		let heap = instance.get_global(&store, "__heap_base").map(|global| global.get(&store));
		let Some(Val::I32(heap)) = heap else {
			return Err(failure("it does not say where its heap is"));
		};
		store.data_mut().free = heap as u32;

		let memory = memory_of(store.data())?;
		let length = arguments.len() as u32;
		let pointer = allocate(&mut store, length)?;
		memory.write(&mut store, pointer as usize, arguments)?;
		let function = instance.get_typed_func::<(i32, i32), i64>(&store, method)?;
		let answer = function.call(&mut store, (pointer as i32, length as i32))?;
		bytes_at(memory.data(&store), answer).map(<[u8]>::to_vec)
	}

	/// Returns everything that the program imports: its memory, and functions of the host.
	fn linker(&self, store: &mut Store<Host>) -> Result<Linker<Host>, wasmi::Error> {
		let mut linker = Linker::new(&self.engine);
		for import in self.module.imports() {
			let (module, name) = (import.module(), import.name());
			match import.ty() {
				ExternType::Memory(ty) => {
					let memory = Memory::new(&mut *store, *ty)?;
					store.data_mut().memory = Some(memory);
					linker.define(module, name, memory)?;
				},
				ExternType::Func(ty) => {
					let function = name.to_string();
					linker.func_new(
						module,
						name,
						ty.clone(),
						move |caller, arguments, results| {
							host_function(&function, caller, arguments, results)
						},
					)?;
				},
				_ => return Err(failure(&format!("it needs `{name}`, which no runtime has"))),
			}
		}
		Ok(linker)
	}
}

/// Does what a node does when the runtime calls this function, on a chain whose state is empty. What
/// else a node can do, no description needs.
fn host_function(
	name: &str,
	mut caller: Caller<'_, Host>,
	arguments: &[Val],
	results: &mut [Val],
) -> Result<(), wasmi::Error> {
	let result = match (name, arguments) {
		("ext_allocator_malloc_version_1", [Val::I32(size)]) => {
			Some(Val::I32(allocate(&mut caller, *size as u32)? as i32))
		},
		("ext_allocator_free_version_1", [_]) | ("ext_logging_log_version_1", [_, _, _]) => None,
		// Nothing is logged.
		("ext_logging_max_level_version_1", []) => Some(Val::I32(0)),
		("ext_storage_get_version_1", [_]) | ("ext_storage_read_version_1", [_, _, _]) => {
			// `None`.
			let pointer = store_bytes(&mut caller, &[0])?;
			Some(Val::I64(i64::from(pointer) | 1 << 32))
		},
		("ext_storage_exists_version_1", [_]) => Some(Val::I32(0)),
		("ext_panic_handler_abort_on_panic_version_1", [Val::I64(message)]) => {
			let memory = memory_of(caller.data())?;
			let message =
				String::from_utf8_lossy(bytes_at(memory.data(&caller), *message)?).into_owned();
			return Err(failure(&format!("the runtime has aborted: {message}")));
		},
		(name, [Val::I64(input)]) => {
			let memory = memory_of(caller.data())?;
			let hash = hash(name, bytes_at(memory.data(&caller), *input)?);
			let hash = hash.ok_or_else(|| unknown(name))?;
			Some(Val::I32(store_bytes(&mut caller, &hash)? as i32))
		},
		_ => return Err(unknown(name)),
	};
	match (results, result) {
		([], None) => Ok(()),
		([place], Some(value)) if place.ty() == value.ty() => {
			*place = value;
			Ok(())
		},
		_ => Err(failure(&format!("the runtime expects another result of {name}"))),
	}
}

/// Returns the hash that this function of the host computes.
fn hash(function: &str, input: &[u8]) -> Option<Vec<u8>> {
	Some(match function {
		"ext_hashing_blake2_128_version_1" => blake2_128(input).to_vec(),
		"ext_hashing_blake2_256_version_1" => blake2_256(input).to_vec(),
		"ext_hashing_twox_64_version_1" => twox_64(input).to_vec(),
		"ext_hashing_twox_128_version_1" => twox_128(input).to_vec(),
		"ext_hashing_twox_256_version_1" => twox_256(input).to_vec(),
		_ => return None,
	})
}

fn unknown(function: &str) -> wasmi::Error {
	failure(&format!("the runtime calls {function}, which only a node can do"))
}

fn failure(what: &str) -> wasmi::Error {
	wasmi::Error::new(what.to_string())
}

fn memory_of(host: &Host) -> Result<Memory, wasmi::Error> {
	host.memory.ok_or_else(|| failure("it has no memory"))
}

/// Returns the bytes at a pointer, in the lower half of the value, of the length in its upper half.
fn bytes_at(memory: &[u8], value: i64) -> Result<&[u8], wasmi::Error> {
	let (pointer, length) = (value as u32 as usize, (value as u64 >> 32) as usize);
	let bytes = memory.get(pointer..).and_then(|rest| rest.get(..length));
	bytes.ok_or_else(|| failure("it points to what is not in its memory"))
}

/// Stores bytes in new memory of the program.
fn store_bytes(caller: &mut Caller<'_, Host>, bytes: &[u8]) -> Result<u32, wasmi::Error> {
	let memory = memory_of(caller.data())?;
	let pointer = allocate(caller, bytes.len() as u32)?;
	memory.write(caller, pointer as usize, bytes)?;
	Ok(pointer)
}

/// Reserves memory of the program. It is never freed: a call is short.
///
/// Before each value stay eight bytes, as in the allocator of a node: the allocator in the runtime
/// writes to the two bytes before a pointer.
fn allocate(context: &mut impl AsContextMut<Data = Host>, size: u32) -> Result<u32, wasmi::Error> {
	/// Every value is aligned to this number of bytes.
	const ALIGNMENT: u32 = 8;
	/// The number of bytes before a value.
	const HEADER: u32 = 8;
	let memory = memory_of(context.as_context().data())?;
	let full = || failure(&format!("it needs more than {} MiB of memory", MAX_MEMORY >> 20));
	let header = context.as_context().data().free.checked_next_multiple_of(ALIGNMENT);
	let pointer = header.and_then(|header| header.checked_add(HEADER)).ok_or_else(full)?;
	let end = pointer.checked_add(size).ok_or_else(full)?;
	let missing = (end as usize).saturating_sub(memory.data_size(&*context));
	if missing > 0 {
		let pages = missing.div_ceil(PAGE) as u32;
		memory.grow(&mut *context, pages).map_err(|_| full())?;
	}
	context.as_context_mut().data_mut().free = end;
	Ok(pointer)
}
