//! The public proofs and keys of `fixtures`.
#![allow(dead_code)]

use std::{fs, path::PathBuf};
use succinct_proof_verifier::{verify_values, Error, Key, RiscZero, Sp1, System};

/// A proof with what it proves.
#[derive(Clone)]
pub struct Proof {
	pub system: System,
	pub program: [u8; 32],
	pub values: Vec<u8>,
	pub bytes: Vec<u8>,
}

impl Proof {
	pub fn verify(&self) -> Result<(), Error> {
		verify_values(&self.system, &self.program, &self.values, &self.bytes)
	}

	/// The result for other bytes.
	pub fn with(&self, bytes: &[u8]) -> Result<(), Error> {
		verify_values(&self.system, &self.program, &self.values, bytes)
	}
}

pub fn file(name: &str) -> Vec<u8> {
	let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
	fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn bytes<const N: usize>(digits: &str) -> [u8; N] {
	hex(digits).try_into().expect("as many digits as bytes")
}

pub fn hex(digits: &str) -> Vec<u8> {
	let digits = digits.trim().trim_start_matches("0x");
	assert_eq!(digits.len() % 2, 0);
	let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
	(0..digits.len()).step_by(2).map(byte).collect()
}

fn json(name: &str) -> impl Fn(&str) -> Vec<u8> {
	let json: serde_json::Value = serde_json::from_slice(&file(name)).unwrap();
	move |field| hex(json[field].as_str().unwrap())
}

fn key(name: &str) -> Key {
	Key(file(name).try_into().unwrap())
}

/// SP1 6.1: the constants of its verifier contract.
pub fn sp1_system() -> System {
	System::Sp1Groth16(Sp1 {
		selector: bytes("4388a21c"),
		vk_root: bytes("002f850ee998974d6cc00e50cd0814b098c05bfade466d28573240d057f25352"),
		key: key("sp1-v6.1.key"),
	})
}

/// RISC Zero 3.0: the constants of its verifier contract.
pub fn risc_zero_system() -> System {
	System::RiscZeroGroth16(RiscZero {
		selector: bytes("73c457ba"),
		control_root: bytes("a54dc85ac99f851c92d7c96d7318af41dbe7c0194edfcc37eb4d422a998c1f56"),
		control_id: bytes("04446e66d300eb7fb45c9726bb53c793dda407a62e9601618bb43c5c14657ac0"),
		key: key("risc0-v3.0.key"),
	})
}

/// A proof of SP1 6.1.
pub fn sp1() -> Proof {
	let field = json("sp1-v6.1-groth16.json");
	Proof {
		system: sp1_system(),
		program: field("vkey").try_into().unwrap(),
		values: field("publicValues"),
		bytes: field("proof"),
	}
}

/// A proof of SP1 6.0, of which the tests have no key.
pub fn sp1_of_another_version() -> Proof {
	let field = json("sp1-v6.0-groth16.json");
	Proof {
		system: sp1_system(),
		program: field("vkey").try_into().unwrap(),
		values: field("publicValues"),
		bytes: field("proof"),
	}
}

/// A proof of RISC Zero 3.0.
pub fn risc_zero() -> Proof {
	let field = json("risc0-v3.0-groth16.json");
	Proof {
		system: risc_zero_system(),
		program: field("image_id").try_into().unwrap(),
		values: field("journal"),
		bytes: field("seal"),
	}
}
