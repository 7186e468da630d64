import { expect, test } from 'vitest';
import type { Member } from '../src/chain/types';
import { rowsAt, select } from '../src/logic/listing';
import { oddsOfOffer } from '../src/logic/odds';

const PERCENTS = { priceFloorPercent: 75, priceCeilingPercent: 125 };

function member(proverId: number, changes: Partial<Member> = {}): Member {
	return {
		proverId,
		account: `5account${proverId}`,
		offer: { stake: 100n, rewardPerGas: 10_000, maxCapacity: 4, paused: false },
		currentCapacity: 4,
		status: { type: 'Active' },
		listed: undefined,
		enteredAt: 0,
		enteredIn: 0,
		changedIn: 0,
		record: { assigned: 0, served: proverId, missed: 0, missesInARow: 0 },
		weight: 1n,
		share: 0n,
		...changes,
	};
}

const offer = (stake: bigint, rewardPerGas = 10_000) => ({ stake, rewardPerGas, maxCapacity: 4, paused: false });
const MEMBERS = [
	member(1, { offer: offer(2n ** 90n) }),
	// They differ by less than a float can tell.
	member(2, { offer: offer(2n ** 90n + 1n) }),
	member(3, { offer: offer(2n ** 80n, 20_000), status: { type: 'Paused' }, weight: 0n }),
	member(4, { offer: offer(1n), listed: offer(2n ** 91n, 9_000), status: { type: 'Active' } }),
];
const named = (account: string) => (account === '5account3' ? 'Eve' : undefined);
const slots = (options: Partial<Parameters<typeof select>[1]>) =>
	select(rowsAt(MEMBERS, 10_000, PERCENTS), { search: '', filter: 'all', sort: 'slot', ...options }, named).map(
		({ member }) => member.proverId,
	);

test('rows are sorted by exact values', () => {
	expect(slots({ sort: 'stake' })).toEqual([2, 1, 3, 4]);
	expect(slots({ sort: 'odds' })).toEqual([4, 1, 2, 3]);
	expect(slots({ sort: 'price' })).toEqual([1, 2, 4, 3]);
	expect(slots({ sort: 'served' })).toEqual([4, 3, 2, 1]);
});

test('rows are found by name, address and slot, and by status', () => {
	expect(slots({ search: ' eve ' })).toEqual([3]);
	expect(slots({ search: 'ACCOUNT2' })).toEqual([2]);
	expect(slots({ search: '#4' })).toEqual([4]);
	expect(slots({ filter: 'paused' })).toEqual([3]);
	expect(slots({ filter: 'drawable' })).toEqual([1, 2, 4]);
	expect(slots({ search: 'nobody' })).toEqual([]);
});

test('odds are of the offer that draws use, and sum up to one', () => {
	const rows = rowsAt(MEMBERS, 10_000, PERCENTS);
	expect(rows[2].odds).toBe(0n);
	expect(rows[3].odds).toBeGreaterThan(rows[0].odds);
	expect(rows[3].agreed).toBe(9_000);
	const sum = rows.reduce((total, { odds }) => total + odds, 0n);
	expect(10n ** 18n - sum).toBeLessThan(10n);
});

test('the odds of an offer are those that it would have as one more member', () => {
	const candidates = [{ proverId: 1, stake: 300n, price: 8_192 }];
	expect(oddsOfOffer(candidates, { stake: 100n, price: 8_192 }, 10_000, PERCENTS)).toBe(250_000_000_000_000_000n);
	expect(oddsOfOffer([], { stake: 1n, price: 1 }, 10_000, PERCENTS)).toBe(10n ** 18n);
	expect(oddsOfOffer(candidates, { stake: 100n, price: 1 }, 0, PERCENTS)).toBe(0n);
});
