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

	// Votes that were sent before may still count. Then nothing is finalized any more …
	const { number: from } = await client.best();
	await network.until('the others build blocks', (all) => all.every(({ best }) => best >= from + 2));
	const { number: stopped } = await client.finalized();
	const blocks = short ? 4 : 8;
	const heights = await network.until('the others go on building', (all) =>
		all.every(({ best }) => best >= from + 2 + blocks),
	);
	for (const { finalized } of heights) assert.equal(finalized, stopped, 'nothing is finalized');

	// … and what was built meanwhile is finalized as soon as they are back.
	const meanwhile = Array.from({ length: blocks }, (_, i) => from + 1 + i);
	const before = await Promise.all(meanwhile.map((number) => client.hash(number)));
	await Promise.all([third.start(), fourth.start()]);
	await network.finalized(from + 2 + blocks);
	const after = await Promise.all(meanwhile.map((number) => client.hash(number)));
	assert.deepEqual(after, before, 'the blocks of the meantime are finalized');
	return [`${blocks} blocks without finality, all finalized later`];
});
