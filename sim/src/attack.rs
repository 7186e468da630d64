//! What an attack is, and how it is measured.

use crate::{
	parameters::Parameters,
	stats::{Estimate, Paired},
};
use indicatif::ProgressBar;
use rayon::prelude::*;

/// One run to make.
#[derive(Clone, Debug)]
pub struct Case {
	/// Decides everything that is random. An attack and its control have the same.
	pub seed: u64,
	/// True if the attacker attacks. Else it does what an honest account of its size does.
	pub attack: bool,
	/// The value of the attack's [`Variable`].
	pub value: f64,
	/// The chain's parameters. The variable may change one of them.
	pub parameters: Parameters,
}

/// What a run brought. Amounts are in tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
	/// What the attacker gained.
	pub profit: f64,
	/// What the victims lost.
	pub loss: f64,
	/// Proposals accepted.
	pub blocks: u64,
	/// Blocks of the chain.
	pub chain_blocks: u64,
	/// Blocks of the rollup that were verified.
	pub verified: u64,
}

/// The one parameter of an attack that decides whether it pays.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
	/// What it is, with its unit.
	pub name: &'static str,
	/// Its value on the demo chain, or the strength of the attacker that is taken as the standard.
	pub demo: f64,
	/// The values that the report shows.
	pub values: &'static [f64],
	/// True if only whole numbers make sense.
	pub whole: bool,
}

/// The sign of the attacker's profit at the demo's value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Expected {
	/// The attacker loses.
	Loses,
	/// The attacker gains nothing that could be told from 0.
	Nothing,
	/// The attacker gains: what remains, with its figure in the documentation, or rules of the first
	/// edition.
	Gains,
}

/// An attack. Each has a file of its own under `attacks`.
#[derive(Clone, Copy, Debug)]
pub struct Attack {
	/// A short name, as in a command.
	pub name: &'static str,
	/// The strategy in words: who does what, in which market, and what the control does.
	pub words: &'static str,
	/// What decides whether it pays.
	pub variable: Variable,
	/// The sign at the demo's value.
	pub expected: Expected,
	/// How many pairs of runs the report makes at the demo's value: 10,000, unless `why_fewer` says why
	/// not. Other values get a twentieth.
	pub runs: u64,
	/// Why there are fewer and longer runs; empty if there are not.
	pub why_fewer: &'static str,
	/// How many pairs of runs show the sign in the smoke test.
	pub smoke_runs: u64,
	/// Makes one run.
	pub run: fn(&Case) -> Outcome,
}

/// What the measurement of an attack at one value of its variable says. Amounts are in tokens per 1,000 blocks
/// of the rollup that are proposed in the control.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
	/// The value.
	pub value: f64,
	/// What the attack gains against the control.
	pub profit: Estimate,
	/// What the victims lose against the control.
	pub loss: Estimate,
	/// Verified blocks per block of the chain, with the attack.
	pub liveness: f64,
	/// The same in the control.
	pub control_liveness: f64,
}

/// The least profit that counts, in tokens per 1,000 blocks: rounding alone makes smaller ones.
const LEAST_PROFIT: f64 = 0.000_5;

impl Measured {
	/// Returns the sign of the profit, as far as its interval says one. What the report shows as 0 has none.
	pub fn sign(&self) -> Expected {
		if self.profit.mean.abs() < LEAST_PROFIT {
			Expected::Nothing
		} else if self.profit.low() > 0.0 {
			Expected::Gains
		} else if self.profit.high() < 0.0 {
			Expected::Loses
		} else {
			Expected::Nothing
		}
	}
}

/// Where among the values of its variable an attack pays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pays {
	/// At none of them.
	Never,
	/// At all of them.
	Always,
	/// From this value on.
	From(f64),
	/// Up to this value.
	UpTo(f64),
}

/// Fewer pairs of runs than this say little.
const LEAST_RUNS: u64 = 20;

impl Attack {
	/// Measures the attack at a value of its variable, by pairs of runs on all cores. The result depends on
	/// the seed alone, not on the number of cores.
	pub fn measure(
		&self,
		parameters: &Parameters,
		value: f64,
		runs: u64,
		seed: u64,
		progress: &ProgressBar,
	) -> Measured {
		let pairs: Vec<(Outcome, Outcome)> = (0..runs)
			.into_par_iter()
			.map(|run| {
				let case = |attack| Case {
					seed: seed.wrapping_mul(1_000_003).wrapping_add(run),
					attack,
					value,
					parameters: parameters.clone(),
				};
				let pair = ((self.run)(&case(true)), (self.run)(&case(false)));
				progress.inc(1);
				pair
			})
			.collect();
		let paired = Paired::new(&pairs);
		Measured {
			value,
			profit: paired.difference(|outcome| outcome.profit),
			loss: paired.difference(|outcome| outcome.loss),
			liveness: paired.liveness(true),
			control_liveness: paired.liveness(false),
		}
	}

