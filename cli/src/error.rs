//! Errors, distinguished by what the caller should do about them: the exit codes.

pub mod advice;

use crate::{
	chain::{Balance, H256},
	output::{base_units, printable},
};
use serde::Serialize;
use std::fmt::Display;
use subxt::error as e;

/// An error that ends the program, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// The arguments are wrong, for this chain or together.
	#[error("{0}")]
	Usage(String),
	/// No node answers, or the connection was lost.
	#[error("{0}")]
	Connection(String),
	/// The chain would refuse the call. Nothing was submitted.
	#[error(transparent)]
	Refused(#[from] Refusal),
	/// The chain has refused the call in a block, for a fee.
	#[error(transparent)]
	Failed(#[from] Box<Failed>),
	/// A transaction was submitted, and its outcome is unknown.
	#[error(transparent)]
	NotConfirmed(#[from] NotConfirmed),
	/// The key cannot be read, or must not be used here.
	#[error("{0}")]
	Key(String),
	/// The chain's runtime is not the one this program was built for.
	#[error("{0}")]
	Incompatible(String),
	/// The user declined at the prompt.
	#[error("not submitted")]
	Declined,
	/// Anything else: a fault of this program or of the machine that it runs on.
	#[error("{0}")]
	Internal(String),
}

/// The reason for which the chain refuses a call. It is shown with the [`advice`] for its name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("refused by the chain: {name}{}", Reason(.reason, .name))]
pub struct Refusal {
	/// `Pallet.Error`, or the SDK's name: `BadOrigin`, `Token.FundsUnavailable`.
	pub name: String,
	/// The error's own documentation; may be empty.
	pub reason: String,
}

/// A transaction in a block, where its call was refused.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, thiserror::Error)]
#[error("{refusal} (in block {block}, for a fee: transaction {transaction:?})")]
pub struct Failed {
	/// The reason.
	#[serde(skip)]
	pub refusal: Refusal,
	/// The transaction's hash.
	pub transaction: H256,
	/// The number of its block.
	pub block: u64,
	/// The hash of its block.
	pub block_hash: H256,
	/// Its fee and tip, in base units.
	#[serde(serialize_with = "base_units")]
	pub fee: Balance,
}

/// A transaction that was submitted, or perhaps submitted, and whose outcome is unknown.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, thiserror::Error)]
#[error(
	"the outcome of transaction {transaction:?} is unknown ({reason}): look for it before submitting \
	 again"
)]
pub struct NotConfirmed {
	/// Its hash.
	pub transaction: H256,
	/// The hash of the last block that was reported to include it.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub block_hash: Option<H256>,
	/// The reason why no more is known.
	#[serde(skip)]
	pub reason: String,
}

impl Refusal {
	/// Adds a sentence to the reason.
	pub fn explain(&mut self, sentence: &str) {
		self.reason = joined(&self.reason, sentence);
	}
}

/// A reason, which may be empty, and the name that it follows.
struct Reason<'a>(&'a str, &'a str);

impl Display for Reason<'_> {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		let Self(reason, name) = self;
		match joined(reason, advice::of(name).unwrap_or_default()).as_str() {
			"" => Ok(()),
			text => write!(f, ": {text}"),
		}
	}
}

/// Joins two sentences, of which either may be empty. The first may lack its full stop.
fn joined(first: &str, second: &str) -> String {
	match (first, second) {
		("", only) | (only, "") => only.into(),
		_ => format!("{}. {second}", first.trim_end_matches('.')),
	}
}

/// An error as JSON.
#[derive(Serialize)]
struct Report<'a> {
	error: &'static str,
	#[serde(skip_serializing_if = "Option::is_none")]
	name: Option<&'a str>,
	message: String,
	#[serde(flatten)]
	failure: Option<&'a Failed>,
	#[serde(flatten)]
	not_confirmed: Option<&'a NotConfirmed>,
}

impl Error {
	/// Returns the exit code: documented in the README, never renumbered.
	pub fn exit_code(&self) -> u8 {
		match self {
			Error::Internal(_) => 1,
			Error::Usage(_) => 2,
			Error::Connection(_) => 3,
			Error::Refused(_) | Error::Failed(_) => 4,
			Error::NotConfirmed(_) => 5,
			Error::Key(_) => 6,
			Error::Incompatible(_) => 7,
			Error::Declined => 8,
		}
	}

	/// Returns whether the node has pruned what was asked for, or never had it.
	pub fn is_of_a_pruned_node(&self) -> bool {
		let text = self.to_string();
		["State already discarded", "UnknownBlock", "Unknown block", "cannot find the block header"]
			.iter()
			.any(|it| text.contains(it))
	}

