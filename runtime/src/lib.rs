//! # The demo chain's runtime
//!
//! A solo chain on which a prover pool and a protocol that uses it can be tried from one end to the
//! other: provers stake, a rollup's blocks are proposed, a prover is drawn for each of them, proves
//! it, and is paid or slashed.
//!
//! | Module | What it decides |
//! |---|---|
//! | [`configs`] | the parameters of every pallet, each with its reason |
//! | [`check_operational`] | who may use the share of a block that is kept for governance |
//! | [`checked_parameters`] | which changes of parameters are refused |
//! | [`randomness`] | which of BABE's VRF outputs make the seeds of draws |
//! | [`simulation`] | what a call would do |
//! | [`pool_clock`] | what counts the pool's periods, and the upgrade that changes it |
//! | [`genesis`] | the presets `development` and `local_testnet` |
//! | [`apis`] | what nodes and clients may ask the runtime |
//!
//! Blocks are authored with BABE, because its VRF is what makes a draw unpredictable, and finalized
//! with GRANDPA. Governance names the validators, and changes them while the chain runs. They stake
//! nothing: their equivocations are counted, not punished. `Sudo` stands for the governance that a
//! real chain has.
#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "512"]
// `frame_support::runtime` and the file with the WebAssembly leave what they generate in the root of
// the crate without documentation. The modules below turn the lint on again or say why they do not.
#![allow(missing_docs)]

extern crate alloc;
// Some files of the tests belong to an example as well, which knows this crate by its name.
#[cfg(test)]
extern crate self as prover_pool_runtime;

#[cfg(all(feature = "std", not(any(feature = "next-runtime", feature = "runtime-benchmarks"))))]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));
#[cfg(all(feature = "std", feature = "runtime-benchmarks", not(feature = "next-runtime")))]
include!(concat!(env!("OUT_DIR"), "/benchmarks"));
#[cfg(all(feature = "std", feature = "next-runtime"))]
include!(concat!(env!("OUT_DIR"), "/next_runtime"));

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
pub mod check_operational;
pub mod checked_parameters;
pub mod configs;
pub mod genesis;
pub mod pool_clock;
pub mod randomness;
pub mod simulation;

#[cfg(test)]
mod tests;

