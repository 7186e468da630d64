//! Compiles the runtime to WebAssembly when the host's build wants to embed it.

fn main() {
	#[cfg(feature = "std")]
	{
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
