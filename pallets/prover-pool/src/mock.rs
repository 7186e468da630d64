//! A runtime in which a test can move everything around the pool: every parameter, both clocks, the
//! seeds, the protocol that hears of draws, and what becomes of slashed tokens.

use std::collections::BTreeMap;

use codec::Decode;
use frame_support::{
	derive_impl,
	migrations::MultiStepMigrator,
	parameter_types,
	traits::{
		fungible::{Balanced, Credit, Inspect, InspectHold, Mutate},
		tokens::Preservation,
		Imbalance, OnFinalize, OnInitialize, OnUnbalanced, Randomness, VariantCountOf,
	},
	weights::{constants::RocksDbWeight, Weight},
};
use frame_system::EnsureRoot;
use prover_pool_primitives::{
	BlockId, DrawHandler, DrawOutcome, PoolError, PricePerGas, ProverPool as Pool,
};
use sp_core::{H256, U256};
use sp_runtime::{traits::BlockNumberProvider, BuildStorage, DispatchResult, Perbill};

use crate::{self as pallet_prover_pool, AssignmentOf, Capacity, CreditOf, HoldReason, ProverOf};

pub type AccountId = u64;
pub type Balance = u128;
/// The clock of periods. Another type than system block numbers, so that no code can mix them up.
pub type Moment = u32;
pub type StakerOf = crate::StakerOf<Test>;
pub type Outcome = DrawOutcome<AccountId>;
pub type Event = crate::Event<Test>;
pub type Error = crate::Error<Test>;

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
/// Where the clock of periods stands at genesis: far from the system's block number.
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
	pub type ProverPool = pallet_prover_pool::Pallet<Test>;
}

/// Another user of the same accounts: it holds and freezes for reasons of its own.
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
	// The pool's parameters, chosen so that amounts can be computed in one's head.
	MaxProvers: u32 = 4;
	// As narrow as nodes may be, so that small pools have several.
	NodeWidth: u32 = 4;
	MinCapacity: Capacity = 2;
	MinStakePerCapacity: Balance = 50;
	ExitPeriod: Moment = 100;
	MinChangeDelay: Moment = 10;
	SlashPoints: Perbill = Perbill::from_percent(20);
	SlashMultiplier: u32 = 4;
	PriceFloorPercent: u32 = 75;
	PriceCeilingPercent: u32 = 125;
	MinOverbid: Perbill = Perbill::zero();
	EjectionThreshold: Perbill = Perbill::zero();
	MaxLiability: Moment = 400;
	EntryDelay: u64 = 0;
	MaxPendingDraws: u32 = 8;
	MaxDrawsPerBlock: u32 = 3;

	// The clock of periods.
	Now: Moment = START;
	// What every seed is made of; `None`: there is no seed.
	Seed: Option<H256> = Some(H256::repeat_byte(0x5e));
	// Since which system block the seed is known; `None`: since the parent of the present one.
	KnownSince: Option<u64> = None;
	// Seeds given for single blocks, as they are.
	RawSeeds: BTreeMap<BlockId, U256> = BTreeMap::new();
	// Whether a multi-block migration runs.
	Migrating: bool = false;

	// What the protocol was told, what it does then, and what it says that this weighs.
	Outcomes: Vec<(BlockId, Outcome)> = Vec::new();
	OnDraw: Option<fn(BlockId, &Outcome)> = None;
	OnDrawWeight: Weight = Weight::from_parts(1_000, 10);

	// Every amount that reached `OnSlash`; who gets it (`None`: it is burned).
	Slashes: Vec<Balance> = Vec::new();
	SlashesTo: Option<AccountId> = None;
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

impl crate::Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type OnSlash = SlashSink;
	type BlockNumberProvider = Clock;
	type Randomness = Seeds;
	type ProtocolOrigin = EnsureRoot<AccountId>;
	type DrawHandler = Protocol;
	type MaxProvers = MaxProvers;
	type NodeWidth = NodeWidth;
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

/// Seeds that differ by subject, unless a test gives one.
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

