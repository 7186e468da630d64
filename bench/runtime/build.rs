//! Compiles the runtimes to WebAssembly for the host's build.

fn main() {
	// Set by the wasm builder, and named in code that macros write.
	println!("cargo::rustc-check-cfg=cfg(substrate_runtime)");
	#[cfg(feature = "std")]
	substrate_wasm_builder::WasmBuilder::build_using_defaults();
}
