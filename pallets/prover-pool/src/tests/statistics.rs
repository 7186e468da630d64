//! The draw as a random experiment: the chance of a member is in proportion to stake / e² (R4), and
//! nothing that a proposer controls moves a draw (R5).
//!
//! The expected probabilities are computed here, in floating point and from the rule alone; the draws are
//! real ones, by request and `on_initialize`. Each case is one chi-square test, which holds if its p-value
//! lies within [`PLAUSIBLE`]. Seeds are hashes of a fixed seed and the block id, so every case has the same
//! p-value in every run. The upper bound matters as well: draws that follow the weights more closely
//! than chance does are not random.

use std::{collections::BTreeMap, ops::RangeInclusive};

use frame_support::assert_ok;
use prover_pool_primitives::{BlockId, PricePerGas};
use sp_core::{H256, U256};
use sp_io::hashing::blake2_256;

use crate::mock::*;

/// Beyond these, chance is no explanation.
const PLAUSIBLE: RangeInclusive<f64> = 0.001..=0.999;
/// Below this p-value a wrong expectation counts as refuted.
const REFUTED: f64 = 1e-6;

// The statistics.

/// ln Γ(`halves` / 2), from Γ(1/2) = √π, Γ(1) = 1 and Γ(a + 1) = a · Γ(a).
fn ln_gamma_of_halves(halves: u32) -> f64 {
	let root_of_pi = std::f64::consts::PI.sqrt();
	let (first, start) = if halves.is_multiple_of(2) { (2, 0.0) } else { (1, root_of_pi.ln()) };
	(first..halves).step_by(2).map(|step| (f64::from(step) / 2.0).ln()).sum::<f64>() + start
}

/// Returns the probability of a chi-square of at least this much by chance: the regularised upper incomplete
/// gamma function Q(`freedom` / 2, `chi_square` / 2).
fn p_value(chi_square: f64, freedom: u32) -> f64 {
	let (a, x) = (f64::from(freedom) / 2.0, chi_square / 2.0);
	if x <= 0.0 {
		return 1.0;
	}
	let scale = (a * x.ln() - x - ln_gamma_of_halves(freedom)).exp();
	// Each of the two expansions converges fast on its side of a + 1.
	if x < a + 1.0 {
		let mut term = 1.0 / a;
		let mut sum = term;
		let mut n = 1.0;
		while term > sum * f64::EPSILON {
			term *= x / (a + n);
			sum += term;
			n += 1.0;
		}
		1.0 - scale * sum
	} else {
		let tail = (1..=500).rev().map(f64::from).fold(0.0, |tail, n| {
			// n (n − a) / (x + 2n + 1 − a − …), from the inside out.
			n * (n - a) / (x + 2.0 * n + 1.0 - a - tail)
		});
		scale / (x + 1.0 - a - tail)
	}
}

/// Returns the chi-square of counts against weights, and its number of cells. Cells of which less than 5
/// is expected are put together, with the next larger one if that is not enough.
fn chi_square(observed: &[u64], weights: &[f64]) -> (f64, u32) {
	assert_eq!(observed.len(), weights.len());
	let draws: u64 = observed.iter().sum();
	let total: f64 = weights.iter().sum();
	let mut cells: Vec<(f64, f64)> = observed
		.iter()
		.zip(weights)
		.map(|(count, weight)| (weight / total * draws as f64, *count as f64))
		.collect();
	cells.sort_by(|one, other| one.0.total_cmp(&other.0));
	while cells.len() > 1 && cells[0].0 < 5.0 {
		let (expected, count) = cells.remove(0);
		cells[0].0 += expected;
		cells[0].1 += count;
		cells.sort_by(|one, other| one.0.total_cmp(&other.0));
	}
	let sum = cells.iter().map(|(expected, count)| (count - expected).powi(2) / expected).sum();
	(sum, cells.len() as u32)
}

/// Prints and returns the p-value of a case.
fn p_of(case: &str, observed: &[u64], weights: &[f64]) -> f64 {
	let (chi_square, cells) = chi_square(observed, weights);
	assert!(cells > 1, "{case}: one cell proves nothing");
	let p = p_value(chi_square, cells - 1);
	let draws: u64 = observed.iter().sum();
	println!("{case}: {draws} draws, {cells} cells, chi² = {chi_square:.2}, p = {p:.3e}");
	p
}

