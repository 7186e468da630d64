//! The runtime's wasm, as a node executes it, and the same wasm with counters.

use codec::{Decode, Encode};
use prover_pool_bench_runtime::{gauge, meter, WASM_BINARY, WASM_BINARY_BLOATY};
use sc_executor::WasmExecutor;
use sp_core::traits::{CallContext, CodeExecutor, Externalities, RuntimeCode, WrappedRuntimeCode};
use sp_maybe_compressed_blob::CODE_BLOB_BOMB_LIMIT;
use std::{
	cell::Cell,
	cmp::Reverse,
	collections::{HashMap, HashSet},
};
use wasm_instrument::{
	gas_metering::{self, host_function::Injector, MemoryGrowCost, Rules},
	parity_wasm::elements::{External, ImportCountType, Instruction, Module},
};

use crate::{Operation, Setting};

type HostFunctions = (sp_io::SubstrateHostFunctions, meter::HostFunctions);

/// The host function that counts, by the name that the runtime interface gives it.
const COUNTER: &str = "ext_meter_add_version_1";

const NO_WASM: &str = "the runtime's wasm was not built: unset SKIP_WASM_BUILD";

/// A wasm that can be executed.
struct Code {
	executor: WasmExecutor<HostFunctions>,
	code: Vec<u8>,
	hash: Vec<u8>,
}

impl Code {
	fn new(code: Vec<u8>) -> Self {
		let hash = sp_io::hashing::blake2_256(&code).to_vec();
		Self { executor: WasmExecutor::builder().build(), code, hash }
	}

	fn call<R: Decode>(
		&self,
		ext: &mut dyn Externalities,
		method: &str,
		arguments: impl Encode,
	) -> Result<R, String> {
		let code = RuntimeCode {
			code_fetcher: &WrappedRuntimeCode((&self.code[..]).into()),
			heap_pages: None,
			hash: self.hash.clone(),
		};
		let context = CallContext::Onchain { import: true };
		let (result, _) = self.executor.call(ext, &code, method, &arguments.encode(), context);
		let bytes = result.map_err(|error| format!("{method}: {error}"))?;
		R::decode(&mut &bytes[..]).map_err(|error| format!("{method}: {error}"))
	}
}

/// The rules of the counters: how much each instruction counts.
struct Counted<F>(F);

impl<F: Fn(&Instruction) -> u32> Rules for Counted<F> {
	fn instruction_cost(&self, instruction: &Instruction) -> Option<u32> {
		Some((self.0)(instruction))
	}

	fn memory_grow_cost(&self) -> MemoryGrowCost {
		MemoryGrowCost::Free
	}

	fn call_per_local_cost(&self) -> u32 {
		0
	}
}

/// The wasm with counters.
pub struct Counters {
	code: Code,
	/// The names of its functions by index.
	names: HashMap<u32, String>,
}

impl Counters {
	/// Returns the wasm that counts all instructions.
	fn of_instructions() -> Result<Self, String> {
		Self::new(|_| 1)
	}

	/// Returns the wasm that counts all calls of host functions with such names.
	///
	/// # Errors
	/// If there is no wasm, or it is not valid.
	pub fn of_host_calls(named: impl Fn(&str) -> bool) -> Result<Self, String> {
		let module = module()?;
		let imports = module.import_section().into_iter().flat_map(|section| section.entries());
		let counted: Vec<bool> = imports
			.filter(|import| matches!(import.external(), External::Function(_)))
			.map(|import| named(import.field()))
			.collect();
		Self::new(|instruction| match instruction {
			Instruction::Call(index) => {
				counted.get(*index as usize).copied().unwrap_or(false).into()
			},
			_ => 0,
		})
	}

	/// Returns the wasm that counts the bytes that are copied in pieces of constant size: mostly values that
	/// are passed on.
	///
	/// # Errors
	/// If there is no wasm, or it is not valid.
	pub fn of_copies() -> Result<Self, String> {
		let module = module()?.parse_names().map_err(|_| "the wasm has damaged names")?;
		let functions = module.names_section().and_then(|section| section.functions());
		let names = functions.iter().flat_map(|functions| functions.names().iter());
		// The counter becomes an import, so the functions of the wasm move by one.
		let copying: HashSet<u32> = names
			.filter(|(_, name)| name.ends_with("memcpy"))
			.map(|(index, _)| index + 1)
			.collect();
		let before = Cell::new(0);
		Self::new(|instruction| match instruction {
			Instruction::I32Const(size) => {
				before.set(*size as u32);
				0
			},
			Instruction::Call(index) if copying.contains(index) => before.take(),
			_ => {
				before.set(0);
				0
			},
		})
	}

