//! Authors that try to steer draws (R5): on a chain of four, one of which foresees its own VRF outputs.

use super::chain::{Chain, FIRST_SLOT};
use crate::{
	configs::{
		consensus::EPOCH_DURATION_IN_SLOTS, money::UNIT, pool::DrawDelay,
		protocol::FIRST_FEE_PER_GAS,
	},
	AccountId, Balance, Balances, Hash, ProverPool, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeOrigin, VrfAccumulator,
};
use codec::Encode;
use frame_support::{
	assert_ok,
	traits::{fungible::Mutate, Randomness},
};
use pallet_babe::AuthorVrfRandomness;
use pallet_vrf_accumulator::VrfOutput;
use prover_pool_primitives::{BlockId, PricePerGas};
use sp_consensus_babe::{make_vrf_sign_data, make_vrf_transcript, Slot, RANDOMNESS_VRF_CONTEXT};
use sp_core::{crypto::VrfSecret, U256};
use sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET;
use sp_io::hashing::blake2_256;
use sp_keyring::Sr25519Keyring::{self, *};

/// The authorities of the preset, in their order. Alice is the attacker.
const AUTHORS: [Sr25519Keyring; 4] = [Alice, Bob, Charlie, Dave];
/// How far ahead Alice looks.
const EPOCHS: u64 = 50;
/// How many draws she tries to win.
const DRAWS: u64 = 400;

/// The members of the pool. All their prices lie within the band around the first fee.
fn members() -> Vec<Offer> {
	(0..40).map(|slot| Offer { slot: slot + 1, price: 9_000 + 50 * slot, stake: STAKE }).collect()
}
const STAKE: Balance = 1_000 * UNIT;

/// What a member offers.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Offer {
	slot: u32,
	price: PricePerGas,
	stake: Balance,
}

/// Authors blocks up to this number: block n by the author n mod 4.
fn run_to(chain: &mut Chain, number: u32) -> Vec<RuntimeEvent> {
	let mut events = Vec::new();
	while chain.number() < number {
		events = block(chain, Vec::new());
	}
	events
}

fn block(chain: &mut Chain, calls: Vec<(Sr25519Keyring, RuntimeCall)>) -> Vec<RuntimeEvent> {
	let index = (chain.number() + 1) % AUTHORS.len() as u32;
	chain.set_author(index, AUTHORS[index as usize]);
	chain.block(calls)
}

/// A chain whose pool has these [`members`], who take part in draws.
fn chain_with_members() -> Chain {
	let mut chain = Chain::from_preset(LOCAL_TESTNET_RUNTIME_PRESET);
	block(&mut chain, Vec::new());
	chain.inspect(|| {
		for Offer { slot, price, stake } in members() {
			let who = AccountId::new([slot as u8; 32]);
			assert_ok!(Balances::mint_into(&who, stake + UNIT));
			assert_ok!(ProverPool::stake(RuntimeOrigin::signed(who), stake, price, 16));
		}
	});
	run_to(&mut chain, 12);
	chain
}

/// The VRF output of Alice's block in a slot, by the genesis alone: until a segment of 256 primary outputs
/// is full, the randomness of an epoch is a hash of the one before.
fn foreseen_output(slot: u64) -> VrfOutput {
	let epoch = (slot - FIRST_SLOT) / EPOCH_DURATION_IN_SLOTS;
	let randomness = (2..=epoch).fold([0u8; 32], |randomness, index| {
		blake2_256(&[&randomness[..], &index.to_le_bytes()].concat())
	});
	let slot = Slot::from(slot);
	let signature = Alice.pair().vrf_sign(&make_vrf_sign_data(&randomness, slot, epoch));
	Alice
		.public()
		.make_bytes(
			RANDOMNESS_VRF_CONTEXT,
			&make_vrf_transcript(&randomness, slot, epoch),
			&signature.pre_output,
		)
		.expect("her own output")
}

/// The subject of a block's draw.
fn subject(block_id: BlockId) -> Vec<u8> {
	(&b"prover-pool/draw"[..], block_id).encode()
}

/// The seed of a block's draw by a source that returns the parent's output alone.
fn seed_of_parent(block_id: BlockId, output: VrfOutput) -> Hash {
	blake2_256(&[&subject(block_id)[..], &output].concat()).into()
}

