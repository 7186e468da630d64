//! `check --wasm`: runtimes that are made here, good ones and bad ones, in files.

mod common;

use common::{command, Ran};
use serde_json::{json, Value};
use sp_maybe_compressed_blob::compress_weakly;
use std::{fs, path::PathBuf};
use subxt::ext::codec::{Compact, Encode};
use tempfile::TempDir;
use wasm_encoder::{
	BlockType, CodeSection, ConstExpr, DataSection, EntityType, ExportKind, ExportSection,
	Function, FunctionSection, GlobalSection, GlobalType, ImportSection, InstructionSink,
	MemoryType, Module, TypeSection, ValType,
};

/// The description from which this program is generated.
const METADATA: &[u8] = include_bytes!("../metadata.scale");
/// Where the data of a runtime begins in its memory.
const DATA: u32 = 1024;
/// The functions of every runtime here.
const VERSION: &str = "Core_version";
const VERSIONS: &str = "Metadata_metadata_versions";
const DESCRIPTION: &str = "Metadata_metadata_at_version";
const OLD_DESCRIPTION: &str = "Metadata_metadata";

/// A runtime that is made piece by piece.
struct Runtime {
	data: Vec<u8>,
	imports: Vec<(&'static str, Vec<ValType>, Vec<ValType>)>,
	functions: Vec<(&'static str, Function)>,
	pages: u64,
}

impl Runtime {
	fn new() -> Self {
		Self { data: vec![], imports: vec![], functions: vec![], pages: 0 }
	}

	/// The next version, with this description.
	fn described_by(metadata: &[u8]) -> Self {
		Self::new()
			.answering(VERSION, &version(2))
			// The draft of a later version is not asked for.
			.answering(VERSIONS, &vec![14, 16, u32::MAX].encode())
			.answering(DESCRIPTION, &Some(metadata.to_vec()).encode())
	}

	/// Adds data, and returns the value that points to it.
	fn point_to(&mut self, data: &[u8]) -> i64 {
		let pointer = DATA as usize + self.data.len();
		self.data.extend(data);
		(data.len() as i64) << 32 | pointer as i64
	}

	/// With a function of the host.
	fn importing(mut self, name: &'static str, params: &[ValType], results: &[ValType]) -> Self {
		self.imports.push((name, params.to_vec(), results.to_vec()));
		self
	}

	/// With a function that returns this.
	fn answering(mut self, name: &'static str, answer: &[u8]) -> Self {
		let answer = self.point_to(answer);
		self.with(name, |code| {
			code.i64_const(answer);
		})
	}

	/// With a function that does this.
	fn with(mut self, name: &'static str, body: impl FnOnce(&mut InstructionSink<'_>)) -> Self {
		let mut function = Function::new([]);
		body(&mut function.instructions());
		function.instructions().end();
		self.functions.push((name, function));
		self
	}

	fn code(&self) -> Vec<u8> {
		let imported = self.imports.len() as u32;
		let heap = DATA + self.data.len() as u32;
		let (mut types, mut imports) = (TypeSection::new(), ImportSection::new());
		let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
		let (mut globals, mut exports) = (GlobalSection::new(), ExportSection::new());
		for (index, (name, params, results)) in self.imports.iter().enumerate() {
			types.ty().function(params.clone(), results.clone());
			imports.import("env", name, EntityType::Function(index as u32));
		}
		let minimum = (u64::from(heap) >> 16) + 1 + self.pages;
		let memory = MemoryType {
			minimum,
			maximum: None,
			memory64: false,
			shared: false,
			page_size_log2: None,
		};
		imports.import("env", "memory", memory);
		types.ty().function([ValType::I32, ValType::I32], [ValType::I64]);
		for (index, (name, function)) in self.functions.iter().enumerate() {
			functions.function(imported);
			exports.export(name, ExportKind::Func, imported + index as u32);
			code.function(function);
		}
		let constant = GlobalType { val_type: ValType::I32, mutable: false, shared: false };
		globals.global(constant, &ConstExpr::i32_const(heap as i32));
		exports.export("__heap_base", ExportKind::Global, 0);
		let mut data = DataSection::new();
		data.active(0, &ConstExpr::i32_const(DATA as i32), self.data.iter().copied());
		let mut module = Module::new();
		module.section(&types).section(&imports).section(&functions).section(&globals);
		module.section(&exports).section(&code).section(&data);
		module.finish()
	}
}

/// What `Core_version` answers: only the first fields matter.
fn version(spec_version: u32) -> Vec<u8> {
	("prover-pool", "prover-pool-node", 1u32, spec_version, 1u32, Compact(0u32), 1u32, 1u8).encode()
}

/// The description where a name is another, of the same length.
fn renamed(known: &str, new: &str) -> Vec<u8> {
	assert_eq!(known.len(), new.len());
	let mut bytes = METADATA.to_vec();
	for start in 0..bytes.len() - known.len() {
		let name = &mut bytes[start..start + known.len()];
		if name == known.as_bytes() {
			name.copy_from_slice(new.as_bytes());
		}
	}
	assert_ne!(bytes, METADATA);
	bytes
}

/// Runs the command on a file with this content.
fn check(content: &[u8], args: &[&str]) -> (Ran, String) {
	let folder = TempDir::new().unwrap();
	let path: PathBuf = folder.path().join("runtime.wasm");
	fs::write(&path, content).unwrap();
	let path = path.to_str().unwrap();
	(common::run(command([&["check", "--wasm", path], args].concat())), path.into())
}

/// Returns why a file is refused.
#[track_caller]
fn refused(content: &[u8]) -> String {
	let (ran, path) = check(content, &[]);
	let line = ran.fails(2);
	let start = format!("error: --wasm {path}: ");
	line.strip_prefix(&start).unwrap_or_else(|| panic!("{line}")).to_string()
}

#[test]
fn the_runtime_in_a_file_is_compared_plain_or_compressed() {
	let plain = Runtime::described_by(METADATA).code();
	let compressed = compress_weakly(&plain, usize::MAX >> 1).unwrap();
	assert!(compressed.len() < plain.len());
	for file in [plain, compressed] {
		let (ran, path) = check(&file, &[]);
		let expected = format!(
			"Runtime  prover-pool 2, {path}\n\
			 Program  {}, built for prover-pool 1\n\
			 Fits     proving, proxies, account, rescues, counters, rebuilding, refusals, commands\n",
			env!("CARGO_PKG_VERSION")
		);
		assert_eq!(ran.ok(), expected);
	}
}

#[test]
fn a_runtime_that_does_not_fit_is_an_error_with_a_report() {
	let breaking = Runtime::described_by(&renamed("prove_block", "probe_block")).code();
	let (ran, _) = check(&breaking, &[]);
	assert_eq!(ran.code, 7, "{}", ran.stderr);
	assert_eq!(
		ran.stderr,
		"error: this program does not fit the runtime prover-pool 2: the daemon cannot prove, and waits\n"
	);
	assert!(ran.stdout.contains("call BlockProposal.prove_block is missing"), "{}", ran.stdout);

	let (ran, _) = check(&breaking, &["--output", "json"]);
	let (report, error): (Value, Value) =
		(serde_json::from_str(&ran.stdout).unwrap(), serde_json::from_str(&ran.stderr).unwrap());
	assert_eq!((ran.code, &error["error"]), (7, &"incompatible".into()));
	assert_eq!(report["can_prove"], false);
	assert_eq!(report["parts"][0]["problems"][0]["name"], "BlockProposal.prove_block");

	// What keeps the daemon from counting does not keep it from proving.
	let (ran, _) = check(
		&Runtime::described_by(&renamed("BlockVerified", "BlockVerifier")).code(),
		&["-o", "json"],
	);
	assert_eq!(ran.json()["can_prove"], true);
}

/// The runtime that is built with the node.
#[test]
fn the_built_runtime_is_compared_as_a_node_does_it() {
	let built = "wbuild/prover-pool-runtime/prover_pool_runtime.wasm";
	let plain = fs::read(common::node_path().with_file_name(built)).unwrap();
	let compressed = compress_weakly(&plain, usize::MAX >> 1).unwrap();
	for file in [plain, compressed] {
		let (ran, _) = check(&file, &["-o", "json"]);
		let report = ran.json();
		assert_eq!(report["can_prove"], true);
		let parts = report["parts"].as_array().unwrap();
		assert!(parts.iter().all(|part| part["problems"] == json!([])), "{report}");
	}
}

/// As a runtime does it whose constants are in its state.
#[test]
fn the_runtime_sees_an_empty_state() {
	let mut runtime =
		Runtime::new().importing("ext_storage_get_version_1", &[ValType::I64], &[ValType::I64]);
	let key = runtime.point_to(b"key");
	let runtime = runtime
		.answering(VERSION, &version(2))
		// `None` is no version, too, so the description is asked for as it once was.
		.with(VERSIONS, |code| {
			code.i64_const(key).call(0);
		})
		.answering(OLD_DESCRIPTION, &METADATA.to_vec().encode());
	check(&runtime.code(), &[]).0.ok();
}

#[test]
fn the_runtime_gets_memory_and_hashes() {
	let mut runtime = Runtime::new()
		.importing("ext_allocator_malloc_version_1", &[ValType::I32], &[ValType::I32])
		.importing("ext_allocator_free_version_1", &[ValType::I32], &[])
		.importing("ext_hashing_twox_128_version_1", &[ValType::I64], &[ValType::I32])
		.importing("ext_logging_max_level_version_1", &[], &[ValType::I32]);
	let name = runtime.point_to(b"System");
	let answer = runtime.point_to(&Some(METADATA.to_vec()).encode());
	let runtime =
		runtime.answering(VERSION, &version(2)).answering(VERSIONS, &vec![16u32].encode());
	let runtime = runtime.with(DESCRIPTION, |code| {
		// More than the memory has at first; at its end, the first bytes of the hash, which it then compares.
		code.i32_const(1 << 20).call(0);
		code.i64_const(name).call(2).i32_load(wasm_encoder::MemArg {
			offset: 0,
			align: 2,
			memory_index: 0,
		});
		code.i32_store(wasm_encoder::MemArg { offset: (1 << 20) - 4, align: 2, memory_index: 0 });
		code.i64_const(name).call(2).i32_load(wasm_encoder::MemArg {
			offset: 0,
			align: 2,
			memory_index: 0,
		});
		// twox_128("System") begins with 26aa394e.
		code.i32_const(0x4e39_aa26u32 as i32).i32_ne();
		code.if_(BlockType::Empty).unreachable().end();
		code.i32_const(DATA as i32).call(1).call(3).drop();
		code.i64_const(answer);
	});
	check(&runtime.code(), &[]).0.ok();
}

#[test]
fn what_is_no_runtime_is_refused_in_a_sentence() {
	let good = Runtime::described_by(METADATA).code();
	let compressed = compress_weakly(&good, usize::MAX >> 1).unwrap();
	for (content, reason) in [
		(vec![], "this is not a runtime: "),
		(b"{}".to_vec(), "this is not a runtime: "),
		(good[..good.len() / 2].to_vec(), "this is not a runtime: "),
		(compressed[..compressed.len() / 2].to_vec(), "it is compressed, and damaged"),
		(compressed[..8].to_vec(), "it is compressed, and damaged"),
		(Runtime::new().code(), "this is not a runtime: it has no version"),
		(
			Runtime::new().answering(VERSION, b"?").code(),
			"this is not a runtime: it has no version",
		),
		(
			Runtime::new().answering(VERSION, &version(2)).code(),
			"this is not a runtime: it does not describe itself",
		),
		(
			Runtime::new().answering(VERSION, &version(2)).answering(OLD_DESCRIPTION, &[7]).code(),
			"its description cannot be read",
		),
	] {
		let line = refused(&content);
		assert!(line.starts_with(reason), "{reason}: {line}");
	}
	let missing = common::run(command(["check", "--wasm", "/nonexistent/runtime"])).fails(2);
	assert!(missing.starts_with("error: --wasm /nonexistent/runtime: No such file"), "{missing}");
	assert!(refused_folder().contains("directory"), "{}", refused_folder());
}

fn refused_folder() -> String {
	let folder = TempDir::new().unwrap();
	common::run(command(["check", "--wasm", folder.path().to_str().unwrap()])).fails(2)
}

/// It is another program's business what these bytes describe.
#[test]
fn a_description_that_this_program_cannot_read_does_not_fit() {
	let newer = [b"meta".as_slice(), &[99, 0, 0]].concat();
	let (ran, _) = check(&Runtime::described_by(&newer).code(), &[]);
	let line = ran.fails(7);
	let start = "error: this program cannot read the description of prover-pool 2: ";
	assert!(line.starts_with(start), "{line}");
}

#[test]
fn a_file_that_is_too_long_is_refused_before_it_is_run() {
	const MIB: usize = 1 << 20;
	assert_eq!(refused(&vec![0; 64 * MIB + 1]), "it has more than 64 MiB");
	let bomb = compress_weakly(&vec![0; 65 * MIB], usize::MAX >> 1).unwrap();
	assert!(bomb.len() < MIB);
	assert_eq!(refused(&bomb), "decompressed, it has more than 64 MiB");
}

#[test]
fn a_hostile_runtime_ends_in_a_sentence() {
	use ValType::{I32, I64};
	let none = || Runtime::new();
	let expectations = [
		// It does not end.
		(
			none().with(VERSION, |code| {
				code.loop_(BlockType::Empty).br(0).end().unreachable();
			}),
			"Core_version: ",
		),
		// It calls itself without end.
		(
			none().with(VERSION, |code| {
				code.i32_const(0).i32_const(0).call(0);
			}),
			"Core_version: ",
		),
		(
			none().with(VERSION, |code| {
				code.unreachable();
			}),
			"Core_version: ",
		),
		(
			none().importing("ext_offchain_random_seed_version_1", &[], &[I32]).with(VERSION, |code| {
				code.call(0).drop().i64_const(0);
			}),
			"Core_version: the runtime calls ext_offchain_random_seed_version_1, which only a node can do",
		),
		(
			none().importing("ext_allocator_malloc_version_1", &[I32], &[I32]).with(VERSION, |code| {
				code.i32_const(-1).call(0).drop().i64_const(0);
			}),
			"Core_version: it needs more than 256 MiB of memory",
		),
		// Another form of a function that runtimes have.
		(
			none().importing("ext_allocator_malloc_version_1", &[I32], &[]).with(VERSION, |code| {
				code.i32_const(1).call(0).i64_const(0);
			}),
			"Core_version: the runtime expects another result of ext_allocator_malloc_version_1",
		),
		(
			none().importing("ext_allocator_malloc_version_1", &[], &[I32]).with(VERSION, |code| {
				code.call(0).drop().i64_const(0);
			}),
			"Core_version: the runtime calls ext_allocator_malloc_version_1, which only a node can do",
		),
		// Bytes that are not there.
		(
			none().with(VERSION, |code| {
				code.i64_const(-1);
			}),
			"Core_version: it points to what is not in its memory",
		),
		(
			none().importing("ext_storage_get_version_1", &[I64], &[I64]).with(VERSION, |code| {
				code.i64_const(0).call(0);
			}),
			"this is not a runtime: it has no version",
		),
		(Runtime { pages: 5_000, ..none() }.answering(VERSION, &version(2)), "Core_version: "),
	];
	for (runtime, reason) in expectations {
		let line = refused(&runtime.code());
		assert!(line.starts_with(reason), "{reason}: {line}");
	}
	let mut panicking = none().importing("ext_panic_handler_abort_on_panic_version_1", &[I64], &[]);
	let message = panicking.point_to("no\u{1b}[2K state".as_bytes());
	let panicking = panicking.with(VERSION, |code| {
		code.i64_const(message).call(0).unreachable();
	});
	assert_eq!(refused(&panicking.code()), "Core_version: the runtime has aborted: no[2K state");
}
