//! Makes proofs.

use crate::resources::Resources;
use codec::Encode;
use prover_pool_zk_host::{
	execute,
	image::{image_id, GUEST_ELF},
	ExecutionError, Input, InstanceHash,
};
use risc0_circuit_rv32im::prove::segment_prover;
use std::{fmt, time::Instant};
use succinct_proof_verifier::{verify, Error, System, MAX_SEGMENTS};

/// Why there is no proof.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ProvingError {
	/// The guest does not halt.
	Execution(ExecutionError),
	/// The guest commits to something else than was asked for.
	OtherInstance,
	/// The execution takes this number of segments, more than a verifier accepts.
	Segments(usize),
	/// The proof system failed, in this segment, counted from 1.
	Segment(usize, String),
	/// The image of the guest in this program has no id.
	Image(String),
	/// The proof that was made does not verify.
	Refused(Error),
}

impl fmt::Display for ProvingError {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Execution(error) => error.fmt(formatter),
			Self::OtherInstance => formatter
				.write_str("the block is not what is to be proven: its instance is another"),
			Self::Segments(count) => write!(
				formatter,
				"the block takes {count} segments, and a proof has at most {MAX_SEGMENTS}: use a larger --segment-po2"
			),
			Self::Segment(number, reason) => {
				write!(formatter, "segment {number} cannot be proven: {reason}")
			},
			Self::Image(reason) => write!(formatter, "the guest has no image id: {reason}"),
			Self::Refused(error) => {
				write!(formatter, "the proof that was made does not verify: {}", words(*error))
			},
		}
	}
}

impl std::error::Error for ProvingError {}

/// Returns what a verifier's refusal means.
pub fn words(error: Error) -> &'static str {
	match error {
		Error::Malformed => "the bytes are not a proof",
		Error::WrongVersion => "the proof is of another version of the proof system",
		Error::WrongStatement => "the proof is of another instance or program",
		Error::Invalid => "the proof is wrong",
	}
}

/// Executes the guest, proves that it commits to this instance, and verifies the proof as the chain does. Returns
/// its bytes. Segments have at most `2^segment_po2` cycles. `report` receives lines for the operator.
///
/// # Errors
/// A [`ProvingError`]. Nothing is proven if the guest commits to another instance or takes too many segments.
pub fn prove(
	input: &Input,
	instance: &InstanceHash,
	segment_po2: usize,
	mut report: impl FnMut(&str),
) -> Result<Vec<u8>, ProvingError> {
	let began = Instant::now();
	let execution =
		execute(GUEST_ELF, &input.frames(), segment_po2).map_err(ProvingError::Execution)?;
	if execution.journal != instance {
		return Err(ProvingError::OtherInstance);
	}
	let count = execution.segments.len();
	if count > MAX_SEGMENTS {
		return Err(ProvingError::Segments(count));
	}
	report(&format!(
		"executed in {:.1} s: {} cycles and {} for memory, {count} segments of together {} cycles",
		began.elapsed().as_secs_f64(),
		execution.user_cycles,
		execution.paging_cycles,
		execution.total_cycles,
	));

	let mut seals = Vec::with_capacity(count);
	for (number, segment) in (1..).zip(&execution.segments) {
		let began = Instant::now();
		let failed = |error| ProvingError::Segment(number, format!("{error:#}"));
		let seal = segment_prover().and_then(|prover| prover.prove(segment)).map_err(failed)?;
		report(&format!(
			"segment {number} of {count}: 2^{} cycles in {:.1} s, {} bytes",
			segment.po2,
			began.elapsed().as_secs_f64(),
			seal.len() * 4,
		));
		seals.push(seal);
	}
	report(&format!(
		"proven in {:.1} s, with {}",
		began.elapsed().as_secs_f64(),
		Resources::used(),
	));
	let proof = seals.encode();
	let image = image_id(GUEST_ELF).map_err(ProvingError::Image)?;
	verify(&System::RiscZeroSegments, &image, instance, &proof).map_err(ProvingError::Refused)?;
	Ok(proof)
}
