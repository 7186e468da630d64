/** A fifth node joins by warp sync. */
import { plain } from '../lib/plain.mjs';
import { readState } from '../lib/state.mjs';
import { Client } from '../network/client.mjs';
import { callAll } from '../network/rpc.mjs';
import { assert, long, onNetwork } from './support.mjs';

/** The length of the chain that it joins, in epochs. The authorities are the same in all. */
const EPOCHS = long ? 10 : 2;
const TIMEOUT_MS = 1_800_000;

const test = onNetwork();

test(`a fifth node joins after ${EPOCHS} epochs by warp sync: it has the state, and answers queries`, async (world) => {
	const { client, network } = world;
	const [first] = network.validators;
	const blocks = EPOCHS * Number(client.constant('babe', 'epochDuration'));
	await network.finalized(blocks, TIMEOUT_MS);

	const fifth = await network.add('fifth', { args: ['--sync', 'warp'] });
	const { best } = await first.heights();
	const startedAt = Date.now();
	await fifth.start();
	await network.finalized(best);
	const seconds = (Date.now() - startedAt) / 1_000;
	assert.ok(fifth.log.some((line) => line.includes('Warp sync is complete')), fifth.tail());
	assert.ok(fifth.log.some((line) => line.includes('State sync is complete')), fifth.tail());

	// Its state is that of the others.
	const hash = await fifth.rpc('chain_getFinalizedHead');
	await network.finalized(Number((await fifth.rpc('chain_getHeader', hash)).number));
	const nodes = [first, fifth];
	const [header, same] = await Promise.all(nodes.map((node) => node.rpc('chain_getHeader', hash)));
	assert.equal(same.stateRoot, header.stateRoot, 'the state root');
	const [state, copy] = await Promise.all(nodes.map((node) => readState(node, hash)));
	assert.ok(state.size > 0);
	assert.deepEqual(copy, state, 'the state');

	// It answers what others answer.
	const clients = await Promise.all(nodes.map((node) => Client.connect(() => [node.url])));
	const { address } = network.accounts.provers[0].pair;
	const answers = await Promise.all(
		clients.map(async (each) => {
			const { proverPoolApi } = (await each.at(hash)).call;
			const staker = await proverPoolApi.getStaker(address);
			const assignments = await proverPoolApi.getAssignments(address, null, 10);
			return [plain(staker), plain(assignments)];
		}),
	);
	assert.ok(answers[0][0].prover, 'the prover is in the pool');
	assert.deepEqual(answers[1], answers[0], 'the queries of the pool');

	// It fetches the earlier blocks, goes on, and starts again.
	const numbers = Array.from({ length: best }, (_, i) => [i + 1]);
	const hasAll = async () => {
		const answers = await callAll(fifth.url, 'chain_getBlockHash', numbers);
		return answers.every(({ result }) => result !== null);
	};
	await network.until('it has all blocks', hasAll);
	await network.progress(2);
	await fifth.stop();
	await fifth.start();
	await network.progress(1);
	return [`${blocks} blocks or more, at the head ${seconds.toFixed(0)} s after its start`];
});
