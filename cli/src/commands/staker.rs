//! `staker`: an account's record in the pool.

use super::{
	views::{Exit, Member, TrackRecord},
	Context,
};
use crate::{
	amount::Token,
	args::StakerArgs,
	chain::{Balance, BlockId},
	output::{base_units, count, pairs, Align, Show, Table},
	reads::{
		clock::{self, Unit},
		pool,
	},
	Error, Result,
};
use serde::Serialize;

#[derive(Serialize)]
struct Staker {
	account: String,
	/// The pool's clock.
	now: u32,
	clock: Unit,
	block: u64,
	prover: Option<Member>,
	/// The last block whose draws do not use the present offer.
	unlisted_until: Option<u32>,
	/// The last moment at which the member cannot leave or reduce its stake.
	bound_until: Option<u32>,
	max_capacity: u32,
	outstanding: u32,
	liable: u32,
	suspended_until: Option<u32>,
	record: TrackRecord,
	#[serde(serialize_with = "base_units")]
	held: Balance,
	exits: Vec<Exit>,
	/// The exit that can be withdrawn first.
	next_exit: Option<u32>,
	assignments: Vec<Assignment>,
}

#[derive(Serialize)]
struct Assignment {
	block_id: BlockId,
	reward_per_gas: u32,
	drawn_at: u32,
	released: bool,
}

/// Shows the record as it is after the best block.
pub async fn run(context: &Context, args: StakerArgs) -> Result<()> {
	let client = &context.client;
	let who = match args.account {
		Some(address) => client.account(&address)?,
		None if context.global.key.is_given() => context.signer()?.account(),
		None => return Err(Error::Usage("no account: name an account or a key".into())),
	};
	let at = client.best().await?;
	let staker = pool::staker(&at, who).await?;
	let parameters = pool::parameters(&at).await?;
	let (now, clock) = clock::now(&at).await?;
	let prover = staker.prover.as_ref();
	let assignments = pool::assignments(&at, who).await?.into_iter();
	context.print(&Staker {
		account: client.address(&who),
		now,
		clock,
		block: at.block_number(),
		unlisted_until: prover.and_then(|row| pool::unlisted_until(row, parameters.entry_delay)),
		bound_until: prover.map(|row| pool::bound_until(row, parameters.min_change_delay)),
		prover: prover.map(|row| Member::new(context, row)),
		max_capacity: staker.max_capacity,
		outstanding: staker.outstanding,
		liable: staker.liable,
		suspended_until: staker.suspended_until,
		record: (&staker.record).into(),
		held: staker.held,
		exits: staker.exits.iter().map(|exit| Exit::new(exit, now)).collect(),
		next_exit: pool::next_exit(&at, who).await?.map(|exit| exit.id),
		assignments: assignments
			.map(|row| Assignment {
				block_id: row.block_id,
				reward_per_gas: row.assignment.reward_per_gas,
				drawn_at: row.assignment.drawn_at,
				released: row.assignment.released,
			})
			.collect(),
	})
}

impl Staker {
	fn membership(&self, token: &Token) -> String {
		match &self.prover {
			None => "not a member".into(),
			Some(member) => format!("slot {}: {}", member.prover_id, member.offer.text(token)),
		}
	}

	fn status(&self) -> String {
		match (&self.prover, self.suspended_until) {
			(Some(member), _) => member.status.text(),
			(None, Some(until)) if self.now <= until => format!("suspended until {until}"),
			_ => "-".into(),
		}
	}

	/// Returns which offer draws use.
	fn listed(&self, token: &Token) -> String {
		let Some(member) = &self.prover else { return "-".into() };
		let until = self.unlisted_until.map_or(String::new(), |block| {
			format!(
				" until block {block} ({} from now)",
				u64::from(block).saturating_sub(self.block)
			)
		});
		match (&member.listed, self.unlisted_until) {
			(Some(older), _) => format!("{}{until}", older.text(token)),
			(None, Some(_)) => format!("nothing{until}"),
			(None, None) => "this offer".into(),
		}
	}

	fn leaving(&self) -> String {
		match self.bound_until {
			None => "-".into(),
			Some(moment) if self.now <= moment => {
				format!("after {} {moment} ({} from now)", self.clock.name(), moment - self.now)
			},
			Some(_) => "at any time".into(),
		}
	}

	fn next_exit(&self, token: &Token) -> String {
		let next = self.exits.iter().find(|exit| Some(exit.id) == self.next_exit);
		next.map_or("-".into(), |exit| {
			format!("exit {} of {}: {}", exit.id, token.format(exit.amount), exit.when(self.clock))
		})
	}

	fn exits_table(&self, token: &Token) -> Option<String> {
		let mut table = Table::new(&[
			("EXIT", Align::Right),
			("AMOUNT", Align::Right),
			("MATURES", Align::Right),
			("DUTIES", Align::Right),
			("WITHDRAWABLE", Align::Left),
		]);
		for exit in &self.exits {
			table.row([
				exit.id.to_string(),
				token.format(exit.amount),
				exit.matures_at.to_string(),
				exit.duties.to_string(),
				exit.when(self.clock),
			]);
		}
		(!self.exits.is_empty()).then(|| table.text(""))
	}

	fn assignments_table(&self) -> Option<String> {
		let mut table = Table::new(&[
			("BLOCK", Align::Right),
			("PRICE", Align::Right),
			("DRAWN", Align::Right),
			("PROVEN", Align::Left),
		]);
		for assignment in &self.assignments {
			table.row([
				assignment.block_id.to_string(),
				assignment.reward_per_gas.to_string(),
				assignment.drawn_at.to_string(),
				if assignment.released { "yes" } else { "no" }.into(),
			]);
		}
		(!self.assignments.is_empty()).then(|| table.text(""))
	}
}

