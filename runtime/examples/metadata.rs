//! Writes the runtime's description of itself, from which clients are generated: `make metadata`.

use prover_pool_runtime::{Runtime, CLIENT_METADATA_VERSION};
use sp_io::TestExternalities;
use std::{env, fs};

fn main() {
	let path = env::args().nth(1).expect("the path of the file to write");
	// Of a chain on which nobody has set the parameters yet: their values are in it.
	let metadata = TestExternalities::default()
		.execute_with(|| Runtime::metadata_at_version(CLIENT_METADATA_VERSION))
		.expect("the version is supported");
	fs::write(&path, &*metadata).unwrap_or_else(|error| panic!("{path}: {error}"));
}
