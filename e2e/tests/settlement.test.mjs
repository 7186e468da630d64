/** The life of a block, to the base unit: proven, missed, rescued, open, disputed, skipped. */
import { audit, auditHolds } from '../lib/ledger.mjs';
import * as rules from '../lib/rules.mjs';
import { account, assert, assertRefused, emptyPool, onChain, stake, UNIT } from './support.mjs';

const test = onChain();
const bob = account('Bob');
const ferdie = account('Ferdie');
const provers = new Map(
	['Charlie', 'Dave', 'Eve', 'Ferdie', 'Ferdie//stash'].map((name) => [
		account(name).address,
		account(name),
	]),
);

/** All tokens of an account. */
async function wealth({ chain }, { address }) {
	const { free, reserved } = await chain.balanceOf(address);
	return free + reserved;
}

/** Proposes a block and waits for its assignment. */
async function assigned({ rollup }, gasLimit) {
	const proposed = await rollup.propose(bob, { gasLimit });
	const drawn = await rollup.drawn(proposed);
	assert.equal(drawn.name, 'BlockProposal.BlockAssigned');
	return { ...proposed, ...drawn.data, drawnIn: drawn.block, prover: provers.get(drawn.data.prover) };
}

/** Waits until the window of an assigned block has passed. */
async function missed({ chain, rollup }, { deadline, drawnIn }) {
	const late = drawnIn + deadline - (await rollup.timeAt(drawnIn));
	await chain.block(late);
	assert.equal(await rollup.timeAt(late), deadline);
}

/** The amount of a slash for this block, if its prover is slashed now. */
async function expectedSlash({ chain, rollup }, { blockId, prover, rewardPerGas }, gas) {
	const rows = await chain.pool('getAssignments', prover.address, null, 100);
	const { terms } = rows.find((row) => row.blockId === blockId).assignment;
	// All exits in these tests answer for all assignments.
	const staker = await chain.pool('getStaker', prover.address);
	const exits = staker.exits.reduce((sum, { amount }) => sum + amount, 0n);
	const answering = (staker.prover?.offer.stake ?? 0n) + exits;
	return rules.slash(answering, terms, rollup.cost(gas, rewardPerGas));
}

test('slashes move tokens at once, and suspend nobody, if the parameters say so', async ({ chain }) => {
	// Deferred slashes and suspensions have tests of their own.
	await chain.setPoolParameter('SlashDeferral', 0);
	await chain.setPoolParameter('MaxMisses', 0);
	const { slashDeferral, maxMisses } = await chain.pool('getParameters');
	assert.deepEqual([slashDeferral, maxMisses], [0, 0]);
});

test('an assigned prover that proves in time is paid by the rules, and its capacity returns', async (world) => {
	const { chain, rollup } = world;
	const { parameters } = rollup;
	const proposerBefore = await wealth(world, bob);
	const block = await assigned(world, 3_000_000);
	const { blockId, prover } = block;
	assert.equal(
		block.escrow,
		rules.escrow(parameters.baseGas, 3_000_000, block.feePerGas, parameters.openRewardEnd),
	);
	const { escrow } = await rollup.block(blockId);
	assert.equal(escrow.held, rollup.cost(3_000_000, block.rewardPerGas), 'lowered to the price agreed');

	const capacity = async () => (await chain.pool('getStaker', prover.address)).prover.currentCapacity;
	const busy = await capacity();
	const before = await wealth(world, prover);
	const proven = await rollup.prove(prover, block, { gasUsed: 2_345_678 });
	assert.equal(proven.bond, 0n);
	assert.equal(await capacity(), busy + 1);

	const { data, block: verifiedIn } = await rollup.verified(blockId);
	assert.equal(data.verdict, 'InTime');
	const [start, provenAt] = [await rollup.timeAt(block.drawnIn), await rollup.timeAt(proven.block)];
	const paid = rules.afterDelay(
		rollup.cost(2_345_678, block.rewardPerGas),
		parameters.maxDelayPenalty,
		provenAt - start,
		block.deadline - start,
	);
	assert.equal(data.paid, paid);
	assert.equal(data.returned, block.escrow - paid);
	assert.equal(data.forfeited, 0n);
	assert.equal(await rollup.timeAt(verifiedIn), provenAt + parameters.cooldown);

	assert.equal((await wealth(world, prover)) - before, paid - proven.fee);
	assert.equal(proposerBefore - (await wealth(world, bob)), paid + block.fee);
	assert.deepEqual(await chain.pool('getAssignments', prover.address, null, 10), []);
	assert.equal((await rollup.state()).verifiedHash, proven.blockHash);
	const { record } = await chain.pool('getStaker', prover.address);
	assert.deepEqual(record, { assigned: 1, served: 1, missed: 0, missesInARow: 0 });
});