/// The protocol pallet's place: remembers what it is told, and may do something about it.
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
	// Not `on_nonzero_unbalanced`: a test should see whether the pool calls for nothing.
	fn on_unbalanced(credit: CreditOf<Test>) {
		Slashes::mutate(|slashes| slashes.push(credit.peek()));
		match SlashesTo::get() {
			Some(who) => Balances::resolve(&who, credit).unwrap(),
			None => Burn::on_unbalanced(credit),
		}
	}
}

/// A chain in block 1, with balances and, if wanted, provers from genesis.
///
/// Parameters are back at their defaults after `default()`; what a test sets later holds.
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

	pub fn max_provers(self, slots: u32) -> Self {
		MaxProvers::set(slots);
		self
	}

	pub fn min_overbid(self, share: Perbill) -> Self {
		MinOverbid::set(share);
		self
	}

	pub fn ejection_threshold(self, share: Perbill) -> Self {
		EjectionThreshold::set(share);
		self
	}

	pub fn entry_delay(self, blocks: u64) -> Self {
		EntryDelay::set(blocks);
		self
	}

	pub fn draws_per_block(self, draws: u32) -> Self {
		MaxDrawsPerBlock::set(draws);
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

	/// Runs a test; afterwards every invariant must hold, and no token may have come or gone but by
	/// burning.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			let issued = Balances::total_issuance();
			test();
			ProverPool::do_try_state().unwrap();
			assert_eq!(Balances::total_issuance() + Burned::get(), issued, "tokens came or went");
		})
	}
}

// Time.

/// Runs the hooks of all pallets up to the start of system block `n`. The clock of periods stands still.
pub fn run_to_block(n: u64) {
	while System::block_number() < n {
		let block = System::block_number();
		AllPalletsWithSystem::on_finalize(block);
		System::set_block_number(block + 1);
		AllPalletsWithSystem::on_initialize(block + 1);
	}
}

pub fn run_blocks(n: u64) {
	run_to_block(System::block_number() + n);
}

/// Moves the clock of periods. The system's block number stands still.
pub fn advance_clock(n: Moment) {
	Now::mutate(|now| *now += n);
}

// The provers' side.

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub fn stake(
	who: AccountId,
	amount: Balance,
	reward_per_gas: PricePerGas,
	max_capacity: Capacity,
) -> DispatchResult {
	ProverPool::stake(signed(who), amount, reward_per_gas, max_capacity)
}

pub fn exit(who: AccountId) -> DispatchResult {
	ProverPool::exit(signed(who))
}

pub fn withdraw(who: AccountId) -> DispatchResult {
	ProverPool::withdraw(signed(who))
}

// The protocol's side, through the hook trait.

pub fn request(block_id: BlockId) -> Result<(), PoolError> {
	request_at(block_id, FEE)
}

pub fn request_at(block_id: BlockId, fee_per_gas: PricePerGas) -> Result<(), PoolError> {
	<ProverPool as Pool<_, _>>::assign_prover(block_id, fee_per_gas)
}

pub fn release(block_id: BlockId) -> Result<(), PoolError> {
	<ProverPool as Pool<_, _>>::release_prover(block_id)
}

pub fn slash(block_id: BlockId, proof_reward: Balance) -> Result<Balance, PoolError> {
	<ProverPool as Pool<_, _>>::slash_prover(block_id, proof_reward, None)
}

pub fn slash_for(
	block_id: BlockId,
	proof_reward: Balance,
	reporter: AccountId,
	reward: Balance,
) -> Result<Balance, PoolError> {
	<ProverPool as Pool<_, _>>::slash_prover(block_id, proof_reward, Some((reporter, reward)))
}

pub fn discharge(block_id: BlockId) -> Result<(), PoolError> {
	<ProverPool as Pool<_, _>>::discharge_prover(block_id)
}

