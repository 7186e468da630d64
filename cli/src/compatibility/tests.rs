//! Comparisons with descriptions that differ in one place.

use super::*;
use frame_metadata::{v16::RuntimeMetadataV16, RuntimeMetadata, RuntimeMetadataPrefixed};
use scale_info::TypeDef;
use subxt::ext::codec::Encode;

/// Returns the report on the known runtime with a change.
fn after(change: impl FnOnce(&mut RuntimeMetadataV16)) -> Report {
	let mut metadata = RuntimeMetadataPrefixed::decode(&mut &KNOWN[..]).unwrap();
	let RuntimeMetadata::V16(described) = &mut metadata.1 else { panic!("another version") };
	change(described);
	compare(&Metadata::decode_from(&metadata.encode()).unwrap().arc()).unwrap()
}

/// Returns the report on the known runtime where a name is another, of the same length.
pub fn renamed(known: &str, new: &str) -> Report {
	compare(&Metadata::decode_from(&replaced(known, new)).unwrap().arc()).unwrap()
}

pub fn replaced(known: &str, new: &str) -> Vec<u8> {
	assert_eq!(known.len(), new.len());
	let mut bytes = KNOWN.to_vec();
	let mut found = 0;
	for start in 0..bytes.len() - known.len() {
		let name = &mut bytes[start..start + known.len()];
		if name == known.as_bytes() {
			name.copy_from_slice(new.as_bytes());
			found += 1;
		}
	}
	assert!(found > 0, "{known} is not in the description");
	bytes
}

/// Returns the problems by part, as they are logged.
fn shown(report: &Report) -> Vec<String> {
	let lines = report.unfit().flat_map(|(part, problems)| {
		problems.iter().map(move |problem| format!("{}: {problem}", part.name()))
	});
	lines.collect()
}

/// Finds the fields of a variant of a type with this path.
fn fields_of<'a>(
	metadata: &'a mut RuntimeMetadataV16,
	path: &[&str],
	variant: &str,
) -> &'a mut Vec<scale_info::Field<PortableForm>> {
	let types = metadata.types.types.iter_mut().map(|ty| &mut ty.ty);
	let mut types = types.filter(|ty| ty.path.segments == path);
	let TypeDef::Variant(variants) = &mut types.next().unwrap().type_def else {
		panic!("{path:?}")
	};
	let found = variants.variants.iter_mut().find(|it| it.name == variant);
	&mut found.unwrap_or_else(|| panic!("no {variant} in {path:?}")).fields
}

/// Returns the number of the type of 64-bit numbers.
fn u64_type(metadata: &RuntimeMetadataV16) -> u32 {
	let number = TypeDef::Primitive(scale_info::TypeDefPrimitive::U64);
	metadata.types.types.iter().find(|ty| ty.ty.type_def == number).unwrap().id
}

/// Also shows that everything in the list exists.
#[test]
fn the_known_runtime_fits() {
	let report = after(|_| {});
	assert_eq!(shown(&report), [""; 0]);
	assert!(USES.iter().all(|(part, uses)| report.fits(*part) && !uses.is_empty()));
	let known = Version::known().unwrap();
	assert_eq!((known.name.as_str(), known.version), ("prover-pool", 1));
	assert_eq!(known.to_string(), "prover-pool 1");
}

#[test]
fn what_is_missing_is_named_with_what_needs_it() {
	for (known, new, expected) in [
		(
			"prove_block",
			"probe_block",
			&[
				"proving: call BlockProposal.prove_block is missing",
				"commands: call Sudo.sudo has changed",
			][..],
		),
		(
			"skip_block",
			"slip_block",
			&[
				"rescues: call BlockProposal.skip_block is missing",
				"commands: call Sudo.sudo has changed",
			],
		),
		("get_staker", "get_smoker", &["account: query ProverPoolApi.get_staker is missing"]),
		(
			"MinProofWindow",
			"MinProofWinner",
			&["proving: constant BlockProposal.MinProofWindow is missing"],
		),
		("PausedUntil", "PausedSince", &["proving: storage BlockProposal.PausedUntil is missing"]),
		(
			"BlockVerified",
			"BlockVerifier",
			&[
				"counters: event BlockProposal.BlockVerified is missing",
				"rebuilding: event BlockProposal.BlockVerified is missing",
			],
		),
		(
			"AlreadyProven",
			"AlreadyProved",
			&["refusals: error BlockProposal.AlreadyProven is missing"],
		),
		// A runtime need not have it.
		("CallSimulationApi", "CallSimilationApi", &[]),
	] {
		assert_eq!(shown(&renamed(known, new)), expected, "{known}");
	}
}

