//! The tokens of an account.

use crate::{
	chain::{api, AccountId, At, Balance},
	Result,
};

/// The tokens of an account, in base units.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tokens {
	/// What is not on hold.
	pub free: Balance,
	/// What is on hold.
	pub held: Balance,
	/// How much of both together must stay in the account.
	pub frozen: Balance,
}

impl Tokens {
	/// Returns how much of the free tokens can pay fees.
	pub fn spendable(&self, existential_deposit: Balance) -> Balance {
		let must_stay = self.frozen.saturating_sub(self.held).max(existential_deposit);
		self.free.saturating_sub(must_stay)
	}
}

/// Returns the tokens of an account; none for an unknown one.
pub async fn of(at: &At, who: AccountId) -> Result<Tokens> {
	let account = api::storage().system().account();
	let value = at.storage().try_fetch(account, (who,)).await?;
	let account = value.map(|value| value.decode()).transpose()?;
	Ok(account.map_or(Tokens::default(), |account| {
		let data = account.data;
		Tokens { free: data.free, held: data.reserved, frozen: data.frozen }
	}))
}

/// Returns how many free tokens an account needs to exist.
pub fn existential_deposit(at: &At) -> Result<Balance> {
	Ok(at.constants().entry(api::constants().balances().existential_deposit())?)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_frozen_or_keeps_the_account_cannot_be_spent() {
		for (free, held, frozen, spendable) in [
			(50, 0, 0, 40),
			(10, 0, 0, 0),
			(9, 0, 0, 0),
			(50, 0, 30, 20),
			// What is held is frozen first.
			(50, 25, 30, 40),
			(50, 5, 30, 25),
			(50, 0, 80, 0),
		] {
			let tokens = Tokens { free, held, frozen };
			assert_eq!(tokens.spendable(10), spendable, "{tokens:?}");
		}
	}
}