/// Returns who is drawn by a seed: the rule, by the plainest arithmetic, for prices within the band.
fn drawn(offers: &[Offer], seed: Hash) -> Offer {
	let mut offers = offers.to_vec();
	offers.sort_by_key(|offer| (offer.price, offer.slot));
	let weight = |offer: &Offer| {
		(U256::from(offer.stake) << 64) / (U256::from(offer.price) * U256::from(offer.price))
	};
	let total = offers.iter().map(weight).fold(U256::zero(), |sum, weight| sum + weight);
	let seed = U256::from_big_endian(seed.as_bytes());
	let mut point = U256::try_from(seed.full_mul(total) >> 256).expect("below the total");
	for offer in offers {
		if point < weight(&offer) {
			return offer;
		}
		point -= weight(&offer);
	}
	panic!("the point lies beyond the total");
}

/// The pool with one more member.
fn joined_by(offer: Offer) -> Vec<Offer> {
	let mut offers = members();
	offers.push(offer);
	offers
}

/// The offer with which Alice's prover would be drawn by this seed, if she finds one: she may choose any
/// price of the band and up to a tenth more stake than the others.
fn sized_to(seed: Hash) -> Option<Offer> {
	let prices = (8_975..=11_025).step_by(50);
	prices
		.flat_map(|price| [STAKE, STAKE * 11 / 10].map(|stake| Offer { slot: 41, price, stake }))
		.find(|offer| drawn(&joined_by(*offer), seed) == *offer)
}

#[test]
fn draws_follow_the_accumulator() {
	let mut chain = chain_with_members();
	let propose = pallet_block_proposal::Call::propose_block {
		tx_list: b"a list of transactions".to_vec(),
		gas_limit: 1_000_000,
		beneficiary: Ferdie.to_account_id(),
		max_fee_per_gas: u32::MAX,
	};
	block(&mut chain, vec![(Ferdie, propose.into())]);
	let drawn_in = chain.number() + DrawDelay::get() + 1;
	let events = run_to(&mut chain, drawn_in);
	let seed = chain.inspect(|| VrfAccumulator::random(&subject(1)).0).expect("there is a seed");
	let Offer { slot, price, .. } = drawn(&members(), seed);
	let expected = pallet_prover_pool::Event::<Runtime>::ProverAssigned {
		block_id: 1,
		who: AccountId::new([slot as u8; 32]),
		reward_per_gas: price,
	};
	assert!(events.contains(&expected.into()), "{events:?}");
	assert!(members().iter().all(|offer| {
		(FIRST_FEE_PER_GAS * 8 / 10..FIRST_FEE_PER_GAS * 12 / 10).contains(&offer.price)
	}));
}

/// Alice foresees her own output of a block fifty epochs ahead, and chooses an offer for each draw that
/// follows this block. With the parent's VRF alone she wins them all; with the accumulator, which contains
/// what the others' blocks will put out, she wins her share.
#[test]
fn seed_sizing_of_an_author_that_foresees_its_outputs_wins_its_share_only() {
	let ahead = EPOCHS * EPOCH_DURATION_IN_SLOTS;
	// Block n is in slot FIRST_SLOT + n − 1; Alice authors those with n mod 4 = 0.
	let number = (ahead - ahead % 4) as u32;
	let output = foreseen_output(FIRST_SLOT + u64::from(number) - 1);
	let offers: Vec<Option<Offer>> =
		(1..=DRAWS).map(|block_id| sized_to(seed_of_parent(block_id, output))).collect();
	let found = offers.iter().flatten().count() as u64;
	assert!(found * 100 >= DRAWS * 99, "an offer for {found} of {DRAWS} draws");

	let mut chain = chain_with_members();
	run_to(&mut chain, number);
	let of_block = chain.inspect(AuthorVrfRandomness::<Runtime>::get);
	assert_eq!(of_block, Some(output), "she was right");
	block(&mut chain, Vec::new());

	let (mut by_parent, mut by_accumulator, mut share) = (0, 0, 0.0);
	for (block_id, offer) in (1..).zip(offers) {
		let Some(offer) = offer else { continue };
		let all = joined_by(offer);
		by_parent += u64::from(drawn(&all, seed_of_parent(block_id, output)) == offer);
		let (seed, known_since) = chain.inspect(|| VrfAccumulator::random(&subject(block_id)));
		assert_eq!(known_since, number);
		by_accumulator += u64::from(drawn(&all, seed.expect("there is one")) == offer);
		let weight =
			|offer: &Offer| offer.stake as f64 / f64::from(offer.price) / f64::from(offer.price);
		share += weight(&offer) / all.iter().map(weight).sum::<f64>();
	}
	println!("of {DRAWS} draws: {by_parent} by the parent's VRF, {by_accumulator} by the accumulator, share {share:.1}");
	assert_eq!(by_parent, found);
	// Four standard deviations of a binomial above the mean.
	assert!((by_accumulator as f64) < share + 4.0 * share.sqrt(), "{by_accumulator} of {share}");
}
