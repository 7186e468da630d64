//! A small server for Prometheus, and for probes of whether the program can do its work.

use super::Served;
use crate::{Error, Result};
use http_body_util::Full;
use hyper::{
	body::{Bytes, Incoming},
	header::CONTENT_TYPE,
	server::conn::http1,
	service::service_fn,
	Method, Request, Response, StatusCode,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{convert::Infallible, net::SocketAddr, time::Duration};
use tokio::net::TcpListener;

/// The time limit of a request's header.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// The server, listening.
pub struct Server<M> {
	listener: TcpListener,
	metrics: M,
}

impl<M: Served> Server<M> {
	/// Listens at this address, which is the value of this option.
	pub async fn bind(address: SocketAddr, option: &str, metrics: M) -> Result<Self> {
		let listener = TcpListener::bind(address).await.map_err(|error| {
			Error::Usage(format!(
				"metrics cannot be served at {address} ({error}): choose another address with {option}"
			))
		})?;
		Ok(Self { listener, metrics })
	}

	/// Returns the address.
	pub fn address(&self) -> Result<SocketAddr> {
		Ok(self.listener.local_addr()?)
	}

	/// Serves until the program ends.
	pub async fn serve(self) -> Infallible {
		loop {
			let Ok((stream, _)) = self.listener.accept().await else {
				// Too many open files, for instance, which passes.
				tokio::time::sleep(Duration::from_secs(1)).await;
				continue;
			};
			let metrics = self.metrics.clone();
			let service = service_fn(move |request| {
				let response = respond(&request, &metrics);
				async move { Ok::<_, Infallible>(response) }
			});
			tokio::spawn(async move {
				// The client may be gone.
				let _ = http1::Builder::new()
					.timer(TokioTimer::new())
					.header_read_timeout(HEADER_TIMEOUT)
					.keep_alive(false)
					.serve_connection(TokioIo::new(stream), service)
					.await;
			});
		}
	}
}

fn respond(request: &Request<Incoming>, metrics: &impl Served) -> Response<Full<Bytes>> {
	let of = |status, text: String| {
		let mut response = Response::new(Full::new(Bytes::from(text)));
		*response.status_mut() = status;
		response
	};
	match (request.method(), request.uri().path()) {
		(&Method::GET, "/metrics") => match metrics.text() {
			Ok(text) => {
				let mut response = of(StatusCode::OK, text);
				let kind = hyper::header::HeaderValue::from_static(prometheus::TEXT_FORMAT);
				response.headers_mut().insert(CONTENT_TYPE, kind);
				response
			},
			Err(error) => of(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
		},
		(&Method::GET, "/ready") => match metrics.unready() {
			None => of(StatusCode::OK, "ready\n".into()),
			Some(reason) => of(StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")),
		},
		(&Method::GET, _) => of(StatusCode::NOT_FOUND, "see /metrics or /ready\n".into()),
		_ => of(StatusCode::METHOD_NOT_ALLOWED, "GET only\n".into()),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::daemon::metrics::Metrics;

	#[tokio::test]
	async fn metrics_are_served_and_nothing_else() {
		use tokio::io::{AsyncReadExt, AsyncWriteExt};
		let metrics = Metrics::new().unwrap();
		metrics.late.set(7);
		let server = Server::bind(([127, 0, 0, 1], 0).into(), "--metrics", metrics).await.unwrap();
		let address = server.address().unwrap();
		let taken = Server::bind(address, "--metrics", Metrics::new().unwrap());
		let taken = taken.await.err().unwrap();
		assert_eq!(taken.exit_code(), 2);
		assert!(taken.to_string().ends_with("choose another address with --metrics"), "{taken}");
		tokio::spawn(server.serve());
		for (request, status, content) in [
			("GET /metrics", "200 OK", "prover_pool_assignments_late 7\n"),
			("GET /", "404 Not Found", "see /metrics or /ready"),
			(
				"GET /ready",
				"503 Service Unavailable",
				"not ready: there is no connection to a node\n",
			),
			("POST /metrics", "405 Method Not Allowed", "GET only"),
		] {
			let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
			let request = format!("{request} HTTP/1.1\r\nHost: localhost\r\n\r\n");
			stream.write_all(request.as_bytes()).await.unwrap();
			let mut answer = String::new();
			stream.read_to_string(&mut answer).await.unwrap();
			assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
			assert!(answer.contains(content), "{answer}");
		}
	}
}
