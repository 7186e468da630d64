//! A chain with the pool and the real lottery. Steps can set everything around them: every parameter, both
//! clocks, the seeds, the protocol that is notified of draws, the receiver of slashes.

use codec::Decode;
use frame_support::{
	derive_impl,
	migrations::MultiStepMigrator,
	parameter_types,
	traits::{
		fungible::Balanced, Imbalance, OnFinalize, OnIdle, OnInitialize, OnUnbalanced, Randomness,
		VariantCountOf,
	},
	weights::{constants::RocksDbWeight, Weight},
};
use frame_system::EnsureRoot;
use pallet_prover_pool::{CreditOf, WeightInfo};
use prover_pool_primitives::{BlockId, DrawHandler, DrawOutcome, Fault, ProverPool as Pool};
use sp_core::H256;
use sp_runtime::{traits::BlockNumberProvider, BuildStorage, Perbill};
use sp_state_machine::BasicExternalities;

use super::{
	seeds::seed_for,
	settings::{Preset, Settings},
	tokens::{Tokens, EXISTENTIAL_DEPOSIT},
	types::{AccountId, Balance, Moment, Parameters},
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
	pub type ProverLottery = pallet_prover_lottery::Pallet<Runtime>;
	#[runtime::pallet_index(4)]
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

/// Defines the parameters as items that a step can set, and a function that sets all from the model's.
macro_rules! parameters {
	($($name:ident: $type:ty = $field:ident $convert:expr;)*) => {
		parameter_types! {
			$(pub static $name: $type = $convert(default_parameters().$field);)*
		}

		/// Sets the chain's parameters to these.
		pub fn set_parameters(parameters: &Parameters) {
			// This does not compile unless every parameter is set.
			let Parameters { $($field,)* max_pending_draws: _ } = parameters.clone();
			$($name::set($convert($field));)*
		}
	};
}

/// The parameters before a run sets its own.
fn default_parameters() -> Parameters {
	Settings { preset: Preset::Small, max_exits: 1 }.first_parameters(MaxPendingDraws::get())
}

fn same<T>(value: T) -> T {
	value
}

/// Returns a period, which is always shorter than the range of the clock.
fn period(value: Moment) -> u32 {
	value as u32
}

fn share(parts: u64) -> Perbill {
	Perbill::from_parts(parts as u32)
}

parameters! {
	MaxProvers: u32 = max_provers same;
	MaxExits: u32 = max_exits same;
	MinCapacity: u32 = min_capacity same;
	MaxCapacity: u32 = max_capacity same;
	MinStakePerCapacity: Balance = min_stake_per_capacity same;
	ExitPeriod: u32 = exit_period period;
	MinChangeDelay: u32 = min_change_delay period;
	SlashPoints: Perbill = slash_points share;
	SlashMultiplier: u32 = slash_multiplier same;
	SlashExitsFirst: bool = slash_exits_first same;
	SlashDeferral: u32 = slash_deferral period;
	MaxMisses: u32 = max_misses same;
	SuspensionPeriod: u32 = suspension_period period;
	MaxPausedShare: Perbill = max_paused_share share;
	PriceFloorPercent: u32 = price_floor_percent same;
	PriceCeilingPercent: u32 = price_ceiling_percent same;
	MinOverbid: Perbill = min_overbid share;
	EjectionThreshold: Perbill = ejection_threshold share;
	MaxLiability: u32 = max_liability period;
	EntryDelay: u64 = entry_delay same;
	DrawDelay: u64 = draw_delay same;
	MaxDrawsPerBlock: u32 = max_draws_per_block same;
	MaxAdmissions: u32 = max_admissions same;
}

parameter_types! {
	pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
	pub const MaxPendingDraws: u32 = 8;

	// The clock of periods. Its type differs from that of system block numbers, so that no code can mix
	// the two.
	pub static Now: u32 = 0;
	// The number from which every seed is made, or 0 for no seeds; and the block since which seeds are known,
	// `None` for the block before.
	pub static Seed: u8 = 1;
	pub static KnownSince: Option<u64> = None;
	pub static Migrating: bool = false;
	pub static CallsBack: bool = false;
	pub static SlashesTo: Option<AccountId> = None;
	// The number of slashes for which a block has weight; `None` for all.
	pub static Idle: Option<u32> = None;

	// The effects outside of the pool.
	pub static Outcomes: Vec<(BlockId, DrawOutcome<AccountId>)> = Vec::new();
	pub static Slashed: Vec<Balance> = Vec::new();
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Runtime {
	type Block = frame_system::mocking::MockBlock<Runtime>;
	type AccountData = pallet_balances::AccountData<Balance>;
	type DbWeight = RocksDbWeight;
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

impl pallet_prover_lottery::Config for Runtime {
	type MaxProvers = MaxProvers;
	type PriceFloorPercent = PriceFloorPercent;
	type PriceCeilingPercent = PriceCeilingPercent;
}

impl pallet_prover_pool::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type OnSlash = SlashSink;
	type BlockNumberProvider = Clock;
	type Randomness = Seeds;
	type Selection = pallet_prover_lottery::Lottery<Runtime>;
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
	type WeightInfo = pallet_prover_pool::weights::SubstrateWeight<Runtime>;
}

pub struct Clock;
impl BlockNumberProvider for Clock {
	type BlockNumber = u32;

	fn current_block_number() -> u32 {
		Now::get()
	}
}

/// Seeds that differ by block.
pub struct Seeds;
impl Randomness<Option<H256>, u64> for Seeds {
	fn random(subject: &[u8]) -> (Option<H256>, u64) {
		let (context, id) = <(Vec<u8>, BlockId)>::decode(&mut &subject[..])
			.expect("a subject is a context and a block");
		assert_eq!(context, b"prover-pool/draw", "the pool's seeds are its own");
		let known_since = KnownSince::get().unwrap_or_else(|| System::block_number() - 1);
		let seed = (Seed::get() > 0).then(|| H256(seed_for(Seed::get(), id)));
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

/// The protocol. It records the outcomes of draws, and may call the pool back, ignoring the answer.
pub struct Protocol;
impl DrawHandler<AccountId> for Protocol {
	fn on_draw(id: BlockId, outcome: DrawOutcome<AccountId>) {
		if CallsBack::get() {
			let _ = if id.is_multiple_of(2) {
				<ProverPool as Pool<_, _>>::discharge_prover(id)
			} else {
				<ProverPool as Pool<_, _>>::slash_prover(id, id.into(), Fault::Other, None)
					.map(drop)
			};
			let _ = <ProverPool as Pool<_, _>>::assign_prover(id + (1 << 32), 100);
		}
		Outcomes::mutate(|outcomes| outcomes.push((id, outcome)));
	}

	fn on_draw_weight() -> Weight {
		Weight::zero()
	}
}

/// Passes slashed tokens to [`SlashesTo`], or burns them.
pub struct SlashSink;
impl OnUnbalanced<CreditOf<Runtime>> for SlashSink {
	// Not `on_nonzero_unbalanced`, so that calls with an amount of 0 are recorded as well.
	fn on_unbalanced(credit: CreditOf<Runtime>) {
		Slashed::mutate(|slashed| slashed.push(credit.peek()));
		if let Some(who) = SlashesTo::get() {
			// The amount that it cannot receive is burned.
			let _ = Balances::resolve(&who, credit);
		}
	}
}

/// Returns a chain in block 1 with these balances. It resets everything, since threads are reused.
///
/// Its storage is a plain map, which is faster than a trie.
pub fn new_chain(parameters: &Parameters, tokens: &Tokens, now: u32) -> BasicExternalities {
	set_parameters(parameters);
	Now::set(now);
	Seed::set(1);
	KnownSince::set(None);
	Migrating::set(false);
	CallsBack::set(false);
	SlashesTo::set(None);
	Idle::set(None);
	Outcomes::take();
	Slashed::take();

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

/// Executes one block. The clock of periods does not change.
pub fn next_block() {
	let block = System::block_number();
	// The schedule is read first, and again with each slash.
	let look = <Runtime as frame_system::Config>::DbWeight::get().reads(1);
	let apply = <Runtime as pallet_prover_pool::Config>::WeightInfo::apply_slash();
	let weight_of = |most: u32| look + (look + apply) * u64::from(most);
	let idle = Idle::get().map_or(Weight::MAX, weight_of);
	ProverPool::on_idle(block, idle);
	AllPalletsWithSystem::on_finalize(block);
	System::set_block_number(block + 1);
	AllPalletsWithSystem::on_initialize(block + 1);
}
