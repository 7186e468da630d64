/**
 * Finality stands still for minutes: two of four validators are down. Authors leave slots empty, never as many as an
 * epoch has, and the daemons stay with their nodes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { binary } from '../lib/binaries.mjs';
import { Daemon } from '../network/daemon.mjs';
import { freePorts } from '../network/validator.mjs';
import { assert, onNetwork } from './support.mjs';

/** `make test-outages` waits for 40. */
const MINUTES = Number(process.env.STALL_MINUTES ?? 3);
const POLL_MS = 2_000;

binary('daemon'); // fails before the network starts

const test = onNetwork({
	scenario: { prove: false, transfers: 0.2 },
	start: async (world) => {
		const { folder, network } = world;
		const { attestor, provers } = network.accounts;
		const [first, second] = network.validators.map(({ ws }) => ws);
		world.ports = await freePorts(provers.length);
		// Each has one node, which stays up.
		world.daemons = provers.map((prover, i) => {
			const urls = [[first, second][i]];
			return new Daemon({ folder, prover, attestor, urls, metrics: world.ports[i] });
		});
		world.daemons.forEach((daemon) => daemon.start());
	},
	cleanUp: ({ daemons = [] }) => Promise.all(daemons.map((daemon) => daemon.stop())),
});

/** Returns how often each daemon has lost its node. */
function disconnections({ ports }) {
	const ofOne = async (port) => {
		const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
		return Number(/^prover_pool_connections_lost_total (\d+)/m.exec(text)[1]);
	};
	return Promise.all(ports.map(ofOne));
}

/** Returns the slot of a block. */
async function slotOf(client, number) {
	const { query } = await client.at(number);
	return (await query.babe.currentSlot()).toNumber();
}

/** Returns the most slots between two blocks. */
async function longestGap(client, first, last) {
	let longest = 0;
	let before = await slotOf(client, first);
	for (let number = first + 1; number <= last; number++) {
		const slot = await slotOf(client, number);
		longest = Math.max(longest, slot - before);
		before = slot;
	}
	return longest;
}

test(`two of four validators are down for ${MINUTES} minutes: blocks in every epoch, and nothing is missed`, async (world) => {
	const { client, network, transactions } = world;
	const [, , third, fourth] = network.validators;
	const proven = () => transactions.count('BlockProposal.BlockClaimed');
	await network.until('the daemons prove', () => proven() > 0);
	await network.kill([third, fourth]);
	world.faults += 2;
	const before = await disconnections(world);

	const { number: first } = await client.best();
	const end = Date.now() + MINUTES * 60_000;
	let unfinalized = 0;
	while (Date.now() < end) {
		await sleep(POLL_MS);
		const [{ number }, { number: final }] = await Promise.all([client.best(), client.finalized()]);
		unfinalized = Math.max(unfinalized, number - final);
	}
	const { number: last } = await client.best();
	const epoch = Number(client.constant('babe', 'epochDuration'));
	const gap = await longestGap(client, first, last);
	assert.ok(gap <= epoch, `${gap} slots without a block; an epoch has ${epoch}`);
	assert.deepEqual(await disconnections(world), before, 'the daemons stay connected');

	await Promise.all([third.start(), fourth.start()]);
	await network.finalized(last);
	return [
		`${last - first} blocks in ${MINUTES} minutes without finality, at most ${gap} slots apart, ${unfinalized} not final at once`,
	];
});
