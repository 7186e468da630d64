/** All nodes are stopped for a while, with work open, and started again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { binary } from '../lib/binaries.mjs';
import { plain } from '../lib/plain.mjs';
import { assert, daemonsProve, long, onNetwork, short, startDaemons, stopDaemons } from './support.mjs';

/** The length of the outage. */
const SECONDS = Number(process.env.OUTAGE_SECONDS ?? (short ? 60 : long ? 7_200 : 300));
/** Longer than the longest window of a prover. */
const WINDOW_TIMEOUT_MS = 1_200_000;
/** Late blocks take a window of some minutes. */
const WITH_LATE_BLOCKS = !short;

binary('daemon'); // fails before the network starts

const test = onNetwork({
	// All nodes lose their waiting transactions.
	prepare: (world) => (world.losesTransactions = true),
	scenario: { prove: false },
	start: startDaemons,
	cleanUp: stopDaemons,
	timeout: 90 * 60_000 + SECONDS * 1_000,
});

/**
 * Returns the rollup's clock and its waiting blocks after a block of the chain.
 *
 * @param {number | null} number `null`: the best block
 * @returns {Promise<{ now: number, blocks: Map<bigint, { proposedAt: number, status: object | string }> }>}
 */
async function workAfter({ client }, number = null) {
	const { query } = await client.at(await client.hash(number));
	const [now, blocks] = await Promise.all([
		query.blockProposal.clock(),
		query.blockProposal.blocks.entries(),
	]);
	return {
		now: plain(now),
		blocks: new Map(blocks.map(([key, block]) => [plain(key.args[0]), plain(block)])),
	};
}

/** Returns the blocks that are drawn for an account, or for any, and not proven, with their deadlines. */
function due({ blocks }, address = null) {
	return [...blocks]
		.map(([id, { status }]) => ({ id, ...status.Assigned }))
		.filter(({ delivery, prover }) => delivery === 'Due' && (address === null || prover === address));
}

const lateIn = (work) => due(work).filter(({ deadline }) => deadline < work.now);
const pending = ({ blocks }) => [...blocks.values()].filter(({ status }) => status === 'Pending');

/** Returns the time of a block of the chain, in milliseconds. */
async function timeOf({ client }, number) {
	const { query } = await client.at(number);
	return Number(plain(await query.timestamp.now()));
}

/** Returns the last block before the outage, by its gap of time. */
async function lastBefore(world, from) {
	for (let number = from; ; number++) {
		const [time, next] = await Promise.all([timeOf(world, number), timeOf(world, number + 1)]);
		if (next - time > SECONDS * 1_000) return number;
	}
}

/** Returns for each of the rollup's blocks that were drawn in these blocks how many blocks its draw took. */
async function drawDelays({ client }, from, to) {
	const proposed = new Map();
	const delays = new Map();
	for (let number = from; number <= to; number++) {
		for (const { name, data } of await client.events(await client.hash(number))) {
			if (name === 'BlockProposal.BlockProposed') proposed.set(data.blockId, number);
			if (name !== 'BlockProposal.BlockAssigned') continue;
			if (proposed.has(data.blockId)) delays.set(data.blockId, number - proposed.get(data.blockId));
		}
	}
	return delays;
}

/**
 * Leaves blocks of a daemon that is down past their deadlines, without letting the other rescue them. Returns
 * their number.
 */
async function leaveLate(world) {
	const { network, scenario } = world;
	const [other, victim] = world.daemons;
	const { address } = network.accounts.provers[1].pair;
	await network.until('blocks are drawn for it', async () => due(await workAfter(world), address).length > 1);
	await scenario.pause();
	await network.until('every block is drawn', async () => pending(await workAfter(world)).length === 0);
	const deadlines = due(await workAfter(world), address).map(({ deadline }) => deadline);
	const reached = (deadline, what) =>
		network.until(what, async () => (await workAfter(world)).now > deadline, WINDOW_TIMEOUT_MS);
	// By then, the other has proven its own blocks.
	await reached(Math.min(...deadlines) - 3, 'the first deadline is near');
	process.kill(other.pid, 'SIGSTOP');
	await reached(Math.max(...deadlines), 'the deadlines are over');
	scenario.start();
	assert.equal(victim.running, false);
	return deadlines.length;
}

