//! Bytes as text: `0x` and two hexadecimal digits for each.

use alloc::string::String;
use core::fmt::Write;
use serde::{de::Error, Deserialize, Deserializer, Serializer};

pub(crate) fn serialize<S: Serializer, const N: usize>(
	bytes: &[u8; N],
	serializer: S,
) -> Result<S::Ok, S::Error> {
	let mut text = String::from("0x");
	for byte in bytes {
		write!(text, "{byte:02x}").map_err(serde::ser::Error::custom)?;
	}
	serializer.serialize_str(&text)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
	deserializer: D,
) -> Result<[u8; N], D::Error> {
	let text = String::deserialize(deserializer)?;
	parse(&text).ok_or_else(|| D::Error::custom("0x and the hexadecimal digits of all bytes"))
}

fn parse<const N: usize>(text: &str) -> Option<[u8; N]> {
	let digits = text.strip_prefix("0x")?.as_bytes();
	let (pairs, rest) = digits.as_chunks::<2>();
	if pairs.len() != N || !rest.is_empty() {
		return None;
	}
	let mut bytes = [0; N];
	for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
		*byte = digit(*high)? << 4 | digit(*low)?;
	}
	Some(bytes)
}

fn digit(byte: u8) -> Option<u8> {
	u8::try_from(char::from(byte).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn text_is_as_long_as_the_bytes() {
		assert_eq!(parse("0x00fFa1"), Some([0, 0xff, 0xa1]));
		for text in ["", "00ffa1", "0x", "0x00ffa", "0x00ffa100", "0x00ffag", "0x00ff\u{e9}"] {
			assert_eq!(parse::<3>(text), None, "{text}");
		}
	}
}