use alloc::{borrow::Cow, vec::Vec};
use pallet_session::historical;
use sp_runtime::{
	generic,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

pub use apis::RuntimeApi;

/// The types a node needs to handle blocks whose extrinsics it does not understand.
///
/// A node outlives the runtimes it executes, so it sees extrinsics as bytes only.
pub mod opaque {
	use crate::{Babe, Grandpa};
	use alloc::vec::Vec;
	use sp_runtime::{generic, impl_opaque_keys, OpaqueExtrinsic};

	pub use super::Header;

	/// A block of this chain with opaque extrinsics.
	pub type Block = generic::Block<Header, OpaqueExtrinsic>;

	impl_opaque_keys! {
		/// The keys of one validator.
		pub struct SessionKeys {
			/// Authors blocks.
			pub babe: Babe,
			/// Votes for their finality.
			pub grandpa: Grandpa,
		}
	}
}

/// Writes the version. The attribute, which puts it where a node finds it without running the code,
/// takes nothing but literals.
macro_rules! version {
	($spec_version:tt) => {
		/// The version of this runtime.
		#[sp_version::runtime_version]
		pub const VERSION: RuntimeVersion = RuntimeVersion {
			spec_name: Cow::Borrowed("prover-pool"),
			impl_name: Cow::Borrowed("prover-pool"),
			authoring_version: 1,
			// Raised with every change of the chain's behaviour: nodes execute the runtime on chain,
			// and `set_code` refuses a version that is not higher.
			spec_version: $spec_version,
			impl_version: 1,
			apis: apis::RUNTIME_API_VERSIONS,
			// Raised with every change that makes a transaction signed earlier mean something else.
			transaction_version: 1,
			system_version: 1,
		};
	};
}
#[cfg(not(feature = "next-runtime"))]
version!(1);
#[cfg(feature = "next-runtime")]
version!(2);

/// The version of the metadata that the command line of this repository is generated from.
pub const CLIENT_METADATA_VERSION: u32 = 16;

/// A signature by any of the three schemes that wallets use.
pub type Signature = MultiSignature;
/// An account: the hash of, or itself, a public key.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// An amount in base units; [`configs::money::UNIT`] of them are one token.
pub type Balance = u128;
/// How many transactions an account has sent.
pub type Nonce = u32;
/// A hash.
pub type Hash = sp_core::H256;
/// A block's number. At one block every six seconds `u32` lasts for 800 years.
pub type BlockNumber = u32;
/// Milliseconds since 1970.
pub type Moment = u64;

/// How transactions name an account.
pub type Address = MultiAddress<AccountId, ()>;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// What every transaction carries besides its call, in the order in which it is checked.
///
/// Client libraries have to know every part that adds bytes to a transaction. They know all of these but
/// [`CheckOperational`](check_operational::CheckOperational), which adds none. `AuthorizeCall` is not among
/// them: no call here is authorized by anything but a signature or the origin of an inherent.
pub type TxExtension = (
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckEra<Runtime>,
	frame_system::CheckNonce<Runtime>,
	check_operational::CheckOperational,
	frame_system::CheckWeight<Runtime>,
	pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
	frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
	frame_system::WeightReclaim<Runtime>,
);

/// An extrinsic as it is found in a block, its signature not yet checked.
pub type UncheckedExtrinsic =
	generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What a transaction's signature covers.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// Executes blocks: calls the pallets' hooks and dispatches the extrinsics.
pub type Executive = frame_executive::Executive<
	Runtime,
	Block,
	frame_system::ChainContext<Runtime>,
	Runtime,
	AllPalletsWithSystem,
>;

/// The single-block migrations of an upgrade to this version, oldest first. None: it is the first.
#[cfg(not(feature = "next-runtime"))]
pub type SingleBlockMigrations = ();
/// The single-block migrations of an upgrade to this version, oldest first.
#[cfg(feature = "next-runtime")]
pub type SingleBlockMigrations = (pool_clock::BlocksToSlots,);

#[frame_support::runtime]
mod runtime {
	/// The runtime.
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;

	#[runtime::pallet_index(1)]
	pub type Timestamp = pallet_timestamp;

	// The hooks run in the order of these indices: BABE, then the validators, which change its epoch, then the
	// accumulator of its VRF outputs, then the pool. So the accumulator sees the configuration of the epoch that
	// a block begins, and the pool a seed that contains the parent's output. The genesis is built in this order
	// too: accounts, then validators, then their session.
	#[runtime::pallet_index(2)]
	pub type Babe = pallet_babe;

	#[runtime::pallet_index(3)]
	pub type Balances = pallet_balances;

	#[runtime::pallet_index(4)]
	pub type Validators = pallet_validators;

	#[runtime::pallet_index(5)]
	pub type Session = pallet_session;

	#[runtime::pallet_index(6)]
	pub type Grandpa = pallet_grandpa;

	#[runtime::pallet_index(7)]
	pub type TransactionPayment = pallet_transaction_payment;

	#[runtime::pallet_index(8)]
	pub type Sudo = pallet_sudo;

	#[runtime::pallet_index(9)]
	pub type Parameters = pallet_parameters;

	#[runtime::pallet_index(10)]
	pub type Utility = pallet_utility;

	#[runtime::pallet_index(11)]
	pub type VrfAccumulator = pallet_vrf_accumulator;

	#[runtime::pallet_index(12)]
	pub type ProverLottery = pallet_prover_lottery;

	#[runtime::pallet_index(13)]
	pub type ProverPool = pallet_prover_pool;

	#[runtime::pallet_index(14)]
	pub type BlockProposal = pallet_block_proposal;

	#[runtime::pallet_index(15)]
	pub type Attestation = pallet_attestation;

	#[runtime::pallet_index(16)]
	pub type PoolClock = pool_clock;

	#[runtime::pallet_index(17)]
	pub type CheckedParameters = checked_parameters;

	#[runtime::pallet_index(18)]
	pub type Authorship = pallet_authorship;

	#[runtime::pallet_index(19)]
	pub type Proxy = pallet_proxy;

	#[runtime::pallet_index(20)]
	pub type Multisig = pallet_multisig;

	#[runtime::pallet_index(21)]
	pub type SuccinctProofs = pallet_succinct_proofs;

	#[runtime::pallet_index(22)]
	pub type Historical = historical;
}
