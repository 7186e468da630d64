//! A runtime with both pallets. Steps can set every parameter, the seeds, the clock and the weight left in
//! a block.

use super::recorder::{PoolCall, Recorder};
use frame_support::{
	derive_impl, parameter_types,
	traits::{fungible::Balanced, OnUnbalanced, Randomness},
	weights::Weight,
};
use frame_system::{EnsureRoot, EnsureSigned};
use pallet_block_proposal::{ProofVerifier, Verification};
use prover_pool_primitives::{BlockId, DrawOutcome, Gas, PricePerGas};
use sp_core::{ConstBool, ConstU32, ConstU64, H256};
use sp_runtime::{traits::Hash as _, BuildStorage, Perbill};
use sp_state_machine::BasicExternalities;

pub type AccountId = u64;
pub type Balance = u128;
pub type BlockNumber = u64;
pub type Time = u64;
pub type Event = pallet_block_proposal::Event<Runtime>;
/// The tag of a proof.
pub type Tag = u8;

pub const PROPOSERS: [AccountId; 3] = [1, 2, 3];
pub const BENEFICIARY: AccountId = 4;
pub const STAKERS: [AccountId; 3] = [10, 11, 12];
/// Accounts that prove blocks that are not assigned to them.
pub const VOLUNTEERS: [AccountId; 5] = [20, 21, 22, 23, 24];
/// Receives forfeited and slashed tokens.
pub const TREASURY: AccountId = 99;
/// Accounts that exist without tokens. When they are empty, they cannot receive less than the existential
/// deposit.
pub const SPONSORED: [AccountId; 4] = [3, 12, 23, 24];

/// The verifier accepts the tags below this one.
pub const TAGS: Tag = 4;
/// A claim with this tag needs a second proof.
pub const UNCONFIRMED: Tag = 3;
pub const FIRST_FEE: PricePerGas = 100;
pub const FIRST_DELAY: Time = 4;
pub const EXISTENTIAL_DEPOSIT: Balance = 20_000;
/// The genesis hash of FRAME's test chains.
pub const CHAIN_GENESIS: [u8; 32] = [69; 32];

/// All accounts whose tokens are counted.
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
	($($name:ident: $type:ty = $value:expr;)*) => {
		parameter_types! {
			$(pub static $name: $type = $value;)*
		}

		/// Sets all to the values above, since a test runner reuses threads.
		pub fn reset() {
			$($name::set($value);)*
		}
	};
}

