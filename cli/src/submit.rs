//! Gets a call into a block: signs, tries, submits, watches.
//!
//! [`Prepared`] has a method for each step. The prompt is in [`commands`](crate::commands).

use crate::{
	actor::Actor,
	chain::{AccountId, At, Balance, Config, H256},
	client::Client,
	decoded::Event,
	error::{Failed, NotConfirmed},
	output::Progress,
	signals::interrupted,
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
	utils::MultiSignature,
};
use tokio::time::timeout;

type OnlineAt = OnlineClientAtBlockImpl<Config>;
type InBlock = TransactionInBlock<Config, OnlineAt>;

/// The number of blocks for which a transaction is valid.
pub const LIFETIME: u64 = 64;
/// The most blocks between the birth of a transaction and the best block. The birth must not be
/// reverted, and the transaction must stay valid long enough.
const BIRTH_LAG: u64 = LIFETIME / 2;

/// The event that a submission waits for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub enum Wait {
	/// Inclusion in a best block, which may still be reverted.
	#[default]
	InBlock,
	/// Inclusion in a finalized block.
	Finalized,
}

/// The nonce and the tip of a transaction.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms {
	/// The nonce, to replace a waiting transaction. Default: the next one of the account.
	pub nonce: Option<u64>,
	/// The tip on top of the fee, for priority.
	pub tip: Balance,
}

/// A call, signed and ready, at the best block of the moment.
pub struct Prepared {
	at: At,
	/// The transaction to try: with the nonce that the account has in that block.
	trial: SubmittableTransaction<Config, OnlineAt>,
	/// The transaction to submit: with the nonce after the account's waiting transactions.
	transaction: SubmittableTransaction<Config, OnlineAt>,
	/// The account of the key that signs.
	signer: AccountId,
	/// The encoded call, if it dispatches another for another account: then it succeeds whatever becomes of that.
	dispatcher: Option<Vec<u8>>,
	/// The name of the call, `Pallet.call`.
	pub call: String,
	/// The nonce of the submission.
	pub nonce: u64,
	/// The number of the last block that can include it.
	pub valid_until: u64,
	/// Its tip.
	pub tip: Balance,
}

/// The outcome of a transaction that succeeded.
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
	/// True if that block is finalized.
	pub finalized: bool,
	/// Its fee and tip, in base units.
	#[serde(serialize_with = "crate::output::base_units")]
	pub fee: Balance,
	/// The events of pool and rollup.
	pub events: Vec<Event>,
}

impl Prepared {
	/// Signs a call, with a nonce if it replaces a waiting transaction.
	pub async fn sign<C: Payload>(
		client: &Client,
		actor: &Actor,
		call: &C,
		nonce: Option<u64>,
	) -> Result<Self> {
		Self::sign_with(client, actor, call, Terms { nonce, tip: 0 }).await
	}

	/// Signs a call with this nonce and tip.
	pub async fn sign_with<C: Payload>(
		client: &Client,
		actor: &Actor,
		call: &C,
		terms: Terms,
	) -> Result<Self> {
		let at = client.best().await?;
		let signer = actor.signer().account();
		let trial_nonce = at.tx().account_nonce(&signer).await?;
		let nonce = match terms.nonce {
			Some(nonce) => nonce,
			None => client.rpc().system_account_next_index(&signer).await?.max(trial_nonce),
		};
		let (birth, birth_hash) = birth(client, &at).await?;
		let proxied = actor.proxied(&at, call)?;
		let sign = |nonce: u64| -> Result<_> {
			let params = DefaultExtrinsicParamsBuilder::<Config>::new()
				.mortal_from_unchecked(LIFETIME, birth, birth_hash)
				.nonce(nonce)
				.tip(terms.tip)
				.build();
			let (tx, pair) = (at.tx(), actor.signer().pair());
			Ok(match &proxied {
				Some(outer) => tx.create_signable_offline(outer, params)?.sign(pair)?,
				None => tx.create_signable_offline(call, params)?.sign(pair)?,
			})
		};
		let transaction = sign(nonce)?;
		let trial = if nonce == trial_nonce { transaction.clone() } else { sign(trial_nonce)? };
		let dispatcher = match &proxied {
			Some(outer) => Some(at.tx().call_data(outer)?),
			None if call.pallet_name() == "Sudo" => Some(at.tx().call_data(call)?),
			None => None,
		};
		let call = format!("{}.{}", call.pallet_name(), call.call_name());
		let (valid_until, tip) = (birth + LIFETIME - 1, terms.tip);
		Ok(Self { at, trial, transaction, signer, dispatcher, call, nonce, valid_until, tip })
	}

