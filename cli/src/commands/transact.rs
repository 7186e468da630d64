//! What every command that submits does: try, say what it costs, ask, submit, show what happened.

use super::Context;
use crate::{
	amount::Token,
	args::SubmitArgs,
	chain::Balance,
	keys::Signer,
	output::{base_units, Progress, Show},
	submit::{Outcome, Prepared, Terms},
	Error, Result,
};
use serde::Serialize;
use std::io::{stderr, stdin, IsTerminal, Write};
use subxt::tx::Payload;

/// What a call would do: shown by a dry run.
#[derive(Serialize)]
struct DryRun<'a> {
	dry_run: bool,
	call: &'a str,
	nonce: u64,
	#[serde(serialize_with = "base_units")]
	fee: Balance,
	#[serde(skip)]
	summary: &'a str,
}

impl Show for DryRun<'_> {
	fn text(&self, token: &Token) -> String {
		let Self { summary, fee, .. } = self;
		format!("Would {summary}.\nFee: at most {}. Nothing was submitted.", token.format(*fee))
	}
}

impl Show for Outcome {
	fn text(&self, token: &Token) -> String {
		let state = if self.finalized { "finalized block" } else { "block" };
		let mut lines: Vec<String> =
			self.events.iter().map(|event| format!("{}: {}", event.name, event.text)).collect();
		lines.push(format!("In {state} {}, for a fee of {}.", self.block, token.format(self.fee)));
		lines.join("\n")
	}
}

/// Submits a call, after it was tried and agreed to. `summary` says what it does, beginning with a verb.
///
/// Gives what happened, or nothing if it was only tried.
pub async fn transact<C: Payload>(
	context: &Context,
	signer: &Signer,
	call: &C,
	summary: &str,
	args: &SubmitArgs,
) -> Result<Option<Outcome>> {
	if !args.yes && !args.dry_run && !stdin().is_terminal() {
		return Err(Error::Usage(
			"nobody can be asked without a terminal: submit with -y, or only try with --dry-run"
				.into(),
		));
	}
	let client = &context.client;
	let terms = Terms { nonce: args.nonce, tip: client.token().parse(&args.tip)? };
	let progress = Progress::new();
	progress.say("trying …");
	let prepared = Prepared::sign_with(client, signer, call, terms).await?;
	prepared.dry_run(client).await?;
	let fee = prepared.fee().await?;
	progress.clear();

	if args.dry_run {
		let (call, nonce) = (&prepared.call, prepared.nonce);
		context.print(&DryRun { dry_run: true, call, nonce, fee, summary })?;
		return Ok(None);
	}
	if !args.yes {
		ask(summary, &client.token().format(fee))?;
	}
	let outcome = prepared.submit(client, args.wait, args.patience(), &progress).await?;
	progress.clear();
	context.print(&outcome)?;
	Ok(Some(outcome))
}

fn ask(summary: &str, fee: &str) -> Result<()> {
	let mut line = String::new();
	write!(stderr(), "This will {summary}.\nFee: at most {fee}. Submit? [y/N] ")?;
	stderr().flush()?;
	stdin().read_line(&mut line)?;
	match line.trim().to_lowercase().as_str() {
		"y" | "yes" => Ok(()),
		_ => Err(Error::Declined),
	}
}
