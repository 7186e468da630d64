//! Writes the runtime's description of itself, from which clients are generated, and the hash of it that wallets
//! sign: `make metadata`.

use prover_pool_runtime::{Runtime, CLIENT_METADATA_VERSION};
use sp_io::TestExternalities;
use std::{env, fs};

#[path = "../src/tests/metadata_hash.rs"]
mod metadata_hash;

fn main() {
	let mut paths = env::args().skip(1);
	// Of a chain on which nobody has set the parameters yet: their values are in it.
	let (metadata, hash) = TestExternalities::default().execute_with(|| {
		let metadata = Runtime::metadata_at_version(CLIENT_METADATA_VERSION)
			.expect("the version is supported");
		(metadata, metadata_hash::of_this_runtime())
	});
	write(paths.next(), &metadata);
	write(paths.next(), format!("{hash:?}\n").as_bytes());
}

fn write(path: Option<String>, content: &[u8]) {
	let path = path.expect("two paths: that of the metadata, and that of their hash");
	fs::write(&path, content).unwrap_or_else(|error| panic!("{path}: {error}"));
}
