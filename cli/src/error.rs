//! What can go wrong, told apart by what the caller should do about it: the exit codes.

use serde::Serialize;
use std::{borrow::Cow, fmt::Display};

/// An error that ends the program, in one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// The arguments make no sense to this chain, or together.
	#[error("{0}")]
	Usage(String),
	/// No node answers, or the connection was lost.
	#[error("{0}")]
	Connection(String),
	/// The chain would refuse the call, or has refused it.
	#[error(transparent)]
	Refused(#[from] Refusal),
	/// A transaction was submitted, and what became of it is not known.
	#[error("{0}")]
	NotConfirmed(String),
	/// The key cannot be read, or must not be used here.
	#[error("{0}")]
	Key(String),
	/// The chain's runtime is not the one this program was built for.
	#[error("{0}")]
	Incompatible(String),
	/// The answer to the question before submitting was no.
	#[error("not submitted")]
	Declined,
	/// Anything else: a fault of this program or of the machine that it runs on.
	#[error("{0}")]
	Internal(String),
}

/// Why the chain refuses a call.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("refused by the chain: {name}{}", Reason(.reason))]
pub struct Refusal {
	/// `Pallet.Error`, or what the SDK calls it: `BadOrigin`, `Token.FundsUnavailable`.
	pub name: String,
	/// The error's own documentation; may be empty.
	pub reason: String,
}

/// Follows a name, if there is one.
struct Reason<'a>(&'a str);

impl Display for Reason<'_> {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		match self.0 {
			"" => Ok(()),
			reason => write!(f, ": {reason}"),
		}
	}
}

/// An error as programs read it.
#[derive(Serialize)]
struct Report<'a> {
	error: &'static str,
	#[serde(skip_serializing_if = "Option::is_none")]
	name: Option<&'a str>,
	message: String,
}

impl Error {
	/// What the program returns: documented in the README, never renumbered.
	pub fn exit_code(&self) -> u8 {
		match self {
			Error::Internal(_) => 1,
			Error::Usage(_) => 2,
			Error::Connection(_) => 3,
			Error::Refused(_) => 4,
			Error::NotConfirmed(_) => 5,
			Error::Key(_) => 6,
			Error::Incompatible(_) => 7,
			Error::Declined => 8,
		}
	}

	/// The kind of error, for programs.
	pub fn kind(&self) -> &'static str {
		match self {
			Error::Internal(_) => "internal",
			Error::Usage(_) => "usage",
			Error::Connection(_) => "connection",
			Error::Refused(_) => "refused",
			Error::NotConfirmed(_) => "not_confirmed",
			Error::Key(_) => "key",
			Error::Incompatible(_) => "incompatible",
			Error::Declined => "declined",
		}
	}

	/// The error in one line: a sentence, or JSON for programs.
	pub fn line(&self, json: bool) -> String {
		if !json {
			return format!("error: {}", one_line(&self.to_string()));
		}
		let name = match self {
			Error::Refused(refusal) => Some(refusal.name.as_str()),
			_ => None,
		};
		let report = Report { error: self.kind(), name, message: self.to_string() };
		serde_json::to_string(&report).unwrap_or_else(|_| self.to_string())
	}
}

/// Messages of libraries may have several lines.
fn one_line(text: &str) -> Cow<'_, str> {
	if text.contains('\n') {
		text.split('\n').map(str::trim).collect::<Vec<_>>().join(" ").into()
	} else {
		text.into()
	}
}

impl From<std::io::Error> for Error {
	fn from(error: std::io::Error) -> Self {
		Error::Internal(error.to_string())
	}
}

