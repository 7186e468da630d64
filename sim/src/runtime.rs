//! A runtime with the pallets of the demo chain that decide about money: the accumulator of seeds, the
//! lottery, the pool and the protocol. Every parameter can be set ([`crate::parameters`]).
//!
//! Four things differ from the demo's runtime. Blocks have no headers: [`crate::chain`] passes the VRF
//! output of each block's author. The verifier accepts what the chain marks as true ([`Verifier`]), so
//! that no proof has to be made. A small ledger moves tokens as `pallet-balances` does
//! ([`crate::tokens`]). And the rules of the first edition can be switched on ([`Edition`]).

// The macros write items without documentation.
#![allow(missing_docs)]

use crate::{parameters::statics::*, tokens::Tokens};
use codec::Encode;
use frame_support::{
	derive_impl, parameter_types,
	traits::{Get, Randomness},
	weights::Weight,
};
use frame_system::{EnsureNever, EnsureRoot, EnsureSigned};
use pallet_block_proposal::{ProofVerifier, Verification};
use pallet_vrf_accumulator::{VrfOutput, VrfSource};
use prover_pool_primitives::{
	BlockId, Candidate, DrawHandler, DrawOutcome, Drawn, ListedStake, OpenReason, PricePerGas,
	ProverId, Ranked, Selection,
};
use sp_core::{H256, U256, U512};
use sp_runtime::traits::{BlakeTwo256, Hash as _};

pub type AccountId = u64;
pub type Balance = u128;
pub type BlockNumber = u64;

/// One token.
pub const UNIT: Balance = 1_000_000_000_000;
/// What an account must own to exist.
pub const EXISTENTIAL_DEPOSIT: Balance = UNIT / 1_000;

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
	pub type VrfAccumulator = pallet_vrf_accumulator::Pallet<Runtime>;
	#[runtime::pallet_index(2)]
	pub type Lottery = pallet_prover_lottery::Pallet<Runtime>;
	#[runtime::pallet_index(3)]
	pub type ProverPool = pallet_prover_pool::Pallet<Runtime>;
	#[runtime::pallet_index(4)]
	pub type BlockProposal = pallet_block_proposal::Pallet<Runtime>;
}

/// Rules of the first edition, switched on to show that the simulator sees what audits saw. By default
/// none is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Edition {
	/// A seed is made of the parent's output alone, which its author foresees for many epochs, instead of
	/// all outputs.
	pub parent_alone: bool,
	/// The point of a draw is `seed mod total`, which moves everywhere when the total changes by one,
	/// instead of ⌊seed · total / 2²⁵⁶⌋.
	pub remainder: bool,
}

parameter_types! {
	/// The VRF output of the parent of the present block.
	pub static ParentOutput: Option<VrfOutput> = None;
	/// The rules of draws.
	pub static Rules: Edition = Edition { parent_alone: false, remainder: false };
	/// True if the verifier accepts proofs of anything.
	pub static VerifierBroken: bool = false;
	/// The draws of the present block.
	pub static DrawsOfBlock: Vec<(BlockId, DrawOutcome<AccountId>)> = Vec::new();
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Runtime {
	type Block = frame_system::mocking::MockBlock<Runtime>;
}

/// Returns what the chain passed.
pub struct Authors;
impl VrfSource for Authors {
	fn parent_output() -> Option<VrfOutput> {
		ParentOutput::get()
	}
}

impl pallet_vrf_accumulator::Config for Runtime {
	type VrfSource = Authors;
	type WeightInfo = pallet_vrf_accumulator::weights::SubstrateWeight<Runtime>;
}

/// The seeds of draws, by the rules in force.
pub struct Seeds;
impl Randomness<Option<H256>, BlockNumber> for Seeds {
	fn random(subject: &[u8]) -> (Option<H256>, BlockNumber) {
		if !Rules::get().parent_alone {
			return VrfAccumulator::random(subject);
		}
		let seed = ParentOutput::get().map(|it| BlakeTwo256::hash(&[subject, &it[..]].concat()));
		(seed, System::block_number().saturating_sub(1))
	}
}

/// Returns the seed of a block's draw if the accumulator then has this digest, by the rules in force.
/// `last` is the output of the parent of the block with the draw.
pub fn seed_of(block_id: BlockId, digest: H256, last: VrfOutput) -> U256 {
	let subject = (&b"prover-pool/draw"[..], block_id).encode();
	let source = if Rules::get().parent_alone { last } else { digest.0 };
	let seed = BlakeTwo256::hash(&[&subject[..], &source[..]].concat());
	U256::from_big_endian(seed.as_bytes())
}

impl pallet_prover_lottery::Config for Runtime {
	type MaxProvers = MaxProvers;
	type PriceFloorPercent = PriceFloorPercent;
	type PriceCeilingPercent = PriceCeilingPercent;
}

/// The lottery, with the point of a draw by the rules in force.
pub struct EditionLottery(pallet_prover_lottery::Lottery<Runtime>);

/// Returns the smallest seed that draws the point `seed mod total`.
fn seed_by_remainder(seed: U256, total: U256) -> U256 {
	if total.is_zero() {
		return seed;
	}
	// ⌊s · total / 2²⁵⁶⌋ = point for s = ⌈point · 2²⁵⁶ / total⌉.
	let point = U512::from(seed % total);
	let total = U512::from(total);
	let seed = ((point << 256) + total - U512::from(1)) / total;
	U256::try_from(seed).unwrap_or(U256::MAX)
}

impl Selection<Balance> for EditionLottery {
	fn max_provers() -> u32 {
		<pallet_prover_lottery::Lottery<Runtime> as Selection<Balance>>::max_provers()
	}

	fn open() -> Self {
		Self(<pallet_prover_lottery::Lottery<Runtime> as Selection<Balance>>::open())
	}

	fn save(self) {
		Selection::<Balance>::save(self.0)
	}

	fn vacant_slot(&self) -> Option<ProverId> {
		Selection::<Balance>::vacant_slot(&self.0)
	}

	fn lowest_ranked(&self) -> Option<Ranked<Balance>> {
		self.0.lowest_ranked()
	}

	fn occupy(&mut self, prover_id: ProverId) {
		Selection::<Balance>::occupy(&mut self.0, prover_id)
	}

	fn vacate(&mut self, prover_id: ProverId) {
		Selection::<Balance>::vacate(&mut self.0, prover_id)
	}

	fn update(
		&mut self,
		prover_id: ProverId,
		before: Option<Candidate<Balance>>,
		after: Option<Candidate<Balance>>,
	) {
		self.0.update(prover_id, before, after)
	}

	fn draw(&self, fee_per_gas: PricePerGas, seed: U256) -> Result<Drawn, OpenReason> {
		let seed = match Rules::get().remainder {
			false => seed,
			true => seed_by_remainder(seed, self.total_weight(fee_per_gas)),
		};
		Selection::<Balance>::draw(&self.0, fee_per_gas, seed)
	}

	fn free_capacity(&self) -> u64 {
		Selection::<Balance>::free_capacity(&self.0)
	}

	fn listed_stake(&self) -> ListedStake<Balance> {
		self.0.listed_stake()
	}

	fn weight_of(
		&self,
		fee_per_gas: PricePerGas,
		candidate: &Candidate<Balance>,
	) -> (U256, PricePerGas) {
		self.0.weight_of(fee_per_gas, candidate)
	}

	fn total_weight(&self, fee_per_gas: PricePerGas) -> U256 {
		Selection::<Balance>::total_weight(&self.0, fee_per_gas)
	}

	fn occupied_slots(&self, start: ProverId, limit: u32) -> Vec<ProverId> {
		Selection::<Balance>::occupied_slots(&self.0, start, limit)
	}

	fn check(
		&self,
		members: impl Iterator<Item = (ProverId, Option<Candidate<Balance>>)>,
	) -> Result<(), &'static str> {
		self.0.check(members)
	}

	fn draw_surcharge() -> Weight {
		<pallet_prover_lottery::Lottery<Runtime> as Selection<Balance>>::draw_surcharge()
	}

	fn update_surcharge() -> Weight {
		<pallet_prover_lottery::Lottery<Runtime> as Selection<Balance>>::update_surcharge()
	}

	fn reorder_surcharge() -> Weight {
		<pallet_prover_lottery::Lottery<Runtime> as Selection<Balance>>::reorder_surcharge()
	}
}

