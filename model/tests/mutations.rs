//! A model that breaks one rule differs from its pallet, and the comparison notices it.

#[path = "steps/pool.rs"]
mod pool_steps;
#[path = "steps/rollup.rs"]
mod rollup_steps;

use std::{
	fmt::Debug,
	panic::{catch_unwind, AssertUnwindSafe},
};

use proptest::{
	strategy::{Strategy, ValueTree},
	test_runner::TestRunner,
};
use prover_pool_model::{pool, rollup};

/// The limit of random sequences.
const SEQUENCES: usize = 400;

fn assert_noticed<Input: Debug>(
	rule: impl Debug,
	inputs: impl Strategy<Value = Input>,
	run: impl Fn(Input),
) {
	let mut runner = TestRunner::deterministic();
	let noticed = (0..SEQUENCES).any(|_| {
		let input = inputs.new_tree(&mut runner).expect("every input is possible").current();
		catch_unwind(AssertUnwindSafe(|| run(input))).is_err()
	});
	assert!(noticed, "{rule:?} was broken, and nothing differed");
}

fn assert_pool_notices(rule: pool::Rule) {
	assert_noticed(rule, pool_steps::any_run(160), |(settings, steps)| {
		pool::run_broken(settings, &steps, rule);
	});
}

fn assert_rollup_notices(rule: rollup::Rule) {
	assert_noticed(rule, rollup_steps::any_run(200), |steps| {
		rollup::run_broken(&steps, rule);
	});
}

macro_rules! rules {
	($notices:ident, $module:ident: $($name:ident: $rule:ident;)*) => {
		$(
			#[test]
			fn $name() {
				$notices($module::Rule::$rule);
			}
		)*
	};
}

rules! {
	assert_pool_notices, pool:
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
	r10_paused_share: PausedShare;
}

rules! {
	assert_rollup_notices, rollup:
	life2_deadline: Deadline;
	life3_places_per_parent: PlacesPerParent;
	life4_cooldown: Cooldown;
	life4_bond_forfeited: BondForfeited;
	life5_barred: Barred;
	life6_skip_after_expiry: SkipAfterExpiry;
	life6_time_as_head: TimeAsHead;
	life6_cancelled_discharged: CancelledDischarged;
	money_paid_once: PaidOnce;
	money_late_unpaid: LateUnpaid;
	money_rescue_bonus: RescueBonus;
	money_delay_penalty: DelayPenalty;
	money_fee_step: FeeStep;
	proofs_void_claim: VoidClaim;
	proofs_second_proof: SecondProof;
}
