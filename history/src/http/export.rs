//! Whole lists as CSV: read page by page while they are sent, so that memory is bounded.

use super::{typed, Shared};
use crate::{
	csv,
	query::{FeePoint, Page, Paging, MAX_LIMIT},
	Reader,
};
use axum::{body::Body, response::Response};
use futures::stream;

/// What is still to be sent.
enum Rest {
	/// The rows from this cursor on.
	From(Option<String>),
	/// Nothing.
	Nothing,
}

pub(super) fn csv<T: Send + 'static>(
	live: Shared,
	header: String,
	row: fn(&T) -> String,
	list: impl Fn(&Reader, &Paging) -> crate::Result<Page<T>> + Clone + Send + 'static,
) -> Response {
	let pages = stream::try_unfold(Rest::From(None), move |rest| {
		let (live, list) = (live.clone(), list.clone());
		async move {
			let Rest::From(cursor) = rest else { return Ok(None) };
			let paging = Paging { limit: MAX_LIMIT, cursor };
			let page = live.read(move |reader| list(reader, &paging)).await;
			// An error closes the connection, so the client sees that the file is not complete.
			let Page { items, next, .. } = page.map_err(std::io::Error::other)?;
			let text: String = items.iter().map(row).collect();
			let rest = next.map_or(Rest::Nothing, |next| Rest::From(Some(next)));
			Ok(Some((text, rest)))
		}
	});
	let header = stream::iter([Ok::<_, std::io::Error>(header)]);
	typed("text/csv; charset=utf-8", Body::from_stream(futures::StreamExt::chain(header, pages)))
}

pub(super) fn fee_header() -> String {
	let columns = ["kind", "block", "time", "price", "block_id", "window"];
	csv::line(columns.into_iter().map(String::from))
}

pub(super) fn fee_point(point: &FeePoint) -> String {
	let optional = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
	let values = [
		point.kind.to_string(),
		point.at.block.to_string(),
		point.at.time.map_or_else(String::new, |time| time.to_string()),
		point.price.to_string(),
		optional(point.block_id),
		optional(point.window),
	];
	csv::line(values.into_iter())
}
