//! The currency, as far as the protocol uses it.

use super::runtime::{AccountId, Balance, EXISTENTIAL_DEPOSIT, SPONSORED, TREASURY};
use std::collections::BTreeMap;

/// The reasons of holds.
#[derive(Clone, Copy, Debug)]
pub enum Reason {
	/// The escrow of proposed blocks.
	Escrow,
	/// The bonds of proofs.
	Bond,
	/// The pool's holds: stakes and exits.
	Pool,
}

/// The tokens of one account.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Account {
	pub free: Balance,
	pub escrow: Balance,
	pub bond: Balance,
	pub pool: Balance,
}

impl Account {
	/// All tokens, held or free.
	pub fn total(&self) -> Balance {
		self.free + self.held()
	}

	fn held(&self) -> Balance {
		self.escrow + self.bond + self.pool
	}

	fn held_for(&mut self, reason: Reason) -> &mut Balance {
		match reason {
			Reason::Escrow => &mut self.escrow,
			Reason::Bond => &mut self.bond,
			Reason::Pool => &mut self.pool,
		}
	}

	/// One write of the currency. It burns dust: less than the existential deposit, on an account without
	/// holds.
	fn write(&mut self, change: impl FnOnce(&mut Self)) {
		change(self);
		if self.free < EXISTENTIAL_DEPOSIT && self.held() == 0 {
			self.free = 0;
		}
	}
}

/// The tokens of all accounts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Money(pub BTreeMap<AccountId, Account>);

impl Money {
	fn of(&mut self, who: AccountId) -> &mut Account {
		self.0.entry(who).or_default()
	}

	/// Returns the amount that `who` can put on hold. An account that exists by its tokens keeps the existential
	/// deposit.
	fn available(&mut self, who: AccountId) -> Balance {
		let free = self.of(who).free;
		if SPONSORED.contains(&who) && free >= EXISTENTIAL_DEPOSIT {
			free
		} else {
			free.saturating_sub(EXISTENTIAL_DEPOSIT)
		}
	}

	/// Puts free tokens on hold. Fails if there are too few. An amount of zero never fails.
	pub fn hold(&mut self, who: AccountId, reason: Reason, amount: Balance) -> bool {
		let enough = self.available(who) >= amount;
		if enough && amount > 0 {
			self.of(who).write(|account| account.free -= amount);
			self.of(who).write(|account| *account.held_for(reason) += amount);
		}
		enough
	}

	fn can_receive(&mut self, who: AccountId, amount: Balance) -> bool {
		amount == 0 || self.of(who).free + amount >= EXISTENTIAL_DEPOSIT
	}

	/// Pays held tokens of `from` to `to`, which may be the same account. Fails if `to` cannot receive them.
	pub fn pay(&mut self, from: AccountId, reason: Reason, to: AccountId, amount: Balance) -> bool {
		if amount == 0 {
			return true;
		}
		let before = self.clone();
		let mut possible = self.can_receive(to, amount);
		if possible {
			self.of(from).write(|account| *account.held_for(reason) -= amount);
			// The removal of the last hold may have burned dust that `to` would have needed.
			possible = self.can_receive(to, amount);
			self.of(to).write(|account| account.free += amount);
		}
		if !possible {
			*self = before;
		}
		possible
	}

	/// Moves held tokens of `from` to the treasury.
	pub fn forfeit(&mut self, from: AccountId, reason: Reason, amount: Balance) {
		if amount > 0 {
			self.of(from).write(|account| *account.held_for(reason) -= amount);
			self.of(TREASURY).write(|account| account.free += amount);
		}
	}

	/// Takes a slash from the pool's hold on `who`. The reporter gets up to its sum, the treasury the rest.
	pub fn slash(
		&mut self,
		who: AccountId,
		amount: Balance,
		withdrawn: &[(AccountId, Balance)],
		reporter: Option<(AccountId, Balance)>,
	) {
		// Slashed tokens move last. Until then they are held.
		for (prover, sum) in withdrawn {
			self.pay(*prover, Reason::Pool, *prover, *sum);
		}
		self.of(who).write(|account| account.pool -= amount);
		let mut rest = amount;
		if let Some((reporter, most)) = reporter {
			let reward = most.min(amount);
			if self.can_receive(reporter, reward) && reward > 0 {
				self.of(reporter).write(|account| account.free += reward);
				rest -= reward;
			}
		}
		if rest > 0 {
			self.of(TREASURY).write(|account| account.free += rest);
		}
	}

	/// Returns the sum of all tokens.
	pub fn issuance(&self) -> Balance {
		self.0.values().map(Account::total).sum()
	}
}
