//! The part of the crate `wasm-opt` that `substrate-wasm-builder` uses, without Binaryen: see the README.

use std::{fmt, fs, io, path::Path};
use wasmparser::{BinaryReaderError, Parser, Payload, Validator, WasmFeatures};

/// A pass over the module.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pass {
	/// Leaves out the sections with debug information.
	StripDwarf,
	/// Leaves no instruction that extends a sign: such a module is refused.
	SignextLowering,
}

/// Why a module was not written.
#[derive(Debug)]
pub enum Error {
	/// A file could not be read or written.
	File(io::Error),
	/// It is not a module of the first edition of WebAssembly.
	Module(BinaryReaderError),
}

impl fmt::Display for Error {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::File(error) => error.fmt(formatter),
			Self::Module(error) => write!(
				formatter,
				"the runtime's code must be WebAssembly 1.0, as the Rust target wasm32v1-none emits it: {error}"
			),
		}
	}
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
	fn from(error: io::Error) -> Self {
		Self::File(error)
	}
}

impl From<BinaryReaderError> for Error {
	fn from(error: BinaryReaderError) -> Self {
		Self::Module(error)
	}
}

/// What is done with a module.
#[derive(Clone, Debug, Default)]
pub struct OptimizationOptions {
	passes: Vec<Pass>,
}

impl OptimizationOptions {
	/// Returns options that optimise nothing.
	pub fn new_opt_level_0() -> Self {
		Self::default()
	}

	/// Refuses newer instructions, which happens in any case.
	pub fn mvp_features_only(&mut self) -> &mut Self {
		self
	}

	/// Keeps the names of functions, which happens in any case.
	pub fn debug_info(&mut self, _: bool) -> &mut Self {
		self
	}

	/// Adds a pass.
	pub fn add_pass(&mut self, pass: Pass) -> &mut Self {
		self.passes.push(pass);
		self
	}

	/// Reads a module, validates it, and writes it. Both paths may be the same.
	///
	/// # Errors
	/// If a file cannot be read or written, or if the module is not of the first edition of WebAssembly. Then
	/// nothing is written.
	pub fn run(&self, from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<(), Error> {
		let module = fs::read(from)?;
		Validator::new_with_features(WasmFeatures::WASM1).validate_all(&module)?;
		if self.passes.contains(&Pass::StripDwarf) {
			fs::write(to, without_debug_sections(&module)?)?;
		} else {
			fs::write(to, module)?;
		}
		Ok(())
	}
}

/// Returns the module without its custom sections `.debug_…`.
fn without_debug_sections(module: &[u8]) -> Result<Vec<u8>, BinaryReaderError> {
	let mut stripped = Vec::with_capacity(module.len());
	// Where the current section began: its payload tells only where it ends.
	let mut begin = 0;
	for payload in Parser::new(0).parse_all(module) {
		let payload = payload?;
		let end = match &payload {
			Payload::Version { range, .. } => range.end,
			// Bodies are inside of the section of code.
			Payload::CodeSectionEntry(_) | Payload::End(_) => continue,
			other => match other.as_section() {
				Some((_, range)) => range.end,
				None => continue,
			},
		};
		let is_debug = matches!(
			&payload, Payload::CustomSection(section) if section.name().starts_with(".debug_")
		);
		if !is_debug {
			stripped.extend_from_slice(&module[begin..end]);
		}
		begin = end;
	}
	Ok(stripped)
}
