//! What [`ParentVrf`] returns in a block depends on how the slots before it were allowed to be claimed; what
//! the accumulator makes of it, on all blocks.

use super::chain::{Chain, Claim};
use crate::{
	configs::{
		consensus::{EPOCH_DURATION_IN_BLOCKS, PRIMARY_PROBABILITY},
		pool::DrawDelay,
	},
	randomness::ParentVrf,
	Babe, BlockNumber, Hash, Runtime, RuntimeCall, RuntimeOrigin, VrfAccumulator,
};
use frame_support::traits::Randomness;
use pallet_babe::AuthorVrfRandomness;
use pallet_vrf_accumulator::{Accumulated, AccumulatedOf, Accumulator, VrfOutput, VrfSource};
use sp_consensus_babe::{
	digests::NextConfigDescriptor,
	AllowedSlots::{self, PrimaryAndSecondaryPlainSlots, PrimaryAndSecondaryVRFSlots},
};
use sp_io::hashing::blake2_256;
use sp_keyring::Sr25519Keyring::{Bob, Ferdie};

type Seed = (Option<Hash>, BlockNumber);

const NO_SEED: Seed = (None, 0);

/// What a block finds: the source's output of the parent, BABE's, the seed, and the accumulator.
struct Found {
	output: Option<VrfOutput>,
	babes: Option<VrfOutput>,
	seed: Seed,
	accumulated: Option<AccumulatedOf<Runtime>>,
}

/// Authors a block and returns what is found within it.
fn found(chain: &mut Chain, claim: Claim) -> Found {
	let mut found = None;
	chain.block_with(claim, Vec::new(), || {
		found = Some(Found {
			output: ParentVrf::<Runtime>::parent_output(),
			babes: AuthorVrfRandomness::<Runtime>::get(),
			seed: VrfAccumulator::random(b"subject"),
			accumulated: Accumulator::<Runtime>::get(),
		})
	});
	found.expect("the block was authored")
}

fn seed(chain: &mut Chain, claim: Claim) -> Seed {
	found(chain, claim).seed
}

/// acc(n) = H(acc(n−1) ‖ output of block n).
fn next(accumulator: Hash, output: VrfOutput) -> Hash {
	blake2_256(&[accumulator.as_bytes(), &output].concat()).into()
}

fn propose() -> RuntimeCall {
	pallet_block_proposal::Call::propose_block {
		tx_list: b"a list of transactions".to_vec(),
		gas_limit: 1_000_000,
		beneficiary: Ferdie.to_account_id(),
		max_fee_per_gas: u32::MAX,
	}
	.into()
}

/// Returns how many requests wait for their draw.
fn pending(chain: &mut Chain) -> usize {
	chain.inspect(|| pallet_prover_pool::DrawQueue::<Runtime>::get().len())
}

fn plan(chain: &mut Chain, allowed_slots: AllowedSlots) {
	chain.inspect(|| {
		Babe::plan_config_change(
			RuntimeOrigin::root(),
			NextConfigDescriptor::V1 { c: PRIMARY_PROBABILITY, allowed_slots },
		)
		.expect("root may")
	});
}

/// The first block of the epoch with this index, if no slot stays empty.
fn start_of_epoch(index: BlockNumber) -> BlockNumber {
	1 + index * EPOCH_DURATION_IN_BLOCKS
}

#[test]
fn first_block_has_no_seed() {
	let mut chain = Chain::development();
	assert_eq!(seed(&mut chain, Claim::SecondaryVrf), NO_SEED);
}

/// Also in the first block of every epoch, and whatever way slots are claimed.
#[test]
fn every_later_block_takes_in_its_parents_output() {
	let mut chain = Chain::development();
	chain.block(Vec::new());
	let mut accumulator = Hash::zero();
	let mut last = None;
	let mut epochs = 0;
	let blocks = 4 * EPOCH_DURATION_IN_BLOCKS as usize + 5;
	for claim in [Claim::SecondaryVrf, Claim::Primary].into_iter().cycle().take(blocks) {
		let Found { output, babes, seed, accumulated } = found(&mut chain, claim);
		assert_eq!(output, babes);
		accumulator = next(accumulator, output.expect("every slot has a VRF"));
		let known_since = chain.number() - 1;
		assert_eq!(accumulated, Some(Accumulated { digest: accumulator, known_since }));
		let expected = blake2_256(&[&b"subject"[..], accumulator.as_bytes()].concat());
		assert_eq!(seed, (Some(expected.into()), known_since));
		assert_ne!(seed.0, last, "a seed is used in one block only");
		last = seed.0;
		epochs += u32::from(start_of_epoch(epochs + 1) == chain.number());
	}
	assert_eq!(epochs, 4);
}

