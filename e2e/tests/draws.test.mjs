/** Draws: the prover, the block and the price (R4, R5). */
import { agreedPrice, weight } from '../lib/rules.mjs';
import {
	account,
	advance,
	advanceTo,
	assert,
	drawn,
	fund,
	nothingPending,
	onChain,
	stake,
	UNIT,
} from './support.mjs';

// A block for each transaction, so that each step happens in a block that is known in advance.
const test = onChain({ sealing: 'instant' });
const bob = account('Bob');

/** The newcomers' offers: below, within and above the band around the first fee. */
const OFFERS = {
	Grace: { amount: 400n * UNIT, price: 1, capacity: 16 },
	Heidi: { amount: 300n * UNIT, price: 9_999, capacity: 8 },
	Ivan: { amount: 800n * UNIT, price: 4_000_000_000, capacity: 16 },
};
/** A member that is drawn nearly always. */
const WHALE = { amount: 500_000n * UNIT, price: 7_500, capacity: 64 };

/** Checks an assignment against the request, and the price against the prover's offer. */
async function assertAssigned({ chain }, proposed, draw) {
	assert.equal(draw.name, 'BlockProposal.BlockAssigned');
	const { drawDelay } = await chain.pool('getParameters');
	assert.ok(draw.block > proposed.block + drawDelay, 'drawn with a seed too old');
	const { prover } = await chain.poolAt(draw.block, 'getStaker', draw.data.prover);
	assert.equal(
		draw.data.rewardPerGas,
		agreedPrice(prover.offer.rewardPerGas, proposed.feePerGas, chain.priceBand()),
	);
}

test('provers stake and take the vacant slots in order', async (world) => {
	const { chain } = world;
	const newcomers = await fund(world, Object.keys(OFFERS), 10_000n * UNIT);
	for (const [i, newcomer] of newcomers.entries()) {
		const offer = OFFERS[newcomer.meta.name];
		const before = await chain.balanceOf(newcomer.address);
		const staked = await stake(world, newcomer, offer);
		assert.equal(staked.amount, offer.amount);
		assert.equal(staked.currentCapacity, offer.capacity);

		const { prover, held } = await chain.pool('getStaker', newcomer.address);
		// Charlie, Dave and Eve are in the pool from the genesis on.
		assert.equal(prover.proverId, 4 + i);
		assert.equal(prover.status, 'Entering');
		assert.equal(prover.offer.stake, offer.amount);
		assert.equal(held, offer.amount);
		assert.equal(prover.enteredIn, staked.block);
		const { reserved } = await chain.balanceOf(newcomer.address);
		assert.equal(reserved - before.reserved, offer.amount, 'tokens stay on their own account');
	}
});

test('a block is drawn as soon as its delay allows and takes capacity, and its price is in the band', async (world) => {
	const { chain, rollup } = world;
	await nothingPending(world);
	const free = await chain.pool('getCapacity');
	const { drawDelay } = await chain.pool('getParameters');
	assert.equal(drawDelay, 3);
	for (let i = 0; i < 4; i++) {
		const proposed = await rollup.propose(bob);
		const [draw] = await drawn(world, proposed);
		await assertAssigned(world, proposed, draw);
		// Every block of this chain has a VRF output, and no other request waits.
		assert.equal(draw.block, proposed.block + drawDelay + 1);
	}
	assert.equal(await chain.pool('getCapacity'), free - 4n);
});

test('requests of one block are drawn in one block, each independently', async (world) => {
	const { chain, rollup } = world;
	const { drawDelay } = await chain.pool('getParameters');
	const proposals = await rollup.proposeMany(8, bob);
	assert.equal(proposals.length, 8);
	const draws = await drawn(world, ...proposals);
	for (const [i, draw] of draws.entries()) {
		await assertAssigned(world, proposals[i], draw);
		assert.equal(draw.block, proposals[i].block + drawDelay + 1);
	}
});

test('weights are stake over the square of the price', async (world) => {
	const { chain } = world;
	const band = chain.priceBand();
	const state = await chain.at(chain.head);
	const members = await chain.members({ state });
	const weights = await chain.weights(10_000, { state });

	const expected = members.map(({ proverId, offer: { stake, rewardPerGas } }) => {
		const effectivePrice = agreedPrice(rewardPerGas, 10_000, band);
		return { proverId, effectivePrice, weight: weight(stake, effectivePrice) };
	});
	const total = expected.reduce((sum, each) => sum + each.weight, 0n);
	assert.deepEqual(
		weights,
		expected.map(({ proverId, weight, effectivePrice }) => ({
			proverId,
			weight,
			share: (weight * 10n ** 18n) / total,
			effectivePrice,
		})),
	);
	assert.deepEqual(
		weights.map(({ effectivePrice }) => effectivePrice),
		[8_000, 10_000, 12_000, 7_500, 9_999, 12_500],
	);
});

test('a newcomer is drawn only after its entry delay', async (world) => {
	const { chain, rollup } = world;
	assert.equal((await chain.pool('getParameters')).entryDelay, 10);
	// Twice that, so that several proposals are drawn meanwhile.
	await chain.setPoolParameter('EntryDelay', 20);
	const { entryDelay, drawDelay } = await chain.pool('getParameters');
	const [whale] = await fund(world, ['Whale'], 600_000n * UNIT);
	const { block: entered } = await stake(world, whale, WHALE);
	const first = entered + entryDelay + 1;

	// Blocks whose draws fall into the delay. The last draw is in the last block of the delay.
	const early = [];
	while (chain.head < first - drawDelay - 2) {
		const proposed = await rollup.propose(bob);
		if (proposed.block + drawDelay + 1 < first) early.push(proposed);
		await advance(world, 1);
	}
	assert.ok(early.length >= 3);
	for (const draw of await drawn(world, ...early)) {
		assert.ok(draw.block < first);
		assert.notEqual(draw.data.prover, whale.address);
	}
	await advanceTo(world, first - 1);
	const weightAt = async (number) => {
		const [{ weight, share }] = await chain.poolAt(number, 'getProverWeights', 10_000, 7, 1);
		return { weight, share };
	};
	assert.deepEqual(await weightAt(first - 2), { weight: 0n, share: 0n });
	const { share } = await weightAt(first - 1);
	assert.ok(await chain.event('ProverPool.OfferListed', { who: whale.address }, { from: first - 1, within: 1 }));
	assert.ok(share > 980_000_000_000_000_000n, `${share} parts per 10¹⁸`);

	const proposals = await rollup.proposeMany(6, bob);
	const draws = await drawn(world, ...proposals);
	// The probability that the whale gets none of the six is below 10⁻⁹.
	assert.ok(draws.some(({ data }) => data.prover === whale.address));
});

test('no draw of the whole run was too early', async ({ chain }) => {
	const requests = await chain.eventsSoFar('ProverPool.ProverRequested');
	const draws = await chain.eventsSoFar('ProverPool.ProverAssigned');
	const { drawDelay } = await chain.pool('getParameters');
	const requestedIn = new Map(requests.map(({ data, block }) => [data.blockId, block]));
	assert.ok(draws.length >= 20);
	for (const { data, block, extrinsic } of draws) {
		assert.ok(block > requestedIn.get(data.blockId) + drawDelay);
		assert.equal(extrinsic, null, 'drawn by a transaction');
	}
});
