use frame_support::{
	assert_err, assert_ok,
	traits::{GetStorageVersion, Hooks, StorageVersion},
	weights::Weight,
};
use sp_io::hashing::blake2_256;
use sp_runtime::{testing::H256, traits::BlakeTwo256};

use crate::{mock::*, *};

const NO_SEED: (Option<H256>, u64) = (None, 0);

fn accumulated() -> Option<(H256, u64)> {
	Accumulator::<Test>::get().map(|it| (it.digest, it.known_since))
}

/// The rule, by concatenation.
fn next(hash: H256, output: VrfOutput) -> H256 {
	blake2_256(&[hash.as_bytes(), &output].concat()).into()
}

#[test]
fn until_the_first_output_there_is_no_seed() {
	test(|| {
		assert_eq!(random(b"subject"), NO_SEED);
		for _ in 0..3 {
			end_block(None);
			assert_eq!(random(b"subject"), NO_SEED);
			assert_eq!(accumulated(), None);
		}
		end_block(Some([7; 32]));
		assert_eq!(accumulated(), Some((next(H256::zero(), [7; 32]), 4)));
		assert_eq!(random(b"subject").1, 4);
	});
}

#[test]
fn every_output_is_hashed_onto_those_before() {
	test(|| {
		let mut expected = H256::zero();
		for byte in 1..=50 {
			let output = [byte; 32];
			end_block(Some(output));
			expected = next(expected, output);
			assert_eq!(accumulated(), Some((expected, byte.into())));
		}
	});
}

#[test]
fn a_seed_is_the_hash_of_subject_and_accumulator_and_known_since_the_parent() {
	test(|| {
		end_blocks([1, 2, 3]);
		let (hash, _) = accumulated().unwrap();
		for subject in [&b"one"[..], b"other", b""] {
			let seed = blake2_256(&[subject, hash.as_bytes()].concat());
			assert_eq!(random(subject), (Some(seed.into()), 3));
		}
		assert_eq!(random(b"one"), random(b"one"), "the same within a block");
		assert_ne!(random(b"one"), random(b"other"));
		assert_eq!(System::block_number(), 4);
	});
}

#[test]
fn a_block_without_an_output_adds_nothing_and_gives_no_seed() {
	test(|| {
		end_blocks([1, 2]);
		let before = accumulated();
		for _ in 0..5 {
			end_block(None);
			assert_eq!(accumulated(), before);
			assert_eq!(random(b"subject"), NO_SEED);
		}
		end_block(Some([3; 32]));
		let seed = random(b"subject");
		assert_eq!(accumulated(), Some((next(before.unwrap().0, [3; 32]), 8)));
		assert_eq!(seed.1, 8, "known since the block with the output, and no earlier");
		assert!(seed.0.is_some());
	});
}

#[test]
fn each_output_and_their_order_decide_the_seed() {
	let seed_after = |outputs: &[u8]| {
		let mut seed = None;
		test(|| {
			end_blocks(outputs.iter().copied());
			seed = random(b"subject").0;
		});
		seed.unwrap()
	};
	let seed = seed_after(&[1, 2, 3, 4, 5]);
	assert_eq!(seed, seed_after(&[1, 2, 3, 4, 5]));
	for other in [[9, 2, 3, 4, 5], [1, 2, 9, 4, 5], [1, 2, 3, 4, 9], [1, 3, 2, 4, 5]] {
		assert_ne!(seed, seed_after(&other), "{other:?}");
	}
}

#[test]
fn seed_sizing_needs_the_outputs_of_all_blocks_between() {
	// An author that knows its own outputs of blocks 1 to 10 but for one of somebody else's: whatever it
	// guesses for that one, its seed is another.
	test(|| {
		end_blocks(1..=10);
		let (seed, known_since) = random(b"subject");
		assert_eq!(known_since, 10);
		for foreign in 1..=10u8 {
			for guess in 0..=255u8 {
				let accumulator = (1..=10)
					.map(|byte| if byte == foreign { [guess; 32] } else { [byte; 32] })
					.fold(H256::zero(), next);
				let computed = blake2_256(&[b"subject", accumulator.as_bytes()].concat());
				assert_eq!(seed == Some(computed.into()), guess == foreign);
			}
		}
	});
}

/// What remains: blocks without an output count among the blocks of a user's delay, and add nothing to the seed.
#[test]
fn after_blocks_without_an_output_one_author_foresees_the_seed() {
	test(|| {
		end_blocks([1, 2, 3]);
		// In block 4, the author of block 15 knows its own output of it, and that no other comes between.
		let (accumulator, _) = accumulated().unwrap();
		let own = [9; 32];
		let foreseen = blake2_256(&[b"subject", next(accumulator, own).as_bytes()].concat());
		(4..15).for_each(|_| end_block(None));
		end_block(Some(own));
		// A user that waits for ten blocks after a commitment in block 4 accepts this seed.
		assert_eq!(random(b"subject"), (Some(foreseen.into()), 15));
	});
}

#[test]
fn before_its_own_hook_there_is_no_seed() {
	// A pallet that runs earlier never sees the accumulator of the block before under a new number.
	test(|| {
		end_blocks([1, 2]);
		System::set_block_number(4);
		ParentOutput::set(Some([3; 32]));
		assert_eq!(random(b"subject"), NO_SEED);
		VrfAccumulator::on_initialize(4);
		assert_eq!(random(b"subject").1, 3);
	});
}

#[test]
fn the_empty_source_has_no_outputs() {
	assert_eq!(<() as VrfSource>::parent_output(), None);
}

#[test]
fn the_hook_returns_its_weight() {
	test(|| {
		let weight = <Test as Config>::WeightInfo::on_initialize();
		assert!(weight.all_gt(Weight::zero()));
		assert_eq!(VrfAccumulator::on_initialize(1), weight);
	});
}

#[test]
fn block_numbers_do_not_wrap() {
	test(|| {
		ParentOutput::set(Some([1; 32]));
		VrfAccumulator::on_initialize(0);
		assert_eq!(accumulated().unwrap().1, 0);
		System::set_block_number(u64::MAX);
		VrfAccumulator::on_initialize(u64::MAX);
		assert_eq!(random(b"subject").1, u64::MAX - 1);
	});
}

#[test]
fn try_state_finds_an_output_of_the_future() {
	test(|| {
		end_blocks([1]);
		assert_ok!(VrfAccumulator::do_try_state());
		let sound = Accumulator::<Test>::get().unwrap();
		for known_since in [2, 3, u64::MAX] {
			Accumulator::<Test>::put(Accumulated { known_since, ..sound });
			assert_err!(
				VrfAccumulator::do_try_state(),
				"the accumulator has taken in a block that is not past"
			);
		}
		Accumulator::<Test>::put(sound);
	});
}

#[test]
fn the_configuration_is_in_order() {
	test(VrfAccumulator::integrity_test);
	assert_eq!(VrfAccumulator::in_code_storage_version(), StorageVersion::new(1));
	assert_eq!(AccumulatedOf::<Test>::max_encoded_len(), 40);
	// The hash of a tuple of fixed size is that of the concatenation.
	let output = [3u8; 32];
	let hash = BlakeTwo256::hash_of(&(H256::zero(), output));
	assert_eq!(hash, next(H256::zero(), output));
}
