//! Keys and their sources.
//!
//! A secret is never an argument: other users of a machine can read arguments.

use crate::{chain::AccountId, client::Properties, output::warn, Error, Result};
use clap::{builder::PossibleValuesParser, Args};
use std::{
	collections::BTreeSet,
	env, fs,
	io::{stdin, IsTerminal},
	mem::take,
	path::{Path, PathBuf},
	str::FromStr,
	sync::LazyLock,
};
use subxt_signer::{polkadot_js_compat, sr25519::Keypair, DeriveJunction, SecretUri};

/// The variable with a SURI itself.
const SURI: &str = "PROVER_POOL_SURI";
/// The variable that names a file with a SURI, as `--suri-file` does.
const SURI_FILE: &str = "PROVER_POOL_SURI_FILE";
/// The variable that names a keystore, as `--keystore` does.
const KEYSTORE: &str = "PROVER_POOL_KEYSTORE";
/// The variable with a keystore's password.
const PASSWORD: &str = "PROVER_POOL_PASSWORD";
/// The variable that names a file with the password, as `--password-file` does.
const PASSWORD_FILE: &str = "PROVER_POOL_PASSWORD_FILE";

/// The directory in which systemd puts what `LoadCredential=` names. It is closed to others.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// The phrase of all development keys.
const DEVELOPMENT_PHRASE: &str =
	"bottom drive obey lake curtain smoke basket hold race lonely fit walk";
/// The names of development accounts.
const NAMES: [&str; 6] = ["alice", "bob", "charlie", "dave", "eve", "ferdie"];
/// The name of the attestation key of development chains.
const ATTESTOR: &str = "attestor";

/// The public keys whose secret is publicly known: that of the phrase, and those with a name, with
/// and without `//stash`.
///
/// Other paths are recognised by the phrase that they begin with. Where nothing shows it, as in a
/// keystore or in the seed of such a path, they are not recognised.
static KNOWN: LazyLock<BTreeSet<[u8; 32]>> = LazyLock::new(|| {
	let root = SecretUri::from_str(DEVELOPMENT_PHRASE).ok();
	let root = root.and_then(|uri| Keypair::from_uri(&uri).ok());
	let root = root.expect("twelve words with a checksum, as a test shows");
	let hard = |name: &str| DeriveJunction::from(name).harden();
	let named = NAMES.iter().chain([&ATTESTOR]).flat_map(|name| {
		let pair = root.derive([hard(&capitalized(name))]);
		[pair.derive([hard("stash")]), pair]
	});
	named.chain([root.clone()]).map(|pair| pair.public_key().0).collect()
});

/// The key that signs. Arguments take precedence over the environment.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Key")]
pub struct KeyArgs {
	/// Sign with this publicly known development key.
	#[arg(
		long,
		value_name = "NAME",
		global = true,
		conflicts_with_all = ["suri_file", "keystore"],
		ignore_case = true,
		value_parser = PossibleValuesParser::new(NAMES)
	)]
	pub dev: Option<String>,

	/// Sign with the SURI in this file: a secret phrase, with derivations if there are any. [env:
	/// PROVER_POOL_SURI_FILE, or PROVER_POOL_SURI with the SURI itself]
	#[arg(long, value_name = "FILE", global = true, conflicts_with = "keystore")]
	pub suri_file: Option<PathBuf>,

	/// Sign with the key in this JSON file of polkadot.js. [env: PROVER_POOL_KEYSTORE]
	#[arg(long, value_name = "FILE", global = true)]
	pub keystore: Option<PathBuf>,

	/// Read the keystore's password from this file. Default: ask for it. [env:
	/// PROVER_POOL_PASSWORD_FILE, or PROVER_POOL_PASSWORD with the password itself]
	#[arg(long, value_name = "FILE", global = true)]
	pub password_file: Option<PathBuf>,
}

/// All variables that hold or name a key. Other programs must not see them.
pub const VARIABLES: [&str; 5] = [SURI, SURI_FILE, KEYSTORE, PASSWORD, PASSWORD_FILE];

/// A key pair that signs.
#[derive(Clone)]
pub struct Signer {
	pair: Keypair,
	/// True if it is publicly known: it descends from the phrase of development keys, as far as
	/// visible.
	known: bool,
}

// The pair must not be exposed: it holds the secret key.
impl std::fmt::Debug for Signer {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Signer").field("account", &self.account()).finish_non_exhaustive()
	}
}

