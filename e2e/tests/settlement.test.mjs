/** Blocks from proposal to settlement: proven, missed, rescued, open, disputed, skipped, cancelled. */
import { plain } from '../lib/plain.mjs';
import * as rules from '../lib/rules.mjs';
import {
	account,
	advance,
	advanceTo,
	advanceUntil,
	assert,
	assertRefused,
	drawn,
	emptyPool,
	onChain,
	stake,
	UNIT,
	verified,
} from './support.mjs';

// A block for each transaction, so that no window passes while a slow machine is busy.
const test = onChain({ sealing: 'instant' });
const bob = account('Bob');
const ferdie = account('Ferdie');
/** The first balance of each development account of the rollup. */
const DEV_BALANCE = 1_000_000_000n;
const provers = new Map(
	['Charlie', 'Dave', 'Eve', 'Ferdie', 'Ferdie//stash'].map((name) => [
		account(name).address,
		account(name),
	]),
);

/** Returns all tokens of an account, free and reserved. */
async function wealth({ chain }, { address }) {
	const { free, reserved } = await chain.balanceOf(address);
	return free + reserved;
}

/** Proposes a block with this many transfers and waits for its assignment. */
async function assigned(world, gasLimit, transfers) {
	const { rollup } = world;
	const txList = await rollup.transfers(transfers);
	const proposed = await rollup.propose(bob, { gasLimit, txList });
	const [draw] = await drawn(world, proposed);
	assert.equal(draw.name, 'BlockProposal.BlockAssigned');
	return { ...proposed, ...draw.data, drawnIn: draw.block, prover: provers.get(draw.data.prover) };
}

/** Lets the window of an assigned block pass. */
async function missed(world, { deadline, drawnIn }) {
	const { chain, rollup } = world;
	const late = drawnIn + deadline - (await rollup.timeAt(drawnIn));
	if (chain.head < late) await advanceTo(world, late);
	assert.equal(await rollup.timeAt(late), deadline);
}

/** Returns the amount of a slash for this block if its prover is slashed now. */
async function expectedSlash({ chain, rollup }, { blockId, prover, rewardPerGas }, gas) {
	const rows = await chain.pool('getAssignments', prover.address, null, 100);
	const { terms } = rows.find((row) => row.blockId === blockId).assignment;
	// All exits in these tests answer for all assignments.
	const staker = await chain.pool('getStaker', prover.address);
	const exits = staker.exits.reduce((sum, { amount }) => sum + amount, 0n);
	const answering = (staker.prover?.offer.stake ?? 0n) + exits;
	return rules.slash(answering, terms, rollup.cost(gas, rewardPerGas));
}

