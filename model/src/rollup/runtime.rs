//! A runtime with both pallets, in which a step can move parameters, seeds, the clock and the weight
//! left in a block; and a recorder between the pallets, which hears what each asks of the other.

use frame_support::{
	derive_impl, parameter_types,
	traits::{fungible::Balanced, OnUnbalanced, Randomness},
	weights::Weight,
};
use frame_system::{EnsureRoot, EnsureSigned};
use pallet_block_proposal::ProofVerifier;
use prover_pool_primitives::{
	BlockId, DrawHandler, DrawOutcome, Fault, Gas, PoolError, PricePerGas, ProverPool as Hooks,
};
use sp_core::{ConstBool, ConstU32, ConstU64, H256};
use sp_runtime::{traits::Hash as _, BuildStorage, Perbill};
use sp_state_machine::BasicExternalities;

pub type AccountId = u64;
pub type Balance = u128;
pub type Time = u64;
pub type Event = pallet_block_proposal::Event<Runtime>;
pub type Parameters = pallet_block_proposal::Parameters<Balance, Time>;

pub const PROPOSERS: [AccountId; 3] = [1, 2, 3];
pub const BENEFICIARY: AccountId = 4;
pub const STAKERS: [AccountId; 3] = [10, 11, 12];
/// They prove without being asked.
pub const VOLUNTEERS: [AccountId; 5] = [20, 21, 22, 23, 24];
/// Gets what is forfeited and slashed.
pub const TREASURY: AccountId = 99;
/// They live without tokens of their own: what is below the existential deposit cannot be paid out
/// to them once they are empty.
pub const SPONSORED: [AccountId; 4] = [3, 12, 23, 24];

pub const EXISTENTIAL_DEPOSIT: Balance = 20_000;
pub const GENESIS_HASH: H256 = H256::repeat_byte(0x99);
pub const FIRST_FEE: PricePerGas = 100;
pub const FIRST_DELAY: Time = 4;
pub const MAX_PENDING_DRAWS: u32 = 4;

/// Everybody whose tokens are counted.
pub fn accounts() -> impl Iterator<Item = AccountId> {
	PROPOSERS.into_iter().chain([BENEFICIARY]).chain(STAKERS).chain(VOLUNTEERS).chain([TREASURY])
}

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
	#[runtime::pallet_index(2)]
	pub type ProverLottery = pallet_prover_lottery::Pallet<Runtime>;
	#[runtime::pallet_index(3)]
	pub type ProverPool = pallet_prover_pool::Pallet<Runtime>;
	#[runtime::pallet_index(4)]
	pub type BlockProposal = pallet_block_proposal::Pallet<Runtime>;
}

