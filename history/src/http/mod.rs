//! The interface for other programs: JSON, CSV, Atom and server-sent events, all of it read-only.
//! `openapi.json` describes it.

mod atom;
mod export;
mod lists;
mod stream;

use crate::{error::Error, live::Live, query};
use axum::{
	body::Body,
	extract::{rejection::QueryRejection, Path, Query, State},
	http::{header, HeaderValue, StatusCode},
	response::{IntoResponse, Response},
	routing::{get, MethodRouter},
	Json, Router,
};
use serde::Serialize;
use std::sync::Arc;

/// The description of the interface.
pub const OPENAPI: &str = include_str!("../../openapi.json");

/// What all answers are read from.
type Shared = Arc<Live>;

/// Returns the paths and what answers them.
fn routes() -> [(&'static str, MethodRouter<Shared>); 13] {
	[
		("/v1/market", get(market)),
		("/v1/fees", get(lists::fees)),
		("/v1/blocks", get(lists::blocks)),
		("/v1/blocks/{id}", get(block)),
		("/v1/provers", get(lists::provers)),
		("/v1/provers/{account}", get(prover)),
		("/v1/provers/{account}/feed.atom", get(atom::feed)),
		("/v1/slashes", get(lists::slashes)),
		("/v1/events", get(lists::events)),
		("/v1/summaries", get(lists::summaries)),
		("/v1/summaries/provers", get(lists::prover_summaries)),
		("/v1/live", get(stream::live)),
		("/v1/openapi.json", get(openapi)),
	]
}

/// Returns the paths of the interface.
pub fn paths() -> Vec<&'static str> {
	routes().into_iter().map(|(path, _)| path).collect()
}

/// Returns the interface.
pub fn router(live: Shared) -> Router {
	let router = routes().into_iter().fold(Router::new(), |router, (path, method)| {
		// Only GET and HEAD.
		router.route(path, method)
	});
	router
		.method_not_allowed_fallback(|| async {
			Refused::new(StatusCode::METHOD_NOT_ALLOWED, "the history is read-only: use GET")
		})
		.layer(axum::middleware::map_response(|mut response: Response| async {
			let value = HeaderValue::from_static("no-store");
			response.headers_mut().insert(header::CACHE_CONTROL, value);
			response
		}))
		.with_state(live)
}

/// An answer that is an error, in one sentence.
struct Refused {
	status: StatusCode,
	text: String,
}

impl Refused {
	fn new(status: StatusCode, text: impl Into<String>) -> Self {
		Self { status, text: text.into() }
	}
}

#[derive(Serialize)]
struct Report<'a> {
	error: &'a str,
}

impl IntoResponse for Refused {
	fn into_response(self) -> Response {
		(self.status, Json(Report { error: &self.text })).into_response()
	}
}

type Answer<T = Response> = Result<T, Refused>;

fn not_found(error: &str) -> Refused {
	Refused::new(StatusCode::NOT_FOUND, error)
}

fn bad_request(error: &str) -> Refused {
	Refused::new(StatusCode::BAD_REQUEST, error)
}

impl From<Error> for Refused {
	fn from(error: Error) -> Self {
		let status = match error {
			Error::Query(_) => StatusCode::BAD_REQUEST,
			_ => StatusCode::INTERNAL_SERVER_ERROR,
		};
		Self::new(status, error.to_string())
	}
}

impl From<QueryRejection> for Refused {
	fn from(rejection: QueryRejection) -> Self {
		bad_request(&rejection.body_text())
	}
}

/// The parameters of a path that has none.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn market(
	State(live): State<Shared>,
	nothing: Result<Query<Nothing>, QueryRejection>,
) -> Answer {
	nothing?;
	Ok(Json(live.read(query::market).await?).into_response())
}

async fn block(State(live): State<Shared>, Path(id): Path<String>) -> Answer {
	let id: u64 = id.parse().map_err(|_| bad_request("the id of a block is a number"))?;
	let detail = live.read(move |reader| query::block(reader, id)).await?;
	let detail = detail.ok_or_else(|| not_found("the history has no block with this id"))?;
	Ok(Json(detail).into_response())
}

async fn prover(State(live): State<Shared>, Path(account): Path<String>) -> Answer {
	let detail = live.read(move |reader| query::prover(reader, &account)).await?;
	let detail = detail.ok_or_else(|| {
		not_found("the history has no prover with this address: use the prefix of this chain")
	})?;
	Ok(Json(detail).into_response())
}

async fn openapi() -> Response {
	typed("application/json", Body::from(OPENAPI))
}

fn typed(kind: &'static str, body: Body) -> Response {
	let mut response = Response::new(body);
	response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
	response
}