impl Show for Staker {
	fn text(&self, token: &Token) -> String {
		let owes = format!(
			"{} to prove, {} to be settled",
			count(self.outstanding, "block", "blocks"),
			self.liable
		);
		let about = pairs(&[
			("Account", self.account.clone()),
			("Member", self.membership(token)),
			("Status", self.status()),
			("Draws use", self.listed(token)),
			("Free capacity", self.prover.as_ref().map_or("-".into(), Member::capacity)),
			("Can leave", self.leaving()),
			("Owes", owes),
			("Record", self.record.text()),
			("Held", token.format(self.held)),
			("Next exit", self.next_exit(token)),
		]);
		let tables = [self.exits_table(token), self.assignments_table()];
		[Some(about)].into_iter().chain(tables).flatten().collect::<Vec<_>>().join("\n\n")
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		commands::views::{Offer, Status},
		reads::pool::ExitState,
	};

	const UNIT: Balance = 1_000_000_000_000;

	fn staker(exits: Vec<Exit>) -> Staker {
		Staker {
			account: "5Grw".into(),
			now: 100,
			clock: Unit::Blocks,
			block: 100,
			prover: None,
			unlisted_until: None,
			bound_until: None,
			max_capacity: 4,
			outstanding: 1,
			liable: 2,
			suspended_until: None,
			record: TrackRecord { assigned: 12, served: 10, missed: 1, misses_in_a_row: 1 },
			held: 90 * UNIT,
			next_exit: exits.first().map(|exit| exit.id),
			exits,
			assignments: vec![],
		}
	}

	fn member() -> Member {
		Member {
			prover_id: 7,
			account: "5Grw".into(),
			offer: Offer {
				stake: 80 * UNIT,
				reward_per_gas: 9_000,
				max_capacity: 4,
				paused: false,
			},
			current_capacity: 3,
			status: Status::Active,
			listed: None,
			entered_at: 90,
			entered_in: 90,
			changed_in: 90,
			record: TrackRecord::default(),
		}
	}

	fn text(staker: &Staker) -> String {
		staker.text(&Token::new("UNIT", 12).unwrap())
	}

	#[test]
	fn a_member_is_shown_with_its_exits_and_duties() {
		let exits = vec![
			Exit { id: 1, amount: UNIT / 2, matures_at: 99, duties: 0, state: ExitState::Free },
			Exit {
				id: 4,
				amount: 9 * UNIT,
				matures_at: 120,
				duties: 2,
				state: ExitState::Maturing,
			},
		];
		let mut shown = staker(exits);
		shown.prover = Some(member());
		shown.bound_until = Some(690);
		shown.assignments =
			vec![Assignment { block_id: 3, reward_per_gas: 8_000, drawn_at: 95, released: false }];
		let expected = "\
Account        5Grw
Member         slot 7: 80 UNIT at 9000 base units per gas, for up to 4 blocks at once
Status         active
Draws use      this offer
Free capacity  3 of 4
Can leave      after block 690 (590 from now)
Owes           1 block to prove, 2 to be settled
Record         12 assigned, 10 served, 1 missed, 1 in a row
Held           90 UNIT
Next exit      exit 1 of 0.5 UNIT: now

EXIT    AMOUNT  MATURES  DUTIES  WITHDRAWABLE
   1  0.5 UNIT       99       0  now
   4    9 UNIT      120       2  after block 120, once 2 assignments are closed

BLOCK  PRICE  DRAWN  PROVEN
    3   8000     95  no";
		assert_eq!(text(&shown), expected);
	}

	#[test]
	fn the_offer_that_draws_use_is_shown_if_it_differs() {
		let line = |member: Member, unlisted_until| {
			let mut shown = staker(vec![]);
			(shown.prover, shown.unlisted_until) = (Some(member), unlisted_until);
			text(&shown).lines().nth(3).unwrap().to_string()
		};
		let entering = Member { status: Status::Entering, ..member() };
		assert_eq!(
			line(entering, Some(110)),
			"Draws use      nothing until block 110 (10 from now)"
		);
		let older = Offer { stake: 70 * UNIT, ..member().offer };
		let changing = Member { listed: Some(older), ..member() };
		let expected =
			"Draws use      70 UNIT at 9000 base units per gas, for up to 4 blocks at once \
		                until block 110 (10 from now)";
		assert_eq!(line(changing, Some(110)), expected);
	}

	#[test]
	fn a_suspension_outlasts_membership() {
		let status = |staker: &Staker| text(staker).lines().nth(2).unwrap().to_string();
		let mut shown = staker(vec![]);
		assert_eq!(status(&shown), "Status         -");
		shown.suspended_until = Some(100);
		assert_eq!(status(&shown), "Status         suspended until 100");
		shown.now = 101;
		assert_eq!(status(&shown), "Status         -");
	}

	#[test]
	fn amounts_and_states_are_words_in_json() {
		let exit =
			Exit { id: 1, amount: UNIT, matures_at: 120, duties: 0, state: ExitState::Maturing };
		let json = serde_json::to_value(staker(vec![exit])).unwrap();
		assert_eq!(json["exits"][0]["amount"], "1000000000000");
		assert_eq!(json["exits"][0]["state"], "maturing");
		assert_eq!((&json["clock"], &json["next_exit"]), (&"blocks".into(), &1.into()));
	}
}
