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
		let builder = substrate_wasm_builder::WasmBuilder::init_with_defaults();
		// A file of its own: the node goes on embedding the first version.
		#[cfg(feature = "next-runtime")]
		let builder = builder.set_file_name("next_runtime");
		// Nor does it embed the one that weights are measured with.
		#[cfg(all(feature = "runtime-benchmarks", not(feature = "next-runtime")))]
		let builder = builder.set_file_name("benchmarks");
		builder.build();
	}
}
