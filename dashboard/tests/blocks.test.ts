import { expect, test } from 'vitest';
import type { ChainBlock, ChainEvent } from '../src/chain/types';
import { headline } from '../src/logic/headline';
import { openPrice, positionOf } from '../src/logic/stages';
import { agreedPrices, feesOf, moneyOf, storiesOf } from '../src/logic/stories';
import { aheadOf } from '../src/logic/timeline';
import { ALICE, assigned, block, BOB, claim, market, protocol } from './made-up';

const at = (waiting: ReturnType<typeof block>, changes = {}) => positionOf(waiting, market(changes), protocol);

test('a block moves from stage to stage', () => {
	expect(at(block(5n))).toMatchObject({ stage: 'proposed', open: false });
	expect(at(block(5n, assigned(1_015)))).toMatchObject({ stage: 'drawn', account: ALICE, wait: { left: 15, of: 20 } });
	expect(at(block(5n, assigned(1_015, 998)))).toMatchObject({ stage: 'proven', wait: { left: 3, of: 5 } });
	expect(at(block(5n, assigned(1_015, 995)))).toMatchObject({ stage: 'inLine', wait: { left: 0 } });
});

test('a missed window is overdue, and its countdown does not turn', () => {
	const missed = at(block(5n, assigned(900)));
	expect(missed).toMatchObject({ stage: 'drawn', overdue: true, wait: { left: 0 } });
	expect(at(block(5n, assigned(1_015, 'Removed'))).overdue).toBe(true);
	// A proof sent now is in the next block, when the window is over.
	expect(at(block(5n, assigned(1_000))).overdue).toBe(true);
	expect(at(block(5n, assigned(1_001))).overdue).toBe(false);
});

test('the claim of a rescuer counts, the earliest first', () => {
	const rescued = block(5n, { ...assigned(900), others: [claim(999, ALICE), claim(998, BOB)] });
	expect(at(rescued)).toMatchObject({ stage: 'proven', account: BOB, overdue: false });
});

test('the price of an open block rises from start to end, and stays there', () => {
	const open = block(5n, { status: { type: 'Open', value: { openedAt: 1_000, fixedReward: undefined } } });
	expect(openPrice(open, 1_000, protocol)).toBe(7_500);
	expect(openPrice(open, 1_050, protocol)).toBe(11_250);
	expect(openPrice(open, 1_100, protocol)).toBe(15_000);
	expect(openPrice(open, 9_999, protocol)).toBe(15_000);
	const fixed = block(5n, { status: { type: 'Open', value: { openedAt: 1_000, fixedReward: 9_123 } } });
	expect(openPrice(fixed, 1_050, protocol)).toBe(9_123);
});

test('the headline says the most important thing', () => {
	const say = (changes = {}) => headline(market(changes), protocol).text;
	expect(say()).toBe('All is well.');
	expect(say({ waiting: [block(5n, assigned(900)), block(6n, assigned(900))] })).toBe('2\u00a0blocks overdue.');
	expect(say({ freeCapacity: 0n })).toBe('The pool is full.');
	expect(say({ listedMembers: 0 })).toBe('The pool has no provers.');
	expect(say({ pausedUntil: 1_200 })).toContain('paused until block');
	expect(say({ pausedUntil: 900 })).toBe('All is well.');
	expect(say({ rollup: undefined })).toContain('not been started');
	const cancelled = { below: 8n, at: 999, slashing: true };
	expect(say({ rollup: { ...market().rollup, cancelled } })).toContain('3\u00a0blocks cancelled');
});

test('what is ahead of a block has dates that do not pass below now', () => {
	const ahead = (waiting: ReturnType<typeof block>, changes = {}) => aheadOf(waiting, market(changes), protocol, 3);
	const queue = [{ blockId: 5n, feePerGas: 10_000, requestedIn: 999, notifyHandler: true }];
	expect(ahead(block(5n), { queue })).toEqual([{ what: 'Earliest draw', left: 3, late: false }]);
	expect(ahead(block(5n, assigned(1_015)))[0]).toMatchObject({ left: 15, late: false });
	expect(ahead(block(5n, assigned(900)))[0]).toMatchObject({ left: 0, late: true });
	expect(ahead(block(5n, assigned(1_015, 998)))).toEqual([{ what: 'It can be verified', left: 3, late: false }]);
});

const events = (number: number, ...list: [string, object][]): ChainBlock => ({
	number,
	hash: `0x${number}`,
	parentHash: `0x${number - 1}`,
	time: number * 6_000,
	events: list.map(([name, data]) => ({ name, data }) as unknown as ChainEvent),
});

const LIFE = [
	events(1, ['BlockProposal.BlockProposed', { blockId: 1n, proposer: BOB, escrow: 100n, feePerGas: 10_000 }]),
	events(2, ['BlockProposal.BlockAssigned', { blockId: 1n, prover: ALICE, rewardPerGas: 9_000, returned: 20n }]),
	events(3),
	events(4, [
		'BlockProposal.BlockVerified',
		{ blockId: 1n, prover: ALICE, verdict: 'InTime', paid: 70n, returned: 29n, forfeited: 1n },
	], ['BlockProposal.AveragesUpdated', { feePerGas: 9_990 }]),
];

test('the story of a block has its moments and its money', () => {
	const story = storiesOf(LIFE).get(1n)!;
	expect(story.moments.map(({ number }) => number)).toEqual([1, 2, 4]);
	expect(story).toMatchObject({ settlement: 'verified', settledIn: 4 });
	expect(moneyOf(story)).toEqual({ escrow: 100n, paid: 70n, returned: 29n, forfeited: 1n, addsUp: true });
});

test('money that does not add up is found', () => {
	const wrong = structuredClone(LIFE);
	(wrong[3].events[0] as unknown as { data: { paid: bigint } }).data.paid = 71n;
	expect(moneyOf(storiesOf(wrong).get(1n)!)?.addsUp).toBe(false);
	expect(moneyOf(storiesOf(LIFE.slice(1)).get(1n)!)?.addsUp).toBeUndefined();
});

test('fees and agreed prices are those of the events', () => {
	expect(feesOf(LIFE, 9_990).map(({ fee }) => fee)).toEqual([10_000, 10_000, 10_000, 9_990]);
	expect(feesOf(LIFE.slice(2, 3), 9_990).map(({ fee }) => fee)).toEqual([9_990]);
	expect(agreedPrices(LIFE)).toMatchObject([{ number: 2, blockId: 1n, price: 9_000, account: ALICE }]);
});