impl Signer {
	/// Returns the development key of this name.
	pub fn development(name: &str) -> Result<Self> {
		let lower = name.to_lowercase();
		if lower != ATTESTOR && !NAMES.contains(&lower.as_str()) {
			return Err(Error::Key(format!(
				"there is no development key `{name}`: use one of {}",
				NAMES.join(", ")
			)));
		}
		Self::from_suri(&format!("//{}", capitalized(&lower)))
	}

	/// Returns the key of a SURI: a phrase or a seed, with derivations.
	pub fn from_suri(suri: &str) -> Result<Self> {
		let suri = suri.trim();
		if suri.is_empty() {
			// The library would take it for the phrase of all development keys.
			return Err(Error::Key("the SURI is empty".into()));
		}
		if suri.contains(char::is_control) {
			// The library would take a second line for a part of the last derivation.
			return Err(Error::Key(
				"the SURI has more than one line, or another control character in it".into(),
			));
		}
		// Nothing of a secret gets into a message.
		let wrong = || {
			Error::Key(
				"the SURI is not valid: write a secret phrase or `0x…` seed, with derivations if any"
					.into(),
			)
		};
		let mut uri = SecretUri::from_str(suri).map_err(|_| wrong())?;
		let path = take(&mut uri.junctions);
		let root = Keypair::from_uri(&uri).map_err(|_| wrong())?;
		let pair = root.derive(path);
		// The key of the phrase is compared, since a phrase has more than one spelling. A password
		// can be guessed, so it does not make a publicly known phrase secret.
		let bare = match uri.password.take() {
			Some(_) => Keypair::from_uri(&uri).map_err(|_| wrong())?,
			None => root,
		};
		let known = is_known(&bare) || is_known(&pair);
		Ok(Self { pair, known })
	}

	/// Returns the key of the SURI in a file.
	pub fn from_suri_file(path: &Path) -> Result<Self> {
		Self::from_suri(&read_secret(path)?).map_err(|error| in_file(path, error))
	}

	/// Returns the key in a JSON file of polkadot.js.
	pub fn from_keystore(json: &str, password: &str) -> Result<Self> {
		check_keystore(json)?;
		let pair = polkadot_js_compat::decrypt_json(json, password).map_err(|error| {
			use polkadot_js_compat::Error as E;
			Error::Key(match error {
				E::Secretbox(_) => "the password is wrong".into(),
				E::InvalidKeys => "the address is not that of the key inside".into(),
				error => format!("not a keystore of polkadot.js with an sr25519 key: {error}"),
			})
		})?;
		Ok(Self { known: is_known(&pair), pair })
	}

	/// Returns the account of the key.
	pub fn account(&self) -> AccountId {
		self.pair.public_key().to_account_id()
	}

	/// Returns the key pair.
	pub fn pair(&self) -> &Keypair {
		&self.pair
	}

	/// Refused if the key is publicly known and the chain is not one for development.
	pub fn check_for(&self, chain: &Properties) -> Result<()> {
		if self.known && !chain.development {
			return Err(Error::Key(format!(
				"this development key is publicly known, and {} is not a development chain: use a key of \
				 your own",
				chain.name
			)));
		}
		Ok(())
	}
}

/// Where a key may be found.
enum Source {
	Development(String),
	Suri(String),
	SuriFile(PathBuf),
	Keystore(PathBuf),
}

impl KeyArgs {
	/// Returns whether an argument or the environment names a key.
	pub fn is_given(&self) -> bool {
		!matches!(self.source(|name| env::var(name).ok()), Ok(None))
	}

	/// Returns the key. May ask for a password on the terminal.
	pub fn signer(&self) -> Result<Signer> {
		match self.source(|name| env::var(name).ok())? {
			Some(Source::Development(name)) => Signer::development(&name),
			Some(Source::Suri(suri)) => Signer::from_suri(&suri),
			Some(Source::SuriFile(path)) => Signer::from_suri_file(&path),
			Some(Source::Keystore(path)) => {
				let json = read(&path)?;
				// Before anything asks for a password.
				check_keystore(&json).map_err(|error| in_file(&path, error))?;
				Signer::from_keystore(&json, &self.password(&path)?)
					.map_err(|error| in_file(&path, error))
			},
			None => Err(Error::Key(format!(
				"a key is needed: --suri-file FILE, --keystore FILE, the variable {SURI}, or --dev alice \
				 on a development chain"
			))),
		}
	}

