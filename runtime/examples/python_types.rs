//! Writes the types of the queries for Python, from the metadata: `make metadata`.

use std::{env, fs};

#[path = "../src/tests/python_types.rs"]
mod python_types;

fn main() {
	let mut paths = env::args().skip(1);
	let mut path = || paths.next().expect("two paths: that of the metadata, and that of the types");
	let (from, to) = (path(), path());
	let metadata = fs::read(&from).unwrap_or_else(|error| panic!("{from}: {error}"));
	fs::write(&to, python_types::of(&metadata)).unwrap_or_else(|error| panic!("{to}: {error}"));
}
