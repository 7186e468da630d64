//! `dashboard`: serves the page, and keeps its history.

use super::{index::keep_indexing, Context};
use crate::{
	args::{history::DashboardArgs, Global},
	dashboard::{router, Assets, Guard, PageUrl, Server},
	indexer,
	output::write_line,
	signals::interrupted,
	Error, Result,
};
use prover_pool_history::{Live, Store};
use std::sync::Arc;

/// Serves until a signal ends it.
pub async fn run(global: Global, args: DashboardArgs) -> Result<()> {
	// What does not depend on the node is reported without one.
	let named = args.page_url.as_deref().map(|url| PageUrl::new(url, args.listen)).transpose()?;
	let assets = Assets::built_in()?;
	let server = Server::bind(args.listen).await?;
	let address = server.address();
	let context = &Context::new(global, false).await?;
	let node = match named {
		Some(node) => node,
		None => PageUrl::new(context.client.url(), address)?,
	};
	let (store, live) = match &args.history {
		Some(file) => {
			let store = Store::open(file, &indexer::chain(&context.client))?;
			(Some(store), Some(Arc::new(Live::open(file)?)))
		},
		None => (None, None),
	};
	let guard = Guard::new(address, &node);
	let router = router(assets, &node, context.client.genesis_hash(), live.clone(), guard);
	write_line(&format!("http://{address}"))?;
	// A task of its own: storing blocks does not delay answers.
	let serving = tokio::spawn(server.serve(router));
	tokio::select! {
		ended = serving => match ended {
			Ok(never) => match never {},
			Err(error) => Err(Error::Internal(format!("the server ended: {error}"))),
		},
		result = fill(context, store, live) => result,
		result = interrupted() => result,
	}
}

/// Fills the history, if there is one.
async fn fill(context: &Context, store: Option<Store>, live: Option<Arc<Live>>) -> Result<()> {
	match store {
		Some(mut store) => match keep_indexing(context, &mut store, live.as_deref()).await? {},
		None => std::future::pending().await,
	}
}
