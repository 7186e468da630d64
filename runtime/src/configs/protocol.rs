//! The protocol that draws provers from the pool: a small rollup.
//!
//! Its windows are short, so that within a quarter of an hour everything that can happen to a block
//! has been seen: proven in time, late, rescued, skipped. A rollup in production takes hours where this
//! one takes minutes, and multiplies them by the time its slowest prover needs.

use super::{
	consensus::{HOURS, MINUTES},
	money::UNIT,
	parameters::dynamic::pool,
};
use crate::{
	AccountId, Attestation, Balance, Balances, BlockNumber, ProverPool, Runtime, RuntimeHoldReason,
	SuccinctProofs, System,
};
use frame_support::{parameter_types, traits::Get};
use frame_system::{EnsureRoot, EnsureSigned};
use pallet_block_proposal::AnyOf;
use prover_pool_primitives::{Gas, PricePerGas};
use sp_runtime::Perbill;

/// The fee with which the rollup starts. A full block earns 0.1 tokens at it.
pub const FIRST_FEE_PER_GAS: PricePerGas = 10_000;

/// With which average delay the rollup starts: two minutes, so the first windows are four.
pub const FIRST_DELAY: BlockNumber = 2 * MINUTES;

parameter_types! {
	/// A quarter of [`MaxGasLimit`], the least that the protocol allows: an empty block costs a fifth
	/// of a full one.
	pub const BaseGas: Gas = 2_000_000;
	/// What a block of a small rollup holds: some 380 transfers of 21 000 gas each.
	pub const MaxGasLimit: Gas = 8_000_000;
	/// 120 KiB, about what rollups publish at once elsewhere. Thirty such lists fit a block.
	pub const MaxTxListSize: u32 = 120 * 1024;
	/// 640 KiB: two segments of RISC Zero's greatest length, of four million cycles each, or three of the
	/// demo's. Proofs of some hundred bytes are the usual ones elsewhere. Five of this length fit a block. What is
	/// accepted pays no fee, so its length does not matter to provers.
	pub const MaxProofSize: u32 = 640 * 1024;
	/// With a block of the rollup in every slot, a hundred come within the longest window: one late
	/// prover does not stop proposals.
	pub const MaxUnverifiedBlocks: u32 = 128;
	/// As many as are drawn in one block. The queue has room for eight proposers with that many.
	pub const MaxPendingPerProposer: u32 = 16;
	/// A quarter of all blocks may wait for volunteers.
	pub const MaxOpenBlocks: u32 = 32;
	/// On each parent the assigned prover's claim and three of others. There is one right claim; the rest
	/// matters only if the verifier is broken.
	pub const MaxForks: u32 = 4;
	/// Four times that: to have the first forgotten costs sixteen bonds.
	pub const MaxBarred: u32 = 16;
	/// Two minutes. The demo's provers sign within seconds.
	pub const MinProofWindow: BlockNumber = 2 * MINUTES;
	/// Ten minutes.
	pub const MaxProofWindow: BlockNumber = 10 * MINUTES;
	/// Twice the average delay, in percent.
	pub const WindowMultiplier: u32 = 200;
	/// Half a minute: five blocks, in which a watcher can compare a claim with its own execution, and `Sudo`
	/// remove it. A chain in production takes as long as its governance needs.
	pub const Cooldown: BlockNumber = MINUTES / 2;
	/// Ten minutes after which a block that nobody proves can be skipped.
	pub const ExpiryPeriod: BlockNumber = 10 * MINUTES;
	/// An hour, in which somebody finds out what was verified wrongly.
	pub const MaxPause: BlockNumber = HOURS;
	/// An open block pays at first what the cheapest prover of the pool could have asked …
	pub const OpenRewardStart: u32 = 75;
	/// … and twice as much at the end of [`MaxProofWindow`].
	pub const OpenRewardEnd: u32 = 150;
	/// A tenth of the reward, for the prover of a block that another has failed to prove. The agreed reward
	/// pays for the proof, so this is for its transaction and the bond. With more, proposers gain by lists
	/// that make provers miss, and rescue them (`docs/economics.md`, `slow-list-bonus`).
	pub const RescueBonus: Perbill = Perbill::from_percent(10);
	/// 2.5 %: a reason to be fast, none to refuse work.
	pub const MaxDelayPenalty: Perbill = Perbill::from_parts(25_000_000);
	/// A hundred full blocks. The original looks back on 7 200, which nobody would see move.
	pub const AveragingFactor: u32 = 100;
	/// A tenth of the first fee. An empty block at 75 % of it still earns more than the existential
	/// deposit, so no account is too empty to be paid.
	pub const MinFeePerGas: PricePerGas = FIRST_FEE_PER_GAS / 10;
	/// Twenty times the first fee. A full block then pays 2.5 tokens at most, and failing it costs ten: the
	/// pool's `MinStakePerCapacity`.
	pub const MaxFeePerGas: PricePerGas = 20 * FIRST_FEE_PER_GAS;
	/// 1 %: pushing the fee takes at least seven minutes for a half or a double.
	pub const MaxFeeStep: Perbill = Perbill::from_percent(1);
	/// What the smallest stake covers.
	pub MaxSecuredReward: Balance =
		pool::MinStakePerCapacity::get() / Balance::from(pool::SlashMultiplier::get().max(1));
	/// One token, ten times what a full block earns at the first fee: too much to throw away, easy to have.
	pub const ProofBond: Balance = UNIT;
	/// A machine and its replacement for 32 provers: as many of the smallest as keep busy the 128 blocks
	/// that may wait. Fewer than the pool has slots, since members that are not drawn prove nothing, and
	/// several may share a machine. A chain on which each member has one of its own takes twice
	/// [`MAX_PROVERS`](super::pool::MAX_PROVERS).
	pub const MaxAttestationKeys: u32 = 64;
	/// Those that there are, and a next version of each.
	pub const MaxSystems: u32 = 8;
	/// An old and a new program for each system.
	pub const MaxPrograms: u32 = 16;
	/// Five minutes, for a demo. A chain in production takes longer than its members need to leave.
	pub const MinActivationDelay: BlockNumber = 5 * MINUTES;
}