	/// Returns the hash of the transaction.
	pub fn hash(&self) -> H256 {
		self.transaction.hash()
	}

	/// Returns the bytes of the transaction, to submit it elsewhere or again.
	pub fn encoded(&self) -> &[u8] {
		self.transaction.encoded()
	}

	/// Returns the highest fee of the transaction, without its tip.
	pub async fn fee(&self) -> Result<Balance> {
		Ok(self.transaction.partial_fee_estimate().await?)
	}

	/// Tries the call on the state after the best block, without an effect. Returns false if the
	/// chain could not try it: before its first block, a chain can try nothing.
	///
	/// That state still counts the weight of the best block. A call that does not fit for that
	/// reason alone may fit into the next block.
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
		match trial(&answer)? {
			None => Ok(answer.starts_with(&[0, 0]) && self.simulate(client).await?),
			Some(Failure::Dispatch(error)) => Err(Refusal::decode(error, &self.at)?.into()),
			Some(Failure::Validity(refusal)) => Err(refusal.into()),
		}
	}

	/// Tries what the call dispatches for another account. Returns false if the chain cannot do that.
	async fn simulate(&self, client: &Client) -> Result<bool> {
		let Some(call) = &self.dispatcher else { return Ok(true) };
		if self.at.metadata_ref().runtime_api_trait_by_name("CallSimulationApi").is_none() {
			return Ok(false);
		}
		let arguments = [self.signer.0.as_slice(), call].concat();
		let method = "CallSimulationApi_simulate_call";
		let hash = Some(self.at.block_hash());
		let answer = client.rpc().state_call(method, Some(&arguments), hash).await?;
		match answer.as_slice() {
			[0] => Ok(true),
			[1, error @ ..] => Err(Refusal::decode(error, &self.at)?.into()),
			_ => Err(Error::Incompatible("the answer to a simulation cannot be decoded".into())),
		}
	}

	/// Submits the transaction and waits for its block, until the time limit or a signal. Reports
	/// to `progress`.
	pub async fn submit(
		self,
		client: &Client,
		wait: Wait,
		limit: Duration,
		progress: &Progress,
	) -> Result<Outcome> {
		let transaction = self.hash();
		let mut seen = None;
		let result = tokio::select! {
			// Signals first: from here on, none ends the program without a report on the
			// transaction.
			biased;
			signal = interrupted() => {
				signal?;
				Err(Error::Connection(so_far(seen, "before the interruption")))
			},
			result = timeout(limit, self.follow(client, wait, progress, &mut seen)) => {
				result.unwrap_or_else(|_| {
					let when = format!("within {} s", limit.as_secs());
					Err(Error::Connection(so_far(seen, &when)))
				})
			},
		};
		result.map_err(|error| match error {
			// Once it is submitted, an unknown outcome is no reason to submit again.
			Error::Connection(reason) | Error::Incompatible(reason) => {
				NotConfirmed { transaction, block_hash: seen, reason }.into()
			},
			other => other,
		})
	}

	/// Submits the transaction and follows it to its block. Stores the last block that was reported
	/// to include it in `seen`.
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
					// Nodes do not report that this block is reverted, only which one includes it
					// next.
					progress.say(&format!("{hash:?}: not final yet"));
				},
				TransactionStatus::InFinalizedBlock(block) => {
					*seen = Some(block.block_hash());
					return self.outcome(client, &block, true).await;
				},
				TransactionStatus::Error { message }
				| TransactionStatus::Invalid { message }
				| TransactionStatus::Dropped { message } => {
					return lost(&format!("the node dropped it: {message}"));
				},
				TransactionStatus::NoLongerInBestBlock => *seen = None,
				TransactionStatus::Validated | TransactionStatus::Broadcasted => {},
			}
		}
		lost("the node stopped reporting it")
	}

	/// Returns the outcome of the transaction in its block.
	async fn outcome(&self, client: &Client, block: &InBlock, finalized: bool) -> Result<Outcome> {
		let at = block.at().await?;
		let (mut fee, mut events, mut refusal) = (0, Vec::new(), None);
		for event in block.fetch_events().await?.iter() {
			let event = event?;
			if let Some(reason) = refusal_in(&event, &at)? {
				refusal = Some(reason);
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

/// Returns the highest fee of a call with this nonce, without a tip.
///
/// Nothing is signed: a fee depends on the length of a signature only, and a node could submit what is
/// signed.
pub async fn fee_of<C: Payload>(at: &At, actor: &Actor, call: &C, nonce: u64) -> Result<Balance> {
	let params = DefaultExtrinsicParamsBuilder::<Config>::new()
		.mortal_from_unchecked(LIFETIME, at.block_number(), at.block_hash())
		.nonce(nonce)
		.build();
	let (signer, unsigned) = (actor.signer().account(), MultiSignature::Sr25519([0; 64]));
	let (tx, proxied) = (at.tx(), actor.proxied(at, call)?);
	let transaction = match &proxied {
		Some(outer) => tx
			.create_signable_offline(outer, params)?
			.sign_with_account_and_signature(&signer, &unsigned)?,
		None => tx
			.create_signable_offline(call, params)?
			.sign_with_account_and_signature(&signer, &unsigned)?,
	};
	Ok(transaction.partial_fee_estimate().await?)
}

/// Returns the reason for which a call failed, if this event of its transaction reports that.
pub fn refusal_in(event: &subxt::events::Event<'_, Config>, at: &At) -> Result<Option<Refusal>> {
	error_in(event.pallet_name(), event.event_name(), event.field_bytes())
		.map(|error| Refusal::decode(error, at))
		.transpose()
}

/// Returns the encoded error in an event: of the transaction's call, or of one that it has dispatched for another
/// account, where the transaction itself succeeds.
fn error_in<'a>(pallet: &str, event: &str, fields: &'a [u8]) -> Option<&'a [u8]> {
	match ((pallet, event), fields) {
		(("System", "ExtrinsicFailed"), error) => Some(error),
		// Their only field is a `DispatchResult`.
		(("Sudo", "Sudid") | ("Proxy", "ProxyExecuted"), [1, error @ ..]) => Some(error),
		_ => None,
	}
}

/// Returns what is known of a transaction when the waiting ends.
fn so_far(seen: Option<H256>, when: &str) -> String {
	match seen {
		None => format!("no block included it {when}"),
		Some(block) => format!("block {block:?} included it and was not finalized {when}"),
	}
}

/// The failure of a trial.
#[derive(Debug, Eq, PartialEq)]
enum Failure<'a> {
	/// The call failed: the encoded error.
	Dispatch(&'a [u8]),
	/// No block accepts it.
	Validity(Refusal),
}

/// Decodes the answer to a dry run: `ApplyExtrinsicResult`.
fn trial(answer: &[u8]) -> Result<Option<Failure<'_>>> {
	match answer {
		// Success, or no room beside the transactions of the best block.
		[0, 0, ..] | [1, 0, 6, ..] => Ok(None),
		[0, 1, error @ ..] => Ok(Some(Failure::Dispatch(error))),
		[1, error @ ..] => Ok(Some(Failure::Validity(invalid(error)))),
		_ => Err(Error::Incompatible("the answer to a dry run cannot be decoded".into())),
	}
}

