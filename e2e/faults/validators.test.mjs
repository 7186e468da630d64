/** One validator of four is killed, and two are, while blocks are proposed and proven. */
import { assert, onNetwork, short } from './support.mjs';

const test = onNetwork();

test('one of four is killed, and each in turn: finality goes on, and it catches up', async (world) => {
	const { network } = world;
	for (const victim of network.validators.slice(0, short ? 2 : 4)) {
		await network.kill([victim]);
		world.faults += 1;
		await network.progress(3);

		// It catches up, and more: when the next one is killed, the others need its votes.
		await victim.start();
		await network.progress(1);
	}
});

test('two of four are killed: finality stops, blocks go on, and nothing is lost', async (world) => {
	const { client, network } = world;
	const [, , third, fourth] = network.validators;
	await network.kill([third, fourth]);
	world.faults += 2;

	// The dead have voted for blocks that they knew, perhaps for one that is still on its way. No later one
	// can be finalized …
	const { number: from } = await client.best();
	const known = from + 1;
	const blocks = short ? 4 : 8;
	const last = known + blocks;
	const survivors = network.running;
	const hashesOf = (number) => Promise.all(survivors.map((each) => each.rpc('chain_getBlockHash', number)));
	// Both have the same blocks, and go on from them.
	const agree = async () => new Set(await hashesOf(last)).size === 1;
	const heights = await network.until('the others build blocks, and agree', async (all) =>
		all.every(({ best }) => best > last) && (await agree()),
	);
	for (const { finalized } of heights.values()) assert.ok(finalized <= known, 'nothing is finalized');

	// … and what was built meanwhile is finalized as soon as they are back.
	const [before] = await hashesOf(last);
	await Promise.all([third.start(), fourth.start()]);
	await network.finalized(last);
	assert.equal(await client.hash(last), before, 'the blocks of the meantime are finalized');
	return [`${blocks} blocks without finality, all finalized later`];
});