/// Requests a prover for a block and draws `who`, two blocks later. The clock of periods stands still.
pub fn assign(block_id: BlockId, who: AccountId) {
	request(block_id).unwrap();
	run_blocks(1);
	aim(block_id, who, FEE);
	run_blocks(1);
	assert_eq!(assignment(block_id).map(|assignment| assignment.prover), Some(who));
}

/// Gives the block the least seed that draws `who`, if nothing changes before.
pub fn aim(block_id: BlockId, who: AccountId, fee: PricePerGas) {
	let point = crate::members::point_of::<Test>(staker(who).prover_id.unwrap(), fee).unwrap();
	RawSeeds::mutate(|seeds| seeds.insert(block_id, point));
}

/// Puts an account with these books into the pool, as if it had come by them.
pub fn put_account(who: AccountId, staker: StakerOf, prover: Option<ProverOf<Test>>) {
	crate::account::Account::<Test>::new(who, staker, prover).save();
}

// What there is.

pub fn staker(who: AccountId) -> StakerOf {
	crate::Stakers::<Test>::get(who).0
}

pub fn has_record(who: AccountId) -> bool {
	crate::Stakers::<Test>::contains_key(who)
}

pub fn prover(who: AccountId) -> Option<ProverOf<Test>> {
	ProverPool::get_staker(who).1
}

pub fn slot(prover_id: u32) -> Option<AccountId> {
	let members = ProverPool::get_provers(prover_id, 1);
	members.into_iter().find(|(slot, _)| *slot == prover_id).map(|(_, prover)| prover.who)
}

pub fn assignment(block_id: BlockId) -> Option<AssignmentOf<Test>> {
	crate::Assignments::<Test>::get(block_id)
}

pub fn pending() -> Vec<BlockId> {
	crate::DrawQueue::<Test>::get().iter().map(|request| request.block_id).collect()
}

/// What is held for stake and for exit.
pub fn held(who: AccountId) -> (Balance, Balance) {
	let held = |reason: HoldReason| Balances::balance_on_hold(&reason.into(), &who);
	(held(HoldReason::Stake), held(HoldReason::Exit))
}

pub fn free(who: AccountId) -> Balance {
	Balances::balance(&who)
}

/// Moves tokens between accounts, so that `who` has exactly `amount` free.
pub fn set_free(who: AccountId, amount: Balance) {
	let now = free(who);
	if now < amount {
		Balances::transfer(&BANK, &who, amount - now, Preservation::Preserve).unwrap();
	} else if now > amount {
		Balances::transfer(&who, &BANK, now - amount, Preservation::Expendable).unwrap();
	}
}

/// All events of the pool since the last call.
pub fn pool_events() -> Vec<Event> {
	let events = System::read_events_for_pallet::<Event>();
	System::reset_events();
	events
}

/// All outcomes reported to the protocol since the last call.
pub fn outcomes() -> Vec<(BlockId, Outcome)> {
	Outcomes::take()
}

// Events, in short.

pub fn staked(who: AccountId, amount: Balance, reward_per_gas: PricePerGas, places: u32) -> Event {
	Event::Staked { who, amount, reward_per_gas, current_capacity: places }
}

pub fn exited(who: AccountId, amount: Balance, exit_amount: Balance) -> Event {
	Event::Exited { who, amount, exit_amount, forced: false }
}

pub fn forced_out(who: AccountId, amount: Balance, exit_amount: Balance) -> Event {
	Event::Exited { who, amount, exit_amount, forced: true }
}

pub fn withdrawn(who: AccountId, amount: Balance) -> Event {
	Event::Withdrawn { who, amount }
}

pub fn requested(block_id: BlockId) -> Event {
	Event::ProverRequested { block_id, fee_per_gas: FEE }
}

pub fn drawn(block_id: BlockId, who: AccountId, reward_per_gas: PricePerGas) -> Event {
	Event::ProverAssigned { block_id, who, reward_per_gas }
}

pub fn slashed(
	block_id: BlockId,
	who: AccountId,
	from_exit: Balance,
	from_stake: Balance,
) -> Event {
	Event::Slashed { block_id, who, amount: from_exit + from_stake, from_exit, from_stake }
}
