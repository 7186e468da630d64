//! Errors.

use core::fmt;

/// Why a block was not executed. A list never causes an error, whatever its bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Error {
	/// The witness does not have the state root of the parent.
	WrongWitness,
	/// The witness lacks an account that the block touches.
	IncompleteWitness,
	/// The balances of the parent's state exceed 2⁶⁴ − 1. No block that descends from a genesis
	/// block has such a state.
	ExcessiveSupply,
	/// The block was executed on another parent.
	WrongParent,
}

impl fmt::Display for Error {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		formatter.write_str(match self {
			Self::WrongWitness => "the witness does not have the parent's state root",
			Self::IncompleteWitness => "the witness lacks an account that the block touches",
			Self::ExcessiveSupply => "the balances of the parent's state exceed 2^64 - 1",
			Self::WrongParent => "the block was executed on another parent",
		})
	}
}

impl core::error::Error for Error {}

/// Why a state could not be built.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GenesisError {
	/// The balances exceed 2⁶⁴ − 1.
	ExcessiveSupply,
	/// There are more than [`MAX_ACCOUNTS`](crate::MAX_ACCOUNTS) accounts.
	TooManyAccounts,
}

impl fmt::Display for GenesisError {
	fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
		formatter.write_str(match self {
			Self::ExcessiveSupply => "the balances exceed 2^64 - 1",
			Self::TooManyAccounts => "there are too many accounts",
		})
	}
}

impl core::error::Error for GenesisError {}
