/** The disk of one validator of four is full. */
import { SmallDisk } from './disk.mjs';
import { assert, onNetwork } from './support.mjs';

/** Much more than the chain of this test takes. */
const MEGABYTES = 48;

const fourth = ({ network }) => network.validators[3];

const test = onNetwork({
	prepare: (world) => (world.disk = new SmallDisk(fourth(world).folder, MEGABYTES)),
	cleanUp: ({ disk }) => disk?.unmount(),
});

test('a full disk ends one node with the reason, the others go on, and with room it returns', async (world) => {
	const { disk, network } = world;
	const victim = fourth(world);
	await network.progress(2);

	disk.fill();
	world.faults += 1;
	assert.equal(await victim.exited, 'code 1', 'it ends by itself');
	assert.match(victim.tail(), /No space left on device/, 'and says why');
	victim.broken = [];
	await network.progress(3);

	// Started again on the full disk it does not come up, and does no harm.
	await assert.rejects(victim.start(), /did not start/);
	world.faults += 1;
	await network.progress(2);

	disk.free();
	await victim.start();
	await network.progress(2);
});
