//! What to do about the errors of the project's pallets. [`Refusal`](crate::Refusal) shows it after the
//! reason, so that every command and the daemon's log do.
//!
//! What depends on the state of the chain, dates and amounts, is in `commands::refusals`.

use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

/// What to do about an error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advice {
	/// The sentence of the command line.
	advice: String,
	/// The sentence of the dashboard, which reads the same file, where the other one names a command.
	#[serde(default, rename = "page")]
	_page: Option<String>,
}

/// The sentences for each error, by pallet and name.
static ADVICE: LazyLock<BTreeMap<String, Advice>> = LazyLock::new(|| {
	serde_json::from_str(include_str!("advice.json"))
		.expect("a file of this crate, as a test shows")
});

/// Returns the sentence for the error of this name, `Pallet.Error`.
pub fn of(name: &str) -> Option<&'static str> {
	ADVICE.get(name).map(|advice| advice.advice.as_str())
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::collections::BTreeSet;
	use subxt::Metadata;

	/// Returns the errors of a pallet.
	fn errors(metadata: &Metadata, pallet: &str) -> BTreeSet<String> {
		let described = metadata.pallet_by_name(pallet).unwrap();
		let errors = described.error_variants().into_iter().flatten();
		errors.map(|error| format!("{pallet}.{}", error.name)).collect()
	}

	#[test]
	fn every_error_of_the_projects_pallets_has_a_sentence() {
		let metadata = Metadata::decode_from(include_bytes!("../../metadata.scale")).unwrap();
		let pallets = [
			"ProverPool",
			"ProverLottery",
			"BlockProposal",
			"Attestation",
			"SuccinctProofs",
			"VrfAccumulator",
		];
		for error in pallets.iter().flat_map(|pallet| errors(&metadata, pallet)) {
			assert!(of(&error).is_some(), "{error}");
		}
	}

	#[test]
	fn every_sentence_has_an_error() {
		let metadata = Metadata::decode_from(include_bytes!("../../metadata.scale")).unwrap();
		for error in ADVICE.keys() {
			let (pallet, _) = error.split_once('.').unwrap();
			assert!(errors(&metadata, pallet).contains(error), "{error}");
		}
		let entries = include_str!("advice.json").matches("\"advice\":").count();
		assert_eq!(ADVICE.len(), entries, "an error has two sentences");
	}

	#[test]
	fn advice_is_a_sentence() {
		let begins = |c: char| c.is_ascii_uppercase() || c == '`';
		for (error, Advice { advice, _page: page }) in ADVICE.iter() {
			for sentence in [Some(advice), page.as_ref()].into_iter().flatten() {
				assert!(
					sentence.starts_with(begins) && sentence.ends_with('.'),
					"{error}: {sentence}"
				);
			}
		}
		assert_eq!(of("ProverPool.NotInPool"), Some("Enter the pool with `stake`."));
		assert_eq!(of("ProverPool"), None);
	}
}
