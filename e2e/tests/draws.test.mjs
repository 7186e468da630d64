/** Who is drawn, when and at what price (R4, R5). */
import { agreedPrice, weight } from '../lib/rules.mjs';
import { plain } from '../lib/plain.mjs';
import { account, assert, fund, onChain, stake, UNIT } from './support.mjs';

const test = onChain();
const bob = account('Bob');

/** What the newcomers offer: below the band around the first fee, in it, above it. */
const OFFERS = {
	Grace: { amount: 400n * UNIT, price: 1, capacity: 16 },
	Heidi: { amount: 300n * UNIT, price: 9_999, capacity: 8 },
	Ivan: { amount: 800n * UNIT, price: 4_000_000_000, capacity: 4 },
};
/** Somebody who is drawn nearly always, once it may be. */
const WHALE = { amount: 500_000n * UNIT, price: 7_500, capacity: 100 };

/** Checks an assignment against the request, and the price against the prover's offer. */
async function assertAssigned({ chain }, proposed, drawn) {
	assert.equal(drawn.name, 'BlockProposal.BlockAssigned');
	assert.ok(drawn.block >= proposed.block + 2, 'drawn in the block of the request or the next');
	const { proverPoolApi: pool } = (await chain.at(drawn.block)).call;
	const [, { rewardPerGas: asked }] = plain(await pool.getStaker(drawn.data.prover));
	assert.equal(
		drawn.data.rewardPerGas,
		agreedPrice(asked, proposed.feePerGas, await chain.pool('getParameters')),
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

		const [staker, prover] = await chain.pool('getStaker', newcomer.address);
		// Charlie, Dave and Eve are in the pool from the genesis on.
		assert.equal(staker.proverId, 4 + i);
		assert.equal(prover.stakedAmount, offer.amount);
		assert.equal(prover.enteredIn, staked.block);
		const { reserved } = await chain.balanceOf(newcomer.address);
		assert.equal(reserved - before.reserved, offer.amount, 'tokens stay on their own account');
	}
});

test('a block is drawn two blocks after its request, with a place less and a price in the band', async (world) => {
	const { chain, rollup } = world;
	const free = await chain.pool('getCapacity');
	for (let i = 0; i < 4; i++) {
		const proposed = await rollup.propose(bob);
		const drawn = await rollup.drawn(proposed);
		await assertAssigned(world, proposed, drawn);
		// Every block of this chain carries a VRF, and nobody else waits.
		assert.equal(drawn.block, proposed.block + 2);
	}
	assert.equal(await chain.pool('getCapacity'), free - 4n);
});

test('requests of one block are drawn in one block, each for itself', async (world) => {
	const { rollup } = world;
	const proposals = await rollup.proposeMany(8, bob);
	assert.equal(proposals.length, 8);
	for (const proposed of proposals) {
		const drawn = await rollup.drawn(proposed);
		await assertAssigned(world, proposed, drawn);
		assert.equal(drawn.block, proposed.block + 2);
	}
});

test('weights are stake over the square of the price, and nothing for those that must wait', async (world) => {
	const { chain } = world;
	const parameters = await chain.pool('getParameters');
	const { entryDelay } = parameters;
	const [, { enteredIn }] = await chain.pool('getStaker', account('Ivan').address);
	await chain.block(enteredIn + entryDelay);

	const state = await chain.at(chain.head);
	const members = await chain.members({ state });
	const weights = await chain.weights(10_000, { state });

	const expected = members.map(([proverId, { stakedAmount, rewardPerGas }]) => {
		const effectivePrice = agreedPrice(rewardPerGas, 10_000, parameters);
		return { proverId, effectivePrice, weight: weight(stakedAmount, effectivePrice) };
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

test('a newcomer is not drawn before its entry delay has passed, then it is', async (world) => {
	const { chain, rollup } = world;
	const { entryDelay } = await chain.pool('getParameters');
	const [whale] = await fund(world, ['Whale'], 600_000n * UNIT);
	const { block: entered } = await stake(world, whale, WHALE);
	const first = entered + entryDelay + 1;

	// Blocks whose draws fall into the delay, the last of them as late as can be.
	const early = [];
	while (chain.head < first - 3) {
		const proposed = await rollup.propose(bob);
		if (proposed.block + 2 < first) early.push(proposed);
		await chain.pass(1);
	}
	assert.ok(early.length >= 3);
	for (const proposed of early) {
		const drawn = await rollup.drawn(proposed);
		assert.ok(drawn.block < first);
		assert.notEqual(drawn.data.prover, whale.address);
	}
	const weightAt = async (number) => {
		const { proverPoolApi: pool } = (await chain.at(number)).call;
		const [{ weight, share }] = plain(await pool.getProverWeights(10_000, 7, 1));
		return { weight, share };
	};
	assert.deepEqual(await weightAt(first - 2), { weight: 0n, share: 0n });
	const { share } = await weightAt(first - 1);
	assert.ok(share > 980_000_000_000_000_000n, `${share} parts per 10¹⁸`);

	const proposals = await rollup.proposeMany(6, bob);
	const drawn = await Promise.all(proposals.map((proposed) => rollup.drawn(proposed)));
	// That none of six is the whale's is less likely than one in 10⁹.
	assert.ok(drawn.some(({ data }) => data.prover === whale.address));
});

test('no draw of the whole run came too early', async ({ chain }) => {
	const requests = await chain.eventsSoFar('ProverPool.ProverRequested');
	const draws = await chain.eventsSoFar('ProverPool.ProverAssigned');
	const requestedIn = new Map(requests.map(({ data, block }) => [data.blockId, block]));
	assert.ok(draws.length >= 20);
	for (const { data, block, extrinsic } of draws) {
		assert.ok(block >= requestedIn.get(data.blockId) + 2);
		assert.equal(extrinsic, null, 'drawn by a transaction');
	}
});