	/// Returns how many pairs of runs other values than the demo's get, if the demo's gets `runs`.
	pub fn runs_elsewhere(runs: u64) -> u64 {
		(runs / 20).max(runs.min(LEAST_RUNS))
	}

	/// Measures it at all values of the variable: the demo's with all runs, others with a twentieth of them.
	pub fn sweep(
		&self,
		parameters: &Parameters,
		runs: u64,
		seed: u64,
		progress: &ProgressBar,
	) -> Vec<Measured> {
		let runs_at = |value: f64| {
			if value == self.variable.demo {
				runs
			} else {
				Self::runs_elsewhere(runs)
			}
		};
		let at = |value: &f64| self.measure(parameters, *value, runs_at(*value), seed, progress);
		self.variable.values.iter().map(at).collect()
	}

	/// Returns the number of pairs that [`Self::sweep`] makes.
	pub fn sweep_runs(&self, runs: u64) -> u64 {
		let others =
			self.variable.values.iter().filter(|value| **value != self.variable.demo).count();
		let demo = self.variable.values.len() - others;
		demo as u64 * runs + others as u64 * Self::runs_elsewhere(runs)
	}

	/// Returns where in a sweep the attack pays. If it pays at some values only, the end is found by
	/// bisection between two of them: `runs` pairs for each of up to `steps` halves.
	pub fn pays(
		&self,
		parameters: &Parameters,
		sweep: &[Measured],
		runs: u64,
		seed: u64,
		steps: u32,
		progress: &ProgressBar,
	) -> Pays {
		let pays = |measured: &Measured| measured.sign() == Expected::Gains;
		let Some(pair) = sweep.windows(2).find(|pair| pays(&pair[0]) != pays(&pair[1])) else {
			return if sweep.iter().any(pays) { Pays::Always } else { Pays::Never };
		};
		let (mut low, mut high) = (pair[0].value, pair[1].value);
		let low_pays = pays(&pair[0]);
		for _ in 0..steps {
			let middle = (low + high) / 2.0;
			let middle = if self.variable.whole { middle.round() } else { middle };
			if middle == low || middle == high {
				break;
			}
			progress.inc_length(runs);
			if pays(&self.measure(parameters, middle, runs, seed, progress)) == low_pays {
				low = middle;
			} else {
				high = middle;
			}
		}
		if low_pays {
			Pays::UpTo(low)
		} else {
			Pays::From(high)
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// An attack that gains what its value exceeds 3 by, per block.
	const PAYS_ABOVE_THREE: Attack = Attack {
		name: "",
		words: "",
		variable: Variable { name: "", demo: 2.0, values: &[0.0, 2.0, 8.0], whole: false },
		expected: Expected::Loses,
		runs: 10_000,
		why_fewer: "",
		smoke_runs: 2,
		run: |case| Outcome {
			profit: if case.attack { case.value - 3.0 } else { 0.0 },
			blocks: 1,
			..Outcome::default()
		},
	};

	fn where_it_pays(attack: &Attack) -> Pays {
		let demo = Parameters::demo();
		let hidden = ProgressBar::hidden();
		let sweep = attack.sweep(&demo, 20, 1, &hidden);
		attack.pays(&demo, &sweep, 20, 1, 10, &hidden)
	}

	#[test]
	fn the_value_from_which_an_attack_pays_is_found() {
		let Pays::From(value) = where_it_pays(&PAYS_ABOVE_THREE) else { panic!("it pays above 3") };
		assert!((value - 3.0).abs() < 0.01, "{value}");
		let whole = Variable { whole: true, ..PAYS_ABOVE_THREE.variable };
		let attack = Attack { variable: whole, ..PAYS_ABOVE_THREE };
		assert_eq!(where_it_pays(&attack), Pays::From(4.0));
	}

	#[test]
	fn an_attack_may_pay_up_to_a_value_always_or_never() {
		let of = |run: fn(&Case) -> Outcome| where_it_pays(&Attack { run, ..PAYS_ABOVE_THREE });
		assert_eq!(of(|_| Outcome::default()), Pays::Never);
		assert_eq!(
			of(|case| Outcome { profit: f64::from(u8::from(case.attack)), ..Outcome::default() }),
			Pays::Always,
		);
		let Pays::UpTo(value) = of(|case| Outcome {
			profit: if case.attack { 3.0 - case.value } else { 0.0 },
			..Outcome::default()
		}) else {
			panic!("it pays below 3")
		};
		assert!((value - 3.0).abs() < 0.01, "{value}");
	}
}
