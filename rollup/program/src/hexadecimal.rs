//! Bytes as hexadecimal digits with `0x`.

use serde::{de::Error, Deserialize, Deserializer};

/// Returns the digits.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
	format!("0x{}", hex::encode(bytes))
}

/// Deserialises bytes of any length, or of that of an array.
pub fn deserialize<'de, D: Deserializer<'de>, T: TryFrom<Vec<u8>>>(from: D) -> Result<T, D::Error> {
	let text = String::deserialize(from)?;
	let digits = text.strip_prefix("0x").ok_or_else(|| D::Error::custom("no 0x"))?;
	let bytes = hex::decode(digits).map_err(D::Error::custom)?;
	let length = bytes.len();
	bytes.try_into().map_err(|_| D::Error::custom(format!("{length} bytes are a wrong number")))
}