#[track_caller]
fn follows(case: &str, observed: &[u64], weights: &[f64]) {
	let p = p_of(case, observed, weights);
	assert!(PLAUSIBLE.contains(&p), "{case}: p = {p}");
}

/// The same statistic on an expectation that is wrong: a test that accepts it could not fail.
#[track_caller]
fn refutes(case: &str, observed: &[u64], wrong: &[f64]) {
	let p = p_of(&format!("  not {case}"), observed, wrong);
	assert!(p < REFUTED, "{case} is not refuted: p = {p}");
}

#[test]
fn the_p_value_is_that_of_the_tables() {
	for (chi_square, freedom, p) in [
		(0.0, 3, 1.0),
		(3.841_459, 1, 0.05),
		(10.827_566, 1, 0.001),
		(0.003_932, 1, 0.95),
		(5.991_465, 2, 0.05),
		(1.145_476, 5, 0.95),
		(18.307_038, 10, 0.05),
		(23.209_251, 10, 0.01),
		(3.940_299, 10, 0.95),
		(18.492_661, 30, 0.95),
		(59.703_064, 30, 0.001),
		(124.342_113, 100, 0.05),
	] {
		let found = p_value(chi_square, freedom);
		assert!((found - p).abs() < 2e-6, "Q({freedom}/2, {chi_square}/2) = {found}, not {p}");
	}
	// With two degrees of freedom it is exp(−x / 2), however small.
	for chi_square in [0.5, 10.0, 60.0, 300.0] {
		let exact = (-chi_square / 2.0_f64).exp();
		assert!((p_value(chi_square, 2) / exact - 1.0).abs() < 1e-9);
	}
}

#[test]
fn small_cells_are_put_together() {
	// 100 draws: 96, 2, 1, 1 are expected; the last three make 4, and so all make one.
	assert_eq!(chi_square(&[96, 2, 1, 1], &[96.0, 2.0, 1.0, 1.0]), (0.0, 1));
	// 60, 37, 2, 1: the last two with the 37.
	assert_eq!(chi_square(&[50, 47, 2, 1], &[60.0, 37.0, 2.0, 1.0]).1, 2);
	// (8 − 5)² / 5 + (12 − 15)² / 15.
	let (sum, cells) = chi_square(&[8, 12], &[1.0, 3.0]);
	assert_eq!((cells, (sum - 2.4).abs() < 1e-9), (2, true));
}

// The rule, once more.

/// What the rule is about: stake and price of each prover.
type Offers<'a> = &'a [(Balance, PricePerGas)];

/// e: the price, but at least ⌊75 %⌋ and at most ⌊125 %⌋ of the fee, as `u32`.
fn effective(price: PricePerGas, fee: PricePerGas) -> f64 {
	let percent = |share: u128| (u128::from(fee) * share / 100).min(u32::MAX.into()) as u32;
	f64::from(price.max(percent(75)).min(percent(125)))
}

/// stake / eⁿ of each. The rule says n = 2.
fn weights_by(offers: Offers, fee: PricePerGas, power: i32) -> Vec<f64> {
	offers.iter().map(|(stake, price)| *stake as f64 / effective(*price, fee).powi(power)).collect()
}

fn weights(offers: Offers, fee: PricePerGas) -> Vec<f64> {
	weights_by(offers, fee, 2)
}

// The experiment.

/// The account of the `n`th prover.
fn nth(n: usize) -> AccountId {
	100 + n as AccountId
}

/// A pool with these offers and capacities, which draws for up to 64 requests a block.
fn pool(offers: Offers, capacities: &[u32], test: impl FnOnce()) {
	let builder = ExtBuilder::default().max_provers(offers.len() as u32).draws_per_block(64);
	MaxPendingDraws::set(64);
	MinCapacity::set(1);
	MinStakePerCapacity::set(1);
	let provers: Vec<_> = offers
		.iter()
		.zip(capacities)
		.enumerate()
		.map(|(n, ((stake, price), capacity))| (nth(n), *stake, *price, *capacity))
		.collect();
	let builder = provers.iter().fold(builder, |builder, (who, stake, ..)| {
		builder.balance(*who, stake + EXISTENTIAL_DEPOSIT)
	});
	builder.provers(&provers).build_and_execute(test);
}

