//! A block of the chain, as the history takes it.

use crate::{
	chain::{api, AccountId, At, H256},
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
	block::{is_wanted, STATE},
	Block, Event,
};
use serde_json::{json, Map, Value};
use std::collections::BTreeSet;
use subxt::events::Phase;

/// How many accounts are read at once.
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
			// Where the next one begins is not known either.
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

	/// Adds what the state says. It comes after all events.
	fn state(&mut self, name: &str, fields: Value) {
		let index = self.events.iter().map(|event| event.index + 1).max().unwrap_or(0);
		let fields = match fields {
			Value::Object(fields) => fields,
			_ => Map::new(),
		};
		let (pallet, name) = (STATE.into(), name.into());
		self.events.push(Event { index, extrinsic: None, pallet, name, fields });
	}

	/// An entry's event does not tell the whole capacity of a member that has work.
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
		let read = async {
			let stakers = stakers(at).await?;
			let fee = rollup::state(at).await?.map(|_| rollup::fee_per_gas(at));
			let fee = match fee {
				Some(fee) => Some(fee.await?),
				None => None,
			};
			Ok((stakers, fee))
		};
		match read.await {
			Ok((stakers, fee)) => {
				self.state("Stakers", json!({}));
				for (account, row) in &stakers {
					self.staker(account, row);
				}
				if let Some(fee) = fee {
					self.state("Fee", json!({ "fee_per_gas": fee, "window": null }));
				}
				Ok(())
			},
			Err(Error::Incompatible(reason)) => {
				self.missing(reason);
				Ok(())
			},
			Err(other) => Err(other),
		}
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

/// Returns all accounts with a record in the pool.
pub async fn stakers(at: &At) -> Result<Vec<(AccountId, StakerRow)>> {
	let accounts = pool::staker_accounts(at).await?;
	let rows = stream::iter(accounts)
		.map(|account| async move { Ok::<_, Error>((account, pool::staker(at, account).await?)) });
	rows.buffered(AT_ONCE).try_collect().await
}
