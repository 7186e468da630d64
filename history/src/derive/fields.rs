//! The fields of an event.

use super::{Derived, Failure};
use crate::{block::Event, column::Amount};
use serde_json::Value;

/// The fields of an event, by name.
#[derive(Clone, Copy)]
pub struct Fields<'a>(pub &'a Event);

impl<'a> Fields<'a> {
	/// Returns the index of the event.
	pub fn index(self) -> u32 {
		self.0.index
	}

	fn value(self, name: &str) -> Derived<&'a Value> {
		let value = self.0.fields.get(name);
		value.ok_or_else(|| Failure::Unknown(format!("it has no field `{name}`")))
	}

	fn read<T>(self, name: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Derived<T> {
		let value = self.value(name)?;
		read(value).ok_or_else(|| Failure::Unknown(format!("its field `{name}` is {value}")))
	}

	/// Returns an amount in base units.
	pub fn amount(self, name: &str) -> Derived<Amount> {
		self.read(name, |value| match value {
			Value::String(text) => text.parse().ok().map(Amount),
			other => other.as_u64().map(|it| Amount(it.into())),
		})
	}

	/// Returns a number. Those that SQLite cannot store are refused.
	pub fn long(self, name: &str) -> Derived<u64> {
		self.read(name, |value| value.as_u64().filter(|it| i64::try_from(*it).is_ok()))
	}

	/// Returns a number of 32 bits.
	pub fn number(self, name: &str) -> Derived<u32> {
		self.read(name, |value| value.as_u64()?.try_into().ok())
	}

	/// Returns text: an account, a hash, a variant without fields.
	pub fn text(self, name: &str) -> Derived<&'a str> {
		self.read(name, Value::as_str)
	}

	/// Returns a truth value.
	pub fn truth(self, name: &str) -> Derived<bool> {
		self.read(name, Value::as_bool)
	}

	/// Returns whether an optional field is there.
	pub fn is_set(self, name: &str) -> Derived<bool> {
		self.value(name).map(|value| !value.is_null())
	}

	/// Returns an optional number.
	pub fn optional_long(self, name: &str) -> Derived<Option<u64>> {
		if self.is_set(name)? {
			self.long(name).map(Some)
		} else {
			Ok(None)
		}
	}

	/// Returns a value as JSON.
	pub fn json(self, name: &str) -> Derived<String> {
		self.value(name).map(Value::to_string)
	}

	/// Returns the innermost name of a variant: `EmptyPool` of `{"Drawn": "EmptyPool"}`.
	pub fn variant(self, name: &str) -> Derived<String> {
		self.read(name, |value| {
			let mut value = value;
			loop {
				match value {
					Value::String(text) => return Some(text.clone()),
					Value::Object(fields) => {
						let (variant, inner) = fields.iter().next()?;
						if !matches!(inner, Value::String(_) | Value::Object(_)) {
							return Some(variant.clone());
						}
						value = inner;
					},
					_ => return None,
				}
			}
		})
	}
}
