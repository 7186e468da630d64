//! The URL at which browsers find the node. The page publishes it.

use crate::{Error, Result};
use std::net::{IpAddr, SocketAddr};

/// A URL of a node that the page may publish.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PageUrl {
	url: String,
	origin: String,
}

impl PageUrl {
	/// Accepts the URL of a WebSocket for a page that is served at this address. Refused if it has a user name or a
	/// password, or if it names this machine and the page is served to others.
	pub fn new(url: &str, listen: SocketAddr) -> Result<Self> {
		let refused = |reason: &str| Err(Error::Usage(format!("the page's node `{url}` {reason}")));
		let (scheme, rest) = url.split_once("://").unwrap_or_default();
		if !matches!(scheme, "ws" | "wss") {
			return refused("is not a WebSocket: name it as wss://node.example with --page-url");
		}
		let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
		if host.contains('@') {
			// The URL is not repeated: it contains a secret.
			return Err(Error::Usage(
				"the URL of the page's node contains a user name or a password, which every visitor could read: name \
				 a URL without them with --page-url"
					.into(),
			));
		}
		let is_plain =
			|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
		if host.is_empty() || !host.chars().all(is_plain) {
			return refused("has no valid host: name it as wss://node.example with --page-url");
		}
		if !listen.ip().to_canonical().is_loopback() && names_this_machine(host) {
			return refused(&format!(
				"names this machine, but the page is served to others at {listen}, whose browsers would look for the \
				 node on their own machines: name the node's public URL with --page-url, such as wss://node.example"
			));
		}
		Ok(Self { url: url.into(), origin: format!("{scheme}://{host}") })
	}

	/// Returns the URL.
	pub fn url(&self) -> &str {
		&self.url
	}

	/// Returns the part that a policy names: scheme, host and port.
	pub fn origin(&self) -> &str {
		&self.origin
	}
}

/// Returns the host's name or address, without its port and brackets.
fn name(host: &str) -> &str {
	let name = match host.rsplit_once(':') {
		Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
		_ => host,
	};
	name.trim_start_matches('[').trim_end_matches(']')
}

/// Returns whether a host, with or without a port, is a loopback address or `localhost`.
pub(super) fn is_loopback(host: &str) -> bool {
	is_loopback_name(name(host))
}

fn is_loopback_name(name: &str) -> bool {
	let is_address = name.parse::<IpAddr>().is_ok_and(|it| it.to_canonical().is_loopback());
	is_address || name.eq_ignore_ascii_case("localhost")
}

/// Returns the same, also for other addresses and names that lead to this machine.
fn names_this_machine(host: &str) -> bool {
	let name = name(host).trim_end_matches('.').to_ascii_lowercase();
	let is_unspecified = name.parse::<IpAddr>().is_ok_and(|it| it.to_canonical().is_unspecified());
	is_loopback_name(&name) || is_unspecified || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
	use super::*;

	const LOCAL: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9617);

	fn public(address: &str) -> SocketAddr {
		address.parse().unwrap()
	}

	#[test]
	fn names_of_this_machine_are_loopback_and_no_others() {
		for host in
			["localhost", "localhost:9617", "127.0.0.1:9617", "127.9.9.9", "[::1]:9617", "[::1]"]
		{
			assert!(is_loopback(host), "{host}");
		}
		for host in
			["", "evil.example", "evil.example:9617", "localhost.evil.example", "10.0.0.1:9617"]
		{
			assert!(!is_loopback(host), "{host}");
		}
	}

	#[test]
	fn the_policy_names_the_node_and_nothing_more() {
		for (url, named) in [
			("ws://127.0.0.1:9944", "ws://127.0.0.1:9944"),
			("wss://node.example/path?x=1", "wss://node.example"),
			("wss://node.example:443/", "wss://node.example:443"),
			("ws://[::1]:9944", "ws://[::1]:9944"),
		] {
			let page = PageUrl::new(url, LOCAL).unwrap();
			assert_eq!((page.url(), page.origin()), (url, named));
		}
		for (url, reason) in [
			("ws://a; script-src *", "has no valid host"),
			("ws:///path", "has no valid host"),
			("http://node.example", "is not a WebSocket"),
			("node.example", "is not a WebSocket"),
		] {
			let error = PageUrl::new(url, LOCAL).unwrap_err();
			assert_eq!(error.exit_code(), 2);
			assert!(error.to_string().contains(reason), "{error}");
		}
	}

	#[test]
	fn a_user_name_or_a_password_is_never_published() {
		for url in ["wss://user:secret@node.example:443/", "ws://secret@127.0.0.1:9944"] {
			let error = PageUrl::new(url, LOCAL).unwrap_err();
			assert_eq!(error.exit_code(), 2);
			let text = error.to_string();
			assert!(text.contains("--page-url") && !text.contains("secret"), "{text}");
		}
		// An @ after the host is part of a path.
		PageUrl::new("wss://node.example/@x", LOCAL).unwrap();
	}

	#[test]
	fn a_page_for_others_has_a_node_for_others() {
		let private = [
			"ws://127.0.0.1:9944",
			"ws://localhost:9944",
			"ws://LOCALHOST.:9944",
			"ws://node.localhost",
			"ws://[::1]:9944",
			"ws://[::ffff:127.0.0.1]:9944",
			"ws://0.0.0.0:9944",
		];
		for url in private {
			for address in ["0.0.0.0:9617", "[::]:9617", "192.0.2.1:80"] {
				let error = PageUrl::new(url, public(address)).unwrap_err();
				assert_eq!(error.exit_code(), 2);
				let text = error.to_string();
				assert!(text.contains(address) && text.contains("--page-url"), "{text}");
			}
			for address in ["127.0.0.1:9617", "[::1]:9617"] {
				PageUrl::new(url, public(address)).unwrap();
			}
		}
		for url in ["wss://node.example", "ws://192.0.2.1:9944", "ws://localhost.example"] {
			PageUrl::new(url, public("0.0.0.0:9617")).unwrap();
		}
	}
}
