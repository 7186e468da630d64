/** All nodes are killed at the same moment, repeatedly, under load. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkState, exportState } from '../network/invariants.mjs';
import { assert, onNetwork, short } from './support.mjs';

const BLACKOUTS = short ? 3 : 20;
/** Two slots: long enough for a kill while a block is made, imported or finalized. */
const LONGEST_MS = 12_000;

// All nodes lose their waiting transactions, so the senders send them again.
const test = onNetwork({ prepare: (world) => (world.losesTransactions = true), scenario: { transfers: 20 } });

test(`all nodes are killed at once, ${BLACKOUTS} times: databases open, the chain continues`, async (world) => {
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
		await network.until('the chain continues', (all) => all.every((each) => each.best > best));
		await transactions.resend();
	}

	await network.progress(2);
	// The database of each node must be valid without the other nodes.
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
	return [`finality of a node went backwards ${setBack} times`];
});
