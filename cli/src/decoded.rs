//! Events and errors, decoded with the chain's own metadata, for people and for programs. This
//! module does not know any pallet.

use crate::{
	chain::{api::runtime_types::sp_runtime::DispatchError as CallError, AccountId, At, Config},
	client::Properties,
	Error, Refusal, Result,
};
use scale_info::{form::PortableForm, PortableRegistry, TypeDef, TypeDefPrimitive};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use std::fmt::Display;
use subxt::{
	error::DispatchError,
	ext::{
		scale_encode::EncodeAsType,
		scale_value::{scale, Composite, Primitive, Value, ValueDef},
	},
	Metadata,
};

/// An event by its names.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Event {
	/// `Pallet.Event`.
	pub name: String,
	/// Its fields: amounts as strings of base units, accounts as addresses, bytes as `0x…`.
	pub data: Map<String, Json>,
	/// The same for people, in the order of the chain: amounts in tokens.
	#[serde(skip)]
	pub for_people: Vec<(String, Json)>,
}

impl Event {
	/// Decodes an event of the block of `at`.
	pub fn decode(
		event: &subxt::events::Event<'_, Config>,
		at: &At,
		chain: &Properties,
	) -> Result<Self> {
		let indices = (event.pallet_index(), event.event_index());
		Self::from_bytes(indices, event.field_bytes(), at.metadata_ref(), chain)
	}

	/// Decodes the fields of the event with these indices of pallet and variant.
	fn from_bytes(
		(pallet, variant): (u8, u8),
		mut bytes: &[u8],
		metadata: &Metadata,
		chain: &Properties,
	) -> Result<Self> {
		let wrong =
			|error: &dyn Display| Error::Incompatible(format!("cannot decode an event: {error}"));
		let pallet = metadata.pallet_by_event_index(pallet);
		let pallet = pallet.ok_or_else(|| wrong(&"its pallet is not known"))?;
		let variant = pallet.event_variant_by_index(variant);
		let variant = variant.ok_or_else(|| wrong(&"its name is not known"))?;
		let types = metadata.types();
		let (mut data, mut for_people) = (Map::new(), Vec::new());
		for (place, field) in variant.fields.iter().enumerate() {
			let value =
				scale::decode_as_type(&mut bytes, field.ty.id, types).map_err(|e| wrong(&e))?;
			let name = field.name.clone().unwrap_or_else(|| place.to_string());
			for_people.push((name.clone(), Show::text(types, chain).value(&value)));
			data.insert(name, Show::json(types, chain).value(&value));
		}
		let name = format!("{}.{}", pallet.name(), variant.name);
		Ok(Self { name, data, for_people })
	}

	/// Returns a field in words.
	pub fn shown(&self, field: &str) -> Option<String> {
		let value = self.for_people.iter().find(|(name, _)| name == field);
		value.map(|(_, value)| plain(value))
	}

	/// Returns all fields in words.
	pub fn text(&self) -> String {
		let fields = self.for_people.iter();
		let fields = fields.map(|(name, value)| format!("{name} {}", plain(value)));
		fields.collect::<Vec<_>>().join(", ")
	}

	/// Returns whether this pallet reported it.
	pub fn is_of(&self, pallet: &str) -> bool {
		self.name.split('.').next() == Some(pallet)
	}
}

/// Converts values to JSON.
struct Show<'a> {
	types: &'a PortableRegistry,
	chain: &'a Properties,
	/// True for amounts in tokens.
	in_tokens: bool,
}

impl<'a> Show<'a> {
	fn json(types: &'a PortableRegistry, chain: &'a Properties) -> Self {
		Self { types, chain, in_tokens: false }
	}

	fn text(types: &'a PortableRegistry, chain: &'a Properties) -> Self {
		Self { types, chain, in_tokens: true }
	}

