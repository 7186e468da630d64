//! Events and errors. Wallets show their texts.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod events {
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account entered the pool (R1).
		Staked {
			/// The new member.
			who: T::AccountId,
			/// Its slot.
			prover_id: ProverId,
			/// Its whole stake, in base units.
			amount: BalanceOf<T>,
			/// Its price, in base units per gas.
			reward_per_gas: PricePerGas,
			/// Its free capacity: the declared capacity less the work it still has.
			current_capacity: Capacity,
		},
		/// A member left the pool (R2).
		Exited {
			/// The former member.
			who: T::AccountId,
			/// The stake that left, in base units.
			amount: BalanceOf<T>,
			/// The exit that the stake became or joined; `None` if nothing was left of it.
			exit: Option<ExitId>,
			/// Whether the member was replaced or ejected.
			forced: bool,
		},
		/// Free exits were paid out (R3).
		Withdrawn {
			/// The account that received the tokens.
			who: T::AccountId,
			/// The sum of the exits, in base units.
			amount: BalanceOf<T>,
		},
		/// A member added free tokens to its stake (R9).
		StakeIncreased {
			/// The member.
			who: T::AccountId,
			/// The amount added, in base units.
			amount: BalanceOf<T>,
		},
		/// A part of a stake became an exit (R9).
		Unstaked {
			/// The member.
			who: T::AccountId,
			/// The amount, in base units.
			amount: BalanceOf<T>,
			/// The exit that the amount became or joined.
			exit: ExitId,
		},
		/// An exit became stake again (R9).
		Restaked {
			/// The member.
			who: T::AccountId,
			/// The amount, in base units.
			amount: BalanceOf<T>,
			/// The former exit.
			exit: ExitId,
		},
		/// A member changed its price or capacity (R9).
		TermsChanged {
			/// The member.
			who: T::AccountId,
			/// Its new price, in base units per gas.
			reward_per_gas: PricePerGas,
			/// Its new capacity.
			max_capacity: Capacity,
		},
		/// A member paused (R9).
		Paused {
			/// The member.
			who: T::AccountId,
		},
		/// A member resumed (R9).
		Resumed {
			/// The member.
			who: T::AccountId,
		},
		/// The entry delay of a member's entry or change is over: draws and rank use its offer (R5).
		OfferListed {
			/// The member.
			who: T::AccountId,
		},
		/// An account missed too many assignments in a row (R10).
		Suspended {
			/// The account.
			who: T::AccountId,
			/// The last moment of the suspension.
			until: MomentOf<T>,
		},
		/// The slash that caused a suspension was cancelled (R7, R10).
		SuspensionEnded {
			/// The account.
			who: T::AccountId,
		},
		/// A block needs a prover; its draw comes in a later block (R4).
		ProverRequested {
			/// The block.
			block_id: BlockId,
			/// The protocol's price, in base units per gas.
			fee_per_gas: PricePerGas,
		},
		/// A prover was drawn (R4).
		ProverAssigned {
			/// The block to prove.
			block_id: BlockId,
			/// The account that must prove it.
			who: T::AccountId,
			/// The agreed price, in base units per gas.
			reward_per_gas: PricePerGas,
		},
		/// A draw had no result: the block is open, its id forgotten (R4).
		ProverNotFound {
			/// The block.
			block_id: BlockId,
			/// The reason.
			reason: OpenReason,
		},
		/// A pending request was cancelled (R8).
		RequestCancelled {
			/// The block.
			block_id: BlockId,
		},
		/// Work was delivered: its capacity has returned, the prover is still liable (R6).
		ProverReleased {
			/// The block.
			block_id: BlockId,
			/// The account that delivered it.
			who: T::AccountId,
		},
		/// An assignment was closed without a slash (R8).
		ProverDischarged {
			/// The block.
			block_id: BlockId,
			/// The account that is no longer liable for it.
			who: T::AccountId,
		},
		/// An assignment was closed with a slash, which may be zero (R7).
		Slashed {
			/// The block.
			block_id: BlockId,
			/// The account that was slashed.
			who: T::AccountId,
			/// The whole slash, in base units: the sum of the next two.
			amount: BalanceOf<T>,
			/// The part taken from exits.
			from_exits: BalanceOf<T>,
			/// The part taken from the stake.
			from_stake: BalanceOf<T>,
			/// The reason.
			fault: Fault,
		},
		/// The tokens of a slash stay on hold until it is due (R7).
		SlashDeferred {
			/// The block.
			block_id: BlockId,
			/// From this moment on the slash can be applied, and no longer cancelled.
			due_at: MomentOf<T>,
		},
		/// The tokens of a deferred slash were taken (R7).
		SlashApplied {
			/// The block.
			block_id: BlockId,
			/// The account that was slashed.
			who: T::AccountId,
			/// The amount, in base units.
			amount: BalanceOf<T>,
		},
		/// A deferred slash was cancelled, and its tokens released (R7).
		SlashCancelled {
			/// The block.
			block_id: BlockId,
			/// The account that received the tokens.
			who: T::AccountId,
			/// The amount, in base units.
			amount: BalanceOf<T>,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The member entered too recently.
		ChangeTooFrequent,
		/// Price, capacity or stake is outside the accepted range.
		InvalidParams,
		/// The pool is full, and its smallest stake is not outbid.
		ProverNotGoodEnough,
		/// The account is not in the pool.
		NotInPool,
		/// The account has no exit whose exit period is over.
		NoMatureExit,
		/// The exit still answers for assignments that are not closed.
		StillLiable,
		/// The account has no exit with this id.
		UnknownExit,
		/// The member is paused already.
		AlreadyPaused,
		/// The member is not paused.
		NotPaused,
		/// The suspension is not over.
		StillSuspended,
		/// The draw queue is full.
		QueueFull,
		/// The block is pending, assigned, or its slash is pending.
		AlreadyAssigned,
		/// The block has neither a request nor an assignment.
		UnknownBlock,
		/// The draw has not happened yet.
		StillPending,
		/// The work was released before.
		AlreadyReleased,
		/// The assignment belongs to another account.
		NotYourAssignment,
		/// The assignment is too young for its prover to discharge it.
		NotOverdue,
		/// The block has no pending slash.
		NoPendingSlash,
		/// The slash is due and can no longer be cancelled.
		SlashDue,
		/// The slash is not due yet.
		SlashNotDue,
		/// The free balance is too small for the stake, with what must stay in the account.
		InsufficientFunds,
	}
}
