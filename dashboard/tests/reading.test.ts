/** What is read again when it may have changed. */
import { createRoot } from 'solid-js';
import { expect, test } from 'vitest';
import { isAbout } from '../src/ui/past';
import { createReading } from '../src/ui/latest';

function reading(answers: (() => Promise<number>)[]) {
	return createRoot((dispose) => ({ ...createReading(() => answers.shift()!()), dispose }));
}
const settled = () => new Promise((done) => setTimeout(done, 5));

test('a change while a reading is under way is read once more', async () => {
	let release: (value: number) => void = () => {};
	const now = reading([() => new Promise((resolve) => (release = resolve)), async () => 2, async () => 3]);
	now.again();
	now.again();
	now.again();
	expect(now.busy()).toBe(true);
	release(1);
	await settled();
	expect([now.value(), now.busy()]).toEqual([2, false]);
	now.again();
	await settled();
	expect(now.value()).toBe(3);
});

test('a failure is said, and the last answer stays', async () => {
	const now = reading([async () => 1, () => Promise.reject(new Error('It is gone.')), async () => 2]);
	now.again();
	await settled();
	now.again();
	await settled();
	expect([now.value(), now.problem()]).toEqual([1, 'It is gone.']);
	now.again();
	await settled();
	expect([now.value(), now.problem()]).toEqual([2, undefined]);
});

test('an answer that comes after the part is gone is dropped', async () => {
	let release: (value: number) => void = () => {};
	const now = reading([() => new Promise((resolve) => (release = resolve))]);
	now.again();
	now.dispose();
	release(1);
	await settled();
	expect(now.value()).toBeUndefined();
});

test('an event is about the accounts in it', () => {
	const event = { pallet: 'ProverPool', name: 'Slashed', block_id: 1, account: 'one', fields: { reporter: 'two', amount: '3' } };
	expect(['one', 'two', 'four'].map((account) => isAbout(account)(event))).toEqual([true, true, false]);
});
