//! Converts recordings of the original (`pallets/prover-pool/conformance/*.json`) into seeds for the fuzzer:
//! sequences like those of real use, which it can vary.
//!
//! ```text
//! cargo run -p prover-pool-model --example seeds -- pallets/prover-pool/conformance fuzz/corpus/calls
//! ```

use std::{error::Error, fs, path::Path};

use prover_pool_model::{
	encode_pool, encode_rollup,
	pool::{caller, kind, parameter, run, Preset, Settings, Step},
	rollup,
};
use serde_json::Value;

/// The first parameters of the recordings; [`first_steps`] has the others.
const SETTINGS: Settings = Settings { preset: Preset::Conformance, max_exits: 1 };

/// Steps in a seed, so that the fuzzer has many short inputs rather than few long ones.
const STEPS_PER_SEED: usize = 120;

fn main() -> Result<(), Box<dyn Error>> {
	let mut arguments = std::env::args().skip(1);
	let (Some(traces), Some(seeds)) = (arguments.next(), arguments.next()) else {
		return Err("usage: seeds <folder of traces> <folder for seeds>".into());
	};
	fs::create_dir_all(&seeds)?;
	for entry in fs::read_dir(&traces)? {
		let path = entry?.path();
		let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
		if path.extension().is_none_or(|extension| extension != "json") {
			continue;
		}
		let trace: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
		let steps = steps(&trace).ok_or_else(|| format!("{name} is not a trace"))?;
		for (number, part) in steps.chunks(STEPS_PER_SEED).enumerate() {
			let steps = [first_steps(), part.to_vec()].concat();
			let seen = run(SETTINGS, &steps);
			println!("{name}-{number}: {} stakes accepted", seen.accepted("stake"));
			let seed = Path::new(&seeds).join(format!("{name}-{number}"));
			fs::write(seed, encode_pool(SETTINGS, &steps))?;
		}
		let steps = rollup_steps(&trace).ok_or_else(|| format!("{name} is not a trace"))?;
		for (number, steps) in steps.chunks(STEPS_PER_SEED).enumerate() {
			rollup::run(steps);
			let seed = format!("rollup-{name}-{number}");
			fs::write(Path::new(&seeds).join(seed), encode_rollup(steps))?;
		}
	}
	Ok(())
}

/// The steps that set the original's parameters and give tokens to all accounts.
fn first_steps() -> Vec<Step> {
	let parameters: [(u8, u32); 8] = [
		(parameter::MAX_PROVERS, 4),
		(parameter::MIN_CAPACITY, 31),
		(parameter::MIN_STAKE_PER_CAPACITY, 9_999),
		(parameter::EXIT_PERIOD, 604_800),
		(parameter::MIN_CHANGE_DELAY, 3_600),
		(parameter::SLASH_POINTS, 2_500_000),
		(parameter::SLASH_MULTIPLIER, 4),
		(parameter::MAX_LIABILITY, 2_400_000),
	];
	let parameter = |(which, value)| Step::Parameter { which, value };
	// The last prover has the most tokens.
	let transfer = |to| Step::Transfer { from: 5, to, kind: kind::HUGE, amount: 1 };
	parameters.into_iter().map(parameter).chain((0..5).map(transfer)).collect()
}

