//! Whether this program can work with a runtime of the chain.
//!
//! [`USES`] lists what the program uses. [`compare`] compares each item with the description from
//! which the program is generated, by the hashes by which the library itself accepts or refuses it
//! later. [`wasm`] reads the description from a runtime's file.

pub mod uses;
pub mod wasm;

pub use uses::{Part, Use, USES};

use crate::{
	chain::{api, described_by, Config},
	submit::LIFETIME,
	Error, Result,
};
use futures::FutureExt;
use scale_info::{form::PortableForm, Variant};
use serde::Serialize;
use std::{
	collections::BTreeMap,
	fmt::{Display, Formatter},
};
use subxt::{
	config::DefaultExtrinsicParamsBuilder, ext::codec::Decode, metadata::ArcMetadata, utils::H256,
	Metadata,
};

/// The description of the runtime from which this program is generated.
const KNOWN: &[u8] = include_bytes!("../../metadata.scale");

/// The name and the version of a runtime.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Version {
	/// The name of its specification.
	pub name: String,
	/// The version of its specification.
	pub version: u32,
}

/// Parts that do not fit a runtime, and why.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Report(BTreeMap<Part, Vec<Problem>>);

/// Something that a runtime lacks, or has in another form.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Problem {
	/// What it is: `call`, `event`.
	pub kind: &'static str,
	/// Its name: `Pallet.call`.
	pub name: String,
	/// How it differs.
	pub difference: Difference,
}

/// A difference to the runtime for which this program was built.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
	/// The runtime does not have it.
	Missing,
	/// Its types or its names are others.
	Changed,
	/// The library cannot make it, for this reason.
	Impossible(String),
}

impl Version {
	/// Decodes what `Core_version` answers.
	pub fn decode(mut answer: &[u8]) -> Option<Self> {
		let (name, _implementation, _authoring, version) =
			<(String, String, u32, u32)>::decode(&mut answer).ok()?;
		// It is printed between other words.
		(!name.contains(char::is_control)).then_some(Self { name, version })
	}

	/// Returns the version of the runtime for which this program was built.
	pub fn known() -> Result<Self> {
		let metadata = known()?;
		let constant =
			metadata.pallet_by_name("System").and_then(|it| it.constant_by_name("Version"));
		constant
			.and_then(|constant| Self::decode(constant.value()))
			.ok_or_else(|| Error::Internal("metadata.scale has no version".into()))
	}
}

impl Display for Version {
	fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
		write!(f, "{} {}", self.name, self.version)
	}
}

impl Report {
	/// Returns whether the runtime fits this part.
	pub fn fits(&self, part: Part) -> bool {
		self.problems(part).is_empty()
	}

	/// Returns why it does not.
	pub fn problems(&self, part: Part) -> &[Problem] {
		self.0.get(&part).map_or(&[], Vec::as_slice)
	}

	/// Returns the parts that do not fit, the most important first.
	pub fn unfit(&self) -> impl Iterator<Item = (Part, &[Problem])> {
		self.0.iter().map(|(part, problems)| (*part, problems.as_slice()))
	}
}

impl Display for Problem {
	fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
		let Self { kind, name, difference } = self;
		match difference {
			Difference::Missing => write!(f, "{kind} {name} is missing"),
			Difference::Changed => write!(f, "{kind} {name} has changed"),
			Difference::Impossible(reason) => write!(f, "{kind} {name}: {reason}"),
		}
	}
}

fn known() -> Result<Metadata> {
	Metadata::decode_from(KNOWN)
		.map_err(|error| Error::Internal(format!("metadata.scale: {error}")))
}

/// Compares what this program uses with the runtime that has this description.
pub fn compare(theirs: &ArcMetadata) -> Result<Report> {
	let known = known()?;
	let mut report = Report::default();
	for (part, uses) in USES {
		let problems: Vec<_> = uses
			.iter()
			.filter_map(|it| {
				let difference = it.difference(&known, theirs)?;
				let (kind, name) = it.kind_and_name();
				Some(Problem { kind, name, difference })
			})
			.collect();
		if !problems.is_empty() {
			report.0.insert(part, problems);
		}
	}
	Ok(report)
}

impl Use {
	/// Returns what it is, and its name.
	pub fn kind_and_name(&self) -> (&'static str, String) {
		let (kind, (group, name)) = match *self {
			Use::Transactions => return ("format", "of transactions".into()),
			Use::Call(pallet, name) | Use::Arguments(pallet, name, _) => ("call", (pallet, name)),
			Use::ProxyCall => ("call", ("Proxy", "proxy")),
			Use::Storage(pallet, name) => ("storage", (pallet, name)),
			Use::Constant(pallet, name) => ("constant", (pallet, name)),
			Use::Query(api, name) | Use::Answer(api, name) | Use::OptionalAnswer(api, name) => {
				("query", (api, name))
			},
			Use::Event(pallet, name) => ("event", (pallet, name)),
			Use::Error(pallet, name) => ("error", (pallet, name)),
		};
		(kind, format!("{group}.{name}"))
	}

