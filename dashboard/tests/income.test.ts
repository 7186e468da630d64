import { expect, test } from 'vitest';
import type { PoolParameters, StakerRow } from '../src/chain/types';
import { prospectOf, prospectsOf } from '../src/logic/income';
import { lottery, market, protocol } from './made-up';

const pool = { slashPoints: 10_000_000, slashMultiplier: 2 } as PoolParameters;
const circumstances = { info: { protocol, lottery }, pool, market: market(), blockTime: 6_000 };
const OLD = { stake: 1_000_000n * 10n ** 12n, rewardPerGas: 8_000, maxCapacity: 4, paused: false };
const NEW = { stake: 1_500_000n * 10n ** 12n, rewardPerGas: 12_000, maxCapacity: 100, paused: false };

const staker = (listed: typeof OLD | undefined, exits: { amount: bigint; maturesAt: number }[] = []) =>
	({ prover: { offer: NEW, listed }, exits }) as unknown as StakerRow;

test('a changed offer risks what the drawn one does, until draws use it', () => {
	const { drawn, later } = prospectsOf(staker(OLD), 1_000, circumstances);
	// By the terms of the old offer, out of the tokens of now: a hundredth of them, for a fourth of the capacity.
	expect(drawn?.slash).toBe(NEW.stake / 100n / 4n);
	expect(later?.slash).toBe(NEW.stake / 100n / 100n);
	expect([drawn?.agreed, later?.agreed]).toEqual([8_000, 12_000]);
	expect(drawn!.income).toBeLessThan(later!.income);
});

test('an offer that draws use already has one prospect', () => {
	const { drawn, later } = prospectsOf(staker(undefined), 1_000, circumstances);
	expect(drawn?.agreed).toBe(12_000);
	expect(later).toBeUndefined();
	expect(prospectsOf({ exits: [] } as unknown as StakerRow, 1_000, circumstances).drawn).toBeUndefined();
});

test('an exit answers for what is drawn until its date', () => {
	const exits = [
		{ amount: 400n * 10n ** 12n, maturesAt: 1_000 },
		{ amount: 800n * 10n ** 12n, maturesAt: 999 },
	];
	const { drawn } = prospectsOf(staker(undefined, exits), 1_000, circumstances);
	expect(drawn?.slash).toBe((NEW.stake + 400n * 10n ** 12n) / 100n / 100n);
});

test('a slash is the multiple of the reward if that is more, and never more than what answers', () => {
	const reward = BigInt(protocol.baseGas + protocol.maxGasLimit) * 10_000n;
	const offer = { rewardPerGas: 10_000, maxCapacity: 4 };
	expect(prospectOf(offer, 100n * reward, circumstances)).toMatchObject({ reward, slash: 2n * reward });
	expect(prospectOf(offer, reward, circumstances)?.slash).toBe(reward);
});

test('income is that of full blocks one after the other', () => {
	const reward = BigInt(protocol.baseGas + protocol.maxGasLimit) * 10_000n;
	// 14,400 blocks a day, six for each rollup block, four at once.
	expect(prospectOf({ rewardPerGas: 10_000, maxCapacity: 4 }, 0n, circumstances)?.income).toBe(reward * 4n * 2_400n);
});

test('without a fee nothing is agreed', () => {
	expect(prospectOf(OLD, 1n, { ...circumstances, market: market({ fee: 0 }) })).toBeUndefined();
});
