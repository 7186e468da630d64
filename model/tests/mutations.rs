//! A model that breaks one rule differs from the pool, and the comparison notices it.

mod steps;

use std::panic::{catch_unwind, AssertUnwindSafe};

use proptest::{
	strategy::{Strategy, ValueTree},
	test_runner::TestRunner,
};
use prover_pool_model::pool::{run_broken, Rule};

/// The most lives that it may take.
const LIVES: usize = 400;

fn assert_noticed(rule: Rule) {
	let mut runner = TestRunner::deterministic();
	let lives = steps::any_life(160);
	let noticed = (0..LIVES).any(|_| {
		let (life, steps) = lives.new_tree(&mut runner).expect("every life is possible").current();
		catch_unwind(AssertUnwindSafe(|| run_broken(life, &steps, rule))).is_err()
	});
	assert!(noticed, "{rule:?} was broken, and nothing differed");
}

macro_rules! rules {
	($($name:ident: $rule:ident;)*) => {
		$(
			#[test]
			fn $name() {
				assert_noticed(Rule::$rule);
			}
		)*
	};
}

rules! {
	r1_overbid: Overbid;
	r1_youngest_exit_first: YoungestExitFirst;
	r3_exit_answers: ExitAnswers;
	r3_joined_date: JoinedDate;
	r5_point: Point;
	r5_draw_delay: DrawDelay;
	r5_entry_delay: EntryDelay;
	r7_proportion: Proportion;
	r7_slash_due: SlashDue;
	r7_slash_terms: SlashTerms;
	r9_stake_that_left: StakeThatLeft;
	r10_misses_in_a_row: MissesInARow;
}
