//! The steps of every command that submits: try, show effect and cost, ask, submit, show the
//! outcome.

use super::Context;
use crate::{
	actor::Actor,
	amount::Token,
	args::SubmitArgs,
	chain::Balance,
	client::Client,
	output::{base_units, printable, warn, Progress, Show},
	sentences,
	submit::{Outcome, Prepared, Terms},
	Error, Result,
};
use serde::Serialize;
use std::{
	io::{stderr, stdin, IsTerminal, Write},
	time::Duration,
};
use subxt::tx::Payload;
use tokio::time::timeout;

/// What a call is going to do, according to the chain's state.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Intent {
	/// The effect, beginning with a verb.
	pub summary: String,
	/// Further consequences, a sentence each.
	pub consequences: Vec<String>,
	/// The same for programs: the call's arguments and the state that they depend on.
	pub details: serde_json::Value,
}

/// A call that was tried.
struct Attempt {
	prepared: Prepared,
	/// The key that signs for another account, if it does.
	proxy: Option<String>,
	tried: bool,
	/// The nonce that must be used before its own, if it is not the next one.
	waits_for_nonce: Option<u64>,
	fee: Balance,
}

/// An attempt as it is shown.
#[derive(Serialize)]
struct Preview<'a> {
	dry_run: bool,
	call: &'a str,
	#[serde(flatten)]
	intent: &'a Intent,
	/// The key that signs for another account, if it does.
	#[serde(skip_serializing_if = "Option::is_none")]
	proxy: Option<&'a str>,
	nonce: u64,
	#[serde(skip_serializing_if = "Option::is_none")]
	waits_for_nonce: Option<u64>,
	#[serde(serialize_with = "base_units")]
	fee: Balance,
	#[serde(serialize_with = "base_units")]
	tip: Balance,
	/// True if the chain could try it.
	tried: bool,
}

/// Submits a call after a dry run and the user's consent.
pub async fn transact<C: Payload>(
	context: &Context,
	actor: &Actor,
	call: &C,
	intent: &Intent,
	args: &SubmitArgs,
) -> Result<()> {
	let can_ask = stdin().is_terminal() && stderr().is_terminal();
	if !args.yes && !args.dry_run && !can_ask {
		return Err(Error::Usage(
			"there is no terminal to ask on: submit with -y, or try with --dry-run".into(),
		));
	}
	let client = &context.client;
	let token = client.token();
	let terms = Terms { nonce: args.nonce, tip: token.parse_with_unit(&args.tip)? };
	let progress = Progress::new();
	progress.say("trying …");
	let mut attempt = Attempt::new(client, actor, call, terms, args.limit()).await?;
	progress.clear();

	if args.dry_run {
		return context.print(&attempt.preview(intent));
	}
	if args.yes {
		if let Some(gap) = attempt.gap() {
			warn(&gap);
		}
	} else {
		loop {
			ask(&attempt.preview(intent).question(token))?;
			// The answer may have taken so long that the transaction is too old.
			let agreed = attempt.fee;
			attempt = Attempt::new(client, actor, call, terms, args.limit()).await?;
			if attempt.fee <= agreed {
				break;
			}
		}
	}
	let outcome = attempt.prepared.submit(client, args.wait, args.limit(), &progress).await?;
	progress.clear();
	context.print(&outcome)
}

impl Attempt {
	/// Signs a call and tries it.
	async fn new<C: Payload>(
		client: &Client,
		actor: &Actor,
		call: &C,
		terms: Terms,
		limit: Duration,
	) -> Result<Self> {
		let signer = actor.signer().account();
		let proxy = actor.is_proxied().then(|| client.address(&signer));
		let attempt = async {
			let prepared = Prepared::sign_with(client, actor, call, terms).await?;
			let tried = prepared.dry_run(client).await?;
			let waits_for_nonce = match terms.nonce {
				Some(nonce) => {
					let next = client.rpc().system_account_next_index(&signer).await?;
					(nonce > next).then_some(next)
				},
				None => None,
			};
			let fee = prepared.fee().await?;
			Ok(Self { prepared, proxy, tried, waits_for_nonce, fee })
		};
		timeout(limit, attempt).await.unwrap_or_else(|_| {
			let (url, seconds) = (client.url(), limit.as_secs());
			Err(Error::Connection(format!("{url} did not answer within {seconds} s")))
		})
	}

	fn preview<'a>(&'a self, intent: &'a Intent) -> Preview<'a> {
		Preview {
			dry_run: true,
			call: &self.prepared.call,
			intent,
			proxy: self.proxy.as_deref(),
			nonce: self.prepared.nonce,
			waits_for_nonce: self.waits_for_nonce,
			fee: self.fee,
			tip: self.prepared.tip,
			tried: self.tried,
		}
	}

	fn gap(&self) -> Option<String> {
		self.waits_for_nonce.map(|next| gap(self.prepared.nonce, next))
	}
}

fn gap(nonce: u64, next: u64) -> String {
	format!("the nonce {nonce} has to wait for a transaction with the nonce {next}")
}

