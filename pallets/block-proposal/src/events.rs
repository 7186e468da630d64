//! Events and errors. Wallets show their texts.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod events {
	/// What happened; amounts in base units. Of every block, the `escrow` of [`Event::BlockProposed`] is
	/// the `paid + returned + forfeited` of its [`Event::BlockVerified`], [`Event::BlockSkipped`] or
	/// [`Event::BlockCancelled`], and the `bond` of each [`Event::BlockClaimed`] is the
	/// `returned + forfeited` of its [`Event::BondSettled`].
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A block was proposed; its transaction list is an argument of the call (Life 1).
		BlockProposed {
			/// The block.
			block_id: BlockId,
			/// The account whose escrow pays for it.
			proposer: T::AccountId,
			/// The SHA-256 hash of its transaction list.
			tx_list_hash: H256,
			/// The most gas it may use.
			gas_limit: Gas,
			/// The protocol's price for it, per gas.
			fee_per_gas: PricePerGas,
			/// The amount held from the proposer.
			escrow: BalanceOf<T>,
		},
		/// A block was assigned to a prover (Life 2).
		BlockAssigned {
			/// The block.
			block_id: BlockId,
			/// The account that must prove it.
			prover: T::AccountId,
			/// The agreed price, per gas.
			reward_per_gas: PricePerGas,
			/// The last time at which a claim is in time.
			deadline: TimeOf<T>,
			/// The part of the escrow that went back, since the price is lower than it might have been.
			returned: BalanceOf<T>,
		},
		/// A block has no assigned prover: any account may prove it (Life 2).
		BlockOpened {
			/// The block.
			block_id: BlockId,
			/// The reason.
			cause: OpenCause,
		},
		/// A claim was accepted; it replaces an earlier one of the assigned prover (Life 3).
		BlockClaimed {
			/// The block.
			block_id: BlockId,
			/// The account that proved it.
			prover: T::AccountId,
			/// The hash of the parent.
			parent_hash: H256,
			/// The hash of the block on this parent.
			block_hash: H256,
			/// The gas that the block uses.
			gas_used: Gas,
			/// What the claim pays per gas if it is verified and its prover is paid.
			reward_per_gas: PricePerGas,
			/// The amount held from the prover.
			bond: BalanceOf<T>,
			/// What vouched for the proof.
			tag: TagOf<T>,
		},
		/// A wrong claim was removed and is barred; any account may prove the block if the claim was the
		/// assigned prover's (Life 5).
		ClaimRemoved {
			/// The block.
			block_id: BlockId,
			/// The account whose claim it was.
			prover: T::AccountId,
			/// The hash of the parent.
			parent_hash: H256,
			/// The hash that is barred for the block on this parent.
			block_hash: H256,
			/// The gas that is barred with it.
			gas_used: Gas,
		},
		/// A claim has its second proof (Proofs).
		ClaimConfirmed {
			/// The block.
			block_id: BlockId,
			/// The account whose claim it is.
			prover: T::AccountId,
			/// The hash of the parent.
			parent_hash: H256,
			/// The hash that the claim gives the block.
			block_hash: H256,
			/// The gas that the claim gives the block.
			gas_used: Gas,
			/// What vouches for it now.
			tag: TagOf<T>,
		},
		/// A claim was removed because it had no second proof at the end of its cooldown; any account may prove the
		/// block if the claim was the assigned prover's (Proofs).
		ClaimUnconfirmed {
			/// The block.
			block_id: BlockId,
			/// The account whose claim it was.
			prover: T::AccountId,
			/// The hash of the parent.
			parent_hash: H256,
			/// The hash that the claim gave the block.
			block_hash: H256,
			/// The gas that the claim gave the block.
			gas_used: Gas,
		},
		/// A claim was dropped because what vouched for it was revoked (Proofs).
		ClaimVoided {
			/// The block.
			block_id: BlockId,
			/// The account whose claim it was.
			prover: T::AccountId,
			/// The hash of the parent.
			parent_hash: H256,
			/// The hash that the claim gave the block.
			block_hash: H256,
			/// The gas that the claim gave the block.
			gas_used: Gas,
			/// What was revoked.
			tag: TagOf<T>,
		},
		/// A block was verified and settled (Life 4).
		BlockVerified {
			/// The block.
			block_id: BlockId,
			/// Its hash: the parent of the next.
			block_hash: H256,
			/// The account whose claim was verified.
			prover: T::AccountId,
			/// How the prover is paid.
			verdict: Verdict,
			/// The amount that the prover received from the escrow.
			paid: BalanceOf<T>,
			/// The amount that went back to the proposer, at the draw and now.
			returned: BalanceOf<T>,
			/// The amount that went to [`Config::OnSlash`], since a payee could not receive it.
			forfeited: BalanceOf<T>,
		},
		/// A block that nobody proved was given up: it is no part of the rollup (Life 6).
		BlockSkipped {
			/// The block.
			block_id: BlockId,
			/// The part of the escrow that had gone back to the proposer at the draw.
			returned: BalanceOf<T>,
			/// The part that went to [`Config::OnSlash`]: all the rest.
			forfeited: BalanceOf<T>,
		},
		/// Blocks were cancelled and will be settled one by one, before any other (Life 6, Life 7).
		BlocksCancelled {
			/// The first of them.
			from: BlockId,
			/// The id after the last of them.
			below: BlockId,
			/// True if provers whose window has passed without a claim are slashed.
			slashing: bool,
		},
		/// A cancelled block was settled (Life 6).
		BlockCancelled {
			/// The block.
			block_id: BlockId,
			/// The part of the escrow that went back to the proposer, at the draw and now.
			returned: BalanceOf<T>,
			/// The part that went to [`Config::OnSlash`], since the proposer could not receive it.
			forfeited: BalanceOf<T>,
		},
		/// A claim is no longer stored, and its bond is settled.
		BondSettled {
			/// The block.
			block_id: BlockId,
			/// The account whose bond it is.
			prover: T::AccountId,
			/// The amount that went back to the prover: all or nothing.
			returned: BalanceOf<T>,
			/// The amount that went to [`Config::OnSlash`]: the rest.
			forfeited: BalanceOf<T>,
		},
		/// An account could not receive what it was owed: [`Config::OnSlash`] received it, and the block's
		/// other events count it as forfeited.
		PaymentFailed {
			/// The block.
			block_id: BlockId,
			/// The account that was to receive it.
			who: T::AccountId,
			/// The amount.
			amount: BalanceOf<T>,
		},
		/// The averages took in a block that its assigned prover proved in time.
		AveragesUpdated {
			/// The fee of the next proposal, per gas.
			fee_per_gas: PricePerGas,
			/// The window that a prover drawn now would have.
			window: TimeOf<T>,
		},
		/// The pool refused to release or close an assignment, and settlement went on without it. Usually
		/// the prover had discharged itself when it was allowed to.
		PoolRefused {
			/// The block.
			block_id: BlockId,
			/// The pool's reason.
			error: PoolError,
		},
		/// Proposals, verification, skips and the clock stand still (Life 7).
		Paused {
			/// The first block of this chain in which they go on, unless they are unpaused before.
			until: BlockNumberFor<T>,
		},
		/// The pause is over (Life 7).
		Unpaused,
		/// The rollup goes on from another hash (Life 7).
		Reset {
			/// The parent of the next block.
			verified_hash: H256,
		},
		/// The protocol was started on a chain that already ran.
		Started {
			/// The hash of the rollup's genesis block: the parent of the first block.
			genesis_hash: H256,
			/// The first fee, per gas.
			fee_per_gas: PricePerGas,
			/// The first average delay.
			delay: TimeOf<T>,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The protocol has not been started on this chain.
		NotStarted,
		/// Blocks have been proposed already.
		AlreadyStarted,
		/// The fee is outside the accepted range.
		InvalidFee,
		/// The protocol is paused.
		Paused,
		/// The protocol is not paused.
		NotPaused,
		/// No block with this id waits for verification.
		UnknownBlock,
		/// The block was cancelled and will be settled.
		Cancelled,
		/// The transaction list is longer than `MaxTxListSize`.
		TxListTooLong,
		/// The gas limit is higher than `MaxGasLimit`.
		GasLimitTooHigh,
		/// The fee is higher than the proposer accepts.
		FeeTooHigh,
		/// The limit of unverified blocks is reached.
		TooManyUnverifiedBlocks,
		/// This proposer has too many pending blocks.
		TooManyPendingBlocks,
		/// Too many open or pending blocks, and no free capacity.
		TooManyOpenBlocks,
		/// Insufficient free balance for the escrow or bond.
		NoFunds,
		/// The draw queue is full.
		PoolQueueFull,
		/// The pool refused the request.
		PoolRefusedRequest,
		/// The claim uses more gas than the block's limit.
		GasOverLimit,
		/// This account may not prove the block yet.
		TooEarly,
		/// The proof is longer than `MaxProofSize`.
		ProofTooLong,
		/// The proof is not valid for this claim and prover.
		InvalidProof,
		/// The same claim is stored already.
		AlreadyProven,
		/// The claim needs no second proof, or has it already.
		AlreadyConfirmed,
		/// The same claim was removed as wrong.
		Barred,
		/// All places for claims on this parent are taken.
		TooManyForks,
		/// The next block has no claim that may be verified now.
		NothingToVerify,
		/// No settled block with this id has claims left on these parents.
		NothingToClear,
		/// The block's draw is done.
		NotPending,
		/// The block waits for its draw.
		StillPending,
		/// The period after which this is allowed has not passed.
		NotExpired,
		/// Only the next block to verify can be skipped.
		NotHead,
		/// The block has a claim on the verified hash.
		HasClaim,
		/// The block has no such claim.
		UnknownClaim,
	}
}
