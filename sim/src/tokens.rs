//! The tokens of all accounts: a small ledger with the rules of `pallet-balances`.
//!
//! One record for each account, with its free tokens and its holds, is what makes it faster. There are no locks,
//! no freezes and no events. An account exists while it has the existential deposit free; what holds anything
//! does exist. `frame_system` knows it by a provider reference, as `try_state` of the pallets visits all accounts.

use crate::runtime::{AccountId, Balance, RuntimeHoldReason, System, EXISTENTIAL_DEPOSIT};
use codec::{Decode, Encode};
use frame_support::{
	ensure,
	storage::types::ValueQuery,
	storage_alias,
	traits::tokens::{
		fungible::{
			hold::DoneSlash, Balanced, BalancedHold, DecreaseIssuance, Dust, IncreaseIssuance,
			Inspect, InspectHold, MutateHold, Unbalanced, UnbalancedHold,
		},
		DepositConsequence, Fortitude, Precision,
		Preservation::{self, Expendable, Preserve, Protect},
		Provenance, WithdrawConsequence,
	},
	Twox64Concat,
};
use sp_runtime::{ArithmeticError, DispatchError, DispatchResult, TokenError};

/// The ledger.
pub struct Tokens;

/// What an account owns.
#[derive(Clone, Debug, Decode, Default, Encode)]
struct Account {
	free: Balance,
	/// What is on hold, for each reason that holds anything.
	holds: Vec<(RuntimeHoldReason, Balance)>,
}

#[storage_alias]
type Accounts = StorageMap<Tokens, Twox64Concat, AccountId, Account, ValueQuery>;

#[storage_alias]
type Issuance = StorageValue<Tokens, Balance, ValueQuery>;

impl Account {
	fn exists(&self) -> bool {
		self.free >= EXISTENTIAL_DEPOSIT
	}

	/// Returns what is on hold. The holds of an account add up to a balance.
	fn held(&self) -> Balance {
		self.holds.iter().map(|(_, amount)| *amount).sum()
	}

	fn held_for(&self, reason: &RuntimeHoldReason) -> Balance {
		self.holds.iter().find(|(it, _)| it == reason).map_or(0, |(_, amount)| *amount)
	}

	fn reducible(&self, preservation: Preservation) -> Balance {
		let must_stay = match preservation {
			Preserve => true,
			Protect => self.exists(),
			Expendable => self.exists() && !self.holds.is_empty(),
		};
		self.free.saturating_sub(if must_stay { EXISTENTIAL_DEPOSIT } else { 0 })
	}

	/// Makes this what `who` owns. Returns what was left of an account that ceases to exist.
	fn replaces(self, before: &Self, who: &AccountId) -> Result<Option<Balance>, DispatchError> {
		ensure!(self.exists() || self.holds.is_empty(), DispatchError::NoProviders);
		match (before.exists(), self.exists()) {
			(false, true) => {
				System::inc_providers(who);
			},
			(true, false) => {
				System::dec_providers(who)?;
			},
			_ => {},
		}
		if self.exists() {
			Accounts::insert(who, self);
			return Ok(None);
		}
		Accounts::remove(who);
		Ok(Some(self.free).filter(|dust| *dust > 0))
	}
}

impl Inspect<AccountId> for Tokens {
	type Balance = Balance;

	fn total_issuance() -> Balance {
		Issuance::get()
	}

	fn minimum_balance() -> Balance {
		EXISTENTIAL_DEPOSIT
	}

	fn total_balance(who: &AccountId) -> Balance {
		let account = Accounts::get(who);
		account.free.saturating_add(account.held())
	}

	fn balance(who: &AccountId) -> Balance {
		Accounts::get(who).free
	}

	fn reducible_balance(
		who: &AccountId,
		preservation: Preservation,
		_force: Fortitude,
	) -> Balance {
		Accounts::get(who).reducible(preservation)
	}

	fn can_deposit(who: &AccountId, amount: Balance, provenance: Provenance) -> DepositConsequence {
		if amount == 0 {
			return DepositConsequence::Success;
		}
		let is_minted = provenance == Provenance::Minted;
		if is_minted && Issuance::get().checked_add(amount).is_none() {
			return DepositConsequence::Overflow;
		}
		let account = Accounts::get(who);
		match account.free.checked_add(amount) {
			None => DepositConsequence::Overflow,
			Some(free) if free < EXISTENTIAL_DEPOSIT => DepositConsequence::BelowMinimum,
			Some(free) if free.checked_add(account.held()).is_none() => {
				DepositConsequence::Overflow
			},
			Some(_) => DepositConsequence::Success,
		}
	}

	fn can_withdraw(who: &AccountId, amount: Balance) -> WithdrawConsequence<Balance> {
		if amount == 0 {
			return WithdrawConsequence::Success;
		}
		if Issuance::get() < amount {
			return WithdrawConsequence::Underflow;
		}
		let account = Accounts::get(who);
		match account.free.checked_sub(amount) {
			None => WithdrawConsequence::BalanceLow,
			Some(_) if amount > account.reducible(Expendable) => WithdrawConsequence::Frozen,
			Some(left) if left < EXISTENTIAL_DEPOSIT => WithdrawConsequence::ReducedToZero(left),
			Some(_) => WithdrawConsequence::Success,
		}
	}
}

