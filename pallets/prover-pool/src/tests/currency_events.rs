//! The currency's events account for the hold: their sum is what is held, after every step.

use frame_support::assert_ok;
use pallet_balances::Event as Currency;

use crate::mock::*;

/// Returns the sum of the currency's events on what the pool holds of an account.
fn accounted(who: AccountId) -> Balance {
	let changes = System::events().into_iter().filter_map(|record| match record.event {
		RuntimeEvent::Balances(Currency::Held { who, amount, .. }) => Some((who, amount as i128)),
		RuntimeEvent::Balances(
			Currency::Released { who, amount, .. } | Currency::BurnedHeld { who, amount, .. },
		) => Some((who, -(amount as i128))),
		_ => None,
	});
	let sum: i128 = changes.filter(|(holder, _)| *holder == who).map(|(_, change)| change).sum();
	sum.try_into().expect("more was taken than held")
}

#[track_caller]
fn assert_accounted(expected: Balance) {
	assert_eq!((held(ALICE), accounted(ALICE)), (expected, expected));
}

#[test]
fn every_change_of_the_hold_has_an_event_of_the_currency() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(stake(ALICE, 1_000, 100, 4));
		assert_accounted(1_000);
		assert_ok!(stake_extra(ALICE, 500));
		assert_accounted(1_500);

		// Between stake and exits nothing changes.
		advance_clock(11);
		assert_ok!(unstake(ALICE, 300));
		assert_ok!(restake(ALICE, 0));
		assert_ok!(unstake(ALICE, 200));
		assert_accounted(1_500);

		// A slash at once, part of it from the exit, with a reporter.
		assign(1, ALICE);
		assert_eq!(slash_for(1, 10, BOB, 5), Ok(75));
		assert_accounted(1_425);

		// A deferred slash moves tokens when it is applied, and releases them when it is cancelled.
		SlashDeferral::set(20);
		for block_id in [2, 3] {
			assign(block_id, ALICE);
			assert_eq!(slash(block_id, 25), Ok(100));
		}
		assert_accounted(1_425);
		assert_ok!(ProverPool::cancel_slash(RuntimeOrigin::root(), 2));
		assert_accounted(1_325);
		advance_clock(21);
		assert_ok!(ProverPool::apply_slash(signed(BOB), 3));
		assert_accounted(1_225);

		advance_clock(101);
		assert_ok!(exit(ALICE));
		advance_clock(101);
		assert_ok!(withdraw(ALICE));
		assert_accounted(0);
	});
}
