//! The currency, as far as it affects the pool: accounts that must keep an existential deposit, the pool's
//! hold, a freeze of another pallet.

use std::collections::BTreeMap;

use super::types::{AccountId, Balance, Refusal};

/// The name of all other refusals of the currency.
pub const CURRENCY: Refusal = "the currency refuses";

/// The name of the refusal of a hold that the free tokens do not cover.
pub const INSUFFICIENT: Refusal = "InsufficientFunds";

/// The smallest free balance that keeps an account alive.
pub const EXISTENTIAL_DEPOSIT: Balance = 10;

/// The tokens of one account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
	pub free: Balance,
	/// The amount that the pool holds.
	pub held: Balance,
	/// The amount of free and held tokens together that may not be transferred.
	pub frozen: Balance,
	/// True if something other than its balance keeps the account alive.
	pub propped: bool,
}

impl Account {
	/// Returns whether a hold or a freeze needs the account to live.
	fn tied(&self) -> bool {
		self.held > 0 || self.frozen > 0
	}

	/// Returns the free amount that the account needs to stay alive. Another reason to live counts only if the
	/// balance would suffice: with less than the existential deposit, the whole balance stays.
	fn needed(&self) -> Balance {
		let another_keeps_it = self.propped && self.free >= EXISTENTIAL_DEPOSIT;
		if self.free > 0 && !another_keeps_it {
			EXISTENTIAL_DEPOSIT
		} else {
			0
		}
	}

	/// Returns the amount that can be put on hold. Freezes do not limit holds.
	pub fn holdable(&self) -> Balance {
		self.free.saturating_sub(self.needed())
	}

	/// Returns the amount that can be transferred: everything, if no hold or freeze needs the account.
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
	/// The sum of all burned tokens, dust included.
	pub burned: Balance,
}

impl Tokens {
	pub fn of(&self, who: AccountId) -> Account {
		self.accounts.get(&who).cloned().unwrap_or_default()
	}

	fn account(&mut self, who: AccountId) -> &mut Account {
		self.accounts.entry(who).or_default()
	}

	/// Burns the free tokens of an account that has too few to live, unless a hold or a freeze needs it.
	fn sweep(&mut self, who: AccountId) {
		let account = self.account(who);
		if !account.tied() && account.free < EXISTENTIAL_DEPOSIT {
			self.burned += std::mem::take(&mut self.account(who).free);
		}
	}

	/// Puts free tokens on hold.
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

	/// Releases held tokens, completely or not at all.
	pub fn release(&mut self, who: AccountId, amount: Balance) -> Result<(), Refusal> {
		if amount == 0 {
			return Ok(());
		}
		let mut after = self.clone();
		after.account(who).held -= amount;
		if !after.of(who).can_receive(amount) {
			return Err(CURRENCY);
		}
		// For a moment the tokens are neither held nor free, so dust beside them is burned.
		after.sweep(who);
		if !after.of(who).can_receive(amount) {
			return Err(CURRENCY);
		}
		after.account(who).free += amount;
		*self = after;
		Ok(())
	}

	/// Takes held tokens from the account.
	pub fn take(&mut self, who: AccountId, amount: Balance) {
		if amount > 0 {
			self.account(who).held -= amount;
			self.sweep(who);
		}
	}

	/// Adds tokens to the account. Returns whether it can receive them.
	pub fn receive(&mut self, who: AccountId, amount: Balance) -> bool {
		let can = self.of(who).can_receive(amount);
		if can {
			self.account(who).free += amount;
		}
		can
	}

	/// Burns tokens.
	pub fn burn(&mut self, amount: Balance) {
		self.burned += amount;
	}

	/// Transfers tokens from one account to another.
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

	/// Sets another pallet's freeze. An amount of 0 removes it.
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
