//! A chain in which everything around the pool can be moved: every parameter, both clocks, the seeds,
//! the protocol that hears of draws, and what becomes of slashed tokens.

use frame_support::{
	derive_impl,
	migrations::MultiStepMigrator,
	parameter_types,
	traits::{
		fungible::Balanced, Imbalance, OnFinalize, OnInitialize, OnUnbalanced, Randomness,
		VariantCountOf,
	},
	weights::Weight,
};
use frame_system::EnsureRoot;
use pallet_prover_pool::CreditOf;
use prover_pool_primitives::{BlockId, DrawHandler, DrawOutcome, ProverPool as Pool};
use sp_core::{ConstU32, H256};
use sp_runtime::{traits::BlockNumberProvider, BuildStorage, Perbill};
use sp_state_machine::BasicExternalities;

use super::{
	tokens::{Tokens, EXISTENTIAL_DEPOSIT},
	words::{AccountId, Balance, Parameters},
};

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
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Runtime>;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances::Pallet<Runtime>;
	#[runtime::pallet_index(2)]
	pub type Voting = voting::Pallet<Runtime>;
	#[runtime::pallet_index(3)]
	pub type ProverPool = pallet_prover_pool::Pallet<Runtime>;
}

/// Another user of the same accounts, which freezes tokens.
#[frame_support::pallet(dev_mode)]
pub mod voting {
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {}

	#[pallet::composite_enum]
	pub enum FreezeReason {
		Vote,
	}
}

/// The chain's parameters at the start: few slots and short periods, so that things collide.
pub fn first_parameters() -> Parameters {
	Parameters {
		max_provers: 3,
		min_capacity: 2,
		min_stake_per_capacity: 50,
		exit_period: 100,
		min_change_delay: 10,
		slash_points: 200_000_000,
		slash_multiplier: 4,
		price_floor_percent: 75,
		price_ceiling_percent: 125,
		min_overbid: 0,
		ejection_threshold: 0,
		max_liability: 400,
		entry_delay: 0,
		max_pending_draws: MaxPendingDraws::get(),
		max_draws_per_block: 3,
	}
}

parameter_types! {
	pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
	pub const MaxPendingDraws: u32 = 8;

	// The parameters: these before a run sets its own.
	pub static MaxProvers: u32 = first_parameters().max_provers;
	pub static MinCapacity: u32 = first_parameters().min_capacity;
	pub static MinStakePerCapacity: Balance = first_parameters().min_stake_per_capacity;
	pub static ExitPeriod: u32 = first_parameters().exit_period as u32;
	pub static MinChangeDelay: u32 = first_parameters().min_change_delay as u32;
	pub static SlashPoints: Perbill = Perbill::zero();
	pub static SlashMultiplier: u32 = first_parameters().slash_multiplier;
	pub static PriceFloorPercent: u32 = first_parameters().price_floor_percent;
	pub static PriceCeilingPercent: u32 = first_parameters().price_ceiling_percent;
	pub static MinOverbid: Perbill = Perbill::zero();
	pub static EjectionThreshold: Perbill = Perbill::zero();
	pub static MaxLiability: u32 = first_parameters().max_liability as u32;
	pub static EntryDelay: u64 = first_parameters().entry_delay;
	pub static MaxDrawsPerBlock: u32 = first_parameters().max_draws_per_block;

	// The clock of periods. Another type than that of system block numbers, so that no code can mix
	// them up.
	pub static Now: u32 = 0;
	// What every seed is made of, and since when it is known; `None`: since the block before.
	pub static Seed: Option<u64> = None;
	pub static KnownSince: Option<u64> = None;
	pub static Migrating: bool = false;
	pub static CallsBack: bool = false;
	pub static SlashesTo: Option<AccountId> = None;

	// What was seen from outside.
	pub static Outcomes: Vec<(BlockId, DrawOutcome<AccountId>)> = Vec::new();
	pub static Slashes: Vec<Balance> = Vec::new();
}

