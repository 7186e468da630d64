//! What happened to a block of the rollup, and to its money, in words.

use crate::{
	block::Chain,
	column::{Amount, Moment},
	query::Row,
	rows::{Claim, Fate, RollupBlock, Slash, SlashState, Status},
};

/// Returns the sentences, in the order of what happened.
pub fn words(
	chain: &Chain,
	block: &Row<RollupBlock>,
	claims: &[Row<Claim>],
	slash: Option<&Row<Slash>>,
) -> Vec<String> {
	let claims: Vec<&Claim> = claims.iter().map(|claim| &claim.row).collect();
	let story = Story { chain, block: &block.row, claims, slash: slash.map(|slash| &slash.row) };
	let mut sentences = story.beginning();
	sentences.extend(story.claims());
	sentences.extend(story.end());
	sentences.extend(story.slash());
	if block.row.spans_gap {
		sentences.push(
			"Events of its life may be missing: the history has a gap, so this may not be all."
				.into(),
		);
	}
	if !block.is_final {
		sentences
			.push("The last of this is not finalized, and a reorganisation may revert it.".into());
	}
	sentences
}

impl Chain {
	/// Returns an amount in tokens, exactly: `1.5 UNIT`.
	pub fn tokens(&self, amount: Amount) -> String {
		format!("{} {}", amount.tokens(self.decimals), self.symbol)
	}
}

struct Story<'a> {
	chain: &'a Chain,
	block: &'a RollupBlock,
	claims: Vec<&'a Claim>,
	slash: Option<&'a Slash>,
}

fn at(moment: Option<Moment>) -> String {
	moment.map_or_else(|| "in an unknown block".into(), |it| format!("in block {}", it.block))
}

/// Returns a name that may be missing.
fn name(account: &Option<String>) -> &str {
	account.as_deref().unwrap_or("an unknown account")
}

