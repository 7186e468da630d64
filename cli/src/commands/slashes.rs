//! `discharge`, `apply-slash` and `cancel-slash`: the end of an assignment.

use super::{
	transact::{transact, Intent},
	Context,
};
use crate::{
	amount::Token,
	args::{BlockCallArgs, CancelArgs},
	chain::{api, At, Balance, BlockId},
	reads::{
		clock,
		pool::{self, PendingSlash},
	},
	Refusal, Result,
};
use api::runtime_types::{pallet_prover_pool::pallet::Call, prover_pool_runtime::RuntimeCall};
use serde_json::json;

fn calls() -> api::prover_pool::calls::api::TransactionApi {
	api::transactions().prover_pool()
}

/// Closes an old assignment of the signer without a slash.
pub async fn discharge(context: &Context, args: BlockCallArgs) -> Result<()> {
	let at = context.client.best().await?;
	let assignment = pool::assignment(&at, args.block).await?.ok_or_else(|| Refusal {
		name: "ProverPool.UnknownBlock".into(),
		reason: format!("block {} has no assignment", args.block),
	})?;
	let (now, clock) = clock::now(&at).await?;
	let age = now.saturating_sub(assignment.drawn_at);
	let max_liability = pool::parameters(&at).await?.max_liability;
	let prover = context.client.address(&assignment.prover);
	let intent = Intent {
		summary: format!("discharge {prover} from block {}, without a slash", args.block),
		consequences: vec![format!(
			"The assignment is {age} {unit}s old; its prover can discharge it when it is older than \
			 {max_liability}.",
			unit = clock.name()
		)],
		details: json!({
			"block_id": args.block,
			"prover": prover,
			"drawn_at": assignment.drawn_at,
			"now": now,
			"max_liability": max_liability,
		}),
	};
	let call = calls().discharge_prover(args.block);
	transact(context, &context.actor(&args.submit)?, &call, &intent, &args.submit).await
}

/// Takes the tokens of a deferred slash that is due.
pub async fn apply_slash(context: &Context, args: BlockCallArgs) -> Result<()> {
	let at = context.client.best().await?;
	let slash = Slash::read(context, &at, args.block).await?;
	let intent = slash.apply(context.client.token());
	let call = calls().apply_slash(args.block);
	transact(context, &context.actor(&args.submit)?, &call, &intent, &args.submit).await
}

/// Cancels a deferred slash that is not due.
pub async fn cancel_slash(context: &Context, args: CancelArgs) -> Result<()> {
	let BlockCallArgs { block: block_id, submit } = args.call;
	let at = context.client.best().await?;
	let slash = Slash::read(context, &at, block_id).await?;
	let intent = slash.cancel(context.client.token());
	let actor = context.actor(&submit)?;
	if args.sudo {
		let call = RuntimeCall::ProverPool(Call::cancel_slash { block_id });
		let call = api::transactions().sudo().sudo(call);
		return transact(context, &actor, &call, &intent, &submit).await;
	}
	transact(context, &actor, &calls().cancel_slash(block_id), &intent, &submit).await
}

/// A pending slash, with addresses for its accounts.
struct Slash {
	block_id: BlockId,
	who: String,
	amount: Balance,
	fault: String,
	reporter: Option<(String, Balance)>,
	due_at: u32,
	now: u32,
	unit: &'static str,
	suspended_until: Option<u32>,
}

impl Slash {
	async fn read(context: &Context, at: &At, block_id: BlockId) -> Result<Self> {
		let slash = pool::pending_slash(at, block_id).await?.ok_or_else(|| Refusal {
			name: "ProverPool.NoPendingSlash".into(),
			reason: format!("block {block_id} has no pending slash"),
		})?;
		let (now, clock) = clock::now(at).await?;
		let PendingSlash { who, amount, fault, reporter, due_at, suspended_until, .. } = slash;
		Ok(Self {
			block_id,
			who: context.client.address(&who),
			amount,
			fault: format!("{fault:?}"),
			reporter: reporter.map(|(who, most)| (context.client.address(&who), most)),
			due_at,
			now,
			unit: clock.name(),
			suspended_until,
		})
	}

	/// Returns the slash in words, without the verb.
	fn text(&self, token: &Token) -> String {
		let amount = token.format(self.amount);
		format!(
			"the slash of {amount} of {} for block {} ({})",
			self.who, self.block_id, self.fault
		)
	}

	fn date(&self) -> String {
		let Self { unit, due_at, now, .. } = self;
		let state = if now >= due_at { "It is due since" } else { "It is due at" };
		format!("{state} {unit} {due_at}; now is {now}.")
	}

	fn details(&self) -> serde_json::Value {
		json!({
			"block_id": self.block_id,
			"who": self.who,
			"amount": self.amount.to_string(),
			"fault": self.fault,
			"reporter": self.reporter.as_ref().map(|(who, _)| who),
			"reporter_most": self.reporter.as_ref().map(|(_, most)| most.to_string()),
			"due_at": self.due_at,
			"now": self.now,
			"suspended_until": self.suspended_until,
		})
	}

	fn apply(&self, token: &Token) -> Intent {
		let mut consequences = vec![self.date()];
		if let Some((reporter, most)) = &self.reporter {
			consequences.push(format!("{reporter} gets up to {} of it.", token.format(*most)));
		}
		let summary = format!("take {}", self.text(token));
		Intent { summary, consequences, details: self.details() }
	}

	fn cancel(&self, token: &Token) -> Intent {
		let mut consequences =
			vec![self.date(), format!("The tokens are released to {}.", self.who)];
		if let Some(until) = self.suspended_until {
			consequences.push(format!(
				"The suspension until {} {until} ends; the member stays paused until it resumes.",
				self.unit
			));
		}
		let summary = format!("cancel {}", self.text(token));
		Intent { summary, consequences, details: self.details() }
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::commands::account::tests::{token, UNIT};

	fn slash() -> Slash {
		Slash {
			block_id: 7,
			who: "5Fa".into(),
			amount: 5 * UNIT,
			fault: "Late".into(),
			reporter: Some(("5Eve".into(), UNIT)),
			due_at: 200,
			now: 150,
			unit: "block",
			suspended_until: Some(900),
		}
	}

	#[test]
	fn a_slash_is_shown_with_its_date_and_reporter() {
		let intent = Slash { now: 200, ..slash() }.apply(&token());
		assert_eq!(intent.summary, "take the slash of 5 UNIT of 5Fa for block 7 (Late)");
		let expected = ["It is due since block 200; now is 200.", "5Eve gets up to 1 UNIT of it."];
		assert_eq!(intent.consequences, expected);
		assert_eq!(intent.details["amount"], "5000000000000");
	}

	#[test]
	fn a_cancelled_slash_ends_its_suspension() {
		let intent = slash().cancel(&token());
		assert_eq!(intent.summary, "cancel the slash of 5 UNIT of 5Fa for block 7 (Late)");
		assert_eq!(
			intent.consequences,
			[
				"It is due at block 200; now is 150.",
				"The tokens are released to 5Fa.",
				"The suspension until block 900 ends; the member stays paused until it resumes.",
			]
		);
	}
}
