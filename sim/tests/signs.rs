//! A short run of every attack: the attacker's profit has the sign that the report claims. Every invariant of
//! the pallets holds after each attack and each control, or `Setup::run` panics.

use indicatif::ProgressBar;
use prover_pool_sim::{attack::Expected, attacks, parameters::Parameters};

#[test]
fn every_attack_has_its_sign() {
	for attack in attacks::all() {
		let demo = Parameters::demo();
		let hidden = ProgressBar::hidden();
		let measured = attack.measure(&demo, attack.variable.demo, attack.smoke_runs, 1, &hidden);
		let profit = measured.profit;
		let holds = match attack.expected {
			Expected::Loses => profit.high() < 0.0,
			// No more than chance: twice the interval.
			Expected::Nothing => profit.mean <= 2.0 * profit.half_width,
			Expected::Gains => profit.low() > 0.0,
		};
		assert!(holds, "{}: {profit:?}, expected: {:?}", attack.name, attack.expected);
	}
}

#[test]
fn names_are_unique_and_variables_include_the_demo() {
	let attacks = attacks::all();
	for (at, attack) in attacks.iter().enumerate() {
		assert!(attacks[..at].iter().all(|it| it.name != attack.name), "{}", attack.name);
		assert!(attack.variable.values.contains(&attack.variable.demo), "{}", attack.name);
		assert!(attack.runs >= 10_000 || !attack.why_fewer.is_empty(), "{}", attack.name);
	}
}
