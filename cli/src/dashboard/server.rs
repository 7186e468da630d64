//! The server: limits on connections, and on the time of requests and answers.

use crate::{Error, Result};
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
	rt::{TokioIo, TokioTimer},
	service::TowerToHyperService,
};
use std::{
	convert::Infallible,
	future::Future,
	io,
	net::SocketAddr,
	pin::Pin,
	sync::Arc,
	task::{ready, Context, Poll},
	time::Duration,
};
use tokio::{
	io::{AsyncRead, AsyncWrite, ReadBuf},
	net::TcpListener,
	sync::Semaphore,
	time::{sleep, Sleep},
};

/// The time limit of a request's header.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest time in which a client accepts nothing of an answer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// The most connections at once.
const CONNECTIONS: usize = 512;

/// A server that listens.
pub struct Server {
	listener: TcpListener,
	address: SocketAddr,
	connections: usize,
	write_timeout: Duration,
}

impl Server {
	/// Listens at this address.
	pub async fn bind(address: SocketAddr) -> Result<Self> {
		let refused = |error: io::Error| {
			Error::Usage(format!(
				"the page cannot be served at {address} ({error}): choose another address with --listen"
			))
		};
		let listener = TcpListener::bind(address).await.map_err(refused)?;
		let address = listener.local_addr().map_err(refused)?;
		let (connections, write_timeout) = (CONNECTIONS, WRITE_TIMEOUT);
		Ok(Self { listener, address, connections, write_timeout })
	}

	/// Returns the address.
	pub fn address(&self) -> SocketAddr {
		self.address
	}

	/// Serves until the program ends.
	pub async fn serve(self, router: Router) -> Infallible {
		let connections = Arc::new(Semaphore::new(self.connections));
		loop {
			let permit = connections.clone().acquire_owned().await;
			let Ok((stream, _)) = self.listener.accept().await else {
				// Too many open files, for instance, which passes.
				sleep(Duration::from_secs(1)).await;
				continue;
			};
			let service = TowerToHyperService::new(router.clone());
			let stream = WriteLimited { stream, limit: self.write_timeout, stalled: None };
			tokio::spawn(async move {
				// The client may be gone.
				let _ = http1::Builder::new()
					.timer(TokioTimer::new())
					.header_read_timeout(HEADER_TIMEOUT)
					.serve_connection(TokioIo::new(stream), service)
					.await;
				drop(permit);
			});
		}
	}
}

/// A connection whose writes fail when the other side accepts nothing for too long. Without this, clients that do not
/// read keep their connections for as long as they like.
struct WriteLimited<S> {
	stream: S,
	limit: Duration,
	/// Ends at the time limit of the write that waits, if one does.
	stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> WriteLimited<S> {
	/// Returns the result of a write, or an error if writes have waited for too long.
	fn limited<T>(
		&mut self,
		context: &mut Context<'_>,
		result: Poll<io::Result<T>>,
	) -> Poll<io::Result<T>> {
		if result.is_ready() {
			self.stalled = None;
			return result;
		}
		let limit = self.limit;
		let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(limit)));
		ready!(stalled.as_mut().poll(context));
		Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
	}
}

impl<S: AsyncRead + Unpin> AsyncRead for WriteLimited<S> {
	fn poll_read(
		mut self: Pin<&mut Self>,
		context: &mut Context<'_>,
		buffer: &mut ReadBuf<'_>,
	) -> Poll<io::Result<()>> {
		Pin::new(&mut self.stream).poll_read(context, buffer)
	}
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WriteLimited<S> {
	fn poll_write(
		mut self: Pin<&mut Self>,
		context: &mut Context<'_>,
		bytes: &[u8],
	) -> Poll<io::Result<usize>> {
		let result = Pin::new(&mut self.stream).poll_write(context, bytes);
		self.limited(context, result)
	}

	fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
		let result = Pin::new(&mut self.stream).poll_flush(context);
		self.limited(context, result)
	}

	fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
		let result = Pin::new(&mut self.stream).poll_shutdown(context);
		self.limited(context, result)
	}

	fn poll_write_vectored(
		mut self: Pin<&mut Self>,
		context: &mut Context<'_>,
		bytes: &[io::IoSlice<'_>],
	) -> Poll<io::Result<usize>> {
		let result = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
		self.limited(context, result)
	}

	fn is_write_vectored(&self) -> bool {
		self.stream.is_write_vectored()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use axum::{
		body::Body,
		response::sse::{Event, Sse},
		routing::get,
	};
	use futures::stream;
	use tokio::{
		io::{AsyncReadExt, AsyncWriteExt},
		net::TcpStream,
		time::timeout,
	};

	async fn ask(address: SocketAddr, path: &str) -> TcpStream {
		let mut stream = TcpStream::connect(address).await.unwrap();
		let request =
			format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
		stream.write_all(request.as_bytes()).await.unwrap();
		stream
	}

	/// Starts a server with one connection at a time, and answers without an end.
	async fn start() -> SocketAddr {
		let mut server = Server::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
		(server.connections, server.write_timeout) = (1, Duration::from_millis(300));
		let address = server.address();
		let text = "x".repeat(64 * 1024);
		let events = text.clone();
		let router = Router::new()
			.route("/", get(|| async { "here" }))
			.route(
				"/file",
				get(move || async move {
					let chunks = stream::repeat_with(move || Ok::<_, Infallible>(text.clone()));
					Body::from_stream(chunks)
				}),
			)
			.route(
				"/events",
				get(move || async move {
					let event = move || Ok::<_, Infallible>(Event::default().data(events.clone()));
					Sse::new(stream::repeat_with(event))
				}),
			);
		tokio::spawn(server.serve(router));
		address
	}

	#[tokio::test]
	async fn a_client_that_never_reads_loses_its_connection() {
		for path in ["/file", "/events"] {
			let address = start().await;
			let silent = ask(address, path).await;
			let mut next = ask(address, "/").await;
			let mut answer = String::new();
			let limit = Duration::from_secs(20);
			timeout(limit, next.read_to_string(&mut answer)).await.expect(path).unwrap();
			assert!(answer.ends_with("here"), "{answer}");
			drop(silent);
		}
	}

	#[tokio::test]
	async fn a_client_that_reads_slowly_keeps_its_connection() {
		let address = start().await;
		let mut slow = ask(address, "/file").await;
		let mut bytes = vec![0; 1024 * 1024];
		for _ in 0..20 {
			slow.read_exact(&mut bytes).await.unwrap();
			sleep(Duration::from_millis(100)).await;
		}
	}
}
