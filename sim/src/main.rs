//! The command line of the simulator.

use clap::{Parser, Subcommand};
use prover_pool_sim::{
	advise,
	attack::Attack,
	attacks, fairness,
	parameters::Parameters,
	rate, report,
	serial_delay::{self, Slow},
};
use std::{path::PathBuf, process::ExitCode};

/// Simulates attacks on the prover pool's pallets, in memory.
#[derive(Parser)]
#[command(name = "prover-pool-sim", version)]
struct Arguments {
	#[command(subcommand)]
	command: Command,
}

#[derive(Subcommand)]
enum Command {
	/// Measures how many blocks of the rollup one core simulates in a second
	Rate {
		/// The members of the pool
		#[arg(long, default_value_t = 32)]
		members: u64,
		/// The proposals in each block of the chain
		#[arg(long, default_value_t = 8.0)]
		demand: f64,
		/// The blocks of the chain
		#[arg(long, default_value_t = 2_000)]
		blocks: u64,
		/// The seed
		#[arg(long, default_value_t = 1)]
		seed: u64,
	},
	/// Measures one attack at all values of its variable
	Attack {
		/// The name of the attack
		name: String,
		#[command(flatten)]
		runs: Runs,
	},
	/// Measures all attacks, and prints their tables
	All {
		#[command(flatten)]
		runs: Runs,
	},
	/// Measures how much slow provers delay the rollup of the demo chain, and prints a table
	SerialDelay {
		/// The blocks of the chain for each line of the table
		#[arg(long, default_value_t = 3_000)]
		blocks: u64,
		/// The seed of the draws
		#[arg(long, default_value_t = 1)]
		seed: u64,
		/// The provers that rescue blocks, 1 to 8
		#[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=8))]
		rescuers: u64,
		/// The chain's `DrawDelay`, if other than the demo's
		#[arg(long)]
		draw_delay: Option<u64>,
	},
	/// Writes `economics.md` and its plots
	Report {
		#[command(flatten)]
		runs: Runs,
		/// The folder
		#[arg(long, default_value = "docs")]
		folder: PathBuf,
		/// The day to be printed
		#[arg(long)]
		date: String,
	},
	/// Measures what honest provers earn, and prints the chapter of the report
	Fairness {
		/// The runs for each row, if other than those of the documentation
		#[arg(long)]
		runs: Option<u64>,
		/// The seed of all runs
		#[arg(long, default_value_t = 1)]
		seed: u64,
		/// The folder for plots
		#[arg(long, default_value = "docs/economics")]
		folder: PathBuf,
	},
	/// Prints parameters for a chain, with the formula and the reason for each
	Advise(advise::Chain),
}

#[derive(clap::Args)]
struct Runs {
	/// The pairs of runs at the demo's value, if other than the attack's own number
	#[arg(long)]
	runs: Option<u64>,
	/// The seed of all runs
	#[arg(long, default_value_t = 1)]
	seed: u64,
}

fn main() -> ExitCode {
	match execute(Arguments::parse().command) {
		Ok(()) => ExitCode::SUCCESS,
		Err(message) => {
			eprintln!("error: {message}");
			ExitCode::FAILURE
		},
	}
}

fn execute(command: Command) -> Result<(), String> {
	match command {
		Command::Rate { members, demand, blocks, seed } => {
			let rate = rate::measure(members, demand, blocks, seed);
			println!(
				"{:.0} blocks of the rollup per second and core, {members} members ({} in {:.2} s)",
				rate.per_second(),
				rate.verified,
				rate.time.as_secs_f64(),
			);
			Ok(())
		},
		Command::Attack { name, runs } => {
			let attack = attacks::named(&name).ok_or_else(|| unknown(&name))?;
			print(&attack, &runs);
			Ok(())
		},
		Command::All { runs } => {
			for attack in attacks::all() {
				print(&attack, &runs);
			}
			Ok(())
		},
		Command::SerialDelay { blocks, seed, rescuers, draw_delay } => {
			let mut parameters = Parameters::demo();
			parameters.draw_delay = draw_delay.unwrap_or(parameters.draw_delay);
			println!("{blocks} blocks, seed {seed}, {rescuers} rescuers");
			println!("DrawDelay {}\n", parameters.draw_delay);
			let (slow, percent) = (Slow::Fails, 0);
			let request =
				serial_delay::Request { parameters, slow, percent, rescuers, blocks, seed };
			print!("{}", serial_delay::table(&request));
			Ok(())
		},
		Command::Report { runs, folder, date } => {
			let command = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
			let command = format!("prover-pool-sim {command}");
			let request = report::Request { runs: runs.runs, seed: runs.seed, command, date };
			report::write(&request, &folder)
		},
		Command::Fairness { runs, seed, folder } => {
			std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
			print!("{}", fairness::report(fairness::Scale::with_runs(runs), seed, &folder)?);
			Ok(())
		},
		Command::Advise(chain) => {
			print!("{}", chain.advise()?);
			Ok(())
		},
	}
}

fn unknown(name: &str) -> String {
	let names: Vec<_> = attacks::all().iter().map(|attack| attack.name).collect();
	format!("no attack is called {name}; there are {}", names.join(", "))
}

fn print(attack: &Attack, runs: &Runs) {
	let count = runs.runs.unwrap_or(attack.runs);
	let bar = report::progress(attack.name, attack.sweep_runs(count));
	let sweep = attack.sweep(&Parameters::demo(), count, runs.seed, &bar);
	bar.finish_and_clear();
	println!("{}\n", attack.words);
	println!("{}", report::table(attack, &sweep));
	if let Some(demo) = sweep.iter().find(|it| it.value == attack.variable.demo) {
		println!("{}\n", report::verdict(attack, demo));
	}
}
