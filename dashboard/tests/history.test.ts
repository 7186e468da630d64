/** The page against the description of the history: what the page reads is there. */
import { expect, test } from 'vitest';
import openapi from '../../history/openapi.json';
import { gapsInWords } from '../src/logic/gaps';

/** The fields that the page reads, by schema. */
const READ = {
	RollupBlock: ['id', 'status', 'escrow', 'paid', 'returned', 'forfeited', 'spans_gap'],
	RollupBlockDetail: ['block', 'why', 'position'],
	Slash: ['block_id', 'who', 'amount', 'fault', 'state', 'to_rescuer', 'burnt', 'spans_gap'],
	SlashPage: ['items', 'next', 'position'],
	Offer: ['at', 'change', 'stake', 'reward_per_gas', 'max_capacity', 'paused'],
	ProverSummary: ['start', 'assigned', 'in_time', 'late', 'missed', 'rescued', 'earned', 'slashed', 'spans_gap'],
	ProverDetail: ['offers', 'days', 'position'],
	Position: ['gaps'],
	Gap: ['from_block', 'to_block', 'reason'],
	Moment: ['block', 'time'],
	Event: ['pallet', 'name', 'block_id', 'account', 'fields'],
	Error: ['error'],
};

test.each(Object.entries(READ))('%s has the fields that the page reads', (name, fields) => {
	const schemas = openapi.components.schemas as unknown as Record<string, { properties: object; required?: string[] }>;
	expect(Object.keys(schemas[name].properties)).toEqual(expect.arrayContaining(fields));
	expect(schemas[name].required).toEqual(expect.arrayContaining(fields));
});

test('the paths that the page asks exist', () => {
	expect(Object.keys(openapi.paths)).toEqual(
		expect.arrayContaining(['/v1/blocks/{id}', '/v1/provers/{account}', '/v1/slashes', '/v1/live']),
	);
});

test('amounts are strings', () => {
	expect(openapi.components.schemas.Amount.type).toBe('string');
});

test('the events of the stream that the page listens to are described', () => {
	const { description } = openapi.paths['/v1/live'].get;
	for (const name of ['event', 'reverted', 'behind']) expect(description).toContain(`\`${name}\`:`);
});

test('every gap has a sentence, and the page says when there may be more', () => {
	const gap = (from_block: number, to_block: number) => ({ from_block, to_block, reason: 'the node had no state' });
	expect(gapsInWords([])).toEqual([]);
	expect(gapsInWords([gap(5, 9), gap(2_000, 2_000)])).toEqual([
		'The history lacks blocks 5 to 9: the node had no state',
		'The history lacks block 2\u202f000: the node had no state',
	]);
	const many = gapsInWords(Array.from({ length: 100 }, (_, i) => gap(2 * i, 2 * i)));
	expect(many).toHaveLength(101);
	expect(many[0]).toContain('earlier gaps');
});
