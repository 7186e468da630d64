//! The headers of all answers, and a check of who may ask. The page runs its own scripts only and connects to its own
//! node only. At a loopback address, the server accepts no other name than one of this machine, so that no other page
//! reaches it by a name of its own that leads here.

use super::page_url::{is_loopback, PageUrl};
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
	/// Guards a server that listens at this address, and whose page reads this node.
	pub fn new(address: SocketAddr, node: &PageUrl) -> Self {
		let policy = format!(
			"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' {}; \
			 frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
			node.origin()
		);
		let mut headers = HeaderMap::new();
		let policy = HeaderValue::from_str(&policy);
		// The origin has plain characters only, so this is a header value.
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
		!self.only_local || host.is_some_and(is_loopback)
	}
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
