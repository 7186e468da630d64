//! What `make bench` measures: each operation of the pool by itself, in pools of any size, beside a
//! transfer. See the crate `prover-pool-bench` of this repository.
#![warn(missing_docs)]

use crate::{configs::pool::MAX_PROVERS, Runtime, RuntimeCall, RuntimeOrigin};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::sync::atomic::{AtomicU32, Ordering};
use frame_support::{
	storage::with_transaction_unchecked,
	traits::{Get, UnfilteredDispatchable},
};
use pallet_prover_pool::scaling::{self, Operation, Variant};
use scale_info::TypeInfo;
use sp_keyring::Sr25519Keyring;
use sp_runtime::TransactionOutcome;

/// How many slots the pool has: those of the demo, until [`MaxProvers::set`] says otherwise.
///
/// Only in a full pool somebody is replaced, so there must be as many slots as members. Not kept in
/// storage, or reading it would count.
pub struct MaxProvers;

static SLOTS: AtomicU32 = AtomicU32::new(MAX_PROVERS);

impl MaxProvers {
	/// The number of slots.
	pub fn get() -> u32 {
		SLOTS.load(Ordering::Relaxed)
	}

	/// Changes the number of slots, for the whole process.
	pub fn set(slots: u32) {
		SLOTS.store(slots, Ordering::Relaxed)
	}
}

impl Get<u32> for MaxProvers {
	fn get() -> u32 {
		Self::get()
	}
}

/// What is measured.
#[derive(
	Clone, Copy, Debug, Decode, DecodeWithMemTracking, Encode, Eq, Hash, PartialEq, TypeInfo,
)]
pub enum Measured {
	/// An operation of the pool.
	Pool(Variant, Operation),
	/// The yardstick: the call by which one old account pays another, dispatched without a signature
	/// and its fee.
	TransferKeepAlive,
}

/// Does what is measured once, and panics if it cannot be done.
pub fn execute(size: u32, measured: Measured) {
	MaxProvers::set(size);
	run(measured);
}

/// Does it so many times, always in the same state, and gives how long each took, in nanoseconds.
pub fn measure(size: u32, measured: Measured, repeats: u32) -> Vec<u64> {
	MaxProvers::set(size);
	let once = || {
		let started = clock::nanoseconds();
		run(measured);
		TransactionOutcome::Rollback(clock::nanoseconds() - started)
	};
	(0..repeats).map(|_| with_transaction_unchecked(once)).collect()
}

fn run(measured: Measured) {
	match measured {
		Measured::Pool(variant, operation) => scaling::run::<Runtime>(variant, operation),
		Measured::TransferKeepAlive => {
			let transfer = pallet_balances::Call::transfer_keep_alive {
				dest: Sr25519Keyring::Bob.to_account_id().into(),
				value: crate::configs::money::UNIT,
			};
			RuntimeCall::from(transfer)
				.dispatch_bypass_filter(RuntimeOrigin::signed(
					Sr25519Keyring::Alice.to_account_id(),
				))
				.expect("Alice has enough");
		},
	}
}

/// Fills an empty pool with as many members.
#[cfg(feature = "std")]
pub fn fill(variant: Variant, size: u32) {
	MaxProvers::set(size);
	scaling::fill::<Runtime>(variant, size);
}

/// Brings about the state in which this can be done once, in a pool with as many members.
#[cfg(feature = "std")]
pub fn prepare(size: u32, measured: Measured) {
	MaxProvers::set(size);
	// The VRF of a parent that there was none of.
	pallet_babe::AuthorVrfRandomness::<Runtime>::put(Some([0x5e; 32]));
	match measured {
		Measured::Pool(variant, operation) => scaling::prepare::<Runtime>(variant, operation),
		// Any transaction's state.
		Measured::TransferKeepAlive => scaling::prepare::<Runtime>(Variant::Index, Operation::Exit),
	}
}

/// The host's clock.
#[sp_runtime_interface::runtime_interface]
pub trait Clock {
	/// Nanoseconds since some moment.
	fn nanoseconds() -> u64 {
		use std::{sync::LazyLock, time::Instant};
		static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);
		BEGINNING.elapsed().as_nanos() as u64
	}
}

sp_api::decl_runtime_apis! {
	/// How the host asks for it.
	pub trait ScalingApi {
		/// See [`execute`].
		fn execute(size: u32, measured: Measured);
		/// See [`measure`].
		fn measure(size: u32, measured: Measured, repeats: u32) -> Vec<u64>;
	}
}
