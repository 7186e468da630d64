/** The disk of one validator of four runs out of space. */
import { test as skipped } from 'node:test';
import { SmallDisk } from './disk.mjs';
import { assert, onNetwork } from './support.mjs';

/** Much more than the chain of this test needs. */
const MEGABYTES = 96;
/** The node must end with less free space than this, in MiB. */
const THRESHOLD = 32;
/** The space that is left at first, in MiB: enough for an orderly end. */
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

/** Starts a node that must refuse for lack of space. Returns the match of its message. */
async function refusal(victim) {
	const error = await victim.start().then(
		() => assert.fail('it starts without space'),
		(failure) => failure,
	);
	assert.match(error.message, OUT_OF_SPACE);
	return OUT_OF_SPACE.exec(error.message);
}

test('a full disk ends one node with the reason, the others continue, and with space it returns', async (world) => {
	const { disk, network } = world;
	const victim = fourth(world);
	await network.progress(2);

	// Little space is left. The node shuts down in order …
	disk.fill(LEFT);
	world.faults += 1;
	assert.equal(await victim.ended(), 'code 1', 'it ends');
	assert.match(victim.tail(), /dropped below threshold/, 'it prints the reason');
	victim.broken = [];
	await network.progress(2);
	// … and does not start again without space.
	const [, room] = await refusal(victim);
	assert.ok(Number(room) > 0 && Number(room) <= LEFT, `${room} MiB`);
	world.faults += 1;
	disk.free();
	await victim.start();
	await network.progress(2);

	// All space is gone at once, before the node's monitor checks it. The database fails first, or a page that
	// it has mapped. The next start prints the reason.
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