/// Draws for blocks with these ids, in one block, and returns the member drawn for each.
fn draw_together(ids: impl Iterator<Item = BlockId>, fee: PricePerGas) -> Vec<usize> {
	for block_id in ids {
		assert_ok!(request_at(block_id, fee));
	}
	run_blocks(2);
	System::reset_events();
	let drawn = outcomes().into_iter().map(|(_, outcome)| match outcome {
		Outcome::Assigned { prover, .. } => (prover - nth(0)) as usize,
		Outcome::Open { reason } => panic!("no member was drawn: {reason:?}"),
	});
	drawn.collect()
}

/// Counts how often each is drawn in this many draws, when all always have free capacity.
fn count(offers: Offers, fee: PricePerGas, draws: u64) -> Vec<u64> {
	let mut counts = vec![0; offers.len()];
	let capacities = vec![64; offers.len()];
	pool(offers, &capacities, || {
		for first in (0..draws).step_by(64) {
			let ids = first..draws.min(first + 64);
			for prover in draw_together(ids.clone(), fee) {
				counts[prover] += 1;
			}
			ids.for_each(|block_id| discharge(block_id).unwrap());
		}
	});
	assert_eq!(counts.iter().sum::<u64>(), draws);
	counts
}

#[test]
fn equal_offers_are_drawn_equally() {
	let offers = [(1_000, 100); 8];
	let counts = count(&offers, FEE, 8_000);
	follows("equal stakes and prices", &counts, &weights(&offers, FEE));
	refutes("one of them slightly heavier", &counts, &[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.3]);
}

#[test]
fn draws_follow_skewed_stakes() {
	let offers: Vec<_> = (0..8).map(|n| (100 << n, 100)).collect();
	let counts = count(&offers, FEE, 12_000);
	follows("stakes 1 : 2 : 4 : … : 128", &counts, &weights(&offers, FEE));
	refutes("equal chances", &counts, &[1.0; 8]);
}

#[test]
fn draws_follow_the_prices_within_the_band() {
	let offers: Vec<_> = (0..11).map(|n| (1_000, 75 + 5 * n)).collect();
	let counts = count(&offers, FEE, 20_000);
	follows("prices 75, 80, …, 125", &counts, &weights(&offers, FEE));
	refutes("stake / e", &counts, &weights_by(&offers, FEE, 1));
	refutes("stake / e³", &counts, &weights_by(&offers, FEE, 3));
}

#[test]
fn draws_follow_the_prices_clamped_at_both_ends() {
	let offers =
		[(1_000, 1), (1_000, 74), (1_500, 75), (2_000, 125), (2_000, 126), (3_000, u32::MAX)];
	let counts = count(&offers, FEE, 12_000);
	follows("prices at and beyond both ends", &counts, &weights(&offers, FEE));
	refutes("stake / e", &counts, &weights_by(&offers, FEE, 1));
	let unclamped: Vec<_> =
		offers.map(|(stake, price)| stake as f64 / f64::from(price).powi(2)).into();
	refutes("prices as they are", &counts, &unclamped);
}

#[test]
fn draws_follow_stakes_and_prices_together() {
	let offers = [(700, 80), (9_000, 110), (2_500, 95), (40_000, 125), (150, 75)];
	let counts = count(&offers, FEE, 12_000);
	follows("stakes and prices mixed", &counts, &weights(&offers, FEE));
	refutes("stake / e", &counts, &weights_by(&offers, FEE, 1));
}

#[test]
fn draws_follow_the_weights_at_tiny_fees() {
	// Bands of whole numbers: [0, 1], [1, 2], [2, 3], [3, 5], [3, 6], [4, 7], [5, 8], [6, 10].
	let offers = [(1_000, 1), (2_000, 4), (3_000, 6), (9_000, 1_000)];
	for fee in 1..=8 {
		let counts = count(&offers, fee, 4_000);
		follows(&format!("a fee of {fee}"), &counts, &weights(&offers, fee));
		if fee > 1 {
			refutes("stake / e", &counts, &weights_by(&offers, fee, 1));
		}
	}
}

#[test]
fn draws_follow_the_weights_at_the_highest_fee() {
	let offers = [(1_000, 1), (1_000, u32::MAX), (2_000, 3_600_000_000), (500, 4_000_000_000)];
	let counts = count(&offers, u32::MAX, 12_000);
	follows("a fee of 2³² − 1", &counts, &weights(&offers, u32::MAX));
	refutes("stake / e", &counts, &weights_by(&offers, u32::MAX, 1));
}

