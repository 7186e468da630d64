//! Resolves the numbers of a step in the present state of the model.

use prover_pool_primitives::{BlockId, Fault};

use super::{caller, kind, model::Model, runtime::RuntimeOrigin, tokens::Account, types::*};

const PROVERS: [AccountId; 6] = [1, 2, 3, 4, 5, 6];
/// An account that has tokens, but does not stake.
pub const BANK: AccountId = 9;
/// An account that does not exist at first.
const NEW: AccountId = 99;
pub const ACCOUNTS: [AccountId; 8] = [1, 2, 3, 4, 5, 6, BANK, NEW];

pub fn prover(index: u8) -> AccountId {
	PROVERS[usize::from(index) % PROVERS.len()]
}

pub fn account(index: u8) -> AccountId {
	ACCOUNTS[usize::from(index) % ACCOUNTS.len()]
}

/// Returns the account of an index below 8.
pub fn account_or_none(index: u8) -> Option<AccountId> {
	ACCOUNTS.get(usize::from(index)).copied()
}

/// Returns a capacity. The highest 256 numbers stand for the highest 256 capacities.
pub fn capacity(number: u16) -> u32 {
	match number {
		..=0xfeff => number.into(),
		0xff00.. => u32::MAX - u32::from(u16::MAX - number),
	}
}

pub fn fault(number: u8) -> Fault {
	match number % 5 {
		0 => Fault::Late,
		1 => Fault::Rescued,
		2 => Fault::RemovedProof,
		3 => Fault::Skipped,
		_ => Fault::Other,
	}
}

/// Returns the origin of a caller, or none for the hook trait.
pub fn origin(caller: Caller) -> Option<RuntimeOrigin> {
	match caller {
		Caller::Hook => None,
		Caller::Origin => Some(RuntimeOrigin::root()),
		Caller::Signed(who) => Some(RuntimeOrigin::signed(who)),
	}
}

/// The first accounts: two that exist without tokens, some with few tokens, one with enough for
/// everything.
pub fn first_accounts() -> Vec<(AccountId, Account)> {
	let account = |free, propped| Account { free, propped, ..Default::default() };
	vec![
		(1, account(10_000, true)),
		(2, account(3_000, true)),
		(3, account(10_000, false)),
		(4, account(10_000, false)),
		(5, account(1_000_000_000_000, false)),
		(6, account((1 << 125) + 12_345, false)),
		(BANK, account(1_000_000, false)),
	]
}

impl Model {
	/// Returns an id that is assigned, or, if there is none or from 240 on, one that is pending, slashed or
	/// unknown.
	pub(super) fn id_at(&self, index: u8) -> BlockId {
		let assigned = self.ledger.keys().copied();
		let pending = self.requests.iter().map(|request| request.id);
		pick(index, assigned, pending.chain(self.slashes.keys().copied()))
	}

	/// Returns an id with a pending slash, or, if there is none or from 240 on, any other.
	pub(super) fn slash_at(&self, index: u8) -> BlockId {
		let pending = self.requests.iter().map(|request| request.id);
		pick(index, self.slashes.keys().copied(), pending.chain(self.ledger.keys().copied()))
	}

	/// Returns the id of an exit of the account, or, if there is none or from 240 on, an unknown one.
	pub(super) fn exit_at(&self, who: AccountId, index: u8) -> u32 {
		let exits = self.record(who).exits;
		match exits.get(usize::from(index) % exits.len().max(1)) {
			Some(exit) if index < 240 => exit.id,
			_ => u32::MAX,
		}
	}

	/// Returns a member from 64 on, if there is one, else a prover by its index.
	pub(super) fn member_at(&self, index: u8) -> AccountId {
		one_of(index, self.members.values().map(|member| member.who))
	}

	/// Returns a paused member from 64 on, if there is one, else a prover by its index.
	pub(super) fn paused_at(&self, index: u8) -> AccountId {
		let paused = self.members.values().filter(|member| member.paused);
		one_of(index, paused.map(|member| member.who))
	}

	/// Returns an account with exits from 64 on, if there is one, else a prover by its index.
	pub(super) fn leaver_at(&self, index: u8) -> AccountId {
		let leavers = self.records.iter().filter(|(_, record)| !record.exits.is_empty());
		one_of(index, leavers.map(|(who, _)| *who))
	}

