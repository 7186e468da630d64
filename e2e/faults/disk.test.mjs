/** The disk of one validator of four runs out of room. */
import { test as skipped } from 'node:test';
import { SmallDisk } from './disk.mjs';
import { assert, onNetwork } from './support.mjs';

/** Much more than the chain of this test takes. */
const MEGABYTES = 96;
/** With less room than this, the node is to end; and what is left of that at first: enough to end with. */
const THRESHOLD = 32;
const LEFT = 24;

const fourth = ({ network }) => network.validators[3];

const obstacle = SmallDisk.obstacle();
const onSmallDisk = () =>
	onNetwork({
		prepare: (world) => (world.disk = new SmallDisk(fourth(world).folder, MEGABYTES)),
		argsOf: (name) => (name === 'validator-4' ? ['--db-storage-threshold', `${THRESHOLD}`] : []),
		cleanUp: ({ disk }) => disk?.unmount(),
	});
const test = obstacle ? (name) => skipped(name, { skip: obstacle }) : onSmallDisk();

test('a full disk ends one node with the reason, the others go on, and with room it returns', async (world) => {
	const { disk, network } = world;
	const victim = fourth(world);
	await network.progress(2);

	// Little room is left: the node ends in good order, …
	disk.fill(LEFT);
	world.faults += 1;
	assert.equal(await victim.exited, 'code 1', 'it ends');
	assert.match(victim.tail(), /dropped below threshold/, 'and says why');
	victim.broken = [];
	await network.progress(2);
	// … and does not begin again without room.
	await assert.rejects(victim.start(), /Error: Out of storage space: available 2\dMiB, required 32MiB/);
	world.faults += 1;
	disk.free();
	await victim.start();
	await network.progress(2);

	// None is left at once, before the watch can look: the database is the first to notice, if not a page
	// that it has mapped. The next start says why.
	disk.fill();
	world.faults += 1;
	assert.match(await victim.exited, /^(code 1|SIGBUS)$/, 'it ends');
	victim.broken = [];
	await network.progress(2);
	await assert.rejects(victim.start(), /Error: Out of storage space: available 0MiB, required 32MiB/);
	world.faults += 1;

	disk.free();
	await victim.start();
	await network.progress(2);
});
