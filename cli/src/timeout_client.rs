//! An RPC client with a time limit for each request.

use std::{future::Future, time::Duration};
use subxt::rpcs::{
	client::{RawRpcFuture, RawRpcSubscription, RawValue, RpcClientT},
	Error, RpcClient,
};
use tokio::time::timeout;

/// A connection on which each request fails if it is not answered in time. An operation of many
/// requests may take longer, as long as each is answered.
pub struct TimeoutClient {
	client: RpcClient,
	limit: Duration,
}

impl TimeoutClient {
	/// Creates a client with this limit for each answer.
	pub fn new(client: RpcClient, limit: Duration) -> Self {
		Self { client, limit }
	}

	async fn answered<T>(&self, asked: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
		let silent = || format!("the node does not answer within {:?}", self.limit);
		let answer = timeout(self.limit, asked).await;
		answer.unwrap_or_else(|_| Err(Error::Client(silent().into())))
	}
}

impl RpcClientT for TimeoutClient {
	fn request_raw<'a>(
		&'a self,
		method: &'a str,
		params: Option<Box<RawValue>>,
	) -> RawRpcFuture<'a, Box<RawValue>> {
		Box::pin(self.answered(self.client.request_raw(method, params)))
	}

	fn subscribe_raw<'a>(
		&'a self,
		subscribe: &'a str,
		params: Option<Box<RawValue>>,
		unsubscribe: &'a str,
	) -> RawRpcFuture<'a, RawRpcSubscription> {
		Box::pin(self.answered(self.client.subscribe_raw(subscribe, params, unsubscribe)))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::time::Instant;
	use subxt::rpcs::rpc_params;
	use tokio::time::sleep;

	/// A node that answers after the number of milliseconds in the method's name.
	struct Slow;

	impl RpcClientT for Slow {
		fn request_raw<'a>(
			&'a self,
			method: &'a str,
			_: Option<Box<RawValue>>,
		) -> RawRpcFuture<'a, Box<RawValue>> {
			Box::pin(async move {
				sleep(Duration::from_millis(method.parse().unwrap())).await;
				Ok(RawValue::from_string("7".into()).unwrap())
			})
		}

		fn subscribe_raw<'a>(
			&'a self,
			_: &'a str,
			_: Option<Box<RawValue>>,
			_: &'a str,
		) -> RawRpcFuture<'a, RawRpcSubscription> {
			Box::pin(std::future::pending())
		}
	}

	#[tokio::test]
	async fn each_request_has_its_own_time() {
		let slow = RpcClient::new(Slow);
		let client = RpcClient::new(TimeoutClient::new(slow, Duration::from_millis(400)));
		// Many that are answered take as long as they do.
		let start = Instant::now();
		for _ in 0..5 {
			assert_eq!(client.request::<u8>("100", rpc_params![]).await.unwrap(), 7);
		}
		assert!(start.elapsed() >= Duration::from_millis(500));
		// One that is not is given up.
		let error = client.request::<u8>("60000", rpc_params![]).await.unwrap_err();
		assert!(error.to_string().contains("does not answer within 400ms"), "{error}");
		let error = client.subscribe::<u8>("a", rpc_params![], "b").await.unwrap_err();
		assert!(error.to_string().contains("does not answer within 400ms"), "{error}");
		assert_eq!(crate::Error::from(error).exit_code(), 3);
	}
}