	/// Returns the kind of error, for programs.
	pub fn kind(&self) -> &'static str {
		match self {
			Error::Internal(_) => "internal",
			Error::Usage(_) => "usage",
			Error::Connection(_) => "connection",
			Error::Refused(_) | Error::Failed(_) => "refused",
			Error::NotConfirmed(_) => "not_confirmed",
			Error::Key(_) => "key",
			Error::Incompatible(_) => "incompatible",
			Error::Declined => "declined",
		}
	}

	/// Returns the error in one line: a sentence, or JSON for programs. It may contain text from a
	/// node, so characters that control a terminal are removed.
	pub fn line(&self, json: bool) -> String {
		let message = printable(&one_line(&self.to_string())).into_owned();
		if !json {
			return format!("error: {message}");
		}
		let (name, failure, not_confirmed) = match self {
			Error::Refused(refusal) => (Some(refusal.name.as_str()), None, None),
			Error::Failed(failure) => {
				(Some(failure.refusal.name.as_str()), Some(failure.as_ref()), None)
			},
			Error::NotConfirmed(transaction) => (None, None, Some(transaction)),
			_ => (None, None, None),
		};
		let report = Report { error: self.kind(), name, message, failure, not_confirmed };
		serde_json::to_string(&report).unwrap_or(report.message)
	}
}

