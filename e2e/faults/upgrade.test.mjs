/** The runtime of a network is upgraded while its daemons have open work. */
import { readFileSync } from 'node:fs';
import { test as skipped } from 'node:test';
import { u8aToHex } from '@polkadot/util';
import { account } from '../lib/accounts.mjs';
import { binary, findBinary } from '../lib/binaries.mjs';
import { assert, daemonsProve, onNetwork, startDaemons, stopDaemons } from './support.mjs';

const PROOFS = 3;
const TIMEOUT_MS = 600_000;

binary('daemon'); // fails before the network starts
const next = findBinary('next runtime');

const onOldRuntime = () =>
	onNetwork({ scenario: { prove: false }, start: startDaemons, cleanUp: stopDaemons });
const test = next
	? onOldRuntime()
	: (name) => skipped(name, { skip: 'there is no next runtime: make next-runtime' });

test('the runtime is upgraded with work open: nothing is missed', async (world) => {
	const { client, daemons, network, scenario, transactions } = world;
	await daemonsProve(world, PROOFS);

	// A transaction that is signed for the old runtime is valid in none of the next. The daemons replace theirs.
	await scenario.pause();
	await network.until('nothing of the scenario waits', async () => {
		const pools = await Promise.all(
			network.validators.map((validator) => validator.rpc('author_pendingExtrinsics')),
		);
		const waiting = new Set(pools.flat());
		return [...transactions.sent.values()].every(({ bytes }) => !waiting.has(bytes));
	});
	const open = (await client.query('blockProposal', 'chain')).pending;
	assert.ok(open > 0, 'blocks wait for their draw');
	// Uncompressed, a development build is too long for a block.
	const code = u8aToHex(readFileSync(next.replace(/\.wasm$/, '.compressed.wasm')));
	const { sudo, system } = client.api.tx;
	await transactions.send(
		account('Alice'),
		sudo.sudoUncheckedWeight(system.setCode(code), { refTime: 0, proofSize: 0 }),
	);
	world.faults += 1;
	const version = async () => (await client.rpc('state_getRuntimeVersion')).specVersion;
	await network.until('the code is set', async () => (await version()) === 2, TIMEOUT_MS);
	await client.reconnect();
	scenario.start();

	await daemonsProve(world, PROOFS);
	for (const daemon of daemons) {
		const noticed = daemon.log.filter((line) => line.includes('the runtime has changed'));
		assert.equal(noticed.length, 1, daemon.tail());
	}
	return [`${open} blocks waited for their draw`];
});
