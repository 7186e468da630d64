//! Tests by topic. The pool is played by [`Members`].

mod bounds;
mod checks;
mod examples;
mod integrity;
mod lockstep;
mod sessions;

use std::collections::BTreeMap;

use prover_pool_primitives::{ProverId, Selection};

use crate::mock::*;

/// A candidate that can be drawn.
fn candidate(stake: Balance, reward_per_gas: u32, free_capacity: u32) -> Candidate {
	Candidate { stake, reward_per_gas, free_capacity, paused: false }
}

/// A pool's records of its members, and what it tells a selection about them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Members(BTreeMap<ProverId, Option<Candidate>>);

impl Members {
	/// Puts a member with this candidate into the lowest vacant slot.
	fn enter<S: Selection<Balance>>(&mut self, session: &mut S, candidate: Candidate) -> ProverId {
		let slot = session.vacant_slot().expect("a slot is vacant");
		session.occupy(slot);
		assert_eq!(self.0.insert(slot, None), None, "the slot was vacant");
		self.update(session, slot, Some(candidate));
		slot
	}

	fn update<S: Selection<Balance>>(
		&mut self,
		session: &mut S,
		slot: ProverId,
		after: Option<Candidate>,
	) {
		let before = self.0.insert(slot, after).expect("the slot is occupied");
		session.update(slot, before, after);
	}

	fn leave<S: Selection<Balance>>(&mut self, session: &mut S, slot: ProverId) {
		self.update(session, slot, None);
		session.vacate(slot);
		self.0.remove(&slot);
	}

	fn check<S: Selection<Balance>>(&self, session: &S) -> Result<(), &'static str> {
		session.check(self.0.clone().into_iter())
	}
}

/// Runs operations in a session and saves it.
fn in_session<R>(run: impl FnOnce(&mut Lottery) -> R) -> R {
	let mut session = Lottery::read();
	let result = run(&mut session);
	Selection::<Balance>::save(session);
	result
}

/// Fills slots `1..=count` with candidates of various stakes and prices.
fn fill(count: u32) -> Members {
	let mut members = Members::default();
	in_session(|session| {
		for number in 1..=count {
			let stake = Balance::from(100 + number * 7 % 50);
			members.enter(session, candidate(stake, 50 + number * 13 % 100, 1 + number % 3));
		}
	});
	members
}