test(`all nodes are stopped for ${SECONDS} s with work open: it continues as if no time had passed`, async (world) => {
	const { client, network, transactions } = world;
	const [running, stopped] = world.daemons;
	const { address } = network.accounts.provers[1].pair;
	await daemonsProve(world);

	await stopped.stop();
	world.faults += 1;
	let late = 0;
	if (WITH_LATE_BLOCKS) {
		world.expected = ['verdict Rescued'];
		late = await leaveLate(world);
	}
	await network.until('blocks are late, drawn and not drawn', async () => {
		const work = await workAfter(world);
		return due(work, address).length > lateIn(work).length && pending(work).length > 0;
	});
	const heights = [...(await network.allHeights()).values()];
	const best = Math.min(...heights.map((each) => each.best));
	await network.stop();
	world.faults += 1;
	await world.scenario.pause();
	if (WITH_LATE_BLOCKS) process.kill(running.pid, 'SIGCONT');

	await sleep(SECONDS * 1_000);
	assert.ok(running.running, 'the daemon waits for its nodes');

	await network.start();
	const startedAt = Date.now();
	await transactions.resend();
	stopped.start();
	world.scenario.start();
	await network.until('blocks are made', (all) => all.every((each) => each.best > best + 2));
	const last = await lastBefore(world, best);
	const silence = ((await timeOf(world, last + 1)) - startedAt) / 1_000;
	const epoch = Number(client.constant('babe', 'epochDuration'));
	const slot = Number(client.constant('timestamp', 'minimumPeriod')) / 500;
	assert.ok(silence <= epoch * slot, `the first block comes ${silence} s after the start`);

	// The clock counts blocks, so windows have not run.
	const [before, after] = await Promise.all([workAfter(world, last), workAfter(world, last + 1)]);
	assert.equal(after.now, before.now + 1, 'the clock of the rollup');
	assert.equal(lateIn(before).length, late, 'late blocks');
	const deadlines = new Map(due(after).map(({ id, deadline }) => [id, deadline]));
	for (const { id, deadline } of due(before)) {
		if (deadlines.has(id)) assert.equal(deadlines.get(id), deadline, `the deadline of block ${id}`);
	}

	// What was not drawn is drawn as late as always.
	const { drawDelay } = await client.pool('getParameters');
	const expected = drawDelay + 1;
	await network.finalized(last + expected);
	const delays = await drawDelays(world, last - 2 * expected, last + expected);
	const undrawn = [...before.blocks].filter(([, { status }]) => status === 'Pending');
	assert.ok(undrawn.length > 0 && undrawn.every(([id]) => delays.has(id)), 'all are drawn');
	assert.deepEqual([...new Set(delays.values())], [expected], 'blocks from proposal to draw');

	// Everything that was open is settled, and only what was late before is slashed.
	const open = [...before.blocks.keys()];
	const settled = async () => {
		const { head } = await client.query('blockProposal', 'chain');
		return open.every((id) => id < head);
	};
	await network.until('what was open is settled', settled, WINDOW_TIMEOUT_MS);
	const { number } = await client.best();
	await network.until('it is counted', () => transactions.history.length > number);
	await daemonsProve(world);
	assert.equal(transactions.count('verdict Rescued'), late, 'rescued');
	assert.equal(transactions.count('ProverPool.Slashed'), late, 'slashed');
	return [
		`open at the stop: ${late} late, ${due(before).length - late} drawn, ${undrawn.length} not drawn`,
		`the first block ${silence.toFixed(0)} s after the nodes answered`,
	];
});
