#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

pub use instance::{instance_hash_of, INSTANCE_TAG};
pub use pallet::*;
pub use parameters::Parameters;
pub use types::*;
pub use verifier::ProofVerifier;
pub use weights::WeightInfo;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod charges;
mod disputes;
mod draws;
mod escrow;
pub mod fees;
mod instance;
mod integrity;
mod parameters;
mod proposing;
mod proving;
mod settlement;
mod skipping;
mod try_state;
pub mod types;
mod verifier;
mod verifying;
pub mod weights;
mod windows;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

const LOG_TARGET: &str = "runtime::block-proposal";

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{BalancedHold, MutateHold},
			OnUnbalanced, StorageVersion, VariantCount,
		},
		weights::WeightMeter,
	};
	use frame_system::pallet_prelude::*;
	use prover_pool_primitives::{BlockId, Gas, PoolError, PricePerGas, ProverPool};
	use sp_core::H256;
	use sp_runtime::Perbill;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What a runtime decides. Items marked *bound* must be constant: storage is laid out for them.
	/// Others may be dynamic (`pallet-parameters`): no payment exceeds its escrow whatever changes,
	/// though escrows cover their blocks fully only if those marked *escrow* wait until no block
	/// does. Periods are differences of [`Clock`]: blocks of this chain that admit extrinsics.
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
		/// both of this pallet's [`HoldReason`]s, and for the pool's: one may need them all.
		type Currency: MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ BalancedHold<Self::AccountId>;

		/// Who is asked for provers. With `()`, which never draws, every block has to expire.
		type ProverPool: ProverPool<Self::AccountId, BalanceOf<Self>>;

		/// What tells proofs from other bytes: the rollup's safety. `()` refuses everything.
		type ProofVerifier: ProofVerifier;

		/// Who may propose, and who pays: `EnsureSigned`, or the rollup's sequencer.
		type ProposerOrigin: EnsureOrigin<Self::RuntimeOrigin, Success = Self::AccountId>;

		/// Who may remove a wrong proof. It can delay blocks and make provers lose bonds and
		/// stakes, but cannot get a wrong block verified. `EnsureNever`, if nobody doubts proofs.
		type DisputeOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Receives what is forfeited: escrows of skipped blocks, bonds of losing proofs, what a
		/// payee cannot receive. `()` burns it. Nobody who receives it should cause it.
		type OnSlash: OnUnbalanced<CreditOf<Self>>;

		/// The gas that every block is charged for, used or not: the fixed part of proving. At
		/// least a quarter of [`Config::MaxGasLimit`], or small blocks crowd out large. *Escrow.*
		#[pallet::constant]
		type BaseGas: Get<Gas>;

		/// The highest gas limit: what every prover can do in [`Config::MinProofWindow`].
		#[pallet::constant]
		type MaxGasLimit: Get<Gas>;

		/// The longest transaction list, in bytes: a share of this chain's block length.
		#[pallet::constant]
		type MaxTxListSize: Get<u32>;

		/// The longest proof, in bytes, that the verifier gets to see.
		#[pallet::constant]
		type MaxProofSize: Get<u32>;

		/// How many blocks may wait for verification. Every one of them is a record in storage, and
		/// a skip or a dispute may have to read them all within a block (`integrity_test`).
		#[pallet::constant]
		type MaxUnverifiedBlocks: Get<u32>;

		/// How many blocks of one proposer may wait for their draw: nobody fills the queue alone.
		#[pallet::constant]
		type MaxPendingPerProposer: Get<u32>;

		/// How many blocks may be open or pending while the pool has no place left for another:
		/// beyond, proposals would only make work that nobody must do.
		#[pallet::constant]
		type MaxOpenBlocks: Get<u32>;

		/// How many proofs of one block are kept, at least 2: they differ in their parent. *Bound.*
		#[pallet::constant]
		type MaxForks: Get<u32>;

		/// How many removed proofs of one block stay barred; of more, the oldest is forgotten, and
		/// would have to be bonded and disputed anew. *Bound.*
		#[pallet::constant]
		type MaxBarredProofs: Get<u32>;

		/// The shortest time that an assigned prover has: enough for a full block.
		#[pallet::constant]
		type MinProofWindow: Get<TimeOf<Self>>;

		/// The longest time that it has; also the time over which open rewards rise.
		#[pallet::constant]
		type MaxProofWindow: Get<TimeOf<Self>>;

		/// An assigned prover's window, in percent of the average delay.
		#[pallet::constant]
		type WindowMultiplier: Get<u32>;

		/// How long a proof waits before it may be verified: the time that
		/// [`Config::DisputeOrigin`] has, and that provers of the next block have to build on it.
		#[pallet::constant]
		type Cooldown: Get<TimeOf<Self>>;

		/// When a request not drawn may be cancelled, and a block not proven skipped.
		#[pallet::constant]
		type ExpiryPeriod: Get<TimeOf<Self>>;

		/// The pool's own limit on how long an assignment binds a prover, in blocks of this chain. Only
		/// `integrity_test` reads it: a block must be settled well before its prover may walk away.
		#[pallet::constant]
		type MaxLiability: Get<TimeOf<Self>>;

		/// What an open block pays at once, in percent of the fee: at most 75, where staked work begins.
		#[pallet::constant]
		type OpenRewardStart: Get<u32>;

		/// What an open block pays after [`Config::MaxProofWindow`], in percent of the fee.
		/// Proposers escrow it, so it is at least 125: the pool may agree that much. *Escrow.*
		#[pallet::constant]
		type OpenRewardEnd: Get<u32>;

		/// What a rescuer gets from the slash besides its reward, as a share of the reward.
		#[pallet::constant]
		type RescueBonus: Get<Perbill>;

		/// The share of its reward that an assigned prover loses when it uses its whole window.
		#[pallet::constant]
		type MaxDelayPenalty: Get<Perbill>;

		/// How many full blocks the moving averages look back on, roughly; at least 1.
		#[pallet::constant]
		type AveragingFactor: Get<u32>;

		/// The fee never falls below this; at least 8, since ⌊125 %⌋ of less hardly lifts it.
		#[pallet::constant]
		type MinFeePerGas: Get<PricePerGas>;

		/// What an unassigned prover puts up for a proof, in base units: more than a place among
		/// [`Config::MaxForks`] is worth to a vandal, yet little to a rescuer.
		#[pallet::constant]
		type ProofBond: Get<BalanceOf<Self>>;

		/// The weights of this pallet.
		type WeightInfo: WeightInfo;

		/// What benchmarks cannot bring about themselves.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: benchmarking::BenchmarkHelper;
	}

	/// Why tokens are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// They are the escrow of blocks that the account proposed.
		#[codec(index = 0)]
		Escrow,
		/// They vouch for proofs of blocks that were not assigned to the account.
		#[codec(index = 1)]
		ProofBond,
	}

	/// The clock: how many blocks of this chain admitted extrinsics. It never goes back.
	#[pallet::storage]
	pub type Clock<T: Config> = StorageValue<_, TimeOf<T>, ValueQuery>;

	/// Where the rollup stands: ids, the last verified block, how many blocks wait for what.
	#[pallet::storage]
	pub type Chain<T: Config> = StorageValue<_, ChainStateOf<T>, ValueQuery>;

	/// From which fees and windows follow. The fee is never below [`Config::MinFeePerGas`].
	#[pallet::storage]
	pub type Averages<T: Config> = StorageValue<_, MovingAverages, ValueQuery>;

	/// The blocks that are neither verified nor skipped: the ids `head..next_id` of [`Chain`].
	///
	/// Twox: ids are the pallet's own, nobody can choose them to unbalance the trie.
	#[pallet::storage]
	pub type Blocks<T: Config> = StorageMap<_, Twox64Concat, BlockId, Block<T>, OptionQuery>;

	/// How many blocks of each proposer wait for their draw. No entry is 0.
	///
	/// Blake2: whoever chooses an account chooses the key.
	#[pallet::storage]
	pub type PendingOf<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u32, ValueQuery>;

	/// With what a rollup starts.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The first fee, in base units per gas. Raised to [`Config::MinFeePerGas`] if it is lower.
		pub fee_per_gas: PricePerGas,
		/// The first average delay.
		pub delay: TimeOf<T>,
		/// The hash of the rollup's genesis block: the parent of the first block.
		pub genesis_hash: H256,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			let fee_per_gas = self.fee_per_gas.max(T::MinFeePerGas::get());
			Averages::<T>::put(MovingAverages::starting_at(fee_per_gas, self.delay));
			Chain::<T>::put(ChainState::starting_from(self.genesis_hash));
		}
	}

	/// What happened; amounts in base units. Of every block, the `escrow` of
	/// [`Event::BlockProposed`] is the `paid + returned + forfeited` of its
	/// [`Event::BlockVerified`] or [`Event::BlockSkipped`], and the `bond`s of its
	/// [`Event::BlockProven`] are the `returned + forfeited` of its [`Event::BondSettled`].
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A block was proposed; its transaction list is an argument of the call (Life 1).
		BlockProposed {
			/// Its id.
			block_id: BlockId,
			/// Whose escrow pays for it.
			proposer: T::AccountId,
			/// The BLAKE2-256 hash of its transaction list.
			tx_list_hash: H256,
			/// The most gas it may use.
			gas_limit: Gas,
			/// The protocol's price for it, per gas.
			fee_per_gas: PricePerGas,
			/// What was held from the proposer.
			escrow: BalanceOf<T>,
		},
		/// A block was assigned to a prover (Life 2).
		BlockAssigned {
			/// The block.
			block_id: BlockId,
			/// Who must prove it.
			prover: T::AccountId,
			/// The price agreed, per gas.
			reward_per_gas: PricePerGas,
			/// The last time at which a proof is in time.
			deadline: TimeOf<T>,
			/// What of the escrow went back, since the price is lower than it might have been.
			returned: BalanceOf<T>,
		},
		/// A block has no assigned prover: anybody may prove it, for a rising reward (Life 2).
		BlockOpened {
			/// The block.
			block_id: BlockId,
			/// Why.
			cause: OpenCause,
		},
		/// A proof was accepted (Life 3).
		BlockProven {
			/// The block.
			block_id: BlockId,
			/// Who proved it.
			prover: T::AccountId,
			/// The hash that it gives the block.
			block_hash: H256,
			/// The hash of the block that it builds on.
			parent_hash: H256,
			/// The gas that the block uses.
			gas_used: Gas,
			/// What the proof pays per gas if it is verified and its prover is paid.
			reward_per_gas: PricePerGas,
			/// What was held from the prover for it.
			bond: BalanceOf<T>,
		},
		/// A proof gave way to one on the last verified hash (Life 3).
		ProofDisplaced {
			/// The block.
			block_id: BlockId,
			/// Whose proof it was.
			prover: T::AccountId,
		},
		/// A wrong proof was removed; its like is barred, and anybody may prove the block (Life 4).
		ProofRemoved {
			/// The block.
			block_id: BlockId,
			/// Whose proof it was.
			prover: T::AccountId,
			/// The parent on which this prover is barred.
			parent_hash: H256,
		},
		/// An assigned prover had proven in time, but on what is no longer the parent: its proof is
		/// dropped, and it may prove again (Life 4).
		WindowRestarted {
			/// The block.
			block_id: BlockId,
			/// Who must prove it.
			prover: T::AccountId,
			/// The last time at which a proof is in time.
			deadline: TimeOf<T>,
		},
		/// A block was verified and settled (Life 4).
		BlockVerified {
			/// The block.
			block_id: BlockId,
			/// Its hash: the parent of the next.
			block_hash: H256,
			/// Whose proof was the earliest on the last verified hash.
			prover: T::AccountId,
			/// How the prover fared.
			verdict: Verdict,
			/// What the prover received from the escrow.
			paid: BalanceOf<T>,
			/// What went back to the proposer, at the draw and now.
			returned: BalanceOf<T>,
			/// What went to [`Config::OnSlash`], since a payee could not receive it.
			forfeited: BalanceOf<T>,
		},
		/// A block that nobody proved was given up: it is no part of the rollup (Life 4).
		BlockSkipped {
			/// The block.
			block_id: BlockId,
			/// What of the escrow had gone back to the proposer at the draw.
			returned: BalanceOf<T>,
			/// What went to [`Config::OnSlash`]: all the rest.
			forfeited: BalanceOf<T>,
		},
		/// A proof is no longer stored, and its bond is settled.
		BondSettled {
			/// The block.
			block_id: BlockId,
			/// Whose bond.
			prover: T::AccountId,
			/// What went back to the prover: all or nothing.
			returned: BalanceOf<T>,
			/// What went to [`Config::OnSlash`]: the rest.
			forfeited: BalanceOf<T>,
		},
		/// Somebody could not receive what it was owed: [`Config::OnSlash`] did, and the block's
		/// other events count it as forfeited.
		PaymentFailed {
			/// The block.
			block_id: BlockId,
			/// Who was to receive it.
			who: T::AccountId,
			/// How much.
			amount: BalanceOf<T>,
		},
		/// The averages took in a block that its assigned prover proved in time.
		AveragesUpdated {
			/// The fee of the next proposal, per gas.
			fee_per_gas: PricePerGas,
			/// The window that a prover would be given now.
			window: TimeOf<T>,
		},
		/// The pool refused to release or close an assignment, and settlement went on without it.
		/// Usually, the prover had discharged itself when it was allowed to.
		PoolRefused {
			/// The block.
			block_id: BlockId,
			/// What the pool said.
			error: PoolError,
		},
	}

	/// Why a call was refused. Nothing has changed then.
	#[pallet::error]
	pub enum Error<T> {
		/// No block that waits for verification has this id.
		UnknownBlock,
		/// The transaction list is longer than `MaxTxListSize`.
		TxListTooLong,
		/// The gas limit is higher than `MaxGasLimit`.
		GasLimitTooHigh,
		/// As many blocks wait for verification as may.
		TooManyUnverifiedBlocks,
		/// As many blocks of this proposer wait for their draw as may.
		TooManyPendingBlocks,
		/// As many blocks are open or pending as may, and the pool has no place for another.
		TooManyOpenBlocks,
		/// The account has not the free funds for the escrow or the bond.
		NoFunds,
		/// As many requests wait for their draw as the pool takes.
		PoolQueueFull,
		/// The pool refused the request for another reason than a full queue.
		PoolRefusedRequest,
		/// The evidence is about another transaction list.
		WrongTxList,
		/// The evidence uses more gas than the block's limit.
		GasOverLimit,
		/// It is not yet this account's turn to prove the block.
		TooEarly,
		/// The proof is longer than `MaxProofSize`.
		ProofTooLong,
		/// The verifier does not accept the proof for this instance.
		InvalidProof,
		/// The account's live proof of this block builds on the same parent.
		AlreadyProven,
		/// A proof of this block by this account on this parent was removed.
		Barred,
		/// The parent is neither the last verified hash nor that of an earlier block's proof.
		WrongParent,
		/// As many proofs of the block are stored as may, and none gives way to this one.
		TooManyForks,
		/// The next block has no proof that may be verified now.
		NothingToVerify,
		/// The block's draw is done.
		NotPending,
		/// The block waits for its draw: it can be expired, not skipped.
		StillPending,
		/// The period after which this is allowed has not passed.
		NotExpired,
		/// Only the next block to verify can be skipped.
		NotHead,
		/// The block has a proof on the last verified hash: it will be verified, not skipped.
		HasProof,
		/// The prover has no live proof of this block on this parent.
		UnknownProof,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Counts this block: extrinsics follow.
		fn on_poll(_n: BlockNumberFor<T>, meter: &mut WeightMeter) {
			Self::tick(meter);
		}

		/// Verifies as many blocks as the weight left allows.
		fn on_idle(_n: BlockNumberFor<T>, remaining: Weight) -> Weight {
			Self::verify_within(remaining)
		}

		fn integrity_test() {
			Self::check_config();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_n: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The parameters as they are now.
		pub fn get_parameters() -> ParametersOf<T> {
			Self::parameters()
		}

		/// The price per gas that a proposal would get now.
		pub fn fee_per_gas() -> PricePerGas {
			Self::current_fee()
		}

		/// At most `max` blocks that wait for verification, from the id `from` on.
		pub fn blocks(from: BlockId, max: u32) -> Vec<(BlockId, Block<T>)> {
			Self::blocks_from(from, max)
		}

		/// What a proof of this block, accepted now, would pay per gas.
		pub fn reward_per_gas(block_id: BlockId) -> Option<PricePerGas> {
			let block = Blocks::<T>::get(block_id)?;
			Self::reward_at(&block, Clock::<T>::get())
		}

		/// What a proof of this block by `prover` must prove: see [`instance_hash_of`].
		pub fn instance_hash(
			block_id: BlockId,
			evidence: Evidence,
			prover: T::AccountId,
		) -> Option<H256> {
			Some(instance_hash_of::<T>(block_id, &Blocks::<T>::get(block_id)?, &evidence, &prover))
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Proposes the next block: holds its escrow and asks the pool for a prover (Life 1).
		///
		/// The origin must be [`Config::ProposerOrigin`]. The fee pre-pays the draw and the
		/// settlement. Emits [`Event::BlockProposed`].
		#[pallet::call_index(0)]
		#[pallet::weight(Pallet::<T>::weight_of_propose(tx_list.len()))]
		pub fn propose_block(
			origin: OriginFor<T>,
			tx_list: Vec<u8>,
			gas_limit: Gas,
			beneficiary: T::AccountId,
		) -> DispatchResult {
			let proposer = T::ProposerOrigin::ensure_origin(origin)?;
			Self::do_propose(proposer, &tx_list, gas_limit, beneficiary)
		}

		/// Proves a block on the last verified hash, or on the proof of the earlier block `parent_id`
		/// (Life 3). `parent_id` is looked at only if the parent is not the last verified hash.
		///
		/// Signed by the prover: the assigned one until its window has passed, anybody afterwards
		/// and for open blocks. All but the assigned one put up [`Config::ProofBond`]. A proof
		/// replaces the prover's earlier one on another parent and counts from now: who was in time
		/// should not replace after the deadline. Emits [`Event::BlockProven`].
		#[pallet::call_index(1)]
		#[pallet::weight(Pallet::<T>::weight_of_prove(proof.len()))]
		pub fn prove_block(
			origin: OriginFor<T>,
			block_id: BlockId,
			parent_id: BlockId,
			evidence: Evidence,
			proof: Vec<u8>,
		) -> DispatchResult {
			let prover = ensure_signed(origin)?;
			Self::do_prove(prover, block_id, parent_id, evidence, &proof)
		}

		/// Verifies and settles up to `max` blocks now, not when a block has weight left (Life 4).
		///
		/// Signed by anybody, free if at least one block was verified: their proposers paid for it.
		/// Emits [`Event::BlockVerified`] for each.
		#[pallet::call_index(2)]
		#[pallet::weight(Pallet::<T>::weight_of_verify(*max))]
		pub fn verify_blocks(origin: OriginFor<T>, max: u32) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_verify(max)
		}

		/// Cancels the request of a block that was not drawn in time, and opens the block (Life 2).
		///
		/// Signed by anybody. Emits [`Event::BlockOpened`].
		#[pallet::call_index(3)]
		#[pallet::weight(Pallet::<T>::weight_of_expire())]
		pub fn expire_request(origin: OriginFor<T>, block_id: BlockId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_expire(block_id)
		}

		/// Gives up the next block to verify if it expired without a proof on the last verified hash
		/// (Life 4): its escrow is forfeited, its prover slashed, bonds on it returned.
		///
		/// Signed by anybody. Emits [`Event::BlockSkipped`].
		#[pallet::call_index(4)]
		#[pallet::weight(Pallet::<T>::weight_of_skip())]
		pub fn skip_block(origin: OriginFor<T>, block_id: BlockId) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_skip(block_id)
		}

		/// Removes a wrong proof: its bond is forfeited, its like is barred, the block is open to
		/// anybody at its unchanged price (Life 4). If the assigned prover's, the assignment has
		/// failed.
		///
		/// The origin must be [`Config::DisputeOrigin`]. Emits [`Event::ProofRemoved`].
		#[pallet::call_index(5)]
		#[pallet::weight(Pallet::<T>::weight_of_dispute())]
		pub fn dispute_proof(
			origin: OriginFor<T>,
			block_id: BlockId,
			parent_hash: H256,
			prover: T::AccountId,
		) -> DispatchResultWithPostInfo {
			T::DisputeOrigin::ensure_origin(origin)?;
			Self::do_dispute(block_id, parent_hash, prover)
		}
	}
}