#[test]
fn draws_follow_the_largest_stakes() {
	let unit: Balance = 1 << 123;
	let offers = [(unit, 100), (3 * unit, 100), (5 * unit, 125), (7 * unit, 90)];
	let counts = count(&offers, FEE, 12_000);
	follows("stakes of 2¹²³ and more", &counts, &weights(&offers, FEE));
	refutes("stake / e", &counts, &weights_by(&offers, FEE, 1));
}

#[test]
fn dust_beside_a_fortune_is_hardly_ever_drawn() {
	// A share of 64 / 2¹²⁶: with weights of less precision, or at least 1, it would be far more.
	let offers = [(64, 75), (1 << 126, 125), (1 << 125, 125)];
	let counts = count(&offers, FEE, 6_000);
	assert_eq!(counts[0], 0);
	follows("dust beside fortunes", &counts, &weights(&offers, FEE));
}

// Capacity that runs out.

/// Returns the probability of every order in which members with these capacities can be drawn until none
/// is left: at each step among those with free capacity, by weight.
fn orders(weights: &[f64], capacities: &[u32]) -> BTreeMap<Vec<usize>, f64> {
	let total: f64 = weights.iter().zip(capacities).filter(|(_, n)| **n > 0).map(|(w, _)| w).sum();
	if total == 0.0 {
		return BTreeMap::from([(Vec::new(), 1.0)]);
	}
	let mut all = BTreeMap::new();
	for drawn in (0..capacities.len()).filter(|n| capacities[*n] > 0) {
		let mut left = capacities.to_vec();
		left[drawn] -= 1;
		for (rest, probability) in orders(weights, &left) {
			let order = std::iter::once(drawn).chain(rest).collect();
			all.insert(order, weights[drawn] / total * probability);
		}
	}
	all
}

/// Counts orders in which the pool runs out, when all draws happen in one block.
fn count_orders(offers: Offers, capacities: &[u32], rounds: u64) -> BTreeMap<Vec<usize>, u64> {
	let mut counts = BTreeMap::new();
	let draws = u64::from(capacities.iter().sum::<u32>());
	pool(offers, capacities, || {
		for first in (0..rounds).map(|round| round * draws) {
			let ids = first..first + draws;
			*counts.entry(draw_together(ids.clone(), FEE)).or_default() += 1;
			ids.for_each(|block_id| discharge(block_id).unwrap());
		}
	});
	counts
}

#[test]
fn provers_run_out_in_the_order_that_sequential_draws_give() {
	let offers = [(1_000, 100), (2_000, 90), (4_000, 125)];
	for (case, capacities, rounds) in
		[("orders of 1 each", [1, 1, 1], 3_000), ("orders of 1, 2 and 3", [1, 2, 3], 4_000)]
	{
		let counts = count_orders(&offers, &capacities, rounds);
		let expected = orders(&weights(&offers, FEE), &capacities);
		assert!((expected.values().sum::<f64>() - 1.0).abs() < 1e-9);
		assert!(counts.keys().all(|order| expected.contains_key(order)), "no capacity is exceeded");
		let observed: Vec<u64> =
			expected.keys().map(|order| counts.get(order).copied().unwrap_or_default()).collect();
		let exact: Vec<f64> = expected.into_values().collect();
		follows(case, &observed, &exact);
		let wrong: Vec<f64> =
			orders(&weights_by(&offers, FEE, 1), &capacities).into_values().collect();
		refutes("stake / e", &observed, &wrong);
	}
}

/// A deterministic source of numbers in [0, 1): the high bits of a hash of a counter.
fn uniform(n: u64) -> f64 {
	let hash = blake2_256(&n.to_le_bytes());
	let bits = u64::from_le_bytes(hash[..8].try_into().unwrap()) >> 11;
	bits as f64 / (1u64 << 53) as f64
}

/// The number of cells of equal probability into which draws fall, if they follow the weights.
const CELLS: usize = 24;

/// Returns the cell of one draw among members with free capacity: a number drawn uniformly from the part of
/// [0, 1) that belongs to the member drawn is uniform over [0, 1), whatever the others' capacity, if the
/// draw follows the weights.
fn cell_of(drawn: usize, weights: &[f64], left: &[u32], dither: f64) -> usize {
	let free = |n: &usize| left[*n] > 0;
	let total: f64 = (0..left.len()).filter(free).map(|n| weights[n]).sum();
	let below: f64 = (0..drawn).filter(free).map(|n| weights[n]).sum();
	let point = (below + dither * weights[drawn]) / total;
	((point * CELLS as f64) as usize).min(CELLS - 1)
}

