//! The commands, one file each: what is asked, what is shown.

mod blocks;
mod file;
mod propose;
mod prove;
mod provers;
mod staker;
mod staking;
mod status;
mod transact;
mod watch;
mod weights;

pub(crate) use watch::interrupted;

use crate::{
	args::{Cli, Command, Global},
	client::Client,
	daemon,
	keys::Signer,
	output::{write_line, Format, Progress, Show},
	Result,
};
use clap::CommandFactory;

/// What every command works with.
pub struct Context {
	/// The connection.
	pub client: Client,
	/// How results are shown.
	pub format: Format,
	/// What every command takes.
	pub global: Global,
	signer: Option<Signer>,
}

impl Context {
	/// Connects. Where a key is needed it is read before: a missing one needs no node to be missed.
	pub async fn new(global: Global, with_key: bool) -> Result<Self> {
		let signer = with_key.then(|| global.key.signer()).transpose()?;
		let progress = Progress::new();
		progress.say("connecting …");
		let client = Client::connect(&global.url, global.insecure).await?;
		if let Some(signer) = &signer {
			signer.check_for(client.properties())?;
		}
		Ok(Self { client, format: global.output, global, signer })
	}

	/// The key of whoever calls.
	pub fn signer(&self) -> Result<Signer> {
		match &self.signer {
			Some(signer) => Ok(signer.clone()),
			None => self.global.key.signer(),
		}
	}

	/// Writes a result.
	pub fn print<T: Show>(&self, result: &T) -> Result<()> {
		self.format.print(result, self.client.token())
	}
}

/// Does what the arguments say.
pub async fn run(cli: Cli) -> Result<()> {
	if let Command::Completions(args) = &cli.command {
		let mut script = Vec::new();
		clap_complete::generate(args.shell, &mut Cli::command(), "prover-pool", &mut script);
		return write_line(&String::from_utf8_lossy(&script));
	}
	if let Command::Run(args) = cli.command {
		return daemon::run(cli.global, args).await;
	}
	let context = Context::new(cli.global, cli.command.signs()).await?;
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
		Command::Run(_) | Command::Completions(_) => Ok(()),
	}
}
