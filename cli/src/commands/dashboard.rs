//! `dashboard`: serves the page, and keeps its history.

use super::{index::keep_indexing, Context};
use crate::{
	args::{history::DashboardArgs, Global},
	dashboard::{router, Assets, Guard, Server},
	indexer,
	output::write_line,
	signals::interrupted,
	Result,
};
use prover_pool_history::{Live, Reader, Store};
use std::sync::Arc;

/// Serves until a signal ends it.
pub async fn run(global: Global, args: DashboardArgs) -> Result<()> {
	// What this machine lacks is reported without a node.
	let assets = Assets::built_in()?;
	let server = Server::bind(args.listen).await?;
	let context = &Context::new(global, false).await?;
	let (store, live) = match &args.history {
		Some(file) => {
			let store = Store::open(file, &indexer::chain(&context.client))?;
			let live = Arc::new(Live::new(Reader::open(file)?));
			(Some(store), Some(live))
		},
		None => (None, None),
	};
	let rpc = context.client.url();
	let guard = Guard::new(server.address(), rpc);
	let router = router(assets, rpc, live.clone(), guard);
	write_line(&format!("http://{}", server.address()))?;
	tokio::select! {
		never = server.serve(router) => match never {},
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
