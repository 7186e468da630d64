//! The currency and the fees of transactions.

use crate::{
	AccountId, Authorship, Balance, Balances, Runtime, RuntimeEvent, RuntimeFreezeReason,
	RuntimeHoldReason, System,
};
use frame_support::{
	parameter_types,
	traits::{
		fungible::{Balanced, Credit},
		OnUnbalanced, VariantCountOf,
	},
	weights::{ConstantMultiplier, IdentityFee, Weight},
};
use pallet_transaction_payment::{
	weights::SubstrateWeight, ConstFeeMultiplier, FungibleAdapter, Multiplier, WeightInfo,
};
use sp_runtime::traits::One;

/// The symbol of a token, as wallets show it.
pub const TOKEN_SYMBOL: &str = "UNIT";
/// How many decimals a token has.
pub const TOKEN_DECIMALS: u8 = 12;
/// One token, in base units.
pub const UNIT: Balance = (10 as Balance).pow(TOKEN_DECIMALS as u32);
/// A thousandth of a token.
pub const MILLIUNIT: Balance = UNIT / 1_000;
/// A millionth of a token.
pub const MICROUNIT: Balance = MILLIUNIT / 1_000;

/// What an account must own to exist: as much as a call costs, so that state is not cheaper to
/// leave behind than work is to request.
pub const EXISTENTIAL_DEPOSIT: Balance = MILLIUNIT;

/// Returns what an account leaves as a deposit while entries with this many bytes in all are in the state for it.
/// An entry costs what an account does; a byte ten times what it costs to send, since it stays.
pub const fn deposit(entries: u32, bytes: u32) -> Balance {
	entries as Balance * EXISTENTIAL_DEPOSIT + bytes as Balance * 10 * MICROUNIT
}

parameter_types! {
	/// See [`EXISTENTIAL_DEPOSIT`].
	pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
	/// A transaction's byte costs a millionth of a token, so a typical one of 150 bytes 0.15
	/// milli-units, and a rollup block's list of transactions of 100 KiB a tenth of a token.
	pub const TransactionByteFee: Balance = MICROUNIT;
	/// Fees do not follow demand. The usual adjustment sinks to its floor on a chain whose blocks
	/// are almost empty, and clients want to show the same costs on every run of a demo.
	pub FeeMultiplier: Multiplier = Multiplier::one();
	/// Operational calls go before others of the same length even if those tip up to five times
	/// the fee.
	pub const OperationalFeeMultiplier: u8 = 5;
}

impl pallet_balances::Config for Runtime {
	type AccountStore = System;
	type Balance = Balance;
	type DoneSlashHandler = ();
	/// What is left in an account that ceases to exist is burnt.
	type DustRemoval = ();
	type ExistentialDeposit = ExistentialDeposit;
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	/// Locks and named reserves are the old ways to set tokens aside. Nothing here uses them: the deposits of
	/// proxies and multisigs are reserves without a name.
	type MaxLocks = ();
	type MaxReserves = ();
	type ReserveIdentifier = [u8; 8];
	type RuntimeEvent = RuntimeEvent;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
}

/// Pays fees and tips to the author of the block.
///
/// An author that earns nothing for a block would leave it out for a better draw (`docs/economics.md`,
/// `withholding`). What the author cannot receive is burnt: a fee below the existential deposit, where its
/// account does not exist. So is the fee where no author is known.
pub struct ToAuthor;

impl OnUnbalanced<Credit<AccountId, Balances>> for ToAuthor {
	fn on_nonzero_unbalanced(credit: Credit<AccountId, Balances>) {
		if let Some(author) = Authorship::author() {
			// A credit that comes back is burnt when it is dropped.
			let _ = Balances::resolve(&author, credit);
		}
	}
}

/// The weight of charging a fee, and of paying it to the author: the pallet's own is without that, since its
/// benchmark has no author.
pub struct WithDeposit;

impl WeightInfo for WithDeposit {
	fn charge_transaction_payment() -> Weight {
		let account = <Runtime as frame_system::Config>::DbWeight::get().reads_writes(1, 1);
		SubstrateWeight::<Runtime>::charge_transaction_payment().saturating_add(account)
	}
}

impl pallet_transaction_payment::Config for Runtime {
	type FeeMultiplierUpdate = ConstFeeMultiplier<FeeMultiplier>;
	type LengthToFee = ConstantMultiplier<Balance, TransactionByteFee>;
	type OnChargeTransaction = FungibleAdapter<Balances, ToAuthor>;
	type OperationalFeeMultiplier = OperationalFeeMultiplier;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = WithDeposit;
	/// One base unit per picosecond of work: a millisecond costs a milli-unit (`stake` is
	/// charged some five), and all transactions of a full block 1.5 tokens.
	type WeightToFee = IdentityFee<Balance>;
}
