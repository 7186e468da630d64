//! The lists: their parameters, and their forms.

use super::{bad_request, export, Answer, Refused, Shared};
use crate::{
	csv,
	query::{
		self, BlockState, Blocks, Events, Page, Paging, Range, Sort, DEFAULT_LIMIT, MAX_LIMIT,
	},
	rows::{
		EventRow, Period, Prover, ProverSummary, RollupBlock, Slash, SlashState, Status, Summary,
	},
	Reader,
};
use axum::{
	extract::{rejection::QueryRejection, Query, State},
	response::{IntoResponse, Response},
	Json,
};
use serde::{Deserialize, Serialize};

/// The parameters of all lists. Each list takes some of them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameters {
	limit: Option<usize>,
	cursor: Option<String>,
	format: Option<String>,
	since: Option<i64>,
	until: Option<i64>,
	status: Option<String>,
	state: Option<String>,
	prover: Option<String>,
	proposer: Option<String>,
	account: Option<String>,
	block_id: Option<u64>,
	sort: Option<String>,
	period: Option<String>,
}

type Given = Result<Query<Parameters>, QueryRejection>;

impl Parameters {
	/// Returns the parameters, if they are among those that the list takes.
	fn given(given: Given, taken: &[&str]) -> Answer<Self> {
		let Query(parameters) = given?;
		let named = [
			("since", parameters.since.is_some()),
			("until", parameters.until.is_some()),
			("status", parameters.status.is_some()),
			("state", parameters.state.is_some()),
			("prover", parameters.prover.is_some()),
			("proposer", parameters.proposer.is_some()),
			("account", parameters.account.is_some()),
			("block_id", parameters.block_id.is_some()),
			("sort", parameters.sort.is_some()),
			("period", parameters.period.is_some()),
		];
		match named.iter().find(|(name, is_given)| *is_given && !taken.contains(name)) {
			Some((name, _)) => Err(bad_request(&format!("this list takes no parameter `{name}`"))),
			None => Ok(parameters),
		}
	}

	fn paging(&self) -> Answer<Paging> {
		let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
		if !(1..=MAX_LIMIT).contains(&limit) {
			return Err(bad_request(&format!("`limit` is between 1 and {MAX_LIMIT}")));
		}
		Ok(Paging { limit, cursor: self.cursor.clone() })
	}

	fn range(&self) -> Range {
		Range { since: self.since, until: self.until }
	}

	fn period(&self) -> Answer<Period> {
		one_of("period", self.period.as_deref().unwrap_or("hour"), Period::of)
	}

	fn is_csv(&self) -> Answer<bool> {
		match self.format.as_deref() {
			None | Some("json") => Ok(false),
			Some("csv") if self.cursor.is_some() || self.limit.is_some() => {
				Err(bad_request("CSV has all rows: it takes neither `cursor` nor `limit`"))
			},
			Some("csv") => Ok(true),
			Some(other) => Err(unknown("format", other)),
		}
	}
}

fn unknown(name: &str, value: &str) -> Refused {
	bad_request(&format!("`{name}` cannot be `{value}`: see /v1/openapi.json"))
}

fn one_of<T>(name: &str, value: &str, of: impl Fn(&str) -> Option<T>) -> Answer<T> {
	of(value).ok_or_else(|| unknown(name, value))
}

/// Answers with a page as JSON, or with all rows as CSV.
async fn answer<T: Serialize + Send + 'static>(
	live: Shared,
	parameters: &Parameters,
	header: String,
	row: fn(&T) -> String,
	list: impl Fn(&Reader, &Paging) -> crate::Result<Page<T>> + Clone + Send + 'static,
) -> Answer {
	if parameters.is_csv()? {
		return Ok(export::csv(live, header, row, list));
	}
	let paging = parameters.paging()?;
	let page = live.read(move |reader| list(reader, &paging)).await?;
	Ok(json(page))
}

fn json<T: Serialize>(page: Page<T>) -> Response {
	Json(page).into_response()
}

pub(super) async fn fees(State(live): State<Shared>, given: Given) -> Answer {
	let parameters = Parameters::given(given, &["since", "until"])?;
	let range = parameters.range();
	let list = move |reader: &Reader, paging: &Paging| query::fees(reader, range, paging);
	answer(live, &parameters, export::fee_header(), export::fee_point, list).await
}

