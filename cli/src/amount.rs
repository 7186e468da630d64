//! Amounts as people write them, `1.5 UNIT`, and in base units, as the chain counts them.

use crate::{Error, Result};
use prover_pool_history::Amount;

/// The unit of amounts in base units: `1500 base`.
const BASE: &str = "base";
/// More decimals than any chain has; 10 to their power fits an amount.
const MAX_DECIMALS: u32 = 30;
/// More characters than any token's symbol has.
const MAX_SYMBOL: usize = 12;

/// The chain's token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Token {
	symbol: String,
	decimals: u32,
}

impl Token {
	/// Creates a token. Refused with too many decimals, or with a symbol that is not a word: a node
	/// could choose one that makes an amount look like another.
	pub fn new(symbol: impl Into<String>, decimals: u32) -> Result<Self> {
		let symbol = symbol.into();
		if decimals > MAX_DECIMALS {
			let message =
				format!("the chain's token has {decimals} decimals, more than any amount");
			return Err(Error::Incompatible(message));
		}
		let is_word = (1..=MAX_SYMBOL).contains(&symbol.len())
			&& symbol.chars().all(|c| c.is_ascii_alphanumeric());
		if !is_word || symbol == BASE {
			let message = format!("the symbol of the chain's token is not valid: {symbol:?}");
			return Err(Error::Incompatible(message));
		}
		Ok(Self { symbol, decimals })
	}

	/// Returns the symbol.
	pub fn symbol(&self) -> &str {
		&self.symbol
	}

	/// Returns the decimals.
	pub fn decimals(&self) -> u32 {
		self.decimals
	}

	/// Returns the base units of one token.
	pub fn unit(&self) -> u128 {
		10u128.pow(self.decimals)
	}

	/// Returns the amount in full, as [`Token::parse`] reads it: `1.5 UNIT`.
	pub fn format(&self, amount: u128) -> String {
		format!("{} {}", self.number(amount), self.symbol)
	}

	/// Returns the amount without the symbol.
	fn number(&self, amount: u128) -> String {
		Amount(amount).tokens(self.decimals)
	}

	/// Parses `1.5 UNIT`, `1.5UNIT` or `1.5` in tokens, `1500 base` in base units. Digits may be
	/// separated with `_`.
	pub fn parse(&self, text: &str) -> Result<u128> {
		let (number, unit) = split(text);
		let amount = match unit {
			BASE => whole(number),
			unit if unit.is_empty() || unit == self.symbol => self.tokens(number),
			_ => None,
		};
		amount.ok_or_else(|| {
			let symbol = &self.symbol;
			Error::Usage(format!(
				"`{text}` is not an amount: write `1.5 {symbol}` (at most {} decimals) or `1500 {BASE}` \
				 for base units",
				self.decimals
			))
		})
	}

	/// Parses an amount that needs a unit, unless it is 0: a bare number would be ambiguous.
	pub fn parse_with_unit(&self, text: &str) -> Result<u128> {
		let amount = self.parse(text)?;
		let (number, unit) = split(text);
		if amount > 0 && unit.is_empty() {
			let symbol = &self.symbol;
			return Err(Error::Usage(format!(
				"`{text}` has no unit: write `{number} {symbol}` or `{number} {BASE}` for base units"
			)));
		}
		Ok(amount)
	}

	fn tokens(&self, number: &str) -> Option<u128> {
		let (integer, fraction) = number.split_once('.').unwrap_or((number, "0"));
		let fraction: String = digits(fraction)?;
		// Trailing zeroes do not count.
		let fraction = fraction.trim_end_matches('0');
		let missing = self.decimals.checked_sub(fraction.len() as u32)?;
		let fraction: u128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
		whole(integer)?
			.checked_mul(self.unit())?
			.checked_add(fraction.checked_mul(10u128.pow(missing))?)
	}
}

/// Splits a text into a number and the word after it.
fn split(text: &str) -> (&str, &str) {
	let text = text.trim();
	let is_of_number = |c: char| c.is_ascii_digit() || c == '.' || c == '_';
	let (number, unit) = text.split_at(text.find(|c| !is_of_number(c)).unwrap_or(text.len()));
	(number, unit.trim())
}

fn whole(number: &str) -> Option<u128> {
	digits(number)?.parse().ok()
}

