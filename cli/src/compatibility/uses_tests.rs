//! The list against the code: what it uses by its generated names, and by names in quotes.

use super::*;
use crate::compatibility::known;
use std::{
	collections::{BTreeMap, BTreeSet},
	fs,
	path::{Path, PathBuf},
};
use subxt::Metadata;

/// What is used: its kind and its name.
type Item = (&'static str, String);

/// The beginnings of what is generated, and the kinds of what follows.
const ROOTS: [(&str, &str); 5] = [
	("api::transactions()", "call"),
	("api::tx()", "call"),
	("api::storage()", "storage"),
	("api::constants()", "constant"),
	("api::runtime_apis()", "query"),
];

/// The names that Rust has for what the description names.
struct Names(BTreeMap<(&'static str, String, String), Item>);

impl Names {
	fn new() -> Self {
		let metadata = known().unwrap();
		let mut names = BTreeMap::new();
		let mut add = |kind: &'static str, group: &str, name: &str| {
			let rust = (kind, snake_case(group), snake_case(name));
			names.insert(rust, (kind, format!("{group}.{name}")));
		};
		for pallet in metadata.pallets() {
			let group = pallet.name();
			let calls = pallet.call_variants().unwrap_or_default();
			calls.iter().for_each(|call| add("call", group, &call.name));
			let storage = pallet.storage().map(|storage| storage.entries()).unwrap_or_default();
			storage.iter().for_each(|entry| add("storage", group, entry.name()));
			pallet.constants().for_each(|constant| add("constant", group, constant.name()));
		}
		for api in metadata.runtime_api_traits() {
			api.methods().for_each(|method| add("query", api.name(), method.name()));
		}
		Self(names)
	}

	fn of(&self, kind: &'static str, group: &str, name: &str) -> Item {
		let item = self.0.get(&(kind, group.into(), name.into()));
		item.unwrap_or_else(|| panic!("there is no {kind} {group}.{name}")).clone()
	}
}

fn snake_case(name: &str) -> String {
	let mut snake = String::new();
	for c in name.chars() {
		if c.is_uppercase() && !snake.is_empty() {
			snake.push('_');
		}
		snake.extend(c.to_lowercase());
	}
	snake
}

/// Returns the code of every file, without tests, comments and white space.
fn sources() -> Vec<(PathBuf, String)> {
	fn visit(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
		for entry in fs::read_dir(folder).unwrap() {
			let path = entry.unwrap().path();
			// Here are the names of everything.
			if path.ends_with("compatibility") || path.to_string_lossy().ends_with("tests.rs") {
				continue;
			}
			// What these say about an error, no chain without it needs.
			if path.ends_with("error/advice.json") || path.ends_with("commands/refusals.rs") {
				continue;
			}
			if path.is_dir() {
				visit(&path, found);
				continue;
			}
			let text = fs::read_to_string(&path).unwrap();
			let code = text.split("#[cfg(test)]").next().unwrap().lines().map(|line| {
				let line = line.split(" // ").next().unwrap().trim();
				if line.starts_with("//") {
					""
				} else {
					line
				}
			});
			let code = code.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect();
			found.push((path, code));
		}
	}
	let mut found = Vec::new();
	visit(Path::new("src"), &mut found);
	assert!(found.len() > 50, "{} files", found.len());
	found
}

fn is_of_name(c: char) -> bool {
	c.is_ascii_alphanumeric() || c == '_'
}

/// Returns the name at the beginning.
fn name_at(code: &str) -> &str {
	code.split(|c| !is_of_name(c)).next().unwrap()
}

/// Returns the positions of a name and what follows it, where the name stands alone.
fn places<'a>(code: &'a str, what: &'a str) -> impl Iterator<Item = usize> + 'a {
	code.match_indices(what)
		.map(|(at, _)| at)
		.filter(|at| !code[..*at].ends_with(|c| is_of_name(c) || c == '.' || c == ':'))
}

/// Returns the name of the variable or function whose value begins here.
fn holder(before: &str) -> &str {
	let before = before.strip_suffix("||").unwrap_or(before);
	let head = before.strip_suffix(['{', '=']).unwrap_or_else(|| panic!("after {before:.60}"));
	let start = head.rfind([';', '{', '}']).map_or(0, |end| end + 1);
	let head = &head[start..];
	let name = match before.ends_with('{') {
		true => head.split_once("fn").unwrap().1,
		false => head.strip_prefix("let").unwrap(),
	};
	name_at(name)
}

/// Returns what this code uses by generated names, with the positions.
fn generated(code: &str, names: &Names) -> Vec<(usize, Item)> {
	let mut found = Vec::new();
	for (root, kind) in ROOTS {
		for (at, _) in code.match_indices(root) {
			let group = name_at(code[at + root.len()..].strip_prefix('.').unwrap());
			let rest = &code[at + root.len() + 1 + group.len()..];
			let rest = rest.strip_prefix("()").unwrap();
			if let Some(rest) = rest.strip_prefix('.') {
				found.push((at, names.of(kind, group, name_at(rest))));
				continue;
			}
			let holder = holder(&code[..at]);
			let uses = [format!("{holder}."), format!("{holder}().")];
			let uses =
				uses.iter().flat_map(|held| places(code, held).map(move |at| (at, held.len())));
			let before = found.len();
			found.extend(
				uses.map(|(at, length)| (at, names.of(kind, group, name_at(&code[at + length..])))),
			);
			assert!(found.len() > before, "{holder} is not used");
		}
	}
	// `use api::pallet::events as name`, and `decode_fields_as::<name::Event>`.
	for (at, alias) in code.match_indices("::eventsas") {
		let group = code[..at].rsplit(|c| !is_of_name(c)).next().unwrap();
		let alias = name_at(&code[at + alias.len()..]);
		let pallets = known().unwrap();
		let pallet = pallets.pallets().find(|pallet| snake_case(pallet.name()) == group).unwrap();
		let before = found.len();
		let prefix = format!("<{alias}::");
		for (at, _) in code.match_indices(&prefix) {
			let rest = &code[at + prefix.len()..];
			let event = name_at(rest);
			if rest[event.len()..].starts_with('>') {
				found.push((at, ("event", format!("{}.{event}", pallet.name()))));
			}
		}
		assert!(found.len() > before, "{alias} is not used");
	}
	found
}

/// Returns the events and errors whose names are in this code.
fn quoted(code: &str, metadata: &Metadata) -> BTreeSet<Item> {
	let mut found = BTreeSet::new();
	for pallet in metadata.pallets() {
		for (kind, variants) in
			[("event", pallet.event_variants()), ("error", pallet.error_variants())]
		{
			for variant in variants.unwrap_or_default() {
				let (group, name) = (pallet.name(), &variant.name);
				let is_quoted = code.contains(&format!("\"{group}.{name}\""))
					|| code.contains(&format!("(\"{group}\",\"{name}\")"));
				if is_quoted {
					found.insert((kind, format!("{group}.{name}")));
				}
			}
		}
	}
	found
}

/// Returns the items of these parts that the code names.
fn listed(is_of: impl Fn(Part) -> bool) -> BTreeSet<Item> {
	let parts = USES.into_iter().filter(|(part, _)| is_of(*part));
	let uses = parts.flat_map(|(_, uses)| uses.iter()).filter(|it| match it {
		Use::Call(..) | Use::Storage(..) | Use::Constant(..) | Use::Query(..) => true,
		Use::Event(..) | Use::Error(..) => true,
		// By other names, and bytes.
		Use::Transactions | Use::ProxyCall | Use::Arguments(..) => false,
		Use::Answer(..) | Use::OptionalAnswer(..) => false,
	});
	uses.map(Use::kind_and_name).collect()
}

#[test]
fn everything_that_is_used_is_listed_and_nothing_else() {
	let (names, metadata) = (Names::new(), known().unwrap());
	let mut used = BTreeSet::new();
	for (_, code) in sources() {
		used.extend(generated(&code, &names).into_iter().map(|(_, item)| item));
		used.extend(quoted(&code, &metadata));
	}
	let listed = listed(|_| true);
	assert_eq!(used.difference(&listed).collect::<Vec<_>>(), [] as [&Item; 0], "not listed");
	assert_eq!(listed.difference(&used).collect::<Vec<_>>(), [] as [&Item; 0], "not used");
}

/// Returns the functions of a file: their names and their beginnings.
fn functions(code: &str) -> Vec<(usize, &str)> {
	let all = code.match_indices("fn").map(|(at, _)| (at, name_at(&code[at + 2..])));
	all.filter(|(at, name)| !name.is_empty() && code[at + 2 + name.len()..].starts_with(['(', '<']))
		.collect()
}

/// Returns what each function of a file uses, directly or through others of the file.
fn by_function(code: &str, names: &Names) -> BTreeMap<String, BTreeSet<Item>> {
	let functions = functions(code);
	let around = |place: usize| functions.iter().rev().find(|(at, _)| *at <= place);
	let mut uses: BTreeMap<String, BTreeSet<Item>> =
		functions.iter().map(|(_, name)| (name.to_string(), BTreeSet::new())).collect();
	for (at, item) in generated(code, names) {
		let (_, function) = around(at).unwrap();
		uses.get_mut(*function).unwrap().insert(item);
	}
	let mut calls = BTreeSet::new();
	for (_, callee) in &functions {
		let call = format!("{callee}(");
		for at in places(code, &call) {
			if let Some((_, caller)) = around(at).filter(|(_, caller)| caller != callee) {
				calls.insert((caller.to_string(), callee.to_string()));
			}
		}
	}
	for _ in &functions {
		for (caller, callee) in &calls {
			let more = uses[callee].clone();
			uses.get_mut(caller).unwrap().extend(more);
		}
	}
	uses
}

/// What the daemon uses, itself or through the functions that read the chain, belongs to one of its
/// own parts: it would not wait otherwise, and fail.
#[test]
fn what_the_daemon_uses_is_not_listed_for_other_commands_alone() {
	let names = Names::new();
	let sources = sources();
	let reads: BTreeMap<&str, _> = ["clock", "pool", "rollup", "tokens"]
		.into_iter()
		.map(|file| {
			let path = Path::new("src/reads").join(file).with_extension("rs");
			let (_, code) = sources.iter().find(|(there, _)| *there == path).unwrap();
			(file, by_function(code, &names))
		})
		.collect();
	assert!(reads["rollup"]["clock"].len() == 2, "{:?}", reads["rollup"]["clock"]);

	let mut used = BTreeSet::new();
	for (path, code) in &sources {
		// One proof, by a command.
		let is_of_command = path.ends_with("catch_up.rs");
		if is_of_command || !["src/daemon", "src/lineage"].iter().any(|it| path.starts_with(it)) {
			continue;
		}
		used.extend(generated(code, &names).into_iter().map(|(_, item)| item));
		for (file, functions) in &reads {
			for (function, uses) in functions {
				if places(code, &format!("{file}::{function}(")).next().is_some() {
					used.extend(uses.clone());
				}
			}
		}
	}
	assert!(used.len() > 30, "{used:?}");
	let listed = listed(|part| part != Part::Commands);
	assert_eq!(used.difference(&listed).collect::<Vec<_>>(), [] as [&Item; 0]);
}
