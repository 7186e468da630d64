//! `history`: what happened, from a file.

use crate::{
	args::{history::HistoryArgs, Global},
	decoded::Event,
	output::{write_line, Format},
	sentences, ss58, Error, Result,
};
use jiff::{civil, tz::TimeZone, SignedDuration, Timestamp};
use prover_pool_history::{
	column::Amount,
	csv,
	query::{self, Events, Paging, Range, Row, MAX_LIMIT},
	rows::EventRow,
	Chain, Reader,
};
use serde_json::Value;

/// How many events are shown if no time is given.
const LATEST: u64 = 100;

/// Shows events, the latest first, as they are read: memory is bounded.
pub fn run(global: &Global, args: HistoryArgs) -> Result<()> {
	let reader = Reader::open(&args.db.file)?;
	let chain = reader.chain()?;
	// Development chains have a clock of their own.
	let now = reader.last()?.and_then(|last| last.time).unwrap_or_default();
	let now = Timestamp::from_millisecond(now).unwrap_or_default();
	let time = |text: &Option<String>| text.as_deref().map(|text| time(text, now));
	let range =
		Range { since: time(&args.since).transpose()?, until: time(&args.until).transpose()? };
	let account = match &args.account {
		Some(text) => {
			Some(ss58::encode(&ss58::decode(text, chain.ss58_prefix)?, chain.ss58_prefix))
		},
		None => None,
	};
	let mut left = args.limit.unwrap_or(if range.since.is_some() { u64::MAX } else { LATEST });
	let which = Events { account, block_id: None, range };
	let mut out = Output { format: global.output, chain: &chain, written: 0 };
	out.begin()?;
	let mut cursor = None;
	while left > 0 {
		let limit = usize::try_from(left).unwrap_or(MAX_LIMIT).min(MAX_LIMIT);
		let page = query::events(&reader, &which, &Paging { limit, cursor })?;
		for row in &page.items {
			out.event(row)?;
		}
		left -= page.items.len() as u64;
		cursor = page.next;
		if cursor.is_none() {
			break;
		}
	}
	out.end()
}

/// Writes events in a form.
struct Output<'a> {
	format: Format,
	chain: &'a Chain,
	written: u64,
}

impl Output<'_> {
	fn begin(&mut self) -> Result<()> {
		match self.format {
			Format::Csv => write_line(csv::header::<EventRow>().trim_end()),
			Format::Table | Format::Json => Ok(()),
		}
	}

	fn event(&mut self, row: &Row<EventRow>) -> Result<()> {
		self.written += 1;
		match self.format {
			Format::Table => write_line(&line(self.chain, &row.row)),
			Format::Csv => write_line(csv::row(&row.row).trim_end()),
			Format::Json => {
				let json = serde_json::to_string(row);
				write_line(&json.map_err(|error| Error::Internal(format!("no JSON: {error}")))?)
			},
		}
	}

	fn end(&self) -> Result<()> {
		match self.format {
			Format::Table if self.written == 0 => write_line("The history has no such events."),
			_ => Ok(()),
		}
	}
}

/// Returns an event in one line for people.
fn line(chain: &Chain, row: &EventRow) -> String {
	let time = row.time.and_then(|time| Timestamp::from_millisecond(time).ok());
	let time =
		time.map_or_else(|| "-".repeat(19), |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string());
	let EventRow { block, pallet, name, fields, .. } = row;
	let shown = |(name, value): (&String, &Value)| (name.clone(), in_tokens(chain, value));
	let event = Event {
		name: format!("{pallet}.{name}"),
		data: fields.clone(),
		for_people: fields.iter().map(shown).collect(),
	};
	format!("{time}  #{block}  {}: {}", event.name, sentences::of(&event))
}

/// Amounts are strings of digits: no other field is.
fn in_tokens(chain: &Chain, value: &Value) -> Value {
	let amount = value.as_str().and_then(|text| text.parse().ok());
	amount.map_or_else(|| value.clone(), |amount| chain.tokens(Amount(amount)).into())
}

