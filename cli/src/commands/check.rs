//! `check`: whether this program fits a runtime, before the runtime is enacted or after.

use crate::{
	amount::Token,
	args::{CheckArgs, Global},
	client::Client,
	compatibility::{compare, wasm, Part, Problem, Report, Version, USES},
	output::{pairs, Show},
	Error, Result,
};
use serde::Serialize;
use subxt::metadata::ArcMetadata;

#[derive(Serialize)]
struct Check {
	/// The file or the node.
	source: String,
	runtime: Version,
	program: &'static str,
	built_for: Version,
	/// True if the daemon can prove, also with `--for`.
	can_prove: bool,
	parts: Vec<Checked>,
}

#[derive(Serialize)]
struct Checked {
	part: Part,
	fits: bool,
	/// What it means if it does not.
	consequence: Option<&'static str>,
	problems: Vec<Problem>,
}

/// Compares the runtime in a file, or that of a node, with this program. Fails if the daemon cannot
/// prove with it.
pub async fn run(global: &Global, args: CheckArgs) -> Result<()> {
	let (source, runtime, metadata) = match args.wasm {
		Some(path) => {
			let wasm::Runtime { version, metadata } = wasm::load(&path)?;
			(path.display().to_string(), version, metadata.arc())
		},
		None => present(global).await?,
	};
	let check = Check::new(source, runtime, compare(&metadata)?)?;
	// Nothing here is an amount.
	global.output.print(&check, &Token::new("UNIT", 0)?)?;
	check.verdict()
}

/// Returns the runtime after the best block of a node.
async fn present(global: &Global) -> Result<(String, Version, ArcMetadata)> {
	let client = Client::connect(&global.url, global.insecure).await?;
	let at = client.best().await?;
	let answer = client.rpc().state_call("Core_version", None, Some(at.block_hash())).await?;
	let version = Version::decode(&answer).ok_or_else(|| {
		Error::Incompatible("the version of the runtime cannot be decoded".into())
	})?;
	Ok((client.url().into(), version, at.metadata()))
}

impl Check {
	fn new(source: String, runtime: Version, report: Report) -> Result<Self> {
		let parts = USES.iter().map(|(part, _)| {
			let problems = report.problems(*part).to_vec();
			let fits = problems.is_empty();
			let consequence = (!fits).then(|| part.consequence());
			Checked { part: *part, fits, consequence, problems }
		});
		Ok(Self {
			source,
			runtime,
			program: env!("CARGO_PKG_VERSION"),
			built_for: Version::known()?,
			can_prove: report.fits(Part::Proving) && report.fits(Part::Proxies),
			parts: parts.collect(),
		})
	}

	fn verdict(&self) -> Result<()> {
		let part = |part: Part| self.parts.iter().find(|it| it.part == part && !it.fits);
		let unfit = part(Part::Proving).or(part(Part::Proxies)).and_then(|it| it.consequence);
		match unfit {
			None => Ok(()),
			Some(consequence) => Err(Error::Incompatible(format!(
				"this program does not fit the runtime {}: {consequence}",
				self.runtime
			))),
		}
	}

	/// Returns the names of the parts that fit.
	fn fitting(&self) -> String {
		let fitting = self.parts.iter().filter(|it| it.fits).map(|it| it.part.name());
		let fitting: Vec<_> = fitting.collect();
		if fitting.is_empty() {
			"nothing".into()
		} else {
			fitting.join(", ")
		}
	}
}

impl Show for Check {
	fn text(&self, _: &Token) -> String {
		let mut text = pairs(&[
			("Runtime", format!("{}, {}", self.runtime, self.source)),
			("Program", format!("{}, built for {}", self.program, self.built_for)),
			("Fits", self.fitting()),
		]);
		for part in self.parts.iter().filter(|it| !it.fits) {
			let (name, consequence) = (part.part.name(), part.consequence.unwrap_or_default());
			text += &format!("\n\nUnfit: {name} ({consequence})");
			for problem in &part.problems {
				text += &format!("\n  {problem}");
			}
		}
		text
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::compatibility::tests::renamed;

	fn check(known: &str, new: &str) -> Check {
		let runtime = Version { name: "prover-pool".into(), version: 2 };
		Check::new("next.wasm".into(), runtime, renamed(known, new)).unwrap()
	}

	#[test]
	fn a_runtime_with_which_the_daemon_cannot_prove_is_an_error() {
		let check = check("prove_block", "probe_block");
		assert!(!check.can_prove);
		assert_eq!(
			check.text(&Token::new("UNIT", 0).unwrap()),
			format!(
				"Runtime  prover-pool 2, next.wasm\n\
				 Program  {}, built for prover-pool 1\n\
				 Fits     proxies, account, rescues, counters, rebuilding, refusals\n\n\
				 Unfit: proving (the daemon cannot prove, and waits)\n  \
				 call BlockProposal.prove_block is missing\n\n\
				 Unfit: commands (those that use it end with exit code 7)\n  \
				 call Sudo.sudo has changed",
				env!("CARGO_PKG_VERSION")
			)
		);
		let error = check.verdict().unwrap_err();
		assert_eq!(error.exit_code(), 7);
		assert_eq!(
			error.to_string(),
			"this program does not fit the runtime prover-pool 2: the daemon cannot prove, and waits"
		);
	}

	#[test]
	fn a_runtime_with_which_it_proves_is_none() {
		let check = check("get_staker", "get_smoker");
		assert!(check.can_prove && check.verdict().is_ok());
		let json = serde_json::to_value(&check).unwrap();
		assert_eq!(json["runtime"], serde_json::json!({ "name": "prover-pool", "version": 2 }));
		let parts = json["parts"].as_array().unwrap();
		assert_eq!(parts.len(), USES.len());
		assert_eq!(
			parts[2],
			serde_json::json!({
				"part": "account",
				"fits": false,
				"consequence": Part::Account.consequence(),
				"problems": [{
					"kind": "query",
					"name": "ProverPoolApi.get_staker",
					"difference": "missing",
				}],
			})
		);
		assert_eq!(parts[0]["consequence"], serde_json::Value::Null);
	}

	/// It matters to some, and the exit code does not know to whom.
	#[test]
	fn a_runtime_without_proxies_is_an_error() {
		let error = check("force_proxy_type", "force_other_type").verdict().unwrap_err();
		assert!(error.to_string().ends_with("with --for, the daemon waits"), "{error}");
	}
}
