//! The work, as long as there is a connection.

use super::{
	chain::{self, Snapshot},
	fault::Step,
	history::{self, in_tokens},
	jobs::{Done, Failure},
	nonces::{gap, next_nonce, on_their_way, Account, Sent},
	prover::Request,
	store::{Made, Memory},
	work::{Due, Hand, Plan, Task},
	Daemon,
};
use crate::{
	chain::{api, H256},
	client::Client,
	reads::rollup::{self, Block, Evidence},
	submit::{hand_over, Prepared},
	Error, Refusal, Result,
};
use std::{
	collections::{BTreeMap, BTreeSet},
	convert::Infallible,
	future::Future,
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use subxt::tx::Payload;
use tokio::time::{sleep_until, timeout};
use tracing::{debug, error, info, warn};

/// A node that shows no new block for so long is left for another.
const STALLED: Duration = Duration::from_secs(60);
/// A node that takes longer for an answer, too.
const PATIENCE: Duration = Duration::from_secs(30);
/// For so long at most, transaction lists are fetched at once: well below that.
const LISTS: Duration = Duration::from_secs(10);
/// After so many blocks without it, a transaction is sent again.
const SEND_AGAIN: u64 = 3;
/// For how many blocks at most something that failed rests: a proof to make, a transaction to send.
const LONGEST_REST: (u64, u64) = (16, 4);

/// What is tried again, and when.
#[derive(Debug, Default)]
pub struct Efforts {
	/// How often each task failed, and at which block it may be tried again.
	failed: BTreeMap<Task, (u32, u64)>,
	/// At which block each nonce's transaction was last handed to the node of this session.
	handed: BTreeMap<u64, u64>,
}

impl Efforts {
	/// Lets a task rest: longer with every failure, up to so many blocks.
	fn rest(&mut self, task: Task, best: u64, longest: u64) {
		let (times, until) = self.failed.entry(task).or_default();
		*times += 1;
		*until = best + longest.min(1 << (*times).min(16));
	}

	fn resting(&self, best: u64) -> BTreeSet<Task> {
		let still = self.failed.iter().filter(|(_, (_, until))| *until > best);
		still.map(|(task, _)| *task).collect()
	}

	/// Whether a transaction should be handed to the node now.
	fn is_to_hand(&self, nonce: u64, best: u64) -> bool {
		self.handed.get(&nonce).is_none_or(|last| best >= last + SEND_AGAIN || best < *last)
	}
}

/// Nobody waits for a node that does not answer.
async fn answered<T>(asked: impl Future<Output = Result<T>>) -> Result<T> {
	timeout(PATIENCE, asked).await.unwrap_or_else(|_| {
		Err(Error::Connection(format!("the node does not answer within {PATIENCE:?}")))
	})
}

impl Daemon {
	/// Works with this node until it is lost.
	pub(super) async fn session(&mut self, client: &Client) -> Result<Infallible> {
		self.signer.check_for(client.properties())?;
		if let super::Prover::Attestor(key) = &self.prover {
			key.check_for(client.properties())?;
		}
		answered(self.recall(client)).await?;
		let heads = client.online().stream_best_blocks();
		let mut heads = answered(async { Ok(heads.await?) }).await?;
		let finalized = client.online().stream_blocks();
		let mut finalized = answered(async { Ok(finalized.await?) }).await?;
		self.efforts.handed.clear();
		self.metrics.connected.set(1);
		info!(url = client.url(), chain = client.properties().name, "connected");
		let mut target = 0;
		let mut seen = tokio::time::Instant::now();
		loop {
			let behind = self.memory()?.processed.is_some_and(|last| last.number < target);
			tokio::select! {
				biased;
				head = heads.next() => {
					head.ok_or_else(|| lost(client))??;
					seen = tokio::time::Instant::now();
					answered(self.step(client)).await?;
				},
				done = self.jobs.next() => {
					self.take(done)?;
					answered(self.step(client)).await?;
				},
				head = finalized.next() => {
					let head = head.ok_or_else(|| lost(client))??;
					target = head.number();
					self.metrics.finalized_block.set(target as i64);
					answered(self.settle(client, head.hash())).await?;
				},
				() = sleep_until(seen + STALLED) => {
					return Err(Error::Connection(format!(
						"{} shows no new block for {STALLED:?}", client.url()
					)));
				},
				() = std::future::ready(()), if behind => {
					if let Err(error) = answered(self.read_on(client, target)).await {
						// What is counted keeps nobody from proving. Again with the next finalized block.
						warn!("finalized blocks are not read: {error}");
						target = 0;
					}
				},
			}
		}
	}

	fn memory(&self) -> Result<&Memory> {
		self.memory.as_ref().ok_or_else(|| Error::Internal("nothing is remembered yet".into()))
	}

	/// Changes what is remembered, on disk as well. A disk that is full keeps nobody from proving: what is
	/// not saved is, with the next change or the next finalized block.
	fn remember(&mut self, change: impl FnOnce(&mut Memory)) -> Result<()> {
		let mut memory = self.memory()?.clone();
		change(&mut memory);
		let unsaved = self.metrics.state_unsaved.get() == 1;
		if unsaved || self.memory.as_ref() != Some(&memory) {
			let saved = self.folder.save(&memory);
			self.metrics.state_unsaved.set(saved.is_err().into());
			match saved {
				Err(error) if !unsaved => error!("{error}: a crash now costs what is not saved"),
				Ok(()) if unsaved => info!("the state is saved again"),
				_ => {},
			}
			self.memory = Some(memory);
		}
		Ok(())
	}

	/// Remembers what was done on this chain, and makes sure that it is this chain.
	async fn recall(&mut self, client: &Client) -> Result<()> {
		let genesis = client.genesis_hash();
		let finalized = client.finalized().await?;
		let memory = match &self.memory {
			// What is remembered may be more than what is saved.
			Some(memory) => {
				memory.check(genesis, self.me).map_err(|what| self.folder.unfit(&what))?;
				memory.clone()
			},
			None => self.folder.load(genesis, self.me)?,
		};
		if let Some(last) = memory.processed {
			if last.number <= finalized.block_number() {
				match chain::hash_of(client, last.number).await? {
					Some(there) if there == last.hash => {},
					Some(_) => {
						return Err(Error::Usage(format!(
							"block {} of {} is not the one that was finalized when the state in {} was \
							 written: this is another chain with the same beginning; name another folder \
							 with --state",
							last.number,
							client.url(),
							self.args.state.display()
						)));
					},
					// It has just begun, by the state alone, and gets earlier blocks later.
					None => debug!(block = last.number, "the node does not have this block"),
				}
			}
		}
		self.memory = Some(memory);
		self.remember(|memory| {
			memory.processed.get_or_insert(history::position(&finalized));
		})
	}

	/// Looks at the best block, and does what is due.
	async fn step(&mut self, client: &Client) -> Result<()> {
		let snapshot = chain::snapshot(client.best().await?, self.me).await?;
		let best = snapshot.account;
		self.pace.note(best.number, Instant::now());
		self.note_fates(&snapshot)?;
		let memory = self.memory()?;
		let hand = Hand {
			made: memory.made.iter().map(|made| (made.task, made.block_hash)).collect(),
			sent: on_their_way(&memory.sent, best),
			running: self.jobs.running(),
			resting: self.efforts.resting(best.number),
		};
		let reserve = self.args.reserve.saturating_add(self.pace.blocks_in(self.jobs.longest()));
		let plan = snapshot.view.plan(&self.me, &hand, reserve);
		self.measure(client, &snapshot, &plan);
		self.give_up(&plan);
		// What is made goes first: what follows may take its time, and fail.
		self.send_again(client, best, &plan).await?;
		self.submit(client, &snapshot, &plan).await?;
		self.fill_gap(client, best).await?;
		let until = tokio::time::Instant::now() + LISTS;
		self.prove(client, &snapshot, &plan, until).await;
		self.keep_lists(client, &snapshot, until).await;
		Ok(())
	}

	/// Tells what became of transactions whose nonce is used.
	fn note_fates(&mut self, snapshot: &Snapshot) -> Result<()> {
		let best = snapshot.account;
		let used: Vec<(u64, Task)> = self
			.memory()?
			.sent
			.iter()
			.filter(|sent| sent.nonce < best.nonce)
			.filter_map(|sent| Some((sent.nonce, sent.task?)))
			.collect();
		for (nonce, task) in used {
			if !self.seen.insert(nonce) {
				continue;
			}
			let waiting = snapshot.view.waiting.iter().find(|(id, _)| *id == task.block);
			let is_there = waiting.is_none_or(|(_, block)| {
				let mut proofs = block.proofs.0.iter();
				proofs.any(|proof| proof.prover == self.me && proof.parent_hash == task.parent)
			});
			if is_there {
				info!(block = task.block, at = best.number, "the proof is in a block");
				self.metrics.included.inc();
				self.efforts.failed.remove(&task);
				self.faults.reach(Step::AfterInclusion);
			} else {
				warn!(block = task.block, at = best.number, "the proof was refused in its block");
				self.metrics.rejected.with_label_values(&["in_block"]).inc();
				self.efforts.rest(task, best.number, LONGEST_REST.1);
			}
		}
		Ok(())
	}

	fn measure(&mut self, client: &Client, snapshot: &Snapshot, plan: &Plan) {
		let metrics = &self.metrics;
		let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
		let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
		metrics.see_best(snapshot.account.number, now.as_secs_f64());
		metrics.open.set(count(plan.open));
		metrics.late.set(count(plan.late));
		metrics.blocks_left.set(plan.time_left.map_or(-1, i64::from));
		metrics.unsettled.set(count(snapshot.assignments.len()));
		metrics.member.set(snapshot.member.is_some().into());
		let stake = snapshot.member.as_ref().map_or(0, |member| member.staked_amount);
		metrics.stake.set(in_tokens(client.token(), stake));
		metrics.exiting.set(in_tokens(client.token(), snapshot.exiting));
		metrics.free.set(in_tokens(client.token(), snapshot.free));
		// The pool's own list must hold nothing that the rollup does not know.
		let known: BTreeSet<_> = snapshot.view.waiting.iter().map(|(id, _)| *id).collect();
		self.strange.retain(|id| snapshot.assignments.iter().any(|(open, _)| open == id));
		for (id, _) in &snapshot.assignments {
			if !known.contains(id) && self.strange.insert(*id) {
				warn!(block = id, "the pool has an assignment of which the rollup knows no block");
			}
		}
	}

	fn give_up(&mut self, plan: &Plan) {
		for task in &plan.cancel {
			warn!(block = task.block, "given up: the proof would be late");
			self.metrics.proving_failures.with_label_values(&["deadline"]).inc();
			self.jobs.cancel(*task);
		}
		for task in self.jobs.unwanted(&plan.unwanted) {
			info!(block = task.block, parent = %task.parent, "given up: not needed any more");
			self.jobs.cancel(task);
		}
	}

	/// Begins to prove, as much as is allowed at once. What is needed for it is fetched until then.
	async fn prove(
		&mut self,
		client: &Client,
		snapshot: &Snapshot,
		plan: &Plan,
		until: tokio::time::Instant,
	) {
		for due in &plan.prove {
			if self.jobs.running().len() >= self.args.jobs.into() {
				break;
			}
			let id = due.task.block;
			let Some(block) = block(snapshot, id) else { continue };
			let list = match self.list(client, snapshot, (id, block.tx_list_hash), until).await {
				Ok(list) => list,
				// Other work does not wait for this. Whether the connection is lost, the next request shows.
				Err(error) => {
					warn!(block = id, "not proven: {error}");
					self.metrics.proving_failures.with_label_values(&["error"]).inc();
					self.efforts.rest(due.task, snapshot.account.number, LONGEST_REST.0);
					continue;
				},
			};
			let now = snapshot.view.now;
			let blocks_left = due.deadline.saturating_sub(now);
			info!(block = id, parent = %due.task.parent, blocks_left, "proving");
			let request = Request::new(client.genesis_hash(), self.me, due, block, list, now);
			let (prover, block) = (self.prover.clone(), block.clone());
			let limit = self.pace.limit(self.args.limit(), blocks_left);
			self.jobs.start(due.task, prover, request, block, limit, self.faults);
		}
		self.metrics.proving.set(self.jobs.running().len() as i64);
	}

	/// Takes what a prover made.
	fn take(&mut self, Done { task, took, result }: Done) -> Result<()> {
		let best = self.metrics.best_block.get().try_into().unwrap_or_default();
		match result {
			Ok(answer) => {
				info!(block = task.block, seconds = took.as_secs_f64(), "proven");
				self.metrics.proving_seconds.observe(took.as_secs_f64());
				self.faults.reach(Step::BeforeSubmitting);
				self.efforts.failed.remove(&task);
				self.remember(|memory| {
					memory.made.retain(|made| made.task != task);
					memory.made.push(Made {
						task,
						block_hash: answer.block_hash,
						gas_used: answer.gas_used,
						proof: answer.proof,
					});
				})
			},
			Err(failure) => {
				let (reason, label) = match &failure {
					Failure::Error(reason) => (reason.as_str(), "error"),
					Failure::Timeout => ("it took too long", "timeout"),
				};
				warn!(block = task.block, "not proven: {reason}");
				self.metrics.proving_failures.with_label_values(&[label]).inc();
				self.efforts.rest(task, best, LONGEST_REST.0);
				Ok(())
			},
		}
	}

	/// Hands transactions to the node that it may not have, or has lost.
	async fn send_again(&mut self, client: &Client, best: Account, plan: &Plan) -> Result<()> {
		let awaited = |sent: &&Sent| sent.task.is_none_or(|task| plan.awaited.contains(&task));
		let due: Vec<Sent> = self
			.memory()?
			.sent
			.iter()
			.filter(|sent| sent.is_live(best) && self.efforts.is_to_hand(sent.nonce, best.number))
			.filter(awaited)
			.cloned()
			.collect();
		for sent in due {
			debug!(nonce = sent.nonce, "sent again");
			self.efforts.handed.insert(sent.nonce, best.number);
			match hand_over(client, &sent.extrinsic).await {
				Ok(()) => {},
				// It is in a block that this view does not have yet, or will be.
				Err(Error::Refused(refusal)) => debug!(nonce = sent.nonce, "{refusal}"),
				Err(error) => return Err(error),
			}
		}
		Ok(())
	}

	/// Sends the proofs that are due.
	async fn submit(&mut self, client: &Client, snapshot: &Snapshot, plan: &Plan) -> Result<()> {
		let mut kept_back: BTreeSet<u64> = BTreeSet::new();
		for due in &plan.submit {
			let task = due.task;
			if !due.parent_on_chain && kept_back.contains(&due.parent_id) {
				kept_back.insert(task.block);
				continue;
			}
			let Some(block) = block(snapshot, task.block) else { continue };
			match self.send(client, snapshot.account, due, block).await {
				Ok(()) => {
					info!(block = task.block, parent = %task.parent, "the proof is sent");
					self.metrics.submitted.inc();
					self.faults.reach(Step::AfterSubmitting);
				},
				Err(Error::Refused(refusal)) => {
					kept_back.insert(task.block);
					self.refused(task, snapshot.account.number, &refusal)?;
				},
				Err(error) => return Err(error),
			}
		}
		Ok(())
	}

	/// Notes that chain or node would not have a proof.
	fn refused(&mut self, task: Task, best: u64, refusal: &Refusal) -> Result<()> {
		warn!(block = task.block, "the proof is not sent: {refusal}");
		self.metrics.rejected.with_label_values(&[&refusal.name]).inc();
		self.efforts.rest(task, best, LONGEST_REST.1);
		match refusal.name.as_str() {
			// It will never be accepted: another has to be made.
			"BlockProposal.InvalidProof"
			| "BlockProposal.ProofTooLong"
			| "BlockProposal.GasOverLimit" => {
				self.efforts.rest(task, best, LONGEST_REST.0);
				self.remember(|memory| memory.made.retain(|made| made.task != task))
			},
			_ => Ok(()),
		}
	}

	/// Tries, signs, notes and sends a proof, in this order.
	async fn send(
		&mut self,
		client: &Client,
		best: Account,
		due: &Due,
		block: &Block,
	) -> Result<()> {
		let missing = || Error::Internal(format!("no proof of {} is at hand", due.task.block));
		let made = self.memory()?.proof(due.task).ok_or_else(missing)?;
		let evidence = Evidence {
			tx_list_hash: block.tx_list_hash,
			block_hash: made.block_hash,
			parent_hash: due.task.parent,
			gas_used: made.gas_used,
		};
		let call = api::transactions().block_proposal().prove_block(
			due.task.block,
			due.parent_id,
			evidence,
			made.proof.clone(),
		);
		// What builds on a proof that is only sent cannot be tried yet.
		self.sign_and_send(client, best, &call, Some(due.task), due.parent_on_chain).await
	}

	async fn sign_and_send<C: Payload>(
		&mut self,
		client: &Client,
		best: Account,
		call: &C,
		task: Option<Task>,
		try_first: bool,
	) -> Result<()> {
		let next_index = client.rpc().system_account_next_index(&self.me).await?;
		let nonce = next_nonce(&self.memory()?.sent, best, next_index);
		let prepared = Prepared::sign(client, &self.signer, call, Some(nonce)).await?;
		if try_first {
			prepared.dry_run(client).await?;
		}
		let extrinsic = prepared.encoded().to_vec();
		let valid_until = prepared.valid_until;
		// Noted before it is sent: after a crash in between, the same bytes are sent again.
		let sent = Sent { task, nonce, valid_until, extrinsic: extrinsic.clone() };
		self.remember(|memory| memory.sent.push(sent))?;
		self.faults.reach(Step::BeforeSending);
		match hand_over(client, &extrinsic).await {
			Ok(()) => {
				self.efforts.handed.insert(nonce, best.number);
				Ok(())
			},
			Err(Error::Refused(refusal)) => {
				// The node will not have it, so that nobody has.
				self.remember(|memory| memory.sent.retain(|sent| sent.extrinsic != extrinsic))?;
				Err(refusal.into())
			},
			Err(error) => Err(error),
		}
	}

	/// Uses up a nonce that others wait for, if there is one.
	async fn fill_gap(&mut self, client: &Client, best: Account) -> Result<()> {
		if self.memory()?.sent.iter().all(|sent| !sent.is_live(best)) {
			return Ok(());
		}
		let next_index = client.rpc().system_account_next_index(&self.me).await?;
		let Some(nonce) = gap(&self.memory()?.sent, best, next_index) else { return Ok(()) };
		warn!(
			nonce,
			"a transaction is lost for good: another takes its place, so that later ones can go"
		);
		match self.sign_and_send(client, best, &chain::idle(), None, false).await {
			Err(Error::Refused(refusal)) => {
				warn!(nonce, "its place is not taken: {refusal}");
				Ok(())
			},
			result => result,
		}
	}

	/// Forgets what is settled for good.
	async fn settle(&mut self, client: &Client, finalized: H256) -> Result<()> {
		let at = client.at(finalized).await?;
		let (state, account) =
			futures::try_join!(rollup::state(&at), chain::account(&at, self.me))?;
		// What is finalized at once may not have been noted by a look at the best block yet.
		let noted = self.seen.clone();
		let is_told = |sent: &Sent| {
			sent.task.is_none() || sent.nonce >= account.nonce || noted.contains(&sent.nonce)
		};
		self.remember(|memory| {
			memory.forget_before(state.head);
			memory.sent.retain(|sent| !(sent.is_settled(account) && is_told(sent)));
		})?;
		self.efforts.failed.retain(|task, _| task.block >= state.head);
		self.efforts.handed.retain(|nonce, _| *nonce >= account.nonce);
		let kept: BTreeSet<u64> = self.memory()?.sent.iter().map(|sent| sent.nonce).collect();
		self.seen.retain(|nonce| kept.contains(nonce));
		Ok(())
	}

	/// Reads the next finalized block that was not read yet.
	async fn read_on(&mut self, client: &Client, target: u64) -> Result<()> {
		let Some(last) = self.memory()?.processed else { return Ok(()) };
		let read = history::read_on(client, &self.me, last, target).await?;
		self.remember(|memory| memory.processed = Some(read.position))?;
		read.count(&self.metrics, client.token());
		Ok(())
	}
}

fn block(snapshot: &Snapshot, id: u64) -> Option<&Block> {
	snapshot.view.waiting.iter().find(|(waiting, _)| *waiting == id).map(|(_, block)| block)
}

fn lost(client: &Client) -> Error {
	Error::Connection(format!("the connection to {} is lost", client.url()))
}
