//! A block of the chain, as the history takes it.

use crate::{
	chain::{api, AccountId, At, BlockId, H256},
	client::Client,
	decoded::{hex, Event as Decoded},
	reads::{
		pool::{self, MemberStatus, StakerRow},
		rollup,
	},
	Error, Result,
};
use futures::{stream, StreamExt, TryStreamExt};
use prover_pool_history::{
	block::{is_wanted, STAKERS, STATE},
	rows::Status,
	Block, Event,
};
use serde_json::{json, Map, Value};
use std::collections::BTreeSet;
use subxt::events::Phase;

/// How many accounts or blocks are read at once.
const AT_ONCE: usize = 16;

/// Returns a block. With `with_state`, it has what the chain's state says after it: where the events begin or
/// resume.
pub async fn block(client: &Client, hash: H256, with_state: bool) -> Result<Block> {
	let (at, all) = client.events(hash).await?;
	// The chain after the block. Its description differs from that of the events after an upgrade.
	let after = client.at(hash).await?;
	let header = after.block_header().await?;
	let mut reading =
		Reading { client, events: Vec::new(), entered: BTreeSet::new(), undecoded: None };
	for (index, event) in (0u32..).zip(all.iter()) {
		let Ok(event) = event else {
			// The start of the next one is not known either.
			let left = u64::from(all.len()).saturating_sub(index.into());
			reading.missing(format!("{left} events from index {index} on cannot be decoded"));
			break;
		};
		reading.event(index, &event, &at);
	}
	if with_state {
		reading.all_state(&after).await?;
	} else {
		reading.entries(&after).await?;
	}
	Ok(Block {
		number: after.block_number(),
		hash: hex(&hash.0),
		parent_hash: hex(&header.parent_hash.0),
		time: time(&after).await?,
		spec_version: at.spec_version(),
		events: reading.events,
		undecoded: reading.undecoded,
	})
}

/// Returns the time of a block, in milliseconds since 1970.
async fn time(at: &At) -> Result<Option<i64>> {
	let now = at.storage().try_fetch(api::storage().timestamp().now(), ()).await?;
	let now = now.map(|now| now.decode()).transpose()?;
	Ok(now.and_then(|now| i64::try_from(now).ok()))
}

/// A block while it is read.
struct Reading<'a> {
	client: &'a Client,
	events: Vec<Event>,
	/// The accounts that entered the pool in it.
	entered: BTreeSet<AccountId>,
	undecoded: Option<String>,
}

