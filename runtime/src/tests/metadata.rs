//! What clients are generated from.

use super::python_types;
use crate::{Runtime, CLIENT_METADATA_VERSION};
use codec::Decode;
use frame_metadata::{v16::RuntimeMetadataV16, RuntimeMetadata, RuntimeMetadataPrefixed};
use scale_info::{form::PortableForm, Field, TypeDef};

/// Returns the metadata of a chain on which nobody has set a parameter, encoded.
fn encoded() -> Vec<u8> {
	let metadata = sp_io::TestExternalities::default()
		.execute_with(|| Runtime::metadata_at_version(CLIENT_METADATA_VERSION));
	metadata.expect("the version is supported").to_vec()
}

/// Returns the same, decoded.
fn decoded() -> RuntimeMetadataV16 {
	let metadata =
		RuntimeMetadataPrefixed::decode(&mut &encoded()[..]).expect("it was just encoded");
	let RuntimeMetadata::V16(metadata) = metadata.1 else { panic!("another version") };
	metadata
}

/// Returns the names of the parameters that governance can change.
pub fn dynamic_parameters() -> Vec<String> {
	let metadata = decoded();
	let keys = metadata.types.types.iter().map(|ty| &ty.ty).filter(|ty| {
		let segments = &ty.path.segments;
		segments.first().is_some_and(|krate| krate == "prover_pool_runtime")
			&& segments.last().is_some_and(|name| name == "ParametersKey")
	});
	keys.flat_map(|ty| match &ty.type_def {
		TypeDef::Variant(keys) => keys.variants.iter().map(|key| key.name.clone()).collect(),
		_ => Vec::new(),
	})
	.collect()
}

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
	// Not `assert_eq`: it would print both.
	assert!(
		committed[..] == encoded()[..],
		"cli/metadata.scale is of another runtime: write it anew with `make metadata`",
	);
}

/// The same features: of the next version no wallet need know anything.
#[cfg(not(any(
	feature = "next-runtime",
	feature = "runtime-benchmarks",
	feature = "try-runtime"
)))]
#[test]
fn wallets_sign_the_hash_of_this_runtime() {
	let hash =
		sp_io::TestExternalities::default().execute_with(super::metadata_hash::of_this_runtime);
	assert_eq!(
		include_str!("../../metadata-hash.txt").trim(),
		format!("{hash:?}"),
		"runtime/metadata-hash.txt is of another runtime: write it anew with `make metadata`",
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

/// The crates of this repository, as the paths of types name them.
const OUR_CRATES: [&str; 9] = [
	"pallet_attestation",
	"pallet_block_proposal",
	"pallet_prover_lottery",
	"pallet_prover_pool",
	"pallet_succinct_proofs",
	"pallet_validators",
	"pallet_vrf_accumulator",
	"prover_pool_primitives",
	"succinct_proof_verifier",
];

/// Returns what has no text of a type or variant and its fields. What a variant carries without a name is in the
/// text of the variant.
fn without_text(what: &str, docs: &[String], fields: &[Field<PortableForm>]) -> Vec<String> {
	let fields = fields.iter().filter(|field| field.docs.is_empty());
	let fields = fields.filter_map(|field| Some(format!("{what}.{}", field.name.as_ref()?)));
	docs.is_empty().then(|| what.to_string()).into_iter().chain(fields).collect()
}

#[test]
fn every_type_of_the_pallets_has_text_in_the_metadata() {
	let metadata = decoded();
	let types = metadata.types.types.iter().map(|ty| &ty.ty).filter(|ty| {
		let is = |segment: Option<&String>, names: &[&str]| {
			segment.is_some_and(|name| names.contains(&name.as_str()))
		};
		let segments = &ty.path.segments;
		// FRAME derives the metadata of reasons for holds, without text.
		is(segments.first(), &OUR_CRATES) && !is(segments.last(), &["HoldReason"])
	});
	let (mut seen, mut without) = (0, Vec::new());
	for ty in types {
		seen += 1;
		let name = ty.path.segments.join("::");
		match &ty.type_def {
			TypeDef::Composite(composite) => {
				without.extend(without_text(&name, &ty.docs, &composite.fields))
			},
			TypeDef::Variant(variants) => {
				without.extend(without_text(&name, &ty.docs, &[]));
				for variant in &variants.variants {
					let name = format!("{name}::{}", variant.name);
					// FRAME writes no text for the arguments of calls.
					let is_call = ty.path.segments.last().is_some_and(|last| last == "Call");
					let fields = if is_call { &[][..] } else { &variant.fields };
					without.extend(without_text(&name, &variant.docs, fields));
				}
			},
			_ => {},
		}
	}
	assert!(seen > 30, "only {seen} types");
	assert_eq!(without, Vec::<String>::new());
}

/// A client keeps the metadata until the version of the runtime changes.
#[test]
fn no_parameter_that_governance_can_change_is_a_constant() {
	let mut dynamic = dynamic_parameters();
	assert!(dynamic.iter().any(|name| name == "MinChangeDelay"), "{dynamic:?}");
	// What follows from dynamic ones.
	dynamic.push("MaxSecuredReward".into());
	let metadata = decoded();
	let constants = metadata.pallets.iter().flat_map(|pallet| &pallet.constants);
	let names = constants.map(|constant| &constant.name);
	let wrong: Vec<_> = names.filter(|name| dynamic.contains(name)).collect();
	assert_eq!(wrong, Vec::<&String>::new());
}
