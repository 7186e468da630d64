//! The daemon's tips.

use crate::{amount::Token, chain::Balance, Error, Result};

/// The first raise of a tip of 0, which doubling would not raise.
const FIRST: Balance = 1_000;

/// Tips, in base units.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tips {
	/// The tip of every transaction.
	pub usual: Balance,
	/// The highest tip, for a transaction whose deadline is near.
	pub most: Balance,
}

impl Tips {
	/// Parses the options. Without a highest tip, no tip is raised.
	pub fn read(token: &Token, usual: &str, most: Option<&str>) -> Result<Self> {
		let usual = token.parse_with_unit(usual)?;
		let most = most.map_or(Ok(usual), |most| token.parse_with_unit(most))?;
		if most < usual {
			return Err(Error::Usage("--max-tip is lower than --tip".into()));
		}
		Ok(Self { usual, most })
	}

	/// Returns the tip of a replacement for a transaction with this tip, if a higher one is
	/// allowed.
	pub fn raised(&self, tip: Balance) -> Option<Balance> {
		let raised = tip.saturating_mul(2).max(FIRST).min(self.most);
		(raised > tip).then_some(raised)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn read(usual: &str, most: Option<&str>) -> Result<Tips> {
		Tips::read(&Token::new("UNIT", 12).unwrap(), usual, most)
	}

	#[test]
	fn tips_have_a_unit() {
		let tips = |usual, most| Tips { usual, most };
		assert_eq!(read("0", None).unwrap(), Tips::default());
		assert_eq!(read("1000 base", None).unwrap(), tips(1_000, 1_000));
		let both = read("0", Some("0.000001 UNIT")).unwrap();
		assert_eq!(both, tips(0, 1_000_000));
		for (usual, most, reason) in [
			("1000", None, "`1000` has no unit"),
			("0", Some("0.1"), "`0.1` has no unit"),
			("2 base", Some("1 base"), "--max-tip is lower than --tip"),
			("much", None, "not an amount"),
		] {
			let error = read(usual, most).unwrap_err();
			assert_eq!(error.exit_code(), 2);
			assert!(error.to_string().contains(reason), "{error}");
		}
	}

	#[test]
	fn a_tip_is_doubled_up_to_the_highest() {
		let tips = read("0", Some("5000 base")).unwrap();
		let raised: Vec<_> = std::iter::successors(Some(0), |tip| tips.raised(*tip)).collect();
		assert_eq!(raised, [0, 1_000, 2_000, 4_000, 5_000]);
		assert_eq!(read("7 base", Some("1 UNIT")).unwrap().raised(7_000), Some(14_000));
		// Not without the option.
		assert_eq!(read("1 UNIT", None).unwrap().raised(10u128.pow(12)), None);
		assert_eq!(Tips::default().raised(0), None);
		let all = Tips { usual: 0, most: Balance::MAX };
		assert_eq!(all.raised(Balance::MAX), None);
	}
}
