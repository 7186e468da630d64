/** Changing an offer in place (R9), block by block. */
import { agreedPrice, weight } from '../lib/rules.mjs';
import { account, advanceTo, assert, drawn, fund, onChain, poolEvents, stake, UNIT } from './support.mjs';

// A block for each transaction, so that each step happens in a block that is known in advance.
const test = onChain({ sealing: 'instant' });
const [bob, charlie, dave, eve] = ['Bob', 'Charlie', 'Dave', 'Eve'].map(account);
/** Dave's slot, whose offer changes in these tests. */
const SLOT = 2;
const FEE = 10_000;

/** Sends a call and checks the pool's events. Returns its block, and the block that lists the change. */
async function change({ chain }, signer, call, ...expected) {
	const { events, block } = await chain.ok(signer, call);
	assert.deepEqual(poolEvents(events), expected);
	const { entryDelay } = await chain.pool('getParameters');
	return { block, listedIn: block + entryDelay };
}

/** Returns the member and its weight after a block. Draws of the next block use both. */
async function memberAt({ chain }, number, slot = SLOT) {
	const [[prover], [row]] = await Promise.all([
		chain.poolAt(number, 'getProvers', slot, 1),
		chain.poolAt(number, 'getProverWeights', FEE, slot, 1),
	]);
	assert.deepEqual([prover.proverId, row.proverId], [slot, slot]);
	return { ...prover, weight: row.weight };
}

/** Checks that the hooks of a block list the offer of an account. */
async function assertListed({ chain }, { address: who }, number) {
	const listed = await chain.eventsSoFar('ProverPool.OfferListed', { from: number, to: number });
	const own = listed.filter(({ data }) => data.who === who);
	assert.deepEqual(own.map(({ extrinsic }) => extrinsic), [null]);
}

test('a pause keeps the slot, and reaches draws after the entry delay', async (world) => {
	const { chain, tx } = world;
	const free = await chain.pool('getCapacity');
	const { block, listedIn } = await change(world, charlie, tx.proverPool.pause(), {
		Paused: { who: charlie.address },
	});
	await change(world, eve, tx.proverPool.pause(), { Paused: { who: eve.address } });
	await advanceTo(world, listedIn + 1);
	await assertListed(world, charlie, listedIn);
	await assertListed(world, eve, listedIn + 1);

	for (const number of [block, listedIn - 1]) {
		const before = await memberAt(world, number, 1);
		assert.equal(before.status, 'Paused');
		assert.equal(before.offer.paused, true);
		assert.equal(before.listed.paused, false);
		assert.equal(before.weight, weight(1_000n * UNIT, 8_000));
	}
	const after = await memberAt(world, listedIn, 1);
	assert.deepEqual([after.status, after.listed, after.weight], ['Paused', null, 0n]);
	assert.equal(after.offer.stake, 1_000n * UNIT);

	const capacityAt = (number) => chain.poolAt(number, 'getCapacity');
	assert.equal(await capacityAt(listedIn - 1), free);
	assert.equal(await capacityAt(listedIn), free - 16n);
	assert.equal(await capacityAt(listedIn + 1), free - 16n - 8n);
});

