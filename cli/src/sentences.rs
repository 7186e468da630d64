//! The pool's events in plain sentences. Other events keep the text that the chain's own
//! description gives them.

use crate::decoded::Event;
use serde_json::Value;

/// Returns an event in words, without its name.
pub fn of(event: &Event) -> String {
	template(event).and_then(|template| filled(template, event)).unwrap_or_else(|| event.text())
}

/// Returns the sentence of an event, with the names of its fields in braces.
fn template(event: &Event) -> Option<&'static str> {
	let is_set = |field: &str| !matches!(event.data.get(field), None | Some(Value::Null));
	let forced = event.data.get("forced") == Some(&Value::Bool(true));
	Some(match event.name.strip_prefix("ProverPool.")? {
		"Staked" => {
			"{who} entered slot {prover_id} with {amount} at {reward_per_gas} base units per gas, free \
			 capacity {current_capacity}"
		},
		"Exited" => match (forced, is_set("exit")) {
			(false, true) => "{who} left; its stake of {amount} is in exit {exit}",
			(false, false) => "{who} left without a stake",
			(true, true) => "{who} was forced out; its stake of {amount} is in exit {exit}",
			(true, false) => "{who} was forced out without a stake",
		},
		"Withdrawn" => "{amount} of free exits were paid out to {who}",
		"StakeIncreased" => "{who} added {amount} to its stake",
		"Unstaked" => "{who} took {amount} from its stake, which is in exit {exit}",
		"Restaked" => "{who} turned exit {exit} of {amount} back into stake",
		"TermsChanged" => {
			"{who} now asks {reward_per_gas} base units per gas, for up to {max_capacity} blocks at once"
		},
		"Paused" => "{who} paused",
		"Resumed" => "{who} resumed",
		"OfferListed" => "draws now use the offer of {who}",
		"Suspended" => "{who} is suspended until {until}",
		"SuspensionEnded" => "the suspension of {who} ended",
		"ProverRequested" => "block {block_id} needs a prover, at a fee of {fee_per_gas} per gas",
		"ProverAssigned" => {
			"block {block_id} is assigned to {who} at {reward_per_gas} base units per gas"
		},
		"ProverNotFound" => "block {block_id} is open, its draw had no result: {reason}",
		"RequestCancelled" => "the request for block {block_id} was cancelled",
		"ProverReleased" => "{who} delivered block {block_id}",
		"ProverDischarged" => "{who} is no longer liable for block {block_id}",
		"Slashed" => {
			"{who} was slashed {amount} for block {block_id} ({fault}): {from_exits} from exits, \
			 {from_stake} from the stake"
		},
		"SlashDeferred" => "the slash for block {block_id} is due at {due_at}",
		"SlashApplied" => "the slash of {amount} of {who} for block {block_id} was taken",
		"SlashCancelled" => {
			"the slash for block {block_id} was cancelled, {amount} were released to {who}"
		},
		_ => return None,
	})
}

/// Fills a template; `None` if the event has no such field.
fn filled(template: &str, event: &Event) -> Option<String> {
	let mut text = String::new();
	let mut rest = template;
	while let Some((before, after)) = rest.split_once('{') {
		let (field, after) = after.split_once('}')?;
		text.push_str(before);
		text.push_str(&event.shown(field)?);
		rest = after;
	}
	text.push_str(rest);
	Some(text)
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::{json, Map};
	use subxt::Metadata;

	fn event(name: &str, fields: Value) -> Event {
		let Value::Object(fields) = fields else { panic!("fields have names") };
		Event { name: name.into(), data: fields.clone(), for_people: fields.into_iter().collect() }
	}

	/// A sentence that names a field which is not there would never be shown.
	#[test]
	fn every_event_of_the_pool_has_a_sentence_of_its_fields() {
		let metadata = Metadata::decode_from(include_bytes!("../metadata.scale")).unwrap();
		let pool = metadata.pallet_by_name("ProverPool").unwrap();
		for variant in pool.event_variants().unwrap() {
			let fields = variant.fields.iter().map(|field| field.name.clone().unwrap());
			let fields: Map<String, Value> = fields.map(|name| (name, "X".into())).collect();
			let event = event(&format!("ProverPool.{}", variant.name), Value::Object(fields));
			let template = template(&event);
			assert!(template.is_some_and(|it| filled(it, &event).is_some()), "{}", variant.name);
		}
	}

	#[test]
	fn an_exit_says_whether_it_was_forced_and_what_is_left() {
		for (forced, exit, text) in [
			(false, json!(3), "5Fa left; its stake of 5 UNIT is in exit 3"),
			(false, Value::Null, "5Fa left without a stake"),
			(true, json!(3), "5Fa was forced out; its stake of 5 UNIT is in exit 3"),
			(true, Value::Null, "5Fa was forced out without a stake"),
		] {
			let fields =
				json!({ "who": "5Fa", "amount": "5 UNIT", "exit": exit, "forced": forced });
			assert_eq!(of(&event("ProverPool.Exited", fields)), text);
		}
	}

	#[test]
	fn an_event_without_a_sentence_lists_its_fields() {
		let fields = json!({ "block_id": 1, "why": null });
		let expected = "block_id 1, why none";
		assert_eq!(of(&event("BlockProposal.BlockProven", fields.clone())), expected);
		// One whose fields are others.
		assert_eq!(of(&event("ProverPool.Paused", fields)), expected);
	}
}
