//! The verification of a proof, and the weight of it.

use frame_support::{ensure, weights::Weight};
use pallet_block_proposal::{ProofVerifier, Verification};
use sp_core::H256;
use sp_runtime::traits::BlockNumberProvider;
use succinct_proof_verifier::{verify, Kind, MIN_SEGMENTS_PROOF_BYTES};

use crate::{
	Config, NextProgram, Pallet, ProgramIndex, Programs, Refusal, SystemRecord, Systems, WeightInfo,
};

/// All kinds of proof systems. No length of a proof is right for two of them.
const KINDS: [Kind; 3] = [Kind::RiscZeroSegments, Kind::RiscZeroGroth16, Kind::Sp1Groth16];

/// Returns the kind whose proofs may be this long, without the program's index.
fn kind_of_length(length: usize) -> Option<Kind> {
	KINDS.into_iter().find(|kind| {
		let (least, most) = kind.proof_bytes();
		(least..=most).contains(&length)
	})
}

/// Reads the index in front of a proof. Returns it with the proof.
fn split(proof: &[u8]) -> Option<(ProgramIndex, &[u8])> {
	let (index, proof) = proof.split_first_chunk()?;
	Some((ProgramIndex::from_le_bytes(*index), proof))
}

impl<T: Config> Pallet<T> {
	/// Returns the program of a proof of this instance, or why it is refused, with the weight that this took.
	pub(crate) fn examine(instance: H256, proof: &[u8]) -> (Result<ProgramIndex, Refusal>, Weight) {
		let Some((index, proof)) = split(proof) else {
			return (Err(Refusal::Malformed), Weight::zero());
		};
		let Some(kind) = kind_of_length(proof.len()) else {
			return (Err(Refusal::Malformed), Weight::zero());
		};
		let (system, id) = match Self::look_up(index, kind) {
			Ok(found) => found,
			Err(refusal) => return (Err(refusal), T::WeightInfo::look_up_program()),
		};
		let result = verify(&system.system, &id.0, &instance.0, proof);
		(result.map(|()| index).map_err(Refusal::from), Self::weight_of(kind, proof.len()))
	}

	/// Returns the system and the id of a program whose proofs are accepted now and are of this kind.
	fn look_up(index: ProgramIndex, kind: Kind) -> Result<(SystemRecord, H256), Refusal> {
		let program = Programs::<T>::get(index).ok_or_else(|| {
			let was_registered = index < NextProgram::<T>::get();
			if was_registered {
				Refusal::Revoked
			} else {
				Refusal::UnknownProgram
			}
		})?;
		let system = Systems::<T>::get(program.system).ok_or(Refusal::Revoked)?;
		ensure!(!program.paused && !system.paused, Refusal::Paused);
		let now = T::BlockNumberProvider::current_block_number();
		ensure!(now >= program.active_from, Refusal::NotActive);
		ensure!(system.system.kind() == kind, Refusal::WrongSystem);
		Ok((system, program.id))
	}

	/// Returns the weight of verifying a proof of this kind and length.
	///
	/// A segment of 2^22 cycles takes up to 1.7 times the time of one of 2^15, whose weight is measured, and
	/// its proof is 1.5 times as long. So the measured weight is for the length of the shortest segment, of
	/// 2^13 cycles, and other lengths are in proportion to it: this is enough for all of them.
	fn weight_of(kind: Kind, length: usize) -> Weight {
		match kind {
			Kind::RiscZeroGroth16 => T::WeightInfo::verify_risc_zero_groth16(),
			Kind::Sp1Groth16 => T::WeightInfo::verify_sp1_groth16(),
			Kind::RiscZeroSegments => T::WeightInfo::verify_segment()
				.saturating_mul(length as u64)
				.saturating_div(MIN_SEGMENTS_PROOF_BYTES as u64),
		}
	}
}

impl<T: Config> ProofVerifier for Pallet<T> {
	/// The program.
	type Tag = ProgramIndex;

	fn verify(instance: H256, proof: &[u8]) -> Verification<ProgramIndex> {
		let (result, weight) = Self::examine(instance, proof);
		Verification { tag: result.ok(), weight }
	}

	/// Never less for a longer proof: [`AnyOf`](pallet_block_proposal::AnyOf) and
	/// [`AllOf`](pallet_block_proposal::AllOf) ask with the length of the whole, of which the proof is a part.
	fn verify_weight(proof_len: u32) -> Weight {
		let length = (proof_len as usize).saturating_sub(size_of::<ProgramIndex>());
		let weights = KINDS.into_iter().filter_map(|kind| {
			let (least, most) = kind.proof_bytes();
			(least <= length).then(|| Self::weight_of(kind, length.min(most)))
		});
		let most = weights.fold(Weight::zero(), |most, weight| most.max(weight));
		if most == Weight::zero() {
			most
		} else {
			most.max(T::WeightInfo::look_up_program())
		}
	}

	/// A program that is paused is not revoked, nor is one that is not active.
	fn is_revoked(index: &ProgramIndex) -> bool {
		Programs::<T>::get(index).is_none_or(|program| !Systems::<T>::contains_key(program.system))
	}

	fn is_revoked_weight() -> Weight {
		T::WeightInfo::look_up_program()
	}
}
