//! Runs a node: the parts of [`components`] with a network, RPC, and tasks that make and finalize
//! blocks.

use crate::{
	components::{self, Consensus, PartialComponents, JUSTIFICATION_PERIOD},
	rpc,
	sealing::{self, Sealer, Sealing},
};
use futures::FutureExt;
use prover_pool_runtime::{
	configs::{consensus::EPOCH_DURATION_IN_BLOCKS, system::MAXIMUM_BLOCK_LENGTH},
	opaque::Block,
	BlockNumber, Hash,
};
use sc_basic_authorship::ProposerFactory;
use sc_cli::{Error, Result};
use sc_client_api::Backend;
use sc_consensus_babe::{BabeParams, SlotProportion};
use sc_consensus_grandpa::{
	grandpa_peers_set_config, protocol_standard_name, warp_proof::NetworkProvider,
	FinalityProofProvider, GrandpaParams, SharedVoterState, VotingRulesBuilder,
};
use sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging;
use sc_network::{config::FullNetworkConfiguration, NetworkBackend};
use sc_offchain::{OffchainWorkerOptions, OffchainWorkers};
use sc_service::{
	BuildNetworkParams, Configuration, SpawnTasksParams, TaskManager, WarpSyncConfig,
};
use sc_storage_monitor::{StorageMonitorParams, StorageMonitorService};
use sc_telemetry::Telemetry;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_blockchain::HeaderBackend;
use std::{path::Path, sync::Arc, time::Duration};

/// Authoring slows down when finality lags far behind, so that finality can catch up: from 52 blocks on a slot is left
/// empty after each block, from 58 on four.
///
/// The most is a fifth of an epoch, since BABE skips an epoch without a block. With two of four validators, a slot is
/// empty with a probability of 43 % besides, and sixteen in a row with one in 650,000.
const BACKOFF: BackoffAuthoringOnFinalizedHeadLagging<BlockNumber> =
	BackoffAuthoringOnFinalizedHeadLagging {
		max_interval: EPOCH_DURATION_IN_BLOCKS / 5,
		unfinalized_slack: 50,
		authoring_bias: 2,
	};

/// Monitors the free space on the disk of the database. With too little, a node does not start, and
/// the tasks of the returned manager end a running one, both with a message.
///
/// A database cannot do that itself. It maps its files into memory, and a page for which the disk has
/// no space ends the process by a signal.
pub fn watch_disk(config: &Configuration, params: StorageMonitorParams) -> Result<TaskManager> {
	// Without a registry, since the node's own manager has registered the metrics of tasks.
	let task_manager =
		TaskManager::new(config.tokio_handle.clone(), None).map_err(sc_service::Error::from)?;
	if let Some(path) = config.database.path() {
		// At the first start there is no database yet, but its disk exists.
		let existing = path.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
		let spawner = task_manager.spawn_essential_handle();
		StorageMonitorService::try_spawn(params, existing.to_owned(), &spawner)
			.map_err(|error| Error::Application(error.into()))?;
	}
	Ok(task_manager)
}

