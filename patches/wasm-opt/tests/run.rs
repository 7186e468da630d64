//! Modules written by hand, byte by byte.

use std::fs;
use wasm_opt::{OptimizationOptions, Pass};

const HEADER: &[u8] = b"\0asm\x01\0\0\0";
/// One type, `(i32) -> i32`, and one function of it.
const TYPE_AND_FUNCTION: &[u8] = &[1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f, 3, 2, 1, 0];
/// Its body: `local.get 0`.
const BODY: &[u8] = &[10, 6, 1, 4, 0, 0x20, 0, 0x0b];
/// The same, and `i32.extend8_s`, which is newer.
const NEWER_BODY: &[u8] = &[10, 7, 1, 5, 0, 0x20, 0, 0xc0, 0x0b];

fn custom(name: &str, bytes: &[u8]) -> Vec<u8> {
	let mut section = vec![0, (1 + name.len() + bytes.len()) as u8, name.len() as u8];
	section.extend_from_slice(name.as_bytes());
	section.extend_from_slice(bytes);
	section
}

fn run(options: &OptimizationOptions, module: &[u8]) -> Result<Vec<u8>, String> {
	let folder = tempfile::tempdir().unwrap();
	let (from, to) = (folder.path().join("from.wasm"), folder.path().join("to.wasm"));
	fs::write(&from, module).unwrap();
	let result = options.run(&from, &to).map_err(|error| error.to_string());
	assert_eq!(result.is_ok(), to.exists());
	result.map(|()| fs::read(&to).unwrap())
}

fn stripping() -> OptimizationOptions {
	OptimizationOptions::new_opt_level_0()
		.mvp_features_only()
		.debug_info(true)
		.add_pass(Pass::StripDwarf)
		.add_pass(Pass::SignextLowering)
		.clone()
}

#[test]
fn only_debug_sections_are_left_out() {
	let debug = custom(".debug_info", &[1; 20]);
	let version = custom("runtime_version", &[2; 20]);
	let names = custom("name", &[]);
	let module = [HEADER, TYPE_AND_FUNCTION, &debug, BODY, &version, &debug, &names].concat();
	let stripped = [HEADER, TYPE_AND_FUNCTION, BODY, &version, &names].concat();
	assert_eq!(run(&stripping(), &module), Ok(stripped.clone()));
	assert_eq!(run(&stripping(), &stripped), Ok(stripped));
	let lowering = OptimizationOptions::new_opt_level_0().add_pass(Pass::SignextLowering).clone();
	assert_eq!(run(&lowering, &module), Ok(module));
}

#[test]
fn newer_instructions_and_broken_modules_are_refused() {
	let newer = [HEADER, TYPE_AND_FUNCTION, NEWER_BODY].concat();
	let refusal = run(&stripping(), &newer).unwrap_err();
	assert!(refusal.contains("wasm32v1-none") && refusal.contains("sign extension"), "{refusal}");
	let cut = [HEADER, TYPE_AND_FUNCTION, &BODY[..BODY.len() - 1]].concat();
	assert!(run(&stripping(), &cut).is_err());
	assert!(run(&stripping(), b"no module").is_err());
}
