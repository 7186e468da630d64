//! A runtime with the real prover pool, in which a test can move every parameter, the seeds of
//! draws, the clock, what is revoked and the weight left in a block.

pub use crate::{
	instance_hash_of, weights, Assignment, Averages, Block, Blocks, Cancellation, Chain,
	ChainState, Claim, Claims, Clock, Config, CreditOf, Delivery, Escrow, Execution, HoldReason,
	Leftover, Leftovers, MovingAverages, OpenCause, PausedUntil, PendingOf, ProofVerifier, Status,
	Verdict, Verification, WeightInfo,
};

mod actions;

pub use actions::*;

use crate as pallet_block_proposal;
use codec::Encode;
use frame_support::{
	assert_ok, derive_impl,
	pallet_prelude::{DispatchResult, DispatchResultWithPostInfo},
	parameter_types,
	traits::{
		fungible::{Balanced, Inspect, InspectHold, Mutate},
		tokens::Preservation,
		Hooks, Imbalance, OnUnbalanced, Randomness,
	},
	weights::{constants::RocksDbWeight, Weight, WeightMeter},
};
use frame_system::{EnsureRoot, EnsureSigned, EnsureSignedBy};
pub use prover_pool_primitives::Fault;
use prover_pool_primitives::{BlockId, Gas, PricePerGas};
use sp_core::{ConstBool, ConstU32, ConstU64, H256};
use sp_runtime::{traits::Hash as _, BuildStorage, Perbill};
use std::collections::BTreeMap;

pub type AccountId = u64;
pub type Balance = u128;
pub type Time = u64;
pub type Event = crate::Event<Test>;
pub type Error = crate::Error<Test>;

pub const PROPOSER: AccountId = 1;
pub const BENEFICIARY: AccountId = 2;
/// The pool's only member, by default.
pub const ASSIGNED: AccountId = 10;
/// Accounts that prove without being assigned.
pub const RESCUER: AccountId = 20;
pub const VANDALS: [AccountId; 6] = [30, 31, 32, 33, 34, 35];
/// May remove claims.
pub const DISPUTER: AccountId = 98;
/// Gets what is forfeited, so that tokens can be counted.
pub const TREASURY: AccountId = 99;

pub const START_BALANCE: Balance = 10_000_000_000;
pub const STAKE: Balance = 2_500_000_000;
pub const CAPACITY: u32 = 100;
/// A stake of which a slash takes four rewards, not a share, at a capacity of 1 too.
pub const SMALL_STAKE: Balance = 250_000_000;
/// The first fee, and what the pool's member asks: the agreed price is the same.
pub const FEE: PricePerGas = 100;
pub const GENESIS: H256 = H256::repeat_byte(0x99);

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
	pub type ProverLottery = pallet_prover_lottery::Pallet<Test>;
	#[runtime::pallet_index(3)]
	pub type ProverPool = pallet_prover_pool::Pallet<Test>;
	#[runtime::pallet_index(4)]
	pub type BlockProposal = pallet_block_proposal::Pallet<Test>;
}

