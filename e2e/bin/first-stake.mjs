#!/usr/bin/env node
/**
 * The pool in five minutes: reads its parameters, computes the odds of an offer, stakes with the
 * development account //Ferdie, and shows the result. The node must be running: see `make run`.
 */
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';

const UNIT = 10n ** 12n;
const provider = new WsProvider(process.env.URL ?? 'ws://127.0.0.1:9944', false);
provider.connect();
// A transaction extension of this chain that the API does not know. It adds no bytes.
const signedExtensions = { CheckOperational: { extrinsic: {}, payload: {} } };
const options = { provider, signedExtensions, noInitWarn: true, throwOnConnect: true };
const api = await ApiPromise.create(options).catch(() => {
	console.error('No node answers: start one with `make run`.');
	process.exit(1);
});
const pool = api.call.proverPoolApi; // the queries: a runtime API that describes itself
/** Returns an error as a sentence. Some errors are not a pallet's, such as the currency's `Token`. */
function nameOf(error) {
	if (!error.isModule) return error.toString();
	const { section, name, docs } = api.registry.findMetaError(error.asModule);
	return `${section}.${name}: ${docs.join(' ')}`;
}
const ferdie = new Keyring({ type: 'sr25519' }).addFromUri('//Ferdie');

// 1. The parameters of the pool.
const { minCapacity, minStakePerCapacity, maxProvers, entryDelay } = await pool.getParameters();
console.log(`The pool has ${maxProvers} slots. A prover works on at least ${minCapacity} blocks at once`);
console.log(`and stakes at least ${minStakePerCapacity.toBigInt() / UNIT} UNIT for each of them.`);

// 2. The odds of an offer, without a signature: its share of the draws at a fee of 10 000.
const capacity = minCapacity.toNumber();
const amount = 2n * minStakePerCapacity.toBigInt() * BigInt(capacity);
const percent = (share) => (Number(share) / 1e16).toFixed(1).padStart(5);
const offer = { stake: amount, rewardPerGas: 9_000, maxCapacity: capacity, paused: false };
console.log(`\nAn offer of ${amount / UNIT} UNIT at 9000 per gas`);
console.log(`would be drawn with${percent(await pool.odds(10_000, offer))} %.`);

// 3. Stake: amount, price per gas, capacity. The tokens stay on the account, on hold.
console.log(`\n${ferdie.address} stakes ${amount / UNIT} UNIT at 9000 per gas:`);
const { events, dispatchError } = await new Promise((resolve, reject) => {
	api.tx.proverPool
		.stake(amount, 9_000, capacity)
		.signAndSend(ferdie, (result) => {
			if (result.isFinalized) resolve(result);
			if (result.isError) reject(new Error(`no block includes the stake: ${result.status.type}`));
		})
		.catch(reject);
});
for (const { event } of events.filter(({ event }) => event.section === 'proverPool')) {
	console.log(`  ${event.method} ${JSON.stringify(event.data.toHuman())}`);
}
if (dispatchError) {
	console.log(`  refused: ${nameOf(dispatchError)}`);
	process.exit(1);
}

// 4. The slot, and the weights of all provers: a page of at most 100 rows from slot 1. The next page would
// begin after its last slot.
const { proverId: slot, status, offer: staked } = (await pool.getStaker(ferdie.address)).prover.unwrap();
console.log(`\nSlot ${slot}: ${status.type}, ${JSON.stringify(staked.toHuman())}`);
console.log(`\nDraws use an offer ${entryDelay} blocks after the entry; until then it has no weight:`);
for (const { proverId, share, effectivePrice } of await pool.getProverWeights(10_000, 1, 100)) {
	console.log(`  slot ${proverId}: drawn with ${percent(share)} %, at ${effectivePrice} per gas`);
}
await api.disconnect();
