//! Requests that are not waited for in vain.

use std::{future::Future, time::Duration};
use subxt::rpcs::{
	client::{RawRpcFuture, RawRpcSubscription, RawValue, RpcClientT},
	Error, RpcClient,
};
use tokio::time::timeout;

/// A connection whose requests fail when they are not answered in time, each by itself: what needs many of
/// them may take as long as it does, while they are answered.
pub struct Patient {
	client: RpcClient,
	patience: Duration,
}

impl Patient {
	/// Waits so long for each answer.
	pub fn new(client: RpcClient, patience: Duration) -> Self {
		Self { client, patience }
	}

	async fn answered<T>(&self, asked: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
		let silent = || format!("the node does not answer within {:?}", self.patience);
		let answer = timeout(self.patience, asked).await;
		answer.unwrap_or_else(|_| Err(Error::Client(silent().into())))
	}
}

impl RpcClientT for Patient {
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

	/// A node that answers after as many milliseconds as the method is called.
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
		let client = RpcClient::new(Patient::new(slow, Duration::from_millis(400)));
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