	/// Returns how it differs.
	fn difference(&self, known: &Metadata, theirs: &ArcMetadata) -> Option<Difference> {
		match *self {
			Use::Transactions => transaction(theirs).err().map(Difference::Impossible),
			Use::Call(pallet, name) => {
				compared(known, theirs, |it| it.pallet_by_name(pallet)?.call_hash(name))
			},
			Use::ProxyCall => compared(known, theirs, proxy_call),
			Use::Arguments(pallet, name, arguments) => {
				let fields = |it: &Metadata| {
					let call = it.pallet_by_name(pallet)?.call_variant_by_name(name)?;
					let mut fields = fields(it, call);
					fields.retain(|name, _| arguments.contains(&name.as_str()));
					Some(fields)
				};
				compared(known, theirs, fields)
			},
			Use::Storage(pallet, name) => {
				compared(known, theirs, |it| it.pallet_by_name(pallet)?.storage_hash(name))
			},
			Use::Constant(pallet, name) => {
				compared(known, theirs, |it| it.pallet_by_name(pallet)?.constant_hash(name))
			},
			Use::Query(api, name) => compared(known, theirs, |it| {
				Some(it.runtime_api_trait_by_name(api)?.method_by_name(name)?.hash())
			}),
			Use::OptionalAnswer(api, _) if theirs.runtime_api_trait_by_name(api).is_none() => None,
			Use::Answer(api, name) | Use::OptionalAnswer(api, name) => {
				compared(known, theirs, |it| {
					let method = it.runtime_api_trait_by_name(api)?.method_by_name(name)?;
					it.type_hash(method.output_ty())
				})
			},
			// A field that is new does not keep the others from being decoded.
			Use::Event(pallet, name) => {
				let fields = |it: &Metadata| {
					let mut events = it.pallet_by_name(pallet)?.event_variants()?.iter();
					Some(fields(it, events.find(|event| event.name == name)?))
				};
				let (Some(known), Some(theirs)) = (fields(known), fields(theirs)) else {
					return Some(Difference::Missing);
				};
				let all = known.iter().all(|(name, hash)| theirs.get(name) == Some(hash));
				(!all).then_some(Difference::Changed)
			},
			Use::Error(pallet, name) => compared(known, theirs, |it| {
				let mut errors = it.pallet_by_name(pallet)?.error_variants()?.iter();
				errors.any(|error| error.name == name).then_some(())
			}),
		}
	}
}

/// Compares what identifies an item; `None` where there is no such item.
fn compared<T: PartialEq>(
	known: &Metadata,
	theirs: &Metadata,
	identity: impl Fn(&Metadata) -> Option<T>,
) -> Option<Difference> {
	match (identity(known), identity(theirs)) {
		(_, None) => Some(Difference::Missing),
		(known, theirs) => (known != theirs).then_some(Difference::Changed),
	}
}

/// Returns the names of the fields with the hashes of their types.
fn fields(
	metadata: &Metadata,
	variant: &Variant<PortableForm>,
) -> BTreeMap<String, Option<[u8; 32]>> {
	let fields = variant.fields.iter().enumerate();
	let named = fields.map(|(place, field)| {
		let name = field.name.clone().unwrap_or_else(|| place.to_string());
		(name, metadata.type_hash(field.ty.id))
	});
	named.collect()
}

/// The names of the arguments, the hash of an account's type, and the name of the type of proxies.
type ProxyCall = (Vec<Option<String>>, [u8; 32], Option<String>);

/// Returns what [`Actor::proxied`](crate::actor::Actor::proxied) relies on: the arguments in their
/// order, an account, and an optional type of proxy.
fn proxy_call(metadata: &Metadata) -> Option<ProxyCall> {
	let call = metadata.pallet_by_name("Proxy")?.call_variant_by_name("proxy")?;
	let names = call.fields.iter().map(|field| field.name.clone()).collect();
	let account = metadata.type_hash(call.fields.first()?.ty.id)?;
	let proxy_type = metadata.types().resolve(call.fields.get(1)?.ty.id)?;
	Some((names, account, proxy_type.path.segments.last().cloned()))
}

/// Signs a transaction for a chain with this description, and decodes it as that chain describes
/// transactions. Nothing is submitted, so any key serves.
fn transaction(theirs: &ArcMetadata) -> Result<(), String> {
	let at = described_by(theirs.clone()).map_err(|error| error.to_string())?;
	let params = DefaultExtrinsicParamsBuilder::<Config>::new()
		.mortal_from_unchecked(LIFETIME, 0, H256::zero())
		.nonce(1)
		.tip(1)
		.build();
	let call = api::transactions().system().remark(vec![1, 2, 3]).unvalidated();
	let call_bytes = at.tx().call_data(&call).map_err(|error| error.to_string())?;
	let signed = at
		.tx()
		.create_signable_offline(&call, params)
		.and_then(|mut signable| signable.sign(&subxt_signer::sr25519::dev::alice()))
		.map_err(|error| error.to_string())?;
	let body = vec![signed.encoded().to_vec()];
	let extrinsics = at.extrinsics().from_bytes(body).now_or_never();
	let extrinsic = extrinsics.as_ref().and_then(|extrinsics| extrinsics.iter().next());
	match extrinsic {
		Some(Ok(extrinsic)) if extrinsic.call_data_bytes() == call_bytes => Ok(()),
		Some(Err(error)) => Err(error.to_string()),
		_ => Err("a signed transaction is not decoded as what it is".into()),
	}
}

#[cfg(test)]
pub(crate) mod tests;