/// Makes the chain's parameters these.
pub fn set_parameters(parameters: &Parameters) {
	let Parameters {
		max_provers,
		min_capacity,
		min_stake_per_capacity,
		exit_period,
		min_change_delay,
		slash_points,
		slash_multiplier,
		price_floor_percent,
		price_ceiling_percent,
		min_overbid,
		ejection_threshold,
		max_liability,
		entry_delay,
		max_pending_draws: _,
		max_draws_per_block,
	} = parameters;
	MaxProvers::set(*max_provers);
	MinCapacity::set(*min_capacity);
	MinStakePerCapacity::set(*min_stake_per_capacity);
	ExitPeriod::set(*exit_period as u32);
	MinChangeDelay::set(*min_change_delay as u32);
	SlashPoints::set(Perbill::from_parts(*slash_points as u32));
	SlashMultiplier::set(*slash_multiplier);
	PriceFloorPercent::set(*price_floor_percent);
	PriceCeilingPercent::set(*price_ceiling_percent);
	MinOverbid::set(Perbill::from_parts(*min_overbid as u32));
	EjectionThreshold::set(Perbill::from_parts(*ejection_threshold as u32));
	MaxLiability::set(*max_liability as u32);
	EntryDelay::set(*entry_delay);
	MaxDrawsPerBlock::set(*max_draws_per_block);
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Runtime {
	type Block = frame_system::mocking::MockBlock<Runtime>;
	type AccountData = pallet_balances::AccountData<Balance>;
	type MultiBlockMigrator = Migrator;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
	type Balance = Balance;
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
}

impl voting::Config for Runtime {}

impl pallet_prover_pool::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type OnSlash = SlashSink;
	type BlockNumberProvider = Clock;
	type Randomness = Seeds;
	type ProtocolOrigin = EnsureRoot<AccountId>;
	type DrawHandler = Protocol;
	type MaxProvers = MaxProvers;
	type NodeWidth = ConstU32<4>;
	type MinCapacity = MinCapacity;
	type MinStakePerCapacity = MinStakePerCapacity;
	type ExitPeriod = ExitPeriod;
	type MinChangeDelay = MinChangeDelay;
	type SlashPoints = SlashPoints;
	type SlashMultiplier = SlashMultiplier;
	type PriceFloorPercent = PriceFloorPercent;
	type PriceCeilingPercent = PriceCeilingPercent;
	type MinOverbid = MinOverbid;
	type EjectionThreshold = EjectionThreshold;
	type MaxLiability = MaxLiability;
	type EntryDelay = EntryDelay;
	type MaxPendingDraws = MaxPendingDraws;
	type MaxDrawsPerBlock = MaxDrawsPerBlock;
	type WeightInfo = pallet_prover_pool::weights::SubstrateWeight<Runtime>;
}

pub struct Clock;
impl BlockNumberProvider for Clock {
	type BlockNumber = u32;

	fn current_block_number() -> u32 {
		Now::get()
	}
}

/// Seeds that differ by subject.
pub struct Seeds;
impl Randomness<Option<H256>, u64> for Seeds {
	fn random(subject: &[u8]) -> (Option<H256>, u64) {
		let known_since = KnownSince::get().unwrap_or_else(|| System::block_number() - 1);
		let seed = Seed::get()
			.map(|seed| H256(sp_io::hashing::blake2_256(&[&seed.to_le_bytes(), subject].concat())));
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

/// The protocol: remembers what it is told, and may call back whatever the pool says to it.
pub struct Protocol;
impl DrawHandler<AccountId> for Protocol {
	fn on_draw(id: BlockId, outcome: DrawOutcome<AccountId>) {
		if CallsBack::get() {
			let _ = if id.is_multiple_of(2) {
				<ProverPool as Pool<_, _>>::discharge_prover(id)
			} else {
				<ProverPool as Pool<_, _>>::slash_prover(id, id.into(), None).map(drop)
			};
			let _ = <ProverPool as Pool<_, _>>::assign_prover(id + (1 << 32), 100);
		}
		Outcomes::mutate(|outcomes| outcomes.push((id, outcome)));
	}

	fn on_draw_weight() -> Weight {
		Weight::zero()
	}
}

/// Gives what was slashed to [`SlashesTo`], or burns it.
pub struct SlashSink;
impl OnUnbalanced<CreditOf<Runtime>> for SlashSink {
	// Not `on_nonzero_unbalanced`: it should be seen if the pool calls for nothing.
	fn on_unbalanced(credit: CreditOf<Runtime>) {
		Slashes::mutate(|slashes| slashes.push(credit.peek()));
		if let Some(who) = SlashesTo::get() {
			// What it cannot receive is burned.
			let _ = Balances::resolve(&who, credit);
		}
	}
}

/// A chain in block 1 with these balances. Threads are reused: everything is as at the start.
///
/// Its storage is a plain map: nothing here needs a trie, and steps are what counts.
pub fn new_chain(tokens: &Tokens, now: u32) -> BasicExternalities {
	set_parameters(&first_parameters());
	Now::set(now);
	Seed::set(Some(0));
	KnownSince::set(None);
	Migrating::set(false);
	CallsBack::set(false);
	SlashesTo::set(None);
	Outcomes::take();
	Slashes::take();

	let mut storage = frame_system::GenesisConfig::<Runtime>::default()
		.build_storage()
		.expect("the genesis of an empty chain can be built");
	pallet_balances::GenesisConfig::<Runtime> {
		balances: tokens.accounts.iter().map(|(who, account)| (*who, account.free)).collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.expect("balances above the existential deposit can be built");
	let mut chain = BasicExternalities::new(storage);
	chain.execute_with(|| {
		// Events of block 0 are not deposited.
		System::set_block_number(1);
		for (who, account) in &tokens.accounts {
			if account.propped {
				System::inc_providers(who);
			}
		}
	});
	chain
}

/// One block passes. The clock of periods stands still.
pub fn next_block() {
	let block = System::block_number();
	AllPalletsWithSystem::on_finalize(block);
	System::set_block_number(block + 1);
	AllPalletsWithSystem::on_initialize(block + 1);
}
