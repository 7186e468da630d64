//! Rules that a model can break on purpose, to show that the comparison notices it.

/// One rule, broken in one place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
	/// Life 2: a claim at the deadline is too late.
	Deadline,
	/// Life 3: places are counted for all parents together.
	PlacesPerParent,
	/// Life 4: a claim waits one block longer.
	Cooldown,
	/// Life 4: bonds of claims on other parents go back.
	BondForfeited,
	/// Life 5: a claim that was removed may be made again.
	Barred,
	/// Life 6: a block that has not expired is skipped.
	SkipAfterExpiry,
	/// Life 6: a block is skipped as soon as it is the head.
	TimeAsHead,
	/// Life 6: the prover of a cancelled block stays assigned.
	CancelledDischarged,
	/// Money: a prover is paid twice.
	PaidOnce,
	/// Money: a late prover is paid.
	LateUnpaid,
	/// Money: a rescuer gets its whole reward again.
	RescueBonus,
	/// Money: a delay costs nothing.
	DelayPenalty,
	/// Money: the fee moves in one block as far as the averages do.
	FeeStep,
	/// Proofs: a void claim counts.
	VoidClaim,
	/// Proofs: a claim needs no second proof.
	SecondProof,
}
