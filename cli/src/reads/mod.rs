//! Typed reads of the chain. Each function takes the block after which it reads, so several answers
//! are consistent.

pub mod clock;
pub mod finalized;
pub mod pace;
pub mod pool;
pub mod rollup;
pub mod tokens;

use crate::Result;

/// The number of entries in a page of a list.
const PAGE: u32 = 500;

/// Reads a list to its end, page by page. `page` gets the last entry that was read, if any.
async fn whole<T>(mut page: impl AsyncFnMut(Option<&T>) -> Result<Vec<T>>) -> Result<Vec<T>> {
	let mut all = Vec::new();
	loop {
		let next = page(all.last()).await?;
		if next.is_empty() {
			return Ok(all);
		}
		all.extend(next);
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use futures::executor::block_on;

	#[test]
	fn lists_of_any_length_are_read_to_their_end() {
		for length in 0..=7u32 {
			for size in 1..=8 {
				let list: Vec<u32> = (10..10 + length).collect();
				let mut asked = 0;
				let read = whole(async |last: Option<&u32>| {
					asked += 1;
					let start = last.map_or(0, |last| last + 1);
					Ok(list.iter().copied().filter(|it| *it >= start).take(size).collect())
				});
				assert_eq!(block_on(read).unwrap(), list);
				// The last page is empty.
				assert_eq!(asked, (length as usize).div_ceil(size) + 1);
			}
		}
	}

	#[test]
	fn a_page_that_is_missing_leaves_no_list() {
		let read = whole(async |last: Option<&u32>| match last {
			None => Ok(vec![1, 2]),
			Some(_) => Err(crate::Error::Connection("lost".into())),
		});
		assert_eq!(block_on(read).unwrap_err().exit_code(), 3);
	}
}
