/** Entry, replacement, exit and withdrawal (R1, R2, R3, R8). */
import { agreedPrice, toExceed, weight } from '../lib/rules.mjs';
import {
	account,
	advanceTo,
	assert,
	assertRefused,
	drawn,
	fund,
	makeOnDemand,
	nothingPending,
	onChain,
	poolEvents,
	sendRefused,
	stake,
	stakeMany,
	UNIT,
	verified,
} from './support.mjs';

const test = onChain();
const [bob, charlie, ferdie] = ['Bob', 'Charlie', 'Ferdie'].map(account);
const GENESIS = ['Charlie', 'Dave', 'Eve'];
const price = 10_000;
const capacity = 4;

/** Returns a name for each slot that is vacant at the genesis. */
function smallOnes({ chain }) {
	const vacant = chain.constant('proverLottery', 'maxProvers') - GENESIS.length;
	return Array.from({ length: vacant }, (_, i) => `small ${i + 1}`);
}

/** The stakes of these accounts: all different, and all smaller than Eve's. */
const stakeOf = (i) => 40n * UNIT + (BigInt(i) * UNIT) / 20n;

/** The key of an entry in the queue of changes: block and slot, big-endian. */
const pendingKey = ({ args: [key] }) => ({
	block: Number(key.time.toHex()),
	slot: Number(key.id.toHex()),
});

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
		members.map(({ proverId }) => proverId),
		Array.from({ length: maxProvers }, (_, i) => i + 1),
	);
	const bySigner = new Map(members.map((member) => [member.account, member]));
	for (const [i, { signer, amount, price: rewardPerGas }] of offers.entries()) {
		const { proverId, account: who, offer, currentCapacity, enteredIn } = bySigner.get(signer.address);
		assert.deepEqual([who, proverId, enteredIn], [signer.address, staked[i].proverId, staked[i].block]);
		assert.deepEqual(offer, { stake: amount, rewardPerGas, maxCapacity: capacity, paused: false });
		assert.equal(currentCapacity, capacity);
	}
	// Any limit is allowed. The longest page has room for all of them.
	const whole = await chain.poolAt(chain.head, 'getProvers', 1, 2 ** 32 - 1);
	assert.equal(whole.length, maxProvers);
});

test('draws use many new entries in the order of their blocks, a limited number in each block', async (world) => {
	const { chain } = world;
	const { entryDelay, maxAdmissions } = await chain.pool('getParameters');
	let pending = (await chain.members())
		.filter(({ enteredIn }) => enteredIn > 0)
		.map(({ proverId: slot, enteredIn: block }) => ({ block, slot }))
		.sort((a, b) => a.block - b.block || a.slot - b.slot);
	const newcomers = pending.length;
	for (let number = pending[0].block; pending.length > 0; number++) {
		const due = pending.filter(({ block }) => block + entryDelay <= number).length;
		pending = pending.slice(Math.min(due, maxAdmissions));
		const expected = pending.filter(({ block }) => block <= number);
		// The order of keys is the order of the queue.
		const keys = await (await chain.at(number)).query.proverPool.pendingChanges.keys();
		assert.deepEqual(keys.map(pendingKey), expected, `after block ${number}`);
	}
	assert.equal((await chain.eventsSoFar('ProverPool.OfferListed')).length, newcomers);

	// The whole pool, in many pages. The sum is the lottery's. The weights are those of the rules.
	const state = await chain.at(chain.head);
	const members = await chain.members({ state });
	assert.ok(members.every(({ status, listed }) => status === 'Active' && listed === null));
	const capacities = 16 + 32 + 8 + (members.length - GENESIS.length) * capacity;
	assert.equal(await chain.pool('getCapacity'), BigInt(capacities));
	const band = chain.priceBand();
	const expected = members.map(({ proverId, offer: { stake, rewardPerGas } }) => {
		const effectivePrice = agreedPrice(rewardPerGas, 10_000, band);
		return { proverId, effectivePrice, weight: weight(stake, effectivePrice) };
	});
	const total = expected.reduce((sum, each) => sum + each.weight, 0n);
	assert.deepEqual(
		await chain.weights(10_000, { state }),
		expected.map((each) => ({ ...each, share: (each.weight * 10n ** 18n) / total })),
	);
	// From now on, draws use changes at once, and no block lists any while states are compared.
	await chain.setPoolParameter('EntryDelay', 0);
	await nothingPending(world);
	// From now on, no period passes while a slow machine is busy.
	await makeOnDemand(world);
});

