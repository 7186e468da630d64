//! What a runtime decides.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod config {
	/// What a runtime decides. Items marked *bound* must be constant: storage is laid out for them. All
	/// others may be dynamic (for instance from `pallet-parameters`, with [`Pallet::check_parameters`]
	/// after each change); assignments keep the slash terms with which they were drawn. So only bounds are
	/// constants of the metadata, which clients keep: the others are read by `get_parameters`.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The runtime's reasons for holds, which include this pallet's.
		type RuntimeHoldReason: Parameter
			+ Member
			+ MaxEncodedLen
			+ Copy
			+ VariantCount
			+ From<HoldReason>;

		/// The tokens that are staked. Its limit of holds per account must leave room for this pallet's
		/// [`HoldReason`], or accounts with other holds cannot stake.
		type Currency: MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ BalancedHold<Self::AccountId>;

		/// Receives what is slashed and not paid to a reporter. `()` burns it; a treasury is the other
		/// common choice. An account that controls the receiver and can cause slashes can take stakes.
		type OnSlash: OnUnbalanced<CreditOf<Self>>;

		/// The clock of all periods: exit, change delay, liability, suspension, slash deferral. It must
		/// never run backwards.
		///
		/// Solochains take `frame_system::Pallet`; parachains that produce blocks irregularly take their
		/// relay chain's number, so that periods mean time. A chain that changes it must run
		/// [`MoveClock`](crate::migrations::MoveClock), or every stored moment is in the wrong unit.
		type BlockNumberProvider: BlockNumberProvider;

		/// The seed of draws, with the `frame_system` block since which it was known (R5). The seed must
		/// be uniform over 256 bits; of longer hashes the first 256 bits count. `None`: no seed now,
		/// requests wait.
		///
		/// An account that knows a seed before the requests that it decides chooses the provers. Use a
		/// source that many block authors contribute to (`pallet-vrf-accumulator` over BABE's VRF
		/// outputs), never one author's output alone, a block hash or the collective flip.
		type Randomness: Randomness<Option<Self::Hash>, BlockNumberFor<Self>>;

		/// Ranks the members and draws one: `pallet-prover-lottery`, or a policy of the runtime's own. A
		/// chain that changes it must rebuild the new one's state from [`Provers`], or it draws nobody.
		type Selection: Selection<BalanceOf<Self>>;

		/// An origin that may call the protocol's side directly: `EnsureNever`, unless the protocol does
		/// not live in a pallet of this runtime. A runtime enables this or the hook trait, not both.
		type ProtocolOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// May cancel a deferred slash until it is due (R7). It can undo the protocol's slashes, so it
		/// should be governance or a council of it. Without deferral it has nothing to cancel.
		type CancelSlashOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Handles the outcome of draws that were requested through the hook trait.
		type DrawHandler: DrawHandler<Self::AccountId>;

		/// The most exits that an account has at once, at least 1 (R3). *Bound*: if it is lowered, accounts
		/// with more exits keep them, and their weight is more than what was charged. 8 is enough for
		/// anybody who unstakes at most once a day of a week's exit period.
		#[pallet::constant]
		type MaxExits: Get<u32>;

		/// The smallest capacity a prover may declare, at least 1. Lower values let a member occupy a slot
		/// without contributing useful capacity.
		type MinCapacity: Get<Capacity>;

		/// The largest capacity a prover may declare (D18). A slash takes a share of the stake divided by
		/// the capacity: without a limit a large stake could shrink its slashes by a declaration alone.
		type MaxCapacity: Get<Capacity>;

		/// The smallest stake per unit of capacity, in base units, at least 1 (D15). At least
		/// [`Config::SlashMultiplier`] times the reward of a full block at the highest fee expected, or
		/// failing costs less than proving.
		type MinStakePerCapacity: Get<BalanceOf<Self>>;

		/// How long an exit lasts, in units of [`Config::BlockNumberProvider`] (R3). Longer than
		/// any failure to prove may go unnoticed. A change affects exits made from then on.
		type ExitPeriod: Get<MomentOf<Self>>;

		/// How long a member stays at least after it entered, in units of
		/// [`Config::BlockNumberProvider`] (R2).
		type MinChangeDelay: Get<MomentOf<Self>>;

		/// The share of what answers that a slash takes, divided by the capacity (R7).
		type SlashPoints: Get<Perbill>;

		/// The multiple of the proof's reward that a slash takes, if that is more (R7).
		type SlashMultiplier: Get<u32>;

		/// Whether a slash takes exits before the stake, as the original did, instead of all in
		/// proportion (R7, D16). With it, a large exit shields a small stake from ejection.
		type SlashExitsFirst: Get<bool>;

		/// How long the tokens of a slash stay on hold before they move, in units of
		/// [`Config::BlockNumberProvider`] (R7). 0: they move at once and no slash can be cancelled.
		/// Long enough for [`Config::CancelSlashOrigin`] to notice a bug of the protocol.
		type SlashDeferral: Get<MomentOf<Self>>;

		/// How many slashed assignments in a row suspend an account (R10). 0: never.
		type MaxMisses: Get<u32>;

		/// How long a suspension lasts, in units of [`Config::BlockNumberProvider`] (R10).
		type SuspensionPeriod: Get<MomentOf<Self>>;

		/// Nobody is suspended while that would leave more than this share of the listed stake paused, by
		/// suspensions or by choice (R10). 100 %: no limit. 0 suspends no listed member, and is refused
		/// unless [`Config::MaxMisses`] is 0.
		///
		/// Work that nobody can do in time makes every prover miss, not only bad ones. Without a limit, a
		/// prover that causes such work has all others suspended and is drawn alone. Two things limit
		/// the choice: a member with more than this share of the stake is never suspended, nor are others
		/// while members with this share are paused.
		type MaxPausedShare: Get<Perbill>;

		/// By which share of its stake, rounded up, the smallest member must be exceeded to be replaced
		/// (D12). 0 lets one base unit evict.
		type MinOverbid: Get<Perbill>;

		/// Below which share of its minimum stake a member is ejected by a slash. 0: only without any
		/// stake (D5).
		type EjectionThreshold: Get<Perbill>;

		/// The age, in units of [`Config::BlockNumberProvider`], after which a prover may discharge its
		/// own assignment (R8). Well above the time that the protocol takes to settle any block, or
		/// provers dodge their slash.
		type MaxLiability: Get<MomentOf<Self>>;

		/// How many `frame_system` blocks entries and changes wait until draws and rank use them (R5). It
		/// must be longer than any run of blocks by one author that need be feared: an author of the
		/// whole delay can fit an offer to a seed. Above [`Config::DrawDelay`], or a member that sees a
		/// request is paused before its draw; a queue that takes several blocks to draw still gives it
		/// that time. 0: at once, which also allows that. Well below [`Config::MinChangeDelay`], or a
		/// member that leaves and enters again in time is never ranked.
		type EntryDelay: Get<BlockNumberFor<Self>>;

		/// How many `frame_system` blocks after its request a draw's seed must become known, at least 1
		/// (R5). The author of all these blocks knows the seed at the request.
		type DrawDelay: Get<BlockNumberFor<Self>>;

		/// How many requests may wait for their draw. *Bound*: if it is lowered, a longer queue keeps its
		/// requests and accepts no more.
		#[pallet::constant]
		type MaxPendingDraws: Get<u32>;

		/// How many draws happen in one block, at most. Their weight, the handler's included, must stay
		/// below half of a block.
		#[pallet::constant]
		type MaxDrawsPerBlock: Get<u32>;

		/// How many entries and changes are listed in one block, at most (R9). Others wait one block
		/// longer.
		#[pallet::constant]
		type MaxAdmissions: Get<u32>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;

		/// What benchmarks cannot set up themselves: `()` where there is always a seed.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: benchmarking::BenchmarkHelper;
	}
}
