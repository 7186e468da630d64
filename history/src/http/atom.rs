//! What happened to an account, as an Atom feed (RFC 4287).

use super::{not_found, typed, Answer, Shared};
use crate::{
	query::{self, Row},
	rows::EventRow,
};
use axum::{
	body::Body,
	extract::{Path, State},
};
use jiff::Timestamp;
use serde_json::Value;

/// The most entries.
const ENTRIES: usize = 100;

pub(super) async fn feed(State(live): State<Shared>, Path(account): Path<String>) -> Answer {
	let name = account.clone();
	let (chain, events) = live.read(move |reader| query::feed(reader, &account, ENTRIES)).await?;
	if events.is_empty() {
		return Err(not_found("the history has no event of this account"));
	}
	let text = atom(&name, &chain.genesis_hash, &chain.name, &events);
	Ok(typed("application/atom+xml; charset=utf-8", Body::from(text)))
}

fn atom(account: &str, genesis: &str, chain: &str, events: &[Row<EventRow>]) -> String {
	let latest = events.first().and_then(|event| event.row.time);
	let mut text = format!(
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n\
		 <id>urn:prover-pool:{}:{}</id>\n<title>{} on {}</title>\n<updated>{}</updated>\n\
		 <author><name>{}</name></author>\n",
		escaped(genesis),
		escaped(account),
		escaped(account),
		escaped(chain),
		date(latest),
		escaped(chain),
	);
	// An entry never changes: events that can be reverted are left out.
	for Row { row, .. } in events.iter().filter(|event| event.is_final) {
		text.push_str(&format!(
			"<entry>\n<id>urn:prover-pool:{}:{}.{}</id>\n<title>{}</title>\n<updated>{}</updated>\n\
			 <content type=\"text\">{}</content>\n</entry>\n",
			escaped(genesis),
			row.block,
			row.idx,
			escaped(&title(row)),
			date(row.time),
			escaped(&content(row)),
		));
	}
	text.push_str("</feed>\n");
	text
}

fn title(event: &EventRow) -> String {
	match event.block_id {
		Some(id) => format!("{}: block {id}", event.name),
		None => event.name.clone(),
	}
}

fn content(event: &EventRow) -> String {
	let fields = event.fields.iter().map(|(name, value)| match value {
		Value::String(text) => format!("{name} {text}"),
		other => format!("{name} {other}"),
	});
	let fields = fields.collect::<Vec<_>>().join(", ");
	format!("{}.{} in block {} of the chain: {fields}", event.pallet, event.name, event.block)
}

/// Returns a time as RFC 3339.
fn date(milliseconds: Option<i64>) -> String {
	let time = Timestamp::from_millisecond(milliseconds.unwrap_or(0));
	time.unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// Returns text for XML, without the characters that XML forbids.
fn escaped(text: &str) -> String {
	let mut escaped = String::with_capacity(text.len());
	for c in text.chars() {
		match c {
			'&' => escaped.push_str("&amp;"),
			'<' => escaped.push_str("&lt;"),
			'>' => escaped.push_str("&gt;"),
			'"' => escaped.push_str("&quot;"),
			'\'' => escaped.push_str("&#39;"),
			'\t' | '\n' => escaped.push(c),
			c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
			c => escaped.push(c),
		}
	}
	escaped
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::Map;

	#[test]
	fn text_of_others_stays_text() {
		assert_eq!(escaped("<a b='c'>\"&\u{1b}\n"), "&lt;a b=&#39;c&#39;&gt;&quot;&amp;\u{fffd}\n");
		let mut fields = Map::new();
		fields.insert("note".into(), "</content><script>".into());
		let row = EventRow {
			block: 7,
			idx: 2,
			time: Some(1_700_000_000_123),
			extrinsic: None,
			pallet: "ProverPool".into(),
			name: "Slashed".into(),
			block_id: Some(3),
			account: Some("5F".into()),
			fields,
		};
		let feed = atom("5F", "0x00", "A & B", &[Row { row, is_final: true }]);
		assert!(!feed.contains("<script>"), "{feed}");
		for part in [
			"<title>5F on A &amp; B</title>",
			"<id>urn:prover-pool:0x00:7.2</id>",
			"<title>Slashed: block 3</title>",
			"<updated>2023-11-14T22:13:20.123Z</updated>",
		] {
			assert!(feed.contains(part), "{part}: {feed}");
		}
	}
}
