//! The server: limits on connections, and on the time that a request may take to arrive.

use crate::{Error, Result};
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
	rt::{TokioIo, TokioTimer},
	service::TowerToHyperService,
};
use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Semaphore};

/// The time limit of a request's header.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// The most connections at once.
const CONNECTIONS: usize = 512;

/// A server that listens.
pub struct Server {
	listener: TcpListener,
	address: SocketAddr,
}

impl Server {
	/// Listens at this address.
	pub async fn bind(address: SocketAddr) -> Result<Self> {
		let refused = |error: std::io::Error| {
			Error::Usage(format!(
				"the page cannot be served at {address} ({error}): choose another address with --listen"
			))
		};
		let listener = TcpListener::bind(address).await.map_err(refused)?;
		let address = listener.local_addr().map_err(refused)?;
		Ok(Self { listener, address })
	}

	/// Returns the address.
	pub fn address(&self) -> SocketAddr {
		self.address
	}

	/// Serves until the program ends.
	pub async fn serve(self, router: Router) -> Infallible {
		let connections = Arc::new(Semaphore::new(CONNECTIONS));
		loop {
			let permit = connections.clone().acquire_owned().await;
			let Ok((stream, _)) = self.listener.accept().await else {
				// Too many open files, for instance, which passes.
				tokio::time::sleep(Duration::from_secs(1)).await;
				continue;
			};
			let service = TowerToHyperService::new(router.clone());
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
