#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod account;
mod development;
mod error;
mod execution;
mod hash;
mod header;
mod signature;
mod signer;
mod state;
mod transfer;
mod tree;
mod witness;

#[cfg(any(test, feature = "oracle"))]
pub mod oracle;
#[cfg(test)]
mod tests;

pub use account::{Account, NULL_ADDRESS};
pub use development::{dev_genesis, DEV_ACCOUNTS, DEV_BALANCE};
pub use error::{Error, GenesisError};
pub use execution::{
	Effect, Outcome, Refusal, COMPRESSIONS_PER_TRANSFER, GAS_PER_TRANSFER, MAX_ACCOUNTS,
};
pub use hash::{sha256, Hash};
pub use header::{Header, Instance, Proposal, HEADER_TAG, INSTANCE_TAG};
pub use signature::{
	Signature, Value, CHAINS, CHAIN_END, DIGIT_SUM, VALUE_SIZE, VERIFY_COMPRESSIONS,
};
pub use signer::{dev_secret, KeysExhausted, Signer};
pub use state::{Executed, State};
pub use transfer::{decode_list, encode_list, Address, SignedTransfer, Transfer};
pub use witness::{execute, Witness};
