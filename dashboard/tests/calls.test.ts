/** Sending calls: by whom, and what happens if the wallet refuses or the connection breaks. */
import { expect, test } from 'vitest';
import { submit } from '../src/chain/calls';
import type { NodeChain } from '../src/chain/node';
import type { ChainBlock, Signer } from '../src/chain/types';
import { ALICE, BOB } from './made-up';

const HEX = '0x0102';
type Status = { type: string; value?: unknown };

/** A chain that takes one transaction, and answers when the test says so. */
function fakeChain({ events = [] as object[], included = true } = {}) {
	const seen = { signer: '', sent: 0, unwatched: 0, real: undefined as unknown };
	let status: (status: Status) => void = () => {};
	let broken: () => void = () => {};
	const tx = { call: 'pause', sign: async (by: string, options: { signer: { signPayload(payload: unknown): Promise<unknown> } }) => {
		seen.signer = by;
		await options.signer.signPayload({});
	}, toHex: () => HEX };
	const chain = {
		isConnected: true,
		onDisconnected: (listener: () => void) => {
			broken = listener;
			return () => (broken = () => {});
		},
		block: async () => ({ number: 7, events }) as unknown as ChainBlock,
		client: {
			tx: { proverPool: { pause: () => tx }, proxy: { proxy: (real: unknown) => ((seen.real = real), tx) } },
			registry: { findErrorMeta: () => undefined },
			rpc: {
				author_submitAndWatchExtrinsic: async (hex: string, listener: typeof status) => {
					expect(hex).toBe(HEX);
					seen.sent += 1;
					status = listener;
					return async () => void (seen.unwatched += 1);
				},
				chain_getBlock: async () => ({ block: { extrinsics: included ? ['0x00', HEX] : ['0x00'] } }),
			},
		},
	};
	return { chain, seen, say: (now: Status) => status(now), disconnect: () => broken() };
}

const settled = () => new Promise((done) => setTimeout(done, 5));
const wallet: Signer = { signPayload: async () => ({ signature: '0x' }) };
type Fake = ReturnType<typeof fakeChain>;
const send = ({ chain }: Fake, signer = wallet, origin: { signer: string; real?: string } = { signer: ALICE }, sent = () => {}) =>
	submit(chain as unknown as NodeChain, { call: 'pause' }, origin, signer, sent);

test('a call is signed by its signer, for its account, and ends with its block', async () => {
	const own = { name: 'ProverPool.Paused', data: { who: BOB }, extrinsic: 1 };
	const fake = fakeChain({ events: [own, { ...own, extrinsic: 0 }, { ...own, extrinsic: undefined }] });
	let ready = 0;
	const result = send(fake, wallet, { signer: ALICE, real: BOB }, () => (ready += 1));
	await settled();
	fake.say({ type: 'Ready' });
	fake.say({ type: 'InBlock', value: '0x07' });
	expect(await result).toEqual({ blockNumber: 7, refusal: undefined, events: [own] });
	expect(fake.seen).toEqual({ signer: ALICE, real: BOB, sent: 1, unwatched: 1 });
	fake.say({ type: 'Broadcast' });
	expect(ready).toBe(1);
});

test('a connection that breaks after the signature ends it without an outcome', async () => {
	const fake = fakeChain();
	const result = send(fake);
	await settled();
	fake.say({ type: 'Ready' });
	fake.disconnect();
	expect(await result).toBeUndefined();
});

test('a node that does not show the block leaves the outcome open', async () => {
	const fake = fakeChain({ included: false });
	const result = send(fake);
	await settled();
	fake.say({ type: 'InBlock', value: '0x07' });
	expect(await result).toBeUndefined();
});

test('nothing is sent without a signature or without a connection', async () => {
	const fake = fakeChain();
	const refuses: Signer = { signPayload: () => Promise.reject(new Error('Cancelled')) };
	await expect(send(fake, refuses)).rejects.toThrow('The wallet did not sign. Nothing was sent.');
	fake.chain.isConnected = false;
	await expect(send(fake)).rejects.toThrow('Nothing was sent');
	expect(fake.seen.sent).toBe(0);
});

test('a transaction that the node drops is an error', async () => {
	for (const [type, text] of [
		['Dropped', 'dropped the transaction'],
		['Invalid', 'dropped the transaction'],
		['Usurped', 'took its place'],
	]) {
		const fake = fakeChain();
		const result = send(fake);
		await settled();
		fake.say({ type });
		await expect(result).rejects.toThrow(text);
	}
});

test('the refusal of a call is found, also of a call for another account', async () => {
	const failed = { name: 'System.ExtrinsicFailed', data: { dispatchError: { type: 'BadOrigin' } }, extrinsic: 1 };
	const proxied = { name: 'Proxy.ProxyExecuted', data: { result: { isErr: true, err: { type: 'Token', value: 'Frozen' } } }, extrinsic: 1 };
	for (const [event, name] of [
		[failed, 'BadOrigin'],
		[proxied, 'Token.Frozen'],
	] as const) {
		const fake = fakeChain({ events: [event] });
		const result = send(fake);
		await settled();
		fake.say({ type: 'InBlock', value: '0x07' });
		expect((await result)?.refusal).toEqual({ name, docs: '' });
	}
});
