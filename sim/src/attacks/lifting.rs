//! Lifting the fee.

use crate::{
	attack::{Attack, Expected, Variable},
	pricing::{push, Victims, ASKS_MOST},
};

/// See the words.
pub const ATTACKS: &[Attack] = &[Attack {
	name: "lifting",
	words: "A share of the stake asks 125 % of every fee. The others ask for the first fee, twice their costs. \
	        Below 73.5 % of the stake the fee rises only to where the others' price is as far below it as \
	        balances the lifter's; above, it rises without end, as the others get no less than 75 % \
	        of it. In the control the lifter asks what the others ask. The loss is that of the proposers: the \
	        other provers gain.",
	variable: Variable {
		name: "share of the stake",
		demo: 0.75,
		values: &[0.1, 0.265, 0.5, 0.735, 0.75],
		whole: false,
	},
	expected: Expected::Gains,
	runs: 200,
	why_fewer: "Runs have 2,000 proposals: the fee moves slowly.",
	smoke_runs: 2,
	run: |case| push(case, ASKS_MOST, Victims::Proposers),
}];
