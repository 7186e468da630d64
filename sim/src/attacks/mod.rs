//! The attacks, each in a file of its own.

pub mod deferred_slashes;
pub mod dodging;
pub mod lazy;
pub mod lifting;
pub mod sizing;
pub mod splitting;
pub mod undercutting;
pub mod withholding;

use crate::attack::Attack;

/// All attacks, in the order of the report.
pub fn all() -> Vec<Attack> {
	[
		withholding::ATTACKS,
		sizing::ATTACKS,
		splitting::ATTACKS,
		lazy::ATTACKS,
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