test('a prover that misses its window is rescued and slashed; one that is late is slashed', async (world) => {
	const { chain, rollup } = world;
	const [first, second] = [await assigned(world, 2_000_000), await assigned(world, 8_000_000)];
	const early = await rollup.proof(ferdie.address, first);
	await assertRefused(world, ferdie, early, 'BlockProposal.TooEarly');
	await missed(world, first);
	await missed(world, second);

	// Ferdie rescues the first; the second one's prover wakes up, and builds on Ferdie's proof.
	const slash = await expectedSlash(world, first, 1_500_000);
	const before = await wealth(world, ferdie);
	const rescue = await rollup.prove(ferdie, first, { gasUsed: 1_500_000 });
	assert.equal(rescue.bond, rollup.parameters.proofBond);
	assert.equal((await chain.balanceOf(ferdie.address)).reserved, rescue.bond);
	const late = await rollup.prove(second.prover, second, {
		parentHash: rescue.blockHash,
		parentId: first.blockId,
	});

	const reward = rollup.cost(1_500_000, first.rewardPerGas);
	const rescued = await rollup.verified(first.blockId);
	assert.equal(rescued.data.verdict, 'Rescued');
	assert.equal(rescued.data.paid, reward);
	const slashed = await chain.event('ProverPool.Slashed', { blockId: first.blockId });
	assert.deepEqual(slashed.data, {
		blockId: first.blockId,
		who: first.prover.address,
		amount: slash,
		fromExits: 0n,
		fromStake: slash,
		fault: 'Rescued',
	});
	const bonus = rules.share(reward, rollup.parameters.rescueBonus);
	assert.equal((await wealth(world, ferdie)) - before, reward + bonus - rescue.fee);

	const failed = await rollup.verified(second.blockId);
	assert.equal(failed.data.verdict, 'Failed');
	assert.equal(failed.data.paid, 0n);
	assert.equal(failed.data.returned, second.escrow);
	const slow = await chain.event('ProverPool.Slashed', { blockId: second.blockId });
	assert.equal(slow.data.fault, 'Late');
	assert.equal((await rollup.state()).verifiedHash, late.blockHash);
});

test('a removed proof makes its assignment fail: somebody else is paid, its prover slashed', async (world) => {
	const { chain, rollup, tx } = world;
	const block = await assigned(world, 4_000_000);
	const { blockId, prover } = block;
	const { parentHash } = await rollup.prove(prover, block, { gasUsed: 17 });
	const dispute = tx.blockProposal.disputeProof(blockId, parentHash, prover.address);
	const { events } = await chain.sudoOk(dispute);
	assert.ok(events.some(({ name }) => name === 'BlockProposal.ProofRemoved'));

	// It is barred on this parent, and anybody else may prove at once.
	await assertRefused(world, prover, await rollup.proof(prover.address, block), 'BlockProposal.Barred');
	const slash = await expectedSlash(world, block, 4_000_000);
	const before = await wealth(world, ferdie);
	const rescue = await rollup.prove(ferdie, block);
	const { data } = await rollup.verified(blockId);
	assert.equal(data.verdict, 'Rescued');
	assert.equal(data.paid, rollup.cost(4_000_000, block.rewardPerGas));
	const slashed = await chain.event('ProverPool.Slashed', { blockId });
	assert.deepEqual([slashed.data.amount, slashed.data.fault], [slash, 'RemovedProof']);
	const bonus = rules.share(data.paid, rollup.parameters.rescueBonus);
	assert.equal((await wealth(world, ferdie)) - before, data.paid + bonus - rescue.fee);
});

test('a block that nobody proves is skipped: its escrow is forfeited, its prover slashed', async (world) => {
	const { chain, rollup, tx } = world;
	const block = await assigned(world, 5_000_000);
	const { blockId, prover } = block;
	const skip = tx.blockProposal.skipBlock(blockId);
	await assertRefused(world, ferdie, skip, 'BlockProposal.NotExpired');
	await missed(world, block);
	await chain.pass(rollup.parameters.expiryPeriod);

	const verifiedBefore = (await rollup.state()).verifiedHash;
	const slash = await expectedSlash(world, block, 5_000_000);
	const proposerBefore = await wealth(world, bob);
	const proverBefore = await wealth(world, prover);
	const { events } = await chain.ok(ferdie, skip);
	const { data } = events.find(({ name }) => name === 'BlockProposal.BlockSkipped');
	assert.equal(data.forfeited, rollup.cost(5_000_000, block.rewardPerGas));
	assert.equal(data.returned + data.forfeited, block.escrow);
	const slashed = events.find(({ name }) => name === 'ProverPool.Slashed');
	assert.equal(slashed.data.fault, 'Skipped');
	assert.equal(proposerBefore - (await wealth(world, bob)), data.forfeited);
	assert.equal(proverBefore - (await wealth(world, prover)), slash);
	assert.equal((await rollup.state()).verifiedHash, verifiedBefore);
});

