/** The page against the committed metadata: it knows every event and every error of the project's pallets. */
import { readFileSync } from 'node:fs';
import { $Metadata } from 'dedot/codecs';
import { expect, test } from 'vitest';
import advice from '../../cli/src/error/advice.json';
import type { ChainEvent } from '../src/chain/types';
import { adviceFor, failureInWords, refusalInWords } from '../src/logic/advice';
import { DEVELOPMENT_NAMES } from '../src/logic/names';
import { sentenceOf } from '../src/logic/sentences';
import { developmentWallet } from '../src/wallet/development';
import { ALICE } from './made-up';

const metadata = $Metadata.tryDecode(readFileSync(new URL('../../cli/metadata.scale', import.meta.url))).latest;

/** Returns the names of the variants of a pallet's events or errors. */
function variants(pallet: string, of: 'event' | 'error'): { name: string; fields: string[] }[] {
	const found = metadata.pallets.find(({ name }) => name === pallet)!;
	const type = (of === 'event' ? found.event : found.error)!;
	const id = typeof type === 'number' ? type : type.typeId;
	const { value } = metadata.types[id].typeDef as { value: { members: { name: string; fields: { name?: string }[] }[] } };
	return value.members.map(({ name, fields }) => ({ name, fields: fields.map(({ name }) => name ?? '') }));
}

/** The events without a sentence, since another event of the same block says the same to people. */
const SILENT = new Set([
	'ProverPool.ProverRequested',
	'ProverPool.ProverAssigned',
	'ProverPool.ProverNotFound',
	'ProverPool.RequestCancelled',
	'ProverPool.ProverReleased',
	'ProverPool.ProverDischarged',
	'BlockProposal.BondSettled',
	'BlockProposal.AveragesUpdated',
]);

const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

test.each(['ProverPool', 'BlockProposal'])('every event of %s has a sentence, or another event has it', (pallet) => {
	for (const { name, fields } of variants(pallet, 'event')) {
		const values: Record<string, unknown> = { cause: { type: 'Expired' }, forced: true, fault: 'Late', error: 'UnknownBlock' };
		const numbers = new Set(['reward_per_gas', 'fee_per_gas', 'gas_limit', 'gas_used', 'current_capacity', 'max_capacity', 'until', 'due_at', 'exit', 'prover_id', 'window', 'deadline']);
		const accounts = new Set(['who', 'prover', 'proposer']);
		const data = Object.fromEntries(
			fields.map((field) => [
				camel(field),
				values[field] ?? (accounts.has(field) ? ALICE : numbers.has(field) ? 1 : 1n),
			]),
		);
		const full = `${pallet}.${name}`;
		const event = { name: full, data } as unknown as ChainEvent;
		const sentence = sentenceOf(event, [event]);
		expect(sentence === undefined, full).toBe(SILENT.has(full));
		for (const part of sentence?.parts ?? []) expect(String(part), full).not.toContain('undefined');
	}
});

test.each(['ProverPool', 'BlockProposal'])('every error of %s has advice that names no command', (pallet) => {
	for (const { name } of variants(pallet, 'error')) {
		const sentence = adviceFor({ name: `${pallet}.${name}`, docs: '' });
		expect(sentence, name).not.toContain('documentation');
		expect(sentence, name).toMatch(/^[A-Z].*\.$/);
		// Parameters are in backticks, too, and begin with a capital.
		expect(sentence, name).not.toMatch(/`[a-z-]/);
	}
});

test('the file of advice is the command line’s', () => {
	expect(Object.keys(advice).length).toBeGreaterThan(60);
	expect(adviceFor({ name: 'ProverPool.NotPaused', docs: '' })).toBe(advice['ProverPool.NotPaused'].advice);
	expect(adviceFor({ name: 'Unknown.Error', docs: '' })).toContain('Unknown.Error');
});

test('a refusal says from when on the call is allowed', () => {
	const staker = {
		prover: { enteredAt: 100 },
		exits: [{ maturesAt: 900 }, { maturesAt: 700 }],
		suspendedUntil: 500,
	} as never;
	const context = { staker, pool: { minChangeDelay: 600 } as never, clock: { now: 650, unit: 'block' as const } };
	const advised = (name: string) => refusalInWords({ name, docs: 'Why.' }, context).advice;
	expect(advised('ProverPool.ChangeTooFrequent')).toBe('It is allowed from block 701 on, in 51\u00a0blocks.');
	expect(advised('ProverPool.NoMatureExit')).toContain('block 701');
	expect(advised('ProverPool.StillSuspended')).toContain('block 501 on, in 0\u00a0blocks');
});

test('a node that does not take a transaction says why beside its message', () => {
	const node = (message: string, data?: string) => failureInWords(Object.assign(new Error(message), { data }));
	expect(node('1010: Invalid Transaction', 'Inability to pay some fees (e.g. account balance too low)')).toContain('cannot pay');
	expect(node('1010: Invalid Transaction', 'Transaction is outdated')).toBe('The transaction was outdated. Try again.');
	expect(node('1010: Invalid Transaction', 'Transaction has a bad signature')).toContain('has a bad signature');
	expect(node('1013: Already imported')).toContain('An earlier transaction');
	expect(node('1014: Priority is too low: (1 vs 1)')).toContain('An earlier transaction');
	expect(node('1012: Transaction is temporarily banned')).toContain('a short time ago');
	// A node that rejects something is no wallet that does not sign.
	expect(node('Request rejected')).toBe('Request rejected');
});

test('the development accounts are the well-known ones', () => {
	const { accounts } = developmentWallet(42);
	expect(Object.fromEntries(accounts.map(({ address, name }) => [address, name]))).toEqual(DEVELOPMENT_NAMES);
});
