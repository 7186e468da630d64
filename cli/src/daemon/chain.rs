//! The chain as the daemon reads it.

use super::{
	nonces::{Account, Sent},
	work::{Task, Turn, Waiting},
};
use crate::{
	actor::Actor,
	chain::{api, AccountId, At, Balance, BlockId},
	client::Client,
	compatibility::{Part, Report},
	execution::{Executed, Execution, Parent, Proposal},
	reads::{
		pool::{self, AssignmentRow, StakerRow},
		rollup::{self, Block, Claim, Clock, Parameters, State},
		tokens,
	},
	submit::{refusal_in, LIFETIME},
	Refusal, Result,
};
use futures::future::try_join_all;
use std::collections::BTreeMap;
use subxt::tx::Payload;

/// Everything that matters to a prover, after one block.
pub struct Snapshot {
	/// The chain after that block.
	pub at: At,
	/// The parameters of the protocol.
	pub parameters: Parameters,
	/// The rollup's clock.
	pub clock: Clock,
	/// The rollup's state; `None` if it was not started.
	pub state: Option<State>,
	/// The unsettled blocks that are not cancelled, in the order of their ids. Void claims in time
	/// are dropped.
	pub blocks: Vec<(BlockId, Block)>,
	/// The nonce of the key.
	pub account: Account,
	/// What the account has; `None` if the runtime describes it in another way.
	pub holdings: Option<Holdings>,
	/// True if the daemon can prove blocks of others, and make the calls that any account may make.
	pub can_rescue: bool,
}

/// What an account has in the pool, and its tokens.
pub struct Holdings {
	/// The pool's own list of assignments that are not closed.
	pub assignments: Vec<AssignmentRow>,
	/// The account's record in the pool.
	pub staker: StakerRow,
	/// The account's free tokens.
	pub free: Balance,
	/// The free tokens of the key, which pays fees.
	pub for_fees: Balance,
}

/// A waiting block with its result, and the claims on its right parent.
pub struct Seen<'a> {
	/// The block.
	pub id: BlockId,
	/// The block as it is stored.
	pub block: &'a Block,
	/// Its result, once it was executed.
	pub executed: Option<Executed>,
	/// The claims of others than the assigned prover in time, on its right parent, that are not void.
	pub claims: Vec<Claim>,
}

impl Holdings {
	/// Returns the stake; 0 if the account is not a member.
	pub fn stake(&self) -> Balance {
		self.staker.prover.as_ref().map_or(0, |member| member.offer.stake)
	}

	/// Returns the price that the account asks; `None` if it is not a member.
	pub fn asked(&self) -> Option<u32> {
		self.staker.prover.as_ref().map(|member| member.offer.reward_per_gas)
	}

	/// Returns the sum of the exits.
	pub fn exiting(&self) -> Balance {
		self.staker.exits.iter().map(|exit| exit.amount).sum()
	}
}

impl Snapshot {
	/// Returns the last verified block; `None` if the rollup was not started.
	pub fn verified(&self) -> Option<Parent> {
		self.state.as_ref().map(State::verified)
	}

	/// Returns the proposals of all waiting blocks.
	pub fn proposals(&self) -> Vec<Proposal> {
		self.blocks.iter().map(|(id, block)| block.proposal(*id)).collect()
	}

	/// Returns the waiting blocks with their results and claims. Claims are read where there are
	/// any.
	pub async fn seen(&self, results: &BTreeMap<BlockId, Executed>) -> Result<Vec<Seen<'_>>> {
		try_join_all(self.blocks.iter().map(|(id, block)| async move {
			let executed = results.get(id).copied();
			let mut claims = match &executed {
				Some(executed) if block.claims > 0 => {
					rollup::claims_on(&self.at, *id, executed.step.parent.hash).await?
				},
				_ => Vec::new(),
			};
			let tags = claims.iter().map(|claim| claim.tag.clone()).collect();
			let revoked = rollup::revoked(&self.at, tags).await?;
			claims.retain(|claim| !claim.is_void(&revoked));
			Ok(Seen { id: *id, block, executed, claims })
		}))
		.await
	}

	/// Returns what a proof of each open block pays now, per gas.
	pub async fn open_rewards(&self, waiting: &[Waiting]) -> Result<BTreeMap<BlockId, u32>> {
		let open = waiting.iter().filter(
			|block| matches!(block.turn, Turn::Anybody(opening) if opening.agreed.is_none()),
		);
		let rewards = open.filter(|block| block.right.is_some() && !block.is_claimed);
		let rewards = try_join_all(rewards.map(|block| async move {
			let reward = rollup::reward_per_gas(&self.at, block.id).await?;
			Ok::<_, crate::Error>((block.id, reward))
		}));
		Ok(rewards.await?.into_iter().filter_map(|(id, reward)| Some((id, reward?))).collect())
	}
}

