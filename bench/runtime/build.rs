//! Compiles the runtimes to WebAssembly when the host's build wants to embed them.

fn main() {
	#[cfg(feature = "std")]
	substrate_wasm_builder::WasmBuilder::build_using_defaults();
}