	/// Returns the wasm that counts these instructions.
	///
	/// It is made from what the compiler emits, before `wasm-opt`, which only release builds use.
	fn new(counted: impl Fn(&Instruction) -> u32) -> Result<Self, String> {
		let module = module()?.parse_names().map_err(|_| "the wasm has damaged names")?;
		// The counter becomes the last import.
		let counter = module.import_count(ImportCountType::Function) as u32;
		let injector = Injector::new("env", COUNTER);
		let mut module = gas_metering::inject(module, injector, &Counted(counted))
			.map_err(|_| "the wasm cannot be instrumented")?;
		add_functions(&mut module, counter);
		let names = module.names_section().and_then(|section| section.functions().cloned());
		let names = names.iter().flat_map(|functions| functions.names().iter());
		let names = names.map(|(index, name)| (index, name.clone())).collect();
		Ok(Self { code: Code::new(module.into_bytes().map_err(|error| error.to_string())?), names })
	}

	/// Counts in one operation, by function, most first.
	///
	/// # Errors
	/// If the runtime fails.
	pub fn by_function(
		&self,
		ext: &mut dyn Externalities,
		setting: Setting,
		operation: Operation,
	) -> Result<Vec<(String, u64)>, String> {
		let _: Vec<u64> = self.code.call(ext, "BenchApi_measure", (setting, operation, 1u32))?;
		let mut counts: Vec<_> = gauge::instructions()
			.into_iter()
			.map(|(function, count)| {
				(self.names.get(&function).cloned().unwrap_or_default(), count)
			})
			.collect();
		counts.sort_by_key(|(_, count)| Reverse(*count));
		Ok(counts)
	}

	/// Counts in one operation.
	///
	/// # Errors
	/// If the runtime fails.
	pub fn count(
		&self,
		ext: &mut dyn Externalities,
		setting: Setting,
		operation: Operation,
	) -> Result<u64, String> {
		let counts = self.by_function(ext, setting, operation)?;
		Ok(counts.iter().map(|(_, count)| count).sum())
	}
}

fn module() -> Result<Module, String> {
	let code = WASM_BINARY_BLOATY.ok_or(NO_WASM)?;
	Module::from_bytes(code).map_err(|error| error.to_string())
}

/// Changes each function so that it reports its index with its count.
fn add_functions(module: &mut Module, counter: u32) {
	let bodies = module.code_section_mut().into_iter().flat_map(|section| section.bodies_mut());
	for (function, body) in (counter + 1..).zip(bodies) {
		let code = body.code_mut().elements_mut();
		for at in 1..code.len() {
			if let [Instruction::I64Const(count), Instruction::Call(called)] =
				&mut code[at - 1..=at]
			{
				if *called == counter {
					*count |= i64::from(function) << 32;
				}
			}
		}
	}
}

/// Returns the compiler that made the wasm, as the wasm names it.
///
/// # Errors
/// If there is no wasm.
pub fn compiler() -> Result<String, String> {
	let module = module()?;
	let producers = module.custom_sections().find(|section| section.name() == "producers");
	let names =
		producers.map(|section| String::from_utf8_lossy(section.payload())).unwrap_or_default();
	let version = names.split("rustc").nth(1).and_then(|rest| rest.split_whitespace().next());
	let version = version.map(|version| version.trim_start_matches(|c: char| c.is_control()));
	Ok(format!("rustc {}", version.unwrap_or_default()))
}

/// The runtime.
pub struct Wasm {
	plain: Code,
	instructions: Counters,
}

impl Wasm {
	/// Returns the wasm that this crate's build made.
	///
	/// # Errors
	/// If it was not built.
	pub fn load() -> Result<Self, String> {
		let code = WASM_BINARY.ok_or(NO_WASM)?;
		let code = sp_maybe_compressed_blob::decompress(code, CODE_BLOB_BOMB_LIMIT)
			.map_err(|error| error.to_string())?;
		Ok(Self { plain: Code::new(code.into()), instructions: Counters::of_instructions()? })
	}

	/// Adds members to a pool.
	///
	/// # Errors
	/// If the runtime fails.
	pub fn fill(
		&self,
		ext: &mut dyn Externalities,
		setting: Setting,
		first: u32,
		last: u32,
	) -> Result<(), String> {
		self.plain.call(ext, "BenchApi_fill", (setting, first, last))
	}

	/// Does an operation.
	///
	/// # Errors
	/// If the runtime fails.
	pub fn run(
		&self,
		ext: &mut dyn Externalities,
		setting: Setting,
		operation: Operation,
	) -> Result<(), String> {
		self.plain.call(ext, "BenchApi_run", (setting, operation))
	}

	/// Returns the durations of `repeats` runs of an operation, in nanoseconds.
	///
	/// # Errors
	/// If the runtime fails.
	pub fn times(
		&self,
		ext: &mut dyn Externalities,
		setting: Setting,
		operation: Operation,
		repeats: u32,
	) -> Result<Vec<u64>, String> {
		self.plain.call(ext, "BenchApi_measure", (setting, operation, repeats))
	}

	/// Returns the wasm that counts all instructions.
	pub fn instructions(&self) -> &Counters {
		&self.instructions
	}
}
