//! What happens, as server-sent events.

use super::{Answer, Refused, Shared};
use crate::{live::News, query};
use axum::{
	extract::State,
	http::StatusCode,
	response::{
		sse::{Event, KeepAlive, Sse},
		IntoResponse,
	},
};
use futures::{stream, StreamExt};
use serde::Serialize;
use serde_json::json;
use std::convert::Infallible;
use tokio::sync::broadcast::{error::RecvError, Receiver};

/// The most receivers at once.
const MAX_RECEIVERS: usize = 256;

pub(super) async fn live(State(live): State<Shared>) -> Answer {
	if live.receivers() >= MAX_RECEIVERS {
		let text = "too many clients follow the history: close some, or try again later";
		return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, text));
	}
	// Before the position is read, so nothing is lost in between.
	let news = live.subscribe();
	let position = live.read(|reader| reader.read(query::position)).await?;
	let first = stream::iter([message("position", &position)]);
	let stream = first.chain(stream::unfold(news, next)).map(Ok::<_, Infallible>);
	Ok(Sse::new(stream).keep_alive(KeepAlive::default()).into_response())
}

async fn next(mut news: Receiver<News>) -> Option<(Event, Receiver<News>)> {
	let event = match news.recv().await {
		Ok(News::Position(position)) => message("position", &position),
		Ok(News::Event(row)) => message("event", &row),
		Ok(News::Reverted(to_block)) => message("reverted", &json!({ "to_block": to_block })),
		Err(RecvError::Lagged(left_out)) => message("behind", &json!({ "left_out": left_out })),
		Err(RecvError::Closed) => return None,
	};
	Some((event, news))
}

/// Returns a message. JSON on one line has no line breaks: in strings they are escaped.
fn message(name: &str, data: &impl Serialize) -> Event {
	let data = serde_json::to_string(data).unwrap_or_default();
	Event::default().event(name).data(data)
}
