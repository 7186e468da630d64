//! The types of the queries, for py-substrate-interface. It reads metadata V14, which has no runtime APIs.

use codec::Decode;
use frame_metadata::{v16::RuntimeMetadataV16, RuntimeMetadata, RuntimeMetadataPrefixed};
use scale_info::{
	form::PortableForm, Field, PortableRegistry, Type, TypeDef, TypeDefPrimitive, Variant,
};
use serde_json::{json, Map, Value};

/// The runtime APIs of this repository. Those of the SDK come with the library.
const APIS: [&str; 4] =
	["AttestationApi", "BlockProposalApi", "ProverPoolApi", "SuccinctProofsApi"];

/// Returns the registry of types that `SubstrateInterface(type_registry=…)` takes, as JSON, from encoded metadata.
pub fn of(metadata: &[u8]) -> String {
	let decoded = RuntimeMetadataPrefixed::decode(&mut &metadata[..]).expect("metadata decodes");
	let RuntimeMetadata::V16(RuntimeMetadataV16 { types, apis, .. }) = decoded.1 else {
		panic!("metadata is of another version");
	};
	let apis: Map<_, _> = apis
		.iter()
		.filter(|api| APIS.contains(&api.name.as_str()))
		.map(|api| {
			let prefix = api.name.trim_end_matches("Api");
			let mut names = Names { prefix, registry: &types, types: Map::new() };
			let methods: Map<_, _> = api
				.methods
				.iter()
				.map(|method| {
					let params: Vec<_> = method
						.inputs
						.iter()
						.map(|input| json!({ "name": input.name, "type": names.of(input.ty.id) }))
						.collect();
					let output = names.of(method.output.id);
					(method.name.clone(), json!({ "params": params, "type": output }))
				})
				.collect();
			(api.name.clone(), json!({ "methods": methods, "types": names.types }))
		})
		.collect();
	assert!(!apis.is_empty(), "the metadata has none of these APIs");
	let registry = json!({ "runtime_api": apis, "types": {} });
	serde_json::to_string_pretty(&registry).expect("JSON can be written") + "\n"
}

/// The library's names of types, and the definitions of those that it does not know.
struct Names<'a> {
	/// What its names begin with, apart from those of the library and of other APIs.
	prefix: &'a str,
	registry: &'a PortableRegistry,
	types: Map<String, Value>,
}

impl Names<'_> {
	fn of(&mut self, id: u32) -> String {
		let ty = self.registry.resolve(id).expect("every type is registered");
		let path: Vec<_> = ty.path.segments.iter().map(String::as_str).collect();
		match (path.as_slice(), &ty.type_def) {
			([.., "AccountId32"], _) => "AccountId".into(),
			([.., name @ ("U256" | "H256")], _) => (*name).into(),
			(["Option"], _) => format!("Option<{}>", self.parameter(ty)),
			(_, TypeDef::Primitive(primitive)) => primitive_name(primitive).into(),
			(_, TypeDef::Sequence(list)) => format!("Vec<{}>", self.of(list.type_param.id)),
			(_, TypeDef::Array(array)) => {
				format!("[{}; {}]", self.of(array.type_param.id), array.len)
			},
			(_, TypeDef::Tuple(tuple)) => self.tuple(tuple.fields.iter().map(|ty| ty.id)),
			// A type around another, such as `Perbill`.
			(_, TypeDef::Composite(it)) if it.fields.iter().all(|field| field.name.is_none()) => {
				self.tuple(it.fields.iter().map(|field| field.ty.id))
			},
			(_, TypeDef::Composite(it)) => {
				let name = self.definition_name(&path);
				self.define(&name, |names| names.fields(&it.fields));
				name
			},
			(_, TypeDef::Variant(it)) => {
				let name = match path.as_slice() {
					["Result"] => format!("{}Result", self.parameter(ty)),
					path => self.definition_name(path),
				};
				self.define(&name, |names| names.variants(&name, &it.variants));
				name
			},
			(_, other) => panic!("{}: no name for {other:?}", ty.path),
		}
	}

	fn definition_name(&self, path: &[&str]) -> String {
		format!("{}{}", self.prefix, path.last().expect("the type has a name"))
	}

	/// Returns the name of the first type that a generic one is of.
	fn parameter(&mut self, generic: &Type<PortableForm>) -> String {
		let parameter = generic.type_params.first().and_then(|parameter| parameter.ty);
		self.of(parameter.expect("the type is generic").id)
	}

	fn tuple(&mut self, ids: impl Iterator<Item = u32>) -> String {
		let names: Vec<_> = ids.map(|id| self.of(id)).collect();
		match names.as_slice() {
			[] => "Null".into(),
			[one] => one.clone(),
			several => format!("({})", several.join(", ")),
		}
	}

	/// Defines a type, unless it is defined.
	fn define(&mut self, name: &str, definition: impl FnOnce(&mut Self) -> Value) {
		if !self.types.contains_key(name) {
			let definition = definition(self);
			self.types.insert(name.into(), definition);
		}
	}

	fn fields(&mut self, fields: &[Field<PortableForm>]) -> Value {
		let mapping: Vec<_> = fields
			.iter()
			.map(|field| json!([field.name.clone().expect("named"), self.of(field.ty.id)]))
			.collect();
		json!({ "type": "struct", "type_mapping": mapping })
	}

	/// The library numbers variants by their place.
	fn variants(&mut self, of: &str, variants: &[Variant<PortableForm>]) -> Value {
		let mapping: Vec<_> = variants
			.iter()
			.enumerate()
			.map(|(place, variant)| {
				assert_eq!(usize::from(variant.index), place, "{of} has gaps");
				let named = variant.fields.iter().any(|field| field.name.is_some());
				let content = if named {
					let name = format!("{of}{}", variant.name);
					self.define(&name, |names| names.fields(&variant.fields));
					name
				} else {
					self.tuple(variant.fields.iter().map(|field| field.ty.id))
				};
				json!([variant.name, content])
			})
			.collect();
		json!({ "type": "enum", "type_mapping": mapping })
	}
}

fn primitive_name(primitive: &TypeDefPrimitive) -> &'static str {
	match primitive {
		TypeDefPrimitive::Bool => "bool",
		TypeDefPrimitive::U8 => "u8",
		TypeDefPrimitive::U16 => "u16",
		TypeDefPrimitive::U32 => "u32",
		TypeDefPrimitive::U64 => "u64",
		TypeDefPrimitive::U128 => "u128",
		TypeDefPrimitive::Str => "Text",
		other => panic!("no name for {other:?}"),
	}
}
