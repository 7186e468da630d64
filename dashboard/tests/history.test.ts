/** The page against the description of the history: what the page reads is there. */
import { expect, test } from 'vitest';
import openapi from '../../history/openapi.json';

/** The fields that the page reads, by schema. */
const READ = {
	RollupBlock: ['id', 'status', 'prover', 'reward_per_gas', 'escrow', 'paid', 'returned', 'forfeited', 'verdict'],
	RollupBlockDetail: ['block', 'why', 'position'],
	Slash: ['block_id', 'who', 'amount', 'fault', 'state', 'slashed', 'rescuer', 'to_rescuer', 'burnt'],
	SlashPage: ['items', 'next', 'position'],
	Offer: ['at', 'change', 'stake', 'reward_per_gas', 'max_capacity', 'paused'],
	ProverSummary: ['start', 'assigned', 'in_time', 'late', 'missed', 'rescued', 'earned', 'slashed', 'spans_gap'],
	ProverDetail: ['offers', 'days', 'blocks', 'position'],
	Position: ['gaps'],
	Gap: ['from_block', 'to_block', 'reason'],
	Moment: ['block', 'time'],
	Error: ['error'],
};

test.each(Object.entries(READ))('%s has the fields that the page reads', (name, fields) => {
	const schemas = openapi.components.schemas as unknown as Record<string, { properties: object; required?: string[] }>;
	expect(Object.keys(schemas[name].properties)).toEqual(expect.arrayContaining(fields));
	expect(schemas[name].required).toEqual(expect.arrayContaining(fields));
});

test('the paths that the page asks exist', () => {
	expect(Object.keys(openapi.paths)).toEqual(
		expect.arrayContaining(['/v1/blocks/{id}', '/v1/provers/{account}', '/v1/slashes']),
	);
});

test('amounts are strings', () => {
	expect(openapi.components.schemas.Amount.type).toBe('string');
});
