//! Compiles the runtime to WebAssembly when the host's build wants to embed it.

fn main() {
	// What the macro of the host's functions asks for; the builder sets it for the WebAssembly.
	println!("cargo::rustc-check-cfg=cfg(substrate_runtime)");
	#[cfg(feature = "std")]
	{
		// The builder passes every feature on to the WebAssembly. This one is for the host: it is on
		// wherever the whole workspace is built, and must not change what the node embeds.
		#[cfg(not(feature = "scaling-wasm"))]
		std::env::remove_var("CARGO_FEATURE_SCALING");

		let builder = substrate_wasm_builder::WasmBuilder::init_with_defaults();
		// A file of its own: the node goes on embedding the first version.
		#[cfg(feature = "next-runtime")]
		let builder = builder.set_file_name("next_runtime");
		// Nor does it embed the one that weights are measured with.
		#[cfg(all(feature = "runtime-benchmarks", not(feature = "next-runtime")))]
		let builder = builder.set_file_name("benchmarks");
		// Nor the one of `make bench`.
		#[cfg(all(
			feature = "scaling-wasm",
			not(any(feature = "next-runtime", feature = "runtime-benchmarks"))
		))]
		let builder = builder.set_file_name("scaling");
		builder.build();
	}
}