/// Returns a time in milliseconds since 1970: a date, a time with its zone, or a span before the last block.
fn time(text: &str, now: Timestamp) -> Result<i64> {
	if let Ok(time) = text.parse::<Timestamp>() {
		return Ok(time.as_millisecond());
	}
	if let Ok(date) = text.parse::<civil::Date>() {
		let midnight = date.to_zoned(TimeZone::UTC);
		return Ok(midnight.map_err(|error| wrong(text, &error))?.timestamp().as_millisecond());
	}
	let span = before(text).ok_or_else(|| wrong(text, &"it is none of these"))?;
	let time = now.checked_sub(span).map_err(|error| wrong(text, &error))?;
	Ok(time.as_millisecond())
}

fn wrong(text: &str, reason: &dyn std::fmt::Display) -> Error {
	Error::Usage(format!(
		"`{text}` is not a time ({reason}): write `2026-11-30`, `2026-11-30T12:00:00Z`, `3 days`, `12 hours` or \
		 `30 minutes`"
	))
}

/// Returns a span: `3 days`, `12h`.
fn before(text: &str) -> Option<SignedDuration> {
	let text = text.trim();
	let digits = text.find(|c: char| !c.is_ascii_digit())?;
	let (number, unit) = text.split_at(digits);
	let number: i64 = number.parse().ok()?;
	let seconds = match unit.trim() {
		"d" | "day" | "days" => 86_400,
		"h" | "hour" | "hours" => 3_600,
		"m" | "min" | "minute" | "minutes" => 60,
		_ => return None,
	};
	Some(SignedDuration::from_secs(number.checked_mul(seconds)?))
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::{json, Map};

	#[test]
	fn times_are_dates_moments_or_spans() {
		let now: Timestamp = "2026-11-30T16:00:00Z".parse().unwrap();
		for (text, expected) in [
			("2026-11-30", "2026-11-30T00:00:00Z"),
			("2026-11-30T12:00:00Z", "2026-11-30T12:00:00Z"),
			("2026-11-30T12:00:00+02:00", "2026-11-30T10:00:00Z"),
			("3 days", "2026-11-27T16:00:00Z"),
			("1 day", "2026-11-29T16:00:00Z"),
			("12h", "2026-11-30T04:00:00Z"),
			("30 minutes", "2026-11-30T15:30:00Z"),
		] {
			let expected: Timestamp = expected.parse().unwrap();
			assert_eq!(time(text, now).unwrap(), expected.as_millisecond(), "{text}");
		}
		for text in
			["", "yesterday", "3", "days", "3 weeks", "2026-13-01", "99999999999999999 days"]
		{
			assert_eq!(time(text, now).unwrap_err().exit_code(), 2, "{text}");
		}
	}

	#[test]
	fn an_event_is_a_line_with_its_time_and_tokens() {
		let chain = Chain {
			name: "Chain".into(),
			genesis_hash: "0xaa".into(),
			symbol: "UNIT".into(),
			decimals: 12,
			ss58_prefix: 42,
		};
		let Value::Object(fields) = json!({ "who": "5Fa", "amount": "1500000000000" }) else {
			unreachable!()
		};
		let row = EventRow {
			block: 7,
			idx: 1,
			time: Some(1_700_000_000_123),
			extrinsic: None,
			pallet: "ProverPool".into(),
			name: "StakeIncreased".into(),
			block_id: None,
			account: None,
			fields,
		};
		assert_eq!(
			line(&chain, &row),
			"2023-11-14 22:13:20  #7  ProverPool.StakeIncreased: 5Fa added 1.5 UNIT to its stake"
		);
		let row = EventRow { time: None, fields: Map::new(), ..row };
		assert!(line(&chain, &row).starts_with("-------------------  #7  "));
	}
}
