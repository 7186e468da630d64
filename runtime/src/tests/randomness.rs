//! What [`ParentVrf`] gives in a block depends on how the slots before it were allowed to be claimed.

use super::chain::{Chain, Claim};
use crate::{
	configs::consensus::{EPOCH_DURATION_IN_BLOCKS, PRIMARY_PROBABILITY},
	randomness::ParentVrf,
	Babe, BlockNumber, Hash, Runtime, RuntimeOrigin,
};
use frame_support::traits::Randomness;
use pallet_babe::ParentBlockRandomness;
use sp_consensus_babe::{
	digests::NextConfigDescriptor,
	AllowedSlots::{self, PrimaryAndSecondaryPlainSlots, PrimaryAndSecondaryVRFSlots},
};

type Seed = (Option<Hash>, BlockNumber);

const NO_SEED: Seed = (None, 0);

/// What the adapter gives within the next block, beside what BABE claims.
fn seeds(chain: &mut Chain, claim: Claim) -> (Seed, Seed) {
	let mut seeds = None;
	chain.block_with(claim, Vec::new(), || {
		seeds = Some((
			ParentVrf::<Runtime>::random(b"subject"),
			ParentBlockRandomness::<Runtime>::random(b"subject"),
		))
	});
	seeds.expect("the block was authored")
}

fn seed(chain: &mut Chain, claim: Claim) -> Seed {
	seeds(chain, claim).0
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

#[test]
fn every_later_block_has_its_parents_seed() {
	let mut chain = Chain::development();
	chain.block(Vec::new());
	let mut last = None;
	for claim in [Claim::SecondaryVrf, Claim::Primary].into_iter().cycle().take(35) {
		let (ours, babes) = seeds(&mut chain, claim);
		assert_eq!(ours, babes);
		assert!(ours.0.is_some());
		assert_ne!(ours.0, last, "a seed is used in one block only");
		assert_eq!(ours.1, chain.number() - 1, "known since the parent");
		last = ours.0;
	}
}

#[test]
fn subjects_have_different_seeds() {
	let mut chain = Chain::development();
	chain.run_to(2);
	chain.block_with(Claim::SecondaryVrf, Vec::new(), || {
		assert_ne!(ParentVrf::<Runtime>::random(b"one"), ParentVrf::<Runtime>::random(b"other"));
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
	let (ours, first) = seeds(&mut chain, Claim::SecondaryPlain);
	assert_eq!(ours, NO_SEED);
	let (ours, second) = seeds(&mut chain, Claim::SecondaryPlain);
	assert_eq!(ours, NO_SEED);
	assert_eq!(first.0, second.0, "the very danger: BABE repeats itself");
	assert_eq!(second.1, first.1 + 1, "and calls it new");
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