test('with these parameters, slashes move tokens at once and suspend nobody', async ({ chain }) => {
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
	const block = await assigned(world, 3_000_000, 20);
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
	const proven = await rollup.prove(prover, block);
	const { gasUsed } = proven;
	assert.ok(gasUsed > 1_000_000 && gasUsed < 3_000_000, `${gasUsed} gas`);
	assert.equal(proven.bond, 0n);
	assert.equal(await capacity(), busy + 1);

	const { data, block: verifiedIn } = await verified(world, blockId);
	assert.equal(data.verdict, 'InTime');
	assert.equal(data.blockHash, proven.blockHash);
	const [start, provenAt] = [await rollup.timeAt(block.drawnIn), await rollup.timeAt(proven.block)];
	const paid = rules.afterDelay(
		rollup.cost(gasUsed, block.rewardPerGas),
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

test('provers do not wait for each other, even if the last block is proven first', async (world) => {
	const { rollup } = world;
	const blocks = [];
	for (let i = 0; i < 3; i++) blocks.push(await assigned(world, 1_000_000, 5));
	const proven = [];
	for (const block of blocks.toReversed()) proven.unshift(await rollup.prove(block.prover, block));
	const results = [];
	for (const { blockId } of blocks) results.push(await verified(world, blockId));
	assert.deepEqual(
		results.map(({ data }) => [data.blockHash, data.verdict]),
		proven.map(({ blockHash }) => [blockHash, 'InTime']),
	);
	assert.deepEqual(
		proven.slice(1).map(({ parentHash }) => parentHash),
		proven.slice(0, -1).map(({ blockHash }) => blockHash),
	);
});

test('a prover that misses its window is slashed, whether it is rescued or proves late', async (world) => {
	const { chain, rollup } = world;
	const [first, second] = [await assigned(world, 2_000_000, 20), await assigned(world, 8_000_000, 20)];
	const early = await rollup.proof(ferdie.address, first);
	await assertRefused(world, ferdie, early, 'BlockProposal.TooEarly');
	await missed(world, first);
	await missed(world, second);

	// The second block's prover proves late. Ferdie rescues the first block.
	const { gasUsed } = await rollup.execution(first);
	const slash = await expectedSlash(world, first, gasUsed);
	const late = await rollup.prove(second.prover, second);
	assert.equal(late.bond, rollup.parameters.proofBond);
	const before = await wealth(world, ferdie);
	const rescue = await rollup.prove(ferdie, first);
	assert.equal(rescue.bond, rollup.parameters.proofBond);
	assert.equal((await chain.balanceOf(ferdie.address)).reserved, rescue.bond);

	const reward = rollup.cost(gasUsed, first.rewardPerGas);
	const rescued = await verified(world, first.blockId);
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

	const failed = await verified(world, second.blockId);
	assert.equal(failed.data.verdict, 'Failed');
	assert.equal(failed.data.paid, 0n);
	assert.equal(failed.data.returned, second.escrow);
	const slow = await chain.event('ProverPool.Slashed', { blockId: second.blockId });
	assert.equal(slow.data.fault, 'Late');
	assert.equal((await rollup.state()).verifiedHash, late.blockHash);
});

test('a removed claim makes its assignment fail: another prover is paid, its own is slashed', async (world) => {
	const { chain, rollup, tx } = world;
	const block = await assigned(world, 4_000_000, 30);
	const { blockId, prover } = block;
	const wrong = { blockHash: `0x${'66'.repeat(32)}` };
	const claimed = await rollup.prove(prover, block, { execution: wrong });
	const { parentHash, blockHash, gasUsed } = claimed;
	const dispute = tx.blockProposal.disputeClaim(blockId, parentHash, blockHash, gasUsed);
	const { events } = await chain.sudoOk(dispute);
	const removed = events.find(({ name }) => name === 'BlockProposal.ClaimRemoved');
	assert.deepEqual(removed.data, { blockId, prover: prover.address, parentHash, blockHash, gasUsed });

	// This claim is barred for all accounts, and any account may prove at once.
	for (const signer of [prover, ferdie]) {
		const again = await rollup.proof(signer.address, block, { execution: wrong });
		await assertRefused(world, signer, again, 'BlockProposal.Barred');
	}
	const slash = await expectedSlash(world, block, gasUsed);
	const before = await wealth(world, ferdie);
	const rescue = await rollup.prove(ferdie, block);
	const { data } = await verified(world, blockId);
	assert.equal(data.verdict, 'Rescued');
	assert.equal(data.paid, rollup.cost(gasUsed, block.rewardPerGas));
	const slashed = await chain.event('ProverPool.Slashed', { blockId });
	assert.deepEqual([slashed.data.amount, slashed.data.fault], [slash, 'RemovedProof']);
	const bonus = rules.share(data.paid, rollup.parameters.rescueBonus);
	assert.equal((await wealth(world, ferdie)) - before, data.paid + bonus - rescue.fee);
});

test('a block that nobody proves is skipped, and the blocks behind it are cancelled', async (world) => {
	const { chain, rollup, tx } = world;
	const block = await assigned(world, 5_000_000, 40);
	const [proven, unproven] = [await assigned(world, 1_000_000, 10), await assigned(world, 2_000_000, 10)];
	await rollup.prove(proven.prover, proven);
	const { blockId, prover } = block;
	const skip = tx.blockProposal.skipBlock(blockId);
	await assertRefused(world, ferdie, skip, 'BlockProposal.NotExpired');
	await missed(world, block);
	await advance(world, rollup.parameters.expiryPeriod - 15);
	const running = await assigned(world, 1_000_000, 5);
	const expired = block.deadline + rollup.parameters.expiryPeriod;
	await advance(world, expired + 1 - (await rollup.timeAt(chain.head)));
	// Its request is not drawn yet when it is cancelled.
	const pending = await rollup.propose(bob);

	const { verifiedHash } = await rollup.state();
	const slash = await expectedSlash(world, block, 5_000_000);
	const { events, block: skippedIn } = await chain.ok(ferdie, skip);
	const { data } = events.find(({ name }) => name === 'BlockProposal.BlockSkipped');
	assert.equal(data.forfeited, rollup.cost(5_000_000, block.rewardPerGas));
	assert.equal(data.returned + data.forfeited, block.escrow);
	const [from, below] = [blockId + 1n, pending.blockId + 1n];
	const cancelled = events.find(({ name }) => name === 'BlockProposal.BlocksCancelled');
	assert.deepEqual(cancelled.data, { from, below, slashing: true });
	const slashed = events.find(({ name }) => name === 'ProverPool.Slashed');
	assert.deepEqual(
		[slashed.data.who, slashed.data.amount, slashed.data.fault],
		[prover.address, slash, 'Skipped'],
	);

	await advanceUntil(world, 'all are cancelled', async () => (await rollup.state()).cancelled === null);
	// Each of them is settled. Nobody is paid, escrows return, and a prover that missed its window is slashed.
	for (const { blockId: id } of [proven, unproven, running, pending]) {
		const settled = await chain.event('BlockProposal.BlockCancelled', { blockId: id }, { from: skippedIn });
		assert.equal(settled.data.forfeited, 0n);
	}
	const late = await chain.event('ProverPool.Slashed', { blockId: unproven.blockId });
	assert.deepEqual([late.data.who, late.data.fault], [unproven.prover.address, 'Skipped']);
	for (const { blockId: id, prover: discharged } of [proven, running]) {
		const { data } = await chain.event('ProverPool.ProverDischarged', { blockId: id });
		assert.equal(data.who, discharged.address);
	}
	assert.equal((await chain.balanceOf(bob.address)).reserved, 0n);
	const state = await rollup.state();
	assert.deepEqual([state.verifiedHash, state.head, state.cancelled], [verifiedHash, below, null]);

	// The next proposal builds on the verified block.
	const again = await assigned(world, 1_000_000, 10);
	const { parentHash } = await rollup.prove(again.prover, again);
	assert.equal(parentHash, verifiedHash);
	assert.equal((await verified(world, again.blockId)).data.verdict, 'InTime');
});

test('without provers a block is open, and a later proof earns more', async (world) => {
	const { chain, rollup, tx } = world;
	await emptyPool(world);
	assert.equal(await chain.pool('getCapacity'), 0n);
	const txList = await rollup.transfers(10);
	const proposed = await rollup.propose(bob, { gasLimit: 2_000_000, txList });
	const [opened] = await drawn(world, proposed);
	assert.deepEqual(opened.data, { blockId: proposed.blockId, cause: { Drawn: 'EmptyPool' } });

	const { parameters } = rollup;
	const openedAt = await rollup.timeAt(opened.block);
	const priceAt = async (number) =>
		rules.openReward(proposed.feePerGas, {
			start: parameters.openRewardStart,
			end: parameters.openRewardEnd,
			elapsed: (await rollup.timeAt(number)) - openedAt,
			period: parameters.maxProofWindow,
		});
	await advance(world, 10);
	const wrong = await rollup.prove(ferdie, proposed, { execution: { gasUsed: 1 } });
	assert.equal(wrong.rewardPerGas, await priceAt(wrong.block));
	assert.equal(wrong.bond, parameters.proofBond);

	// The claim is removed. Its bond is forfeited, and the price does not change.
	const before = await wealth(world, ferdie);
	const { blockId } = proposed;
	const { parentHash, blockHash } = wrong;
	await chain.sudoOk(tx.blockProposal.disputeClaim(blockId, parentHash, blockHash, 1));
	assert.equal(before - (await wealth(world, ferdie)), parameters.proofBond);
	const other = account('Ferdie//stash');
	const otherBefore = await wealth(world, other);
	const right = await rollup.prove(other, proposed);
	assert.equal(right.rewardPerGas, wrong.rewardPerGas);

	const { data } = await verified(world, blockId);
	assert.equal(data.verdict, 'Open');
	assert.equal(data.paid, rollup.cost(right.gasUsed, right.rewardPerGas));
	assert.equal((await wealth(world, other)) - otherBefore, data.paid - right.fee);
});

test('a claim on a wrong parent is ignored, and its bond is forfeited', async (world) => {
	const { chain, rollup } = world;
	const proposed = await rollup.propose(bob);
	await drawn(world, proposed);
	const { blockId } = proposed;
	const parentHash = `0x${'77'.repeat(32)}`;
	const wrong = await rollup.prove(ferdie, proposed, { execution: { parentHash } });
	assert.equal(wrong.parentHash, parentHash);
	// It is the earlier claim, and does not count towards the limit on other parents.
	const other = account('Ferdie//stash');
	const right = await rollup.prove(other, proposed);
	const before = await wealth(world, ferdie);
	const { data } = await verified(world, blockId);
	assert.deepEqual([data.prover, data.blockHash], [other.address, right.blockHash]);
	const settled = await chain.event('BlockProposal.BondSettled', { blockId, prover: ferdie.address });
	assert.deepEqual([settled.data.returned, settled.data.forfeited], [0n, wrong.bond]);
	assert.equal(before - (await wealth(world, ferdie)), wrong.bond);
});

test('without free capacity the next block is open, and a proof returns capacity', async (world) => {
	const { chain, rollup } = world;
	await chain.setPoolParameter('EntryDelay', 0);
	await stake(world, ferdie, { amount: 40n * UNIT, price: 10_000, capacity: 4 });
	const blocks = await rollup.proposeMany(5, bob);
	const draws = await drawn(world, ...blocks);
	assert.deepEqual(
		draws.map(({ name }) => name.split('.')[1]),
		[...Array(4).fill('BlockAssigned'), 'BlockOpened'],
	);
	assert.deepEqual(draws[4].data.cause, { Drawn: 'NoFreeCapacity' });
	assert.equal(await chain.pool('getCapacity'), 0n);

	// All of them are proven before the first one is verified.
	for (const proposed of blocks) await rollup.prove(ferdie, proposed);
	assert.equal(await chain.pool('getCapacity'), 4n);
	const results = [];
	for (const { blockId } of blocks) results.push(await verified(world, blockId));
	assert.deepEqual(
		results.map(({ data }) => data.verdict),
		[...Array(4).fill('InTime'), 'Open'],
	);
});

test('the rollup has the same number of coins as at first, and transfers have moved them', async ({ chain, rollup }) => {
	const accounts = await rollup.lineage.accounts(await rollup.snapshot(chain.head));
	const transfers = accounts.reduce((sum, { nonce }) => sum + nonce, 0);
	assert.ok(transfers >= 100, `${transfers} transfers`);
	const balances = accounts.map(({ balance }) => BigInt(balance));
	assert.ok(balances.some((balance) => balance > DEV_BALANCE));
	// The difference is the fees, which the proposer's account has.
	const fees = DEV_BALANCE * BigInt(accounts.length) - balances.reduce((a, b) => a + b, 0n);
	assert.ok(fees >= BigInt(transfers) && fees <= 3n * BigInt(transfers), `${fees} in fees`);
});

test('fee and average delay follow the rules, block by block', async ({ chain, rollup }) => {
	const { parameters } = rollup;
	const events = await Promise.all(
		['BlockAssigned', 'BlockClaimed', 'BlockVerified'].map((name) =>
			chain.eventsSoFar(`BlockProposal.${name}`),
		),
	);
	const [assigned, claimed, settled] = events;
	const genesis = plain(await (await chain.at(1)).query.blockProposal.averages());
	let [{ feePerGas: fee, delay }, atStart, updatedIn, samples] = [genesis, 0n, 0, 0];
	for (const { block, data } of settled.filter(({ data }) => data.verdict === 'InTime')) {
		const { blockId, prover } = data;
		const own = (event) => event.data.blockId === blockId && event.data.prover === prover;
		const [draw, claim] = [assigned.find(own), claimed.findLast(own)];
		const time = (await rollup.timeAt(claim.block)) - (await rollup.timeAt(draw.block));
		const weight = rules.averagingWeight(parameters, claim.data.gasUsed);
		const move = (average, sample) =>
			rules.moved(average, BigInt(sample) * rules.FIXED, weight, parameters.averagingFactor);
		if (block !== updatedIn) [atStart, updatedIn] = [fee, block];
		fee = rules.boundedFee(move(fee, draw.data.rewardPerGas), atStart, parameters);
		delay = move(delay, time);
		samples += 1;
	}
	assert.ok(samples >= 8, `${samples} samples`);
	const averages = await chain.query('blockProposal', 'averages');
	assert.deepEqual([averages.feePerGas, averages.delay], [fee, delay]);
	assert.notEqual(delay, genesis.delay);
});

test('every escrow is paid, returned or forfeited, to the base unit', async ({ chain }) => {
	const eventsOf = (name) => chain.eventsSoFar(`BlockProposal.${name}`);
	const ends = ['BlockVerified', 'BlockSkipped', 'BlockCancelled'];
	const settled = (await Promise.all(ends.map(eventsOf))).flat();
	const proposed = await eventsOf('BlockProposed');
	const escrows = new Map(proposed.map(({ data }) => [data.blockId, data.escrow]));
	assert.equal(settled.length, proposed.length);
	for (const { data } of settled) {
		const { blockId, paid = 0n, returned, forfeited } = data;
		assert.equal(paid + returned + forfeited, escrows.get(blockId));
	}
	assert.equal((await chain.eventsSoFar('BlockProposal.PoolRefused')).length, 0);
});
