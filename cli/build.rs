//! Embeds the page of `dashboard`, if it was built: that of releases, or that of development, which can sign by
//! development accounts, in a development build.

use std::{
	env,
	fmt::Write,
	fs, io,
	path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
	let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
	let folder = root.join("../dashboard");
	let release = env::var("PROFILE").expect("cargo sets it") == "release";
	let built = folder.join(if release { "dist" } else { "dist-development" });
	// A path that does not exist would make cargo build this crate again each time.
	match [&built, &folder].into_iter().find(|folder| folder.is_dir()) {
		Some(folder) => println!("cargo:rerun-if-changed={}", folder.display()),
		None => println!("cargo:rerun-if-changed=build.rs"),
	}
	let mut files = Vec::new();
	if built.is_dir() {
		collect(&built, &mut files)?;
	}
	files.sort();
	let mut code = String::from("&[\n");
	for file in files {
		let path = file.strip_prefix(&built).expect("it is within the folder");
		let name = path.to_string_lossy().replace('\\', "/");
		let file = file.canonicalize()?;
		writeln!(code, "\t({name:?}, include_bytes!({file:?})),").expect("text can be written");
	}
	code.push_str("]\n");
	let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
	fs::write(out.join("dashboard.rs"), code)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
	for entry in fs::read_dir(folder)? {
		let path = entry?.path();
		match path.is_dir() {
			true => collect(&path, files)?,
			false => files.push(path),
		}
	}
	Ok(())
}
