/**
 * Foreknowledge of randomness (R5). Anybody can compute BABE's epoch randomness for fifty epochs. Nobody
 * can compute the seed of a draw before the last block whose output is in it.
 */
import { blake2AsU8a } from '@polkadot/util-crypto';
import { u8aConcat, u8aToHex } from '@polkadot/util';
import { plain } from '../lib/plain.mjs';
import { account, assert, onChain } from './support.mjs';

const test = onChain({ sealing: 50 });

/** Enough epochs of twenty slots that their randomness changes often. */
const EPOCHS = 6;
/** The number of blocks whose outputs are checked. */
const BLOCKS = 70;

/** R(n+1) = H(R(n) ‖ n+1 ‖ ρ). Without a full segment of primary outputs, ρ is empty. */
function nextRandomness(randomness, index) {
	const number = new Uint8Array(8);
	new DataView(number.buffer).setBigUint64(0, index, true);
	return blake2AsU8a(u8aConcat(randomness, number), 256);
}

/** The VRF output of a block. BABE stores it at the end of the block. */
async function outputOf(chain, number) {
	const output = await (await chain.at(number)).query.babe.authorVrfRandomness();
	return output.isSome ? output.unwrap().toU8a() : null;
}

test('the randomness of all coming epochs is a hash of what is known now', async ({ chain }) => {
	const epochAt = async (number) => {
		const { query } = await chain.at(number);
		const [index, randomness] = await Promise.all([
			query.babe.epochIndex(),
			query.babe.randomness(),
		]);
		return { index: index.toBigInt(), randomness: randomness.toHex() };
	};
	const first = await epochAt(1);
	const next = (await (await chain.at(1)).query.babe.nextRandomness()).toU8a();

	// Computed after the first block, before the test waits for any other.
	const foreseen = new Map([[first.index + 1n, next]]);
	for (let index = first.index + 1n; index < first.index + BigInt(EPOCHS); index++) {
		foreseen.set(index + 1n, nextRandomness(foreseen.get(index), index + 1n));
	}

	const met = new Set();
	for (let number = 1; met.size < EPOCHS; number++) {
		const { index, randomness } = await epochAt(number);
		if (!foreseen.has(index) || met.has(index)) continue;
		assert.equal(randomness, u8aToHex(foreseen.get(index)), `epoch ${index}`);
		met.add(index);
	}
});

test('every block adds its VRF output to the accumulator', async ({ chain }) => {
	const accumulatorAt = async (number) =>
		plain(await (await chain.at(number)).query.vrfAccumulator.accumulator());
	assert.equal(await accumulatorAt(1), null, 'the genesis has no output');

	let accumulator = new Uint8Array(32);
	const outputs = new Set();
	for (let number = 1; number < BLOCKS; number++) {
		const output = await outputOf(chain, number);
		assert.notEqual(output, null, `block ${number} has no output`);
		outputs.add(u8aToHex(output));
		accumulator = blake2AsU8a(u8aConcat(accumulator, output), 256);
		// The next block adds this output, no other, and none twice: the hash would differ.
		const { digest, knownSince } = await accumulatorAt(number + 1);
		assert.deepEqual([digest, knownSince], [u8aToHex(accumulator), number]);
	}
	assert.equal(outputs.size, BLOCKS - 1, 'an output twice');
});

test('a draw uses a seed with the outputs of all blocks since its request', async ({ chain, rollup }) => {
	const { drawDelay } = await chain.pool('getParameters');
	const bob = account('Bob');
	for (let i = 0; i < 3; i++) {
		const proposed = await rollup.propose(bob);
		const drawn = await rollup.drawn(proposed);
		const { knownSince } = plain(
			await (await chain.at(drawn.block)).query.vrfAccumulator.accumulator(),
		);
		assert.equal(knownSince, drawn.block - 1);
		assert.ok(knownSince >= proposed.block + drawDelay);
		assert.equal(await foreseenDraw(chain, proposed, drawn), drawn.data.prover);
	}
});

/** Returns the account that a draw must choose, computed here from the accumulator and the weights. */
async function foreseenDraw(chain, { blockId, feePerGas }, { block }) {
	const { digest } = plain(await (await chain.at(block)).query.vrfAccumulator.accumulator());
	// In SCALE: the context as bytes with their length, then the id.
	const context = new TextEncoder().encode('prover-pool/draw');
	const id = new Uint8Array(8);
	new DataView(id.buffer).setBigUint64(0, BigInt(blockId), true);
	const subject = u8aConcat(new Uint8Array([context.length << 2]), context, id);
	const seed = BigInt(u8aToHex(blake2AsU8a(u8aConcat(subject, digest), 256)));

	// The state before the draw: weights are those of a draw in the next block. All members ask prices within
	// the band, where draws use the order of prices and slots.
	const state = await chain.at(block - 1);
	const rows = await chain.members({ state });
	const members = new Map(rows.map(({ proverId, account, offer }) => [proverId, { account, ...offer }]));
	const weights = await chain.weights(feePerGas, { state });
	weights.sort(
		(a, b) =>
			members.get(a.proverId).rewardPerGas - members.get(b.proverId).rewardPerGas ||
			a.proverId - b.proverId,
	);
	const total = weights.reduce((sum, { weight }) => sum + weight, 0n);
	let point = (seed * total) >> 256n;
	for (const { proverId, weight } of weights) {
		if (point < weight) return members.get(proverId).account;
		point -= weight;
	}
	throw new Error('the point lies beyond the total');
}
