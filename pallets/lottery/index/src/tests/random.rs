//! Random sequences of operations on an index.

use core::sync::atomic::{AtomicU64, Ordering};
use proptest::{
	collection::vec,
	prelude::*,
	test_runner::{Config, TestRunner},
};
use sp_core::{ConstU32, Get, U256};
use std::{ops::RangeInclusive, println};

use crate::{
	oracle::{run_bytes, Lockstep, Operation},
	Entry, Key, NodeStore,
};

/// Small stakes, for ties and rounding, and all others.
fn stakes() -> impl Strategy<Value = u128> {
	prop_oneof![
		4 => 0..=3u128,
		4 => any::<u64>().prop_map(u128::from),
		2 => 0..=u128::MAX >> 9,
		1 => any::<u128>(),
	]
}

/// Steps on prices of one range; more insertions or more removals.
fn steps(
	prices: RangeInclusive<u32>,
	ids: u32,
	inserts: u32,
	removes: u32,
	length: usize,
) -> impl Strategy<Value = std::vec::Vec<Operation>> {
	let keys = (prices.clone(), 0..ids).prop_map(|(price, id)| Key { price, id });
	// Bands may reach beyond the prices there are, and begin at 0.
	let edge = prop_oneof![4 => prices, 1 => any::<u32>(), 1 => 0..=1u32];
	let step = prop_oneof![
		inserts => (keys.clone(), stakes(), prop::bool::weighted(0.8))
			.prop_map(|(key, stake, active)| Operation::Insert(Entry { key, stake, active })),
		removes => any::<usize>().prop_map(Operation::Remove),
		1 => keys.prop_map(Operation::RemoveKey),
		3 => (any::<usize>(), stakes(), any::<bool>())
			.prop_map(|(at, stake, active)| Operation::Update(at, stake, active)),
		5 => (edge.clone(), edge, any::<[u64; 4]>())
			.prop_map(|(one, other, seed)| Operation::Compare(one.min(other), one.max(other), U256(seed))),
	];
	vec(step, 0..length)
}

/// Growth, then coming and going, then decline.
fn sequences(width: u32) -> impl Strategy<Value = std::vec::Vec<Operation>> {
	let prices = prop_oneof![
		Just(7..=7),
		Just(1..=3),
		Just(0..=200),
		Just(u32::MAX - 3..=u32::MAX),
		Just(0..=u32::MAX),
	];
	(prices, prop_oneof![Just(20u32), Just(1000)]).prop_flat_map(move |(prices, ids)| {
		// Long enough for several nodes of any width.
		let length = 120.max(5 * width as usize);
		let phase = |inserts, removes| steps(prices.clone(), ids, inserts, removes, length);
		(phase(20, 1), phase(8, 8), phase(1, 12))
			.prop_map(|(grow, churn, shrink)| grow.into_iter().chain(churn).chain(shrink).collect())
	})
}

fn run<W: Get<u32>>() {
	let (steps, entries) = (AtomicU64::new(0), AtomicU64::new(0));
	let config = Config { failure_persistence: None, ..Config::default() };
	TestRunner::new(config)
		.run(&sequences(W::get()), |sequence| {
			let mut pair = Lockstep::<W>::default();
			for step in &sequence {
				pair.step(step);
				steps.fetch_add(1, Ordering::Relaxed);
				entries.fetch_max(pair.index.store().root().len.into(), Ordering::Relaxed);
			}
			pair.compare_all();
			Ok(())
		})
		.unwrap();
	println!(
		"width {}: {} random steps, up to {} entries",
		W::get(),
		steps.into_inner(),
		entries.into_inner()
	);
}

#[test]
fn random_sequences_of_width_4() {
	run::<ConstU32<4>>();
}

#[test]
fn random_sequences_of_width_5() {
	run::<ConstU32<5>>();
}

#[test]
fn random_sequences_of_width_7() {
	run::<ConstU32<7>>();
}

#[test]
fn random_sequences_of_width_64() {
	run::<ConstU32<64>>();
}

/// The fuzz target's decoding of bytes, run without the fuzzer.
#[test]
fn arbitrary_bytes() {
	let config = Config { failure_persistence: None, cases: 64, ..Config::default() };
	TestRunner::new(config)
		.run(&vec(any::<u8>(), 0..1200), |bytes| {
			run_bytes(&bytes);
			Ok(())
		})
		.unwrap();
}