/// Returns the digits of a number, without `_` between them.
fn digits(number: &str) -> Option<String> {
	let separators_between = !number.starts_with('_') && !number.ends_with('_');
	let digits: String = number.chars().filter(|c| *c != '_').collect();
	let only_digits = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
	(separators_between && only_digits).then_some(digits)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn unit() -> Token {
		Token::new("UNIT", 12).unwrap()
	}

	#[test]
	fn people_write_amounts_in_several_ways() {
		for (text, amount) in [
			("1.5 UNIT", 1_500_000_000_000),
			("1.5UNIT", 1_500_000_000_000),
			(" 1.5  UNIT ", 1_500_000_000_000),
			("1.5", 1_500_000_000_000),
			("80", 80_000_000_000_000),
			("0", 0),
			("0.000000000001", 1),
			("1.5000000000000000000", 1_500_000_000_000),
			("1_000.5", 1_000_500_000_000_000),
			("1500 base", 1_500),
			("1_500base", 1_500),
			("340282366920938463463374607431768211455 base", u128::MAX),
			("340282366920938463463374607.431768211455", u128::MAX),
		] {
			assert_eq!(unit().parse(text).unwrap(), amount, "{text}");
		}
	}

	#[test]
	fn what_is_no_amount_is_refused() {
		for text in [
			"",
			" ",
			".",
			"1.",
			".5",
			"-1",
			"+1",
			"1,5",
			"1e3",
			"1.2.3",
			"0x10",
			"_1",
			"1_",
			"1_.5",
			"1 DOT",
			"1 unit",
			"UNIT",
			"1.5 base",
			"0.0000000000001",
			"340282366920938463463374607431768211456 base",
			"340282366920938463463374607.431768211456",
			"999999999999999999999999999999999999999999",
		] {
			let error = unit().parse(text).unwrap_err();
			assert_eq!(error.exit_code(), 2, "{text}");
			assert!(error.to_string().contains("1.5 UNIT"), "{error}");
		}
	}

	#[test]
	fn where_a_unit_is_needed_only_nothing_goes_without() {
		for (text, amount) in [
			("0", 0),
			("0.0", 0),
			("0 base", 0),
			("1000 base", 1_000),
			("0.000000001 UNIT", 1_000),
			("1UNIT", 1_000_000_000_000),
		] {
			assert_eq!(unit().parse_with_unit(text).unwrap(), amount, "{text}");
		}
		for text in ["1000", "0.1", " 1_000 "] {
			let error = unit().parse_with_unit(text).unwrap_err();
			assert_eq!(error.exit_code(), 2, "{text}");
			let reason = error.to_string();
			assert!(reason.contains("has no unit") && reason.contains(" base`"), "{reason}");
		}
		assert!(unit().parse_with_unit("1000 DOT").is_err());
	}

	#[test]
	fn a_symbol_is_a_word_and_not_the_one_for_base_units() {
		for symbol in ["UNIT", "a", "1INCH", "ABCDEFGHIJKL"] {
			assert_eq!(Token::new(symbol, 12).unwrap().format(0), format!("0 {symbol}"));
		}
		for symbol in
			["", "base", "ABCDEFGHIJKLM", "A B", "A-B", "\u{1b}[2K", "UNIT\n", "UNΙT", "A\u{202e}B"]
		{
			assert_eq!(Token::new(symbol, 12).unwrap_err().exit_code(), 7, "{symbol:?}");
		}
	}

	#[test]
	fn amounts_are_shown_in_full() {
		for (amount, text) in [
			(0, "0 UNIT"),
			(1, "0.000000000001 UNIT"),
			(1_500_000_000_000, "1.5 UNIT"),
			(80_000_000_000_000, "80 UNIT"),
			(u128::MAX, "340282366920938463463374607.431768211455 UNIT"),
		] {
			assert_eq!(unit().format(amount), text);
		}
	}

	#[test]
	fn a_token_without_decimals_is_its_own_base_unit() {
		let token = Token::new("BEAD", 0).unwrap();
		assert_eq!(token.format(7), "7 BEAD");
		assert_eq!(token.parse("7").unwrap(), 7);
		assert!(token.parse("7.5").is_err());
	}

	#[test]
	fn a_chain_with_absurd_decimals_is_refused() {
		assert!(Token::new("UNIT", 31).is_err());
		assert_eq!(Token::new("UNIT", 30).unwrap().unit(), 10u128.pow(30));
	}

	proptest! {
		#[test]
		fn what_is_shown_can_be_written_back(amount: u128, decimals in 0u32..=30) {
			let token = Token::new("UNIT", decimals).unwrap();
			prop_assert_eq!(token.parse(&token.format(amount)).unwrap(), amount);
			prop_assert_eq!(token.parse(&token.number(amount)).unwrap(), amount);
			prop_assert_eq!(token.parse(&format!("{amount} {BASE}")).unwrap(), amount);
		}

		#[test]
		fn no_text_makes_it_panic(text in "\\PC*") {
			let _ = unit().parse(&text);
		}

		#[test]
		fn no_number_is_read_as_more_or_less(whole in 0u64.., decimals in "[0-9]{0,12}") {
			let amount = unit().parse(&format!("{whole}.{decimals}0")).unwrap();
			let expected = format!("{whole}{decimals:0<12}").parse::<u128>().unwrap();
			prop_assert_eq!(amount, expected);
		}
	}
}