#[test]
fn subjects_have_different_seeds() {
	let mut chain = Chain::development();
	chain.run_to(2);
	chain.block_with(Claim::SecondaryVrf, Vec::new(), || {
		assert_ne!(VrfAccumulator::random(b"one"), VrfAccumulator::random(b"other"));
	});
}

#[test]
fn plain_slots_have_no_seed() {
	let mut chain = Chain::development();
	chain.run_to(5);
	// Enacted one epoch after the next one begins.
	plan(&mut chain, PrimaryAndSecondaryPlainSlots);
	chain.run_to(start_of_epoch(1) - 1);

	// The change is announced here. Only now can BABE's storage no longer tell that the epoch before
	// was configured as this one is.
	assert_eq!(seed(&mut chain, Claim::SecondaryVrf), NO_SEED);
	assert!(seed(&mut chain, Claim::SecondaryVrf).0.is_some());
	chain.run_to(start_of_epoch(2) - 1);

	// In force. The parent, of the epoch before, did carry a VRF.
	assert_eq!(seed(&mut chain, Claim::SecondaryPlain), NO_SEED);
	// What BABE gives out from here on is as old as the last VRF, and said to be the parent's.
	let first = found(&mut chain, Claim::SecondaryPlain);
	let second = found(&mut chain, Claim::SecondaryPlain);
	assert_eq!((first.output, second.output), (None, None));
	assert_eq!((first.seed, second.seed), (NO_SEED, NO_SEED));
	assert_eq!(first.accumulated, second.accumulated, "nothing is added");
	assert!(first.babes.is_some());
	assert_eq!(first.babes, second.babes, "the very danger: BABE repeats itself");
	// A primary block does not help: another one of its kind is not to be expected next.
	chain.block_with(Claim::Primary, Vec::new(), || ());
	assert_eq!(seed(&mut chain, Claim::SecondaryPlain), NO_SEED);
}

#[test]
fn first_block_after_plain_slots_has_no_seed() {
	let mut chain = Chain::development();
	chain.run_to(5);
	plan(&mut chain, PrimaryAndSecondaryPlainSlots);
	chain.run_to(start_of_epoch(1));
	plan(&mut chain, PrimaryAndSecondaryVRFSlots);
	// Epoch 2 has plain slots, epoch 3 has not.
	chain.run_to(start_of_epoch(2) - 1);
	while chain.number() < start_of_epoch(3) - 1 {
		assert_eq!(seed(&mut chain, Claim::SecondaryPlain), NO_SEED);
	}
	assert_eq!(seed(&mut chain, Claim::SecondaryVrf), NO_SEED, "the parent had no VRF");
	assert!(seed(&mut chain, Claim::SecondaryVrf).0.is_some());
}

/// A request waits through an epoch of plain slots. One of its last block waits for the whole `DrawDelay`
/// of blocks with a VRF.
#[test]
fn plain_slots_make_no_draw_and_no_shorter_delay() {
	let mut chain = Chain::development();
	chain.run_to(5);
	plan(&mut chain, PrimaryAndSecondaryPlainSlots);
	chain.run_to(start_of_epoch(1));
	plan(&mut chain, PrimaryAndSecondaryVRFSlots);
	chain.run_to(start_of_epoch(2) - 2);
	chain.block(vec![(Ferdie, propose())]);
	while chain.number() < start_of_epoch(3) - 2 {
		chain.block_with(Claim::SecondaryPlain, Vec::new(), || ());
		assert_eq!(pending(&mut chain), 1, "in block {}", chain.number());
	}
	chain.block_with(Claim::SecondaryPlain, vec![(Bob, propose())], || ());

	let requested_in = chain.number();
	assert_eq!(requested_in, start_of_epoch(3) - 1);
	chain.block(Vec::new());
	assert_eq!(pending(&mut chain), 2, "the parent had no VRF");
	while chain.number() < requested_in + DrawDelay::get() {
		chain.block(Vec::new());
		assert_eq!(pending(&mut chain), 1, "the older one alone is drawn");
	}
	chain.block(Vec::new());
	assert_eq!(pending(&mut chain), 0);
}
