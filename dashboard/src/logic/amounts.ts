/** Amounts, numbers and times for people, and amounts that people type. Amounts are never floats. */

/** How a chain writes amounts. */
export interface Currency {
	symbol: string;
	decimals: number;
}

/** A space that does not break lines, and is read as part of the number. */
const THOUSANDS = '\u202f';

/** Returns a whole number with its thousands apart. */
export function whole(value: number | bigint): string {
	return String(value).replace(/\B(?=(\d{3})+$)/g, THOUSANDS);
}

/** Returns an amount without its symbol, with at most `digits` decimals, rounded down; all of them by default. */
export function amount(value: bigint, { decimals }: Pick<Currency, 'decimals'>, digits = decimals): string {
	const sign = value < 0n ? '−' : '';
	const text = String(value < 0n ? -value : value).padStart(decimals + 1, '0');
	const units = whole(BigInt(text.slice(0, text.length - decimals)));
	const fraction = text.slice(text.length - decimals).slice(0, digits).replace(/0+$/, '');
	return `${sign}${units}${fraction && `.${fraction}`}`;
}

/** Returns an amount with all of its decimals and its symbol. */
export function tokens(value: bigint, currency: Currency): string {
	return `${amount(value, currency)}\u00a0${currency.symbol}`;
}

/** The result of reading what somebody typed. */
export type Parsed = { value: bigint; problem?: undefined } | { value?: undefined; problem: string };

/** Reads an amount in whole tokens, with decimals. */
export function parseAmount(text: string, { decimals, symbol }: Currency): Parsed {
	const plain = text.trim().replace(/[\s_\u202f]/g, '');
	const match = /^(\d+)(?:\.(\d*))?$/.exec(plain);
	if (!match) return { problem: `Write an amount of ${symbol}, such as 80 or 0.5.` };
	const [, units, fraction = ''] = match;
	if (fraction.length > decimals) return { problem: `${symbol} has ${decimals} decimals at most.` };
	return { value: BigInt(units + fraction.padEnd(decimals, '0')) };
}

/** Reads a whole number within limits. */
export function parseWhole(text: string, least: number, most: number): Parsed {
	const plain = text.trim().replace(/[\s_\u202f]/g, '');
	if (!/^\d+$/.test(plain)) return { problem: 'Write a whole number.' };
	const value = BigInt(plain);
	if (value < BigInt(least)) return { problem: `At least ${whole(least)}.` };
	if (value > BigInt(most)) return { problem: `At most ${whole(most)}.` };
	return { value };
}

/** The unit of the chain's shares. */
export const SHARE_UNIT = 10n ** 18n;

/** Returns parts of 10¹⁸ in percent, rounded down to some decimals. */
export function percent(share: bigint, digits = 2): string {
	const scale = 10n ** BigInt(digits);
	const hundredths = (share * 100n * scale) / SHARE_UNIT;
	if (share > 0n && hundredths === 0n) return `<${amount(1n, { decimals: digits })}\u00a0%`;
	return `${amount(hundredths, { decimals: digits })}\u00a0%`;
}

/** Returns parts per 10⁹, as the chain stores shares of money, in percent. */
export function perbill(parts: number): string {
	return percent(BigInt(parts) * 10n ** 9n, 7);
}

/** Returns a number of milliseconds as a duration of two units at most. */
export function duration(ms: number): string {
	const seconds = Math.max(0, Math.round(ms / 1000));
	const units: [number, string][] = [
		[86_400, 'd'],
		[3_600, 'h'],
		[60, 'min'],
		[1, 's'],
	];
	const at = units.findIndex(([size]) => seconds >= size);
	if (at < 0) return '0\u00a0s';
	const [size, name] = units[at];
	const first = `${Math.floor(seconds / size)}\u00a0${name}`;
	const next = units[at + 1];
	if (!next) return first;
	const rest = Math.floor((seconds % size) / next[0]);
	return rest > 0 ? `${first} ${rest}\u00a0${next[1]}` : first;
}

/** Returns a count with its noun. */
export function count(value: number | bigint, one: string, many = `${one}s`): string {
	return `${whole(value)}\u00a0${BigInt(value) === 1n ? one : many}`;
}
