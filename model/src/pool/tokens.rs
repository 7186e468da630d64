//! The currency, as far as the pool can notice it: accounts that must keep an existential deposit,
//! the pool's hold, a freeze of another pallet.

use std::collections::BTreeMap;

use super::words::{AccountId, Balance, Refusal};

/// The name of every other refusal of the currency here, whatever the currency calls it.
pub const CURRENCY: Refusal = "the currency refuses";

/// The name of the refusal of a hold that the free tokens do not cover.
pub const INSUFFICIENT: Refusal = "InsufficientFunds";

/// The smallest free balance that keeps an account alive.
pub const EXISTENTIAL_DEPOSIT: Balance = 10;

/// The tokens of one account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
	pub free: Balance,
	/// What the pool holds.
	pub held: Balance,
	/// How much of free and held tokens together may not be transferred away.
	pub frozen: Balance,
	/// Whether something else than its balance keeps the account alive.
	pub propped: bool,
}

impl Account {
	/// Returns whether a hold or a freeze needs the account to live.
	fn tied(&self) -> bool {
		self.held > 0 || self.frozen > 0
	}

	/// Returns what must stay free for the account to live. Another prop counts only beside a balance
	/// that would do: with less than the existential deposit, what is there stays.
	fn needed(&self) -> Balance {
		let another_keeps_it = self.propped && self.free >= EXISTENTIAL_DEPOSIT;
		if self.free > 0 && !another_keeps_it {
			EXISTENTIAL_DEPOSIT
		} else {
			0
		}
	}

	/// Returns what can be put on hold. Freezes do not matter to holds.
	pub fn holdable(&self) -> Balance {
		self.free.saturating_sub(self.needed())
	}

	/// Returns what can be sent away, the last token included if nothing ties the account.
	pub fn transferable(&self) -> Balance {
		let needed = if self.tied() { self.needed() } else { 0 };
		self.free.saturating_sub(needed.max(self.frozen.saturating_sub(self.held)))
	}

	/// Returns whether the account can get `amount` more free tokens.
	pub fn can_receive(&self, amount: Balance) -> bool {
		amount == 0
			|| self.free.checked_add(amount).is_some_and(|free| {
				free >= EXISTENTIAL_DEPOSIT && free.checked_add(self.held).is_some()
			})
	}
}

/// All accounts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tokens {
	pub accounts: BTreeMap<AccountId, Account>,
	/// Everything that was burned, dust included.
	pub burned: Balance,
}

impl Tokens {
	pub fn of(&self, who: AccountId) -> Account {
		self.accounts.get(&who).cloned().unwrap_or_default()
	}

	fn account(&mut self, who: AccountId) -> &mut Account {
		self.accounts.entry(who).or_default()
	}

	/// An account that nothing ties and that has too little to live loses what it has.
	fn sweep(&mut self, who: AccountId) {
		let account = self.account(who);
		if !account.tied() && account.free < EXISTENTIAL_DEPOSIT {
			self.burned += std::mem::take(&mut self.account(who).free);
		}
	}

	/// Free tokens are put on hold.
	pub fn hold(&mut self, who: AccountId, amount: Balance) -> Result<(), Refusal> {
		if amount == 0 {
			return Ok(());
		}
		let account = self.account(who);
		if amount > account.holdable() {
			return Err(INSUFFICIENT);
		}
		account.free -= amount;
		// For a moment the tokens are neither free nor held.
		self.sweep(who);
		self.account(who).held += amount;
		Ok(())
	}

	/// Held tokens become free: all of them, or none.
	pub fn release(&mut self, who: AccountId, amount: Balance) -> Result<(), Refusal> {
		if amount == 0 {
			return Ok(());
		}
		let mut after = self.clone();
		after.account(who).held -= amount;
		if !after.of(who).can_receive(amount) {
			return Err(CURRENCY);
		}
		// For a moment the tokens are neither held nor free, and dust that lay beside them is gone.
		after.sweep(who);
		if !after.of(who).can_receive(amount) {
			return Err(CURRENCY);
		}
		after.account(who).free += amount;
		*self = after;
		Ok(())
	}

	/// Held tokens leave the account.
	pub fn take(&mut self, who: AccountId, amount: Balance) {
		if amount > 0 {
			self.account(who).held -= amount;
			self.sweep(who);
		}
	}

	/// Tokens that have left another account arrive. Returns whether they could.
	pub fn receive(&mut self, who: AccountId, amount: Balance) -> bool {
		let can = self.of(who).can_receive(amount);
		if can {
			self.account(who).free += amount;
		}
		can
	}

	/// Tokens leave the chain.
	pub fn burn(&mut self, amount: Balance) {
		self.burned += amount;
	}

	/// One account sends tokens to another.
	pub fn transfer(
		&mut self,
		from: AccountId,
		to: AccountId,
		amount: Balance,
	) -> Result<(), Refusal> {
		if amount > self.of(from).transferable() || !self.of(to).can_receive(amount) {
			return Err(CURRENCY);
		}
		if from != to && amount > 0 {
			self.account(from).free -= amount;
			self.sweep(from);
			self.account(to).free += amount;
		}
		Ok(())
	}

	/// Another pallet freezes tokens, or thaws them with an amount of 0.
	pub fn freeze(&mut self, who: AccountId, amount: Balance) -> Result<(), Refusal> {
		let account = self.account(who);
		let alive = account.free >= EXISTENTIAL_DEPOSIT || account.tied() || account.propped;
		if amount > 0 && !alive {
			return Err(CURRENCY);
		}
		account.frozen = amount;
		self.sweep(who);
		Ok(())
	}
}
