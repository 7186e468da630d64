//! The guest's image: the memory of the zkVM before the first instruction, and its id.

use risc0_binfmt::{MemoryImage, ProgramBinary};
use risc0_zkos_v1compat::V1COMPAT_ELF;

/// The guest as it was built by `zk/build-guest`: the ELF file of `zk/guest`.
pub const GUEST_ELF: &[u8] = include_bytes!("../../guest/guest.elf");

/// The id of the image: what a chain registers as the program.
pub type ImageId = [u8; 32];

/// Returns the image of a guest with RISC Zero's kernel, which gives programs their system calls.
///
/// # Errors
/// Says why the ELF file is not a program for the zkVM.
pub fn image(elf: &[u8]) -> Result<MemoryImage, String> {
	ProgramBinary::new(elf, V1COMPAT_ELF).to_image().map_err(|error| format!("{error:#}"))
}

/// Returns the id of a guest's image with RISC Zero's kernel.
///
/// # Errors
/// As [`image`].
pub fn image_id(elf: &[u8]) -> Result<ImageId, String> {
	let id = ProgramBinary::new(elf, V1COMPAT_ELF).compute_image_id();
	id.map(Into::into).map_err(|error| format!("{error:#}"))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_image_id_is_the_committed_one() {
		let committed = include_str!("../../guest/image-id.txt").trim();
		assert_eq!(hex::encode(image_id(GUEST_ELF).unwrap()), committed);
	}
}
