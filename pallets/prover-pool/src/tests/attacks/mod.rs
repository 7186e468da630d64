//! Attacks on the pool: each test is named after the attack, tries it step by step, and asserts what the
//! attacker loses or moves. Eve attacks, Frank is her accomplice, all others are honest.
//!
//! Overbid and ejection are those of the demo runtime. Amounts stay small: a slash is 20 % of what answers,
//! divided by the capacity, or four times the reward.

mod accounts;
mod callbacks;
mod deferral;
mod dodging;
mod exits;
mod records;
mod slots;
mod steering;
mod suspension;

use frame_support::traits::fungible::Inspect;
use sp_runtime::Perbill;

use crate::mock::*;

/// Four times this is all of a stake of 1,000.
const REWARD: Balance = 250;

/// A pool with the demo runtime's defences, with these provers.
fn demo(provers: &[(AccountId, Balance, u32, u32)]) -> ExtBuilder {
	ExtBuilder::default()
		.min_overbid(Perbill::from_percent(5))
		.ejection_threshold(Perbill::from_percent(50))
		.provers(provers)
}

/// All that an account has, free or held.
fn wealth(who: AccountId) -> Balance {
	Balances::total_balance(&who)
}

/// Returns what an account has lost of its start balance.
fn loss(who: AccountId) -> Balance {
	START_BALANCE - wealth(who)
}

/// The stake of a member; 0 for an account outside of the pool.
fn stake_of(who: AccountId) -> Balance {
	prover(who).map_or(0, |prover| prover.stake)
}

/// The free capacity of a member by its records.
fn free_capacity(who: AccountId) -> u32 {
	prover_row(who).map_or(0, |row| row.current_capacity)
}
