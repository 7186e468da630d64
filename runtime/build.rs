//! Compiles the runtime to WebAssembly when the host's build wants to embed it.

fn main() {
	#[cfg(feature = "std")]
	{
		// What wallets sign to know that they show the user the right thing. The builder could compute it from
		// the code, for the price of compiling an executor and then the code a second time. A test of the
		// runtime compares it instead.
		#[cfg(not(any(feature = "next-runtime", feature = "runtime-benchmarks")))]
		std::env::set_var("RUNTIME_METADATA_HASH", include_str!("metadata-hash.txt").trim());
		println!("cargo:rerun-if-changed=metadata-hash.txt");
		// The build scripts of the runtime's dependencies inherit it, and that of `borsh` takes it for a feature of
		// its own. The builder enables the other features of this crate in the runtime, and never this one.
		std::env::remove_var("CARGO_FEATURE_STD");
		let builder = substrate_wasm_builder::WasmBuilder::init_with_defaults();
		// A file of its own: the node goes on embedding the first version.
		#[cfg(feature = "next-runtime")]
		let builder = builder.set_file_name("next_runtime");
		// Nor does it embed the one that weights are measured with.
		#[cfg(all(feature = "runtime-benchmarks", not(feature = "next-runtime")))]
		let builder = builder.set_file_name("benchmarks");
		builder.build();
		#[cfg(feature = "next-runtime")]
		compress("next_runtime");
	}
}

/// Compresses a runtime for `system.set_code`, as the builder does in a release only. A block is too short for a
/// development build that is not compressed.
#[cfg(all(feature = "std", feature = "next-runtime"))]
fn compress(name: &str) {
	use sp_maybe_compressed_blob::{compress_weakly, CODE_BLOB_BOMB_LIMIT};
	use std::{env, fs, path::PathBuf};

	let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
	let profile = out.ancestors().nth(3).expect("it is below the profile's folder");
	let code = profile.join("wbuild/prover-pool-runtime").join(name).with_extension("wasm");
	// There is none if the build of WebAssembly is skipped.
	if let Ok(bytes) = fs::read(&code) {
		let compressed =
			compress_weakly(&bytes, CODE_BLOB_BOMB_LIMIT).expect("it is shorter than the limit");
		fs::write(code.with_extension("compressed.wasm"), compressed)
			.expect("the folder is writable");
	}
}
