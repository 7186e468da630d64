//! `staker`: an account's side of the pool.

use super::{provers::Member, Context};
use crate::{
	amount::Token,
	args::StakerArgs,
	chain::{Balance, BlockId},
	output::{base_units, count, pairs, Align, Show, Table},
	reads::{
		clock::{self, Unit},
		pool::{self, ExitState},
	},
	Error, Result,
};
use serde::Serialize;

#[derive(Serialize)]
struct Staker {
	who: String,
	/// What the pool's clock shows, and what it counts.
	now: u32,
	clock: Unit,
	block: u64,
	prover: Option<Member>,
	draws_after: Option<u32>,
	may_leave_after: Option<u32>,
	max_capacity: u32,
	outstanding: u32,
	liable: u32,
	liable_since: Option<u32>,
	exit: Exit,
	assignments: Vec<Assignment>,
}

#[derive(Serialize)]
struct Exit {
	#[serde(serialize_with = "base_units")]
	amount: Balance,
	state: ExitState,
	requested_at: Option<u32>,
	free_after: Option<u32>,
}

#[derive(Serialize)]
struct Assignment {
	block_id: BlockId,
	reward_per_gas: u32,
	drawn_at: u32,
	released: bool,
}

/// Reads it all after one block.
pub async fn run(context: &Context, args: StakerArgs) -> Result<()> {
	let client = &context.client;
	let who = match args.account {
		Some(address) => client.account(&address)?,
		None if context.global.key.is_given() => context.signer()?.account(),
		None => return Err(Error::Usage("whose? Name an account, or a key".into())),
	};
	let at = client.best().await?;
	let (staker, prover) = pool::staker(&at, who).await?;
	let parameters = pool::parameters(&at).await?;
	let (now, clock) = clock::now(&at).await?;
	let (state, free_after) = pool::exit_state(&staker, now, parameters.exit_period);
	let assignments = pool::assignments(&at, who).await?.into_iter();
	context.print(&Staker {
		who: client.address(&who),
		now,
		clock,
		block: at.block_number(),
		draws_after: prover.as_ref().and_then(|it| pool::draws_after(it, parameters.entry_delay)),
		may_leave_after: prover
			.as_ref()
			.and_then(|_| pool::may_leave_after(&staker, parameters.min_change_delay)),
		prover: prover.zip(staker.prover_id).map(|(prover, id)| Member::new(context, id, &prover)),
		max_capacity: staker.max_capacity,
		outstanding: staker.outstanding,
		liable: staker.liable,
		liable_since: staker.liable_since,
		exit: Exit {
			amount: staker.exit_amount,
			state,
			requested_at: staker.exit_requested_at,
			free_after,
		},
		assignments: assignments
			.map(|(block_id, assignment)| Assignment {
				block_id,
				reward_per_gas: assignment.reward_per_gas,
				drawn_at: assignment.drawn_at,
				released: assignment.released,
			})
			.collect(),
	})
}

impl Staker {
	fn place(&self, token: &Token) -> String {
		match &self.prover {
			None => "not in the pool".into(),
			Some(member) => format!(
				"slot {} with {}, at {} base units per gas",
				member.prover_id,
				token.format(member.staked_amount),
				member.reward_per_gas
			),
		}
	}

	fn free_places(&self) -> String {
		match &self.prover {
			None => "-".into(),
			Some(member) => format!("{} of {}", member.current_capacity, self.max_capacity),
		}
	}

	fn draws(&self) -> String {
		match (&self.prover, self.draws_after) {
			(None, _) => "-".into(),
			(_, Some(after)) => {
				let left = u64::from(after).saturating_sub(self.block);
				format!("after block {after}, which is {left} from now")
			},
			_ => "yes".into(),
		}
	}

	fn leaving(&self) -> String {
		match (&self.prover, self.may_leave_after) {
			(None, _) => "-".into(),
			(_, Some(after)) if self.now <= after => self.after(after),
			_ => "at any time".into(),
		}
	}

	fn exiting(&self, token: &Token) -> String {
		let Exit { amount, state, free_after, .. } = self.exit;
		let amount = token.format(amount);
		match state {
			ExitState::None => "nothing".into(),
			ExitState::Maturing => {
				format!("{amount}, free {}", self.after(free_after.unwrap_or_default()))
			},
			ExitState::Liable => format!("{amount}, free when every block it owes is settled"),
			ExitState::Free => format!("{amount}, free: `withdraw` it"),
		}
	}

	fn after(&self, moment: u32) -> String {
		format!(
			"after {} {moment}, which is {} from now",
			self.clock.name(),
			moment.saturating_sub(self.now)
		)
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
			("Account", self.who.clone()),
			("Pool", self.place(token)),
			("Free places", self.free_places()),
			("Is drawn", self.draws()),
			("May leave", self.leaving()),
			("Owes", owes),
			("Exiting", self.exiting(token)),
		]);
		if self.assignments.is_empty() {
			return about;
		}
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
		format!("{about}\n\n{}", table.text(""))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn staker(exit: Exit) -> Staker {
		Staker {
			who: "5Grw".into(),
			now: 100,
			clock: Unit::Blocks,
			block: 100,
			prover: None,
			draws_after: None,
			may_leave_after: None,
			max_capacity: 4,
			outstanding: 1,
			liable: 2,
			liable_since: Some(50),
			exit,
			assignments: vec![],
		}
	}

	fn exit(state: ExitState) -> Exit {
		Exit { amount: 1_500_000_000_000, state, requested_at: Some(20), free_after: Some(120) }
	}

	fn text(staker: &Staker) -> String {
		staker.text(&Token::new("UNIT", 12).unwrap())
	}

	#[test]
	fn an_exit_says_what_it_waits_for() {
		for (state, expected) in [
			(ExitState::None, "Exiting      nothing"),
			(
				ExitState::Maturing,
				"Exiting      1.5 UNIT, free after block 120, which is 20 from now",
			),
			(ExitState::Liable, "Exiting      1.5 UNIT, free when every block it owes is settled"),
			(ExitState::Free, "Exiting      1.5 UNIT, free: `withdraw` it"),
		] {
			assert_eq!(text(&staker(exit(state))).lines().last(), Some(expected));
		}
	}

	#[test]
	fn a_member_is_shown_with_its_duties() {
		let mut member = staker(exit(ExitState::None));
		member.prover = Some(Member {
			prover_id: 7,
			who: "5Grw".into(),
			staked_amount: 80_000_000_000_000,
			reward_per_gas: 9_000,
			current_capacity: 3,
			entered_in: 90,
			waiting: true,
		});
		member.draws_after = Some(110);
		member.may_leave_after = Some(690);
		member.assignments =
			vec![Assignment { block_id: 3, reward_per_gas: 8_000, drawn_at: 95, released: false }];
		let expected = "\
Account      5Grw
Pool         slot 7 with 80 UNIT, at 9000 base units per gas
Free places  3 of 4
Is drawn     after block 110, which is 10 from now
May leave    after block 690, which is 590 from now
Owes         1 block to prove, 2 to be settled
Exiting      nothing

BLOCK  PRICE  DRAWN  PROVEN
    3   8000     95  no";
		assert_eq!(text(&member), expected);
	}

	#[test]
	fn amounts_and_states_are_words_in_json() {
		let json = serde_json::to_value(staker(exit(ExitState::Maturing))).unwrap();
		assert_eq!(json["exit"]["amount"], "1500000000000");
		assert_eq!(json["exit"]["state"], "maturing");
		assert_eq!(json["clock"], "blocks");
	}
}