	fn value(&self, value: &Value<u32>) -> Json {
		match &value.value {
			ValueDef::Primitive(primitive) => self.primitive(primitive, value.context),
			ValueDef::Variant(variant) if self.is(value.context, "Option") => {
				variant.values.values().next().map_or(Json::Null, |inner| self.value(inner))
			},
			ValueDef::Variant(variant) if variant.values.is_empty() => variant.name.clone().into(),
			ValueDef::Variant(variant) => {
				let fields = self.composite(&variant.values, false);
				Json::Object([(variant.name.clone(), fields)].into_iter().collect())
			},
			ValueDef::Composite(composite) => {
				if let Some(bytes) = self.bytes(value) {
					return match <[u8; 32]>::try_from(bytes.as_slice()) {
						Ok(account) if self.is(value.context, "AccountId32") => {
							self.chain.address(&AccountId::from(account)).into()
						},
						_ => hex(&bytes).into(),
					};
				}
				self.composite(composite, self.is_list(value.context))
			},
			ValueDef::BitSequence(bits) => format!("{bits:?}").into(),
		}
	}

	/// Returns a number, as a string if it is too large for JSON. Those of 128 bits are amounts.
	fn primitive(&self, primitive: &Primitive, ty: u32) -> Json {
		match primitive {
			Primitive::Bool(it) => (*it).into(),
			Primitive::Char(it) => it.to_string().into(),
			Primitive::String(it) => it.clone().into(),
			Primitive::U128(it) => match self.definition(ty) {
				Some(TypeDef::Primitive(TypeDefPrimitive::U128)) if self.in_tokens => {
					self.chain.token.format(*it).into()
				},
				Some(TypeDef::Primitive(TypeDefPrimitive::U128)) => it.to_string().into(),
				_ => u64::try_from(*it).map_or_else(|_| it.to_string().into(), Json::from),
			},
			Primitive::I128(it) => {
				i64::try_from(*it).map_or_else(|_| it.to_string().into(), Json::from)
			},
			Primitive::U256(it) | Primitive::I256(it) => hex(it).into(),
		}
	}

	fn composite(&self, composite: &Composite<u32>, is_list: bool) -> Json {
		match composite {
			Composite::Named(fields) => {
				Json::Object(fields.iter().map(|(k, v)| (k.clone(), self.value(v))).collect())
			},
			// A tuple of one is its element.
			Composite::Unnamed(fields) => match fields.as_slice() {
				[single] if !is_list => self.value(single),
				fields => fields.iter().map(|field| self.value(field)).collect(),
			},
		}
	}

	/// Returns the bytes of a value that consists of bytes: an array, a list, or a wrapper of one.
	fn bytes(&self, value: &Value<u32>) -> Option<Vec<u8>> {
		let ValueDef::Composite(composite) = &value.value else { return None };
		match self.definition(value.context)? {
			TypeDef::Array(array) if self.is_byte(array.type_param.id) => {},
			TypeDef::Sequence(list) if self.is_byte(list.type_param.id) => {},
			TypeDef::Composite(wrapper) if wrapper.fields.len() == 1 => {
				return composite.values().next().and_then(|inner| self.bytes(inner));
			},
			_ => return None,
		}
		composite.values().map(|byte| byte.as_u128()?.try_into().ok()).collect()
	}

	fn definition(&self, ty: u32) -> Option<&TypeDef<PortableForm>> {
		self.types.resolve(ty).map(|ty| &ty.type_def)
	}

	fn is(&self, ty: u32, name: &str) -> bool {
		let ty = self.types.resolve(ty);
		ty.and_then(|ty| ty.path.segments.last()).is_some_and(|last| last == name)
	}

	fn is_byte(&self, ty: u32) -> bool {
		matches!(self.definition(ty), Some(TypeDef::Primitive(TypeDefPrimitive::U8)))
	}

	fn is_list(&self, ty: u32) -> bool {
		matches!(self.definition(ty), Some(TypeDef::Sequence(_) | TypeDef::Array(_)))
	}
}

/// Returns JSON without quotes.
fn plain(value: &Json) -> String {
	match value {
		Json::Null => "none".into(),
		Json::String(text) => text.clone(),
		Json::Object(fields) => {
			let fields = fields.iter().map(|(name, value)| format!("{name} {}", plain(value)));
			fields.collect::<Vec<_>>().join(" ")
		},
		Json::Array(items) => {
			format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", "))
		},
		other => other.to_string(),
	}
}