test('a member that changes its price is in every draw meanwhile', async (world) => {
	const { chain, rollup, tx } = world;
	const { block, listedIn } = await change(world, dave, tx.proverPool.setTerms(11_000, 24), {
		TermsChanged: { who: dave.address, rewardPerGas: 11_000, maxCapacity: 24 },
	});
	// A proposal in each block. Dave is the only member that can be drawn.
	const proposals = [];
	while (chain.head <= listedIn) proposals.push(await rollup.propose(bob));
	const draws = await drawn(world, ...proposals);

	const old = { stake: 2_000n * UNIT, rewardPerGas: 10_000, maxCapacity: 32, paused: false };
	const changed = { ...old, rewardPerGas: 11_000, maxCapacity: 24 };
	const prices = new Set();
	for (const [i, { name, data, block }] of draws.entries()) {
		const { blockId, feePerGas } = proposals[i];
		assert.equal(name, 'BlockProposal.BlockAssigned');
		assert.equal(data.prover, dave.address);
		// A block first draws, then lists offers.
		const offer = block <= listedIn ? old : changed;
		const price = agreedPrice(offer.rewardPerGas, feePerGas, chain.priceBand());
		assert.equal(data.rewardPerGas, price);
		prices.add(price);

		const rows = await chain.poolAt(block, 'getAssignments', dave.address, null, 100);
		const { assignment } = rows.find((row) => row.blockId === blockId);
		assert.equal(assignment.terms.maxCapacity, offer.maxCapacity);
	}
	assert.deepEqual([...prices], [10_000, 11_000]);

	for (const number of [block, listedIn - 1]) {
		const { offer, listed, status } = await memberAt(world, number);
		assert.deepEqual([offer, listed, status], [changed, old, 'Active']);
	}
	await assertListed(world, dave, listedIn);
	const { offer, listed } = await memberAt(world, listedIn);
	assert.deepEqual([offer, listed], [changed, null]);
});

test('added stake is held at once, and counts after the entry delay', async (world) => {
	const { chain, tx } = world;
	const before = await chain.balanceOf(dave.address);
	const amount = 500n * UNIT;
	const { block, listedIn } = await change(world, dave, tx.proverPool.stakeExtra(amount), {
		StakeIncreased: { who: dave.address, amount },
	});
	await advanceTo(world, listedIn);
	assert.equal((await chain.balanceOf(dave.address)).reserved, before.reserved + amount);
	for (const number of [block, listedIn - 1]) {
		const { offer, listed, weight: counted } = await memberAt(world, number);
		assert.deepEqual([offer.stake, listed.stake], [2_500n * UNIT, 2_000n * UNIT]);
		assert.equal(counted, weight(2_000n * UNIT, 11_000));
	}
	const { listed, weight: counted } = await memberAt(world, listedIn);
	assert.deepEqual([listed, counted], [null, weight(2_500n * UNIT, 11_000)]);
});

test('stake that is taken out becomes an exit, and counts no longer', async (world) => {
	const { chain, tx } = world;
	await chain.setPoolParameter('MinChangeDelay', 0);
	const { exitPeriod } = await chain.pool('getParameters');
	const before = await chain.balanceOf(dave.address);
	const amount = 300n * UNIT;
	const { block } = await change(world, dave, tx.proverPool.unstake(amount), {
		Unstaked: { who: dave.address, amount, exit: 0 },
	});
	const { offer, listed, weight: counted } = await memberAt(world, block);
	assert.deepEqual([offer.stake, listed], [2_200n * UNIT, null]);
	assert.equal(counted, weight(2_200n * UNIT, 11_000), 'at once');
	const { exits, held, liable } = await chain.poolAt(block, 'getStaker', dave.address);
	assert.ok(liable > 0);
	assert.deepEqual(exits, [{ id: 0, amount, maturesAt: block + exitPeriod, duties: liable }]);
	assert.equal(held, 2_500n * UNIT);
	assert.equal((await chain.balanceOf(dave.address)).reserved, before.reserved);
});

test('an exit is staked again without other tokens', async (world) => {
	const { chain, tx } = world;
	const { who, amount } = { who: dave.address, amount: 100n * UNIT };
	await change(world, dave, tx.proverPool.unstake(amount), { Unstaked: { who, amount, exit: 1 } });
	const before = await chain.balanceOf(who);
	const { block, listedIn } = await change(world, dave, tx.proverPool.restake(0), {
		Restaked: { who, amount: 300n * UNIT, exit: 0 },
	});
	await advanceTo(world, listedIn);
	const { exits } = await chain.poolAt(block, 'getStaker', who);
	assert.deepEqual(exits.map(({ id }) => id), [1]);
	assert.equal((await chain.balanceOf(who)).reserved, before.reserved);
	const { offer, listed } = await memberAt(world, block);
	assert.deepEqual([offer.stake, listed.stake], [2_400n * UNIT, 2_100n * UNIT]);
	assert.equal((await memberAt(world, listedIn)).weight, weight(2_400n * UNIT, 11_000));
});

