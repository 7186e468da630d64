//! How a call gets into a block: signed, tried, submitted, watched.
//!
//! [`Prepared`] does it step by step, for programs that decide themselves; what asks people is in
//! [`commands`](crate::commands).

use crate::{
	chain::{At, Balance, Config, H256},
	client::Client,
	commands::interrupted,
	decoded::Event,
	error::{Failed, NotConfirmed},
	keys::Signer,
	output::Progress,
	validity::{by_queue, invalid},
	Error, Refusal, Result,
};
use serde::Serialize;
use std::time::Duration;
use subxt::{
	client::OnlineClientAtBlockImpl,
	config::DefaultExtrinsicParamsBuilder,
	error::{BackendError, ExtrinsicError, RpcError},
	tx::{Payload, SubmittableTransaction, TransactionInBlock, TransactionStatus},
};
use tokio::time::timeout;

type OnlineAt = OnlineClientAtBlockImpl<Config>;
type InBlock = TransactionInBlock<Config, OnlineAt>;

/// For how many blocks a transaction is valid.
const LIFETIME: u64 = 64;
/// A finalized block this far behind the best one is a good birth for a transaction: it is not reverted.
const BIRTH_LAG: u64 = LIFETIME / 2;

/// When a submitted transaction is done.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub enum Wait {
	/// It is in a best block, which may still be reverted.
	#[default]
	InBlock,
	/// It is in a finalized block.
	Finalized,
}

/// What a transaction says besides its call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms {
	/// The nonce, to replace a transaction that waits; else the next one of the account.
	pub nonce: Option<u64>,
	/// What is paid besides the fee, to go before other transactions that wait.
	pub tip: Balance,
}

/// A call, signed and ready, at the best block of the moment.
pub struct Prepared {
	at: At,
	/// What is tried: with the nonce that the account has in that block.
	trial: SubmittableTransaction<Config, OnlineAt>,
	/// What is submitted: with the nonce that follows the account's waiting transactions.
	transaction: SubmittableTransaction<Config, OnlineAt>,
	/// The name of the call, `Pallet.call`.
	pub call: String,
	/// The nonce with which it is submitted.
	pub nonce: u64,
	/// The number of the last block that it can get into.
	pub valid_until: u64,
	/// What it pays besides its fee.
	pub tip: Balance,
}

/// What became of a transaction that got into a block and did what it should.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
	/// The call: `Pallet.call`.
	pub call: String,
	/// The transaction's hash.
	pub transaction: H256,
	/// The number of its block.
	pub block: u64,
	/// The hash of its block.
	pub block_hash: H256,
	/// Whether that block is finalized.
	pub finalized: bool,
	/// What it cost, its tip included, in base units.
	#[serde(serialize_with = "crate::output::base_units")]
	pub fee: Balance,
	/// What it brought about, the events of fees and of the system left out.
	pub events: Vec<Event>,
}

impl Prepared {
	/// Signs a call, with a nonce if it is to replace a transaction that waits.
	pub async fn sign<C: Payload>(
		client: &Client,
		signer: &Signer,
		call: &C,
		nonce: Option<u64>,
	) -> Result<Self> {
		Self::sign_with(client, signer, call, Terms { nonce, tip: 0 }).await
	}

	/// Signs a call on these terms.
	pub async fn sign_with<C: Payload>(
		client: &Client,
		signer: &Signer,
		call: &C,
		terms: Terms,
	) -> Result<Self> {
		let at = client.best().await?;
		let account = signer.account();
		let trial_nonce = at.tx().account_nonce(&account).await?;
		let nonce = match terms.nonce {
			Some(nonce) => nonce,
			None => client.rpc().system_account_next_index(&account).await?.max(trial_nonce),
		};
		let (birth, birth_hash) = birth(client, &at).await?;
		let sign = |nonce: u64| -> Result<_> {
			let params = DefaultExtrinsicParamsBuilder::<Config>::new()
				.mortal_from_unchecked(LIFETIME, birth, birth_hash)
				.nonce(nonce)
				.tip(terms.tip)
				.build();
			Ok(at.tx().create_signable_offline(call, params)?.sign(signer.pair())?)
		};
		let transaction = sign(nonce)?;
		let trial = if nonce == trial_nonce { transaction.clone() } else { sign(trial_nonce)? };
		let call = format!("{}.{}", call.pallet_name(), call.call_name());
		let valid_until = birth + LIFETIME - 1;
		Ok(Self { at, trial, transaction, call, nonce, valid_until, tip: terms.tip })
	}

