//! The parts of a node that need no network: client, pool and import. Commands that only use the
//! database need no other parts.

use crate::sealing::{self, Sealing};
use prover_pool_runtime::{opaque::Block, BlockNumber, Hash, RuntimeApi};
use sc_consensus::{DefaultImportQueue, LongestChain};
use sc_consensus_babe::{BabeBlockImport, BabeLink, BabeWorkerHandle};
use sc_consensus_grandpa::{GrandpaBlockImport, GrandpaPruningFilter, LinkHalf};
use sc_executor::WasmExecutor;
use sc_service::{Configuration, Error};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool::TransactionPoolHandle;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_babe::{
	inherents::{BabeCreateInherentDataProviders, InherentDataProvider as SlotProvider},
	SlotDuration,
};
use sp_timestamp::{InherentDataProvider as TimestampProvider, Timestamp};
use std::sync::Arc;

/// The client. The runtime may call all host functions of the SDK.
pub type FullClient =
	sc_service::TFullClient<Block, RuntimeApi, WasmExecutor<sp_io::SubstrateHostFunctions>>;
/// The database.
pub type FullBackend = sc_service::TFullBackend<Block>;
/// The transaction pool.
pub type FullPool = TransactionPoolHandle<Block, FullClient>;
/// The chain to build on, among those that GRANDPA has not ruled out.
pub type SelectChain = LongestChain<FullBackend, Block>;

type GrandpaImport = GrandpaBlockImport<FullBackend, Block, FullClient, SelectChain>;
/// The import of blocks, by BABE and then GRANDPA.
pub type BabeImport = BabeBlockImport<
	Block,
	FullClient,
	GrandpaImport,
	BabeCreateInherentDataProviders<Block>,
	SelectChain,
>;

/// An error of any kind.
type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// All parts.
pub type PartialComponents = sc_service::PartialComponents<
	FullClient,
	FullBackend,
	SelectChain,
	DefaultImportQueue<Block>,
	FullPool,
	Consensus,
>;

/// The further parts that BABE, GRANDPA and `--sealing` need.
pub struct Consensus {
	/// Imports blocks.
	pub import: BabeImport,
	/// The link between BABE's import and authoring.
	pub babe: BabeLink<Block>,
	/// Answers questions on BABE's epochs.
	pub babe_worker: BabeWorkerHandle<Block>,
	/// The link between GRANDPA's import and voter.
	pub grandpa: LinkHalf<Block, FullClient, SelectChain>,
	/// The time and the slot of a new block.
	pub inherents: BabeCreateInherentDataProviders<Block>,
	/// Reports to the endpoints in the configuration.
	pub telemetry: Option<Telemetry>,
}

/// At least one justification is kept for each run of this length, for light clients and warp sync.
pub const JUSTIFICATION_PERIOD: BlockNumber = 512;

/// Opens the database and prepares import. Starts nothing that needs the network.
pub fn partial(
	config: &Configuration,
	sealing: Option<Sealing>,
) -> Result<PartialComponents, Error> {
	let telemetry = config
		.telemetry_endpoints
		.clone()
		.filter(|endpoints| !endpoints.is_empty())
		.map(|endpoints| {
			let worker = TelemetryWorker::new(16)?;
			let telemetry = worker.handle().new_telemetry(endpoints);
			Ok::<_, sc_telemetry::Error>((worker, telemetry))
		})
		.transpose()?;

	let (client, backend, keystore_container, task_manager) =
		sc_service::new_full_parts::<Block, RuntimeApi, _>(
			config,
			telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
			sc_service::new_wasm_executor(&config.executor),
			vec![Arc::new(GrandpaPruningFilter)],
		)?;
	let client = Arc::new(client);

	let telemetry = telemetry.map(|(worker, telemetry)| {
		task_manager.spawn_handle().spawn("telemetry", None, worker.run());
		telemetry
	});
	let telemetry_handle = telemetry.as_ref().map(Telemetry::handle);

	let select_chain = LongestChain::new(backend.clone());
	let transaction_pool = Arc::from(
		sc_transaction_pool::Builder::new(
			task_manager.spawn_essential_handle(),
			client.clone(),
			config.role.is_authority().into(),
		)
		.with_options(config.transaction_pool.clone())
		.with_prometheus(config.prometheus_registry())
		.build(),
	);

	let (grandpa_import, grandpa) = sc_consensus_grandpa::block_import(
		client.clone(),
		JUSTIFICATION_PERIOD,
		&client,
		select_chain.clone(),
		telemetry_handle.clone(),
	)?;
	let justification_import = grandpa_import.clone();

	let babe_config = sc_consensus_babe::configuration(&*client)?;
	let slot_duration = babe_config.slot_duration();
	let time_after = {
		let client = client.clone();
		move |parent| match sealing {
			Some(_) => sealing::timestamp_after(&client, parent, slot_duration),
			None => Ok(Timestamp::current()),
		}
	};
	let inherents = time_inherents(slot_duration, time_after.clone());
	// Sealed blocks may be ahead of the wall clock, and import refuses blocks from the future. Blocks
	// behind it must look old: BABE stores the authors of recent slots, and would process all slots up
	// to the present as soon as the chain continues without sealing.
	let import_inherents = time_inherents(slot_duration, move |parent| {
		Ok(time_after(parent)?.max(Timestamp::current()))
	});
	let (import, babe) = sc_consensus_babe::block_import(
		babe_config,
		grandpa_import,
		client.clone(),
		import_inherents,
		select_chain.clone(),
		OffchainTransactionPoolFactory::new(transaction_pool.clone()),
	)?;
	let (import_queue, babe_worker) =
		sc_consensus_babe::import_queue(sc_consensus_babe::ImportQueueParams {
			link: babe.clone(),
			block_import: import.clone(),
			justification_import: Some(Box::new(justification_import)),
			client: client.clone(),
			slot_duration,
			spawner: &task_manager.spawn_essential_handle(),
			registry: config.prometheus_registry(),
			telemetry: telemetry_handle,
		})?;

	Ok(PartialComponents {
		client,
		backend,
		task_manager,
		keystore_container,
		select_chain,
		import_queue,
		transaction_pool,
		other: Consensus { import, babe, babe_worker, grandpa, inherents, telemetry },
	})
}

/// Returns the time of the block after a parent, and the slot of that time.
fn time_inherents(
	slot_duration: SlotDuration,
	time_after: impl Fn(Hash) -> Result<Timestamp, BoxedError> + Send + Sync + 'static,
) -> BabeCreateInherentDataProviders<Block> {
	Arc::new(move |parent, ()| {
		let time = time_after(parent);
		async move {
			let timestamp = TimestampProvider::new(time?);
			let slot = SlotProvider::from_timestamp_and_slot_duration(*timestamp, slot_duration);
			Ok((slot, timestamp))
		}
	})
}

/// Reverts the records of BABE and GRANDPA on the last `blocks` blocks.
pub fn revert_consensus(
	client: Arc<FullClient>,
	backend: Arc<FullBackend>,
	blocks: BlockNumber,
) -> sc_cli::Result<()> {
	sc_consensus_babe::revert(client.clone(), backend, blocks)?;
	sc_consensus_grandpa::revert(client, blocks)?;
	Ok(())
}
