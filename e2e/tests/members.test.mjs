/** Entering, being replaced, leaving and being paid out (R1, R2, R3, R8). */
import { audit, auditHolds } from '../lib/ledger.mjs';
import { agreedPrice, toExceed, weight } from '../lib/rules.mjs';
import {
	account,
	assert,
	assertRefused,
	fund,
	nobodyWaits,
	onChain,
	sendRefused,
	stake,
	stakeMany,
	UNIT,
} from './support.mjs';

const test = onChain();
const [bob, charlie, ferdie] = ['Bob', 'Charlie', 'Ferdie'].map(account);
const GENESIS = ['Charlie', 'Dave', 'Eve'];
const price = 10_000;
const capacity = 4;
/** How many of those who wait begin to take part in draws in one block, at most: as in the pallet. */
const MAX_ADMISSIONS = 64;

/** One for each slot that the genesis provers leave. */
function smallOnes({ chain }) {
	const vacant = chain.constant('proverPool', 'maxProvers') - GENESIS.length;
	return Array.from({ length: vacant }, (_, i) => `small ${i + 1}`);
}

/** What each of them stakes: no two the same, and all of them less than Eve. */
const stakeOf = (i) => 40n * UNIT + (BigInt(i) * UNIT) / 20n;

/** The block after which an exit that began in `block` may be paid out. */
async function mature({ chain }, block) {
	const { exitPeriod } = await chain.pool('getParameters');
	await chain.block(block + exitPeriod);
}

test('the pool fills up to its last slot', async (world) => {
	const { chain } = world;
	const { maxProvers } = await chain.pool('getParameters');
	const names = smallOnes(world);
	const accounts = await fund(world, names, stakeOf(names.length) + 10n * UNIT);
	const offers = accounts.map((signer, i) => ({
		signer,
		amount: stakeOf(i),
		// From below the band around the first fee to above it.
		price: 6_000 + 7 * i,
		capacity,
	}));
	const staked = await stakeMany(world, offers);
	assert.deepEqual(await chain.eventsSoFar('System.ExtrinsicFailed'), []);

	const members = await chain.members();
	assert.deepEqual(
		members.map(([slot]) => slot),
		Array.from({ length: maxProvers }, (_, i) => i + 1),
	);
	const bySigner = new Map(members.map(([, member]) => [member.who, member]));
	for (const [i, { signer, amount, price: rewardPerGas }] of offers.entries()) {
		const { waiting, ...member } = bySigner.get(signer.address);
		assert.deepEqual(member, {
			who: signer.address,
			stakedAmount: amount,
			rewardPerGas,
			currentCapacity: capacity,
			enteredIn: staked[i].block,
		});
	}
	const places = 16 + 32 + 8 + accounts.length * capacity;
	assert.equal(await chain.pool('getCapacity'), BigInt(places));
});

test('a rush of newcomers takes part in draws in the order of entries, some in each block', async (world) => {
	const { chain } = world;
	const parameters = await chain.pool('getParameters');
	const { entryDelay } = parameters;
	let turns = (await chain.members())
		.filter(([, { enteredIn }]) => enteredIn > 0)
		.map(([slot, { enteredIn }]) => ({ slot, enteredIn }))
		.sort((a, b) => a.enteredIn - b.enteredIn || a.slot - b.slot);
	for (let number = turns[0].enteredIn; turns.length > 0; number++) {
		const due = turns.filter(({ enteredIn }) => enteredIn + entryDelay <= number).length;
		turns = turns.slice(Math.min(due, MAX_ADMISSIONS));
		const expected = turns.filter(({ enteredIn }) => enteredIn <= number).map(({ slot }) => slot);
		// The order of keys is the order of turns.
		const keys = await (await chain.at(number)).query.proverPool.waiting.keys();
		const waiting = keys.map(({ args: [turn] }) => Number(turn.slot.toHex()));
		assert.deepEqual(waiting, expected, `after block ${number}`);
	}

	// The whole pool, in many pages: the sum is the index's, the weights are the rules'.
	const state = await chain.at(chain.head);
	const members = await chain.members({ state });
	assert.ok(members.every(([, { waiting }]) => !waiting));
	const expected = members.map(([proverId, { stakedAmount, rewardPerGas }]) => {
		const effectivePrice = agreedPrice(rewardPerGas, 10_000, parameters);
		return { proverId, effectivePrice, weight: weight(stakedAmount, effectivePrice) };
	});
	const total = expected.reduce((sum, each) => sum + each.weight, 0n);
	assert.deepEqual(
		await chain.weights(10_000, { state }),
		expected.map((each) => ({ ...each, share: (each.weight * 10n ** 18n) / total })),
	);
	// From now on, nobody's turn changes the state while it is compared.
	await chain.setPoolParameter('EntryDelay', 0);
	await nobodyWaits(world);
});

test('the smallest prover is replaced by whoever outbids it, and by nobody else', async (world) => {
	const { chain, tx } = world;
	const least = account('small 1');
	const [{ proverId }, { stakedAmount }] = await chain.pool('getStaker', least.address);
	const { minOverbid } = await chain.pool('getParameters');
	const amount = toExceed(stakedAmount, minOverbid);
	assert.equal(amount, 42n * UNIT);
	const notEnough = tx.proverPool.stake(amount, price, capacity);
	await assertRefused(world, ferdie, notEnough, 'ProverPool.ProverNotGoodEnough');

	const { block } = await stake(world, ferdie, { amount: amount + 1n, price, capacity });
	const [staker, prover] = await chain.pool('getStaker', ferdie.address);
	assert.equal(staker.proverId, proverId);
	assert.equal(prover.stakedAmount, amount + 1n);

	const { data } = await chain.event('ProverPool.Exited', { who: least.address });
	const exited = { who: least.address, amount: stakedAmount, exitAmount: stakedAmount };
	assert.deepEqual(data, { ...exited, forced: true });
	const [replaced, gone] = await chain.pool('getStaker', least.address);
	assert.equal(gone, null);
	assert.equal(replaced.exitAmount, stakedAmount);
	assert.equal(replaced.exitRequestedAt, block);
	assert.equal((await chain.balanceOf(least.address)).reserved, stakedAmount, 'still held');
});

