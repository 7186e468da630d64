//! Runs the command line.

use crate::{
	chain_spec,
	cli::{Cli, Subcommand},
	components::{partial, revert_consensus},
	ports, service,
};
use prover_pool_runtime::opaque::Block;
use sc_cli::{Error, Result, SubstrateCli};
use sc_network::{config::NetworkBackendType, Litep2pNetworkBackend, NetworkWorker};
use sc_service::{ChainSpec, Configuration, PartialComponents, PruningMode};
use std::path::Path;

impl SubstrateCli for Cli {
	fn impl_name() -> String {
		"Prover Pool Node".into()
	}

	fn impl_version() -> String {
		env!("SUBSTRATE_CLI_IMPL_VERSION").into()
	}

	fn description() -> String {
		env!("CARGO_PKG_DESCRIPTION").into()
	}

	fn author() -> String {
		env!("CARGO_PKG_AUTHORS").into()
	}

	/// Shown in reports of panics, after "Please report it at:".
	fn support_url() -> String {
		match env!("CARGO_PKG_REPOSITORY") {
			"" => "the place from which you have this node (see SECURITY.md there)".into(),
			repository => repository.into(),
		}
	}

	fn copyright_start_year() -> i32 {
		2026
	}

	fn load_spec(&self, id: &str) -> std::result::Result<Box<dyn ChainSpec>, String> {
		Ok(Box::new(chain_spec::load(id)?))
	}
}

/// Parses the command line and runs it.
pub fn run() -> Result<()> {
	let cli = Cli::from_args();

	match &cli.subcommand {
		None => run_node(cli),
		Some(Subcommand::Key(cmd)) => cmd.run(&cli),
		Some(Subcommand::ExportChainSpec(cmd)) => cmd.run(cli.load_spec(&cmd.chain)?),
		Some(Subcommand::BuildSpec(cmd)) => {
			cli.create_runner(cmd)?.sync_run(|config| cmd.run(config.chain_spec, config.network))
		},
		Some(Subcommand::PurgeChain(cmd)) => {
			cli.create_runner(cmd)?.sync_run(|config| cmd.run(config.database))
		},
		Some(Subcommand::ChainInfo(cmd)) => {
			cli.create_runner(cmd)?.sync_run(|config| cmd.run::<Block>(&config))
		},
		Some(Subcommand::CheckBlock(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let PartialComponents { client, task_manager, import_queue, .. } =
				partial(&config, None)?;
			Ok((cmd.run(client, import_queue), task_manager))
		}),
		Some(Subcommand::ImportBlocks(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let PartialComponents { client, task_manager, import_queue, .. } =
				partial(&config, None)?;
			Ok((cmd.run(client, import_queue), task_manager))
		}),
		Some(Subcommand::ExportBlocks(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let PartialComponents { client, task_manager, .. } = partial(&config, None)?;
			Ok((cmd.run(client, config.database), task_manager))
		}),
		Some(Subcommand::ExportState(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let PartialComponents { client, task_manager, .. } = partial(&config, None)?;
			Ok((cmd.run(client, config.chain_spec), task_manager))
		}),
		Some(Subcommand::Revert(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let PartialComponents { client, task_manager, backend, .. } = partial(&config, None)?;
			Ok((cmd.run(client, backend, Some(Box::new(revert_consensus))), task_manager))
		}),
	}
}

fn run_node(mut cli: Cli) -> Result<()> {
	if cli.run.get_keyring().is_some() {
		// An authority must have a network key, since others rely on its address. Nobody relies on
		// that of Alice, whose keys are public.
		cli.run.network_params.node_key_params.unsafe_force_node_key_generation = true;
	}

	let mut runner = cli.create_runner(&cli.run)?;
	let config = runner.config_mut();

	let endpoints = config.rpc.addr.get_or_insert_default();
	if cli.run.rpc_params.experimental_rpc_endpoint.is_empty() {
		// By default the server moves to a random port if the right one is taken, and clients would
		// reach the program that has it.
		endpoints.iter_mut().for_each(|endpoint| endpoint.retry_random_port = false);
	}
	ports::check(endpoints).map_err(|message| Error::Application(message.into()))?;

	if cli.sealing.is_some() && !config.role.is_authority() {
		return Err("--sealing makes blocks, which only an authority may: \
		            add --dev, or --validator with the keys of the chain"
			.into());
	}

	if cli.sealing.is_some() {
		keep_all_states(runner.config_mut());
	}

	let Cli { storage, sealing, .. } = cli;
	runner.run_node_until_exit(|config| async move {
		// Before the database is opened, which on a full disk ends the process by a signal.
		let disk_watch = service::watch_disk(&config, storage)?;
		let mut task_manager = match config.network.network_backend {
			NetworkBackendType::Libp2p => service::start::<NetworkWorker<_, _>>(config, sealing),
			NetworkBackendType::Litep2p => service::start::<Litep2pNetworkBackend>(config, sealing),
		}?;
		task_manager.add_child(disk_watch);
		Ok::<_, Error>(task_manager)
	})
}

/// Makes a new database an archive, unless the pruning is given. A sealed chain has more than the
/// default of 256 blocks within minutes, and clients could not read the states of recent blocks.
fn keep_all_states(config: &mut Configuration) {
	// An existing database keeps its mode and refuses another one.
	let is_new = !config.database.path().is_some_and(Path::exists);
	if is_new && config.state_pruning.is_none() {
		config.state_pruning = Some(PruningMode::ArchiveAll);
	}
}