#[test]
fn every_draw_follows_the_weights_of_those_that_are_still_free() {
	// 32 members with a capacity of 2 each, until all is used. The most expensive are the heaviest.
	let offers: Vec<_> = (0..32).map(|n| (1_000 + 400 * n * n, 70 + 2 * n as u32)).collect();
	let (exact, wrong) = (weights(&offers, FEE), weights_by(&offers, FEE, 1));
	let mut cells = [[0; CELLS]; 2];
	pool(&offers, &[2; 32], || {
		for first in (0..150).map(|round| round * 64) {
			let mut left = [2; 32];
			for (n, drawn) in (first..).zip(draw_together(first..first + 64, FEE)) {
				assert!(left[drawn] > 0, "drawn without free capacity");
				for (cells, weights) in cells.iter_mut().zip([&exact, &wrong]) {
					cells[cell_of(drawn, weights, &left, uniform(n))] += 1;
				}
				left[drawn] -= 1;
			}
			assert_eq!(left, [0; 32]);
			(first..first + 64).for_each(|block_id| discharge(block_id).unwrap());
		}
	});
	follows("32 members that run out", &cells[0], &[1.0; CELLS]);
	refutes("stake / e", &cells[1], &[1.0; CELLS]);
}

// Draws of one block.

#[test]
fn two_draws_of_one_block_are_independent() {
	let offers = [(1_000, 100), (2_000, 90), (1_500, 125), (3_000, 110)];
	let shares = weights(&offers, FEE);
	let mut pairs = [[0u64; 4]; 4];
	pool(&offers, &[64; 4], || {
		// Neighbouring ids, requested and drawn in the same block.
		for first in (0..12_000).step_by(60) {
			let drawn = draw_together(first..first + 60, FEE);
			drawn.chunks(2).for_each(|pair| pairs[pair[0]][pair[1]] += 1);
			(first..first + 60).for_each(|block_id| discharge(block_id).unwrap());
		}
	});
	let table = |joint: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
		(0..16).map(|cell| joint(cell / 4, cell % 4)).collect()
	};
	let total: f64 = shares.iter().sum();
	let independent = |one: usize, other: usize| shares[one] * shares[other] / total.powi(2);
	follows("pairs of one block", &pairs.concat(), &table(&independent));
	// It would show if a tenth of the second draws repeated their first ones.
	let linked = |one: usize, other: usize| {
		let same = if one == other { shares[one] / total } else { 0.0 };
		0.9 * independent(one, other) + 0.1 * same
	};
	refutes("a tenth of them linked", &pairs.concat(), &table(&linked));
}

// The point of a draw.

/// R5: the point is ⌊seed · total / 2²⁵⁶⌋, among the members in the order of prices.
#[test]
fn the_point_of_a_draw_is_in_proportion_to_the_seed() {
	let offers: Vec<_> = (0..9).map(|n| (1_000 + 700 * n, 70 + 37 * n as u32 % 60)).collect();
	pool(&offers, &[64; 9], || {
		let mut rows = ProverPool::get_prover_weights(FEE, 1, 9);
		rows.sort_by_key(|row| (offers[row.prover_id as usize - 1].1, row.prover_id));
		let total = rows.iter().fold(U256::zero(), |sum, row| sum + row.weight);
		let at = |seed: U256| -> usize {
			let mut point = U256::try_from(seed.full_mul(total) >> 256).unwrap();
			let drawn = rows.iter().find(|row| {
				let found = point < row.weight;
				point = point.saturating_sub(row.weight);
				found
			});
			drawn.expect("the point is below the total").prover_id as usize - 1
		};
		let random = (0..400u64).map(|n| U256::from_big_endian(&blake2_256(&n.to_le_bytes())));
		for (block_id, seed) in (0..).zip([U256::zero(), U256::MAX].into_iter().chain(random)) {
			let Some(Outcome::Assigned { prover, .. }) = draw(block_id, FEE, seed) else {
				panic!("a member is drawn")
			};
			assert_eq!((prover - nth(0)) as usize, at(seed), "{seed}");
			assert_ok!(discharge(block_id));
		}
	});
}

// What a proposer controls.

