//! Serves the page and, with a history, `/v1`. By default it serves browsers of this machine only.

mod assets;
mod guard;
mod page_url;
mod server;

pub use assets::{Asset, Assets};
pub use guard::Guard;
pub use page_url::PageUrl;
pub use server::Server;

use crate::{chain::H256, decoded::hex};
use axum::{
	extract::State,
	http::{header, HeaderMap, HeaderValue, Method, StatusCode, Uri},
	response::{IntoResponse, Response},
	routing::get,
	Json, Router,
};
use prover_pool_history::{http, Live};
use serde::Serialize;
use std::sync::Arc;

/// What the page has to know.
#[derive(Clone, Debug, Serialize)]
struct Config {
	/// The URL of its node.
	rpc: String,
	/// The genesis hash of the node's chain, which is also that of the history: `0x…` in lower case.
	genesis: String,
	/// True if there is a history.
	history: bool,
}

/// Returns what the server answers, with a page that reads this node of the chain with this genesis hash.
pub fn router(
	assets: Assets,
	node: &PageUrl,
	genesis: H256,
	live: Option<Arc<Live>>,
	guard: Guard,
) -> Router {
	let (rpc, genesis) = (node.url().into(), hex(&genesis.0));
	let config = Config { rpc, genesis, history: live.is_some() };
	let page = Router::new()
		.route("/config.json", get(move || async move { config_json(config) }))
		.fallback(asset)
		.with_state(assets);
	let router = match live {
		Some(live) => page.merge(http::router(live)),
		None => page,
	};
	router.layer(axum::middleware::from_fn_with_state(Arc::new(guard), guard::check))
}

fn config_json(config: Config) -> Response {
	let mut response = Json(config).into_response();
	response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
	response
}

async fn asset(
	State(assets): State<Assets>,
	method: Method,
	uri: Uri,
	headers: HeaderMap,
) -> Response {
	if !matches!(method, Method::GET | Method::HEAD) {
		let allow = [(header::ALLOW, "GET, HEAD")];
		return (StatusCode::METHOD_NOT_ALLOWED, allow, "use GET\n").into_response();
	}
	let Some(asset) = assets.find(uri.path()) else {
		return (StatusCode::NOT_FOUND, "there is no such file: the page is at /\n")
			.into_response();
	};
	let tag = asset.tag();
	let is_known =
		headers.get(header::IF_NONE_MATCH).is_some_and(|it| it.as_bytes() == tag.as_bytes());
	let caching = [(header::CACHE_CONTROL, asset.caching().to_string()), (header::ETAG, tag)];
	if is_known {
		return (StatusCode::NOT_MODIFIED, caching).into_response();
	}
	(caching, [(header::CONTENT_TYPE, asset.kind())], asset.content).into_response()
}

#[cfg(test)]
mod tests {
	use super::*;
	use tokio::{
		io::{AsyncReadExt, AsyncWriteExt},
		net::TcpStream,
	};

	static FILES: &[(&str, &[u8])] = &[
		("index.html", b"<!doctype html>"),
		("assets/index-x1.js", b"1"),
		("icon.svg", b"<svg/>"),
	];

	/// Starts a server without a history.
	async fn start() -> std::net::SocketAddr {
		let server = Server::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
		let address = server.address();
		let node = PageUrl::new("ws://127.0.0.1:9944", address).unwrap();
		let genesis = H256([0xab; 32]);
		let guard = Guard::new(address, &node);
		let router = router(Assets(FILES), &node, genesis, None, guard);
		tokio::spawn(server.serve(router));
		address
	}

	async fn ask(address: std::net::SocketAddr, request: &str, headers: &str) -> String {
		let mut stream = TcpStream::connect(address).await.unwrap();
		let request = format!("{request} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n");
		stream.write_all(request.as_bytes()).await.unwrap();
		let mut answer = String::new();
		stream.read_to_string(&mut answer).await.unwrap();
		answer
	}

	#[tokio::test]
	async fn files_have_their_types_and_are_kept_if_their_names_change_with_them() {
		let address = start().await;
		let host = format!("Host: {address}\r\n");
		for (path, kind, caching) in [
			("/", "text/html; charset=utf-8", "no-cache"),
			("/index.html", "text/html; charset=utf-8", "no-cache"),
			("/icon.svg", "image/svg+xml", "no-cache"),
			("/config.json", "application/json", "no-store"),
			(
				"/assets/index-x1.js",
				"text/javascript; charset=utf-8",
				"public, max-age=31536000, immutable",
			),
		] {
			let answer = ask(address, &format!("GET {path}"), &host).await;
			assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
			assert!(answer.contains(&format!("content-type: {kind}\r\n")), "{answer}");
			assert!(answer.contains(&format!("cache-control: {caching}\r\n")), "{answer}");
		}
		let answer = ask(address, "GET /", &host).await;
		assert!(answer.ends_with("<!doctype html>"), "{answer}");
		let tag = answer.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
		let known = format!("{host}If-None-Match: {tag}\r\n");
		let answer = ask(address, "GET /", &known).await;
		assert!(answer.starts_with("HTTP/1.1 304 "), "{answer}");
		let answer = ask(address, "HEAD /", &host).await;
		assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("\r\n\r\n"), "{answer}");
	}

	#[tokio::test]
	async fn the_page_gets_its_node_and_may_connect_to_no_other() {
		let address = start().await;
		let answer = ask(address, "GET /config.json", "Host: localhost\r\n").await;
		let genesis = "ab".repeat(32);
		let config =
			format!(r#"{{"rpc":"ws://127.0.0.1:9944","genesis":"0x{genesis}","history":false}}"#);
		assert!(answer.ends_with(&config), "{answer}");
		let policy = "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src \
			'self' data:; connect-src 'self' ws://127.0.0.1:9944; frame-ancestors 'none'; base-uri 'none'; \
			form-action 'none'\r\n";
		for header in
			[policy, "x-content-type-options: nosniff\r\n", "referrer-policy: no-referrer\r\n"]
		{
			assert!(answer.contains(header), "{answer}");
		}
	}

	#[tokio::test]
	async fn what_is_not_there_or_not_allowed_is_refused() {
		let address = start().await;
		let host = format!("Host: {address}\r\n");
		for (request, headers, status) in [
			("GET /none", host.as_str(), "404 Not Found"),
			("GET /../Cargo.toml", &host, "404 Not Found"),
			("GET /assets/", &host, "404 Not Found"),
			("GET /v1/market", &host, "404 Not Found"),
			("POST /", &host, "405 Method Not Allowed"),
			("DELETE /config.json", &host, "405 Method Not Allowed"),
			("GET /", "Host: rebound.example\r\n", "403 Forbidden"),
			("GET /config.json", "Host: rebound.example:9617\r\n", "403 Forbidden"),
		] {
			let answer = ask(address, request, headers).await;
			assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request}: {answer}");
			assert!(answer.contains("content-security-policy: default-src 'none'"), "{answer}");
		}
	}

	#[tokio::test]
	async fn an_address_that_is_taken_is_named() {
		let address = start().await;
		let error = Server::bind(address).await.err().unwrap();
		assert_eq!(error.exit_code(), 2);
		assert!(error.to_string().ends_with("choose another address with --listen"), "{error}");
	}
}