test('the smallest prover is replaced by an account that outbids it, and by no other', async (world) => {
	const { chain, tx } = world;
	const least = account('small 1');
	const { proverId, offer } = (await chain.pool('getStaker', least.address)).prover;
	const { minOverbid, exitPeriod } = await chain.pool('getParameters');
	const amount = toExceed(offer.stake, minOverbid);
	assert.equal(amount, 42n * UNIT);
	const notEnough = tx.proverPool.stake(amount, price, capacity);
	await assertRefused(world, ferdie, notEnough, 'ProverPool.ProverNotGoodEnough');

	const simulated = await chain.simulate('stake', ferdie.address, amount + 1n, price, capacity);
	assert.equal(simulated.replaces, least.address);
	assert.equal(simulated.after.prover.proverId, proverId);
	const { block } = await stake(world, ferdie, { amount: amount + 1n, price, capacity });
	const { prover } = await chain.pool('getStaker', ferdie.address);
	assert.equal(prover.proverId, proverId);
	assert.equal(prover.offer.stake, amount + 1n);

	const { data } = await chain.event('ProverPool.Exited', { who: least.address });
	assert.deepEqual(data, { who: least.address, amount: offer.stake, exit: 0, forced: true });
	const replaced = await chain.pool('getStaker', least.address);
	assert.equal(replaced.prover, null);
	assert.deepEqual(replaced.exits, [
		{ id: 0, amount: offer.stake, maturesAt: block + exitPeriod, duties: 0 },
	]);
	assert.equal((await chain.balanceOf(least.address)).reserved, offer.stake, 'still held');
});

test('a member leaves after the change delay, and withdraws after the exit period', async (world) => {
	const { chain, tx } = world;
	const { exit, withdraw } = tx.proverPool;
	const leaver = account('small 2');
	await assertRefused(world, leaver, exit(), 'ProverPool.ChangeTooFrequent');
	await chain.setPoolParameter('MinChangeDelay', 0);
	await chain.setPoolParameter('ExitPeriod', 10);
	const { exitPeriod, minChangeDelay } = await chain.pool('getParameters');
	assert.deepEqual({ exitPeriod, minChangeDelay }, { exitPeriod: 10, minChangeDelay: 0 });

	const { block } = await chain.ok(leaver, exit());
	const staker = await chain.pool('getStaker', leaver.address);
	assert.equal(staker.prover, null);
	const [left] = staker.exits;
	assert.deepEqual(left, { id: 0, amount: stakeOf(1), maturesAt: block + exitPeriod, duties: 0 });
	assert.deepEqual(await chain.pool('nextExit', leaver.address), left);
	await assertRefused(world, leaver, withdraw(), 'ProverPool.NoMatureExit');

	// The first block after the exit period is the earliest for a withdrawal.
	await advanceTo(world, left.maturesAt);
	const before = await chain.balanceOf(leaver.address);
	const { events, fee } = await chain.ok(leaver, withdraw());
	const { data } = events.find(({ name }) => name === 'ProverPool.Withdrawn');
	assert.deepEqual(data, { who: leaver.address, amount: stakeOf(1) });
	const after = await chain.balanceOf(leaver.address);
	assert.equal(after.reserved, 0n);
	assert.equal(after.free, before.free + stakeOf(1) - fee);
	await assertRefused(world, leaver, withdraw(), 'ProverPool.NoMatureExit');
});

