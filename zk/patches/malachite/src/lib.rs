//! What `risc0-circuit-rv32im` uses of the crate `malachite`, by `num-bigint`.
//!
//! The executor needs large integers for the zkVM's instruction on them. `malachite` is under the
//! LGPL, and five crates; this is under Apache-2.0, and has the same results.

use num_bigint::{BigInt, BigUint};
use num_integer::Integer as _;
use num_traits::{One as _, Zero as _};
use std::{
	fmt,
	ops::{Add, BitOrAssign, Div, Mul, Rem, Shl, Sub},
};

/// The traits, by the paths of the crate that this replaces.
pub mod num {
	/// Arithmetic.
	pub mod arithmetic {
		/// Traits of operations.
		pub mod traits {
			/// Inversion modulo a number.
			pub trait ModInverse<M> {
				/// The inverse.
				type Output;

				/// Returns the inverse modulo `modulus`, or `None` if there is none. This number is less
				/// than the modulus.
				fn mod_inverse(self, modulus: M) -> Option<Self::Output>;
			}
		}
	}

	/// Constants.
	pub mod basic {
		/// Traits of constants.
		pub mod traits {
			/// A type that has 0.
			pub trait Zero {
				/// 0.
				const ZERO: Self;
			}
		}
	}
}

/// A number from 0 on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Natural(BigUint);

impl Natural {
	/// Returns the number with these digits in base 2³², the lowest first.
	pub fn from_limbs_asc(limbs: &[u32]) -> Self {
		Self(BigUint::from_slice(limbs))
	}

	/// Returns the digits in base 2³², the lowest first and the highest not 0: none for 0.
	pub fn to_limbs_asc(&self) -> Vec<u32> {
		self.0.iter_u32_digits().collect()
	}
}

impl From<u64> for Natural {
	fn from(value: u64) -> Self {
		Self(value.into())
	}
}

impl fmt::Display for Natural {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		self.0.fmt(formatter)
	}
}

impl BitOrAssign for Natural {
	fn bitor_assign(&mut self, other: Self) {
		self.0 |= other.0;
	}
}

impl Shl<usize> for Natural {
	type Output = Self;

	fn shl(self, bits: usize) -> Self {
		Self(self.0 << bits)
	}
}

impl Rem for &Natural {
	type Output = Natural;

	fn rem(self, other: Self) -> Natural {
		Natural(&self.0 % &other.0)
	}
}

impl num::arithmetic::traits::ModInverse<&Natural> for Natural {
	type Output = Self;

	fn mod_inverse(self, modulus: &Natural) -> Option<Self> {
		if self.0.is_zero() {
			return None;
		}
		let modulus = BigInt::from(modulus.0.clone());
		let euclid = BigInt::from(self.0).extended_gcd(&modulus);
		if !euclid.gcd.is_one() {
			return None;
		}
		euclid.x.mod_floor(&modulus).to_biguint().map(Self)
	}
}

/// A number.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Integer {
	/// The number without its sign.
	size: Natural,
	/// Whether it is below 0.
	negative: bool,
}

impl num::basic::traits::Zero for Integer {
	const ZERO: Self = Self { size: Natural(BigUint::ZERO), negative: false };
}

impl Integer {
	/// Returns the number without its sign.
	pub fn unsigned_abs_ref(&self) -> &Natural {
		&self.size
	}

	fn signed(&self) -> BigInt {
		let size = BigInt::from(self.size.0.clone());
		if self.negative {
			-size
		} else {
			size
		}
	}
}

impl From<BigInt> for Integer {
	fn from(value: BigInt) -> Self {
		let negative = value < BigInt::ZERO;
		Self { size: Natural(value.into_parts().1), negative }
	}
}

impl From<Natural> for Integer {
	fn from(size: Natural) -> Self {
		Self { size, negative: false }
	}
}

/// Implements an operation. Quotients are rounded towards 0, and remainders have the sign of the left
/// number.
macro_rules! operation {
	($trait:ident, $function:ident) => {
		impl $trait for &Integer {
			type Output = Integer;

			fn $function(self, other: Self) -> Integer {
				self.signed().$function(other.signed()).into()
			}
		}
	};
}

operation!(Add, add);
operation!(Sub, sub);
operation!(Mul, mul);
operation!(Div, div);
operation!(Rem, rem);

#[cfg(test)]
mod tests {
	use super::{
		num::{arithmetic::traits::ModInverse, basic::traits::Zero},
		*,
	};

	fn natural(value: u64) -> Natural {
		value.into()
	}

	fn integer(value: i64) -> Integer {
		BigInt::from(value).into()
	}

	#[test]
	fn digits_are_in_base_2_to_32_and_the_lowest_is_first() {
		let number = Natural::from_limbs_asc(&[1, 2, 0, 3, 0, 0]);
		assert_eq!(number.to_limbs_asc(), [1, 2, 0, 3]);
		assert_eq!(natural(0).to_limbs_asc(), [0; 0]);
		assert_eq!(Natural::from_limbs_asc(&[]), natural(0));
		assert_eq!(natural(7 + (5 << 32)).to_limbs_asc(), [7, 5]);
		assert_eq!((natural(1) << 64).to_limbs_asc(), [0, 0, 1]);
		let mut both = natural(5);
		both |= natural(10);
		assert_eq!(both, natural(15));
		assert_eq!(both.to_string(), "15");
	}

	#[test]
	fn operations_are_those_of_numbers_rounded_towards_0() {
		for left in [-7, -6, -1, 0, 1, 6, 7] {
			for right in [-3, -2, -1, 1, 2, 3] {
				let (a, b) = (&integer(left), &integer(right));
				assert_eq!(a + b, integer(left + right));
				assert_eq!(a - b, integer(left - right));
				assert_eq!(a * b, integer(left * right));
				assert_eq!(a / b, integer(left / right));
				assert_eq!(a % b, integer(left % right));
			}
			assert_eq!(integer(left).unsigned_abs_ref(), &natural(left.unsigned_abs()));
		}
		assert_eq!(Integer::ZERO, integer(0));
		assert_eq!(Integer::from(natural(4)), integer(4));
		assert_eq!(&natural(17) % &natural(5), natural(2));
	}

	#[test]
	fn inverses_exist_for_what_has_no_common_factor() {
		for modulus in 2..40 {
			for number in 1..modulus {
				let inverse = natural(number).mod_inverse(&natural(modulus));
				let expected = (1..modulus).find(|other| number * other % modulus == 1);
				assert_eq!(inverse, expected.map(natural), "{number} modulo {modulus}");
			}
			assert_eq!(natural(0).mod_inverse(&natural(modulus)), None);
		}
	}
}
