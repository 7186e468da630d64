//! Prints how many transfers one core executes in a second.
//!
//! `cargo run --release -p prover-pool-rollup --example rate`

use prover_pool_rollup::{
	dev_secret, encode_list, execute, Address, Effect, Executed, Proposal, SignedTransfer, Signer,
	State, VERIFY_COMPRESSIONS,
};
use std::{
	collections::BTreeSet,
	time::{Duration, Instant},
};

/// Transfers of each measurement.
const TRANSFERS: usize = 20_000;
/// Transfers of each block: about what a list of 120 KiB holds.
const IN_BLOCK: usize = 100;
/// Each block is executed this often, and the fastest time counts: others share the machine.
const REPETITIONS: usize = 7;

fn main() {
	println!(
		"one core, {TRANSFERS} transfers between random accounts, {IN_BLOCK} in a block, \
		 best of {REPETITIONS}\n"
	);
	println!(
		"| Accounts | Full state, transfers/s | Compressions | With a witness, transfers/s \
		 | Compressions | Witness, bytes per transfer |"
	);
	println!("|---|---|---|---|---|---|");
	let mut transfers = Vec::new();
	for accounts in [1_024, 100_000] {
		let mut signers: Vec<_> =
			(0..accounts).map(|number| Signer::new(dev_secret(number))).collect();
		let addresses: Vec<_> = signers.iter().map(Signer::address).collect();
		let balances = addresses.iter().map(|address| (*address, 1_000_000)).collect();
		let state = State::genesis(&balances).expect("a small supply");
		transfers = sign(&mut signers, &addresses);
		measure(&state, &transfers);
	}
	verification(&transfers);
}

/// Returns transfers between accounts chosen by a linear congruential generator.
fn sign(signers: &mut [Signer], addresses: &[Address]) -> Vec<SignedTransfer> {
	let mut random = 1u64;
	let mut account = || {
		random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
		(random >> 33) as usize % addresses.len()
	};
	(0..TRANSFERS)
		.map(|_| {
			let (from, to) = (account(), account());
			signers[from].sign(addresses[to], 1, 1).expect("a low nonce")
		})
		.collect()
}

/// Executes the transfers in both forms and prints a row.
fn measure(genesis: &State, transfers: &[SignedTransfer]) {
	let lists: Vec<_> = transfers.chunks(IN_BLOCK).map(encode_list).collect();
	let beneficiary = transfers[0].transfer.from;
	let proposal = |id| Proposal { id, gas_limit: u32::MAX, beneficiary };

	let mut full = vec![Duration::MAX; lists.len()];
	let mut blocks = Vec::new();
	for _ in 0..REPETITIONS {
		let mut state = genesis.clone();
		blocks.clear();
		for ((id, list), best) in (1..).zip(&lists).zip(&mut full) {
			let began = Instant::now();
			let executed = state.execute(&proposal(id), list).expect("a descendant of genesis");
			state.apply(&executed).expect("executed on this state");
			*best = began.elapsed().min(*best);
			blocks.push(executed);
		}
	}
	let effects = blocks.iter().flat_map(|block| &block.outcome.effects);
	assert_eq!(effects.filter(|effect| **effect == Effect::Moved).count(), TRANSFERS);

	let mut stateless = vec![Duration::MAX; lists.len()];
	for _ in 0..REPETITIONS {
		let mut parent = *genesis.header();
		for (((id, list), block), best) in (1..).zip(&lists).zip(&blocks).zip(&mut stateless) {
			let began = Instant::now();
			let outcome = execute(&parent, &block.witness, &proposal(id), list).expect("complete");
			*best = began.elapsed().min(*best);
			parent = outcome.header;
		}
		assert_eq!(Some(parent), blocks.last().map(|block| block.outcome.header));
	}

	let rate = |times: &[Duration]| {
		(TRANSFERS as f64 / times.iter().sum::<Duration>().as_secs_f64()).round()
	};
	let bytes: usize = lists.iter().map(Vec::len).sum();
	let hashed = VERIFY_COMPRESSIONS as f64 + bytes as f64 / 64.0 / TRANSFERS as f64;
	let paths = blocks.iter().map(compressions_of_paths).sum::<u64>() as f64 / TRANSFERS as f64;
	let witness: usize = blocks
		.iter()
		.map(|block| block.witness.accounts.len() * 116 + block.witness.siblings.len() * 32)
		.sum();
	println!(
		"| {} | {} | {:.1} | {} | {:.1} | {} |",
		genesis.accounts().len() - 1,
		rate(&full),
		hashed + paths,
		rate(&stateless),
		hashed + 2.0 * paths,
		witness / TRANSFERS,
	);
}

/// Returns the compressions for the leaves and the paths of a block that creates no account: once.
fn compressions_of_paths(block: &Executed) -> u64 {
	let mut nodes: BTreeSet<_> = block.witness.accounts.iter().map(|(index, _)| *index).collect();
	let mut compressions = 2 * nodes.len() as u64;
	let mut width = block.outcome.header.accounts;
	while width > 1 {
		nodes = nodes.into_iter().map(|index| index / 2).collect();
		compressions += nodes.len() as u64;
		width = width.div_ceil(2);
	}
	compressions
}

/// Prints what the verification of a signature takes, with all that a block does left out.
fn verification(transfers: &[SignedTransfer]) {
	let firsts: Vec<_> =
		transfers.iter().filter(|signed| signed.transfer.nonce == 0).take(5_000).collect();
	let best: Duration = firsts
		.iter()
		.map(|signed| {
			let times = (0..REPETITIONS).map(|_| {
				let began = Instant::now();
				assert!(signed.signature.verify(&signed.transfer, &signed.transfer.from));
				began.elapsed()
			});
			times.min().unwrap_or_default()
		})
		.sum();
	let each = best.as_nanos() / firsts.len() as u128;
	println!(
		"A verification takes {:.1} us: {} ns for each of {VERIFY_COMPRESSIONS} compressions.",
		each as f64 / 1_000.0,
		each / u128::from(VERIFY_COMPRESSIONS),
	);
}
