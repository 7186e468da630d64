//! The attacks, each in a file of its own.

pub mod broken_verifier;
pub mod cancelling;
pub mod crowding_out;
pub mod early_release;
pub mod full_queue;
pub mod lazy;
pub mod self_propose;
pub mod sizing;
pub mod slow_list;
pub mod splitting;
pub mod suspension_griefing;
pub mod withholding;
pub mod wrong_parents;

use crate::attack::Attack;

/// All attacks, in the order of the report.
pub fn all() -> Vec<Attack> {
	[
		withholding::ATTACKS,
		sizing::ATTACKS,
		splitting::ATTACKS,
		lazy::ATTACKS,
		slow_list::ATTACKS,
		suspension_griefing::ATTACKS,
		cancelling::ATTACKS,
		wrong_parents::ATTACKS,
		early_release::ATTACKS,
		full_queue::ATTACKS,
		crowding_out::ATTACKS,
		self_propose::ATTACKS,
		broken_verifier::ATTACKS,
	]
	.concat()
}

/// Returns the attack of this name.
pub fn named(name: &str) -> Option<Attack> {
	all().into_iter().find(|attack| attack.name == name)
}
