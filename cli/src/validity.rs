//! The names of the reasons for which a node's queue or a block refuses a transaction.

use crate::Refusal;

/// Returns the reason for which the node's transaction queue refuses a transaction; `None` for
/// other errors.
pub(crate) fn by_queue(error: &subxt::rpcs::Error) -> Option<Refusal> {
	/// Its errors begin here.
	const QUEUE: std::ops::Range<i32> = 1000..1100;
	let subxt::rpcs::Error::User(user) = error else { return None };
	if !QUEUE.contains(&user.code) {
		return None;
	}
	// The SDK's names. Errors without a number of their own are `Other`.
	let name = match user.code {
		1001 => "BadFormat",
		1002 => "Verification",
		1010 => "InvalidTransaction",
		1011 => "UnknownTransaction",
		1012 => "TemporarilyBanned",
		1013 => "AlreadyImported",
		1014 => "TooLowPriority",
		1015 => "CycleDetected",
		1016 => "ImmediatelyDropped",
		1018 => "Unactionable",
		1019 => "NoTagsProvided",
		1020 => "InvalidBlockId",
		1021 => "RejectedFutureTransaction",
		_ => "Other",
	};
	let data = user.data.as_ref().map(|data| {
		serde_json::from_str::<String>(data.get()).unwrap_or_else(|_| data.get().into())
	});
	let reason = match data {
		Some(data) => format!("{}: {data}", user.message),
		None => user.message.clone(),
	};
	Some(Refusal { name: format!("Transaction.{name}"), reason })
}

/// Returns the reason for which a block refuses a transaction: `TransactionValidityError`.
pub(crate) fn invalid(bytes: &[u8]) -> Refusal {
	let (name, reason) = match bytes {
		[0, 0, ..] => ("Invalid.Call", "the call is not expected here"),
		[0, 1, ..] => ("Invalid.Payment", "the account cannot pay the fee"),
		[0, 2, ..] => ("Invalid.Future", "the nonce is too high"),
		[0, 3, ..] => ("Invalid.Stale", "the nonce is already used"),
		[0, 4, ..] => ("Invalid.BadProof", "the signature is wrong"),
		[0, 5, ..] => ("Invalid.AncientBirthBlock", "it is too old"),
		[0, 6, ..] => ("Invalid.ExhaustsResources", "it does not fit into a block"),
		[0, 7, code, ..] => return custom("Invalid", *code),
		[0, 8, ..] => ("Invalid.BadMandatory", "a call that every block needs has failed"),
		[0, 9, ..] => ("Invalid.MandatoryValidation", "only the author of a block may add it"),
		[0, 10, ..] => ("Invalid.BadSigner", "the account cannot sign"),
		[0, 11, ..] => ("Invalid.IndeterminateImplicit", "its signed data cannot be determined"),
		[0, 12, ..] => ("Invalid.UnknownOrigin", "its origin is unknown"),
		[1, 0, ..] => ("Unknown.CannotLookup", "the data to validate it is not found"),
		[1, 1, ..] => ("Unknown.NoUnsignedValidator", "no pallet validates it without a signature"),
		[1, 2, code, ..] => return custom("Unknown", *code),
		_ => ("Invalid", "no block accepts it"),
	};
	Refusal { name: name.into(), reason: reason.into() }
}

/// Returns the refusal for a reason of the chain's own, which has a number only.
fn custom(kind: &str, code: u8) -> Refusal {
	let reason = format!("reason number {code} of the chain's own");
	Refusal { name: format!("{kind}.Custom"), reason }
}

#[cfg(test)]
mod tests {
	use super::*;
	use subxt::rpcs::{Error, UserError};

	fn user(json: &str) -> Error {
		Error::User(serde_json::from_str::<UserError>(json).unwrap())
	}

	#[test]
	fn refusals_of_the_queue_have_names() {
		for (json, name, reason) in [
			(
				r#"{"code": 1014, "message": "Priority is too low: (1 vs 0)", "data": "The \"new\" one."}"#,
				"Transaction.TooLowPriority",
				"Priority is too low: (1 vs 0): The \"new\" one.",
			),
			(
				r#"{"code": 1010, "message": "Invalid Transaction", "data": {"a": 1}}"#,
				"Transaction.InvalidTransaction",
				r#"Invalid Transaction: {"a": 1}"#,
			),
			(
				r#"{"code": 1012, "message": "Transaction is temporarily banned"}"#,
				"Transaction.TemporarilyBanned",
				"Transaction is temporarily banned",
			),
			(r#"{"code": 1099, "message": "new"}"#, "Transaction.Other", "new"),
		] {
			let expected = Refusal { name: name.into(), reason: reason.into() };
			assert_eq!(by_queue(&user(json)), Some(expected));
		}
	}

	#[test]
	fn other_errors_are_no_refusals() {
		for code in [-32601, 999, 1100] {
			assert_eq!(by_queue(&user(&format!(r#"{{"code": {code}, "message": "x"}}"#))), None);
		}
		assert_eq!(by_queue(&Error::DisconnectedWillReconnect("x".into())), None);
	}

	#[test]
	fn every_reason_of_a_block_has_a_name() {
		let invalid = |bytes: &[u8]| super::invalid(bytes);
		let mut names: Vec<String> = (0..=12).map(|it| invalid(&[0, it, 5]).name).collect();
		names.extend((0..=2).map(|it| invalid(&[1, it, 5]).name));
		assert!(names[..13].iter().all(|name| name.starts_with("Invalid.")), "{names:?}");
		assert!(names[13..].iter().all(|name| name.starts_with("Unknown.")), "{names:?}");
		let different: std::collections::BTreeSet<_> = names.iter().collect();
		assert_eq!(different.len(), names.len());
		assert!(invalid(&[0, 7, 5]).reason.contains("number 5"));
		for unknown in [&[][..], &[0], &[0, 7], &[0, 13], &[1, 3], &[2, 0]] {
			assert_eq!(invalid(unknown).name, "Invalid");
		}
	}
}
