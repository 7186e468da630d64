/** What the page keeps of a chain that changes its mind. */
import { createRoot } from 'solid-js';
import { expect, test } from 'vitest';
import type { BlockRef, Chain, ChainBlock } from '../src/chain/types';
import { createLive } from '../src/live/live';
import { market } from './made-up';

/** A chain in memory, whose best block the test chooses. */
function fakeChain(state: Parameters<typeof market>[0] = {}) {
	const blocks = new Map<string, ChainBlock>();
	let announce: (ref: BlockRef) => void = () => {};
	const unreadable = new Set<string>();
	const add = (number: number, branch = 'a', parentBranch = branch) => {
		const hash = `${branch}${number}`;
		blocks.set(hash, { number, hash, parentHash: `${parentBranch}${number - 1}`, time: number * 1_000, events: [] });
		return hash;
	};
	const chain = {
		info: { slotDuration: 6_000 },
		onConnection: () => {},
		follow: (listener: typeof announce) => (announce = listener),
		block: async (hash: string) => {
			if (unreadable.has(hash) || !blocks.has(hash)) throw new Error(`no ${hash}`);
			return blocks.get(hash)!;
		},
		hashes: async (numbers: number[]) => numbers.map((number) => (blocks.has(`a${number}`) ? `a${number}` : null)),
		market: async (ref: BlockRef) => market({ ...ref, ...state }),
	} as unknown as Chain;
	const best = async (hash: string) => {
		announce(blocks.get(hash)!);
		await new Promise((done) => setTimeout(done, 20));
	};
	return { chain, add, best, unreadable };
}

async function withLive(
	run: (live: ReturnType<typeof createLive>, fake: ReturnType<typeof fakeChain>) => Promise<void>,
	state: Parameters<typeof market>[0] = {},
) {
	const fake = fakeChain(state);
	const { live, dispose } = createRoot((dispose) => ({ live: createLive(fake.chain), dispose }));
	await run(live, fake);
	dispose();
}

const hashes = (live: ReturnType<typeof createLive>) => live.blocks().map(({ hash }) => hash);

test('the blocks before the first one are read back, in order', () =>
	withLive(async (live, { add, best }) => {
		for (let number = 0; number <= 30; number++) add(number);
		await best('a30');
		expect(live.market()?.hash).toBe('a30');
		expect(hashes(live)).toEqual(Array.from({ length: 30 }, (_, i) => `a${i + 1}`));
		expect(live.readingBack()).toBe(false);
	}));

test('blocks that were missed are read', () =>
	withLive(async (live, { add, best }) => {
		for (let number = 0; number <= 9; number++) add(number);
		await best('a5');
		await best('a9');
		expect(hashes(live)).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8', 'a9']);
	}));

test('a reorganisation discards the blocks of the other branch', () =>
	withLive(async (live, { add, best }) => {
		for (let number = 0; number <= 5; number++) add(number);
		await best('a5');
		add(4, 'b', 'a');
		add(5, 'b');
		add(6, 'b');
		await best('b6');
		expect(hashes(live)).toEqual(['a1', 'a2', 'a3', 'b4', 'b5', 'b6']);
		expect(live.discarded().map(({ hash }) => hash)).toEqual(['a4', 'a5']);
		expect(live.market()?.hash).toBe('b6');
	}));

test('a block that cannot be read is reported, and the next one is read', () =>
	withLive(async (live, { add, best, unreadable }) => {
		for (let number = 0; number <= 6; number++) add(number);
		await best('a4');
		unreadable.add('a5');
		await best('a5');
		expect(live.problem()).toContain('Block 5 could not be read');
		unreadable.delete('a5');
		await best('a6');
		expect(live.problem()).toBeUndefined();
		expect(hashes(live).slice(-3)).toEqual(['a4', 'a5', 'a6']);
	}));

/** Blocks that are 9 seconds apart, on a chain with slots of 6 seconds. */
const stepOf = (state: Parameters<typeof market>[0]) => {
	let step: number | undefined;
	return withLive(async (live, { chain, add, best }) => {
		for (let number = 0; number <= 3; number++) add(number);
		const read = chain.block.bind(chain);
		chain.block = async (hash) => {
			const block = await read(hash);
			return { ...block, time: block.number * 9_000 };
		};
		await best('a3');
		step = live.poolStep();
	}, state).then(() => step);
};

test('a step of the pool’s clock is the time between blocks where it counts blocks, and a slot where it counts slots', async () => {
	const time = Date.now();
	expect(await stepOf({ time, poolClock: { now: 3, unit: 'block' } })).toBe(9_000);
	expect(await stepOf({ time, poolClock: { now: 9, unit: 'slot' } })).toBe(6_000);
	// A made-up clock has a slot for each block.
	expect(await stepOf({ time: 18_000, poolClock: { now: 9, unit: 'slot' } })).toBe(9_000);
});
