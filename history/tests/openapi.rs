//! `openapi.json` describes the routes, and every answer is as it says.

mod common;

use axum::{
	body::Body,
	http::{header, Method, Request, StatusCode},
	Router,
};
use common::*;
use http_body_util::BodyExt;
use prover_pool_history::{block::Block, http, Live};
use serde_json::{json, Value};
use std::{collections::BTreeSet, sync::Arc};
use tower::ServiceExt;

/// A market with blocks of all kinds, the last of them not finalized.
struct Served {
	_folder: Folder,
	router: Router,
	live: Arc<Live>,
	blocks: Vec<Block>,
}

fn served() -> Served {
	let mut market = Market::new(5, 2, 4);
	let mut blocks: Vec<_> = (0..120).map(|_| market.next(900_000)).collect();
	// Text of others.
	blocks[99].events[0].fields.insert("note".into(), "</script>\u{1b}[2J".into());
	blocks[99].undecoded = Some("one event is of another layout".into());
	let folder = Folder::with(&blocks[..110]);
	let live = Arc::new(Live::open(&folder.file()).unwrap());
	live.set_best(110, blocks[110..].to_vec()).unwrap();
	let router = http::router(live.clone());
	Served { _folder: folder, router, live, blocks }
}

async fn ask(router: &Router, method: Method, path: &str) -> (StatusCode, String, String) {
	let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
	let response = router.clone().oneshot(request).await.unwrap();
	let status = response.status();
	let kind = response.headers().get(header::CONTENT_TYPE).map(|it| it.to_str().unwrap().into());
	let body = response.into_body().collect().await.unwrap().to_bytes();
	(status, kind.unwrap_or_default(), String::from_utf8(body.to_vec()).unwrap())
}

async fn get(router: &Router, path: &str) -> Value {
	let (status, kind, body) = ask(router, Method::GET, path).await;
	assert_eq!((status, kind.as_str()), (StatusCode::OK, "application/json"), "{path}: {body}");
	serde_json::from_str(&body).unwrap()
}

/// The description, which is read for each check.
struct Described(Value);

impl Described {
	fn new() -> Self {
		Self(serde_json::from_str(http::OPENAPI).unwrap())
	}

	fn schema(&self, path: &str, status: &str) -> &Value {
		let response = &self.0["paths"][path]["get"]["responses"][status];
		let schema = &response["content"]["application/json"]["schema"];
		assert!(schema.is_object(), "{path} has no schema of {status}");
		schema
	}

	/// Checks a value against a schema. Every keyword that is used is known here.
	fn check(&self, schema: &Value, value: &Value, at: &str) {
		for (keyword, says) in schema.as_object().unwrap() {
			match keyword.as_str() {
				"description" | "required" => {},
				"$ref" => {
					let name =
						says.as_str().unwrap().strip_prefix("#/components/schemas/").unwrap();
					self.check(&self.0["components"]["schemas"][name], value, at);
				},
				"anyOf" => {
					let [first, null] = says.as_array().unwrap().as_slice() else { panic!("{at}") };
					assert_eq!(*null, json!({ "type": "null" }));
					if !value.is_null() {
						self.check(first, value, at);
					}
				},
				"type" => {
					let types = match says {
						Value::Array(types) => types.clone(),
						single => vec![single.clone()],
					};
					let is = kind(value);
					assert!(types.iter().any(|it| it == is), "{at} is {value}, not {says}");
				},
				"enum" => assert!(says.as_array().unwrap().contains(value), "{at}: {value}"),
				"pattern" => {
					assert_eq!(says, "^[0-9]+$");
					let text = value.as_str().unwrap();
					assert!(!text.is_empty() && text.bytes().all(|it| it.is_ascii_digit()), "{at}");
				},
				"items" => {
					for (index, item) in value.as_array().into_iter().flatten().enumerate() {
						self.check(says, item, &format!("{at}[{index}]"));
					}
				},
				"additionalProperties" => assert_eq!(*says, json!(false)),
				"properties" => {
					let fields: BTreeSet<_> = value.as_object().unwrap().keys().collect();
					let described: BTreeSet<_> = says.as_object().unwrap().keys().collect();
					assert_eq!(fields, described, "{at}");
					for (name, schema) in says.as_object().unwrap() {
						self.check(schema, &value[name], &format!("{at}.{name}"));
					}
				},
				other => panic!("{at}: the keyword {other}"),
			}
		}
	}
}

fn kind(value: &Value) -> &'static str {
	match value {
		Value::Null => "null",
		Value::Bool(_) => "boolean",
		Value::Number(it) if it.is_i64() || it.is_u64() => "integer",
		Value::Number(_) => "number",
		Value::String(_) => "string",
		Value::Array(_) => "array",
		Value::Object(_) => "object",
	}
}