impl Unbalanced<AccountId> for Tokens {
	fn handle_dust(dust: Dust<AccountId, Self>) {
		// A credit that is dropped is burnt.
		drop(dust.into_credit());
	}

	fn write_balance(who: &AccountId, amount: Balance) -> Result<Option<Balance>, DispatchError> {
		let before = Accounts::get(who);
		let reduction = before.free.saturating_sub(amount);
		ensure!(reduction <= before.reducible(Expendable), TokenError::FundsUnavailable);
		Account { free: amount, ..before.clone() }.replaces(&before, who)
	}

	fn set_total_issuance(amount: Balance) {
		Issuance::put(amount);
	}
}

impl InspectHold<AccountId> for Tokens {
	type Reason = RuntimeHoldReason;

	fn total_balance_on_hold(who: &AccountId) -> Balance {
		Accounts::get(who).held()
	}

	fn balance_on_hold(reason: &RuntimeHoldReason, who: &AccountId) -> Balance {
		Accounts::get(who).held_for(reason)
	}

	fn hold_available(_reason: &RuntimeHoldReason, who: &AccountId) -> bool {
		Accounts::get(who).exists()
	}
}

impl UnbalancedHold<AccountId> for Tokens {
	fn set_balance_on_hold(
		reason: &RuntimeHoldReason,
		who: &AccountId,
		amount: Balance,
	) -> DispatchResult {
		let before = Accounts::get(who);
		let others = before.held() - before.held_for(reason);
		ensure!(others.checked_add(amount).is_some(), ArithmeticError::Overflow);
		let mut after = before.clone();
		after.holds.retain(|(it, _)| it != reason);
		if amount > 0 {
			after.holds.push((*reason, amount));
		}
		if let Some(dust) = after.replaces(&before, who)? {
			Self::handle_raw_dust(dust);
		}
		Ok(())
	}
}

impl MutateHold<AccountId> for Tokens {}

impl Balanced<AccountId> for Tokens {
	type OnDropCredit = DecreaseIssuance<AccountId, Self>;
	type OnDropDebt = IncreaseIssuance<AccountId, Self>;
}

impl BalancedHold<AccountId> for Tokens {}

impl DoneSlash<RuntimeHoldReason, AccountId, Balance> for Tokens {}