/// Returns the member drawn for block 7 with this seed, after `request` has queued its request.
fn drawn_for_7(seed: u8, request: impl FnOnce()) -> usize {
	let mut drawn = None;
	pool(&[(1_000, 100), (1_500, 90), (1_200, 110), (2_000, 120)], &[64; 4], || {
		// Known at the request, and not what decides.
		Seed::set(Some(H256::repeat_byte(0xaa)));
		request();
		assert_eq!(assignment(7), None, "the draw comes after the request");
		assert!(pending().contains(&7));
		Seed::set(Some(H256::repeat_byte(seed)));
		run_blocks(2);
		drawn = assignment(7).map(|assignment| (assignment.prover - nth(0)) as usize);
	});
	drawn.unwrap()
}

#[test]
fn nothing_that_a_proposer_controls_changes_who_is_drawn() {
	let mut drawn_by_any = [false; 4];
	for seed in 0..12 {
		let plainly = drawn_for_7(seed, || request(7).unwrap());
		drawn_by_any[plainly] = true;
		// The time of the request, by either clock.
		for blocks in [1, 2, 7] {
			let later = || {
				run_blocks(blocks);
				advance_clock(blocks as Moment * 3);
				assert_ok!(request(7));
			};
			assert_eq!(drawn_for_7(seed, later), plainly, "{blocks} blocks later");
		}
		// Its position in the block, and the other requests.
		for others in [[1, 2, 7, 3], [7, 1, 2, 3], [3, 2, 1, 7], [200, 7, 100, 8]] {
			let among = || others.into_iter().for_each(|block_id| request(block_id).unwrap());
			assert_eq!(drawn_for_7(seed, among), plainly, "among {others:?}");
		}
		// The number of requests: each cancelled before its seed is known.
		for tries in [1, 2, 9] {
			let again = || {
				for _ in 0..tries {
					assert_ok!(request(7));
					run_blocks(1);
					assert_ok!(discharge(7));
				}
				assert_ok!(request(7));
			};
			assert_eq!(drawn_for_7(seed, again), plainly, "{tries} tries before");
		}
		// The way of the request.
		let by_origin = || ProverPool::assign_prover(RuntimeOrigin::root(), 7, FEE).unwrap();
		assert_eq!(drawn_for_7(seed, by_origin), plainly);
	}
	assert_eq!(drawn_by_any, [true; 4], "the seed does");
}

#[test]
fn a_seed_known_at_the_request_never_decides_it_however_often_it_comes() {
	pool(&[(1_000, 100), (1_000, 100)], &[64; 2], || {
		run_to_block(5);
		let known = Seed::get();
		assert_ok!(request(7));
		// The same seed again and again, with the truth about its age; and other seeds no younger.
		for (block, seed) in (6..40).zip((0..).map(H256::repeat_byte)) {
			Seed::set(if block % 2 == 0 { known } else { Some(seed) });
			KnownSince::set(Some(block % 6));
			run_to_block(block);
			assert_eq!(pending(), [7]);
			assert!(outcomes().is_empty());
		}
		// One block younger than the request.
		KnownSince::set(Some(6));
		run_blocks(1);
		assert!(assignment(7).is_some());
	});
}

#[test]
fn cancelling_and_requesting_again_is_another_fair_draw_and_no_more() {
	let offers = [(1_000, 100), (1_500, 90), (1_200, 110), (2_000, 120)];
	let mut counts = [[0u64; 4]; 3];
	pool(&offers, &[64; 4], || {
		let tick = || {
			let number = System::block_number().to_le_bytes();
			Seed::set(Some(H256(blake2_256(&number))));
			run_blocks(1);
		};
		// The same id every time: only the seed of a later block is new.
		for round in 0..6_000 {
			let tries = round % 3;
			for _ in 0..tries {
				assert_ok!(request(7));
				tick();
				// The proposer has seen nothing of the draw: none happened.
				assert!(outcomes().is_empty());
				assert_ok!(discharge(7));
			}
			assert_ok!(request(7));
			tick();
			assert_eq!(pending(), [7]);
			tick();
			let Some((7, Outcome::Assigned { prover, .. })) = outcomes().pop() else {
				panic!("block 7 was drawn")
			};
			counts[tries][(prover - nth(0)) as usize] += 1;
			assert_ok!(discharge(7));
			System::reset_events();
		}
	});
	for (tries, counts) in counts.iter().enumerate() {
		follows(&format!("after {tries} cancelled tries"), counts, &weights(&offers, FEE));
		refutes("stake", counts, &weights_by(&offers, FEE, 0));
	}
}
