//! The attacks, each in a file of its own.

pub mod evicting;
pub mod lazy;
pub mod leaving;
pub mod overstated_capacity;
pub mod paused_slots;
pub mod replacing;
pub mod several_slots;
pub mod sizing;
pub mod splitting;
pub mod steering_by_pausing;
pub mod withholding;

use crate::attack::Attack;

/// All attacks, in the order of the report.
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
	]
	.concat()
}

/// Returns the attack of this name.
pub fn named(name: &str) -> Option<Attack> {
	all().into_iter().find(|attack| attack.name == name)
}
