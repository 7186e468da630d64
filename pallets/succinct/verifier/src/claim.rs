//! What a proof of RISC Zero is about, as the digests that its circuits compute.

use risc0_binfmt::{tagged_struct, Digestible, ExitCode, SystemState};
use risc0_zkp::core::{
	digest::Digest,
	hash::sha::{cpu::Impl, Sha256},
};

/// The digest of the state of a machine, of whose memory `root` is the digest. That of a program that has
/// not begun is the program's image id.
pub(crate) fn state(root: Digest) -> Digest {
	SystemState { pc: 0, merkle_root: root }.digest::<Impl>()
}

/// The digest of an execution's output: the bytes of its journal, and no assumption that another proof would
/// have to confirm.
pub(crate) fn output(journal: &[u8]) -> Digest {
	tagged_struct::<Impl>("risc0.Output", &[*Impl::hash_bytes(journal), Digest::ZERO], &[])
}

/// The digest of the claim that the program `image` was executed without input of its verifier, to its end,
/// with the exit code 0, and wrote this journal. The memory is erased at the end.
pub(crate) fn success(image: &[u8; 32], journal: &[u8]) -> Digest {
	let (system, user) = ExitCode::Halted(0).into_pair();
	tagged_struct::<Impl>(
		"risc0.ReceiptClaim",
		&[Digest::ZERO, Digest::from(*image), state(Digest::ZERO), output(journal)],
		&[system, user],
	)
}
