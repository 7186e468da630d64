/** One or two validators of four are killed while blocks are proposed and proven. */
import { assert, onNetwork, short } from './support.mjs';

const test = onNetwork();

test('each of four is killed in turn: finality continues, and it catches up', async (world) => {
	const { network } = world;
	for (const victim of network.validators.slice(0, short ? 2 : 4)) {
		await network.kill([victim]);
		world.faults += 1;
		await network.progress(3);

		// It catches up and votes: when the next one is killed, the others need its votes.
		await victim.start();
		await network.progress(1);
	}
});

test('two of four are killed: finality stops, blocks continue, and nothing is lost', async (world) => {
	const { client, network } = world;
	const [, , third, fourth] = network.validators;
	await network.kill([third, fourth]);
	world.faults += 2;

	// The killed nodes have voted for blocks that they had, perhaps for one that the others do not have yet. No
	// later block can be finalized …
	const { number: from } = await client.best();
	const known = from + 1;
	const blocks = short ? 4 : 8;
	const last = known + blocks;
	const survivors = network.running;
	const hashesOf = (number) => Promise.all(survivors.map((each) => each.rpc('chain_getBlockHash', number)));
	// Both have the same blocks, and build on them.
	const agree = async () => new Set(await hashesOf(last)).size === 1;
	const heights = await network.until('the others build blocks, and agree', async (all) =>
		all.every(({ best }) => best > last) && (await agree()),
	);
	for (const { finalized } of heights.values()) assert.ok(finalized <= known, 'nothing is finalized');

	// … until both are back. Then the blocks made meanwhile are finalized.
	const [before] = await hashesOf(last);
	await Promise.all([third.start(), fourth.start()]);
	await network.finalized(last);
	assert.equal(await client.hash(last), before, 'the blocks made meanwhile are finalized');
	return [`${blocks} blocks without finality, all finalized later`];
});
