//! What clients are generated from.

use super::python_types;
use crate::{Runtime, CLIENT_METADATA_VERSION};

/// Without the features that change the runtime. The values of dynamic parameters are in it: as long as
/// nobody has set them.
#[cfg(not(any(
	feature = "next-runtime",
	feature = "runtime-benchmarks",
	feature = "try-runtime"
)))]
#[test]
fn the_command_line_is_generated_from_this_runtime() {
	let committed = include_bytes!("../../../cli/metadata.scale");
	let metadata = sp_io::TestExternalities::default()
		.execute_with(|| Runtime::metadata_at_version(CLIENT_METADATA_VERSION))
		.unwrap();
	// Not `assert_eq`: it would print both.
	assert!(
		committed[..] == metadata[..],
		"cli/metadata.scale is of another runtime: write it anew with `make metadata`",
	);
}

#[test]
fn the_types_for_python_are_those_of_the_metadata() {
	let metadata = include_bytes!("../../../cli/metadata.scale");
	let committed = include_str!("../../../docs/clients/python-types.json");
	assert!(
		python_types::of(metadata) == committed,
		"docs/clients/python-types.json is of another runtime: write it anew with `make metadata`",
	);
}

#[test]
fn clients_use_the_latest_metadata_that_is_no_draft() {
	let versions = Runtime::metadata_versions();
	let latest = versions.into_iter().filter(|version| *version != u32::MAX).max();
	assert_eq!(latest, Some(CLIENT_METADATA_VERSION));
}