test('anybody can pay out the free exits of an account to it', async (world) => {
	const { chain, tx } = world;
	const leaver = account('small 3');
	const { block } = await chain.ok(leaver, tx.proverPool.exit());
	const { exitPeriod } = await chain.pool('getParameters');
	const withdrawFor = tx.proverPool.withdrawFor(leaver.address);
	await assertRefused(world, bob, withdrawFor, 'ProverPool.NoMatureExit');
	await advanceTo(world, block + exitPeriod);
	const before = await chain.balanceOf(leaver.address);
	const { events } = await chain.ok(bob, withdrawFor);
	assert.deepEqual(poolEvents(events), [{ Withdrawn: { who: leaver.address, amount: stakeOf(2) } }]);
	const after = await chain.balanceOf(leaver.address);
	assert.deepEqual(after, { free: before.free + stakeOf(2), reserved: 0n });
});

test('a running exit is staked again; a free one is paid out with the next stake', async (world) => {
	const { chain, tx } = world;
	// The account that was replaced. Its exit of 40 UNIT takes a week, since that was the period then.
	const back = account('small 1');
	const { events } = await chain.ok(back, tx.proverPool.stake(45n * UNIT, price, capacity));
	assert.deepEqual(poolEvents(events).map((event) => Object.keys(event)[0]), ['Staked']);
	assert.equal((await chain.balanceOf(back.address)).reserved, 45n * UNIT);
	assert.deepEqual((await chain.pool('getStaker', back.address)).exits, []);

	// A member lowers its stake. The rest becomes an exit with a new date.
	const { block } = await stake(world, back, { amount: 41n * UNIT, price, capacity });
	const { exitPeriod } = await chain.pool('getParameters');
	const { prover, exits, held } = await chain.pool('getStaker', back.address);
	assert.equal(prover.offer.stake, 41n * UNIT);
	assert.deepEqual(exits, [{ id: 0, amount: 4n * UNIT, maturesAt: block + exitPeriod, duties: 0 }]);
	assert.equal(held, 45n * UNIT, 'no new tokens');
	assert.equal((await chain.balanceOf(back.address)).reserved, 45n * UNIT);

	await advanceTo(world, block + exitPeriod);
	const again = await chain.ok(back, tx.proverPool.stake(43n * UNIT, price, capacity));
	const names = poolEvents(again.events).map((event) => Object.keys(event)[0]);
	assert.deepEqual(names, ['Withdrawn', 'Exited', 'Staked']);
	assert.equal((await chain.pool('getStaker', back.address)).held, 43n * UNIT);
});

test('an account that owes a block is not paid, and cannot discharge it early', async (world) => {
	const { chain, rollup, tx } = world;
	const { discharge, exit, withdraw } = {
		discharge: tx.proverPool.dischargeProver,
		exit: tx.proverPool.exit(),
		withdraw: tx.proverPool.withdraw(),
	};
	// Shorter than the window of a proof.
	await chain.setPoolParameter('ExitPeriod', 5);
	const names = [...smallOnes(world), ...GENESIS, 'Ferdie'].map(account);
	const proposed = await rollup.propose(bob);
	const { blockId } = proposed;
	const [{ data: assigned }] = await drawn(world, proposed);
	const prover = names.find(({ address }) => address === assigned.prover);
	const other = prover === charlie ? ferdie : charlie;

	const { block } = await chain.ok(prover, exit);
	const { exits } = await chain.poolAt(block, 'getStaker', prover.address);
	assert.deepEqual(
		exits.map(({ duties, maturesAt }) => [duties, maturesAt]),
		[[1, block + 5]],
	);
	await advanceTo(world, block + 5);
	const unchanged = [
		await sendRefused(world, prover, withdraw, 'ProverPool.StillLiable'),
		await sendRefused(world, other, discharge(blockId), 'ProverPool.NotYourAssignment'),
		await sendRefused(world, prover, discharge(blockId), 'ProverPool.NotOverdue'),
	];

	// It proves in time, is paid, owes nothing, and can withdraw.
	await rollup.prove(prover, proposed);
	const { data } = await verified(world, blockId);
	assert.equal(data.verdict, 'InTime');
	const { events } = await chain.ok(prover, withdraw);
	assert.ok(events.some(({ name }) => name === 'ProverPool.Withdrawn'));
	assert.equal((await chain.balanceOf(prover.address)).reserved, 0n);
	for (const assertUnchanged of unchanged) await assertUnchanged();
});
