//! Compiles the runtime to WebAssembly when the host's build wants to embed it.

fn main() {
	#[cfg(feature = "std")]
	substrate_wasm_builder::WasmBuilder::build_using_defaults();
}
