//! The commands, one file for each or for a few of a kind.

mod account;
mod advice;
mod advise;
mod band;
mod blocks;
mod calibrate;
mod calibration;
mod check;
mod dashboard;
mod file;
mod govern;
mod history;
mod index;
mod odds;
mod offers;
mod parameters;
mod propose;
mod prove;
mod provers;
mod refusals;
mod reserve;
mod settle;
mod slashes;
mod staker;
mod staking;
mod status;
mod transact;
mod views;
mod watch;
mod weights;
mod why;

use crate::{
	actor::Actor,
	args::{Cli, Command, Global, SubmitArgs},
	client::Client,
	daemon, exporter,
	keys::Signer,
	output::{write_line, Format, Progress, Show},
	Error, Result,
};
use clap::CommandFactory;

/// The connection and the options of a command.
pub struct Context {
	/// The connection.
	pub client: Client,
	/// The form of results.
	pub format: Format,
	/// The options of every command.
	pub global: Global,
	signer: Option<Signer>,
}

impl Context {
	/// Connects. A key that is needed is read first, so a missing one is reported without a node.
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

	/// Connects again, to the first node that answers. Refused if that is of another chain.
	pub async fn reconnect(&self) -> Result<Client> {
		let client = Client::connect(&self.global.url, self.global.insecure).await?;
		if client.genesis_hash() != self.client.genesis_hash() {
			return Err(Error::Usage(format!("{} is a node of another chain now", client.url())));
		}
		Ok(client)
	}

	/// Returns the key of the caller.
	pub fn signer(&self) -> Result<Signer> {
		match &self.signer {
			Some(signer) => Ok(signer.clone()),
			None => self.global.key.signer(),
		}
	}

	/// Returns the account that a call is made for, with the key of the caller.
	pub fn actor(&self, args: &SubmitArgs) -> Result<Actor> {
		let signer = self.signer()?;
		Ok(match &args.account {
			Some(address) => Actor::new(signer, self.client.account(address)?),
			None => signer.into(),
		})
	}

	/// Writes a result.
	pub fn print<T: Show>(&self, result: &T) -> Result<()> {
		self.format.print(result, self.client.token())
	}
}

/// Runs the command. A refusal is explained by the chain's state.
pub async fn run(cli: Cli) -> Result<()> {
	if let Command::Completions(args) = &cli.command {
		let mut script = Vec::new();
		clap_complete::generate(args.shell, &mut Cli::command(), "prover-pool", &mut script);
		return write_line(&String::from_utf8_lossy(&script));
	}
	let writes_csv = matches!(cli.command, Command::History(_));
	if cli.global.output == Format::Csv && !writes_csv {
		return Err(Format::no_csv());
	}
	let command = match cli.command {
		Command::Run(args) => return daemon::run(cli.global, args).await,
		Command::Exporter(args) => return exporter::run(cli.global, args).await,
		Command::Calibrate(args) => return calibrate::run(cli.global, args).await,
		Command::Check(args) => return check::run(&cli.global, args).await,
		Command::Dashboard(args) => return dashboard::run(cli.global, args).await,
		Command::History(args) => return history::run(&cli.global, args),
		Command::Why(args) => return why::run(&cli.global, args),
		other => other,
	};
	let context = Context::new(cli.global, command.signs()).await?;
	match dispatch(&context, command.clone()).await {
		Err(error) => Err(refusals::explained(&context, &command, error).await),
		done => done,
	}
}

async fn dispatch(context: &Context, command: Command) -> Result<()> {
	match command {
		Command::Status => status::run(context).await,
		Command::Parameters => parameters::run(context).await,
		Command::Provers => provers::run(context).await,
		Command::Staker(args) => staker::run(context, args).await,
		Command::Weights(args) => weights::run(context, args).await,
		Command::Odds(args) => odds::run(context, args).await,
		Command::Advise(args) => advise::run(context, args).await,
		Command::Stake(args) => staking::stake(context, args).await,
		Command::Exit(args) => staking::exit(context, args).await,
		Command::Withdraw(args) => staking::withdraw(context, args).await,
		Command::StakeExtra(args) => offers::stake_extra(context, args).await,
		Command::Unstake(args) => staking::unstake(context, args).await,
		Command::Restake(args) => offers::restake(context, args).await,
		Command::Terms(args) => offers::terms(context, args).await,
		Command::Pause(args) => offers::pause(context, args).await,
		Command::Resume(args) => offers::resume(context, args).await,
		Command::Discharge(args) => slashes::discharge(context, args).await,
		Command::ApplySlash(args) => slashes::apply_slash(context, args).await,
		Command::CancelSlash(args) => slashes::cancel_slash(context, args).await,
		Command::Propose(args) => propose::run(context, args).await,
		Command::Blocks(args) => blocks::run(context, args).await,
		Command::Watch(args) => watch::run(context, args).await,
		Command::Prove(args) => prove::run(context, args).await,
		Command::Verify(args) => settle::verify(context, args).await,
		Command::Expire(args) => settle::expire(context, args).await,
		Command::Skip(args) => settle::skip(context, args).await,
		Command::ClearClaims(args) => settle::clear_claims(context, args).await,
		Command::Dispute(args) => govern::dispute(context, args).await,
		Command::Protocol(command) => govern::protocol(context, command).await,
		Command::Index(args) => index::run(context, args).await,
		Command::Run(_) | Command::Exporter(_) | Command::Calibrate(_) => Ok(()),
		Command::Check(_) => Ok(()),
		Command::Dashboard(_) | Command::History(_) | Command::Why(_) => Ok(()),
		Command::Completions(_) => Ok(()),
	}
}
