#!/usr/bin/env node
/**
 * The pool in five minutes: reads its parameters, stakes with the development account //Ferdie, and
 * shows what came of it. The node must be running: see `make run`.
 */
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';

const UNIT = 10n ** 12n;
const provider = new WsProvider(process.env.URL ?? 'ws://127.0.0.1:9944', false);
provider.connect();
const api = await ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: true }).catch(() => {
	console.error('No node answers: start one with `make run`.');
	process.exit(1);
});
const pool = api.call.proverPoolApi; // the queries: a runtime API that describes itself
const ferdie = new Keyring({ type: 'sr25519' }).addFromUri('//Ferdie');

// 1. The rules of the moment.
const { minCapacity, minStakePerCapacity, maxProvers, entryDelay } = await pool.getParameters();
console.log(`The pool has ${maxProvers} slots. A prover works on at least ${minCapacity} blocks at once`);
console.log(`and stakes at least ${minStakePerCapacity.toBigInt() / UNIT} UNIT for each of them.`);

// 2. Stake: amount, price per gas, capacity. The tokens stay on the account, on hold.
const capacity = minCapacity.toNumber();
const amount = 2n * minStakePerCapacity.toBigInt() * BigInt(capacity);
console.log(`\n${ferdie.address} stakes ${amount / UNIT} UNIT at 9000 per gas:`);
const failure = await new Promise((resolve, reject) => {
	api.tx.proverPool
		.stake(amount, 9_000, capacity)
		.signAndSend(ferdie, ({ status, events, dispatchError }) => {
			if (!status.isFinalized) return;
			for (const { event } of events.filter(({ event }) => event.section === 'proverPool')) {
				console.log(`  ${event.method} ${JSON.stringify(event.data.toHuman())}`);
			}
			resolve(dispatchError && api.registry.findMetaError(dispatchError.asModule));
		})
		.catch(reject);
});
if (failure) console.log(`  refused: ${failure.section}.${failure.name}: ${failure.docs.join(' ')}`);

// 3. The slot, and what provers weigh in a draw at a fee of 10 000: a page of at most 100, from slot 1
// on; the next would begin behind its last slot.
const [staker, prover] = await pool.getStaker(ferdie.address);
console.log(`\nSlot ${staker.proverId}: ${JSON.stringify(prover.toHuman())}`);
console.log(`\nIt may be drawn ${entryDelay} blocks after its entry; until then it weighs nothing:`);
for (const { proverId, share, effectivePrice } of await pool.getProverWeights(10_000, 1, 100)) {
	const percent = (Number(share) / 1e16).toFixed(1).padStart(5);
	console.log(`  slot ${proverId}: drawn with ${percent} %, at ${effectivePrice} per gas`);
}
await api.disconnect();