	pub(super) fn caller_at(&self, number: u8, id: BlockId) -> Caller {
		let by_index = prover(number / caller::COUNT);
		match number % caller::COUNT {
			caller::ORIGIN..caller::OWN => Caller::Origin,
			caller::OWN => {
				Caller::Signed(self.ledger.get(&id).map_or(by_index, |duty| duty.prover))
			},
			caller::PROVER => Caller::Signed(by_index),
			_ => Caller::Hook,
		}
	}

	/// Returns an amount of a kind. `all` and `edge` depend on its use.
	pub(super) fn sum(
		&self,
		who: AccountId,
		kind: u8,
		number: u64,
		all: impl Fn(&Account) -> Balance,
		edge: impl Fn() -> Balance,
	) -> Balance {
		let account = self.tokens.of(who);
		let rest = Balance::from(number % kind::REST);
		match kind % kind::COUNT {
			kind::EDGE => (edge() + Balance::from(number % 4)).saturating_sub(2),
			kind::ALL => all(&account).saturating_sub(rest),
			kind::HELD => account.held.saturating_sub(rest),
			kind::HUGE => Balance::from(number) << 64,
			_ => number.into(),
		}
	}

	/// Returns about the amount that outbids the smallest member.
	pub(super) fn to_outbid(&self) -> Balance {
		let stakes = self.members.values().map(|member| member.stake);
		let smallest = stakes.min().unwrap_or_default();
		smallest + share(smallest, self.parameters.min_overbid)
	}

	/// Returns about the reward for which a slash leaves the least stake that avoids ejection.
	pub(super) fn to_eject(&self, id: BlockId) -> Balance {
		let Some(duty) = self.ledger.get(&id) else { return 0 };
		let record = self.record(duty.prover);
		let minimum = self.parameters.min_stake_per_capacity.saturating_mul(record.capacity.into());
		let threshold = share(minimum, self.parameters.ejection_threshold);
		let exits: Balance = record.exits.iter().map(|exit| exit.amount).sum();
		let answering = exits + self.stake_of(duty.prover);
		answering.saturating_sub(threshold) / Balance::from(duty.slash_multiplier.max(1))
	}

	/// Returns the amount after which the smallest accepted stake is left.
	pub(super) fn to_minimum(&self, who: AccountId) -> Balance {
		let capacity = self.record(who).capacity.into();
		let minimum = self.parameters.min_stake_per_capacity.saturating_mul(capacity);
		self.stake_of(who).saturating_sub(minimum)
	}

	/// Returns the last moment before something changes for an account.
	pub(super) fn edge(&self, who: AccountId, edge: u8) -> Option<Moment> {
		let record = self.record(who);
		match edge % 5 {
			0 => record.exits.iter().map(|exit| exit.matures_at).min(),
			1 => Some(self.member(who).ok()?.entered_at + self.parameters.min_change_delay),
			2 => {
				let own = self.ledger.values().filter(|duty| duty.prover == who);
				Some(own.map(|duty| duty.drawn_at).min()? + self.parameters.max_liability)
			},
			3 => record.suspended_until,
			_ => self.schedule().first().map(|(due_at, _)| due_at.saturating_sub(1)),
		}
	}
}

/// Returns one of the first ids, or, if there is none or from 240 on, one of all, or an unknown one.
fn pick(
	index: u8,
	first: impl Iterator<Item = BlockId>,
	others: impl Iterator<Item = BlockId>,
) -> BlockId {
	let mut ids: Vec<_> = first.collect();
	if index >= 240 || ids.is_empty() {
		ids.extend(others);
		ids.push(u64::MAX >> 1);
	}
	ids[usize::from(index) % ids.len()]
}

fn one_of(index: u8, accounts: impl Iterator<Item = AccountId>) -> AccountId {
	let accounts: Vec<_> = accounts.collect();
	match accounts.get(usize::from(index) % accounts.len().max(1)) {
		Some(who) if index >= 64 => *who,
		_ => prover(index),
	}
}

/// Returns about this share of a sum.
fn share(sum: Balance, parts: u64) -> Balance {
	sum.saturating_mul(parts.into()) / Balance::from(PARTS)
}
