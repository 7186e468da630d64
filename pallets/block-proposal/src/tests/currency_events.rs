//! The currency's events account for every hold: their sum is what is held, account by account.

use std::collections::BTreeMap;

use frame_support::assert_ok;
use pallet_balances::{Event as Currency, Holds};
use sp_core::H256;

use crate::mock::*;

/// Amounts by account and reason.
type Sums = BTreeMap<(AccountId, String), i128>;

/// Returns what is held, by account and reason.
fn holds() -> Sums {
	let mut sums = Sums::new();
	for (who, holds) in Holds::<Test>::iter() {
		for hold in holds {
			sums.insert((who, format!("{:?}", hold.id)), hold.amount as i128);
		}
	}
	sums
}

/// Adds the changes that the currency's events report.
fn add_events(sums: &mut Sums) {
	for record in System::events() {
		let RuntimeEvent::Balances(event) = record.event else { continue };
		let (who, reason, change) = match event {
			Currency::Held { who, reason, amount } => (who, reason, amount as i128),
			Currency::Released { who, reason, amount }
			| Currency::BurnedHeld { who, reason, amount } => (who, reason, -(amount as i128)),
			// Always to the free balance of the receiver here.
			Currency::TransferOnHold { source, reason, amount, .. } => {
				(source, reason, -(amount as i128))
			},
			_ => continue,
		};
		*sums.entry((who, format!("{reason:?}"))).or_default() += change;
	}
	sums.retain(|_, sum| *sum != 0);
	forget_events();
}

#[test]
fn escrows_bonds_and_stakes_are_accounted_for() {
	ExtBuilder::default().build_and_execute(|| {
		// The genesis has no events.
		let mut sums = holds();
		forget_events();
		let mut check = |step: &str| {
			add_events(&mut sums);
			assert_eq!(sums, holds(), "{step}");
		};

		// The prover misses its window. A claim on a wrong parent forfeits its bond, the right one is paid.
		let id = assigned_block();
		check("assigned: the escrow is lowered");
		run_to(deadline(id) + 1);
		assert_ok!(prove_on(VANDALS[0], id, H256::repeat_byte(9)));
		assert_ok!(prove(RESCUER, id));
		check("proven: two bonds");
		cool_down_and_verify();
		assert_ok!(clear(id));
		assert!(slashes().iter().any(|(amount, _)| *amount > 0));
		check(
			"verified: paid from the escrow, a bond returned, a bond forfeited, the stake slashed",
		);

		// Nobody proves the next: its escrow is forfeited.
		let id = assigned_block();
		let_expire_and_skip(id);
		check("skipped: the escrow is forfeited");
		assert!(holds().keys().all(|(who, _)| *who == ASSIGNED), "only the stake is held");
	});
}