test('a member leaves after the change delay, and its tokens after the exit period', async (world) => {
	const { chain, tx } = world;
	const { exit, withdraw } = tx.proverPool;
	const leaver = account('small 2');
	await assertRefused(world, leaver, exit(), 'ProverPool.ChangeTooFrequent');
	await chain.setPoolParameter('MinChangeDelay', 0);
	await chain.setPoolParameter('ExitPeriod', 10);
	const { exitPeriod, minChangeDelay } = await chain.pool('getParameters');
	assert.deepEqual({ exitPeriod, minChangeDelay }, { exitPeriod: 10, minChangeDelay: 0 });

	const { block } = await chain.ok(leaver, exit());
	const [staker, prover] = await chain.pool('getStaker', leaver.address);
	assert.equal(prover, null);
	assert.equal(staker.exitAmount, stakeOf(1));
	await assertRefused(world, leaver, withdraw(), 'ProverPool.NoMatureExit');

	await mature(world, block);
	const before = await chain.balanceOf(leaver.address);
	const { events, fee } = await chain.ok(leaver, withdraw());
	const { data } = events.find(({ name }) => name === 'ProverPool.Withdrawn');
	assert.deepEqual(data, { who: leaver.address, amount: stakeOf(1) });
	const after = await chain.balanceOf(leaver.address);
	assert.equal(after.reserved, 0n);
	assert.equal(after.free, before.free + stakeOf(1) - fee);
	await assertRefused(world, leaver, withdraw(), 'ProverPool.NoMatureExit');
});

test('a free exit is paid out with the next stake, and an exit that matures is staked again', async (world) => {
	const { chain, tx } = world;
	// The one that was replaced: its exit has matured by now, and comes back when it stakes.
	const back = account('small 1');
	await mature(world, (await chain.pool('getStaker', back.address))[0].exitRequestedAt);
	const { events } = await chain.ok(back, tx.proverPool.stake(50n * UNIT, price, capacity));
	const own = events.map(({ name }) => name).filter((name) => name.startsWith('ProverPool.'));
	assert.deepEqual(own, ['ProverPool.Withdrawn', 'ProverPool.Staked']);
	assert.equal((await chain.balanceOf(back.address)).reserved, 50n * UNIT);

	// A member that lowers its stake: what is over is on its way out.
	const { block } = await stake(world, back, { amount: 45n * UNIT, price, capacity });
	const [staker, prover] = await chain.pool('getStaker', back.address);
	assert.equal(prover.stakedAmount, 45n * UNIT);
	assert.equal(staker.exitAmount, 5n * UNIT);
	assert.equal(staker.exitRequestedAt, block);
	assert.equal((await chain.balanceOf(back.address)).reserved, 50n * UNIT, 'no new tokens');
});

test('who owes a block is not paid out, and may close it itself only when it is overdue', async (world) => {
	const { chain, rollup, tx } = world;
	const { discharge, exit, withdraw } = {
		discharge: tx.proverPool.dischargeProver,
		exit: tx.proverPool.exit(),
		withdraw: tx.proverPool.withdraw(),
	};
	// Short, so that all of this happens within the window of one proof.
	await chain.setPoolParameter('ExitPeriod', 5);
	const names = [...smallOnes(world), ...GENESIS, 'Ferdie'].map(account);
	const proposed = await rollup.propose(bob);
	const { blockId } = proposed;
	const { data: drawn } = await rollup.drawn(proposed);
	const prover = names.find(({ address }) => address === drawn.prover);
	const other = prover === charlie ? ferdie : charlie;

	const { block } = await chain.ok(prover, exit);
	await mature(world, block);
	const unchanged = [
		await sendRefused(world, prover, withdraw, 'ProverPool.StillLiable'),
		await sendRefused(world, other, discharge(blockId), 'ProverPool.NotYourAssignment'),
		await sendRefused(world, prover, discharge(blockId), 'ProverPool.NotOverdue'),
	];

	// It is in time all the same: it proves, is paid, owes nothing, and is paid out.
	await rollup.prove(prover, proposed);
	const { data } = await rollup.verified(blockId);
	assert.equal(data.verdict, 'InTime');
	const { events } = await chain.ok(prover, withdraw);
	assert.ok(events.some(({ name }) => name === 'ProverPool.Withdrawn'));
	assert.equal((await chain.balanceOf(prover.address)).reserved, 0n);
	for (const assertUnchanged of unchanged) await assertUnchanged();

	// As if the protocol had stopped long ago.
	const second = await rollup.propose(bob);
	const { data: again } = await rollup.drawn(second);
	await chain.setPoolParameter('MaxLiability', 1);
	await chain.pass(1);
	const overdue = names.find(({ address }) => address === again.prover);
	await chain.ok(overdue, discharge(second.blockId));
	assert.ok(
		await chain.event('ProverPool.ProverDischarged', {
			blockId: second.blockId,
			who: overdue.address,
		}),
	);
	// The protocol goes on without the assignment.
	await rollup.prove(overdue, second);
	const verified = await rollup.verified(second.blockId);
	assert.equal(verified.data.verdict, 'InTime');
});

test('what is held is what the records say, and every base unit is explained', async ({ chain, rollup }) => {
	await auditHolds(chain);
	await audit(rollup);
});