impl Preview<'_> {
	/// Returns everything to know before consenting; the costs come last.
	fn terms(&self, token: &Token) -> String {
		let mut lines = self.intent.consequences.clone();
		if let Some(next) = self.waits_for_nonce {
			lines.push(format!("Note: {}.", gap(self.nonce, next)));
		}
		if !self.tried {
			lines.push("Note: the chain could not try it.".into());
		}
		if let Some(proxy) = self.proxy {
			lines.push(format!(
				"{proxy} signs as its proxy and pays the fee, of which nothing returns."
			));
		}
		let fee = token.format(self.fee);
		lines.push(match self.tip {
			0 => format!("Fee: at most {fee}."),
			tip => format!("Fee: at most {fee}, and a tip of {}.", token.format(tip)),
		});
		lines.join("\n")
	}

	fn question(&self, token: &Token) -> String {
		format!("This will {}.\n{} Submit? [y/N] ", self.intent.summary, self.terms(token))
	}
}

impl Show for Preview<'_> {
	fn text(&self, token: &Token) -> String {
		let (summary, terms) = (&self.intent.summary, self.terms(token));
		format!("Would {summary}.\n{terms} Nothing was submitted.")
	}
}

impl Show for Outcome {
	fn text(&self, token: &Token) -> String {
		let state = if self.finalized { "finalized block" } else { "block" };
		let mut lines: Vec<String> = self
			.events
			.iter()
			.map(|event| format!("{}: {}", event.name, sentences::of(event)))
			.collect();
		lines.push(format!("In {state} {}, for a fee of {}.", self.block, token.format(self.fee)));
		lines.join("\n")
	}
}

fn ask(question: &str) -> Result<()> {
	let mut line = String::new();
	write!(stderr(), "{}", printable(question))?;
	stderr().flush()?;
	stdin().read_line(&mut line)?;
	match line.trim().to_lowercase().as_str() {
		"y" | "yes" => Ok(()),
		_ => Err(Error::Declined),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	fn intent() -> Intent {
		Intent {
			summary: "stake 80 UNIT for 5Fa".into(),
			consequences: vec!["It is drawn after 20 blocks.".into()],
			details: json!({ "amount": "80000000000000" }),
		}
	}

	fn preview(intent: &Intent, tip: Balance) -> Preview<'_> {
		Preview {
			dry_run: true,
			call: "ProverPool.stake",
			intent,
			proxy: None,
			nonce: 3,
			waits_for_nonce: None,
			fee: 4_000_000_000,
			tip,
			tried: true,
		}
	}

	fn token() -> Token {
		Token::new("UNIT", 12).unwrap()
	}

	#[test]
	fn a_question_says_what_it_does_and_costs() {
		let expected = "\
This will stake 80 UNIT for 5Fa.
It is drawn after 20 blocks.
Fee: at most 0.004 UNIT. Submit? [y/N] ";
		assert_eq!(preview(&intent(), 0).question(&token()), expected);
	}

	#[test]
	fn a_tip_is_shown_apart_from_the_fee() {
		let intent = intent();
		let text = preview(&intent, 1_000).text(&token());
		let end = "Fee: at most 0.004 UNIT, and a tip of 0.000000001 UNIT. Nothing was submitted.";
		assert!(
			text.starts_with("Would stake 80 UNIT for 5Fa.\n") && text.ends_with(end),
			"{text}"
		);
		let json = serde_json::to_value(preview(&intent, 1_000)).unwrap();
		let expected = json!({
			"dry_run": true,
			"call": "ProverPool.stake",
			"summary": "stake 80 UNIT for 5Fa",
			"consequences": ["It is drawn after 20 blocks."],
			"details": { "amount": "80000000000000" },
			"nonce": 3,
			"fee": "4000000000",
			"tip": "1000",
			"tried": true,
		});
		assert_eq!(json, expected);
	}

	#[test]
	fn a_proxy_is_named() {
		let intent = intent();
		let preview = Preview { proxy: Some("5Key"), ..preview(&intent, 0) };
		let expected = "\
Would stake 80 UNIT for 5Fa.
It is drawn after 20 blocks.
5Key signs as its proxy and pays the fee, of which nothing returns.
Fee: at most 0.004 UNIT. Nothing was submitted.";
		assert_eq!(preview.text(&token()), expected);
		assert_eq!(serde_json::to_value(preview).unwrap()["proxy"], "5Key");
	}

	#[test]
	fn what_was_not_tried_or_has_to_wait_says_so() {
		let intent = intent();
		let preview = Preview { waits_for_nonce: Some(1), tried: false, ..preview(&intent, 0) };
		let expected = "\
Would stake 80 UNIT for 5Fa.
It is drawn after 20 blocks.
Note: the nonce 3 has to wait for a transaction with the nonce 1.
Note: the chain could not try it.
Fee: at most 0.004 UNIT. Nothing was submitted.";
		assert_eq!(preview.text(&token()), expected);
		let json = serde_json::to_value(preview).unwrap();
		assert_eq!((&json["waits_for_nonce"], &json["tried"]), (&json!(1), &json!(false)));
	}
}
