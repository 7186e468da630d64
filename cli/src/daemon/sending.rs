//! Submits finished proofs until a block includes them.

use super::{
	chain::{self, Seen, Snapshot, TxOutcome},
	liveness::{Call, Wait},
	nonces::{gap, highest, live_up_to, next_nonce, unreported, Account, Sent},
	retries::MaxDelay,
	work::{Due, Plan, Task},
	Daemon,
};
use crate::{
	chain::{api, Balance},
	client::Client,
	execution::Execution,
	fault::Step,
	submit::{submit_raw, Prepared, Submission, Terms},
	Error, Refusal, Result,
};
use std::collections::BTreeMap;
use subxt::tx::Payload;
use tracing::{debug, info, warn};

/// The name of the refusal of a node whose pool is full of transactions with a higher priority.
const POOL_IS_FULL: &str = "Transaction.ImmediatelyDropped";

impl Daemon {
	/// Logs the outcome of transactions whose nonce is used.
	pub(super) async fn report_outcomes(
		&mut self,
		client: &Client,
		snapshot: &Snapshot,
		seen: &[Seen<'_>],
	) -> Result<()> {
		let best = snapshot.account;
		let used = unreported(&self.state()?.sent, best);
		for sent in used {
			let Some(task) = sent.task else { continue };
			let seen = seen.iter().find(|seen| seen.id == task.block);
			let is_there = seen.is_some_and(|seen| seen.is_claimed_by(&self.me(), task));
			let fate = if is_there {
				Ok(TxOutcome::Succeeded)
			} else {
				chain::tx_outcome(client, best.number, &sent).await
			};
			match fate {
				Ok(TxOutcome::Succeeded) => {
					info!(block = task.block, at = best.number, "the proof is in a block");
					self.metrics.included.inc();
					self.retries.clear(task);
					self.faults.reach(Step::AfterInclusion);
				},
				Ok(TxOutcome::Failed(_)) if seen.is_some_and(|seen| seen.is_claimed(task)) => {
					info!(block = task.block, at = best.number, "another prover was first");
				},
				Ok(TxOutcome::Failed(refusal)) => {
					warn!(
						block = task.block,
						at = best.number,
						"the proof was refused in its block: {refusal}"
					);
					self.metrics.rejected.with_label_values(&["in_block"]).inc();
					self.retries.delay(task, MaxDelay::Sending);
				},
				Ok(TxOutcome::Replaced) => warn!(
					block = task.block,
					nonce = sent.nonce,
					"another transaction of this key has used the nonce of the proof"
				),
				// After a long absence, nodes no longer have these states.
				Err(error) => warn!(
					block = task.block,
					nonce = sent.nonce,
					"the outcome of the proof's transaction is unknown: {error}"
				),
			}
			self.update_state(|state| {
				let these = state.sent.iter_mut().filter(|other| other.nonce == sent.nonce);
				these.for_each(|sent| sent.reported = true);
			})?;
		}
		Ok(())
	}

	/// Submits transactions again that the node may not have, and replaces those that it refuses.
	/// Where the time left is no more than the reserve, raises tips.
	pub(super) async fn resubmit(
		&mut self,
		client: &Client,
		snapshot: &Snapshot,
		plan: &Plan,
	) -> Result<()> {
		let best = snapshot.account;
		let sent = &self.state()?.sent;
		let last = |those: &dyn Fn(&Due) -> bool| {
			let tasks = plan.awaited.iter().filter(|due| those(due)).map(|due| due.task).collect();
			highest(sent, best, &tasks)
		};
		let hurried = last(&|due| self.is_urgent(snapshot, due));
		// A proof that is about to be submitted comes after all others.
		let needed = if plan.submit.is_empty() { last(&|_| true) } else { Some(u64::MAX) };
		for sent in live_up_to(sent, best, needed) {
			let urgent = Some(sent.nonce) <= hurried;
			if !self.retries.should_submit(sent.nonce, urgent) {
				continue;
			}
			self.retries.count_submission(sent.nonce);
			if let Some(tip) = self.tips.raised(sent.tip).filter(|_| urgent) {
				match self.replace(client, plan, &sent, tip).await? {
					Submission::Accepted => {
						info!(
							nonce = sent.nonce,
							tip, "the deadline is near: submitted with a higher tip"
						);
						continue;
					},
					Submission::Rejected(refusal) | Submission::Deferred(refusal) => {
						debug!(
							nonce = sent.nonce,
							tip, "not submitted with a higher tip: {refusal}"
						);
					},
				}
			}
			debug!(nonce = sent.nonce, "submitted again");
			match submit_raw(client, &sent.extrinsic).await? {
				Submission::Accepted => {},
				Submission::Deferred(refusal) => debug!(nonce = sent.nonce, "{refusal}"),
				Submission::Rejected(refusal) => self.revive(client, plan, &sent, &refusal).await?,
			}
		}
		Ok(())
	}

	/// Replaces a transaction that nodes refuse: its birth block was reverted, for instance, or it
	/// could not be paid for a while ago and is banned.
	async fn revive(
		&mut self,
		client: &Client,
		plan: &Plan,
		sent: &Sent,
		reason: &Refusal,
	) -> Result<()> {
		// It may be in a block that the snapshot does not have yet.
		if chain::account(&client.best().await?, self.key()).await?.nonce > sent.nonce {
			return Ok(());
		}
		warn!(nonce = sent.nonce, "the node refuses a transaction, another replaces it: {reason}");
		match self.replace(client, plan, sent, sent.tip).await? {
			Submission::Accepted => info!(nonce = sent.nonce, "the transaction is replaced"),
			Submission::Rejected(refusal) | Submission::Deferred(refusal) => {
				warn!(nonce = sent.nonce, "the node refuses the replacement, too: {refusal}");
				self.metrics.rejected.with_label_values(&[&refusal.name]).inc();
			},
		}
		Ok(())
	}

	/// Signs a transaction again with the same nonce, so that the chain includes one of the two at
	/// most. It carries the proof, or nothing if that is no longer due.
	async fn replace(
		&mut self,
		client: &Client,
		plan: &Plan,
		old: &Sent,
		tip: Balance,
	) -> Result<Submission> {
		let terms = Terms { nonce: Some(old.nonce), tip };
		let due = plan.awaited.iter().find(|due| Some(due.task) == old.task);
		let new = match due {
			Some(due) => {
				let call = self.call(due.task)?;
				let prepared = Prepared::sign_with(client, &self.actor, &call, terms).await?;
				Sent::new(old.task, &prepared)
			},
			None => {
				let idle = chain::idle();
				let prepared =
					Prepared::sign_with(client, &self.actor.of_key(), &idle, terms).await?;
				Sent::new(None, &prepared)
			},
		};
		// Saved before it is submitted, as always.
		self.exchange(old, &new)?;
		let handed = submit_raw(client, &new.extrinsic).await?;
		if handed != Submission::Accepted {
			// No node has it. Some node may still have the old one.
			self.exchange(&new, old)?;
		}
		Ok(handed)
	}

	/// Saves one transaction in place of another.
	fn exchange(&mut self, old: &Sent, new: &Sent) -> Result<()> {
		self.update_state(|state| {
			let place = state.sent.iter_mut().find(|sent| sent.extrinsic == old.extrinsic);
			if let Some(place) = place {
				*place = new.clone();
			}
		})
	}

	/// Submits the proofs that are due.
	pub(super) async fn submit(
		&mut self,
		client: &Client,
		snapshot: &Snapshot,
		plan: &Plan,
	) -> Result<()> {
		for due in &plan.submit {
			let block = due.task.block;
			match self.send(client, snapshot, due).await {
				Ok(()) => {
					info!(block, rescue = due.is_rescue(), "the proof is submitted");
					self.metrics.submitted.inc();
					if due.is_rescue() {
						self.metrics.rescues.inc();
					}
					self.faults.reach(Step::AfterSubmitting);
				},
				Err(Error::Refused(refusal)) => self.refused(due.task, &refusal)?,
				Err(error) => return Err(error),
			}
		}
		Ok(())
	}

	/// Records that the chain or the node refuses a proof.
	fn refused(&mut self, task: Task, refusal: &Refusal) -> Result<()> {
		if refusal.name == "BlockProposal.AlreadyProven" {
			info!(block = task.block, "the proof is not submitted: another prover was first");
			self.retries.delay(task, MaxDelay::Sending);
			return Ok(());
		}
		warn!(block = task.block, "the proof is not submitted: {refusal}");
		self.metrics.rejected.with_label_values(&[&refusal.name]).inc();
		match refusal.name.as_str() {
			// The chain will never accept it: another has to be made.
			"BlockProposal.InvalidProof"
			| "BlockProposal.ProofTooLong"
			| "BlockProposal.GasOverLimit" => {
				self.retries.delay(task, MaxDelay::Proving);
				self.update_state(|state| state.proofs.retain(|proof| proof.task != task))
			},
			_ => {
				self.retries.delay(task, MaxDelay::Sending);
				Ok(())
			},
		}
	}

	/// Returns the call with a finished proof.
	fn call(&self, task: Task) -> Result<impl Payload> {
		let missing = || Error::Internal(format!("there is no proof of {}", task.block));
		let proof = self.state()?.proof(task).ok_or_else(missing)?.proof.clone();
		let Execution { parent_hash, block_hash, gas_used } = task.execution;
		let calls = api::transactions().block_proposal();
		Ok(calls.prove_block(task.block, parent_hash, block_hash, gas_used, proof))
	}

	/// Returns whether the time left until the deadline is no more than the reserve.
	fn is_urgent(&self, snapshot: &Snapshot, due: &Due) -> bool {
		due.time_left(snapshot.clock.now).is_some_and(|left| left <= self.args.reserve)
	}

	/// Submits a proof. If its deadline is near and the node's pool is full, raises the tip until the node accepts
	/// it or the tip is the highest.
	async fn send(&mut self, client: &Client, snapshot: &Snapshot, due: &Due) -> Result<()> {
		let call = self.call(due.task)?;
		let nonce = self.next_nonce(client, snapshot.account).await?;
		let mut tip = self.tips.usual;
		loop {
			let sent = self
				.sign_and_send(client, nonce, tip, &call, Some(due.task), due.can_be_tried)
				.await;
			let is_full =
				matches!(&sent, Err(Error::Refused(refusal)) if refusal.name == POOL_IS_FULL);
			match self.tips.raised(tip) {
				Some(raised) if is_full && self.is_urgent(snapshot, due) => tip = raised,
				_ => return sent,
			}
		}
	}

	async fn next_nonce(&self, client: &Client, best: Account) -> Result<u64> {
		let next_index = client.rpc().system_account_next_index(&self.key()).await?;
		Ok(next_nonce(&self.state()?.sent, best, next_index))
	}

	/// Submits the calls that the rollup needs besides proofs, when their time has come. If another
	/// account is first, the trial refuses them, and costs nothing.
	pub(super) async fn submit_calls(
		&mut self,
		client: &Client,
		best: Account,
		calls: &BTreeMap<Call, Wait>,
	) -> Result<()> {
		let transactions = api::transactions().block_proposal();
		let tip = self.tips.usual;
		for call in self.liveness.observe(calls, best.number) {
			let (name, block) = (call.name(), call.block());
			let nonce = self.next_nonce(client, best).await?;
			let sent = match call {
				Call::ExpireRequest(id) => {
					self.sign_and_send(
						client,
						nonce,
						tip,
						&transactions.expire_request(id),
						None,
						true,
					)
					.await
				},
				Call::SkipBlock(id) => {
					self.sign_and_send(client, nonce, tip, &transactions.skip_block(id), None, true)
						.await
				},
			};
			match sent {
				Ok(()) => {
					warn!(block, "{name} is submitted: nobody else lets the rollup go on");
					self.metrics.liveness_calls.with_label_values(&[name]).inc();
				},
				Err(Error::Refused(refusal)) => info!(block, "{name} is not submitted: {refusal}"),
				Err(error) => return Err(error),
			}
		}
		Ok(())
	}

	/// Tries, signs, saves and submits a call, in this order.
	async fn sign_and_send<C: Payload>(
		&mut self,
		client: &Client,
		nonce: u64,
		tip: Balance,
		call: &C,
		task: Option<Task>,
		try_first: bool,
	) -> Result<()> {
		let terms = Terms { nonce: Some(nonce), tip };
		// What carries no proof may be called by any account.
		let actor = if task.is_some() { self.actor.clone() } else { self.actor.of_key() };
		let prepared = Prepared::sign_with(client, &actor, call, terms).await?;
		if try_first {
			prepared.dry_run(client).await?;
		}
		let sent = Sent::new(task, &prepared);
		let extrinsic = sent.extrinsic.clone();
		// Saved before it is submitted: after a crash in between, the same bytes are submitted
		// again.
		self.update_state(|state| state.sent.push(sent))?;
		self.faults.reach(Step::BeforeSending);
		match submit_raw(client, &extrinsic).await? {
			Submission::Accepted => {
				self.retries.count_submission(nonce);
				Ok(())
			},
			Submission::Rejected(refusal) | Submission::Deferred(refusal) => {
				// The node refuses it, so no node has it.
				self.update_state(|state| state.sent.retain(|sent| sent.extrinsic != extrinsic))?;
				Err(refusal.into())
			},
		}
	}

	/// Uses up a nonce that others wait for, if there is one.
	pub(super) async fn fill_gap(&mut self, client: &Client, best: Account) -> Result<()> {
		if self.state()?.sent.iter().all(|sent| !sent.is_live(best)) {
			return Ok(());
		}
		let next_index = client.rpc().system_account_next_index(&self.key()).await?;
		let Some(nonce) = gap(&self.state()?.sent, best, next_index) else { return Ok(()) };
		warn!(
			nonce,
			"a transaction is lost: another uses its nonce, so later ones can be included"
		);
		match self.sign_and_send(client, nonce, self.tips.usual, &chain::idle(), None, false).await
		{
			Err(Error::Refused(refusal)) => {
				warn!(nonce, "its nonce is not used: {refusal}");
				Ok(())
			},
			result => result,
		}
	}
}