impl Reading<'_> {
	fn missing(&mut self, reason: String) {
		self.undecoded.get_or_insert(reason);
	}

	fn event(
		&mut self,
		index: u32,
		event: &subxt::events::Event<'_, crate::chain::Config>,
		at: &At,
	) {
		let (pallet, name) = (event.pallet_name(), event.event_name());
		if !is_wanted(pallet, name) {
			return;
		}
		let fields = match Decoded::decode(event, at, self.client.properties()) {
			Ok(decoded) => decoded.data,
			Err(error) => return self.missing(format!("{pallet}.{name}: {error}")),
		};
		if let Some(Ok(staked)) = event.decode_fields_as::<api::prover_pool::events::Staked>() {
			self.entered.insert(staked.who);
		}
		let extrinsic = match event.phase() {
			Phase::ApplyExtrinsic(index) => Some(index),
			Phase::Finalization | Phase::Initialization => None,
		};
		let (pallet, name) = (pallet.into(), name.into());
		self.events.push(Event { index, extrinsic, pallet, name, fields });
	}

	/// Adds a fact of the state. Facts come after all events.
	fn state(&mut self, name: &str, fields: Value) {
		let index = self.events.last().map_or(0, |event| event.index + 1);
		let fields = match fields {
			Value::Object(fields) => fields,
			_ => Map::new(),
		};
		let (pallet, name) = (STATE.into(), name.into());
		self.events.push(Event { index, extrinsic: None, pallet, name, fields });
	}

	/// Adds the records of the accounts that entered. The event of an entry has the free capacity only, which is not the
	/// whole of a member with work.
	async fn entries(&mut self, at: &At) -> Result<()> {
		for account in std::mem::take(&mut self.entered) {
			match pool::staker(at, account).await {
				Ok(row) => self.staker(&account, &row),
				// The rest of the block does not depend on it.
				Err(Error::Incompatible(reason)) => self.missing(reason),
				Err(other) => return Err(other),
			}
		}
		Ok(())
	}

	async fn all_state(&mut self, at: &At) -> Result<()> {
		match State::read(at).await {
			Ok(state) => {
				self.whole(&state);
				Ok(())
			},
			Err(Error::Incompatible(reason)) => {
				self.missing(reason);
				Ok(())
			},
			Err(other) => Err(other),
		}
	}

	fn whole(&mut self, state: &State) {
		self.state(STAKERS, json!({}));
		for (account, row) in &state.stakers {
			self.staker(account, row);
		}
		if let Some((rollup, fee)) = &state.rollup {
			let ends = json!({ "head": rollup.head, "next_id": rollup.next_id });
			self.state("Rollup", ends);
			self.state("Fee", json!({ "fee_per_gas": fee, "window": null }));
			for (id, block, is_released) in &state.blocks {
				self.block(rollup, *id, block, *is_released);
			}
		}
		self.state("PendingSlashes", json!({ "block_ids": state.slashes }));
	}

	fn block(
		&mut self,
		rollup: &rollup::State,
		id: BlockId,
		block: &rollup::Block,
		is_released: bool,
	) {
		let is_open = matches!(block.status, rollup::Status::Open { .. });
		let status = match &block.status {
			_ if id < rollup.first_live() => Status::Cancelled,
			_ if block.claims > 0 || block.claim_in_time().is_some() => Status::Claimed,
			rollup::Status::Pending => Status::Pending,
			rollup::Status::Assigned(_) => Status::Assigned,
			rollup::Status::Open { .. } => Status::Open,
		};
		let mut fields = json!({
			"block_id": id,
			"proposer": self.client.address(&block.proposer),
			"tx_list_hash": hex(&block.tx_list_hash.0),
			"gas_limit": block.gas_limit,
			"fee_per_gas": block.fee_per_gas,
			"escrow": block.escrow.initial.to_string(),
			"held": block.escrow.held.to_string(),
			"status": status.text(),
			"open": is_open,
			"released": is_released,
			"prover": null,
		});
		if let Some(assignment) = block.assignment() {
			fields["prover"] = self.client.address(&assignment.prover).into();
			fields["reward_per_gas"] = assignment.reward_per_gas.into();
			fields["deadline"] = assignment.deadline.into();
		}
		self.state("Block", fields);
	}

	fn staker(&mut self, account: &AccountId, row: &StakerRow) {
		let exits: u128 = row.exits.iter().map(|exit| exit.amount).sum();
		let mut fields = json!({
			"who": self.client.address(account),
			"exits": exits.to_string(),
			"outstanding": row.outstanding,
			"liable": row.liable,
			"suspended_until": row.suspended_until,
			"assigned": row.record.assigned,
			"served": row.record.served,
			"missed": row.record.missed,
			"prover_id": null,
		});
		if let Some(prover) = &row.prover {
			fields["prover_id"] = prover.prover_id.into();
			fields["stake"] = prover.offer.stake.to_string().into();
			fields["reward_per_gas"] = prover.offer.reward_per_gas.into();
			fields["max_capacity"] = prover.offer.max_capacity.into();
			let paused =
				matches!(prover.status, MemberStatus::Paused | MemberStatus::Suspended { .. });
			fields["paused"] = paused.into();
		}
		self.state("Staker", fields);
	}
}

/// What the chain's state says after a block.
struct State {
	stakers: Vec<(AccountId, StakerRow)>,
	/// The rollup and its fee, if it was started.
	rollup: Option<(rollup::State, u32)>,
	/// The blocks that are not settled, and whether the capacity of their provers has returned.
	blocks: Vec<(BlockId, rollup::Block, bool)>,
	/// The blocks of the pending slashes.
	slashes: Vec<BlockId>,
}

impl State {
	async fn read(at: &At) -> Result<Self> {
		let stakers = stakers(at).await?;
		let rollup = match rollup::state(at).await? {
			Some(state) => Some((state, rollup::fee_per_gas(at).await?)),
			None => None,
		};
		let with_assignment = |(id, block)| async move {
			let assignment = pool::assignment(at, id).await?;
			Ok::<_, Error>((id, block, assignment.is_some_and(|it| it.released)))
		};
		let blocks = stream::iter(rollup::blocks(at, 0).await?).map(with_assignment);
		let blocks = blocks.buffered(AT_ONCE).try_collect().await?;
		let slashes = pool::pending_slashes(at).await?;
		let slashes = slashes.into_iter().map(|(id, _)| id).collect();
		Ok(Self { stakers, rollup, blocks, slashes })
	}
}

/// Returns all accounts with a record in the pool.
pub async fn stakers(at: &At) -> Result<Vec<(AccountId, StakerRow)>> {
	let accounts = pool::staker_accounts(at).await?;
	let rows = stream::iter(accounts)
		.map(|account| async move { Ok::<_, Error>((account, pool::staker(at, account).await?)) });
	rows.buffered(AT_ONCE).try_collect().await
}