#[test]
fn the_description_has_all_routes_and_no_others() {
	let described = Described::new();
	let described: BTreeSet<_> = described.0["paths"].as_object().unwrap().keys().collect();
	let routes = http::paths().into_iter().map(String::from).collect::<Vec<_>>();
	assert_eq!(described, routes.iter().collect());
}

#[tokio::test]
async fn answers_are_as_described() {
	let Served { router, .. } = &served();
	let described = Described::new();
	for (path, asked) in [
		("/v1/market", "/v1/market"),
		("/v1/fees", "/v1/fees?limit=1000"),
		("/v1/fees", "/v1/fees?since=1700010000000&until=1700020000000"),
		("/v1/blocks", "/v1/blocks?limit=1000"),
		("/v1/blocks", "/v1/blocks?status=waiting"),
		("/v1/blocks", "/v1/blocks?status=claimed&prover=5Member1"),
		("/v1/blocks", "/v1/blocks?proposer=5Bob&limit=3"),
		("/v1/blocks/{id}", "/v1/blocks/4"),
		("/v1/blocks/{id}", "/v1/blocks/5"),
		("/v1/blocks/{id}", "/v1/blocks/230"),
		("/v1/provers", "/v1/provers?sort=assigned"),
		("/v1/provers", "/v1/provers?status=outside&sort=last_seen"),
		("/v1/provers/{account}", "/v1/provers/5Member1"),
		("/v1/provers/{account}", "/v1/provers/5Rescuer"),
		("/v1/slashes", "/v1/slashes?state=applied&account=5Member4"),
		("/v1/events", "/v1/events?account=5Member1&limit=1000"),
		("/v1/events", "/v1/events?block_id=7"),
		("/v1/summaries", "/v1/summaries"),
		("/v1/summaries", "/v1/summaries?period=day"),
		("/v1/summaries/provers", "/v1/summaries/provers?period=day&account=5Member1"),
	] {
		let answer = get(router, asked).await;
		described.check(described.schema(path, "200"), &answer, asked);
		if let Some(items) = answer["items"].as_array() {
			assert!(!items.is_empty(), "{asked} shows nothing");
		}
	}
	assert_eq!(get(router, "/v1/openapi.json").await, described.0);
}

