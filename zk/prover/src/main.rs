//! The prover command that proves blocks of the demo rollup in a zkVM.
//!
//! Without a command it answers the requests of the prover's daemon.

use clap::{Parser, Subcommand};
use prover_pool_zk::{answer, prove, words, Resources};
use prover_pool_zk_host::{
	execute,
	image::{image_id, GUEST_ELF},
	samples, InstanceHash, SEGMENT_PO2,
};
use std::{error::Error, fs, path::PathBuf, process::ExitCode};
use succinct_proof_verifier::{verify, System};

/// The name in front of lines on standard error.
const NAME: &str = "prover-pool-zk";

/// Proves blocks of the demo rollup in a zkVM.
///
/// Without a command, it answers the requests of `prover-pool run --prover-command`, one JSON object a
/// line, on standard output. Progress goes to standard error.
#[derive(Debug, Parser)]
#[command(name = NAME, version)]
struct Arguments {
	/// The most cycles that are proven at once, as a power of two. A larger one needs more memory: 2^18
	/// takes 2.4 GB, and each step doubles that. Blocks that take more cycles are proven in parts.
	#[arg(long, value_name = "PO2", default_value_t = 18, value_parser = segment_po2)]
	segment_po2: usize,
	/// The bytes that the chain expects before a proof, as hexadecimal digits: its kind and its program. The demo
	/// chain expects 0x010000. Not for the commands.
	#[arg(long, value_name = "BYTES", default_value = "", value_parser = prefix)]
	prefix: Prefix,
	#[command(subcommand)]
	command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
	/// Executes a block of sample transfers in the emulator, and prints its cycles.
	Execute {
		/// The number of transfers.
		#[arg(value_parser = clap::value_parser!(u32).range(..=1_000))]
		transfers: u32,
		/// Each transfer creates an account among this number of others, which is about the most
		/// expensive. Default: transfers between the 16 development accounts.
		#[arg(long, value_name = "ACCOUNTS", value_parser = clap::value_parser!(u32).range(..=1 << 22))]
		new_among: Option<u32>,
	},
	/// Proves a block of sample transfers, and prints its instance hash.
	Prove {
		/// The number of transfers.
		#[arg(value_parser = clap::value_parser!(u32).range(..=1_000))]
		transfers: u32,
		/// The file for the proof.
		#[arg(long)]
		out: PathBuf,
	},
	/// Verifies a proof. Fails with the reason if it is wrong.
	Verify {
		/// The file with the proof.
		proof: PathBuf,
		/// The instance hash, 32 bytes as hexadecimal digits.
		#[arg(long, value_parser = bytes)]
		instance: InstanceHash,
		/// The image id of the guest, as hexadecimal digits. Default: that of the guest within this
		/// program.
		#[arg(long, value_parser = bytes)]
		image_id: Option<[u8; 32]>,
	},
	/// Prints the image id of the guest within this program.
	ImageId,
}

fn main() -> ExitCode {
	let Arguments { segment_po2, prefix, command } = Arguments::parse();
	let Some(command) = command else {
		return prover_pool_rollup_program::run(NAME, |request| {
			let proof = answer(request, segment_po2, report)?;
			Ok([prefix.0.as_slice(), &proof].concat())
		});
	};
	match run(command, segment_po2) {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			report(&error.to_string());
			ExitCode::FAILURE
		},
	}
}

fn run(command: Command, segment_po2: usize) -> Result<(), Box<dyn Error>> {
	match command {
		Command::Execute { transfers, new_among } => {
			let input = match new_among {
				Some(accounts) => samples::block_of_new_accounts(transfers, accounts)?,
				None => samples::block(transfers)?,
			};
			let execution = execute(GUEST_ELF, &input.frames(), segment_po2)?;
			let sizes: Vec<_> =
				execution.segments.iter().map(|segment| format!("2^{}", segment.po2)).collect();
			println!("transfers {transfers}");
			println!("user cycles {}", execution.user_cycles);
			println!("paging cycles {}", execution.paging_cycles);
			println!("total cycles {}", execution.total_cycles);
			println!("segments {}", sizes.join(" "));
		},
		Command::Prove { transfers, out } => {
			let input = samples::block(transfers)?;
			let instance = input.instance()?;
			let proof = prove(&input, &instance, segment_po2, report)?;
			fs::write(&out, &proof).map_err(|error| format!("{}: {error}", out.display()))?;
			println!("instance 0x{}", hex::encode(instance));
			println!("proof bytes {}", proof.len());
		},
		Command::Verify { proof, instance, image_id: stated } => {
			let bytes =
				fs::read(&proof).map_err(|error| format!("{}: {error}", proof.display()))?;
			let image = match stated {
				Some(image) => image,
				None => image_id(GUEST_ELF)?,
			};
			verify(&System::RiscZeroSegments, &image, &instance, &bytes).map_err(words)?;
			println!("the proof is right");
			report(&format!("verified with {}", Resources::used()));
		},
		Command::ImageId => println!("0x{}", hex::encode(image_id(GUEST_ELF)?)),
	}
	Ok(())
}

/// Writes a line for the operator.
fn report(line: &str) {
	eprintln!("{NAME}: {line}");
}

fn segment_po2(text: &str) -> Result<usize, String> {
	let (least, most) = (SEGMENT_PO2.start(), SEGMENT_PO2.end());
	let po2 = text.parse().ok().filter(|po2| SEGMENT_PO2.contains(po2));
	po2.ok_or_else(|| format!("a number from {least} to {most} is expected"))
}

/// Bytes before a proof.
#[derive(Clone, Debug)]
struct Prefix(Vec<u8>);

fn prefix(text: &str) -> Result<Prefix, String> {
	let digits = text.strip_prefix("0x").unwrap_or(text);
	let bytes = hex::decode(digits).map_err(|_| "hexadecimal digits are expected".to_string());
	bytes.map(Prefix)
}

fn bytes(text: &str) -> Result<[u8; 32], String> {
	let digits = text.strip_prefix("0x").unwrap_or(text);
	let bytes = hex::decode(digits).ok().and_then(|bytes| bytes.try_into().ok());
	bytes.ok_or_else(|| "64 hexadecimal digits are expected".into())
}
