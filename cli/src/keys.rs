//! Keys: where they come from, and who signs.
//!
//! A secret never is an argument: other users of a machine can read those.

use crate::{chain::AccountId, client::Properties, Error, Result};
use clap::Args;
use std::{
	env, fs,
	io::{stdin, IsTerminal},
	path::{Path, PathBuf},
	str::FromStr,
};
use subxt_signer::{polkadot_js_compat, sr25519::Keypair, SecretUri};

/// The variable with a SURI itself.
pub const SURI: &str = "PROVER_POOL_SURI";
/// The variable that names a file with a SURI, as `--suri-file` does.
pub const SURI_FILE: &str = "PROVER_POOL_SURI_FILE";
/// The variable that names a keystore, as `--keystore` does.
pub const KEYSTORE: &str = "PROVER_POOL_KEYSTORE";
/// The variable with a keystore's password.
pub const PASSWORD: &str = "PROVER_POOL_PASSWORD";
/// The variable that names a file with the password, as `--password-file` does.
pub const PASSWORD_FILE: &str = "PROVER_POOL_PASSWORD_FILE";

/// The phrase of all development keys.
const DEVELOPMENT_PHRASE: &str =
	"bottom drive obey lake curtain smoke basket hold race lonely fit walk";
/// The names of development keys; whoever holds the last vouches for proofs on development chains.
const NAMES: [&str; 7] = ["alice", "bob", "charlie", "dave", "eve", "ferdie", "attestor"];

/// Whose key signs. An argument counts more than the environment.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Key")]
pub struct KeyArgs {
	/// A development key, which everybody knows: alice, bob, charlie, dave, eve or ferdie.
	#[arg(long, value_name = "NAME", global = true, conflicts_with_all = ["suri_file", "keystore"])]
	pub dev: Option<String>,

	/// A file with a SURI: a secret phrase, with derivations if there are any. [env:
	/// PROVER_POOL_SURI_FILE, or PROVER_POOL_SURI with the SURI itself]
	#[arg(long, value_name = "FILE", global = true, conflicts_with = "keystore")]
	pub suri_file: Option<PathBuf>,

	/// A JSON file as polkadot.js exports it. [env: PROVER_POOL_KEYSTORE]
	#[arg(long, value_name = "FILE", global = true)]
	pub keystore: Option<PathBuf>,

	/// A file with the keystore's password, which is asked for otherwise. [env:
	/// PROVER_POOL_PASSWORD_FILE, or PROVER_POOL_PASSWORD with the password itself]
	#[arg(long, value_name = "FILE", global = true)]
	pub password_file: Option<PathBuf>,
}

/// All variables that hold a key or tell where one is, which no other program has to see.
pub const VARIABLES: [&str; 5] = [SURI, SURI_FILE, KEYSTORE, PASSWORD, PASSWORD_FILE];

/// A key pair that signs.
#[derive(Clone)]
pub struct Signer {
	pair: Keypair,
	/// Whether everybody knows it: it descends from the phrase of development keys.
	known: bool,
}

// The pair is nobody's business.
impl std::fmt::Debug for Signer {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Signer").field("account", &self.account()).finish_non_exhaustive()
	}
}

impl Signer {
	/// The development key of that name.
	pub fn development(name: &str) -> Result<Self> {
		let lower = name.to_lowercase();
		if !NAMES.contains(&lower.as_str()) {
			return Err(Error::Key(format!(
				"there is no development key `{name}`: use one of {}",
				NAMES.join(", ")
			)));
		}
		Self::from_suri(&format!("//{}{}", lower[..1].to_uppercase(), &lower[1..]))
	}

	/// The key of a SURI: a phrase or a seed, with derivations.
	pub fn from_suri(suri: &str) -> Result<Self> {
		let suri = suri.trim();
		if suri.is_empty() {
			// The library would take it for the phrase of all development keys.
			return Err(Error::Key("the SURI is empty".into()));
		}
		// Nothing of a secret gets into a message.
		let wrong = || {
			Error::Key(
				"the SURI is not valid: write a secret phrase or `0x…` seed, with derivations if any"
					.into(),
			)
		};
		let uri = SecretUri::from_str(suri).map_err(|_| wrong())?;
		let pair = Keypair::from_uri(&uri).map_err(|_| wrong())?;
		Ok(Self { pair, known: is_development_phrase(suri) })
	}

	/// The key in a file that holds a SURI.
	pub fn from_suri_file(path: &Path) -> Result<Self> {
		Self::from_suri(&read(path)?).map_err(|error| in_file(path, error))
	}

	/// The key in a JSON file of polkadot.js.
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
		Ok(Self { pair, known: false })
	}

	/// The account that it signs for.
	pub fn account(&self) -> AccountId {
		self.pair.public_key().to_account_id()
	}

	/// The key pair.
	pub fn pair(&self) -> &Keypair {
		&self.pair
	}

	/// Refuses a key that everybody knows where tokens are worth something.
	pub fn check_for(&self, chain: &Properties) -> Result<()> {
		if self.known && !chain.development {
			return Err(Error::Key(format!(
				"everybody knows this development key, and {} is not a development chain: use a key of \
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
	/// Whether an argument or the environment names a key.
	pub fn is_given(&self) -> bool {
		!matches!(self.source(|name| env::var(name).ok()), Ok(None))
	}

	/// The key, which may take a password from the terminal.
	pub fn signer(&self) -> Result<Signer> {
		match self.source(|name| env::var(name).ok())? {
			Some(Source::Development(name)) => Signer::development(&name),
			Some(Source::Suri(suri)) => Signer::from_suri(&suri),
			Some(Source::SuriFile(path)) => Signer::from_suri_file(&path),
			Some(Source::Keystore(path)) => {
				let json = read(&path)?;
				// Before anybody types a password in vain.
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
				"more than one of {SURI}, {SURI_FILE} and {KEYSTORE} is set: leave one, or name the key \
				 with an argument"
			))),
			(source, None) => Ok(source),
		}
	}

	fn password(&self, keystore: &Path) -> Result<String> {
		let path =
			self.password_file.clone().or_else(|| env::var_os(PASSWORD_FILE).map(Into::into));
		if let Some(path) = path {
			return Ok(read(&path)?.trim_end_matches(['\r', '\n']).to_string());
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

/// What the library does not expect of a keystore.
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

/// Whether a SURI descends from the phrase of development keys, which stands for the empty one.
fn is_development_phrase(suri: &str) -> bool {
	let phrase = suri.split('/').next().unwrap_or_default().trim();
	phrase.is_empty() || phrase == DEVELOPMENT_PHRASE
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
		for name in ["", "alcie", "alice//stash"] {
			assert!(reason(Signer::development(name)).contains("alice, bob"));
		}
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
		for suri in ["//Alice", "/soft", phrase, &format!("{phrase}//Alice"), "///password"] {
			let signer = Signer::from_suri(suri).unwrap();
			assert!(signer.check_for(&chain(true)).is_ok());
			assert_eq!(signer.check_for(&chain(false)).unwrap_err().exit_code(), 6, "{suri}");
		}
		assert!(Signer::from_suri(PHRASE).unwrap().check_for(&chain(false)).is_ok());
	}

	#[test]
	fn a_keystore_of_polkadot_js_is_read() {
		let signer = Signer::from_keystore(KEYSTORE_FILE, KEYSTORE_PASSWORD).unwrap();
		assert_eq!(address(&signer), KEYSTORE_ADDRESS);
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

	/// What of these variables and arguments is taken.
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