	/// The hash of the transaction.
	pub fn hash(&self) -> H256 {
		self.transaction.hash()
	}

	/// The bytes of the transaction, for whoever submits it elsewhere, or again.
	pub fn encoded(&self) -> &[u8] {
		self.transaction.encoded()
	}

	/// The most that the transaction costs besides its tip and what the call itself takes.
	pub async fn fee(&self) -> Result<Balance> {
		Ok(self.transaction.partial_fee_estimate().await?)
	}

	/// Tries the call on the state after the best block, which changes nothing. Gives whether that says
	/// anything: before its first block, a chain can try nothing.
	pub async fn dry_run(&self, client: &Client) -> Result<bool> {
		if self.at.block_number() == 0 {
			// The genesis state does not know the hash that every signature covers.
			return Ok(false);
		}
		let answer = client
			.rpc()
			.state_call(
				"BlockBuilder_apply_extrinsic",
				Some(self.trial.encoded()),
				Some(self.at.block_hash()),
			)
			.await?;
		match answer.as_slice() {
			[0, 0, ..] => Ok(true),
			[0, 1, error @ ..] => Err(Refusal::decode(error, &self.at)?.into()),
			[1, error @ ..] => Err(invalid(error).into()),
			_ => Err(Error::Incompatible("the answer to a dry run cannot be decoded".into())),
		}
	}

	/// Submits the transaction and waits for its block, no longer than `patience`, and no longer than
	/// nobody wants this program to end.
	///
	/// What is reported on the way goes to `progress`.
	pub async fn submit(
		self,
		client: &Client,
		wait: Wait,
		patience: Duration,
		progress: &Progress,
	) -> Result<Outcome> {
		let transaction = self.hash();
		let mut seen = None;
		let result = tokio::select! {
			// Signals first: from here on, none ends the program without a word about the transaction.
			biased;
			signal = interrupted() => {
				signal?;
				Err(Error::Connection(so_far(seen, "before the interruption")))
			},
			result = timeout(patience, self.follow(client, wait, progress, &mut seen)) => {
				result.unwrap_or_else(|_| {
					let when = format!("within {} s", patience.as_secs());
					Err(Error::Connection(so_far(seen, &when)))
				})
			},
		};
		result.map_err(|error| match error {
			// Once it is submitted, whatever keeps us from knowing is no reason to submit again.
			Error::Connection(reason) | Error::Incompatible(reason) => {
				NotConfirmed { transaction, block_hash: seen, reason }.into()
			},
			other => other,
		})
	}

	/// Submits the transaction and follows it to its block. The last block that was said to have it is
	/// put down in `seen`.
	async fn follow(
		&self,
		client: &Client,
		wait: Wait,
		progress: &Progress,
		seen: &mut Option<H256>,
	) -> Result<Outcome> {
		let lost = |what: &str| Err(Error::Connection(what.into()));
		let mut statuses = self.transaction.submit_and_watch().await.map_err(not_accepted)?;
		let hash = self.hash();
		progress.say(&format!("{hash:?}: waiting"));
		while let Some(status) = statuses.next().await {
			match status? {
				TransactionStatus::InBestBlock(block) => {
					*seen = Some(block.block_hash());
					if wait == Wait::InBlock {
						return self.outcome(client, &block, false).await;
					}
					// Nodes do not tell if that block is reverted, only which one has it next.
					progress.say(&format!("{hash:?}: not final yet"));
				},
				TransactionStatus::InFinalizedBlock(block) => {
					*seen = Some(block.block_hash());
					return self.outcome(client, &block, true).await;
				},
				TransactionStatus::Error { message }
				| TransactionStatus::Invalid { message }
				| TransactionStatus::Dropped { message } => {
					return lost(&format!("the node gave it up: {message}"));
				},
				TransactionStatus::NoLongerInBestBlock => *seen = None,
				TransactionStatus::Validated | TransactionStatus::Broadcasted => {},
			}
		}
		lost("the node reports no more about it")
	}