/// Starts a node that runs as long as the tasks of the returned manager.
///
/// With `sealing`, it makes and finalizes blocks without waiting for BABE's slots or GRANDPA's votes.
pub fn start<Network>(config: Configuration, sealing: Option<Sealing>) -> Result<TaskManager>
where
	Network: NetworkBackend<Block, Hash>,
{
	let PartialComponents {
		client,
		backend,
		mut task_manager,
		keystore_container,
		select_chain,
		import_queue,
		transaction_pool,
		other: Consensus { import, babe, babe_worker, grandpa, inherents, mut telemetry },
	} = components::partial(&config, sealing)?;
	let keystore = keystore_container.keystore();
	let registry = config.prometheus_registry().cloned();

	if sealing.is_some() {
		sealing::require_keys(babe.config(), &*keystore, config.dev_key_seed.as_deref())
			.map_err(|message| Error::Application(message.into()))?;
	}

	let metrics = Network::register_notification_metrics(registry.as_ref());
	let mut net_config =
		FullNetworkConfiguration::<Block, Hash, Network>::new(&config.network, registry.clone());
	let run_grandpa = sealing.is_none() && !config.disable_grandpa;
	let grandpa_protocol = run_grandpa.then(|| {
		let name = protocol_standard_name(&client.info().genesis_hash, &config.chain_spec);
		let (protocol, notifications) = grandpa_peers_set_config::<_, Network>(
			name.clone(),
			metrics.clone(),
			net_config.peer_store_handle(),
		);
		net_config.add_notification_protocol(protocol);
		(name, notifications)
	});

	let grandpa_authorities = grandpa.shared_authority_set().clone();
	let warp_sync = NetworkProvider::new(backend.clone(), grandpa_authorities.clone(), Vec::new());
	let (network, system_rpc_tx, tx_handler_controller, sync_service, _) =
		sc_service::build_network(BuildNetworkParams {
			config: &config,
			net_config,
			client: client.clone(),
			transaction_pool: transaction_pool.clone(),
			spawn_handle: task_manager.spawn_handle(),
			spawn_essential_handle: task_manager.spawn_essential_handle(),
			import_queue,
			block_announce_validator_builder: None,
			warp_sync_config: Some(WarpSyncConfig::WithProvider(Arc::new(warp_sync))),
			block_relay: None,
			metrics,
			gap_sync_body_policy: None,
		})?;

	let offchain_pool = OffchainTransactionPoolFactory::new(transaction_pool.clone());
	if config.offchain_worker.enabled {
		let workers = OffchainWorkers::new(OffchainWorkerOptions {
			runtime_api_provider: client.clone(),
			keystore: Some(keystore.clone()),
			offchain_db: backend.offchain_storage(),
			transaction_pool: Some(offchain_pool.clone()),
			network_provider: Arc::new(network.clone()),
			is_validator: config.role.is_authority(),
			enable_http_requests: true,
			custom_extensions: |_| vec![],
		})?;
		task_manager.spawn_handle().spawn(
			"offchain-workers",
			Some("offchain-worker"),
			workers.run(client.clone(), task_manager.spawn_handle()).boxed(),
		);
	}

	let grandpa_voter = SharedVoterState::empty();
	let rpc = rpc::Deps {
		client: client.clone(),
		pool: transaction_pool.clone(),
		select_chain: select_chain.clone(),
		keystore: keystore.clone(),
		babe_worker,
		grandpa_authorities: grandpa_authorities.clone(),
		grandpa_voter: grandpa_voter.clone(),
		grandpa_justifications: grandpa.justification_stream(),
		finality_proofs: FinalityProofProvider::new_for_service(
			backend.clone(),
			Some(grandpa_authorities),
		),
	};

	// Values that are needed after `spawn_tasks` takes the configuration.
	let role = config.role;
	let force_authoring = config.force_authoring;
	let name = config.network.node_name.clone();

	sc_service::spawn_tasks(SpawnTasksParams {
		config,
		client: client.clone(),
		backend,
		task_manager: &mut task_manager,
		keystore: keystore.clone(),
		transaction_pool: transaction_pool.clone(),
		rpc_builder: Box::new(move |executor| Ok(rpc.module(executor)?)),
		network: network.clone(),
		system_rpc_tx,
		tx_handler_controller,
		sync_service: sync_service.clone(),
		telemetry: telemetry.as_mut(),
		tracing_execute_block: None,
	})?;
	let telemetry = telemetry.as_ref().map(Telemetry::handle);

	let mut proposer = ProposerFactory::new(
		task_manager.spawn_handle(),
		client.clone(),
		transaction_pool.clone(),
		registry.as_ref(),
		telemetry.clone(),
	);
	// The default is less than the runtime's limit. An upgrade by a runtime that is not compressed, as development
	// builds are, would wait in the pool without end.
	proposer.set_default_block_size_limit(MAXIMUM_BLOCK_LENGTH as usize);

	if let Some(sealing) = sealing {
		let author = sealing::Author::new(client.clone(), keystore, babe);
		let sealer = Sealer {
			client,
			pool: transaction_pool,
			select_chain,
			proposer,
			author,
			inherents,
			import,
		};
		task_manager.spawn_essential_handle().spawn_blocking(
			"sealing",
			Some("block-authoring"),
			sealer.run(sealing),
		);
		return Ok(task_manager);
	}

	if role.is_authority() {
		let worker = sc_consensus_babe::start_babe(BabeParams {
			keystore: keystore.clone(),
			client,
			select_chain,
			env: proposer,
			block_import: import,
			sync_oracle: sync_service.clone(),
			justification_sync_link: sync_service.clone(),
			create_inherent_data_providers: inherents,
			force_authoring,
			backoff_authoring_blocks: Some(BACKOFF),
			babe_link: babe,
			// The other half of a slot is left for the block to reach the next author.
			block_proposal_slot_portion: SlotProportion::new(0.5),
			max_block_proposal_slot_portion: None,
			telemetry: telemetry.clone(),
		})
		.map_err(sc_service::Error::from)?;
		task_manager.spawn_essential_handle().spawn_blocking(
			"babe",
			Some("block-authoring"),
			worker,
		);
	}

	if let Some((protocol_name, notification_service)) = grandpa_protocol {
		let voter = sc_consensus_grandpa::run_grandpa_voter(GrandpaParams {
			config: sc_consensus_grandpa::Config {
				gossip_duration: Duration::from_millis(333),
				justification_generation_period: JUSTIFICATION_PERIOD,
				observer_enabled: false,
				local_role: role,
				name: Some(name),
				// Without keys the voter only follows the votes of others.
				keystore: role.is_authority().then_some(keystore),
				telemetry: telemetry.clone(),
				protocol_name,
			},
			link: grandpa,
			network,
			sync: sync_service,
			notification_service,
			voting_rule: VotingRulesBuilder::default().build(),
			prometheus_registry: registry,
			shared_voter_state: grandpa_voter,
			telemetry,
			offchain_tx_pool_factory: offchain_pool,
		})?;
		task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
	}

	Ok(task_manager)
}