impl pallet_block_proposal::Config for Runtime {
	type AveragingFactor = AveragingFactor;
	type BaseGas = BaseGas;
	type Cooldown = Cooldown;
	type Currency = Balances;
	/// `Sudo`, for a demo's disputes. A registered key that signs nonsense is revoked by it as well.
	type DisputeOrigin = EnsureRoot<AccountId>;
	/// `Sudo` too. A chain in production has a council for disputes, and all its governance for this.
	type EmergencyOrigin = EnsureRoot<AccountId>;
	type ExpiryPeriod = ExpiryPeriod;
	type MaxBarred = MaxBarred;
	type MaxDelayPenalty = MaxDelayPenalty;
	type MaxFeePerGas = MaxFeePerGas;
	type MaxFeeStep = MaxFeeStep;
	type MaxForks = MaxForks;
	type MaxGasLimit = MaxGasLimit;
	type MaxLiability = pool::MaxLiability;
	type MaxOpenBlocks = MaxOpenBlocks;
	type MaxPause = MaxPause;
	type MaxPendingPerProposer = MaxPendingPerProposer;
	type MaxProofSize = MaxProofSize;
	type MaxProofWindow = MaxProofWindow;
	type MaxSecuredReward = MaxSecuredReward;
	type MaxTxListSize = MaxTxListSize;
	type MaxUnverifiedBlocks = MaxUnverifiedBlocks;
	type MinFeePerGas = MinFeePerGas;
	type MinProofWindow = MinProofWindow;
	/// Forfeited tokens are burnt, as the pool's slashes are.
	type OnSlash = ();
	type OpenRewardEnd = OpenRewardEnd;
	type OpenRewardStart = OpenRewardStart;
	type ProofBond = ProofBond;
	/// Who executes and signs is trusted, who proves is not: the demo accepts both.
	type ProofVerifier = AnyOf<Attestation, SuccinctProofs>;
	/// Everybody may propose who can pay for it.
	type ProposerOrigin = EnsureSigned<AccountId>;
	type ProverPool = ProverPool;
	type RescueBonus = RescueBonus;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = pallet_block_proposal::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarking::Proofs;
	type WindowMultiplier = WindowMultiplier;
}

impl pallet_attestation::Config for Runtime {
	/// `Sudo` decides whose machines are trusted.
	type AdminOrigin = EnsureRoot<AccountId>;
	type MaxAttestationKeys = MaxAttestationKeys;
	type WeightInfo = pallet_attestation::weights::SubstrateWeight<Runtime>;
}

impl pallet_succinct_proofs::Config for Runtime {
	/// `Sudo` decides which programs are the rollup's.
	type AdminOrigin = EnsureRoot<AccountId>;
	type BlockNumberProvider = System;
	type MaxPrograms = MaxPrograms;
	type MaxSystems = MaxSystems;
	type MinActivationDelay = MinActivationDelay;
	/// `Sudo` too. A chain in production has a committee that can act within minutes.
	type PauseOrigin = EnsureRoot<AccountId>;
	type WeightInfo = pallet_succinct_proofs::weights::SubstrateWeight<Runtime>;
}
