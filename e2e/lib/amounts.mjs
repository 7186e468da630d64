/** Amounts of the currency. */

/** One token, in base units. */
export const UNIT = 1_000_000_000_000n;
const DECIMALS = 12;

/** Formats an amount for people, with at most `digits` decimals, rounded down. */
export function units(amount, digits = 6) {
	const sign = amount < 0n ? '-' : '';
	const text = String(amount < 0n ? -amount : amount).padStart(DECIMALS + 1, '0');
	const whole = text.slice(0, -DECIMALS).replace(/\B(?=(\d{3})+$)/g, ' ');
	const decimals = text.slice(-DECIMALS).slice(0, digits).replace(/0+$/, '');
	return `${sign}${whole}${decimals && `.${decimals}`} UNIT`;
}
