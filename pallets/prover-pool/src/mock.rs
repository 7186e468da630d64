//! A runtime in which a test can move everything around the pool: every parameter, both clocks, the
//! seeds, the protocol that handles draws, and what becomes of slashed tokens.
//!
//! The selection is the real lottery.

mod actions;

pub use actions::*;

use std::collections::BTreeMap;

use codec::Decode;
use frame_support::{
	derive_impl,
	migrations::MultiStepMigrator,
	parameter_types,
	traits::{
		fungible::{Balanced, Credit},
		Imbalance, OnUnbalanced, Randomness, VariantCountOf,
	},
	weights::{constants::RocksDbWeight, Weight},
};
use frame_system::EnsureRoot;
use prover_pool_primitives::{BlockId, DrawHandler, DrawOutcome, PricePerGas};
use sp_core::{H256, U256};
use sp_runtime::{traits::BlockNumberProvider, BuildStorage, Perbill};

use crate::{self as pallet_prover_pool, Capacity, CreditOf};

pub type AccountId = u64;
pub type Balance = u128;
/// The clock of periods. Another type than system block numbers, so that no code can mix them up.
pub type Moment = u32;
pub type Staker = crate::Staker<Test>;
pub type Outcome = DrawOutcome<AccountId>;
pub type Event = crate::Event<Test>;
pub type Error = crate::Error<Test>;
pub type Lottery = pallet_prover_lottery::Lottery<Test>;

pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;
pub const CAROL: AccountId = 3;
pub const DAVE: AccountId = 4;
pub const EVE: AccountId = 5;
pub const FRANK: AccountId = 6;
/// Has no part in anything but transfers.
pub const BANK: AccountId = 9;
/// Does not exist.
pub const NOBODY: AccountId = 99;

pub const START_BALANCE: Balance = 10_000;
pub const EXISTENTIAL_DEPOSIT: Balance = 10;
/// The value of the clock of periods at genesis: far from the system's block number.
pub const START: Moment = 1_000_000;
/// The fee of requests, where a test does not care.
pub const FEE: PricePerGas = 100;

#[frame_support::runtime]
mod runtime {
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
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances::Pallet<Test>;
	#[runtime::pallet_index(2)]
	pub type Other = other::Pallet<Test>;
	#[runtime::pallet_index(3)]
	pub type ProverLottery = pallet_prover_lottery::Pallet<Test>;
	#[runtime::pallet_index(4)]
	pub type ProverPool = pallet_prover_pool::Pallet<Test>;
}

/// Another user of the same accounts, with holds and freezes of its own.
#[frame_support::pallet(dev_mode)]
pub mod other {
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {}

	#[pallet::composite_enum]
	pub enum HoldReason {
		Deposit,
	}

	#[pallet::composite_enum]
	pub enum FreezeReason {
		Vote,
	}
}

macro_rules! tunables {
	($($name:ident: $type:ty = $value:expr;)*) => {
		parameter_types! {
			$(pub static $name: $type = $value;)*
		}

		/// Threads are reused: every test starts from the same values.
		fn reset_tunables() {
			$($name::set($value);)*
		}
	};
}

tunables! {
	// The lottery's parameters.
	MaxProvers: u32 = 4;
	PriceFloorPercent: u32 = 75;
	PriceCeilingPercent: u32 = 125;

	// The pool's parameters, chosen so that amounts can be computed by hand.
	MaxExits: u32 = 4;
	MinCapacity: Capacity = 2;
	MaxCapacity: Capacity = 1_000;
	MinStakePerCapacity: Balance = 50;
	ExitPeriod: Moment = 100;
	MinChangeDelay: Moment = 10;
	SlashPoints: Perbill = Perbill::from_percent(20);
	SlashMultiplier: u32 = 4;
	SlashExitsFirst: bool = false;
	SlashDeferral: Moment = 0;
	MaxMisses: u32 = 0;
	SuspensionPeriod: Moment = 50;
	MaxPausedShare: Perbill = Perbill::one();
	MinOverbid: Perbill = Perbill::zero();
	EjectionThreshold: Perbill = Perbill::zero();
	MaxLiability: Moment = 400;
	EntryDelay: u64 = 0;
	DrawDelay: u64 = 1;
	MaxPendingDraws: u32 = 8;
	MaxDrawsPerBlock: u32 = 3;
	MaxAdmissions: u32 = 64;

	// The clock of periods.
	Now: Moment = START;
	// What every seed is made of; `None`: there is no seed.
	Seed: Option<H256> = Some(H256::repeat_byte(0x5e));
	// Since which system block the seed is known; `None`: since the parent of the present one.
	KnownSince: Option<u64> = None;
	// Seeds set for single blocks, as they are.
	RawSeeds: BTreeMap<BlockId, U256> = BTreeMap::new();
	// Whether a multi-block migration runs.
	Migrating: bool = false;
	// What `on_idle` may use in each block.
	IdleWeight: Weight = Weight::MAX;

	// The outcomes that the protocol received, what it does then, and the weight that it declares.
	Outcomes: Vec<(BlockId, Outcome)> = Vec::new();
	OnDraw: Option<fn(BlockId, &Outcome)> = None;
	OnDrawWeight: Weight = Weight::from_parts(1_000, 10);

	// Every amount that reached `OnSlash`; who gets it (`None`: it is burned).
	Slashes: Vec<Balance> = Vec::new();
	SlashesTo: Option<AccountId> = None;
	// What the receiver does first.
	ActOnSlash: Option<fn(Balance)> = None;
}

