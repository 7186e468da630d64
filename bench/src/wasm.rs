//! The runtime's wasm, as a node executes it, and the same wasm with counters.

use codec::{Decode, Encode};
use prover_pool_bench_runtime::{gauge, meter, WASM_BINARY, WASM_BINARY_BLOATY};
use sc_executor::WasmExecutor;
use sp_core::traits::{CallContext, CodeExecutor, Externalities, RuntimeCode, WrappedRuntimeCode};
use sp_maybe_compressed_blob::CODE_BLOB_BOMB_LIMIT;
use wasm_instrument::{
	gas_metering::{self, host_function::Injector, MemoryGrowCost, Rules},
	parity_wasm::elements::{External, Instruction, Module},
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

/// What the counters count.
struct Counted<F>(F);

impl<F: Fn(&Instruction) -> bool> Rules for Counted<F> {
	fn instruction_cost(&self, instruction: &Instruction) -> Option<u32> {
		Some((self.0)(instruction).into())
	}

	fn memory_grow_cost(&self) -> MemoryGrowCost {
		MemoryGrowCost::Free
	}

	fn call_per_local_cost(&self) -> u32 {
		0
	}
}

/// The wasm with counters.
pub struct Counters(Code);

impl Counters {
	/// Returns the wasm that counts these instructions.
	///
	/// It is made from what the compiler emits, before `wasm-opt`, which only release builds use.
	fn new(counted: impl Fn(&Instruction) -> bool) -> Result<Self, String> {
		let counting = gas_metering::inject(module()?, Injector::new("env", COUNTER), &Counted(counted))
			.map_err(|_| "the wasm cannot be instrumented")?;
		Ok(Self(Code::new(counting.into_bytes().map_err(|error| error.to_string())?)))
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
			Instruction::Call(index) => counted.get(*index as usize).copied().unwrap_or(false),
			_ => false,
		})
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
		gauge::count_instructions(true);
		let counts = self.0.call(ext, "BenchApi_measure", (setting, operation, 1u32));
		gauge::count_instructions(false);
		counts.map(|counts: Vec<u64>| counts.iter().sum())
	}
}

fn module() -> Result<Module, String> {
	let code = WASM_BINARY_BLOATY.ok_or(NO_WASM)?;
	Module::from_bytes(code).map_err(|error| error.to_string())
}

/// Returns the names of the compilers that made the wasm, by what it says of itself.
///
/// # Errors
/// If there is no wasm.
pub fn compilers() -> Result<String, String> {
	let module = module()?;
	let producers = module.custom_sections().find(|section| section.name() == "producers");
	let bytes = producers.map(|section| section.payload()).unwrap_or_default();
	Ok(String::from_utf8_lossy(bytes).into())
}

/// The runtime.
pub struct Wasm {
	plain: Code,
	instructions: Counters,
}

impl Wasm {
	/// Returns the wasm that was built along with this crate.
	///
	/// # Errors
	/// If it was not built.
	pub fn load() -> Result<Self, String> {
		let code = WASM_BINARY.ok_or(NO_WASM)?;
		let code = sp_maybe_compressed_blob::decompress(code, CODE_BLOB_BOMB_LIMIT)
			.map_err(|error| error.to_string())?;
		Ok(Self { plain: Code::new(code.into()), instructions: Counters::new(|_| true)? })
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

	/// Returns how long an operation takes in each of `repeats`, in nanoseconds.
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

	/// Counts the instructions that an operation executes.
	///
	/// # Errors
	/// If the runtime fails.
	pub fn count_instructions(
		&self,
		ext: &mut dyn Externalities,
		setting: Setting,
		operation: Operation,
	) -> Result<u64, String> {
		self.instructions.count(ext, setting, operation)
	}
}
