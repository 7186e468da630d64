//! The input: decoded blocks of the chain.

use serde_json::{Map, Value};

/// The chain, as its node describes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Chain {
	/// Its name.
	pub name: String,
	/// Its genesis hash, `0x…`: its identity.
	pub genesis_hash: String,
	/// The symbol of its token.
	pub symbol: String,
	/// The decimals of its token.
	pub decimals: u32,
	/// The prefix of its addresses.
	pub ss58_prefix: u16,
}

/// A block of the chain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Block {
	/// Its number.
	pub number: u64,
	/// Its hash, `0x…`.
	pub hash: String,
	/// The hash of the block before.
	pub parent_hash: String,
	/// Milliseconds since 1970; `None` if it has no timestamp.
	pub time: Option<i64>,
	/// The version of the runtime that made it.
	pub spec_version: u32,
	/// Its events, in their order.
	pub events: Vec<Event>,
	/// Why some of its events are missing, if they are.
	pub undecoded: Option<String>,
}

/// An event.
///
/// Its fields have the names of the chain. Amounts are strings of base units, accounts are addresses
/// with the chain's own prefix, bytes are `0x…`, a variant without fields is its name.
///
/// [`STATE`] is not a pallet: its events contain what the chain's state says after the block. They are the last
/// ones of their block.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
	/// Its index in the block.
	pub index: u32,
	/// The extrinsic that caused it; `None` for hooks.
	pub extrinsic: Option<u32>,
	/// The pallet.
	pub pallet: String,
	/// Its name.
	pub name: String,
	/// Its fields.
	pub fields: Map<String, Value>,
}

/// The name under which facts of the chain's state are stored with the events: where the events begin or
/// resume, and where an event lacks a figure.
pub const STATE: &str = "State";
/// The first of the events of [`STATE`] where the whole state is stored: a `Staker` for each account follows.
pub const STAKERS: &str = "Stakers";

/// The pallets whose events are stored.
const PALLETS: [&str; 7] = [
	"ProverPool",
	"BlockProposal",
	"Attestation",
	"SuccinctProofs",
	"CheckedParameters",
	"Parameters",
	STATE,
];

impl Event {
	/// Returns whether it is this event of this pallet.
	pub fn is(&self, pallet: &str, name: &str) -> bool {
		self.pallet == pallet && self.name == name
	}

	/// Returns the block of the rollup that it is about.
	pub fn block_id(&self) -> Option<u64> {
		self.fields.get("block_id").and_then(Value::as_u64)
	}

	/// Returns the account that it is about.
	pub fn account(&self) -> Option<&str> {
		let account = |field| self.fields.get(field).and_then(Value::as_str);
		account("who").or_else(|| account("prover")).or_else(|| account("proposer"))
	}
}

impl Block {
	/// Returns whether it contains what the chain's state says after it.
	pub fn has_state(&self) -> bool {
		self.events.iter().any(|event| event.is(STATE, STAKERS))
	}
}

/// Returns whether an event has to be decoded: others are never stored.
pub fn is_wanted(pallet: &str, name: &str) -> bool {
	PALLETS.contains(&pallet) || (pallet, name) == ("Balances", "Deposit")
}

/// Returns the events that are stored: those of the pool and its protocol, and the payment of a reporter,
/// which no event of the pool contains.
///
/// The payment is the first `Balances.Deposit` after the slash is applied, before anything else happens in
/// the pool or the protocol.
pub fn kept(events: &[Event]) -> impl Iterator<Item = &Event> {
	let mut paying = None;
	events.iter().filter(move |event| {
		if event.is("Balances", "Deposit") {
			let pays = paying == Some(event.extrinsic);
			paying = None;
			return pays;
		}
		let kept = PALLETS.contains(&event.pallet.as_str());
		if event.is("ProverPool", "SlashApplied") || event.is("ProverPool", "Slashed") {
			paying = Some(event.extrinsic);
		} else if kept && !is_part_of_slash(event) {
			paying = None;
		}
		kept
	})
}

/// Returns whether the pool reports this between a slash and its payment.
fn is_part_of_slash(event: &Event) -> bool {
	event.pallet == "ProverPool" && matches!(event.name.as_str(), "Suspended" | "Exited")
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	fn event(index: u32, extrinsic: Option<u32>, name: &str) -> Event {
		let (pallet, name) = name.split_once('.').unwrap();
		let Value::Object(fields) = json!({ "block_id": 7 }) else { unreachable!() };
		Event { index, extrinsic, pallet: pallet.into(), name: name.into(), fields }
	}

	fn kept_of(events: &[(Option<u32>, &str)]) -> Vec<u32> {
		let events: Vec<_> = events
			.iter()
			.zip(0..)
			.map(|((extrinsic, name), index)| event(index, *extrinsic, name))
			.collect();
		kept(&events).map(|event| event.index).collect()
	}

	#[test]
	fn the_payment_of_a_reporter_is_kept_and_no_other_deposit() {
		let applied = "ProverPool.SlashApplied";
		let deposit = "Balances.Deposit";
		// A fee comes after the payment, or in another phase.
		assert_eq!(kept_of(&[(None, applied), (None, deposit), (None, deposit)]), [0, 1]);
		assert_eq!(kept_of(&[(None, applied), (Some(1), deposit)]), [0]);
		assert_eq!(kept_of(&[(None, deposit), (None, applied)]), [1]);
		// A new account is endowed first.
		let endowed = "Balances.Endowed";
		assert_eq!(kept_of(&[(None, applied), (None, endowed), (None, deposit)]), [0, 2]);
		// At once: a suspension and an exit lie in between.
		let slashed = [
			(Some(2), "ProverPool.Slashed"),
			(Some(2), "ProverPool.Suspended"),
			(Some(2), "ProverPool.Exited"),
			(Some(2), "Balances.BurnedHeld"),
			(Some(2), deposit),
			(Some(2), "BlockProposal.BlockVerified"),
			(Some(2), deposit),
		];
		assert_eq!(kept_of(&slashed), [0, 1, 2, 4, 5]);
		// Deferred: nothing is paid yet.
		let deferred = "ProverPool.SlashDeferred";
		assert_eq!(
			kept_of(&[(None, "ProverPool.Slashed"), (None, deferred), (None, deposit)]),
			[0, 1]
		);
	}

	#[test]
	fn events_of_other_pallets_are_left_out() {
		assert_eq!(kept_of(&[(None, "System.ExtrinsicSuccess"), (None, "State.Member")]), [1]);
	}
}