	/// What the transaction did in its block.
	async fn outcome(&self, client: &Client, block: &InBlock, finalized: bool) -> Result<Outcome> {
		let at = block.at().await?;
		let (mut fee, mut events, mut refusal) = (0, Vec::new(), None);
		for event in block.fetch_events().await?.iter() {
			let event = event?;
			if (event.pallet_name(), event.event_name()) == ("System", "ExtrinsicFailed") {
				refusal = Some(Refusal::decode(event.field_bytes(), &at)?);
				continue;
			}
			let event = Event::decode(&event, &at, client.properties())?;
			if event.name == "TransactionPayment.TransactionFeePaid" {
				let paid = event.data.get("actual_fee").and_then(|fee| fee.as_str()?.parse().ok());
				let unknown = || Error::Incompatible("its fee cannot be read".into());
				fee = paid.ok_or_else(unknown)?;
			}
			if event.is_of("ProverPool") || event.is_of("BlockProposal") {
				events.push(event);
			}
		}
		let (transaction, number, block_hash) = (self.hash(), at.block_number(), at.block_hash());
		if let Some(refusal) = refusal {
			let failure = Failed { refusal, transaction, block: number, block_hash, fee };
			return Err(Box::new(failure).into());
		}
		let call = self.call.clone();
		Ok(Outcome { call, transaction, block: number, block_hash, finalized, fee, events })
	}
}

/// What is known of a transaction for which nobody waits any longer.
fn so_far(seen: Option<H256>, when: &str) -> String {
	match seen {
		None => format!("no block had it {when}"),
		Some(block) => format!("block {block:?} had it, which was not finalized {when}"),
	}
}

/// The block from which on a transaction is valid. Not the best one: its hash becomes known to the chain
/// with the next block, and a dry run has none.
async fn birth(client: &Client, at: &At) -> Result<(u64, H256)> {
	let best = at.block_number();
	if best == 0 {
		return Ok((0, at.block_hash()));
	}
	let finalized = client.finalized().await?;
	if (1..=BIRTH_LAG).contains(&best.saturating_sub(finalized.block_number())) {
		return Ok((finalized.block_number(), finalized.block_hash()));
	}
	Ok((best - 1, at.block_header().await?.parent_hash))
}

/// Hands a signed transaction to the node, which may have it already, and waits for nothing.
pub async fn hand_over(client: &Client, extrinsic: &[u8]) -> Result<()> {
	/// The error of a node that has it already.
	const ALREADY_THERE: i32 = 1013;
	match client.rpc().author_submit_extrinsic(extrinsic).await {
		Ok(_) => Ok(()),
		Err(subxt::rpcs::Error::User(user)) if user.code == ALREADY_THERE => Ok(()),
		Err(error) => Err(match by_queue(&error) {
			Some(refusal) => refusal.into(),
			None => error.into(),
		}),
	}
}

/// Why the node did not take a transaction. Other errors say nothing about it: it may have reached the
/// node, or not.
fn not_accepted(error: ExtrinsicError) -> Error {
	use ExtrinsicError::ErrorSubmittingTransaction as Submitting;
	if let Submitting(BackendError::Rpc(RpcError::ClientError(inner))) = &error {
		if let Some(refusal) = by_queue(inner) {
			return refusal.into();
		}
	}
	error.into()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_known_when_waiting_ends_says_whether_a_block_had_it() {
		assert_eq!(so_far(None, "within 1 s"), "no block had it within 1 s");
		let block = format!("0x{}", "07".repeat(32));
		assert_eq!(
			so_far(Some(H256([7; 32])), "within 120 s"),
			format!("block {block} had it, which was not finalized within 120 s")
		);
	}

	#[test]
	fn only_what_the_queue_refuses_is_known_not_to_be_submitted() {
		let user = |code: i32| {
			let json = format!(r#"{{"code": {code}, "message": "x"}}"#);
			let user: subxt::rpcs::UserError = serde_json::from_str(&json).unwrap();
			let inner = RpcError::ClientError(subxt::rpcs::Error::User(user));
			not_accepted(ExtrinsicError::ErrorSubmittingTransaction(BackendError::Rpc(inner)))
		};
		assert!(
			matches!(user(1014), Error::Refused(it) if it.name == "Transaction.TooLowPriority")
		);
		assert!(matches!(user(-32000), Error::Connection(_)));
	}
}