pub(super) async fn blocks(State(live): State<Shared>, given: Given) -> Answer {
	let parameters = Parameters::given(given, &["status", "prover", "proposer"])?;
	let state = |text: &str| match text {
		"waiting" => Some(BlockState::Waiting),
		"settled" => Some(BlockState::Settled),
		text => Status::of(text).map(BlockState::Of),
	};
	let status = parameters.status.as_deref().map(|text| one_of("status", text, state));
	let (prover, proposer) = (parameters.prover.clone(), parameters.proposer.clone());
	let which = Blocks { status: status.transpose()?, prover, proposer };
	let list = move |reader: &Reader, paging: &Paging| query::blocks(reader, &which, paging);
	let header = csv::header::<RollupBlock>();
	answer(live, &parameters, header, |row: &query::Row<RollupBlock>| csv::row(&row.row), list)
		.await
}

pub(super) async fn provers(State(live): State<Shared>, given: Given) -> Answer {
	let parameters = Parameters::given(given, &["status", "sort"])?;
	let status = match parameters.status.as_deref() {
		Some(text) => Some(one_of("status", text, crate::rows::Membership::of)?.text()),
		None => None,
	};
	let sort = |text: &str| {
		Some(match text {
			"account" => Sort::Account,
			"assigned" => Sort::Highest("assigned"),
			"served" => Sort::Highest("served"),
			"missed" => Sort::Highest("missed"),
			"rescued" => Sort::Highest("rescued"),
			"last_seen" => Sort::Highest("last_seen_block"),
			_ => return None,
		})
	};
	let sort = one_of("sort", parameters.sort.as_deref().unwrap_or("account"), sort)?;
	let list = move |reader: &Reader, paging: &Paging| query::provers(reader, status, sort, paging);
	let header = csv::header::<Prover>();
	answer(live, &parameters, header, |row: &query::Row<Prover>| csv::row(&row.row), list).await
}

pub(super) async fn slashes(State(live): State<Shared>, given: Given) -> Answer {
	let parameters = Parameters::given(given, &["account", "state"])?;
	let state = parameters.state.as_deref().map(|text| one_of("state", text, SlashState::of));
	let (account, state) = (parameters.account.clone(), state.transpose()?);
	let list = move |reader: &Reader, paging: &Paging| {
		query::slashes(reader, account.as_deref(), state, paging)
	};
	let header = csv::header::<Slash>();
	answer(live, &parameters, header, |row: &query::Row<Slash>| csv::row(&row.row), list).await
}

pub(super) async fn events(State(live): State<Shared>, given: Given) -> Answer {
	let parameters = Parameters::given(given, &["account", "block_id", "since", "until"])?;
	let (account, block_id) = (parameters.account.clone(), parameters.block_id);
	let which = Events { account, block_id, range: parameters.range() };
	let list = move |reader: &Reader, paging: &Paging| query::events(reader, &which, paging);
	let header = csv::header::<EventRow>();
	answer(live, &parameters, header, |row: &query::Row<EventRow>| csv::row(&row.row), list).await
}

pub(super) async fn summaries(State(live): State<Shared>, given: Given) -> Answer {
	let parameters = Parameters::given(given, &["period", "since", "until"])?;
	let (period, range) = (parameters.period()?, parameters.range());
	let list =
		move |reader: &Reader, paging: &Paging| query::summaries(reader, period, range, paging);
	let header = csv::header::<Summary>();
	answer(live, &parameters, header, |row: &query::OfPeriod<Summary>| csv::row(&row.row), list)
		.await
}

pub(super) async fn prover_summaries(State(live): State<Shared>, given: Given) -> Answer {
	let parameters = Parameters::given(given, &["period", "account", "since", "until"])?;
	let (period, range) = (parameters.period()?, parameters.range());
	let account = parameters.account.clone();
	let list = move |reader: &Reader, paging: &Paging| {
		query::prover_summaries(reader, period, account.as_deref(), range, paging)
	};
	let header = csv::header::<ProverSummary>();
	let row = |row: &query::OfPeriod<ProverSummary>| csv::row(&row.row);
	answer(live, &parameters, header, row, list).await
}