tunables! {
	// The protocol's parameters.
	BaseGas: Gas = 1_000;
	MaxGasLimit: Gas = 4_000;
	MaxTxListSize: u32 = 8;
	MaxProofSize: u32 = 40;
	MaxUnverifiedBlocks: u32 = 9;
	MaxPendingPerProposer: u32 = 3;
	MaxOpenBlocks: u32 = 5;
	MaxForks: u32 = 3;
	MaxBarred: u32 = 2;
	MinProofWindow: Time = 3;
	MaxProofWindow: Time = 12;
	WindowMultiplier: u32 = 200;
	Cooldown: Time = 2;
	ExpiryPeriod: Time = 6;
	MaxPause: BlockNumber = 10;
	OpenRewardStart: u32 = 75;
	OpenRewardEnd: u32 = 150;
	RescueBonus: Perbill = Perbill::from_percent(50);
	MaxDelayPenalty: Perbill = Perbill::from_parts(25_000_000);
	AveragingFactor: u32 = 20;
	MinFeePerGas: PricePerGas = 8;
	MaxFeePerGas: PricePerGas = 400;
	MaxFeeStep: Perbill = Perbill::from_parts(2_000_000);
	ProofBond: Balance = 5_000;

	// The pool's and the lottery's.
	MaxProvers: u32 = 2;
	MinStakePerCapacity: Balance = 100_000;
	MaxLiability: Time = 12;
	DrawDelay: BlockNumber = 1;
	MaxPendingDraws: u32 = 4;
	MaxDrawsPerBlock: u32 = 4;

	// The seed of the pool's draws. `None`: draws wait.
	Seed: Option<[u8; 32]> = Some([7; 32]);
	// True if the chain admits extrinsics.
	Admitting: bool = true;
	// The weight that each block leaves for `on_idle`.
	IdleWeight: Weight = Weight::zero();
	// The tags that the verifier has revoked.
	Revoked: Vec<Tag> = Vec::new();

	// The calls of the pool by the protocol since they were taken last.
	PoolCalls: Vec<PoolCall> = Vec::new();
	// The draws that the pool reported since they were taken last.
	Draws: Vec<(BlockId, DrawOutcome<AccountId>)> = Vec::new();
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Runtime {
	type Block = frame_system::mocking::MockBlock<Runtime>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

parameter_types! {
	pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
	pub const SlashPoints: Perbill = Perbill::from_parts(2_500_000);
	pub const NoShare: Perbill = Perbill::zero();
	pub const HalfOfTheMinimum: Perbill = Perbill::from_percent(50);
	// More than `MinStakePerCapacity` covers, so that some slashes take the whole stake.
	pub const MaxSecuredReward: Balance = 10_000_000;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
	type Balance = Balance;
	type AccountStore = System;
	type ExistentialDeposit = ExistentialDeposit;
}

/// A seed that nobody knew before this block.
pub struct FreshSeed;
impl Randomness<Option<H256>, BlockNumber> for FreshSeed {
	fn random(subject: &[u8]) -> (Option<H256>, BlockNumber) {
		let now = System::block_number();
		let hash = |seed| sp_runtime::traits::BlakeTwo256::hash_of(&(seed, subject, now));
		(Seed::get().map(hash), now)
	}
}

/// Sends forfeited and slashed tokens to the treasury, so that no token is lost.
pub struct ToTreasury;
impl OnUnbalanced<pallet_block_proposal::CreditOf<Runtime>> for ToTreasury {
	fn on_nonzero_unbalanced(credit: pallet_block_proposal::CreditOf<Runtime>) {
		assert!(Balances::resolve(&TREASURY, credit).is_ok(), "the treasury can receive anything");
	}
}

impl pallet_prover_lottery::Config for Runtime {
	type MaxProvers = MaxProvers;
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
	type MaxPausedShare = NoShare;
	type MinOverbid = NoShare;
	type EjectionThreshold = HalfOfTheMinimum;
	type MaxLiability = MaxLiability;
	type EntryDelay = ConstU64<0>;
	type DrawDelay = DrawDelay;
	type MaxPendingDraws = MaxPendingDraws;
	type MaxDrawsPerBlock = MaxDrawsPerBlock;
	type MaxAdmissions = ConstU32<4>;
	type WeightInfo = pallet_prover_pool::weights::SubstrateWeight<Runtime>;
}

/// Accepts the instance followed by a tag, so that every account can "prove" anything, right or wrong.
pub struct EchoVerifier;
impl ProofVerifier for EchoVerifier {
	type Tag = Tag;

	fn verify(instance: H256, proof: &[u8]) -> Verification<Tag> {
		let tag = proof.strip_prefix(instance.as_bytes()).and_then(|rest| match rest {
			[tag] if !Self::is_revoked(tag) => Some(*tag),
			_ => None,
		});
		Verification { tag, weight: Self::verify_weight(proof.len() as u32) }
	}

	fn verify_weight(proof_len: u32) -> Weight {
		Weight::from_parts(1_000_000 + u64::from(proof_len), 0)
	}

	fn is_revoked(tag: &Tag) -> bool {
		Revoked::get().contains(tag)
	}

	fn is_revoked_weight() -> Weight {
		Weight::from_parts(1_000, 0)
	}

	fn is_confirmed(tag: &Tag) -> bool {
		*tag != UNCONFIRMED
	}

	/// The second proof is the instance followed by the new tag.
	fn confirm(_tag: &Tag, instance: H256, proof: &[u8]) -> Verification<Tag> {
		let Verification { tag, weight } = Self::verify(instance, proof);
		Verification { tag: tag.filter(Self::is_confirmed), weight }
	}

	fn confirm_weight(proof_len: u32) -> Weight {
		Self::verify_weight(proof_len)
	}
}

impl pallet_block_proposal::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Balances;
	type ProverPool = Recorder;
	type ProofVerifier = EchoVerifier;
	type ProposerOrigin = EnsureSigned<AccountId>;
	type DisputeOrigin = EnsureRoot<AccountId>;
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
	type MaxPause = MaxPause;
	type MaxLiability = ConstU64<200>;
	type MaxSecuredReward = MaxSecuredReward;
	type OpenRewardStart = OpenRewardStart;
	type OpenRewardEnd = OpenRewardEnd;
	type RescueBonus = RescueBonus;
	type MaxDelayPenalty = MaxDelayPenalty;
	type AveragingFactor = AveragingFactor;
	type MinFeePerGas = MinFeePerGas;
	type MaxFeePerGas = MaxFeePerGas;
	type MaxFeeStep = MaxFeeStep;
	type ProofBond = ProofBond;
	type WeightInfo = pallet_block_proposal::weights::SubstrateWeight<Runtime>;
}

/// Returns a chain before its first block, on which the rollup has not started.
///
/// Its storage is a plain map, which is faster than a trie.
pub fn new_chain(
	balance: Balance,
	provers: Vec<(AccountId, Balance, PricePerGas, u32)>,
) -> BasicExternalities {
	let mut storage = frame_system::GenesisConfig::<Runtime>::default()
		.build_storage()
		.expect("the genesis of system is always valid");
	let mut assimilate = |genesis: &dyn BuildStorage| {
		genesis.assimilate_storage(&mut storage).expect("the genesis of this runtime is valid");
	};
	assimilate(&pallet_balances::GenesisConfig::<Runtime> {
		// More than any run can spend.
		balances: accounts()
			.map(|who| (who, if who == TREASURY { 1_000_000_000_000 } else { balance }))
			.collect(),
		..Default::default()
	});
	assimilate(&pallet_prover_pool::GenesisConfig::<Runtime> { provers });
	let mut chain = BasicExternalities::new(storage);
	chain.execute_with(|| {
		for who in SPONSORED {
			System::inc_providers(&who);
		}
	});
	chain
}

/// Sets a parameter, within what `integrity_test` allows. Returns whether escrows depend on it.
pub fn tune(parameter: u8, value: u8) -> bool {
	let small = u64::from(value);
	let parameter = parameter % 15;
	match parameter {
		0 => BaseGas::set(1_000 + 10 * u32::from(value)),
		1 => Cooldown::set(1 + small % 4),
		2 => ExpiryPeriod::set(5 + small % 8),
		3 => MinProofWindow::set(1 + small % 5),
		4 => MaxProofWindow::set(5 + small % 12),
		5 => WindowMultiplier::set(100 + u32::from(value)),
		6 => MaxOpenBlocks::set(1 + u32::from(value) % 8),
		7 => OpenRewardStart::set(u32::from(value) % 76),
		8 => OpenRewardEnd::set(125 + u32::from(value) % 76),
		9 => RescueBonus::set(Perbill::from_percent(u32::from(value) % 101)),
		10 => MaxDelayPenalty::set(Perbill::from_percent(u32::from(value) % 101)),
		11 => AveragingFactor::set(1 + u32::from(value)),
		12 => MaxFeeStep::set(Perbill::from_parts(1 + u32::from(value) * 100_000)),
		13 => MaxPause::set(1 + small % 20),
		_ => ProofBond::set(1 + 200 * Balance::from(value)),
	}
	matches!(parameter, 0 | 8)
}
