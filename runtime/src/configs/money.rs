//! The currency and the fees of transactions.

use crate::{
	Balance, Balances, Runtime, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason, System,
};
use frame_support::{
	parameter_types,
	traits::VariantCountOf,
	weights::{ConstantMultiplier, IdentityFee},
};
use pallet_transaction_payment::{ConstFeeMultiplier, FungibleAdapter, Multiplier};
use sp_runtime::traits::One;

/// How wallets call a token.
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
	/// Locks and reserves are the old ways to set tokens aside. Nothing here uses them.
	type MaxLocks = ();
	type MaxReserves = ();
	type ReserveIdentifier = [u8; 8];
	type RuntimeEvent = RuntimeEvent;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
}

/// Fees are burnt: paying them to the authors would need an account for each author and change
/// nothing that this chain is there to show.
impl pallet_transaction_payment::Config for Runtime {
	type FeeMultiplierUpdate = ConstFeeMultiplier<FeeMultiplier>;
	type LengthToFee = ConstantMultiplier<Balance, TransactionByteFee>;
	type OnChargeTransaction = FungibleAdapter<Balances, ()>;
	type OperationalFeeMultiplier = OperationalFeeMultiplier;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
	/// One base unit per picosecond of work: a millisecond costs a milli-unit (`stake` is
	/// charged some five), and all transactions of a full block 1.5 tokens.
	type WeightToFee = IdentityFee<Balance>;
}
