/** The disk of one validator of four runs out of room. */
import { test as skipped } from 'node:test';
import { SmallDisk } from './disk.mjs';
import { assert, onNetwork } from './support.mjs';

/** Much more than the chain of this test takes. */
const MEGABYTES = 96;
/** With less room than this, the node is to end; and what is left of that at first: enough to end with. */
const THRESHOLD = 32;
const LEFT = 24;
const OUT_OF_SPACE = new RegExp(`Error: Out of storage space: available (\\d+)MiB, required ${THRESHOLD}MiB`);

const fourth = ({ network }) => network.validators[3];

const obstacle = SmallDisk.obstacle();
const onSmallDisk = () =>
	onNetwork({
		prepare: (world) => (world.disk = new SmallDisk(fourth(world).folder, MEGABYTES)),
		argsOf: (name) => (name === 'validator-4' ? ['--db-storage-threshold', `${THRESHOLD}`] : []),
		cleanUp: ({ disk }) => disk?.unmount(),
	});
const test = obstacle ? (name) => skipped(name, { skip: obstacle }) : onSmallDisk();

/** Starts a node that must refuse for want of room. Returns how much it says there is. */
async function refusal(victim) {
	const error = await victim.start().then(
		() => assert.fail('it starts without room'),
		(failure) => failure,
	);
	assert.match(error.message, OUT_OF_SPACE);
	return OUT_OF_SPACE.exec(error.message);
}

test('a full disk ends one node with the reason, the others go on, and with room it returns', async (world) => {
	const { disk, network } = world;
	const victim = fourth(world);
	await network.progress(2);

	// Little room is left: the node ends in good order, …
	disk.fill(LEFT);
	world.faults += 1;
	assert.equal(await victim.ended(), 'code 1', 'it ends');
	assert.match(victim.tail(), /dropped below threshold/, 'and says why');
	victim.broken = [];
	await network.progress(2);
	// … and does not begin again without room.
	const [, room] = await refusal(victim);
	assert.ok(Number(room) > 0 && Number(room) <= LEFT, `${room} MiB`);
	world.faults += 1;
	disk.free();
	await victim.start();
	await network.progress(2);

	// None is left at once, before the watch can look: the database is the first to notice, if not a page
	// that it has mapped. The next start says why.
	disk.fill();
	world.faults += 1;
	assert.match(await victim.ended(), /^(code 1|SIGBUS)$/, 'it ends');
	victim.broken = [];
	await network.progress(2);
	assert.equal((await refusal(victim))[1], '0');
	world.faults += 1;

	disk.free();
	await victim.start();
	await network.progress(2);
});
