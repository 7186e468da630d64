/** Every node is killed at once, again and again, under load. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkState, exportState } from '../network/invariants.mjs';
import { assert, onNetwork, short } from './support.mjs';

const BLACKOUTS = short ? 3 : 20;
/** No longer than two slots, in which blocks are made, imported and finalized. */
const LONGEST_MS = 12_000;

// All nodes forget the transactions that wait: their senders send them again.
const test = onNetwork({ prepare: (world) => (world.forgetful = true), scenario: { transfers: 20 } });

test(`all nodes are killed at once, ${BLACKOUTS} times: databases open, the chain goes on`, async (world) => {
	const { network, transactions } = world;
	let setBack = 0;
	for (let i = 0; i < BLACKOUTS; i++) {
		await sleep(Math.random() * LONGEST_MS);
		const before = await network.allHeights();
		await network.crash();
		world.faults += 1;

		await network.start();
		const after = await network.allHeights();
		for (const [validator, { finalized }] of before) {
			if (after.get(validator).finalized < finalized) setBack += 1;
		}
		const best = Math.max(...[...before.values()].map((each) => each.best));
		await network.until('the chain goes on', (all) => all.every((each) => each.best > best));
		await transactions.resend();
	}

	await network.progress(2);
	// What a node has in its database must be sound without the others' help.
	await network.crash();
	world.faults += 1;
	const files = network.validators.map((validator) => {
		const file = join(world.folder, `${validator.name}.json`);
		exportState(network, validator, file);
		return file;
	});
	const { failed, output } = checkState(files);
	assert.equal(failed, false, output);
	await network.start();
	return [`${setBack} times a node's finality was behind what it had reported before`];
});
