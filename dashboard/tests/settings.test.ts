import { expect, test } from 'vitest';
import { hasHistory, noticesOf, settingsOf } from '../src/settings';

const OWN = 'ws://127.0.0.1:9944';
const GENESIS = `0x${'ab'.repeat(32)}`;
const OTHER = `0x${'cd'.repeat(32)}`;
const served = (changes = {}) => ({ rpc: OWN, history: true, genesis: GENESIS, ...changes });

test('the node is the one that is asked for, else that of the server, else one on this machine', () => {
	expect(settingsOf(served(), 'wss://other').rpc).toBe('wss://other');
	expect(settingsOf(served({ rpc: 'wss://its' }), null).rpc).toBe('wss://its');
	expect(settingsOf(undefined, null)).toEqual({ rpc: OWN, replaced: undefined, history: undefined });
});

test('the history is shown for its own chain only', () => {
	const shown = (config: object, asked: string | null, genesis: string) => hasHistory(settingsOf(config, asked), genesis);
	expect(shown(served(), null, GENESIS)).toBe(true);
	expect(shown(served({ genesis: GENESIS.toUpperCase().replace('X', 'x') }), null, GENESIS)).toBe(true);
	expect(shown(served(), null, OTHER)).toBe(false);
	expect(shown(served({ history: false }), null, GENESIS)).toBe(false);
	// Another node may have the same chain.
	expect(shown(served(), 'wss://other', GENESIS)).toBe(true);
	expect(shown(served(), 'wss://other', OTHER)).toBe(false);
	// Without a genesis, only the server's own node is known to be of that chain.
	expect(shown(served({ genesis: undefined }), null, OTHER)).toBe(true);
	expect(shown(served({ genesis: undefined }), 'wss://other', OTHER)).toBe(false);
});

test('a visitor learns of another node and of another chain', () => {
	const notices = (config: object | undefined, asked: string | null, genesis = GENESIS) => noticesOf(settingsOf(config, asked), genesis);
	expect(notices(served(), null)).toEqual([]);
	expect(notices(served(), `${OWN}/`)).toEqual([]);
	expect(notices(undefined, 'wss://other')).toEqual([]);
	expect(notices(served(), 'wss://other')).toEqual([
		`This page shows the node wss://other, as its address asks, and not ${OWN}, the node of its server.`,
	]);
	expect(notices(served(), null, OTHER)).toEqual(['The history here is of another chain, so it is not shown.']);
	expect(notices(served({ history: false }), null, OTHER)).toEqual([]);
});

test('a config.json with wrong values is as good as none', () => {
	for (const config of [null, 'x', [], { rpc: 1, history: 'true', genesis: 7 }]) {
		expect(settingsOf(config, null)).toEqual({ rpc: OWN, replaced: undefined, history: undefined });
	}
});
