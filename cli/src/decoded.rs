//! What the chain reports, decoded with its own description of itself: events and errors by name, for
//! people and for programs. Nothing here knows any pallet.

use crate::{
	chain::{AccountId, At, Config},
	client::Properties,
	Error, Refusal, Result,
};
use scale_info::{form::PortableForm, PortableRegistry, TypeDef, TypeDefPrimitive};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use subxt::{
	error::DispatchError,
	ext::scale_value::{scale, Composite, Primitive, Value, ValueDef},
};

/// An event by its names.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Event {
	/// `Pallet.Event`.
	pub name: String,
	/// Its fields: amounts as strings of base units, accounts as addresses, bytes as `0x…`.
	pub data: Map<String, Json>,
	/// The same for people: amounts in tokens.
	#[serde(skip)]
	pub text: String,
}

impl Event {
	/// Decodes an event of the block after which `at` looks.
	pub fn decode(
		event: &subxt::events::Event<'_, Config>,
		at: &At,
		chain: &Properties,
	) -> Result<Self> {
		let metadata = at.metadata_ref();
		let variant = metadata
			.pallet_by_event_index(event.pallet_index())
			.and_then(|pallet| pallet.event_variant_by_index(event.event_index()));
		let fields = variant.map(|variant| variant.fields.as_slice()).unwrap_or_default();
		let types = metadata.types();
		let mut bytes = event.field_bytes();
		let (mut data, mut text) = (Map::new(), Vec::new());
		for (place, field) in fields.iter().enumerate() {
			let value = scale::decode_as_type(&mut bytes, field.ty.id, types).map_err(|error| {
				Error::Incompatible(format!("an event cannot be decoded: {error}"))
			})?;
			let name = field.name.clone().unwrap_or_else(|| place.to_string());
			text.push(format!("{name} {}", plain(&Show::text(types, chain).value(&value))));
			data.insert(name, Show::json(types, chain).value(&value));
		}
		let name = format!("{}.{}", event.pallet_name(), event.event_name());
		Ok(Self { name, data, text: text.join(", ") })
	}

	/// Whether this pallet reported it.
	pub fn is_of(&self, pallet: &str) -> bool {
		self.name.split('.').next() == Some(pallet)
	}
}

/// How values are shown.
struct Show<'a> {
	types: &'a PortableRegistry,
	chain: &'a Properties,
	/// Whether amounts are shown in tokens.
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

	/// Numbers that are too large for the numbers of JSON are strings. Of those, the ones of 128 bits
	/// are amounts.
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
			// A tuple of one is what is in it.
			Composite::Unnamed(fields) => match fields.as_slice() {
				[single] if !is_list => self.value(single),
				fields => fields.iter().map(|field| self.value(field)).collect(),
			},
		}
	}

	/// The bytes of a value that consists of bytes: an array, a list, or a wrapper of one.
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

/// JSON without the quotes, which say nothing to people.
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
	/// The error of a call, by the name that its pallet gives it.
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

	/// The error that these bytes are.
	pub fn decode(bytes: &[u8], at: &At) -> Result<Self> {
		DispatchError::decode_from(bytes, at.metadata())
			.map(|error| Self::of(&error))
			.map_err(|error| Error::Incompatible(format!("an error cannot be decoded: {error}")))
	}
}

/// Bytes as `0x…`.
pub fn hex(bytes: &[u8]) -> String {
	use std::fmt::Write;
	bytes.iter().fold("0x".to_string(), |mut text, byte| {
		let _ = write!(text, "{byte:02x}");
		text
	})
}

/// Bytes from hexadecimal digits, without `0x`.
pub fn from_hex(digits: &str) -> Option<Vec<u8>> {
	let values: Option<Vec<u8>> =
		digits.chars().map(|digit| digit.to_digit(16).map(|value| value as u8)).collect();
	let values = values.filter(|values| values.len() % 2 == 0)?;
	Some(values.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