fn steps(trace: &Value) -> Option<Vec<Step>> {
	let mut steps = Vec::new();
	let mut now = trace["genesis"]["t"].as_u64()?;
	// The blocks that are assigned at this moment of the trace.
	let mut assigned = Vec::<u64>::new();
	for operation in trace["ops"].as_array()? {
		let at = operation["t"].as_u64()?;
		if at > now {
			steps.push(Step::Advance { by: u32::try_from(at - now).ok()? });
			now = at;
		}
		let arguments = &operation["args"];
		let who = index(&operation["by"]);
		let caller = match operation["by"].as_str() {
			None | Some("protocol") if operation["i"].as_u64()? % 3 == 0 => caller::ORIGIN,
			None | Some("protocol") => caller::HOOK,
			Some(_) => who * caller::COUNT + caller::PROVER,
		};
		let block = number(&arguments["blockId"]).or(number(&operation["info"]["blk"]));
		let id = assigned.iter().position(|id| Some(*id) == block).map_or(255, |at| at as u8);
		match operation["op"].as_str()? {
			"stake" => steps.push(Step::Stake {
				who,
				kind: kind::PLAIN,
				amount: number(&arguments["amount"])?,
				price: number(&arguments["rewardPerGas"])? as u32,
				capacity: number(&arguments["maxCapacity"])? as u16,
			}),
			"exit" => steps.push(Step::Exit { who }),
			"withdraw" => steps.push(Step::Withdraw { who, by: who }),
			"assignProver" => {
				let fee = number(&arguments["feePerGas"])? as u32;
				steps.push(Step::Request { caller, id: 0, fee });
				steps.push(Step::Blocks { more: 1 });
				if !operation["ret"]["prover"].is_null() {
					assigned.push(block?);
				}
			},
			"releaseProver" => steps.push(Step::Release { caller, id }),
			"slashProver" => {
				let reward = number(&arguments["proofReward"])?;
				steps.push(Step::Slash {
					caller,
					id,
					kind: kind::PLAIN,
					reward,
					fault: at as u8 % 5,
					reporter: at as u8 % 16,
					most: (reward / 2) as u32,
				});
				assigned.retain(|id| Some(*id) != block);
			},
			"discharge" => {
				steps.push(Step::Discharge { caller, id });
				assigned.retain(|id| Some(*id) != block);
			},
			_ => {},
		}
	}
	Some(steps)
}

/// Returns steps that the recorded protocol may have taken: a block is proposed for each assignment and proven
/// for each release, and a window passes before each slash.
fn rollup_steps(trace: &Value) -> Option<Vec<rollup::Step>> {
	use rollup::Step;

	let mut steps = Vec::new();
	for operation in trace["ops"].as_array()? {
		let arguments = &operation["args"];
		let by = index(&operation["by"]);
		let n = operation["i"].as_u64()? as u8;
		match operation["op"].as_str()? {
			"stake" => steps.push(Step::Stake {
				by,
				amount: n | 64,
				price: number(&arguments["rewardPerGas"])? as u8 % 100,
				capacity: 1 + n % 6,
			}),
			"exit" => steps.push(Step::Leave { by, withdraw: false }),
			"withdraw" => steps.push(Step::Leave { by, withdraw: true }),
			"assignProver" => {
				let (list, gas, max_fee) = (n % 8, 100 + n % 80, 255);
				steps.push(Step::Propose { by: n % 3, list, gas, max_fee });
				steps.push(Step::Pass { blocks: 1 });
			},
			"releaseProver" => steps.push(Step::Duty { block: 0, gas: n }),
			"slashProver" => {
				steps.push(Step::Pass { blocks: 12 });
				let (block, parent, flaw) = (0, 0, 0);
				steps.push(Step::Prove { by: n, block, parent, gas: n, flaw });
			},
			"discharge" => {
				steps.push(Step::Pass { blocks: 2 });
				steps.push(Step::Verify { max: 4 });
			},
			"advance" if n.is_multiple_of(4) => steps.push(Step::Skip { block: 0 }),
			"advance" if n % 4 == 1 => steps.push(Step::Dispute { block: 0, claim: 0 }),
			_ => steps.push(Step::Pass { blocks: 1 + n % 3 }),
		}
	}
	Some(steps)
}

/// Returns the index of the prover with a label such as `a07`.
fn index(label: &Value) -> u8 {
	let number = label.as_str().and_then(|label| label.get(1..)?.parse::<u8>().ok());
	number.unwrap_or_default() % 6
}

/// Reads a number. Large ones are strings in the file.
fn number(value: &Value) -> Option<u64> {
	value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
