//! The commands, one file each: what is asked, what is shown.

mod blocks;
mod propose;
mod prove;
mod provers;
mod staker;
mod staking;
mod status;
mod transact;
mod watch;
mod weights;

pub use transact::transact;

use crate::{
	args::{Cli, Command, Global},
	client::Client,
	keys::Signer,
	output::{Format, Progress, Show},
	Result,
};
use clap::CommandFactory;
use std::io::stdout;

/// What every command works with.
pub struct Context {
	/// The connection.
	pub client: Client,
	/// How results are shown.
	pub format: Format,
	/// What every command takes.
	pub global: Global,
}

impl Context {
	/// Connects.
	pub async fn new(global: Global) -> Result<Self> {
		let progress = Progress::new();
		progress.say("connecting …");
		let client = Client::connect(&global.url, global.insecure).await?;
		Ok(Self { client, format: global.output, global })
	}

	/// The key of whoever calls, if it may be used on this chain.
	pub fn signer(&self) -> Result<Signer> {
		let signer = self.global.key.signer()?;
		signer.check_for(self.client.properties())?;
		Ok(signer)
	}

	/// Writes a result.
	pub fn print<T: Show>(&self, result: &T) -> Result<()> {
		self.format.print(result, self.client.token())
	}
}

/// Does what the arguments say.
pub async fn run(cli: Cli) -> Result<()> {
	if let Command::Completions(args) = &cli.command {
		clap_complete::generate(args.shell, &mut Cli::command(), "prover-pool", &mut stdout());
		return Ok(());
	}
	let context = Context::new(cli.global).await?;
	match cli.command {
		Command::Status => status::run(&context).await,
		Command::Provers => provers::run(&context).await,
		Command::Staker(args) => staker::run(&context, args).await,
		Command::Weights(args) => weights::run(&context, args).await,
		Command::Stake(args) => staking::stake(&context, args).await,
		Command::Exit(args) => staking::exit(&context, args).await,
		Command::Withdraw(args) => staking::withdraw(&context, args).await,
		Command::Propose(args) => propose::run(&context, args).await,
		Command::Blocks(args) => blocks::run(&context, args).await,
		Command::Watch(args) => watch::run(&context, args).await,
		Command::Prove(args) => prove::run(&context, args).await,
		Command::Completions(_) => Ok(()),
	}
}