/// Returns the block from which on a transaction is valid.
async fn birth(client: &Client, at: &At) -> Result<(u64, H256)> {
	let best = at.block_number();
	if best == 0 {
		return Ok((0, at.block_hash()));
	}
	let finalized = client.finalized().await?;
	let number = birth_number(best, finalized.block_number());
	if number == finalized.block_number() {
		return Ok((number, finalized.block_hash()));
	}
	let missing = || Error::Connection(format!("the node has no block {number}"));
	let hash = client.rpc().chain_get_block_hash(Some(number.into())).await?;
	Ok((number, hash.ok_or_else(missing)?))
}

/// Returns the number of that block: the finalized one, which is never reverted, unless it is too
/// old. Not the best block: the chain learns its hash with the next block, which a dry run does not
/// have.
fn birth_number(best: u64, finalized: u64) -> u64 {
	finalized.max(best.saturating_sub(BIRTH_LAG)).min(best.saturating_sub(1))
}

/// The answer of a node to a signed transaction.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Submission {
	/// The node has it now, or had it already.
	Accepted,
	/// The node refuses these bytes: they are invalid, or were recently.
	Rejected(Refusal),
	/// The node may accept them later: there is no room, or another with this nonce pays as much.
	Deferred(Refusal),
}

/// Submits a signed transaction without waiting for its block.
pub async fn submit_raw(client: &Client, extrinsic: &[u8]) -> Result<Submission> {
	match client.rpc().author_submit_extrinsic(extrinsic).await {
		Ok(_) => Ok(Submission::Accepted),
		Err(error) => submission_of(&error).ok_or_else(|| error.into()),
	}
}

