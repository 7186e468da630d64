//! # The runtimes that costs are measured in
//!
//! Two chains that are the same but for the selection of their pool: the lottery, or a scan of all
//! members. Both are in one wasm, which the crate `prover-pool-bench` executes as a node would. Parameters
//! are constants, the seed is a constant too: what is measured is the pool, the selection and the
//! currency.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

pub mod chain;
mod operations;

pub use operations::{run, Chain, Operation};

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::{
	marker::PhantomData,
	sync::atomic::{AtomicU32, Ordering},
};
use frame_support::{
	storage::with_transaction_unchecked,
	traits::{Get, Randomness},
};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::{
	generic,
	traits::{BlakeTwo256, Block as BlockT},
	AccountId32, OpaqueExtrinsic, TransactionOutcome,
};

/// The chains' blocks. No block is ever executed.
pub type Block = generic::Block<generic::Header<u64, BlakeTwo256>, OpaqueExtrinsic>;

/// The smallest stake per unit of capacity.
pub const MIN_STAKE_PER_CAPACITY: u128 = 10_000_000_000_000;
/// The capacity of all members.
pub const CAPACITY: u32 = 4;
/// How long entries and changes wait.
pub const ENTRY_DELAY: u64 = 10;
/// What accounts have at the genesis.
pub const ENDOWMENT: u128 = 1_000_000_000_000_000;
/// The two parties of the transfer.
pub const ACCOUNTS: [AccountId32; 2] = [AccountId32::new([0xa1; 32]), AccountId32::new([0xb0; 32])];

/// Returns the account of a member; 0 is the newcomer's.
pub fn account(index: u32) -> AccountId32 {
	sp_io::hashing::blake2_256(&index.to_le_bytes()).into()
}

/// The number of slots: as many as members, since only a full pool replaces one.
///
/// It is a variable of the process and not in storage, or reading it would count.
pub struct MaxProvers;

static SLOTS: AtomicU32 = AtomicU32::new(1_024);

impl MaxProvers {
	/// Changes the number of slots.
	pub fn set(slots: u32) {
		SLOTS.store(slots, Ordering::Relaxed)
	}
}

impl Get<u32> for MaxProvers {
	fn get() -> u32 {
		SLOTS.load(Ordering::Relaxed)
	}
}

/// A seed that is known since the parent.
pub struct Seeds<T>(PhantomData<T>);

impl<T: frame_system::Config<Hash = H256>> Randomness<Option<H256>, frame_system::pallet_prelude::BlockNumberFor<T>>
	for Seeds<T>
{
	fn random(_subject: &[u8]) -> (Option<H256>, frame_system::pallet_prelude::BlockNumberFor<T>) {
		let parent = frame_system::Pallet::<T>::block_number() - 1u32.into();
		(Some(H256::repeat_byte(0x5e)), parent)
	}
}

/// The selections that are compared.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, Hash, PartialEq, TypeInfo,
)]
pub enum Variant {
	/// `pallet-prover-lottery`.
	Lottery,
	/// `prover-pool-scan`.
	Scan,
}

/// One measurement: an operation in a chain with as many members as slots.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, Hash, PartialEq, TypeInfo,
)]
pub struct Measured {
	/// The chain's selection.
	pub variant: Variant,
	/// What is done.
	pub operation: Operation,
	/// The number of members.
	pub size: u32,
}

impl Measured {
	/// Does it once. Panics if it cannot be done.
	pub fn run(&self) {
		MaxProvers::set(self.size);
		match self.variant {
			Variant::Lottery => run::<chain::with_lottery::Runtime>(self.operation),
			Variant::Scan => run::<chain::with_scan::Runtime>(self.operation),
		}
	}

	/// Brings a chain that was filled to where the operation can be done once.
	#[cfg(feature = "std")]
	pub fn prepare(&self) {
		MaxProvers::set(self.size);
		match self.variant {
			Variant::Lottery => {
				operations::prepare::<chain::with_lottery::Runtime>(self.operation)
			},
			Variant::Scan => operations::prepare::<chain::with_scan::Runtime>(self.operation),
		}
	}

	/// Does it `repeats` times in the same state, and returns how long each took, in nanoseconds.
	pub fn time(&self, repeats: u32) -> Vec<u64> {
		let once = || {
			let started = clock::nanoseconds();
			self.run();
			TransactionOutcome::Rollback(clock::nanoseconds() - started)
		};
		(0..repeats).map(|_| with_transaction_unchecked(once)).collect()
	}
}

/// Fills an empty pool with as many members.
#[cfg(feature = "std")]
pub fn fill(variant: Variant, size: u32) {
	MaxProvers::set(size);
	match variant {
		Variant::Lottery => operations::fill::<chain::with_lottery::Runtime>(size),
		Variant::Scan => operations::fill::<chain::with_scan::Runtime>(size),
	}
}

/// The host's clock.
#[sp_runtime_interface::runtime_interface]
pub trait Clock {
	/// Nanoseconds since a moment of the past.
	fn nanoseconds() -> u64 {
		use std::{sync::LazyLock, time::Instant};
		static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);
		BEGINNING.elapsed().as_nanos() as u64
	}
}

sp_api::decl_runtime_apis! {
	/// What the host calls.
	pub trait BenchApi {
		/// See [`Measured::run`].
		fn run(measured: Measured);
		/// See [`Measured::time`].
		fn time(measured: Measured, repeats: u32) -> Vec<u64>;
	}
}

/// The version of the wasm. Only its list of APIs is looked at.
#[sp_version::runtime_version]
pub const VERSION: sp_version::RuntimeVersion = sp_version::RuntimeVersion {
	spec_name: alloc::borrow::Cow::Borrowed("prover-pool-bench"),
	impl_name: alloc::borrow::Cow::Borrowed("prover-pool-bench"),
	authoring_version: 1,
	spec_version: 1,
	impl_version: 1,
	apis: api::RUNTIME_API_VERSIONS,
	transaction_version: 1,
	system_version: 1,
};

/// The runtime whose API the wasm has.
use chain::with_lottery::Runtime;

#[allow(missing_docs)]
mod api {
	use super::*;

	sp_api::impl_runtime_apis! {
		impl sp_api::Core<Block> for Runtime {
			fn version() -> sp_version::RuntimeVersion {
				VERSION
			}

			fn execute_block(_block: <Block as BlockT>::LazyBlock) {
				unimplemented!("no block is executed")
			}

			fn initialize_block(_header: &<Block as BlockT>::Header) -> sp_runtime::ExtrinsicInclusionMode {
				unimplemented!("no block is executed")
			}
		}

		impl BenchApi<Block> for Runtime {
			fn run(measured: Measured) {
				measured.run()
			}

			fn time(measured: Measured, repeats: u32) -> Vec<u64> {
				measured.time(repeats)
			}
		}
	}
}

pub use api::RuntimeApi;
