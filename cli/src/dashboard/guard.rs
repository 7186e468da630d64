//! What every answer has, and who may ask: the page runs scripts of its own only and talks to its own node,
//! and other pages cannot reach it by a name of theirs that leads to this machine.

use axum::{
	extract::{Request, State},
	http::{header, HeaderMap, HeaderName, HeaderValue, StatusCode},
	middleware::Next,
	response::{IntoResponse, Response},
};
use std::{net::SocketAddr, sync::Arc};

/// The headers of all answers, and the names under which the server may be asked.
#[derive(Clone, Debug)]
pub struct Guard {
	headers: HeaderMap,
	/// True if only names of this machine are accepted.
	only_local: bool,
}

impl Guard {
	/// Guards a server that listens at this address, with a page whose node is at this URL.
	pub fn new(address: SocketAddr, rpc: &str) -> Self {
		let policy = format!(
			"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' {}; \
			 frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
			origin(rpc)
		);
		let mut headers = HeaderMap::new();
		let policy = HeaderValue::from_str(&policy);
		// An address that is no header value allows no node at all.
		let policy = policy.unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
		headers.insert(header::CONTENT_SECURITY_POLICY, policy);
		headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
		headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
		let resource_policy = HeaderName::from_static("cross-origin-resource-policy");
		headers.insert(resource_policy, HeaderValue::from_static("same-origin"));
		Self { headers, only_local: address.ip().is_loopback() }
	}

	fn accepts(&self, headers: &HeaderMap) -> bool {
		let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
		!self.only_local || host.is_some_and(is_local)
	}
}

/// Returns the part of a URL that a policy names: scheme, host and port.
fn origin(url: &str) -> String {
	let (scheme, rest) = url.split_once("://").unwrap_or(("ws", url));
	let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
	// Without a name and a password, which no policy has.
	let host = authority.rsplit('@').next().unwrap_or_default();
	let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
	match host.chars().all(is_plain) {
		true => format!("{scheme}://{host}"),
		false => String::new(),
	}
}

/// Returns whether a host, with or without a port, names this machine.
fn is_local(host: &str) -> bool {
	let name = match host.rsplit_once(':') {
		Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
		_ => host,
	};
	let address = name.trim_start_matches('[').trim_end_matches(']');
	let is_loopback = address.parse::<std::net::IpAddr>().is_ok_and(|it| it.is_loopback());
	is_loopback || name.eq_ignore_ascii_case("localhost")
}

/// Checks a request, and adds the headers to its answer.
pub(super) async fn check(
	State(guard): State<Arc<Guard>>,
	request: Request,
	next: Next,
) -> Response {
	let mut response = match guard.accepts(request.headers()) {
		true => next.run(request).await,
		false => {
			let text =
				"this server answers to names of this machine only: open it by its address\n";
			(StatusCode::FORBIDDEN, text).into_response()
		},
	};
	for (name, value) in &guard.headers {
		response.headers_mut().insert(name, value.clone());
	}
	response
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn names_of_this_machine_are_accepted_and_no_others() {
		for host in
			["localhost", "localhost:9617", "127.0.0.1:9617", "127.9.9.9", "[::1]:9617", "[::1]"]
		{
			assert!(is_local(host), "{host}");
		}
		for host in
			["", "evil.example", "evil.example:9617", "localhost.evil.example", "10.0.0.1:9617"]
		{
			assert!(!is_local(host), "{host}");
		}
	}

	#[test]
	fn the_policy_names_the_node_and_nothing_more() {
		for (url, named) in [
			("ws://127.0.0.1:9944", "ws://127.0.0.1:9944"),
			("wss://node.example/path?x=1", "wss://node.example"),
			("wss://user:word@node.example:443/", "wss://node.example:443"),
			("ws://[::1]:9944", "ws://[::1]:9944"),
			("ws://a; script-src *", ""),
		] {
			assert_eq!(origin(url), named);
		}
	}
}
