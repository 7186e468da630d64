//! Compiles the runtime to WebAssembly when the host's build wants to embed it.

fn main() {
	// With the metadata's hash inside, signers can verify what they show their user before they
	// sign it (`CheckMetadataHash`). It costs a second compilation, so only releases do it.
	#[cfg(all(feature = "std", feature = "metadata-hash"))]
	substrate_wasm_builder::WasmBuilder::init_with_defaults()
		.enable_metadata_hash("UNIT", 12)
		.build();

	#[cfg(all(feature = "std", not(feature = "metadata-hash")))]
	substrate_wasm_builder::WasmBuilder::build_using_defaults();
}
