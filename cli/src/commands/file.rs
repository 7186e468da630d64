//! Input files.

use std::io::{Read, Result};

/// Reads up to `most` bytes; `None` if there are more.
pub fn bounded(input: impl Read, most: u64) -> Result<Option<Vec<u8>>> {
	let mut content = Vec::new();
	input.take(most.saturating_add(1)).read_to_end(&mut content)?;
	Ok((content.len() as u64 <= most).then_some(content))
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::io::repeat;

	#[test]
	fn long_input_is_not_read_whole() {
		for (content, read) in [("", true), ("abc", true), ("abcd", false)] {
			let expected = read.then(|| content.as_bytes().to_vec());
			assert_eq!(bounded(content.as_bytes(), 3).unwrap(), expected);
		}
		assert_eq!(bounded(repeat(0), 3).unwrap(), None);
	}
}
