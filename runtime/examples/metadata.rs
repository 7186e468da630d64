//! Writes the runtime's description of itself, from which clients are generated, the types of its queries for
//! Python, and the hash that wallets sign: `make metadata`.

use prover_pool_runtime::{Runtime, CLIENT_METADATA_VERSION};
use sp_io::TestExternalities;
use std::{env, fs};

#[path = "../src/tests/metadata_hash.rs"]
mod metadata_hash;
#[path = "../src/tests/python_types.rs"]
mod python_types;

fn main() {
	let mut paths = env::args().skip(1);
	let mut path = || paths.next().expect("the paths of the three files to write");
	// Of a chain on which nobody has set the parameters yet: their values are in it.
	let (metadata, hash) = TestExternalities::default().execute_with(|| {
		let metadata = Runtime::metadata_at_version(CLIENT_METADATA_VERSION);
		(metadata.expect("the version is supported"), metadata_hash::of_this_runtime())
	});
	write(&path(), &metadata);
	write(&path(), python_types::of(&metadata).as_bytes());
	write(&path(), format!("{hash:?}\n").as_bytes());
}

fn write(path: &str, content: &[u8]) {
	fs::write(path, content).unwrap_or_else(|error| panic!("{path}: {error}"));
}
