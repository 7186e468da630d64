//! Undercutting the fee.

use crate::{
	attack::{Attack, Expected, Variable},
	pricing::{push, Victims, ASKS_LEAST},
};

/// See the words.
pub const ATTACKS: &[Attack] = &[Attack {
	name: "undercutting",
	words: "A share of the stake asks 75 % of every fee. The others ask for the first fee, twice their costs, \
	        and pause while 125 % of the fee does not pay for a proof. With more than 26.5 % of the stake \
	        the fee falls without end, as the others get no more than 125 % of it. The undercutter works at the \
	        prices that it makes; it hopes to be drawn more often. In the control it asks what the others ask. The loss is \
	        that of the other provers: proposers gain.",
	variable: Variable {
		name: "share of the stake",
		demo: 0.3,
		values: &[0.1, 0.2, 0.265, 0.3, 0.4, 0.5, 0.75],
		whole: false,
	},
	expected: Expected::Loses,
	runs: 200,
	why_fewer: "Runs have 2,000 proposals: the fee moves slowly.",
	smoke_runs: 2,
	run: |case| push(case, ASKS_LEAST, Victims::Provers),
}];