macro_rules! tunables {
	($($(#[$doc:meta])* $name:ident: $type:ty = $value:expr;)*) => {
		parameter_types! {
			$($(#[$doc])* pub static $name: $type = $value;)*
		}

		/// A test runner reuses threads: every run begins with the same values.
		fn reset() {
			$($name::set($value);)*
		}
	};
}

tunables! {
	BaseGas: Gas = 1_000;
	Cooldown: Time = 2;
	ExpiryPeriod: Time = 6;
	MinProofWindow: Time = 3;
	MaxProofWindow: Time = 12;
	WindowMultiplier: u32 = 200;
	MaxOpenBlocks: u32 = 5;
	OpenRewardStart: u32 = 75;
	OpenRewardEnd: u32 = 150;
	RescueBonus: Perbill = Perbill::from_percent(50);
	MaxDelayPenalty: Perbill = Perbill::from_parts(25_000_000);
	AveragingFactor: u32 = 20;
	ProofBond: Balance = 5_000;

	// What the pool draws with; `None`: it has no seed, and draws wait.
	Seed: Option<[u8; 32]> = Some([7; 32]);
	// Whether this chain admits extrinsics.
	Admitting: bool = true;
	// What is left of every block for verification.
	IdleWeight: Weight = Weight::zero();
	// After which time provers may discharge themselves, which the protocol is not told.
	PoolMaxLiability: Time = 12;

	// What the protocol asked of the pool, and what it was told, since the last time.
	PoolCalls: Vec<PoolCall> = Vec::new();
	// What the pool told the protocol since the last time.
	Draws: Vec<(BlockId, DrawOutcome<AccountId>)> = Vec::new();
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Runtime {
	type Block = frame_system::mocking::MockBlock<Runtime>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

parameter_types! {
	pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
	pub const MinStakePerCapacity: Balance = 100_000;
	pub const SlashPoints: Perbill = Perbill::from_parts(2_500_000);
	pub const NoOverbid: Perbill = Perbill::zero();
	pub const HalfOfTheMinimum: Perbill = Perbill::from_percent(50);
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
	type Balance = Balance;
	type AccountStore = System;
	type ExistentialDeposit = ExistentialDeposit;
}

/// A seed that was unknown until this very block.
pub struct FreshSeed;
impl Randomness<Option<H256>, u64> for FreshSeed {
	fn random(subject: &[u8]) -> (Option<H256>, u64) {
		let now = System::block_number();
		let hash = |seed| sp_runtime::traits::BlakeTwo256::hash_of(&(seed, subject, now));
		(Seed::get().map(hash), now)
	}
}

/// Gives what is forfeited to the treasury, so that no token gets lost.
pub struct ToTreasury;
impl OnUnbalanced<pallet_block_proposal::CreditOf<Runtime>> for ToTreasury {
	fn on_nonzero_unbalanced(credit: pallet_block_proposal::CreditOf<Runtime>) {
		assert!(Balances::resolve(&TREASURY, credit).is_ok(), "the treasury can receive anything");
	}
}

impl pallet_prover_lottery::Config for Runtime {
	type MaxProvers = ConstU32<2>;
	type PriceFloorPercent = ConstU32<75>;
	type PriceCeilingPercent = ConstU32<125>;
}

impl pallet_prover_pool::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type OnSlash = ToTreasury;
	type BlockNumberProvider = System;
	type Randomness = FreshSeed;
	type Selection = pallet_prover_lottery::Lottery<Runtime>;
	type ProtocolOrigin = frame_system::EnsureNever<()>;
	type CancelSlashOrigin = frame_system::EnsureNever<()>;
	type DrawHandler = Recorder;
	type MaxExits = ConstU32<2>;
	type MinCapacity = ConstU32<1>;
	type MaxCapacity = ConstU32<1_000>;
	type MinStakePerCapacity = MinStakePerCapacity;
	type ExitPeriod = ConstU64<15>;
	type MinChangeDelay = ConstU64<0>;
	type SlashPoints = SlashPoints;
	type SlashMultiplier = ConstU32<4>;
	type SlashExitsFirst = ConstBool<false>;
	type SlashDeferral = ConstU64<0>;
	type MaxMisses = ConstU32<0>;
	type SuspensionPeriod = ConstU64<1>;
	type MinOverbid = NoOverbid;
	type EjectionThreshold = HalfOfTheMinimum;
	type MaxLiability = PoolMaxLiability;
	type EntryDelay = ConstU64<0>;
	type DrawDelay = ConstU64<1>;
	type MaxPendingDraws = ConstU32<MAX_PENDING_DRAWS>;
	type MaxDrawsPerBlock = ConstU32<4>;
	type MaxAdmissions = ConstU32<4>;
	type WeightInfo = pallet_prover_pool::weights::SubstrateWeight<Runtime>;
}

/// Accepts exactly the instance hash as a proof: whoever calls can "prove" anything, right or wrong.
pub struct EchoVerifier;
impl ProofVerifier for EchoVerifier {
	fn verify(instance: H256, proof: &[u8]) -> bool {
		instance.as_bytes() == proof
	}

	fn verify_weight(proof_len: u32) -> Weight {
		Weight::from_parts(1_000_000 + u64::from(proof_len), 0)
	}
}

impl pallet_block_proposal::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type ProverPool = Recorder;
	type ProofVerifier = EchoVerifier;
	type ProposerOrigin = EnsureSigned<AccountId>;
	type DisputeOrigin = EnsureRoot<AccountId>;
	type OnSlash = ToTreasury;
	type BaseGas = BaseGas;
	type MaxGasLimit = ConstU32<4_000>;
	type MaxTxListSize = ConstU32<8>;
	type MaxProofSize = ConstU32<40>;
	type MaxUnverifiedBlocks = ConstU32<9>;
	type MaxPendingPerProposer = ConstU32<3>;
	type MaxOpenBlocks = MaxOpenBlocks;
	type MaxForks = ConstU32<3>;
	type MaxBarredProofs = ConstU32<2>;
	type MinProofWindow = MinProofWindow;
	type MaxProofWindow = MaxProofWindow;
	type WindowMultiplier = WindowMultiplier;
	type Cooldown = Cooldown;
	type ExpiryPeriod = ExpiryPeriod;
	type MaxLiability = ConstU64<60>;
	type OpenRewardStart = OpenRewardStart;
	type OpenRewardEnd = OpenRewardEnd;
	type RescueBonus = RescueBonus;
	type MaxDelayPenalty = MaxDelayPenalty;
	type AveragingFactor = AveragingFactor;
	type MinFeePerGas = ConstU32<8>;
	type ProofBond = ProofBond;
	type WeightInfo = pallet_block_proposal::weights::SubstrateWeight<Runtime>;
}

/// What the protocol asked of the pool, with the pool's answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PoolCall {
	Assign {
		block_id: BlockId,
		fee_per_gas: PricePerGas,
		answer: Result<(), PoolError>,
	},
	Release {
		block_id: BlockId,
		answer: Result<(), PoolError>,
	},
	Slash {
		block_id: BlockId,
		proof_reward: Balance,
		fault: Fault,
		reporter: Option<(AccountId, Balance)>,
		answer: Result<Balance, PoolError>,
		/// What left the pool's holds on that occasion: a prover that is ejected is first paid out an
		/// exit that was free.
		withdrawn: Vec<(AccountId, Balance)>,
	},
	Discharge {
		block_id: BlockId,
		answer: Result<(), PoolError>,
	},
}

/// Stands between the two pallets and writes down what they say.
pub struct Recorder;

impl Hooks<AccountId, Balance> for Recorder {
	fn assign_prover(block_id: BlockId, fee_per_gas: PricePerGas) -> Result<(), PoolError> {
		let answer =
			<ProverPool as Hooks<AccountId, Balance>>::assign_prover(block_id, fee_per_gas);
		PoolCalls::mutate(|calls| calls.push(PoolCall::Assign { block_id, fee_per_gas, answer }));
		answer
	}

	fn release_prover(block_id: BlockId) -> Result<(), PoolError> {
		let answer = <ProverPool as Hooks<AccountId, Balance>>::release_prover(block_id);
		PoolCalls::mutate(|calls| calls.push(PoolCall::Release { block_id, answer }));
		answer
	}

	fn slash_prover(
		block_id: BlockId,
		proof_reward: Balance,
		fault: Fault,
		reporter: Option<(AccountId, Balance)>,
	) -> Result<Balance, PoolError> {
		let events_before = System::event_count() as usize;
		let answer = <ProverPool as Hooks<AccountId, Balance>>::slash_prover(
			block_id,
			proof_reward,
			fault,
			reporter,
		);
		let withdrawn = System::events()
			.into_iter()
			.skip(events_before)
			.filter_map(|record| match record.event {
				RuntimeEvent::ProverPool(pallet_prover_pool::Event::Withdrawn { who, amount }) => {
					Some((who, amount))
				},
				_ => None,
			})
			.collect();
		PoolCalls::mutate(|calls| {
			calls.push(PoolCall::Slash {
				block_id,
				proof_reward,
				fault,
				reporter,
				answer,
				withdrawn,
			})
		});
		answer
	}

	fn discharge_prover(block_id: BlockId) -> Result<(), PoolError> {
		let answer = <ProverPool as Hooks<AccountId, Balance>>::discharge_prover(block_id);
		PoolCalls::mutate(|calls| calls.push(PoolCall::Discharge { block_id, answer }));
		answer
	}

	fn free_capacity() -> u64 {
		<ProverPool as Hooks<AccountId, Balance>>::free_capacity()
	}

	fn assign_prover_weight() -> Weight {
		<ProverPool as Hooks<AccountId, Balance>>::assign_prover_weight()
	}

	fn draw_weight() -> Weight {
		<ProverPool as Hooks<AccountId, Balance>>::draw_weight()
	}

	fn release_prover_weight() -> Weight {
		<ProverPool as Hooks<AccountId, Balance>>::release_prover_weight()
	}

	fn slash_prover_weight() -> Weight {
		<ProverPool as Hooks<AccountId, Balance>>::slash_prover_weight()
	}

	fn discharge_prover_weight() -> Weight {
		<ProverPool as Hooks<AccountId, Balance>>::discharge_prover_weight()
	}

	fn free_capacity_weight() -> Weight {
		<ProverPool as Hooks<AccountId, Balance>>::free_capacity_weight()
	}
}

impl DrawHandler<AccountId> for Recorder {
	fn on_draw(block_id: BlockId, outcome: DrawOutcome<AccountId>) {
		Draws::mutate(|draws| draws.push((block_id, outcome.clone())));
		BlockProposal::on_draw(block_id, outcome);
	}

	fn on_draw_weight() -> Weight {
		BlockProposal::on_draw_weight()
	}
}

/// A fresh chain before its first block.
///
/// Its storage is a plain map: nothing here needs a trie, and steps are what counts.
pub fn new_chain() -> BasicExternalities {
	reset();
	let mut storage = frame_system::GenesisConfig::<Runtime>::default()
		.build_storage()
		.expect("the genesis of system is always valid");
	let mut assimilate = |genesis: &dyn BuildStorage| {
		genesis.assimilate_storage(&mut storage).expect("the genesis of this runtime is valid");
	};
	assimilate(&pallet_balances::GenesisConfig::<Runtime> {
		// What the treasury has no run can spend.
		balances: accounts()
			.map(|who| (who, if who == TREASURY { 1_000_000_000_000 } else { 20_000_000 }))
			.collect(),
		..Default::default()
	});
	assimilate(&pallet_prover_pool::GenesisConfig::<Runtime> {
		provers: vec![(STAKERS[0], 9_000_000, 90, 3), (STAKERS[1], 6_000_000, 110, 2)],
	});
	assimilate(&pallet_block_proposal::GenesisConfig::<Runtime> {
		fee_per_gas: FIRST_FEE,
		delay: FIRST_DELAY,
		genesis_hash: GENESIS_HASH,
	});
	let mut chain = BasicExternalities::new(storage);
	chain.execute_with(|| {
		for who in SPONSORED {
			System::inc_providers(&who);
		}
	});
	chain
}