test('without provers a block is open, and its proof earns more the later it comes', async (world) => {
	const { chain, rollup, tx } = world;
	await emptyPool(world);
	assert.equal(await chain.pool('getCapacity'), 0n);
	const proposed = await rollup.propose(bob, { gasLimit: 2_000_000 });
	const drawn = await rollup.drawn(proposed);
	assert.deepEqual(drawn.data, { blockId: proposed.blockId, cause: { Drawn: 'EmptyPool' } });

	const { parameters } = rollup;
	const openedAt = await rollup.timeAt(drawn.block);
	const priceAt = async (number) =>
		rules.openReward(proposed.feePerGas, {
			start: parameters.openRewardStart,
			end: parameters.openRewardEnd,
			elapsed: (await rollup.timeAt(number)) - openedAt,
			period: parameters.maxProofWindow,
		});
	await chain.pass(10);
	const wrong = await rollup.prove(ferdie, proposed, { gasUsed: 1 });
	assert.equal(wrong.rewardPerGas, await priceAt(wrong.block));
	assert.equal(wrong.bond, parameters.proofBond);

	// The proof is removed: its bond is gone, and the price stays what it was.
	const before = await wealth(world, ferdie);
	await chain.sudoOk(
		tx.blockProposal.disputeProof(proposed.blockId, wrong.parentHash, ferdie.address),
	);
	assert.equal(before - (await wealth(world, ferdie)), parameters.proofBond);
	const other = account('Ferdie//stash');
	const otherBefore = await wealth(world, other);
	const right = await rollup.prove(other, proposed);
	assert.equal(right.rewardPerGas, wrong.rewardPerGas);

	const { data } = await rollup.verified(proposed.blockId);
	assert.equal(data.verdict, 'Open');
	assert.equal(data.paid, rollup.cost(2_000_000, right.rewardPerGas));
	assert.equal((await wealth(world, other)) - otherBefore, data.paid - right.fee);
});

test('without free capacity the next block is open; a proof returns capacity', async (world) => {
	const { chain, rollup } = world;
	await chain.setPoolParameter('EntryDelay', 0);
	await stake(world, ferdie, { amount: 40n * UNIT, price: 10_000, capacity: 4 });
	const blocks = await rollup.proposeMany(5, bob);
	const draws = await Promise.all(blocks.map((proposed) => rollup.drawn(proposed)));
	assert.deepEqual(
		draws.map(({ name }) => name.split('.')[1]),
		[...Array(4).fill('BlockAssigned'), 'BlockOpened'],
	);
	assert.deepEqual(draws[4].data.cause, { Drawn: 'NoFreeCapacity' });
	assert.equal(await chain.pool('getCapacity'), 0n);

	// All of them are proven, each on the proof before it, and verified one after another.
	let parent = {};
	for (const proposed of blocks) {
		const { blockHash } = await rollup.prove(ferdie, proposed, parent);
		parent = { parentHash: blockHash, parentId: proposed.blockId };
	}
	assert.equal(await chain.pool('getCapacity'), 4n);
	const verified = await Promise.all(blocks.map(({ blockId }) => rollup.verified(blockId)));
	assert.deepEqual(
		verified.map(({ data }) => data.verdict),
		[...Array(4).fill('InTime'), 'Open'],
	);
});

test('what is held is what the records say, and every base unit is explained', async ({ chain, rollup }) => {
	await auditHolds(chain);
	await audit(rollup);
	const verified = await chain.eventsSoFar('BlockProposal.BlockVerified');
	const skipped = await chain.eventsSoFar('BlockProposal.BlockSkipped');
	const proposed = await chain.eventsSoFar('BlockProposal.BlockProposed');
	const escrows = new Map(proposed.map(({ data }) => [data.blockId, data.escrow]));
	assert.equal(verified.length + skipped.length, proposed.length);
	for (const { data } of [...verified, ...skipped]) {
		const { blockId, paid = 0n, returned, forfeited } = data;
		assert.equal(paid + returned + forfeited, escrows.get(blockId));
	}
	assert.equal((await chain.eventsSoFar('BlockProposal.PoolRefused')).length, 0);
});
