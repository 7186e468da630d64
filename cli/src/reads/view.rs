//! Calls of view functions, encoded as the SDK expects.
//!
//! subxt 0.51.1 passes arguments and answer without the length prefix that the SDK uses, and does
//! not decode the `Result` around the answer. This module can go when subxt does both.

use crate::{chain::At, Error, Result};
use subxt::{
	ext::{
		codec::{Decode, Encode},
		frame_decode::view_functions::decode_view_function_response,
		scale_decode::IntoVisitor,
	},
	view_functions::Payload,
};

/// The length of a view function's id.
const ID: usize = 32;

/// Calls a view function.
pub async fn call<P: Payload>(at: &At, payload: P) -> Result<P::ReturnType> {
	let views = at.view_functions();
	views.validate(&payload)?;
	let arguments = views.encode_args(&payload)?;
	let answer = views.call_raw(Some(&packed(&arguments))).await?;
	let answer =
		unpacked(&answer).ok_or_else(|| wrong(&payload, "the runtime refuses the call"))?;
	let metadata = at.metadata_ref();
	decode_view_function_response(
		payload.pallet_name(),
		payload.function_name(),
		&mut answer.as_slice(),
		metadata,
		metadata.types(),
		P::ReturnType::into_visitor(),
	)
	.map_err(|error| wrong(&payload, &error.to_string()))
}

fn wrong<P: Payload>(payload: &P, reason: &str) -> Error {
	let (pallet, function) = (payload.pallet_name(), payload.function_name());
	Error::Incompatible(format!("the view function {pallet}.{function} failed: {reason}"))
}

/// Returns the id, and the arguments as a list of bytes.
fn packed(arguments: &[u8]) -> Vec<u8> {
	let (id, arguments) = arguments.split_at(ID.min(arguments.len()));
	[id, &arguments.encode()].concat()
}

/// Returns the bytes of an answer that is not an error.
fn unpacked(answer: &[u8]) -> Option<Vec<u8>> {
	match answer.split_first()? {
		(0, mut list) => Vec::decode(&mut list).ok().filter(|_| list.is_empty()),
		_ => None,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn arguments_follow_the_id_as_a_list() {
		let id = [7; ID];
		assert_eq!(packed(&id), [&id[..], &[0]].concat());
		assert_eq!(packed(&[&id[..], &[1, 2]].concat()), [&id[..], &[8, 1, 2]].concat());
	}

	#[test]
	fn only_a_whole_answer_without_error_is_one() {
		assert_eq!(unpacked(&[0, 8, 1, 2]), Some(vec![1, 2]));
		assert_eq!(unpacked(&[0, 0]), Some(vec![]));
		for wrong in [&[][..], &[0], &[0, 8, 1], &[0, 4, 1, 2], &[1, 0]] {
			assert_eq!(unpacked(wrong), None, "{wrong:?}");
		}
	}
}
