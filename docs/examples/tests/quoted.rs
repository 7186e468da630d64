//! Each block of code in `docs/extending.md` is a part of a file here, to the letter.

#[test]
fn code_in_the_document_is_code_of_this_crate() {
	let root = env!("CARGO_MANIFEST_DIR");
	let document = std::fs::read_to_string(format!("{root}/../extending.md")).unwrap();
	let sources: Vec<String> = std::fs::read_dir(format!("{root}/src"))
		.unwrap()
		.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
		.collect();
	let blocks: Vec<&str> =
		document.split("```rust\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
	assert!(blocks.len() >= 5, "there is one for each kind of extension");
	for block in blocks {
		for part in block.split("// …\n") {
			let part = part.trim();
			assert!(sources.iter().any(|source| source.contains(part)), "not in src: {part}");
		}
	}
}
