//! The attacks, each in a file of its own.

pub mod broken_verifier;
pub mod cancelling;
pub mod censoring;
pub mod crowding_out;
pub mod deferred_slashes;
pub mod dodging;
pub mod early_release;
pub mod evicting;
pub mod full_queue;
pub mod lazy;
pub mod leaving;
pub mod lifting;
pub mod overstated_capacity;
pub mod paused_slots;
pub mod replacing;
pub mod self_propose;
pub mod several_slots;
pub mod sizing;
pub mod slow_list;
pub mod splitting;
pub mod steering_by_pausing;
pub mod suspension_griefing;
pub mod undercutting;
pub mod withholding;
pub mod wrong_parents;

use crate::attack::Attack;

/// Returns all attacks, in the order in which the report shows them.
pub fn all() -> Vec<Attack> {
	[
		withholding::ATTACKS,
		replacing::ATTACKS,
		several_slots::ATTACKS,
		sizing::ATTACKS,
		leaving::ATTACKS,
		steering_by_pausing::ATTACKS,
		splitting::ATTACKS,
		evicting::ATTACKS,
		paused_slots::ATTACKS,
		overstated_capacity::ATTACKS,
		lazy::ATTACKS,
		slow_list::ATTACKS,
		suspension_griefing::ATTACKS,
		cancelling::ATTACKS,
		censoring::ATTACKS,
		wrong_parents::ATTACKS,
		early_release::ATTACKS,
		full_queue::ATTACKS,
		crowding_out::ATTACKS,
		self_propose::ATTACKS,
		broken_verifier::ATTACKS,
		undercutting::ATTACKS,
		lifting::ATTACKS,
		dodging::ATTACKS,
		deferred_slashes::ATTACKS,
	]
	.concat()
}

/// Returns the attack of this name.
pub fn named(name: &str) -> Option<Attack> {
	all().into_iter().find(|attack| attack.name == name)
}