impl Refusal {
	/// Returns the error of a call, by the name that its pallet gives it.
	pub fn of(error: &DispatchError) -> Self {
		if let DispatchError::Module(module) = error {
			return match module.details() {
				Ok(details) => Self {
					name: format!("{}.{}", details.pallet.name(), details.variant.name),
					reason: details.variant.docs.join(" ").trim().to_string(),
				},
				Err(error) => Self { name: "Module".into(), reason: error.to_string() },
			};
		}
		let (name, reason) = match error {
			DispatchError::Token(token) => (format!("Token.{token:?}"), token.to_string()),
			DispatchError::Arithmetic(it) => (format!("Arithmetic.{it:?}"), it.to_string()),
			DispatchError::Transactional(it) => (format!("Transactional.{it:?}"), it.to_string()),
			other => (format!("{other:?}"), other.to_string()),
		};
		Self { name, reason }
	}

	/// Returns the error that a call in the runtime itself reported.
	pub fn of_call(error: &CallError, at: &At) -> Result<Self> {
		let unknown =
			|reason: &dyn Display| Error::Incompatible(format!("cannot encode an error: {reason}"));
		let metadata = at.metadata_ref();
		let ty = metadata.dispatch_error_ty().ok_or_else(|| unknown(&"its type is not known"))?;
		let bytes = error.encode_as_type(ty, metadata.types()).map_err(|error| unknown(&error))?;
		Self::decode(&bytes, at)
	}

	/// Decodes an error.
	pub fn decode(bytes: &[u8], at: &At) -> Result<Self> {
		DispatchError::decode_from(bytes, at.metadata())
			.map(|error| Self::of(&error))
			.map_err(|error| Error::Incompatible(format!("cannot decode an error: {error}")))
	}
}

/// Returns bytes as `0x…`.
pub fn hex(bytes: &[u8]) -> String {
	use std::fmt::Write;
	bytes.iter().fold("0x".to_string(), |mut text, byte| {
		let _ = write!(text, "{byte:02x}");
		text
	})
}