impl Story<'_> {
	fn tokens(&self, amount: Option<Amount>) -> String {
		amount.map_or_else(|| "an unknown amount".into(), |it| self.chain.tokens(it))
	}

	fn beginning(&self) -> Vec<String> {
		let block = self.block;
		let mut sentences = Vec::new();
		if block.proposed.is_some() {
			sentences.push(format!(
				"{} proposed it {}, at a fee of {} per gas, with {} in escrow.",
				name(&block.proposer),
				at(block.proposed),
				block.fee_per_gas.unwrap_or_default(),
				self.tokens(block.escrow)
			));
		}
		if let (Some(_), Some(price)) = (block.drawn, block.reward_per_gas) {
			let returned = match block.returned_at_draw {
				Amount(0) => String::new(),
				amount => format!(
					" {} of the escrow went back, since the price is lower than the highest possible one.",
					self.chain.tokens(amount)
				),
			};
			sentences.push(format!(
				"The draw {} chose {}, at a price of {price} per gas; its window ended at {} of the protocol's \
				 clock.{returned}",
				at(block.drawn),
				name(&block.prover),
				block.deadline.unwrap_or_default(),
			));
		}
		if block.opened.is_some() {
			let cause = match block.open_cause.as_deref() {
				Some("EmptyPool") => "the pool has no member that could be drawn",
				Some("NoFreeCapacity") => "no member had free capacity",
				Some("ZeroFee") => "the fee was 0",
				Some("Expired") => "it was not drawn in time",
				Some("ClaimVoided") => "what vouched for its prover's claim was revoked",
				_ => "of an unknown reason",
			};
			sentences.push(format!(
				"It was opened to any prover {}, because {cause}.",
				at(block.opened)
			));
		}
		if sentences.is_empty() {
			sentences.push("Its proposal and its draw are not in the history.".into());
		}
		sentences
	}

	fn claims(&self) -> Vec<String> {
		let describe = |claim: &&Claim| {
			let bond = match claim.bond {
				Amount(0) => String::new(),
				bond => format!(", with a bond of {}", self.chain.tokens(bond)),
			};
			let fate = match claim.fate {
				Fate::Stored => "it waits",
				Fate::Replaced => "its prover replaced it",
				Fate::Removed => "a dispute removed it as wrong",
				Fate::Unconfirmed => "it was removed, since it had no second proof in time",
				Fate::Voided => "it is void, since what vouched for it was revoked",
				Fate::Verified => "it was verified",
				Fate::NotChosen => "the block was settled without it",
				Fate::Unknown => "what became of it is not in the history",
			};
			let lost = match claim.bond_forfeited {
				Amount(0) => "",
				_ => ", and the bond is lost",
			};
			format!(
				"{} proved it {}: {} gas{bond}; {fate}{lost}.",
				claim.prover,
				at(Some(claim.claimed)),
				claim.gas_used
			)
		};
		self.claims.iter().map(describe).collect()
	}

	fn end(&self) -> Vec<String> {
		let block = self.block;
		if block.settled.is_none() {
			return vec![match block.status {
				Status::Unknown => {
					"It was settled in blocks that the history lacks: how it ended is not known."
				},
				_ if block.spans_gap => {
					"It was not settled when the history last read of it. What happened since then may be missing."
				},
				Status::Pending => "It waits for its draw.",
				Status::Assigned => "It waits for its prover.",
				Status::Open => "It waits for any prover.",
				Status::Claimed => "It waits for its verification.",
				_ => "It was cancelled, since a block in front of it was skipped or the rollup was reset, and waits \
				      to be settled.",
			}
			.into()];
		}
		let prover = name(&block.proven_by);
		let paid = self.tokens(block.paid);
		let mut sentences = vec![match (block.status, block.verdict.as_deref()) {
			(Status::Verified, Some("InTime")) => format!(
				"It was verified {}: {prover} was in time and is paid {paid}, the agreed price of the gas used, less \
				 a penalty by the share of the window that it used.",
				at(block.settled)
			),
			(Status::Verified, Some("Failed")) => format!(
				"It was verified {}: {prover} had to prove it, was too late or had a claim removed, and is paid \
				 nothing.",
				at(block.settled)
			),
			(Status::Verified, Some("Rescued")) => format!(
				"It was verified {}: {prover} proved it after {} had failed, and is paid {paid}, the agreed price of \
				 the gas used.",
				at(block.settled),
				name(&block.prover)
			),
			(Status::Verified, _) => format!(
				"It was verified {}: it was open, and {prover} is paid {paid}, at the price of its claim.",
				at(block.settled)
			),
			(Status::Skipped, _) => format!(
				"It was skipped {}, since no account proved it in time: it is not part of the rollup, and its proposer \
				 loses the escrow.",
				at(block.settled)
			),
			_ => format!(
				"It was cancelled and settled {}, since a block in front of it was skipped or the rollup was reset: \
				 the escrow went back.",
				at(block.settled)
			),
		}];
		sentences.push(format!(
			"Of the escrow of {}, {paid} were paid, {} went back to the proposer, and {} were forfeited.",
			self.tokens(block.escrow),
			self.tokens(block.returned),
			self.tokens(block.forfeited)
		));
		sentences
	}

	fn slash(&self) -> Option<String> {
		let slash = self.slash?;
		let fault = match slash.fault.as_str() {
			"Late" => "its proof came after its window",
			"Rescued" => "another account had to do its work",
			"RemovedProof" => "its claim was removed",
			"Skipped" => "the block was given up without a proof",
			_ => "of an unknown fault",
		};
		let state = match slash.state {
			SlashState::Pending => format!(
				"The tokens are on hold until {} of the pool's clock",
				slash.due_at.unwrap_or_default()
			),
			SlashState::Applied => {
				let to_rescuer = match (&slash.rescuer, slash.to_rescuer) {
					(Some(rescuer), amount) if amount != Amount(0) => {
						format!("{rescuer} received {}, and ", self.chain.tokens(amount))
					},
					_ => String::new(),
				};
				format!(
					"The tokens were taken {}: {to_rescuer}{} went to the runtime's receiver of slashes",
					at(slash.resolved),
					self.chain.tokens(slash.burnt)
				)
			},
			SlashState::Unknown => {
				"Whether the tokens were taken or released is not known: it happened in blocks that the history lacks"
					.into()
			},
			SlashState::Cancelled => {
				format!("Governance cancelled it {}, and the tokens are free", at(slash.resolved))
			},
		};
		Some(format!(
			"{} was slashed {} {}, because {fault}: {} of its exits and {} of its stake. {state}.",
			slash.who,
			self.chain.tokens(slash.amount),
			at(Some(slash.slashed)),
			self.chain.tokens(slash.from_exits),
			self.chain.tokens(slash.from_stake)
		))
	}
}
