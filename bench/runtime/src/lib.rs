//! # The runtimes of the measurements
//!
//! Two chains that are the same but for the selection of their pool: the lottery, or a scan of all
//! members. Both are in one wasm, which the crate `prover-pool-bench` executes as a node would.
//! Parameters and the seed are constants, so that measurements only contain the pool, the selection
//! and the currency.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "std")]
#[allow(missing_docs)]
mod wasm {
	include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));
}

#[cfg(feature = "std")]
pub use wasm::*;

mod api;
pub mod chain;
mod operations;

pub use api::RuntimeApi;
pub use operations::{weight_of, Operation};

use alloc::vec::Vec;
use chain::{with_lottery, with_scan};
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::{
	marker::PhantomData,
	sync::atomic::{AtomicU32, Ordering},
};
use frame_support::{
	storage::with_transaction_unchecked,
	traits::{Get, Randomness},
	weights::{constants::WEIGHT_REF_TIME_PER_SECOND, Weight},
};
use frame_system::{limits::BlockWeights, pallet_prelude::BlockNumberFor};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::{AccountId32, Perbill, TransactionOutcome};

/// The smallest stake per unit of capacity.
pub const MIN_STAKE_PER_CAPACITY: u128 = 10_000_000_000_000;
/// The capacity of all members.
pub const CAPACITY: u32 = 4;
/// The delay of entries and changes, in blocks.
pub const ENTRY_DELAY: u64 = 10;
/// The most draws of one block.
pub const MAX_DRAWS: u32 = 16;
/// The balances of accounts at the genesis.
pub const ENDOWMENT: u128 = 1_000_000_000_000_000;
/// The two parties of the transfer.
pub const ACCOUNTS: [AccountId32; 2] = [AccountId32::new([0xa1; 32]), AccountId32::new([0xb0; 32])];

/// Returns the account of a member. The account of the newcomer has the number 0.
pub fn account(index: u32) -> AccountId32 {
	sp_io::hashing::blake2_256(&index.to_le_bytes()).into()
}

/// Returns the limits of a block, which are the demo chain's: three quarters of two seconds for
/// transactions.
pub fn block_weights() -> BlockWeights {
	let two_seconds = Weight::from_parts(2 * WEIGHT_REF_TIME_PER_SECOND, u64::MAX);
	BlockWeights::with_sensible_defaults(two_seconds, Perbill::from_percent(75))
}

/// The number of slots: as many as members, since only a full pool replaces one.
///
/// It is a variable of the process, not in storage, so that reading it does not count.
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

/// A seed for each subject, known since the parent.
pub struct Seeds<T>(PhantomData<T>);

impl<T: frame_system::Config<Hash = H256>> Randomness<Option<H256>, BlockNumberFor<T>>
	for Seeds<T>
{
	fn random(subject: &[u8]) -> (Option<H256>, BlockNumberFor<T>) {
		let parent = frame_system::Pallet::<T>::block_number() - 1u32.into();
		(Some(sp_io::hashing::blake2_256(subject).into()), parent)
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

/// A chain whose pool has as many members as slots.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, Hash, PartialEq, TypeInfo,
)]
pub struct Setting {
	/// The chain's selection.
	pub variant: Variant,
	/// The number of members.
	pub size: u32,
}

impl Setting {
	/// Adds the members with these numbers to the genesis.
	///
	/// # Panics
	/// If a member cannot be funded.
	pub fn fill(&self, first: u32, last: u32) {
		MaxProvers::set(self.size);
		match self.variant {
			Variant::Lottery => operations::fill::<with_lottery::Runtime>(first, last),
			Variant::Scan => operations::fill::<with_scan::Runtime>(first, last),
		}
	}

	/// Prepares a full pool so that each operation is possible once, with this number of due draws.
	///
	/// # Panics
	/// If a request is refused.
	#[cfg(feature = "std")]
	pub fn prepare(&self, draws: u32) {
		MaxProvers::set(self.size);
		match self.variant {
			Variant::Lottery => operations::prepare::<with_lottery::Runtime>(draws),
			Variant::Scan => operations::prepare::<with_scan::Runtime>(draws),
		}
	}

	/// Does an operation once.
	///
	/// # Panics
	/// If it is refused.
	pub fn run(&self, operation: Operation) {
		MaxProvers::set(self.size);
		match self.variant {
			Variant::Lottery => operations::run::<with_lottery::Runtime>(operation),
			Variant::Scan => operations::run::<with_scan::Runtime>(operation),
		}
	}

	/// Does an operation `repeats` times in the same state, and returns how long each took, in
	/// nanoseconds.
	///
	/// # Panics
	/// If it is refused.
	pub fn measure(&self, operation: Operation, repeats: u32) -> Vec<u64> {
		let once = || {
			meter::start();
			self.run(operation);
			TransactionOutcome::Rollback(meter::stop())
		};
		(0..repeats).map(|_| with_transaction_unchecked(once)).collect()
	}
}

/// The host functions for measurements.
///
/// The interface's own module is for calls from the wasm, and for the executor.
#[sp_runtime_interface::runtime_interface]
pub trait Meter {
	/// Starts the measurement.
	fn start() {
		gauge::start()
	}

	/// Stops the measurement. Returns its duration in nanoseconds.
	fn stop() -> u64 {
		gauge::stop()
	}

	/// Counts instructions. Called only by wasm that was instrumented to do so.
	fn add(counted: u64) {
		gauge::add(counted)
	}
}

/// The host's side of `Meter`.
#[cfg(feature = "std")]
pub mod gauge {
	use std::{cell::RefCell, collections::BTreeMap, time::Instant};

	#[derive(Default)]
	struct Gauge {
		started: Option<Instant>,
		instructions: BTreeMap<u32, u64>,
	}

	std::thread_local! {
		static GAUGE: RefCell<Gauge> = RefCell::default();
	}

	/// Returns the instructions that this thread counted between the last start and stop, by the index of
	/// the function that executed them.
	pub fn instructions() -> BTreeMap<u32, u64> {
		GAUGE.with_borrow(|gauge| gauge.instructions.clone())
	}

	pub(crate) fn start() {
		GAUGE.set(Gauge { started: Some(Instant::now()), instructions: BTreeMap::new() });
	}

	pub(crate) fn stop() -> u64 {
		let stopped = Instant::now();
		GAUGE.with_borrow_mut(|gauge| {
			gauge.started.take().map_or(0, |started| (stopped - started).as_nanos() as u64)
		})
	}

	/// Adds the index of a function, in the higher half, and a number of instructions, in the lower half.
	pub(crate) fn add(counted: u64) {
		let (function, instructions) = ((counted >> 32) as u32, counted & u64::from(u32::MAX));
		GAUGE.with_borrow_mut(|gauge| {
			if gauge.started.is_some() {
				*gauge.instructions.entry(function).or_default() += instructions;
			}
		});
	}
}