test('a member that resumes is drawn after the entry delay', async (world) => {
	const { tx } = world;
	const { block, listedIn } = await change(world, charlie, tx.proverPool.resume(), {
		Resumed: { who: charlie.address },
	});
	await advanceTo(world, listedIn);
	for (const number of [block, listedIn - 1]) {
		const { status, listed, weight: counted } = await memberAt(world, number, 1);
		assert.deepEqual([status, listed.paused, counted], ['Active', true, 0n]);
	}
	const { listed, weight: counted } = await memberAt(world, listedIn, 1);
	assert.deepEqual([listed, counted], [null, weight(1_000n * UNIT, 8_000)]);
});

test('a change during the entry delay does not delay the entry', async (world) => {
	const { chain, tx } = world;
	const [grace] = await fund(world, ['Grace'], 1_000n * UNIT);
	const { block: entered, proverId } = await stake(world, grace, {
		amount: 200n * UNIT,
		price: 9_000,
		capacity: 8,
	});
	const { entryDelay } = await chain.pool('getParameters');
	await advanceTo(world, entered + 4);
	const { listedIn } = await change(world, grace, tx.proverPool.setTerms(9_500, 10), {
		TermsChanged: { who: grace.address, rewardPerGas: 9_500, maxCapacity: 10 },
	});
	assert.equal(listedIn, entered + 5 + entryDelay);
	await advanceTo(world, listedIn);

	const waiting = await memberAt(world, entered + entryDelay - 1, proverId);
	assert.deepEqual([waiting.status, waiting.listed, waiting.weight], ['Entering', null, 0n]);
	await assertListed(world, grace, entered + entryDelay);
	const entry = await memberAt(world, listedIn - 1, proverId);
	assert.deepEqual([entry.status, entry.listed.rewardPerGas], ['Active', 9_000]);
	assert.equal(entry.weight, weight(200n * UNIT, 9_000));
	await assertListed(world, grace, listedIn);
	assert.equal((await memberAt(world, listedIn, proverId)).weight, weight(200n * UNIT, 9_500));
});

test('an account has a limited number of exits, each with its own date', async (world) => {
	const { chain, tx } = world;
	const [grace, who] = [account('Grace'), account('Grace').address];
	await chain.setPoolParameter('ExitPeriod', 20);
	const { maxExits } = await chain.pool('getParameters');
	assert.equal(maxExits, 8);
	const expected = [];
	for (let id = 0; id < maxExits; id++) {
		const { block } = await chain.ok(grace, tx.proverPool.unstake(UNIT));
		expected.push({ id, amount: UNIT, maturesAt: block + 20, duties: 0 });
	}
	// One more is merged into the youngest, whose period starts again.
	const { block } = await change(world, grace, tx.proverPool.unstake(2n * UNIT), {
		Unstaked: { who, amount: 2n * UNIT, exit: maxExits - 1 },
	});
	Object.assign(expected.at(-1), { amount: 3n * UNIT, maturesAt: block + 20 });
	assert.deepEqual((await chain.pool('getStaker', who)).exits, expected);
	assert.deepEqual(await chain.pool('nextExit', who), expected[0]);

	// Three are free. The fourth is in the last block of its period.
	await advanceTo(world, expected[3].maturesAt - 1);
	const { after } = await chain.simulate('withdraw', who);
	assert.deepEqual(after.exits, expected.slice(2), 'as of the block before');
	await change(world, grace, tx.proverPool.withdraw(), { Withdrawn: { who, amount: 3n * UNIT } });
	assert.deepEqual((await chain.pool('getStaker', who)).exits, expected.slice(3));

	// Anybody can pay out the rest to the account.
	await advanceTo(world, block + 20);
	const before = await chain.balanceOf(who);
	await change(world, bob, tx.proverPool.withdrawFor(who), { Withdrawn: { who, amount: 7n * UNIT } });
	assert.deepEqual(await chain.balanceOf(who), {
		free: before.free + 7n * UNIT,
		reserved: 190n * UNIT,
	});
	assert.equal((await chain.pool('getStaker', who)).held, 190n * UNIT);
});