impl Seen<'_> {
	/// Returns whether exactly this is claimed.
	pub fn is_claimed(&self, task: Task) -> bool {
		self.claims_of(task).next().is_some()
	}

	/// Returns whether this account has claimed exactly this.
	pub fn is_claimed_by(&self, me: &AccountId, task: Task) -> bool {
		self.claims_of(task).any(|claim| claim.prover == *me)
	}

	fn claims_of(&self, task: Task) -> impl Iterator<Item = &Claim> {
		let claims = self.block.claim_in_time().into_iter().chain(&self.claims);
		claims.filter(move |claim| Execution::from(&claim.execution) == task.execution)
	}
}

/// Reads everything that matters to this account and its key, and that the report says fits.
pub async fn snapshot(at: At, actor: &Actor, report: &Report) -> Result<Snapshot> {
	let state = rollup::state(&at).await?;
	let holdings = async {
		match report.fits(Part::Account) {
			true => Ok(Some(holdings(&at, actor).await?)),
			false => Ok(None),
		}
	};
	let (clock, blocks, account, holdings) = futures::try_join!(
		rollup::clock(&at),
		valid_blocks(&at, state.as_ref()),
		account(&at, actor.signer().account()),
		holdings,
	)?;
	let parameters = rollup::parameters(&at)?;
	// A rescue takes a bond of the tokens, and its price is that of the record.
	let can_rescue = report.fits(Part::Rescues) && holdings.is_some();
	Ok(Snapshot { at, parameters, clock, state, blocks, account, holdings, can_rescue })
}

async fn holdings(at: &At, actor: &Actor) -> Result<Holdings> {
	let (me, key) = (actor.account(), actor.signer().account());
	let (assignments, staker, free, for_fees) = futures::try_join!(
		pool::assignments(at, me),
		pool::staker(at, me),
		free(at, me),
		free(at, key),
	)?;
	Ok(Holdings { assignments, staker, free, for_fees })
}

/// Returns the unsettled blocks that are not cancelled.
pub async fn blocks(at: &At, state: Option<&State>) -> Result<Vec<(BlockId, Block)>> {
	match state {
		Some(state) => rollup::blocks(at, state.first_live()).await,
		None => Ok(Vec::new()),
	}
}

/// Returns the same, without void claims in time.
async fn valid_blocks(at: &At, state: Option<&State>) -> Result<Vec<(BlockId, Block)>> {
	let mut blocks = blocks(at, state).await?;
	let claims = blocks.iter().filter_map(|(_, block)| block.claim_in_time());
	let revoked = rollup::revoked(at, claims.map(|claim| claim.tag.clone()).collect()).await?;
	blocks.iter_mut().for_each(|(_, block)| block.drop_void_claim(&revoked));
	Ok(blocks)
}

/// Returns the account after a block.
pub async fn account(at: &At, who: AccountId) -> Result<Account> {
	Ok(Account { number: at.block_number(), nonce: at.tx().account_nonce(&who).await? })
}

async fn free(at: &At, who: AccountId) -> Result<Balance> {
	Ok(tokens::of(at, who).await?.free)
}

/// Returns a call that does nothing, to use up a nonce.
pub fn idle() -> impl Payload {
	api::transactions().system().remark(vec![])
}

/// The outcome of a transaction whose nonce is used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TxOutcome {
	/// It is in a block and succeeded.
	Succeeded,
	/// It is in a block and failed, or the call that it dispatched for another account did.
	Failed(Refusal),
	/// Another transaction with its nonce is in a block.
	Replaced,
}

/// Looks for a transaction in all blocks that can include it, latest first.
pub async fn tx_outcome(client: &Client, best: u64, sent: &Sent) -> Result<TxOutcome> {
	let first = (sent.valid_until + 1).saturating_sub(LIFETIME);
	for number in (first..=best.min(sent.valid_until)).rev() {
		let Some(hash) = client.block_hash(number).await? else { continue };
		let at = client.at(hash).await?;
		for extrinsic in at.extrinsics().fetch().await?.iter() {
			let extrinsic = extrinsic?;
			if extrinsic.bytes() == sent.extrinsic {
				for event in extrinsic.events().await?.iter() {
					if let Some(refusal) = refusal_in(&event?, &at)? {
						return Ok(TxOutcome::Failed(refusal));
					}
				}
				return Ok(TxOutcome::Succeeded);
			}
		}
	}
	Ok(TxOutcome::Replaced)
}
