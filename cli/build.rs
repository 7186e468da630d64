//! Embeds the page of `dashboard`, if it was built: that of releases, or that of development, which can sign by
//! development accounts, in a development build.

use std::{
	env,
	fmt::Write,
	fs, io,
	path::{Path, PathBuf},
	time::SystemTime,
};

fn main() -> io::Result<()> {
	let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
	let release = env::var("PROFILE").expect("cargo sets it") == "release";
	let built = root.join("../dashboard").join(if release { "dist" } else { "dist-development" });
	let is_there = built.is_dir() || make(&built).is_ok();
	match is_there {
		true => println!("cargo:rerun-if-changed={}", built.display()),
		false => println!("cargo:rerun-if-changed=build.rs"),
	}
	let mut files = Vec::new();
	if is_there {
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

/// Makes the folder of the page before there is a page. Cargo watches whole folders, and one that does not exist would make
/// it build this crate each time, as would one that is younger than this run.
fn make(folder: &Path) -> io::Result<()> {
	fs::create_dir(folder)?;
	fs::File::open(folder)?.set_modified(SystemTime::UNIX_EPOCH)
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