/// Returns the answer in an error, if the error is about the transaction.
fn submission_of(error: &subxt::rpcs::Error) -> Option<Submission> {
	/// The codes for invalid and for banned transactions: a hash is banned for half an hour, even
	/// if the transaction would be valid again.
	const DEAD: [i32; 2] = [1010, 1012];
	/// The code for a transaction that the node has already.
	const ALREADY_THERE: i32 = 1013;
	let subxt::rpcs::Error::User(user) = error else { return None };
	if user.code == ALREADY_THERE {
		return Some(Submission::Accepted);
	}
	let refusal = by_queue(error)?;
	Some(if DEAD.contains(&user.code) {
		Submission::Rejected(refusal)
	} else {
		Submission::Deferred(refusal)
	})
}

/// Returns the reason for which the node refused a transaction. After other errors the node may
/// have it or not.
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
		assert_eq!(so_far(None, "within 1 s"), "no block included it within 1 s");
		let block = format!("0x{}", "07".repeat(32));
		assert_eq!(
			so_far(Some(H256([7; 32])), "within 120 s"),
			format!("block {block} included it and was not finalized within 120 s")
		);
	}

	#[test]
	fn a_call_that_was_dispatched_in_vain_is_refused() {
		for (pallet, event) in [("Sudo", "Sudid"), ("Proxy", "ProxyExecuted")] {
			assert_eq!(error_in(pallet, event, &[1, 3, 9]), Some(&[3, 9][..]));
			assert_eq!(error_in(pallet, event, &[0]), None);
		}
		assert_eq!(error_in("System", "ExtrinsicFailed", &[3, 9]), Some(&[3, 9][..]));
		assert_eq!(error_in("Sudo", "KeyChanged", &[1, 3, 9]), None);
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

	#[test]
	fn a_full_block_says_nothing_about_the_next() {
		let refused = |name: &str| Some(Failure::Validity(invalid_named(name)));
		for (answer, expected) in [
			(&[0, 0][..], None),
			(&[0, 1, 3, 9], Some(Failure::Dispatch(&[3, 9]))),
			// `ExhaustsResources`.
			(&[1, 0, 6], None),
			(&[1, 0, 1], refused("Invalid.Payment")),
			(&[1, 0, 5], refused("Invalid.AncientBirthBlock")),
		] {
			assert_eq!(trial(answer).unwrap(), expected, "{answer:?}");
		}
		assert_eq!(trial(&[7]).unwrap_err().exit_code(), 7);
	}

	/// The refusal of that name.
	fn invalid_named(name: &str) -> Refusal {
		let mut all = (0..8).map(|kind| invalid(&[0, kind]));
		all.find(|refusal| refusal.name == name).unwrap()
	}

	#[test]
	fn a_transaction_is_born_where_nothing_is_reverted_and_lives_long_enough() {
		for (best, finalized, birth) in [
			(1, 0, 0),
			(1, 1, 0),
			(100, 97, 97),
			(100, 68, 68),
			// Finality lags.
			(100, 67, 68),
			(1_000, 0, 968),
			// A chain that finalizes at once, or went on meanwhile.
			(100, 100, 99),
			(100, 101, 99),
		] {
			assert_eq!(birth_number(best, finalized), birth, "{best}, {finalized}");
		}
	}

	#[test]
	fn rejected_and_deferred_transactions_are_distinguished() {
		let answer = |code: i32| {
			let user = serde_json::json!({ "code": code, "message": "No", "data": "never" });
			submission_of(&subxt::rpcs::Error::User(
				serde_json::from_str(&user.to_string()).unwrap(),
			))
		};
		let refusal = |name: &str| Refusal {
			name: format!("Transaction.{name}"),
			reason: "No: never".into(),
		};
		assert_eq!(answer(1013), Some(Submission::Accepted));
		for (dead, name) in [(1010, "InvalidTransaction"), (1012, "TemporarilyBanned")] {
			assert_eq!(answer(dead), Some(Submission::Rejected(refusal(name))));
		}
		for (later, name) in
			[(1011, "UnknownTransaction"), (1014, "TooLowPriority"), (1016, "ImmediatelyDropped")]
		{
			assert_eq!(answer(later), Some(Submission::Deferred(refusal(name))));
		}
		// About the connection or the request.
		assert_eq!(answer(-32601), None);
	}
}