#[tokio::test]
async fn refusals_are_as_described() {
	let Served { router, .. } = &served();
	let described = Described::new();
	for (path, asked, status) in [
		("/v1/blocks/{id}", "/v1/blocks/9999", "404"),
		("/v1/provers/{account}", "/v1/provers/5Nobody", "404"),
		("/v1/provers/{account}/feed.atom", "/v1/provers/5Nobody/feed.atom", "404"),
		("/v1/blocks", "/v1/blocks?status=lost", "400"),
		("/v1/blocks", "/v1/blocks?limit=0", "400"),
		("/v1/blocks", "/v1/blocks?limit=1001", "400"),
		("/v1/blocks", "/v1/blocks?cursor=x", "400"),
		("/v1/blocks", "/v1/blocks?state=pending", "400"),
		("/v1/blocks", "/v1/blocks?format=csv&limit=5", "400"),
		("/v1/events", "/v1/events?cursor=1", "400"),
		("/v1/fees", "/v1/fees?since=yesterday", "400"),
		("/v1/provers", "/v1/provers?sort=name", "400"),
		("/v1/summaries", "/v1/summaries?period=week", "400"),
	] {
		let (found, _, body) = ask(router, Method::GET, asked).await;
		assert_eq!(found.as_str(), status, "{asked}: {body}");
		let body = serde_json::from_str(&body).unwrap();
		described.check(described.schema(path, status), &body, asked);
	}
	let (status, _, _) = ask(router, Method::GET, "/v1/blocks?colour=red").await;
	assert_eq!(status, StatusCode::BAD_REQUEST);
	let (status, _, _) = ask(router, Method::GET, "/v1/blocks/first").await;
	assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn nothing_can_be_written() {
	let Served { router, _folder: folder, .. } = &served();
	let before = dump(&folder.file());
	for path in http::paths() {
		let path = path.replace("{id}", "4").replace("{account}", "5Member1");
		for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
			let (status, _, body) = ask(router, method, &path).await;
			assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{path}: {body}");
		}
		if path != "/v1/live" {
			let (status, _, body) = ask(router, Method::HEAD, &path).await;
			assert_eq!((status, body.as_str()), (StatusCode::OK, ""), "{path}");
		}
	}
	assert_eq!(dump(&folder.file()), before);
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap_or_a_repetition() {
	let Served { router, .. } = &served();
	for (list, limit) in [
		("/v1/fees", 7),
		("/v1/blocks", 7),
		("/v1/blocks?status=verified&prover=5Member1", 3),
		("/v1/provers", 2),
		("/v1/provers?sort=missed", 2),
		("/v1/slashes", 4),
		("/v1/events", 50),
		("/v1/events?account=5Member1", 9),
		("/v1/summaries", 3),
		("/v1/summaries/provers?period=hour", 4),
	] {
		let sign = if list.contains('?') { '&' } else { '?' };
		let whole = get(router, &format!("{list}{sign}limit=1000")).await;
		let whole = whole["items"].as_array().unwrap().clone();
		assert!(whole.len() > limit, "{list} has {} rows", whole.len());
		let (mut pages, mut cursor) = (Vec::new(), String::new());
		loop {
			let page = get(router, &format!("{list}{sign}limit={limit}{cursor}")).await;
			pages.extend(page["items"].as_array().unwrap().clone());
			match page["next"].as_str() {
				Some(next) => cursor = format!("&cursor={next}"),
				None => break,
			}
		}
		let lines = |items: &[Value]| items.iter().map(Value::to_string).collect::<Vec<_>>();
		let first = lines(&whole);
		assert_eq!(lines(&pages)[..first.len()], first[..], "{list}");
	}
}

#[tokio::test]
async fn csv_has_all_rows() {
	let Served { router, .. } = &served();
	for (list, rows) in [
		("/v1/fees", None),
		("/v1/blocks", Some(240)),
		("/v1/provers", Some(6)),
		("/v1/slashes", None),
		("/v1/events", None),
		("/v1/summaries", None),
		("/v1/summaries/provers", None),
	] {
		let (status, kind, body) = ask(router, Method::GET, &format!("{list}?format=csv")).await;
		assert_eq!((status.as_u16(), kind.as_str()), (200, "text/csv; charset=utf-8"));
		let lines: Vec<&str> = body.lines().collect();
		assert!(lines.len() > 2, "{list}");
		if let Some(rows) = rows {
			assert_eq!(lines.len(), rows + 1, "{list}");
		}
	}
	let (_, _, body) = ask(router, Method::GET, "/v1/slashes?format=csv").await;
	let mut lines = body.lines();
	let header =
		"block_id,who,amount,from_exits,from_stake,fault,slashed_block,slashed_time,due_at,state,\
		resolved_block,resolved_time,rescuer,to_rescuer,burnt,spans_gap";
	assert_eq!(lines.next(), Some(header));
	assert!(lines.next().unwrap().contains(",5000,0,5000,Rescued,"));
}

#[tokio::test]
async fn a_feed_has_what_happened_to_an_account() {
	let Served { router, .. } = &served();
	let (status, kind, body) = ask(router, Method::GET, "/v1/provers/5Member4/feed.atom").await;
	assert_eq!((status.as_u16(), kind.as_str()), (200, "application/atom+xml; charset=utf-8"));
	assert!(body.contains("<title>Slashed: block "), "{body}");
	assert!(!body.contains('\u{1b}') && !body.contains("</script>"));
	// Those of blocks that it proposed, too.
	let (_, _, body) = ask(router, Method::GET, "/v1/provers/5Bob/feed.atom").await;
	assert!(body.contains("<title>BlockVerified: block "), "{body}");
}

#[tokio::test]
async fn the_stream_has_what_happens() {
	let Served { router, live, blocks, _folder: folder } = &served();
	let request = Request::builder().uri("/v1/live").body(Body::empty()).unwrap();
	let response = router.clone().oneshot(request).await.unwrap();
	assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
	let mut body = response.into_body();
	let mut store = folder.store();
	live.append(&mut store, &blocks[110], None).unwrap();
	live.set_best(112, Vec::new()).unwrap();
	let mut text = String::new();
	while !text.contains("event: reverted") {
		let frame = body.frame().await.unwrap().unwrap();
		text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
	}
	assert!(text.starts_with("event: position\ndata: {\"finalized\":110,"), "{text}");
	assert!(text.contains("event: event\ndata: {\"block\":111,"), "{text}");
	assert!(text.contains("event: reverted\ndata: {\"to_block\":112}"), "{text}");
	let described = Described::new();
	for message in text.split("\n\n").filter(|message| message.starts_with("event: event\n")) {
		let data = message.split_once("data: ").unwrap().1;
		let schema = json!({ "$ref": "#/components/schemas/Event" });
		described.check(&schema, &serde_json::from_str(data).unwrap(), "event");
	}
}
