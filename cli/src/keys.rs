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