/// Joins the lines of a message.
fn one_line(text: &str) -> String {
	text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

impl From<std::io::Error> for Error {
	fn from(error: std::io::Error) -> Self {
		Error::Internal(error.to_string())
	}
}

/// Converts everything that the library reports while reading from a chain: errors of another
/// runtime are distinguished from those of a lost connection.
impl From<subxt::Error> for Error {
	fn from(error: subxt::Error) -> Self {
		if is_of_another_runtime(&error) {
			return Error::Incompatible(format!(
				"the chain's runtime differs from the one this program was built for ({error}): \
				 use the version of prover-pool that belongs to the chain"
			));
		}
		Error::Connection(format!("the node did not answer as expected: {error}"))
	}
}

/// Returns whether the chain's metadata lacks something, differs, or does not fit the data.
fn is_of_another_runtime(error: &subxt::Error) -> bool {
	use subxt::Error as E;
	match error {
		E::ConstantError(_)
		| E::DispatchErrorDecodeError(_)
		| E::ExtrinsicDecodeErrorAt(_)
		| E::ModuleErrorDecodeError(_)
		| E::ModuleErrorDetailsError(_)
		| E::OtherCodecError(_)
		| E::StorageKeyError(_)
		| E::StorageValueError(_) => true,
		E::RuntimeApiError(it) => !matches!(it, e::RuntimeApiError::CannotCallApi(_)),
		E::ViewFunctionError(it) => !matches!(it, e::ViewFunctionError::CannotCallApi(_)),
		E::EventsError(it) => is_undecodable(it),
		E::OnlineClientAtBlockError(it) => is_undescribed(it),
		E::BlocksError(e::BlocksError::CannotGetCurrentBlock(it)) => is_undescribed(it),
		E::StorageError(it) => !matches!(
			it,
			e::StorageError::CannotFetchValue(_)
				| e::StorageError::CannotIterateValues(_)
				| e::StorageError::StreamFailure(_)
				| e::StorageError::NoValueFound
		),
		E::AccountNonceError(it) => !matches!(it, e::AccountNonceError::CouldNotRetrieve(_)),
		E::ExtrinsicError(it) => match it {
			e::ExtrinsicError::AccountNonceError { reason, .. } => {
				!matches!(reason, e::AccountNonceError::CouldNotRetrieve(_))
			},
			e::ExtrinsicError::IncompatibleCodegen
			| e::ExtrinsicError::PalletNameNotFound(_)
			| e::ExtrinsicError::CallNameNotFound { .. }
			| e::ExtrinsicError::EncodeError(_)
			| e::ExtrinsicError::Params(_)
			| e::ExtrinsicError::UnsupportedVersion
			| e::ExtrinsicError::CouldNotDecodeTransactionExtension { .. }
			| e::ExtrinsicError::CannotDecodeFields { .. }
			| e::ExtrinsicError::CannotDecodeIntoRootExtrinsic { .. }
			| e::ExtrinsicError::CannotDecodeFeeInfo(_) => true,
			_ => false,
		},
		E::TransactionEventsError(it) => match it {
			e::TransactionEventsError::CannotDecodeEventInBlock { error, .. }
			| e::TransactionEventsError::CannotFetchEventsForTransaction { error, .. } => {
				is_undecodable(error)
			},
			e::TransactionEventsError::CannotInstantiateClientAtBlock(it) => is_undescribed(it),
			e::TransactionEventsError::CannotDecodeDispatchError { .. } => true,
			_ => false,
		},
		_ => false,
	}
}

fn is_undecodable(error: &e::EventsError) -> bool {
	!matches!(error, e::EventsError::CannotFetchEventBytes(_))
}

/// Returns whether the library does not understand the chain's metadata.
fn is_undescribed(error: &e::OnlineClientAtBlockError) -> bool {
	use e::OnlineClientAtBlockError as A;
	match error {
		A::CannotDecodeSpecVersion { .. }
		| A::UnsupportedMetadataVersion { .. }
		| A::MissingLegacyTypes
		| A::CannotConvertLegacyMetadata { .. }
		| A::CannotConvertModernMetadata { .. }
		| A::CannotInjectMetadataTypes { .. } => true,
		// Of a version that the library does not know: it has no error of its own for that.
		A::CannotGetMetadata { reason, .. } => reason.starts_with("Error decoding"),
		_ => false,
	}
}

/// Converts each of the library's error types.
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

	fn failure() -> Error {
		let refusal =
			Refusal { name: "ProverPool.NotInPool".into(), reason: "Not a member.".into() };
		let (transaction, block_hash) = (H256([1; 32]), H256([2; 32]));
		Box::new(Failed { refusal, transaction, block: 7, block_hash, fee: 1_500 }).into()
	}

	fn not_confirmed(block_hash: Option<H256>) -> NotConfirmed {
		NotConfirmed { transaction: H256([1; 32]), block_hash, reason: "interrupted".into() }
	}

	fn json(error: Error) -> serde_json::Value {
		serde_json::from_str(&error.line(true)).unwrap()
	}

	#[test]
	fn every_kind_has_the_documented_exit_code() {
		let text = || "x".to_string();
		let all = [
			Error::Internal(text()),
			Error::Usage(text()),
			Error::Connection(text()),
			refusal(),
			failure(),
			not_confirmed(None).into(),
			Error::Key(text()),
			Error::Incompatible(text()),
			Error::Declined,
		];
		let codes: Vec<u8> = all.iter().map(Error::exit_code).collect();
		assert_eq!(codes, [1, 2, 3, 4, 4, 5, 6, 7, 8]);
		let kinds: BTreeSet<_> = all.iter().map(|it| (it.exit_code(), it.kind())).collect();
		assert_eq!(kinds.len(), 8);
	}

	#[test]
	fn a_transaction_that_was_submitted_is_never_lost() {
		let hash = |byte: &str| format!("0x{}", byte.repeat(32));
		let expected = serde_json::json!({
			"error": "refused",
			"name": "ProverPool.NotInPool",
			"message": format!(
				"refused by the chain: ProverPool.NotInPool: Not a member. Enter the pool with `stake`. \
				 (in block 7, for a fee: transaction {})",
				hash("01")
			),
			"transaction": hash("01"),
			"block": 7,
			"block_hash": hash("02"),
			"fee": "1500",
		});
		assert_eq!(json(failure()), expected);

		let unknown: Error = not_confirmed(None).into();
		let expected = format!(
			"error: the outcome of transaction {} is unknown (interrupted): look for it before \
			 submitting again",
			hash("01")
		);
		assert_eq!(unknown.line(false), expected);
		let unknown = json(unknown);
		assert_eq!(unknown["transaction"], hash("01"));
		assert!(unknown.get("block_hash").is_none() && unknown.get("name").is_none(), "{unknown}");
		let seen = json(not_confirmed(Some(H256([2; 32]))).into());
		assert_eq!(
			(&seen["block_hash"], &seen["error"]),
			(&hash("02").into(), &"not_confirmed".into())
		);
		assert!(json(refusal()).get("transaction").is_none());
	}

	#[test]
	fn errors_cannot_control_a_terminal() {
		let error = || Error::Connection("the node says: \u{1b}[2K\rdone\u{9b}m".into());
		assert_eq!(error().line(false), "error: the node says: [2Kdonem");
		assert_eq!(json(error())["message"], "the node says: [2Kdonem");
	}

	#[test]
	fn an_error_is_one_line() {
		let error = Error::Connection("lost:\n  at home\n  at work".into());
		assert_eq!(error.line(false), "error: lost: at home at work");
		assert_eq!(error.line(true).lines().count(), 1);
	}

	#[test]
	fn a_refusal_has_a_name_and_perhaps_a_reason() {
		let expected =
			"error: refused by the chain: ProverPool.NotInPool: Not a member. Enter the pool \
		                with `stake`.";
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
	fn a_refusal_is_shown_with_what_explains_it_and_what_to_do() {
		let shown = |name: &str, reason: &str, explanation: &str| {
			let mut refusal = Refusal { name: name.into(), reason: reason.into() };
			refusal.explain(explanation);
			refusal.to_string()
		};
		let known = "ProverPool.StillPending";
		for (name, reason, explanation, text) in [
			(known, "No draw.", "It is late.", ": No draw. It is late. Wait for the draw."),
			// The reasons that this program gives itself are no sentences.
			(known, "block 7 waits", "", ": block 7 waits. Wait for the draw."),
			(known, "", "", ": Wait for the draw."),
			("Token.Frozen", "It is frozen", "", ": It is frozen"),
			("Token.Frozen", "It is frozen", "For ever.", ": It is frozen. For ever."),
			("BadOrigin", "", "Use another.", ": Use another."),
		] {
			let expected = format!("refused by the chain: {name}{text}");
			assert_eq!(shown(name, reason, explanation), expected);
		}
	}

	#[test]
	fn another_runtime_is_no_lost_connection() {
		use subxt::ext::{
			codec,
			frame_decode::{
				extrinsics::ExtrinsicEncodeError,
				runtime_apis::{RuntimeApiDecodeError, RuntimeApiInfoError},
			},
		};
		let hash = || e::Hex::from(H256::zero());
		let api = RuntimeApiDecodeError::CannotGetInfo(RuntimeApiInfoError::TraitNotFound {
			trait_name: "ProverPoolApi".into(),
		});
		let unknown_event = || e::EventsError::CannotFindPalletWithIndex(99);
		let metadata_of = || e::OnlineClientAtBlockError::UnsupportedMetadataVersion {
			block_hash: hash(),
			version: 99,
		};
		let other: Vec<Error> = vec![
			e::RuntimeApiError::IncompatibleCodegen.into(),
			e::RuntimeApiError::CouldNotDecodeResponse(api).into(),
			e::ExtrinsicError::PalletNameNotFound("ProverPool".into()).into(),
			e::ExtrinsicError::UnsupportedVersion.into(),
			e::ExtrinsicError::Params(e::TransactionExtensionError::custom("unknown")).into(),
			e::ExtrinsicError::EncodeError(ExtrinsicEncodeError::CannotFindGoodExtensionVersion)
				.into(),
			e::ExtrinsicError::AccountNonceError {
				block_hash: hash(),
				account_id: hash(),
				reason: e::AccountNonceError::WrongNumberOfBytes(3),
			}
			.into(),
			e::StorageError::IncompatibleCodegen.into(),
			e::StorageError::CannotDecodeStorageVersion(codec::Error::from("short")).into(),
			e::StorageValueError::LeftoverBytes { bytes: vec![0] }.into(),
			unknown_event().into(),
			e::TransactionEventsError::CannotDecodeEventInBlock {
				event_index: 0,
				block_hash: hash(),
				error: unknown_event(),
			}
			.into(),
			metadata_of().into(),
			e::OnlineClientAtBlockError::CannotConvertModernMetadata {
				block_hash: hash(),
				metadata_version: 16,
				reason: e::MetadataTryFromError::TypeNotFound(7),
			}
			.into(),
			e::BlocksError::CannotGetCurrentBlock(metadata_of()).into(),
			e::OnlineClientAtBlockError::CannotGetMetadata {
				block_hash: hash(),
				reason: "Error decoding response for Metadata_metadata_at_version: 17".into(),
			}
			.into(),
			e::ViewFunctionError::PalletNotFound("ProverPool".into()).into(),
		];
		for error in other {
			assert_eq!(error.exit_code(), 7, "{error}");
		}
	}

	#[test]
	fn a_lost_connection_is_no_other_runtime() {
		let gone = || e::BackendError::other("gone");
		let hash = || e::Hex::from(H256::zero());
		let lost: Vec<Error> = vec![
			e::RuntimeApiError::CannotCallApi(gone()).into(),
			e::ViewFunctionError::CannotCallApi(gone()).into(),
			e::StorageError::CannotFetchValue(gone()).into(),
			e::EventsError::CannotFetchEventBytes(gone()).into(),
			e::ExtrinsicError::CannotGetFeeInfo(gone()).into(),
			e::ExtrinsicError::AccountNonceError {
				block_hash: hash(),
				account_id: hash(),
				reason: e::AccountNonceError::CouldNotRetrieve(gone()),
			}
			.into(),
			e::OnlineClientAtBlockError::BlockHeaderNotFound { block_hash: hash() }.into(),
			e::OnlineClientAtBlockError::CannotGetMetadata {
				block_hash: hash(),
				reason: "Error calling Metadata_metadata_at_version: gone".into(),
			}
			.into(),
			e::BlocksError::CannotGetBlockHeader(gone()).into(),
		];
		for error in lost {
			assert_eq!(error.exit_code(), 3, "{error}");
		}
	}
}
