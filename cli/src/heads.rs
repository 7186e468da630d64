//! The blocks that a node reports.

use crate::{client::Client, Error, Result};
use futures::{FutureExt, Stream, StreamExt};

/// Returns the numbers of the best blocks, from the present one on.
pub async fn best(client: &Client) -> Result<impl Stream<Item = Result<u64>> + Unpin> {
	let heads = client.online().stream_best_blocks().await?;
	Ok(heads.map(|head| Ok(head?.number())))
}

/// Returns the numbers of the finalized blocks, from the present one on.
pub async fn finalized(client: &Client) -> Result<impl Stream<Item = Result<u64>> + Unpin> {
	let heads = client.online().stream_blocks().await?;
	Ok(heads.map(|head| Ok(head?.number())))
}

/// Returns the latest item that a stream has ready, once it has one.
pub async fn latest(stream: &mut (impl Stream<Item = Result<u64>> + Unpin)) -> Result<u64> {
	let ended = || Error::Connection("the node reports no more blocks".into());
	let mut latest = stream.next().await.ok_or_else(ended)??;
	// Nothing is awaited from here on, so nothing is lost when this is cancelled.
	while let Some(next) = stream.next().now_or_never() {
		latest = next.ok_or_else(ended)??;
	}
	Ok(latest)
}
