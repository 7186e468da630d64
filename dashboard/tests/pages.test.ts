import { expect, test } from 'vitest';
import { nextStart, PAGE } from '../src/chain/pages';

const page = (from: number, size = PAGE) => Array.from({ length: size }, (_, i) => ({ proverId: from + i }));

test('a full page has a next one, and any other is the last', () => {
	expect(nextStart(page(1), 1)).toBe(PAGE + 1);
	expect(nextStart(page(1, PAGE - 1), 1)).toBeUndefined();
	expect(nextStart([], 1)).toBeUndefined();
});

test('a node that repeats a page is not asked without an end', () => {
	expect(() => nextStart(page(1), PAGE + 1)).toThrow('repeats a page');
});