/// Returns the bytes of hexadecimal digits, without `0x`.
pub fn from_hex(digits: &str) -> Option<Vec<u8>> {
	let values: Option<Vec<u8>> =
		digits.chars().map(|digit| digit.to_digit(16).map(|value| value as u8)).collect();
	let values = values.filter(|values| values.len() % 2 == 0)?;
	Some(values.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Bytes as `0x…`.
pub mod hexadecimal {
	use super::{from_hex, hex};
	use serde::{de::Error, Deserialize, Deserializer, Serializer};

	/// Writes them.
	pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
		to.serialize_str(&hex(bytes))
	}

	/// Reads them.
	pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
		let text = String::deserialize(from)?;
		let bytes = text.strip_prefix("0x").and_then(from_hex);
		bytes.ok_or_else(|| D::Error::custom("bytes are written as `0x` and digits"))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::amount::Token;
	use serde_json::json;
	use subxt::ext::codec::Encode;

	const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

	fn metadata() -> Metadata {
		Metadata::decode_from(include_bytes!("../metadata.scale")).unwrap()
	}

	fn alice() -> [u8; 32] {
		subxt_signer::sr25519::dev::alice().public_key().0
	}

	/// The event of that name with these fields.
	fn event(pallet: &str, name: &str, fields: &[u8]) -> Result<Event> {
		let token = Token::new("UNIT", 12).unwrap();
		let chain = Properties { name: "Chain".into(), development: true, token, prefix: 42 };
		let metadata = metadata();
		let described = metadata.pallet_by_name(pallet).unwrap();
		let variants = described.event_variants().unwrap();
		let variant = variants.iter().find(|variant| variant.name == name).unwrap();
		Event::from_bytes((described.event_index(), variant.index), fields, &metadata, &chain)
	}

	#[test]
	fn accounts_amounts_and_numbers_are_distinguished() {
		let fields = (alice(), 7u32, 1_500_000_000_000u128, 9_000u32, 4u32).encode();
		let staked = event("ProverPool", "Staked", &fields).unwrap();
		assert_eq!(staked.name, "ProverPool.Staked");
		assert!(staked.is_of("ProverPool") && !staked.is_of("Prover"));
		let text = format!(
			"who {ALICE}, prover_id 7, amount 1.5 UNIT, reward_per_gas 9000, current_capacity 4"
		);
		assert_eq!(staked.text(), text);
		let data = json!({
			"who": ALICE, "prover_id": 7, "amount": "1500000000000", "reward_per_gas": 9000, "current_capacity": 4,
		});
		assert_eq!(Json::Object(staked.data), data);
	}

	#[test]
	fn hashes_are_bytes_though_they_are_as_long_as_accounts() {
		let fields = (7u64, alice(), [0x11u8; 32], [0x22u8; 32], 9u32).encode();
		let removed = event("BlockProposal", "ClaimRemoved", &fields).unwrap();
		let [parent, block] = ["11", "22"].map(|byte| format!("0x{}", byte.repeat(32)));
		let data = json!({
			"block_id": 7, "prover": ALICE, "parent_hash": parent, "block_hash": block, "gas_used": 9,
		});
		assert_eq!(Json::Object(removed.data), data);
	}

	#[test]
	fn variants_are_called_by_their_names() {
		// Drawn, EmptyPool.
		let opened = event("BlockProposal", "BlockOpened", &(7u64, 0u8, 1u8).encode()).unwrap();
		let cause = opened.data["cause"].as_object().unwrap();
		assert_eq!(cause.keys().collect::<Vec<_>>(), ["Drawn"]);
		assert!(cause["Drawn"].is_string());
		assert!(opened.text().starts_with("block_id 7, cause Drawn "), "{}", opened.text());
		let opened = event("BlockProposal", "BlockOpened", &(7u64, 1u8).encode()).unwrap();
		assert_eq!(Json::Object(opened.data), json!({ "block_id": 7, "cause": "Expired" }));
	}

	#[test]
	fn undecodable_events_are_of_another_runtime() {
		let cut = event("ProverPool", "Staked", &alice()).unwrap_err();
		assert_eq!(cut.exit_code(), 7);
		let token = Token::new("UNIT", 12).unwrap();
		let chain = Properties { name: "Chain".into(), development: true, token, prefix: 42 };
		for indices in [(255, 0), (10, 255)] {
			let error = Event::from_bytes(indices, &[], &metadata(), &chain).unwrap_err();
			assert_eq!(error.exit_code(), 7);
		}
	}

	#[test]
	fn errors_are_called_by_pallet_and_name() {
		let metadata = metadata().arc();
		let pool = metadata.pallet_by_name("ProverPool").unwrap();
		let variants = pool.error_variants().unwrap();
		let variant = variants.iter().find(|it| it.name == "NotInPool").unwrap();
		let bytes = [3, pool.error_index(), variant.index, 0, 0, 0];
		let error = DispatchError::decode_from(&bytes[..], metadata.clone()).unwrap();
		let refusal = Refusal::of(&error);
		assert_eq!(refusal.name, "ProverPool.NotInPool");
		assert_eq!(refusal.reason, variant.docs.join(" ").trim());
		for (bytes, name) in [(&[2][..], "BadOrigin"), (&[7, 0], "Token.FundsUnavailable")] {
			let error = DispatchError::decode_from(bytes, metadata.clone()).unwrap();
			assert_eq!(Refusal::of(&error).name, name);
		}
	}

	#[test]
	fn bytes_are_written_and_read() {
		assert_eq!(hex(&[0, 255, 16]), "0x00ff10");
		assert_eq!(from_hex("00fF10"), Some(vec![0, 255, 16]));
		assert_eq!(from_hex(""), Some(vec![]));
		for wrong in ["0", "0g", "0x00", "é0"] {
			assert_eq!(from_hex(wrong), None, "{wrong}");
		}
	}
}
