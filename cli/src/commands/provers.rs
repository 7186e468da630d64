//! `provers`: the members of the pool.

use super::{views::Member, Context};
use crate::{
	amount::Token,
	output::{Align, Show, Table},
	reads::pool,
	Result,
};
use serde::Serialize;

#[derive(Serialize)]
#[serde(transparent)]
struct Members(Vec<Member>);

/// Lists the members in the order of their slots.
pub async fn run(context: &Context) -> Result<()> {
	let at = context.client.best().await?;
	let provers = pool::provers(&at).await?;
	let members = provers.iter().map(|row| Member::new(context, row));
	context.print(&Members(members.collect()))
}

impl Show for Members {
	fn text(&self, token: &Token) -> String {
		let mut table = Table::new(&[
			("SLOT", Align::Right),
			("ACCOUNT", Align::Left),
			("STAKE", Align::Right),
			("PRICE", Align::Right),
			("FREE", Align::Right),
			("ENTERED", Align::Right),
			("STATUS", Align::Left),
		]);
		for member in &self.0 {
			table.row([
				member.prover_id.to_string(),
				member.account.clone(),
				token.format(member.offer.stake),
				member.offer.reward_per_gas.to_string(),
				member.capacity(),
				member.entered_in.to_string(),
				member.status.text(),
			]);
		}
		table.text("The pool is empty.")
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::commands::views::{Offer, Status, TrackRecord};

	#[test]
	fn members_are_listed_with_free_capacity_and_status() {
		let offer = Offer {
			stake: 80_000_000_000_000,
			reward_per_gas: 9_000,
			max_capacity: 4,
			paused: true,
		};
		let member = Member {
			prover_id: 7,
			account: "5Grw".into(),
			offer,
			current_capacity: 3,
			status: Status::Paused,
			listed: None,
			entered_at: 90,
			entered_in: 90,
			changed_in: 95,
			record: TrackRecord::default(),
		};
		let expected = "\
SLOT  ACCOUNT    STAKE  PRICE    FREE  ENTERED  STATUS
   7  5Grw     80 UNIT   9000  3 of 4       90  paused";
		let token = Token::new("UNIT", 12).unwrap();
		assert_eq!(Members(vec![member]).text(&token), expected);
		assert_eq!(Members(vec![]).text(&token), "The pool is empty.");
	}
}
