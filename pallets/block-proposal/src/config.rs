//! What a runtime decides.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod config {
	/// What a runtime decides. Items marked *bound* must be constant: storage is laid out for them. All
	/// others may be dynamic (for instance from `pallet-parameters`, with [`Pallet::check_parameters`]
	/// after each change). No payment exceeds its escrow whatever changes, but escrows cover their blocks
	/// fully only if items marked *escrow* change while no block waits. Periods are differences of
	/// [`Clock`]: blocks of this chain that admit extrinsics.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The runtime's reasons for holds, which include this pallet's.
		type RuntimeHoldReason: Parameter
			+ Member
			+ MaxEncodedLen
			+ Copy
			+ VariantCount
			+ From<HoldReason>;

		/// The tokens in which provers are paid. Its limit of holds per account must leave room for
		/// both of this pallet's [`HoldReason`]s and for the pool's, or accounts with other holds can
		/// neither propose nor prove.
		type Currency: MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ BalancedHold<Self::AccountId>;

		/// The pool that is asked for provers. With `()`, which never draws, every block has to expire.
		type ProverPool: ProverPool<Self::AccountId, BalanceOf<Self>>;

		/// Verifies proofs: the rollup's safety. `()` accepts nothing. A change of its
		/// [`Tag`](ProofVerifier::Tag) changes the layout of stored claims and needs a migration, or an
		/// empty rollup.
		type ProofVerifier: ProofVerifier;

		/// May propose, and pays: `EnsureSigned`, or the rollup's sequencer. Provers read the
		/// transaction list in the extrinsic, so an origin whose calls do not stand in extrinsics must
		/// not be accepted: nobody could prove its blocks.
		type ProposerOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = Self::AccountId>;

		/// May remove wrong claims. It can delay blocks and make provers lose bonds and stakes, but
		/// cannot get a wrong block verified. `EnsureNever` where proofs are beyond doubt.
		type DisputeOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// May pause and reset the protocol, and start it on a chain that already runs. It decides what
		/// the rollup's state is, so it must be stronger than [`Config::DisputeOrigin`].
		type EmergencyOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Receives what is forfeited: escrows of skipped blocks, bonds of wrong claims, what a payee
		/// cannot receive. `()` burns it. An account that receives it should not be able to cause it.
		type OnSlash: OnUnbalanced<CreditOf<Self>>;

		/// The gas that every block is charged for in addition to what it uses: the fixed part of
		/// proving. At least a quarter of [`Config::MaxGasLimit`], or small blocks crowd out large ones.
		/// *Escrow.*
		#[pallet::constant]
		type BaseGas: Get<Gas>;

		/// The highest gas limit: what every prover can prove within [`Config::MinProofWindow`]. If it
		/// is more, honest provers are slashed for full blocks.
		#[pallet::constant]
		type MaxGasLimit: Get<Gas>;

		/// The longest transaction list, in bytes: a share of this chain's block length.
		#[pallet::constant]
		type MaxTxListSize: Get<u32>;

		/// The longest proof, in bytes, that the verifier gets to see.
		#[pallet::constant]
		type MaxProofSize: Get<u32>;

		/// How many blocks may wait for verification, at most.
		#[pallet::constant]
		type MaxUnverifiedBlocks: Get<u32>;

		/// How many blocks of one proposer may wait for their draw: one account cannot fill the queue.
		#[pallet::constant]
		type MaxPendingPerProposer: Get<u32>;

		/// How many blocks may be open or pending while the pool has no free capacity for another.
		/// More would be work that nobody must do.
		#[pallet::constant]
		type MaxOpenBlocks: Get<u32>;

		/// How many claims on one parent a block has, at most, at least 2: one of the assigned prover,
		/// the rest of others. More than one place for others matters only where a verifier has accepted
		/// a wrong proof. *Bound.*
		#[pallet::constant]
		type MaxForks: Get<u32>;

		/// How many removed claims of a block stay barred. If there are more, the oldest is forgotten
		/// and would have to be disputed again. *Bound.*
		#[pallet::constant]
		type MaxBarred: Get<u32>;

		/// The shortest time that an assigned prover has: enough for a full block.
		#[pallet::constant]
		type MinProofWindow: Get<TimeOf<Self>>;

		/// The longest time that it has; also the time over which open rewards rise.
		#[pallet::constant]
		type MaxProofWindow: Get<TimeOf<Self>>;

		/// An assigned prover's window, in percent of the average delay.
		#[pallet::constant]
		type WindowMultiplier: Get<u32>;

		/// How long a claim waits before it may be verified: the time that governance has to notice a
		/// wrong claim and to act. Without a dispute in this time a wrong claim becomes the rollup's
		/// state, and only [`Call::reset`] leads back. At least 1.
		#[pallet::constant]
		type Cooldown: Get<TimeOf<Self>>;

		/// When a request that was not drawn may be cancelled, and a block that was not proven skipped.
		/// At least [`Config::MinProofWindow`], or nobody has time to rescue a block.
		#[pallet::constant]
		type ExpiryPeriod: Get<TimeOf<Self>>;

		/// The pool's limit on how long an assignment binds a prover, in blocks of this chain. Only
		/// `integrity_test` reads it: a block must be settled well before its prover may discharge
		/// itself.
		type MaxLiability: Get<TimeOf<Self>>;

		/// How long a pause lasts, at most, in blocks of this chain, at least 1. A pause ends by itself,
		/// so governance that fails does not stop the rollup.
		#[pallet::constant]
		type MaxPause: Get<BlockNumberFor<Self>>;

		/// What an open block pays at first, in percent of the fee: at most 75, where staked work begins.
		#[pallet::constant]
		type OpenRewardStart: Get<u32>;

		/// What an open block pays after [`Config::MaxProofWindow`], in percent of the fee. Proposers
		/// escrow it, so it is at least 125: the pool may agree that much. *Escrow.*
		#[pallet::constant]
		type OpenRewardEnd: Get<u32>;

		/// What a rescuer gets from the slash in addition to its reward, as a share of the reward: at least
		/// what its transaction and its bond cost, which is little. With much, proposers of lists that
		/// make provers miss gain by rescuing them: those lists cost more to prove than their gas says, and
		/// the bonus must not make up for it.
		#[pallet::constant]
		type RescueBonus: Get<Perbill>;

		/// The share of its reward that an assigned prover loses when it uses its whole window.
		#[pallet::constant]
		type MaxDelayPenalty: Get<Perbill>;

		/// How many full blocks the moving averages look back on, roughly; at least 1.
		#[pallet::constant]
		type AveragingFactor: Get<u32>;

		/// The lowest fee; at least 8, since ⌊125 %⌋ of less hardly lifts it.
		#[pallet::constant]
		type MinFeePerGas: Get<PricePerGas>;

		/// The highest fee: the one that the pool's stakes were chosen for (see
		/// [`Config::MaxSecuredReward`]). Above it, failing would cost a prover less than proving.
		#[pallet::constant]
		type MaxFeePerGas: Get<PricePerGas>;

		/// By which share the fee moves within one block of this chain, at most; more than 0. It bounds
		/// how fast a group of provers can push the fee.
		#[pallet::constant]
		type MaxFeeStep: Get<Perbill>;

		/// The largest reward whose slash the smallest stake covers: the pool's `MinStakePerCapacity`
		/// divided by its `SlashMultiplier`. Only `integrity_test` reads it.
		type MaxSecuredReward: Get<BalanceOf<Self>>;

		/// What an unassigned prover puts up for a claim, in base units. It pays for the storage of
		/// claims that are worthless: more than such a record is worth to a vandal, yet little to a
		/// rescuer.
		#[pallet::constant]
		type ProofBond: Get<BalanceOf<Self>>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;

		/// What benchmarks cannot set up themselves.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: benchmarking::BenchmarkHelper;
	}
}
