/** The disk of one validator of four loses its power, repeatedly, under load. */
import { test as skipped } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { JournaledDisk } from './disk.mjs';
import { assert, logged, long, onNetwork, short } from './support.mjs';

const CUTS = short ? 2 : long ? 20 : 5;
/** Two slots: long enough for a cut while a block is made, imported or finalized. */
const LONGEST_MS = 12_000;
/** Much more than the chain of this test needs. */
const MEGABYTES = 512;

const victimOf = ({ network }) => network.validators[3];

const obstacle = JournaledDisk.obstacle();
const onDisk = () =>
	onNetwork({
		prepare: (world) => {
			const victim = victimOf(world);
			world.disk = new JournaledDisk(victim.folder, MEGABYTES);
			// What only the victim has is lost.
			victim.avoided = true;
		},
		argsOf: (name) => (name === 'validator-4' ? ['--db-storage-threshold', '0'] : []),
		cleanUp: ({ disk }) => disk?.unmount(),
		scenario: { transfers: 10 },
	});
const test = obstacle ? (name) => skipped(name, { skip: obstacle }) : onDisk();

test(`the power of a disk is cut ${CUTS} times: the database opens, the validator catches up and votes`, async (world) => {
	const { disk, network } = world;
	const victim = victimOf(world);
	const lost = { best: 0, finalized: 0 };
	let rebuilt = 0;
	await network.progress(2);
	for (let i = 0; i < CUTS; i++) {
		await sleep(Math.random() * LONGEST_MS);
		const before = await victim.heights();
		disk.cut();
		await victim.kill();
		world.faults += 1;
		// What it printed when its disk failed is no defect.
		victim.broken = [];

		disk.remount();
		const stored = heightsOf(victim);
		if (stored) {
			for (const key of Object.keys(lost)) lost[key] = Math.max(lost[key], before[key] - stored[key]);
		} else {
			victim.purge();
			rebuilt += 1;
		}
		await victim.start();
		await network.progress(1);
	}

	// The others need its votes when one of them is down.
	const [first] = network.validators;
	await network.kill([first]);
	world.faults += 1;
	await network.progress(2);
	await first.start();
	assert.ok(rebuilt < CUTS, 'the database opens');
	return [
		`databases that did not open ${rebuilt}`,
		`at most ${lost.best} blocks lost, ${lost.finalized} of them known as finalized`,
		`log lines on GRANDPA equivocations ${logged(network, /Detected \w+ equivocation/)}`,
	];
});

/** Returns the heights in a node's database; `null` if it does not open. */
function heightsOf(node) {
	try {
		return node.storedHeights();
	} catch {
		return null;
	}
}