/// Issues tokens to an account.
///
/// # Errors
/// What an account cannot receive is not issued.
pub fn endow(who: &AccountId, amount: Balance) -> DispatchResult {
	// A debt that is dropped is issued.
	Tokens::deposit(who, amount, Precision::Exact).map(drop)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::memory::Memory;
	use frame_support::{
		storage::with_storage_layer,
		traits::tokens::{Imbalance, Restriction},
	};
	use pallet_block_proposal::HoldReason::{Escrow, ProofBond};
	use pallet_prover_pool::HoldReason::Staked;
	use with_balances::Balances;

	/// A runtime with `pallet-balances`.
	mod with_balances {
		use crate::runtime::{Balance, EXISTENTIAL_DEPOSIT};
		use frame_support::{derive_impl, traits::ConstU128};

		#[frame_support::runtime]
		mod construct {
			#[runtime::runtime]
			#[runtime::derive(
				RuntimeCall,
				RuntimeEvent,
				RuntimeError,
				RuntimeOrigin,
				RuntimeFreezeReason,
				RuntimeHoldReason,
				RuntimeSlashReason,
				RuntimeLockId,
				RuntimeTask,
				RuntimeViewFunction
			)]
			pub struct Runtime;

			#[runtime::pallet_index(0)]
			pub type System = frame_system::Pallet<Runtime>;
			#[runtime::pallet_index(1)]
			pub type Balances = pallet_balances::Pallet<Runtime>;
		}

		#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
		impl frame_system::Config for Runtime {
			type Block = frame_system::mocking::MockBlock<Runtime>;
			type AccountData = pallet_balances::AccountData<Balance>;
		}

		#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
		impl pallet_balances::Config for Runtime {
			type Balance = Balance;
			type AccountStore = System;
			type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
			// The simulator's, so that both currencies have the same.
			type RuntimeHoldReason = crate::runtime::RuntimeHoldReason;
		}
	}

	const ACCOUNTS: std::ops::Range<AccountId> = 0..4;
	const AMOUNTS: [Balance; 10] = [
		0,
		1,
		EXISTENTIAL_DEPOSIT - 1,
		EXISTENTIAL_DEPOSIT,
		EXISTENTIAL_DEPOSIT + 1,
		2 * EXISTENTIAL_DEPOSIT,
		5 * EXISTENTIAL_DEPOSIT - 1,
		20 * EXISTENTIAL_DEPOSIT,
		Balance::MAX / 2,
		Balance::MAX,
	];
	const PRESERVATIONS: [Preservation; 3] = [Expendable, Protect, Preserve];

	fn reasons() -> [RuntimeHoldReason; 3] {
		[Staked.into(), Escrow.into(), ProofBond.into()]
	}

	/// Random bytes that choose an operation.
	struct Choices([u8; 32]);
	impl Choices {
		/// Returns one of these, by the byte with this index.
		fn of<T: Copy>(&self, index: usize, all: &[T]) -> T {
			all[self.0[index] as usize % all.len()]
		}
	}

	trait Currency:
		MutateHold<AccountId, Reason = RuntimeHoldReason, Balance = Balance>
		+ BalancedHold<AccountId>
	{
	}
	impl Currency for Tokens {}
	impl Currency for Balances {}

	/// Makes one of the operations that pallets make.
	fn operate<C: Currency>(choices: &Choices) -> Result<Balance, DispatchError> {
		let who = &choices.of(1, &[0, 1, 2, 3]);
		let other = &choices.of(2, &[0, 1, 2, 3]);
		let reason = &choices.of(3, &reasons());
		let precision = choices.of(4, &[Precision::Exact, Precision::BestEffort]);
		let force = choices.of(5, &[Fortitude::Polite, Fortitude::Force]);
		let mode = choices.of(6, &[Restriction::Free, Restriction::OnHold]);
		let preservation = choices.of(7, &PRESERVATIONS);
		// Few are so large that sums overflow.
		let amount = match choices.0[8] {
			0..240 => choices.of(9, &AMOUNTS[..8]),
			_ => choices.of(9, &AMOUNTS),
		};
		match choices.0[0] % 12 {
			0 | 1 => C::deposit(who, amount, precision).map(|debt| debt.peek()),
			2 => C::withdraw(who, amount, precision, preservation, force).map(|it| it.peek()),
			3 | 4 => C::hold(reason, who, amount).map(|()| amount),
			5 => C::release(reason, who, amount, precision),
			6 => C::transfer_on_hold(reason, who, other, amount, precision, mode, force),
			7 => C::transfer_and_hold(reason, who, other, amount, precision, preservation, force),
			8 => C::burn_held(reason, who, amount, precision, force),
			9 => {
				let (credit, missing) = C::slash(reason, who, amount);
				// What cannot be paid is burnt.
				drop(C::resolve(other, credit));
				Ok(missing)
			},
			10 => C::increase_balance_on_hold(reason, who, amount, precision),
			_ => {
				// As the pool releases.
				let released = C::decrease_balance_on_hold(reason, who, amount, precision)?;
				C::increase_balance(who, released, precision)
			},
		}
	}

	/// What can be read of an account.
	#[derive(Debug, PartialEq)]
	struct Seen {
		exists: bool,
		free: Balance,
		total: Balance,
		total_held: Balance,
		held: [(Balance, bool); 3],
		reducible: [Balance; 3],
		deposits: [[DepositConsequence; 2]; AMOUNTS.len()],
		withdrawals: [WithdrawConsequence<Balance>; AMOUNTS.len()],
	}

	/// Returns all that can be read, and the issuance.
	fn read<C: Currency>(exists: fn(&AccountId) -> bool) -> (Vec<Seen>, Balance) {
		let provenances = [Provenance::Minted, Provenance::Extant];
		let seen = ACCOUNTS.map(|who| Seen {
			exists: exists(&who),
			free: C::balance(&who),
			total: C::total_balance(&who),
			total_held: C::total_balance_on_hold(&who),
			held: reasons().map(|it| (C::balance_on_hold(&it, &who), C::hold_available(&it, &who))),
			reducible: PRESERVATIONS.map(|it| C::reducible_balance(&who, it, Fortitude::Force)),
			deposits: AMOUNTS.map(|amount| provenances.map(|it| C::can_deposit(&who, amount, it))),
			withdrawals: AMOUNTS.map(|amount| C::can_withdraw(&who, amount)),
		});
		(seen.collect(), C::total_issuance())
	}

	#[test]
	fn tokens_move_as_those_of_pallet_balances() {
		let (mut tokens, mut balances) = (Memory::default(), Memory::default());
		let mut succeeded = [0; 12];
		for step in 0u64..4_000 {
			let choices = Choices(sp_io::hashing::blake2_256(&step.to_le_bytes()));
			let ours = tokens.execute_with(|| {
				let result = with_storage_layer(|| operate::<Tokens>(&choices));
				(result, read::<Tokens>(System::account_exists))
			});
			let theirs = balances.execute_with(|| {
				let result = with_storage_layer(|| operate::<Balances>(&choices));
				(result, read::<Balances>(with_balances::System::account_exists))
			});
			succeeded[choices.0[0] as usize % 12] += u32::from(ours.0.is_ok_and(|it| it > 0));
			assert_eq!(ours, theirs, "step {step}");
		}
		assert!(succeeded.iter().all(|count| *count > 20), "{succeeded:?}");
	}
}