/// Passes draws on to the protocol, and keeps those of the present block for agents.
pub struct Recorder;
impl DrawHandler<AccountId> for Recorder {
	fn on_draw(block_id: BlockId, outcome: DrawOutcome<AccountId>) {
		DrawsOfBlock::mutate(|draws| draws.push((block_id, outcome.clone())));
		<BlockProposal as DrawHandler<AccountId>>::on_draw(block_id, outcome);
	}

	fn on_draw_weight() -> Weight {
		<BlockProposal as DrawHandler<AccountId>>::on_draw_weight()
	}
}

impl pallet_prover_pool::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Tokens;
	type OnSlash = ();
	type BlockNumberProvider = System;
	type Randomness = Seeds;
	type Selection = EditionLottery;
	type ProtocolOrigin = EnsureNever<()>;
	type CancelSlashOrigin = EnsureRoot<AccountId>;
	type DrawHandler = Recorder;
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

/// The proof of a true statement. Only [`crate::chain::Chain::prove`] makes it, and only for statements
/// that are true.
pub const TRUE: u8 = 1;

/// Accepts [`TRUE`], and anything else only while it is broken.
pub struct Verifier;
impl ProofVerifier for Verifier {
	type Tag = u8;

	fn verify(_instance: H256, proof: &[u8]) -> Verification<u8> {
		let tag = (proof == [TRUE] || VerifierBroken::get()).then_some(0);
		Verification { tag, weight: Self::verify_weight(0) }
	}

	fn verify_weight(_proof_len: u32) -> Weight {
		Weight::from_parts(1_000_000, 0)
	}

	fn is_revoked(tag: &u8) -> bool {
		Revoked::get() && *tag == 0
	}

	fn is_revoked_weight() -> Weight {
		Weight::from_parts(1_000, 0)
	}
}

parameter_types! {
	/// True if what vouches for all proofs so far was revoked.
	pub static Revoked: bool = false;
}

/// The largest reward whose slash the smallest stake covers, as in the demo.
pub struct MaxSecuredReward;
impl Get<Balance> for MaxSecuredReward {
	fn get() -> Balance {
		MinStakePerCapacity::get() / Balance::from(SlashMultiplier::get().max(1))
	}
}

impl pallet_block_proposal::Config for Runtime {
	type RuntimeHoldReason = RuntimeHoldReason;
	type Currency = Tokens;
	type ProverPool = ProverPool;
	type ProofVerifier = Verifier;
	type ProposerOrigin = EnsureSigned<AccountId>;
	type DisputeOrigin = EnsureRoot<AccountId>;
	type EmergencyOrigin = EnsureRoot<AccountId>;
	type OnSlash = ();
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
	type MaxLiability = MaxLiability;
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