parameter_types! {
	pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
	// What was burned by `OnSlash` and as dust. In storage: a call that is refused burns nothing.
	pub storage Burned: Balance = 0;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
	type DbWeight = RocksDbWeight;
	type MultiBlockMigrator = Migrator;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
	type DustRemoval = Burn;
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
}

impl other::Config for Test {}

impl pallet_prover_lottery::Config for Test {
	type MaxProvers = MaxProvers;
	type PriceFloorPercent = PriceFloorPercent;
	type PriceCeilingPercent = PriceCeilingPercent;
}

impl crate::Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type OnSlash = SlashSink;
	type BlockNumberProvider = Clock;
	type Randomness = Seeds;
	type Selection = Lottery;
	type ProtocolOrigin = EnsureRoot<AccountId>;
	type CancelSlashOrigin = EnsureRoot<AccountId>;
	type DrawHandler = Protocol;
	type MaxExits = MaxExits;
	type MinCapacity = MinCapacity;
	type MaxCapacity = MaxCapacity;
	type MinStakePerCapacity = MinStakePerCapacity;
	type ExitPeriod = ExitPeriod;
	type MinChangeDelay = MinChangeDelay;
	type SlashPoints = SlashPoints;
	type SlashMultiplier = SlashMultiplier;
	type SlashExitsFirst = SlashExitsFirst;
	type SlashDeferral = SlashDeferral;
	type MaxMisses = MaxMisses;
	type SuspensionPeriod = SuspensionPeriod;
	type MaxPausedShare = MaxPausedShare;
	type MinOverbid = MinOverbid;
	type EjectionThreshold = EjectionThreshold;
	type MaxLiability = MaxLiability;
	type EntryDelay = EntryDelay;
	type DrawDelay = DrawDelay;
	type MaxPendingDraws = MaxPendingDraws;
	type MaxDrawsPerBlock = MaxDrawsPerBlock;
	type MaxAdmissions = MaxAdmissions;
	type WeightInfo = crate::weights::SubstrateWeight<Test>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

pub struct Clock;
impl BlockNumberProvider for Clock {
	type BlockNumber = Moment;

	fn current_block_number() -> Moment {
		Now::get()
	}

	fn set_block_number(now: Moment) {
		Now::set(now);
	}
}

/// Seeds that differ by subject, unless a test sets one.
pub struct Seeds;
impl Randomness<Option<H256>, u64> for Seeds {
	fn random(subject: &[u8]) -> (Option<H256>, u64) {
		let (context, block_id) = <(Vec<u8>, BlockId)>::decode(&mut &subject[..]).unwrap();
		assert_eq!(context, b"prover-pool/draw", "seeds of this pallet are its own");
		let known_since = KnownSince::get().unwrap_or_else(|| System::block_number() - 1);
		let seed = Seed::get().map(|seed| match RawSeeds::get().get(&block_id) {
			Some(raw) => H256(raw.to_big_endian()),
			None => H256(sp_io::hashing::blake2_256(&[seed.as_bytes(), subject].concat())),
		});
		(seed, known_since)
	}
}

pub struct Migrator;
impl MultiStepMigrator for Migrator {
	fn ongoing() -> bool {
		Migrating::get()
	}

