//! Rules that a model can break on purpose, to show that the comparison notices it.

/// One rule, broken in one place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
	/// R1: the overbid is rounded down.
	Overbid,
	/// R1: the oldest exit funds a stake first.
	YoungestExitFirst,
	/// R3: an exit does not answer for what was drawn at its date.
	ExitAnswers,
	/// R3: an exit that joins another one leaves its date.
	JoinedDate,
	/// R5: the point is the remainder of the seed.
	Point,
	/// R5: a seed may be known any time after the request.
	DrawDelay,
	/// R5, R9: changes count a block earlier.
	EntryDelay,
	/// R9: draws use more stake than there is.
	StakeThatLeft,
	/// R7: every exit pays by the shares that there were at first.
	Proportion,
	/// R7: the terms are those of the records, not those of the offer that was drawn.
	SlashTerms,
	/// R7: a slash is due a moment later.
	SlashDue,
	/// R10: a discharge does not reset the misses in a row.
	MissesInARow,
	/// R10: any share of the listed stake may be paused.
	PausedShare,
}