/// Everything that the library reports while reading from a chain: what was built for another runtime
/// is told apart from what a lost connection brings about.
impl From<subxt::Error> for Error {
	fn from(error: subxt::Error) -> Self {
		use subxt::error as e;
		use subxt::Error as E;
		let incompatible = matches!(
			error,
			E::RuntimeApiError(
				e::RuntimeApiError::IncompatibleCodegen
					| e::RuntimeApiError::TraitNotFound(_)
					| e::RuntimeApiError::MethodNotFound { .. }
			) | E::ExtrinsicError(
				e::ExtrinsicError::IncompatibleCodegen
					| e::ExtrinsicError::PalletNameNotFound(_)
					| e::ExtrinsicError::CallNameNotFound { .. }
			) | E::StorageError(
				e::StorageError::IncompatibleCodegen
					| e::StorageError::PalletNameNotFound(_)
					| e::StorageError::StorageEntryNotFound { .. }
			) | E::ConstantError(_)
				| E::ViewFunctionError(
					e::ViewFunctionError::IncompatibleCodegen
						| e::ViewFunctionError::PalletNotFound(_)
						| e::ViewFunctionError::ViewFunctionNotFound { .. }
				)
		);
		if incompatible {
			return Error::Incompatible(format!(
				"the chain's runtime differs from the one this program was built for ({error}): \
				 use the version of prover-pool that belongs to the chain"
			));
		}
		Error::Connection(format!("the node did not answer as expected: {error}"))
	}
}

/// `?` for each of the library's own error types.
macro_rules! from_subxt {
	($($name:ident),* $(,)?) => {
		$(impl From<subxt::error::$name> for Error {
			fn from(error: subxt::error::$name) -> Self {
				subxt::Error::from(error).into()
			}
		})*
	};
}
from_subxt!(
	BackendError,
	BlockError,
	BlocksError,
	ConstantError,
	EventsError,
	ExtrinsicDecodeErrorAt,
	ExtrinsicError,
	OnlineClientAtBlockError,
	OnlineClientError,
	RuntimeApiError,
	StorageError,
	StorageKeyError,
	StorageValueError,
	TransactionEventsError,
	TransactionProgressError,
	ViewFunctionError,
);

impl From<subxt::rpcs::Error> for Error {
	fn from(error: subxt::rpcs::Error) -> Self {
		Error::Connection(format!("the node did not answer as expected: {error}"))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::collections::BTreeSet;

	fn refusal() -> Error {
		Refusal { name: "ProverPool.NotInPool".into(), reason: "Not a member.".into() }.into()
	}

	#[test]
	fn every_kind_has_an_exit_code_of_its_own() {
		let text = || "x".to_string();
		let all = [
			Error::Internal(text()),
			Error::Usage(text()),
			Error::Connection(text()),
			refusal(),
			Error::NotConfirmed(text()),
			Error::Key(text()),
			Error::Incompatible(text()),
			Error::Declined,
		];
		let codes: Vec<u8> = all.iter().map(Error::exit_code).collect();
		assert_eq!(codes, [1, 2, 3, 4, 5, 6, 7, 8]);
		let kinds: BTreeSet<_> = all.iter().map(Error::kind).collect();
		assert_eq!(kinds.len(), all.len());
	}

	#[test]
	fn an_error_is_one_line() {
		let error = Error::Connection("lost:\n  at home\n  at work".into());
		assert_eq!(error.line(false), "error: lost: at home at work");
		assert_eq!(error.line(true).lines().count(), 1);
	}

	#[test]
	fn a_refusal_has_a_name_and_perhaps_a_reason() {
		let expected = "error: refused by the chain: ProverPool.NotInPool: Not a member.";
		assert_eq!(refusal().line(false), expected);
		let json: serde_json::Value = serde_json::from_str(&refusal().line(true)).unwrap();
		assert_eq!(
			(&json["error"], &json["name"]),
			(&"refused".into(), &"ProverPool.NotInPool".into())
		);
		let bare = Refusal { name: "BadOrigin".into(), reason: String::new() };
		assert_eq!(bare.to_string(), "refused by the chain: BadOrigin");
	}

	#[test]
	fn another_runtime_is_no_lost_connection() {
		use subxt::error::{BackendError, ExtrinsicError, RuntimeApiError, StorageError};
		let other: [Error; 3] = [
			RuntimeApiError::IncompatibleCodegen.into(),
			ExtrinsicError::PalletNameNotFound("ProverPool".into()).into(),
			StorageError::IncompatibleCodegen.into(),
		];
		assert_eq!(other.map(|error| error.exit_code()), [7, 7, 7]);
		let lost: Error = RuntimeApiError::CannotCallApi(BackendError::other("gone")).into();
		assert_eq!(lost.exit_code(), 3);
	}
}