	fn step() -> Weight {
		Weight::zero()
	}
}

/// The protocol pallet: records the outcomes of draws, and may act on them.
pub struct Protocol;
impl DrawHandler<AccountId> for Protocol {
	fn on_draw(block_id: BlockId, outcome: Outcome) {
		if let Some(act) = OnDraw::get() {
			act(block_id, &outcome);
		}
		Outcomes::mutate(|outcomes| outcomes.push((block_id, outcome)));
	}

	fn on_draw_weight() -> Weight {
		OnDrawWeight::get()
	}
}

/// Counts what it burns.
pub struct Burn;
impl OnUnbalanced<Credit<AccountId, Balances>> for Burn {
	fn on_nonzero_unbalanced(credit: Credit<AccountId, Balances>) {
		Burned::set(&(Burned::get() + credit.peek()));
	}
}

pub struct SlashSink;
impl OnUnbalanced<CreditOf<Test>> for SlashSink {
	// Not `on_nonzero_unbalanced`: a test should see whether the pool calls it with nothing.
	fn on_unbalanced(credit: CreditOf<Test>) {
		Slashes::mutate(|slashes| slashes.push(credit.peek()));
		if let Some(act) = ActOnSlash::get() {
			act(credit.peek());
		}
		match SlashesTo::get() {
			Some(who) => Balances::resolve(&who, credit).unwrap(),
			None => Burn::on_unbalanced(credit),
		}
	}
}

/// A chain in block 1, with balances and, if wanted, provers from genesis.
///
/// Parameters are back at their defaults after `default()`. What a test sets later holds.
pub struct ExtBuilder {
	balances: BTreeMap<AccountId, Balance>,
	provers: Vec<(AccountId, Balance, PricePerGas, Capacity)>,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		reset_tunables();
		Self {
			balances: (ALICE..=BANK).map(|who| (who, START_BALANCE)).collect(),
			provers: Vec::new(),
		}
	}
}

/// Methods that set one parameter.
macro_rules! setters {
	($($method:ident: $name:ident, $type:ty;)*) => {
		impl ExtBuilder {
			$(
				pub fn $method(self, value: $type) -> Self {
					$name::set(value);
					self
				}
			)*
		}
	};
}

setters! {
	max_provers: MaxProvers, u32;
	max_exits: MaxExits, u32;
	max_capacity: MaxCapacity, Capacity;
	exits_first: SlashExitsFirst, bool;
	slash_deferral: SlashDeferral, Moment;
	max_paused_share: MaxPausedShare, Perbill;
	min_overbid: MinOverbid, Perbill;
	ejection_threshold: EjectionThreshold, Perbill;
	entry_delay: EntryDelay, u64;
	draw_delay: DrawDelay, u64;
	draws_per_block: MaxDrawsPerBlock, u32;
	max_pending_draws: MaxPendingDraws, u32;
	max_admissions: MaxAdmissions, u32;
}

impl ExtBuilder {
	pub fn balance(mut self, who: AccountId, amount: Balance) -> Self {
		self.balances.insert(who, amount);
		self
	}

	/// Account, stake, price, capacity.
	pub fn provers(mut self, provers: &[(AccountId, Balance, PricePerGas, Capacity)]) -> Self {
		self.provers.extend(provers);
		self
	}

	/// Suspends after `max_misses` for `period`.
	pub fn suspension(self, max_misses: u32, period: Moment) -> Self {
		MaxMisses::set(max_misses);
		SuspensionPeriod::set(period);
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
		pallet_balances::GenesisConfig::<Test> {
			balances: self.balances.into_iter().collect(),
			..Default::default()
		}
		.assimilate_storage(&mut storage)
		.unwrap();
		crate::GenesisConfig::<Test> { provers: self.provers }
			.assimilate_storage(&mut storage)
			.unwrap();
		let mut ext = sp_io::TestExternalities::from(storage);
		// Events of block 0 are not deposited.
		ext.execute_with(|| System::set_block_number(1));
		ext
	}

	/// Runs a test. Afterwards every invariant must hold, and total issuance has changed by what was
	/// burned only.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			let issued = Balances::total_issuance();
			test();
			ProverPool::do_try_state().unwrap();
			assert_eq!(Balances::total_issuance() + Burned::get(), issued, "tokens came or went");
		})
	}
}