#[test]
fn what_has_another_type_is_named() {
	let call = ["pallet_block_proposal", "pallet", "Call"];
	let event = ["pallet_block_proposal", "pallet", "Event"];
	let report = after(|metadata| {
		let wide = u64_type(metadata);
		let fields = fields_of(metadata, &call, "prove_block");
		fields.iter_mut().find(|it| it.name.as_deref() == Some("gas_used")).unwrap().ty.id = wide;
	});
	assert_eq!(
		shown(&report),
		[
			"proving: call BlockProposal.prove_block has changed",
			"commands: call Sudo.sudo has changed",
		]
	);
	assert!(!report.fits(Part::Proving) && report.fits(Part::Rescues));

	let report = after(|metadata| {
		let wide = u64_type(metadata);
		let fields = fields_of(metadata, &event, "ClaimRemoved");
		fields.iter_mut().find(|it| it.name.as_deref() == Some("gas_used")).unwrap().ty.id = wide;
	});
	assert_eq!(shown(&report), ["counters: event BlockProposal.ClaimRemoved has changed"]);
}

/// Events are decoded by the names of their fields; so are the lists in proposals.
#[test]
fn what_is_new_does_not_matter_where_fields_have_names() {
	let event = ["pallet_block_proposal", "pallet", "Event"];
	let report = after(|metadata| {
		let fields = fields_of(metadata, &event, "BlockVerified");
		let mut new = fields[0].clone();
		new.name = Some("age".into());
		fields.insert(0, new);
	});
	assert_eq!(shown(&report), [""; 0]);

	let call = ["pallet_block_proposal", "pallet", "Call"];
	let report = after(|metadata| {
		let fields = fields_of(metadata, &call, "propose_block");
		let mut new = fields[0].clone();
		new.name = Some("priority".into());
		fields.push(new);
	});
	assert_eq!(
		shown(&report),
		[
			"commands: call BlockProposal.propose_block has changed",
			"commands: call Sudo.sudo has changed"
		]
	);
	assert_eq!(
		shown(&renamed("tx_list", "tx_link"))[..1],
		["proving: call BlockProposal.propose_block has changed"]
	);
}

/// The bytes of the outer call are written here, so its arguments and their order count.
#[test]
fn a_call_by_proxy_is_compared_by_its_arguments() {
	let call = ["pallet_proxy", "pallet", "Call"];
	let report = after(|metadata| fields_of(metadata, &call, "proxy").swap(0, 1));
	assert_eq!(shown(&report)[..1], ["proxies: call Proxy.proxy has changed"]);
	assert!(report.fits(Part::Proving));
	// Another type of proxy is not used.
	let types = ["prover_pool_runtime", "configs", "proxies", "ProxyType"];
	let report = after(|metadata| {
		let ty = metadata.types.types.iter_mut().find(|ty| ty.ty.path.segments == types);
		let TypeDef::Variant(variants) = &mut ty.unwrap().ty.type_def else { panic!("no types") };
		variants.variants[0].name = "Every".into();
	});
	assert!(report.fits(Part::Proxies), "{:?}", shown(&report));
}

#[test]
fn a_transaction_that_cannot_be_signed_is_found_by_signing_one() {
	let extension = |metadata: &mut RuntimeMetadataV16, name: &str, new: &str| {
		let extensions = &mut metadata.extrinsic.transaction_extensions;
		extensions.iter_mut().find(|it| it.identifier == name).unwrap().identifier = new.into();
	};
	let report = after(|metadata| extension(metadata, "CheckNonce", "CheckOrder"));
	let [problem] = report.problems(Part::Proving) else { panic!("{:?}", shown(&report)) };
	let text = problem.to_string();
	assert!(text.starts_with("format of transactions: ") && text.contains("CheckOrder"), "{text}");
	// One that adds no bytes need not be known.
	let report = after(|metadata| extension(metadata, "CheckOperational", "CheckWhatever"));
	assert_eq!(shown(&report), [""; 0]);
	// A signature of another type would not be one.
	let report = after(|metadata| {
		let wide = u64_type(metadata);
		metadata.extrinsic.signature_ty.id = wide;
	});
	assert!(!report.fits(Part::Proving));
}

#[test]
fn another_chain_fits_nothing() {
	let report = after(|metadata| metadata.pallets.retain(|pallet| pallet.name == "System"));
	for part in [Part::Proving, Part::Proxies, Part::Rescues, Part::Counters, Part::Commands] {
		assert!(!report.fits(part), "{part:?}");
	}
	let problems = report.problems(Part::Proving);
	assert!(problems.iter().all(|it| it.difference == Difference::Missing), "{problems:?}");
}