macro_rules! tunables {
	($($(#[$doc:meta])* $name:ident: $type:ty = $value:expr;)*) => {
		parameter_types! {
			$($(#[$doc])* pub static $name: $type = $value;)*
		}

		/// A test runner may reuse threads: every test begins with the same values.
		fn reset() {
			$($name::set($value);)*
		}
	};
}

tunables! {
	BaseGas: Gas = 1_000;
	MaxGasLimit: Gas = 4_000;
	MaxTxListSize: u32 = 64;
	MaxProofSize: u32 = 64;
	MaxUnverifiedBlocks: u32 = 12;
	MaxPendingPerProposer: u32 = 4;
	MaxOpenBlocks: u32 = 6;
	MaxForks: u32 = 4;
	MaxBarred: u32 = 2;
	MinProofWindow: Time = 4;
	MaxProofWindow: Time = 20;
	WindowMultiplier: u32 = 200;
	Cooldown: Time = 3;
	ExpiryPeriod: Time = 10;
	MaxLiability: Time = 300;
	MaxPause: Time = 20;
	OpenRewardStart: u32 = 75;
	OpenRewardEnd: u32 = 150;
	RescueBonus: Perbill = Perbill::from_percent(50);
	MaxDelayPenalty: Perbill = Perbill::from_parts(25_000_000);
	AveragingFactor: u32 = 7_200;
	MinFeePerGas: PricePerGas = 8;
	MaxFeePerGas: PricePerGas = 1_000;
	MaxFeeStep: Perbill = Perbill::from_percent(10);
	// 5 000 gas at 1 250.
	MaxSecuredReward: Balance = 6_250_000;
	ProofBond: Balance = 5_000;

	// The tags that vouch for nothing any more.
	Revoked: Vec<u8> = Vec::new();
	// What the pool draws with; `None`: it has no seed, and draws wait.
	Seed: Option<[u8; 32]> = Some([7; 32]);
	// Whether this chain admits extrinsics.
	Admitting: bool = true;
	// What is left of every block for verification.
	IdleWeight: Weight = Weight::zero();
	// The least that an account can have.
	ExistentialDeposit: Balance = 100;
	// How much was ever forfeited.
	Forfeited: Balance = 0;
	// When the pool lets its provers go.
	PoolMaxLiability: Time = 300;
	// How long the pool keeps slashed tokens on hold, and after how many misses it suspends a prover.
	SlashDeferral: Time = 0;
	MaxMisses: u32 = 0;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type DbWeight = RocksDbWeight;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type AccountStore = System;
	type ExistentialDeposit = ExistentialDeposit;
	type MaxFreezes = ConstU32<2>;
}

/// A seed that was unknown until this very block.
pub struct FreshSeed;
impl Randomness<Option<H256>, u64> for FreshSeed {
	fn random(subject: &[u8]) -> (Option<H256>, u64) {
		let now = System::block_number();
		(
			Seed::get().map(|seed| sp_runtime::traits::BlakeTwo256::hash_of(&(seed, subject, now))),
			now,
		)
	}
}

/// Passes what is forfeited to the treasury, and counts it.
pub struct ToTreasury;
impl OnUnbalanced<CreditOf<Test>> for ToTreasury {
	fn on_nonzero_unbalanced(credit: CreditOf<Test>) {
		Forfeited::mutate(|sum| *sum += credit.peek());
		Balances::resolve(&TREASURY, credit).expect("the treasury exists");
	}
}

frame_support::ord_parameter_types! {
	pub const Disputer: AccountId = DISPUTER;
}

parameter_types! {
	/// Four times the largest reward.
	pub const MinStakePerCapacity: Balance = 25_000_000;
	pub const SlashPoints: Perbill = Perbill::from_parts(2_500_000);
	pub const NoShare: Perbill = Perbill::zero();
	pub const WholeShare: Perbill = Perbill::one();
}

impl pallet_prover_lottery::Config for Test {
	type MaxProvers = ConstU32<4>;
	type PriceFloorPercent = ConstU32<75>;
	type PriceCeilingPercent = ConstU32<125>;
}

impl pallet_prover_pool::Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type OnSlash = ToTreasury;
	type BlockNumberProvider = System;
	type Randomness = FreshSeed;
	type Selection = pallet_prover_lottery::Lottery<Test>;
	type ProtocolOrigin = EnsureRoot<AccountId>;
	type CancelSlashOrigin = EnsureRoot<AccountId>;
	type DrawHandler = BlockProposal;
	type MaxExits = ConstU32<4>;
	type MinCapacity = ConstU32<1>;
	type MaxCapacity = ConstU32<128>;
	type MinStakePerCapacity = MinStakePerCapacity;
	type ExitPeriod = ConstU64<50>;
	type MinChangeDelay = ConstU64<0>;
	type SlashPoints = SlashPoints;
	type SlashMultiplier = ConstU32<4>;
	type SlashExitsFirst = ConstBool<false>;
	type SlashDeferral = SlashDeferral;
	type MaxMisses = MaxMisses;
	type SuspensionPeriod = ConstU64<30>;
	type MaxPausedShare = WholeShare;
	type MinOverbid = NoShare;
	type EjectionThreshold = NoShare;
	type MaxLiability = PoolMaxLiability;
	type EntryDelay = ConstU64<0>;
	type DrawDelay = ConstU64<1>;
	type MaxPendingDraws = ConstU32<8>;
	type MaxDrawsPerBlock = ConstU32<4>;
	type MaxAdmissions = ConstU32<4>;
	type WeightInfo = pallet_prover_pool::weights::SubstrateWeight<Test>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

/// Claims with this bit in their tag need a second proof, which is the instance alone.
pub const UNCONFIRMED: u8 = 0x80;

/// Accepts the instance followed by one byte, the tag, as a proof: a test can "prove" anything, right or
/// wrong.
pub struct EchoVerifier;
impl ProofVerifier for EchoVerifier {
	type Tag = u8;

	fn verify(instance: H256, proof: &[u8]) -> Verification<u8> {
		match proof.split_last() {
			Some((tag, rest)) if rest == instance.as_bytes() && !Self::is_revoked(tag) => {
				Verification { tag: Some(*tag), weight: Weight::from_parts(1_000_000, 0) }
			},
			_ => Verification { tag: None, weight: Weight::from_parts(400_000, 0) },
		}
	}

	fn verify_weight(proof_len: u32) -> Weight {
		Weight::from_parts(1_000_000 + u64::from(proof_len), 0)
	}

	fn is_revoked(tag: &u8) -> bool {
		Revoked::get().contains(tag)
	}

	fn is_revoked_weight() -> Weight {
		Weight::from_parts(10_000, 0)
	}

	fn is_confirmed(tag: &u8) -> bool {
		tag & UNCONFIRMED == 0
	}

	fn confirm(tag: &u8, instance: H256, proof: &[u8]) -> Verification<u8> {
		let valid = proof == instance.as_bytes();
		let weight = Weight::from_parts(700_000, 0);
		Verification { tag: valid.then_some(tag & !UNCONFIRMED), weight }
	}

	fn confirm_weight(proof_len: u32) -> Weight {
		Weight::from_parts(700_000 + u64::from(proof_len), 0)
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper for Test {
	fn proof(instance: H256) -> Vec<u8> {
		[instance.as_bytes(), &[TAG]].concat()
	}
}

impl Config for Test {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type ProverPool = ProverPool;
	type ProofVerifier = EchoVerifier;
	type ProposerOrigin = EnsureSigned<AccountId>;
	type DisputeOrigin = EnsureSignedBy<Disputer, AccountId>;
	type EmergencyOrigin = EnsureRoot<AccountId>;
	type OnSlash = ToTreasury;
	type BaseGas = BaseGas;
	type MaxGasLimit = MaxGasLimit;
	type MaxTxListSize = MaxTxListSize;
	type MaxProofSize = MaxProofSize;
	type MaxUnverifiedBlocks = MaxUnverifiedBlocks;
	type MaxPendingPerProposer = MaxPendingPerProposer;
	type MaxOpenBlocks = MaxOpenBlocks;
	type MaxForks = MaxForks;
	type MaxBarred = MaxBarred;
	type MinProofWindow = MinProofWindow;
	type MaxProofWindow = MaxProofWindow;
	type WindowMultiplier = WindowMultiplier;
	type Cooldown = Cooldown;
	type ExpiryPeriod = ExpiryPeriod;
	type MaxLiability = MaxLiability;
	type MaxPause = MaxPause;
	type OpenRewardStart = OpenRewardStart;
	type OpenRewardEnd = OpenRewardEnd;
	type RescueBonus = RescueBonus;
	type MaxDelayPenalty = MaxDelayPenalty;
	type AveragingFactor = AveragingFactor;
	type MinFeePerGas = MinFeePerGas;
	type MaxFeePerGas = MaxFeePerGas;
	type MaxFeeStep = MaxFeeStep;
	type MaxSecuredReward = MaxSecuredReward;
	type ProofBond = ProofBond;
	type WeightInfo = weights::SubstrateWeight<Test>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Self;
}

/// How a test begins.
pub struct ExtBuilder {
	genesis_hash: Option<H256>,
	provers: Vec<(AccountId, Balance, PricePerGas, u32)>,
	delay: Time,
	fee: PricePerGas,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		reset();
		Self {
			genesis_hash: Some(GENESIS),
			provers: vec![(ASSIGNED, STAKE, FEE, CAPACITY)],
			delay: 5,
			fee: FEE,
		}
	}
}

impl ExtBuilder {
	/// A chain on which the protocol was not started.
	pub fn not_started(mut self) -> Self {
		self.genesis_hash = None;
		self
	}

	/// A pool without provers: every block is open.
	pub fn empty_pool(mut self) -> Self {
		self.provers.clear();
		self
	}

	pub fn provers(mut self, provers: Vec<(AccountId, Balance, PricePerGas, u32)>) -> Self {
		self.provers = provers;
		self
	}

	/// The average delay: windows are twice as long.
	pub fn delay(mut self, delay: Time) -> Self {
		self.delay = delay;
		self
	}

	pub fn fee(mut self, fee: PricePerGas) -> Self {
		self.fee = fee;
		self
	}

	/// Changes a parameter.
	pub fn with(self, change: impl FnOnce()) -> Self {
		change();
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
		let named = [PROPOSER, BENEFICIARY, ASSIGNED, 11, 12, RESCUER, 21, DISPUTER, TREASURY];
		pallet_balances::GenesisConfig::<Test> {
			balances: named.into_iter().chain(VANDALS).map(|who| (who, START_BALANCE)).collect(),
			..Default::default()
		}
		.assimilate_storage(&mut storage)
		.unwrap();
		pallet_prover_pool::GenesisConfig::<Test> { provers: self.provers }
			.assimilate_storage(&mut storage)
			.unwrap();
		crate::GenesisConfig::<Test> {
			fee_per_gas: self.fee,
			delay: self.delay,
			genesis_hash: self.genesis_hash,
		}
		.assimilate_storage(&mut storage)
		.unwrap();
		let mut ext = sp_io::TestExternalities::from(storage);
		ext.execute_with(|| start_block(1));
		ext
	}

	/// Runs a test and checks every invariant after it.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			let issuance = Balances::total_issuance();
			test();
			assert_ok!(BlockProposal::do_try_state());
			assert_ok!(ProverPool::do_try_state());
			assert_eq!(Balances::total_issuance(), issuance, "tokens are conserved");
		})
	}
}

fn start_block(number: u64) {
	System::set_block_number(number);
	ProverPool::on_initialize(number);
	BlockProposal::on_initialize(number);
	if Admitting::get() {
		BlockProposal::on_poll(number, &mut WeightMeter::new());
	}
}

/// Ends this block and begins the next.
pub fn next_block() {
	let number = System::block_number();
	BlockProposal::on_idle(number, IdleWeight::get());
	start_block(number + 1);
}

/// Lets blocks pass until the pallet's clock shows this time.
pub fn run_to(time: Time) {
	assert!(time >= now(), "time does not run backwards");
	while now() < time {
		next_block();
	}
}

pub fn run_for(blocks: u64) {
	run_to(now() + blocks);
}
