//! The units of docs/operating/systemd, against the command line.

use clap::Parser;
use prover_pool_cli::args::{Cli, Command};
use std::{fs, path::Path};

const DOCS: &str = "../docs";

/// The units: names and texts.
fn units() -> Vec<(String, String)> {
	let entries = fs::read_dir(Path::new(DOCS).join("operating/systemd")).unwrap();
	let files = entries.map(|entry| entry.unwrap().path());
	let units = files.filter(|file| file.extension().is_some_and(|it| it == "service"));
	let read = |file: &Path| {
		let name = file.file_name().unwrap().to_str().unwrap().to_string();
		(name, fs::read_to_string(file).unwrap())
	};
	let mut units: Vec<_> = units.map(|file| read(&file)).collect();
	units.sort();
	units
}

/// The words of the only command of a unit.
fn words(unit: &str) -> Vec<String> {
	let unit = unit.replace("\\\n", " ").replace("${CREDENTIALS_DIRECTORY}", "/run/credentials");
	let commands: Vec<_> = unit.lines().filter_map(|it| it.strip_prefix("ExecStart=")).collect();
	let [command] = commands[..] else { panic!("{commands:?}") };
	assert!(
		!command.contains(['$', '%', '"']),
		"{command} needs more than white space to be split"
	);
	command.split_whitespace().map(String::from).collect()
}

#[test]
fn units_start_what_this_program_accepts() {
	let mut started = Vec::new();
	let page = fs::read_to_string(Path::new(DOCS).join("deploying.md")).unwrap();
	for (name, unit) in units() {
		assert!(page.contains(&format!("operating/systemd/{name}")), "{name} is not documented");
		let words = words(&unit);
		if words[0] != "/usr/local/bin/prover-pool" {
			assert_eq!(words[0], "/usr/local/bin/prover-pool-node");
			continue;
		}
		let cli = Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{name}: {error}"));
		let (command, port) = match &cli.command {
			Command::Run(args) => ("run", args.metrics.port()),
			Command::Exporter(args) => ("exporter", args.listen.port()),
			Command::Dashboard(args) => ("dashboard", args.listen.port()),
			other => panic!("{name} runs {other:?}"),
		};
		assert!(page.contains(&format!("| {port} TCP |")), "port {port} is not documented");
		started.push(command);
	}
	assert_eq!(started, ["dashboard", "exporter", "run"]);
}

/// A secret in an argument is in the list of processes.
#[test]
fn units_read_secrets_from_credentials() {
	for (name, unit) in units() {
		let words = words(&unit);
		let files = words.windows(2).filter(|it| it[0].ends_with("-file"));
		for file in files {
			let credential = file[1].strip_prefix("/run/credentials/");
			let credential = credential.unwrap_or_else(|| panic!("{name}: {file:?}"));
			assert!(unit.contains(&format!("\nLoadCredential={credential}:/etc/")), "{credential}");
		}
	}
}
