//! What stays free to pay fees from, after a call that puts tokens on hold.

use super::{account::Situation, transact::Intent, Context};
use crate::{
	amount::Token,
	args::SubmitArgs,
	chain::{api, Balance, H256},
	output::warn,
	prover::ATTESTATION_SIZE,
	reads::tokens::{self, Tokens},
	submit::fee_of,
	Error, Result,
};
use serde_json::Value;
use subxt::tx::Payload;

/// The free tokens of the account that acts, as a call moves them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moved {
	/// What is put on hold.
	pub held: Balance,
	/// What is released before.
	pub released: Balance,
}

/// What the account that pays fees can still pay.
struct Reserve {
	/// The address of that account.
	payer: String,
	/// What it can pay after the call.
	left: Balance,
	/// What a proof, an exit and a withdrawal cost at most.
	needed: Balance,
}

/// Adds to an intent what its call leaves to pay fees from, and a note if that is too little. Who is not
/// asked is warned.
pub(super) async fn add<C: Payload>(
	context: &Context,
	situation: &Situation,
	call: &C,
	moved: Moved,
	intent: &mut Intent,
	submit: &SubmitArgs,
) -> Result<()> {
	let reserve = match Reserve::read(context, situation, call, moved, submit).await {
		// A chain with other calls than those that would be needed later: this one may do.
		Err(Error::Incompatible(_)) => return Ok(()),
		reserve => reserve?,
	};
	let warning = reserve.add_to(intent, context.client.token());
	if let Some(warning) = warning.filter(|_| submit.yes) {
		warn(&warning);
	}
	Ok(())
}

impl Reserve {
	async fn read<C: Payload>(
		context: &Context,
		situation: &Situation,
		call: &C,
		moved: Moved,
		submit: &SubmitArgs,
	) -> Result<Self> {
		let Situation { actor, at, .. } = situation;
		let (key, payer) = (actor.of_key(), actor.signer().account());
		let tip = context.client.token().parse_with_unit(&submit.tip)?;
		let nonce = at.tx().account_nonce(&payer).await?;
		let pool = api::transactions().prover_pool();
		let rollup = api::transactions().block_proposal();
		// Of the widest arguments, and with the only proof that this program makes itself.
		let proof = vec![0; ATTESTATION_SIZE];
		let prove = rollup.prove_block(u64::MAX, H256::zero(), H256::zero(), u32::MAX, proof);
		let (exit, withdraw, withdraw_for) =
			(pool.exit(), pool.withdraw(), pool.withdraw_for(actor.account()));
		let withdrawal = async {
			// As the command does it: without the proxy.
			match actor.is_proxied() {
				true => fee_of(at, &key, &withdraw_for, nonce).await,
				false => fee_of(at, &key, &withdraw, nonce).await,
			}
		};
		let (tokens, fee, proof, exit, withdrawal) = futures::try_join!(
			tokens::of(at, payer),
			fee_of(at, actor, call, nonce),
			fee_of(at, actor, &prove, nonce),
			fee_of(at, actor, &exit, nonce),
			withdrawal,
		)?;
		// A proxy's tokens do not move.
		let tokens = if actor.is_proxied() { tokens } else { moved.apply(tokens) };
		let left = tokens.spendable(tokens::existential_deposit(at)?);
		Ok(Self {
			payer: context.client.address(&payer),
			left: left.saturating_sub(fee).saturating_sub(tip),
			needed: proof.saturating_add(exit).saturating_add(withdrawal),
		})
	}

	/// Adds both amounts to the details of an intent, and a note to its consequences if too little is left.
	/// Returns the note.
	fn add_to(&self, intent: &mut Intent, token: &Token) -> Option<String> {
		let Self { payer, left, needed } = self;
		if let Value::Object(details) = &mut intent.details {
			details.insert("left_for_fees".into(), left.to_string().into());
			details.insert("needed_for_fees".into(), needed.to_string().into());
		}
		let note = (left < needed).then(|| {
			format!(
				"{payer} keeps {} to pay fees from, and a proof, an exit and a withdrawal cost up to {}",
				token.format(*left),
				token.format(*needed)
			)
		})?;
		intent.consequences.push(format!("Note: {note}."));
		Some(note)
	}
}

impl Moved {
	/// Returns the tokens of the account after the call.
	fn apply(self, tokens: Tokens) -> Tokens {
		let move_from = |amount: Balance, plus: Balance, minus: Balance| {
			amount.saturating_add(plus).saturating_sub(minus)
		};
		Tokens {
			free: move_from(tokens.free, self.released, self.held),
			held: move_from(tokens.held, self.held, self.released),
			..tokens
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::commands::account::tests::{token, UNIT};
	use serde_json::json;

	fn added(left: Balance) -> (Intent, Option<String>) {
		let consequences = vec!["80 UNIT of free tokens are put on hold.".into()];
		let details = json!({ "amount": "80" });
		let mut intent = Intent { summary: "stake".into(), consequences, details };
		let reserve = Reserve { payer: "5Fa".into(), left, needed: UNIT / 100 };
		let note = reserve.add_to(&mut intent, &token());
		(intent, note)
	}

	#[test]
	fn too_little_for_fees_is_said_last() {
		let (intent, note) = added(UNIT / 100 - 1);
		let expected =
			"5Fa keeps 0.009999999999 UNIT to pay fees from, and a proof, an exit and a \
		                withdrawal cost up to 0.01 UNIT";
		assert_eq!(note.unwrap(), expected);
		assert_eq!(intent.consequences.len(), 2);
		assert_eq!(intent.consequences[1], format!("Note: {expected}."));
		assert_eq!(
			intent.details,
			json!({
				"amount": "80",
				"left_for_fees": "9999999999",
				"needed_for_fees": "10000000000",
			})
		);
	}

	#[test]
	fn enough_for_fees_is_in_the_details_only() {
		let (intent, note) = added(UNIT / 100);
		assert_eq!((note, intent.consequences.len()), (None, 1));
		assert_eq!(intent.details["left_for_fees"], "10000000000");
	}

	#[test]
	fn free_tokens_are_held_after_others_are_released() {
		let tokens = Tokens { free: 100, held: 30, frozen: 5 };
		let moved = Moved { held: 107, released: 10 }.apply(tokens);
		assert_eq!(moved, Tokens { free: 3, held: 127, frozen: 5 });
	}
}
