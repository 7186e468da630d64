//! The events of the protocol: the life of a block, its claims and its money.

use super::{fields::Fields, Derived, Deriving};
use crate::{
	column::Amount,
	rows::{Claim, Fate, Fee, RollupBlock, Slash, Status},
};

impl Deriving<'_> {
	pub(super) fn protocol_event(&mut self, name: &str, fields: Fields<'_>) -> Derived {
		match name {
			"BlockProposed" => self.proposed(fields),
			"BlockAssigned" => self.block_assigned(fields),
			"BlockOpened" => self.opened(fields),
			"BlockClaimed" => self.claimed(fields),
			"ClaimRemoved" => self.claim_ended(fields, Fate::Removed),
			"ClaimUnconfirmed" => self.claim_ended(fields, Fate::Unconfirmed),
			"ClaimVoided" => self.claim_ended(fields, Fate::Voided),
			"ClaimConfirmed" => self.confirmed(fields),
			"BlockVerified" => self.verified(fields),
			"BlockSkipped" => self.given_up(fields, Status::Skipped),
			"BlockCancelled" => self.given_up(fields, Status::Cancelled),
			"BlocksCancelled" => self.cancelled(fields),
			"BondSettled" => self.bond_settled(fields),
			"AveragesUpdated" => self.fee(fields, Some(fields.long("window")?)),
			"Started" => self.fee(fields, None),
			_ => Ok(()),
		}
	}

	fn proposed(&self, fields: Fields<'_>) -> Derived {
		let block = RollupBlock {
			proposer: Some(fields.text("proposer")?.into()),
			tx_list_hash: Some(fields.text("tx_list_hash")?.into()),
			gas_limit: Some(fields.number("gas_limit")?),
			fee_per_gas: Some(fields.number("fee_per_gas")?),
			escrow: Some(fields.amount("escrow")?),
			proposed: Some(self.moment),
			id: fields.long("block_id")?,
			..RollupBlock::default()
		};
		Ok(self.tables.put(&block)?)
	}

	fn block_assigned(&self, fields: Fields<'_>) -> Derived {
		let mut block = self.rollup_block(fields.long("block_id")?)?;
		block.prover = Some(fields.text("prover")?.into());
		block.reward_per_gas = Some(fields.number("reward_per_gas")?);
		block.deadline = Some(fields.long("deadline")?);
		block.returned_at_draw = fields.amount("returned")?;
		block.drawn = Some(self.moment);
		block.status = block.waiting_status(false);
		Ok(self.tables.put(&block)?)
	}

	fn opened(&self, fields: Fields<'_>) -> Derived {
		let mut block = self.rollup_block(fields.long("block_id")?)?;
		block.open_cause = Some(fields.variant("cause")?);
		block.opened = Some(self.moment);
		block.status = block.waiting_status(self.has_claim(block.id)?);
		Ok(self.tables.put(&block)?)
	}

	fn claimed(&self, fields: Fields<'_>) -> Derived {
		let mut block = self.rollup_block(fields.long("block_id")?)?;
		let claim = Claim {
			block_id: block.id,
			number: block.claims,
			prover: fields.text("prover")?.into(),
			parent_hash: fields.text("parent_hash")?.into(),
			block_hash: fields.text("block_hash")?.into(),
			gas_used: fields.number("gas_used")?,
			reward_per_gas: fields.number("reward_per_gas")?,
			bond: fields.amount("bond")?,
			bond_returned: Amount(0),
			bond_forfeited: Amount(0),
			tag: fields.json("tag")?,
			confirmed: false,
			claimed: self.moment,
			fate: Fate::Stored,
		};
		// The assigned prover has one claim within its window, without a bond.
		let is_in_time = |it: &Claim| it.bond.0 == 0 && block.prover.as_ref() == Some(&it.prover);
		if is_in_time(&claim) {
			for mut earlier in self.claims(block.id)? {
				if earlier.fate == Fate::Stored && is_in_time(&earlier) {
					earlier.fate = Fate::Replaced;
					self.tables.put(&earlier)?;
				}
			}
		}
		self.tables.put(&claim)?;
		block.claims += 1;
		block.claimed = block.claimed.or(Some(self.moment));
		block.status = block.waiting_status(true);
		self.tables.put(&block)?;
		self.change_prover(&claim.prover, |prover| prover.last_seen = Some(self.moment))?;
		Ok(())
	}

	fn claims(&self, id: u64) -> rusqlite::Result<Vec<Claim>> {
		self.tables.find("block_id = ?1 ORDER BY number", &[&(id as i64)])
	}

	fn has_claim(&self, id: u64) -> rusqlite::Result<bool> {
		Ok(self.claims(id)?.iter().any(|claim| claim.fate == Fate::Stored))
	}

	/// Returns the stored claim that an event describes.
	fn claim_of(&self, fields: Fields<'_>) -> Derived<Option<Claim>> {
		let (prover, parent) = (fields.text("prover")?, fields.text("parent_hash")?);
		let (hash, gas) = (fields.text("block_hash")?, fields.number("gas_used")?);
		let is_it = |claim: &Claim| {
			claim.fate == Fate::Stored
				&& claim.prover == prover
				&& claim.parent_hash == parent
				&& claim.block_hash == hash
				&& claim.gas_used == gas
		};
		Ok(self.claims(fields.long("block_id")?)?.into_iter().find(is_it))
	}

	fn claim_ended(&self, fields: Fields<'_>, fate: Fate) -> Derived {
		if let Some(mut claim) = self.claim_of(fields)? {
			claim.fate = fate;
			self.tables.put(&claim)?;
		}
		let mut block = self.rollup_block(fields.long("block_id")?)?;
		block.status = block.waiting_status(self.has_claim(block.id)?);
		Ok(self.tables.put(&block)?)
	}

	fn confirmed(&self, fields: Fields<'_>) -> Derived {
		let tag = fields.json("tag")?;
		if let Some(claim) = self.claim_of(fields)? {
			self.tables.put(&Claim { confirmed: true, tag, ..claim })?;
		}
		Ok(())
	}

	fn verified(&self, fields: Fields<'_>) -> Derived {
		let mut block = self.rollup_block(fields.long("block_id")?)?;
		let (prover, hash) = (fields.text("prover")?, fields.text("block_hash")?);
		let (verdict, paid) = (fields.text("verdict")?, fields.amount("paid")?);
		block.returned = Some(fields.amount("returned")?);
		block.forfeited = Some(fields.amount("forfeited")?);
		block.paid = Some(paid);
		block.verdict = Some(verdict.into());
		block.proven_by = Some(prover.into());
		block.block_hash = Some(hash.into());
		block.settled = Some(self.moment);
		block.status = Status::Verified;
		if let Some(claim) = self.end_claims(&block, Some((prover, hash)))? {
			block.proven = Some(claim.claimed);
			block.gas_used = Some(claim.gas_used);
			block.paid_per_gas = Some(claim.reward_per_gas);
		}
		self.tables.put(&block)?;
		if verdict == "Rescued" {
			// The event of the slash precedes this one.
			let slash: Option<Slash> = self.tables.get(&[&(block.id as i64)])?;
			if let Some(slash) = slash {
				self.tables.put(&Slash { rescuer: Some(prover.into()), ..slash })?;
			}
		}
		self.change_prover(prover, |it| it.work.count_verified(verdict, paid))?;
		Ok(())
	}

	/// Ends the claims of a settled block. Returns the verified one: the earliest of this prover with this hash,
	/// on the verified parent if that is known.
	fn end_claims(
		&self,
		block: &RollupBlock,
		winner: Option<(&str, &str)>,
	) -> Derived<Option<Claim>> {
		let parent = match winner {
			Some(_) => self.verified_before(block.id)?,
			None => None,
		};
		let claims = self.claims(block.id)?;
		let is_winner = |claim: &&Claim| {
			claim.fate == Fate::Stored
				&& winner == Some((claim.prover.as_str(), claim.block_hash.as_str()))
		};
		let on_parent = |claim: &&Claim| Some(&claim.parent_hash) == parent.as_ref();
		let candidates: Vec<&Claim> = claims.iter().filter(is_winner).collect();
		let chosen = candidates.iter().copied().find(|claim| on_parent(claim));
		let chosen = chosen.or_else(|| candidates.first().copied()).map(|claim| claim.number);
		let mut verified = None;
		for mut claim in claims.into_iter().filter(|claim| claim.fate == Fate::Stored) {
			let won = chosen == Some(claim.number);
			claim.fate = if won { Fate::Verified } else { Fate::NotChosen };
			self.tables.put(&claim)?;
			if won {
				verified = Some(claim);
			}
		}
		Ok(verified)
	}

	/// Returns the hash of the last verified block before this one.
	fn verified_before(&self, id: u64) -> Derived<Option<String>> {
		let condition = "status = 'verified' AND id < ?1 ORDER BY id DESC LIMIT 1";
		let blocks: Vec<RollupBlock> = self.tables.find(condition, &[&(id as i64)])?;
		Ok(blocks.into_iter().next().and_then(|block| block.block_hash))
	}

	/// Settles a block that does not become part of the rollup.
	fn given_up(&self, fields: Fields<'_>, status: Status) -> Derived {
		let mut block = self.rollup_block(fields.long("block_id")?)?;
		block.returned = Some(fields.amount("returned")?);
		block.forfeited = Some(fields.amount("forfeited")?);
		block.paid = Some(Amount(0));
		block.settled = Some(self.moment);
		block.status = status;
		self.end_claims(&block, None)?;
		Ok(self.tables.put(&block)?)
	}

	/// Marks blocks that will be settled one by one.
	fn cancelled(&self, fields: Fields<'_>) -> Derived {
		let (from, below) = (fields.long("from")? as i64, fields.long("below")? as i64);
		let condition = "settled_block IS NULL AND id >= ?1 AND id < ?2 ORDER BY id";
		let blocks: Vec<RollupBlock> = self.tables.find(condition, &[&from, &below])?;
		for block in blocks {
			self.tables.put(&RollupBlock { status: Status::Cancelled, ..block })?;
		}
		Ok(())
	}

	/// Stores where a bond went. Bonds of one account on one block are equal, so any of its claims with this bond will do.
	fn bond_settled(&self, fields: Fields<'_>) -> Derived {
		let prover = fields.text("prover")?;
		let (returned, forfeited) = (fields.amount("returned")?, fields.amount("forfeited")?);
		let is_it = |claim: &Claim| {
			claim.prover == prover
				&& claim.bond == returned.plus(forfeited)
				&& claim.bond_returned.plus(claim.bond_forfeited) == Amount(0)
		};
		let claims = self.claims(fields.long("block_id")?)?;
		if let Some(claim) = claims.into_iter().find(is_it) {
			let settled = Claim { bond_returned: returned, bond_forfeited: forfeited, ..claim };
			self.tables.put(&settled)?;
		}
		self.change_prover(prover, |it| it.bonds_forfeited += forfeited)?;
		Ok(())
	}

	/// Stores the fee after a change.
	pub(super) fn fee(&self, fields: Fields<'_>, window: Option<u64>) -> Derived {
		let fee_per_gas = fields.number("fee_per_gas")?;
		Ok(self.tables.put(&Fee { at: self.moment, idx: fields.index(), fee_per_gas, window })?)
	}
}
