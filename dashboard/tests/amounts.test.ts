import { expect, test } from 'vitest';
import { amount, duration, parseAmount, parseWhole, percent, perbill, tokens, whole } from '../src/logic/amounts';

const UNIT = { symbol: 'UNIT', decimals: 12 };

test('amounts keep every base unit', () => {
	const most = 2n ** 128n - 1n;
	expect(amount(most, UNIT).replaceAll('\u202f', '')).toBe('340282366920938463463374607.431768211455');
	expect(amount(1n, UNIT)).toBe('0.000000000001');
	expect(amount(0n, UNIT)).toBe('0');
	expect(tokens(1n, UNIT)).toBe('0.000000000001\u00a0UNIT');
	expect(amount(-1_500_000_000_000n, UNIT)).toBe('−1.5');
});

test('shortened amounts are rounded down', () => {
	expect(amount(1_999_999_999_999n, UNIT, 2)).toBe('1.99');
	expect(amount(9_999n, UNIT, 6)).toBe('0');
});

test('what people type becomes the same amount', () => {
	expect(parseAmount('80', UNIT).value).toBe(80_000_000_000_000n);
	expect(parseAmount(' 1 000.5 ', UNIT).value).toBe(1_000_500_000_000_000n);
	expect(parseAmount('0.000000000001', UNIT).value).toBe(1n);
	for (const value of [1n, 123_456_789_012_345_678n, 2n ** 127n]) {
		expect(parseAmount(amount(value, UNIT), UNIT).value).toBe(value);
	}
});

test('what is no amount is refused with a reason', () => {
	for (const wrong of ['', 'x', '1e3', '-1', '1,5', '.5', '0x10', 'Infinity', '1.2.3']) {
		expect(parseAmount(wrong, UNIT).problem, wrong).toBeTruthy();
	}
	expect(parseAmount('0.0000000000001', UNIT).problem).toContain('12 decimals');
	expect(parseWhole('3', 4, 128).problem).toContain('4');
	expect(parseWhole('129', 4, 128).problem).toContain('128');
	expect(parseWhole('4.0', 4, 128).problem).toBeTruthy();
});

test('shares are rounded down, and a small one is not nothing', () => {
	expect(percent(10n ** 18n)).toBe('100\u00a0%');
	expect(percent(333_333_333_333_333_333n)).toBe('33.33\u00a0%');
	expect(percent(1n)).toBe('<0.01\u00a0%');
	expect(percent(0n)).toBe('0\u00a0%');
	expect(perbill(2_500_000)).toBe('0.25\u00a0%');
});

test('durations are never negative', () => {
	expect(duration(-5_000)).toBe('0\u00a0s');
	expect(duration(65_000)).toBe('1\u00a0min 5\u00a0s');
	expect(duration(90_000_000)).toBe('1\u00a0d 1\u00a0h');
	expect(whole(1234567n)).toBe('1\u202f234\u202f567');
});