	fn source(&self, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Source>> {
		let by_argument = self
			.dev
			.clone()
			.map(Source::Development)
			.or_else(|| self.suri_file.clone().map(Source::SuriFile))
			.or_else(|| self.keystore.clone().map(Source::Keystore));
		if by_argument.is_some() {
			return Ok(by_argument);
		}
		let mut by_variable = [
			variable(SURI).map(Source::Suri),
			variable(SURI_FILE).map(|path| Source::SuriFile(path.into())),
			variable(KEYSTORE).map(|path| Source::Keystore(path.into())),
		]
		.into_iter()
		.flatten();
		match (by_variable.next(), by_variable.next()) {
			(_, Some(_)) => Err(Error::Key(format!(
				"more than one of {SURI}, {SURI_FILE} and {KEYSTORE} is set: unset the others, or name the \
				 key with an argument"
			))),
			(source, None) => Ok(source),
		}
	}

	fn password(&self, keystore: &Path) -> Result<String> {
		let path =
			self.password_file.clone().or_else(|| env::var_os(PASSWORD_FILE).map(Into::into));
		if let Some(path) = path {
			return Ok(read_secret(&path)?.trim_end_matches(['\r', '\n']).to_string());
		}
		if let Ok(password) = env::var(PASSWORD) {
			return Ok(password);
		}
		if !stdin().is_terminal() {
			return Err(Error::Key(format!(
				"the password of {} cannot be asked for without a terminal: use --password-file FILE or the \
				 variable {PASSWORD}",
				keystore.display()
			)));
		}
		rpassword::prompt_password(format!("Password of {}: ", keystore.display()))
			.map_err(|error| Error::Key(format!("the password cannot be read: {error}")))
	}
}

/// Refuses keystores that the library cannot handle.
fn check_keystore(json: &str) -> Result<()> {
	/// Parameters of the key derivation, and a nonce, in base64: less makes the library panic.
	const SHORTEST: usize = 92;
	let wrong = |reason: &str| Err(Error::Key(format!("not a keystore of polkadot.js: {reason}")));
	let Ok(value) = serde_json::from_str::<serde_json::Value>(json) else {
		return wrong("it is not JSON");
	};
	match value["encoded"].as_str() {
		Some(encoded) if encoded.len() > SHORTEST => Ok(()),
		Some(_) => wrong("its content is cut off"),
		None => wrong("it has no `encoded`; export a single account"),
	}
}

/// Returns whether this very key is publicly known.
fn is_known(pair: &Keypair) -> bool {
	KNOWN.contains(&pair.public_key().0)
}

/// Returns the name with a capital, as development keys are derived.
fn capitalized(name: &str) -> String {
	name.chars().take(1).map(|c| c.to_ascii_uppercase()).chain(name.chars().skip(1)).collect()
}

/// Reads a secret that is not encrypted. Warns if others can read it.
fn read_secret(path: &Path) -> Result<String> {
	#[cfg(unix)]
	if let Ok(metadata) = fs::metadata(path) {
		use std::os::unix::fs::PermissionsExt;
		let mode = metadata.permissions().mode() & 0o777;
		let is_credential = env::var_os(CREDENTIALS).is_some_and(|it| path.starts_with(it));
		if metadata.is_file() && mode & 0o077 != 0 && !is_credential {
			let path = path.display();
			warn(&format!(
				"{path} is a secret, and its mode {mode:04o} gives others access: use 0400"
			));
		}
	}
	read(path)
}

fn read(path: &Path) -> Result<String> {
	fs::read_to_string(path)
		.map_err(|error| Error::Key(format!("{} cannot be read: {error}", path.display())))
}

fn in_file(path: &Path, error: Error) -> Error {
	match error {
		Error::Key(reason) => Error::Key(format!("{}: {reason}", path.display())),
		other => other,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::amount::Token;
	use proptest::prelude::*;
	use std::collections::BTreeMap;

	const KEYSTORE_FILE: &str = include_str!("../tests/fixtures/sr25519.json");
	const KEYSTORE_PASSWORD: &str = "correct horse";
	/// The address in the keystore.
	const KEYSTORE_ADDRESS: &str = "5G3xPUP6gA8M8gGguUSnKH5vzUBygdXJfrCmGNceDauWvrMp";
	/// A phrase of twelve words that is not the development one.
	const PHRASE: &str =
		"legal winner thank year wave sausage worth useful legal winner thank yellow";

	/// The seed that the phrase of development keys stands for.
	const ROOT_SEED: &str = "0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e";
	/// The seed of `//Alice`, as `subkey inspect //Alice` shows it.
	const ALICE_SEED: &str = "0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a";

	fn address(signer: &Signer) -> String {
		crate::ss58::encode(&signer.account(), 42)
	}

	fn reason(result: Result<Signer>) -> String {
		let error = result.unwrap_err();
		assert_eq!(error.exit_code(), 6, "{error}");
		error.to_string()
	}

	fn chain(development: bool) -> Properties {
		let token = Token::new("UNIT", 12).unwrap();
		Properties { name: "Chain".into(), development, token, prefix: 42 }
	}

	#[test]
	fn development_keys_have_names() {
		let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
		for name in ["alice", "Alice", "ALICE"] {
			assert_eq!(address(&Signer::development(name).unwrap()), alice);
		}
		assert_eq!(address(&Signer::from_suri("//Alice").unwrap()), alice);
		for name in ["", "alcie", "alice//stash", "alice\n"] {
			assert!(reason(Signer::development(name)).contains("alice, bob"));
		}
	}

	#[test]
	fn a_second_line_does_not_make_it_another_account() {
		for suri in ["//Alice\n//Bob", "//Alice\r\nfor the prover", "//Al\tice", "//Alice\u{0}"] {
			let reason = reason(Signer::from_suri(suri));
			assert!(reason.contains("more than one line") && !reason.contains("Alice"), "{reason}");
		}
		let alice = address(&Signer::development("alice").unwrap());
		assert_eq!(address(&Signer::from_suri("//Alice\r\n").unwrap()), alice);
	}

	#[test]
	fn a_suri_is_a_phrase_or_a_seed_with_derivations() {
		let seed = "0x9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
		for suri in [PHRASE, seed] {
			let plain = Signer::from_suri(&format!(" {suri}\n")).unwrap();
			assert_eq!(address(&plain), address(&Signer::from_suri(suri).unwrap()));
			let derived = Signer::from_suri(&format!("{suri}//hard/soft")).unwrap();
			assert_ne!(address(&plain), address(&derived));
		}
	}

	#[test]
	fn nothing_of_a_wrong_secret_gets_into_a_message() {
		for suri in ["legal winner horse", "0x12", "thisisasecret", "🔑"] {
			let reason = reason(Signer::from_suri(suri));
			assert!(!reason.contains(suri), "{reason}");
		}
		// To the library, that would be the development phrase.
		for empty in ["", " \n"] {
			assert!(reason(Signer::from_suri(empty)).contains("empty"));
		}
	}

	#[test]
	fn nothing_of_a_secret_is_printed() {
		let signer = Signer::from_suri(PHRASE).unwrap();
		let shown = format!("{signer:?}");
		assert!(shown.starts_with("Signer { account: "), "{shown}");
		assert!(!shown.to_lowercase().contains("pair"), "{shown}");
	}

	#[test]
	fn keys_that_everybody_knows_are_for_development_chains() {
		let phrase = DEVELOPMENT_PHRASE;
		let spaced = phrase.replace(' ', "  ");
		for suri in [
			"//Alice",
			"//Attestor",
			"//Mallory//1",
			"/soft",
			"///password",
			"//Alice///password",
			phrase,
			&format!("{phrase}//Alice"),
			&spaced,
			&format!("{spaced} //somebody///password"),
			// The same phrase as a seed, and the seeds at the ends of two of its paths.
			ROOT_SEED,
			&format!("{ROOT_SEED}//Bob"),
			ALICE_SEED,
			&format!("{ALICE_SEED}//stash"),
			&format!("{ALICE_SEED}//1"),
		] {
			let signer = Signer::from_suri(suri).unwrap();
			assert!(signer.check_for(&chain(true)).is_ok());
			assert_eq!(signer.check_for(&chain(false)).unwrap_err().exit_code(), 6, "{suri}");
		}
		let own_seed = ALICE_SEED.replace("e5be", "e5bf");
		for suri in [PHRASE, &format!("{PHRASE}//Alice"), &own_seed] {
			assert!(Signer::from_suri(suri).unwrap().check_for(&chain(false)).is_ok(), "{suri}");
		}
	}

	#[test]
	fn a_key_that_everybody_knows_is_known_in_whatever_form_it_comes() {
		let pair = |suri: &str| Keypair::from_uri(&SecretUri::from_str(suri).unwrap()).unwrap();
		for suri in [DEVELOPMENT_PHRASE, "//Alice", "//Ferdie//stash", "//Eve", "//Attestor"] {
			assert!(is_known(&pair(suri)), "{suri}");
		}
		// Nothing shows where this one comes from.
		for suri in [PHRASE, "//Mallory"] {
			assert!(!is_known(&pair(suri)), "{suri}");
		}
		assert_eq!(KNOWN.len(), 2 * (NAMES.len() + 1) + 1);
	}

	#[test]
	fn a_keystore_of_polkadot_js_is_read() {
		let signer = Signer::from_keystore(KEYSTORE_FILE, KEYSTORE_PASSWORD).unwrap();
		assert_eq!(address(&signer), KEYSTORE_ADDRESS);
	}

	#[test]
	fn a_keystore_with_a_key_that_everybody_knows_is_for_development_chains() {
		let alice = include_str!("../tests/fixtures/alice.json");
		let alice = Signer::from_keystore(alice, KEYSTORE_PASSWORD).unwrap();
		assert!(alice.check_for(&chain(true)).is_ok());
		assert_eq!(alice.check_for(&chain(false)).unwrap_err().exit_code(), 6);
		// The limit: nothing in this one shows that it is another path of the same phrase.
		let signer = Signer::from_keystore(KEYSTORE_FILE, KEYSTORE_PASSWORD).unwrap();
		assert!(signer.check_for(&chain(false)).is_ok());
	}

	#[test]
	fn what_is_no_keystore_or_has_another_password_is_refused() {
		let ed25519 = include_str!("../tests/fixtures/ed25519.json");
		let cut: String = KEYSTORE_FILE.replace("kacvuzHrorLtOFewNXT", "");
		for (json, password, expected) in [
			(KEYSTORE_FILE, "wrong", "password is wrong"),
			(KEYSTORE_FILE, "", "password is wrong"),
			(ed25519, KEYSTORE_PASSWORD, "sr25519"),
			(cut.as_str(), KEYSTORE_PASSWORD, "keystore"),
			("", "", "not JSON"),
			("[]", "", "no `encoded`"),
			(r#"{"encoded": "AAAA"}"#, "", "cut off"),
		] {
			let reason = reason(Signer::from_keystore(json, password));
			assert!(reason.contains(expected), "{reason}");
		}
	}

	#[test]
	fn a_keystore_with_the_address_of_another_is_refused() {
		let swapped = KEYSTORE_FILE
			.replace(KEYSTORE_ADDRESS, "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
		assert!(reason(Signer::from_keystore(&swapped, KEYSTORE_PASSWORD)).contains("address"));
	}

	proptest! {
		#![proptest_config(ProptestConfig { cases: 64, ..Default::default() })]

		#[test]
		fn no_content_of_a_keystore_makes_it_panic(encoded in "[A-Za-z0-9+/]{0,200}={0,2}") {
			let mut json: serde_json::Value = serde_json::from_str(KEYSTORE_FILE).unwrap();
			json["encoded"] = encoded.into();
			prop_assert!(Signer::from_keystore(&json.to_string(), "").is_err());
		}
	}

	/// Returns the source that these variables and arguments name.
	fn source(args: KeyArgs, variables: &[(&str, &str)]) -> Result<Option<&'static str>> {
		let variables: BTreeMap<_, _> = variables.iter().copied().collect();
		let source = args.source(|name| variables.get(name).map(|value| value.to_string()))?;
		Ok(source.map(|source| match source {
			Source::Development(_) => "development",
			Source::Suri(_) => "suri",
			Source::SuriFile(_) => "file",
			Source::Keystore(_) => "keystore",
		}))
	}

	#[test]
	fn an_argument_counts_more_than_the_environment() {
		let dev = || KeyArgs { dev: Some("alice".into()), ..Default::default() };
		assert_eq!(source(dev(), &[]).unwrap(), Some("development"));
		assert_eq!(source(dev(), &[(SURI, "//Bob")]).unwrap(), Some("development"));
		assert_eq!(
			source(dev(), &[(SURI, "//Bob"), (KEYSTORE, "f")]).unwrap(),
			Some("development")
		);
		assert_eq!(source(KeyArgs::default(), &[]).unwrap(), None);
		assert_eq!(source(KeyArgs::default(), &[(SURI, "//Bob")]).unwrap(), Some("suri"));
		assert_eq!(source(KeyArgs::default(), &[(SURI_FILE, "f")]).unwrap(), Some("file"));
		assert_eq!(source(KeyArgs::default(), &[(KEYSTORE, "f")]).unwrap(), Some("keystore"));
	}

	#[test]
	fn two_keys_in_the_environment_are_one_too_many() {
		let error = source(KeyArgs::default(), &[(SURI, "//Bob"), (KEYSTORE, "f")]).unwrap_err();
		assert_eq!(error.exit_code(), 6);
		assert!(error.to_string().contains("more than one"), "{error}");
	}
}
