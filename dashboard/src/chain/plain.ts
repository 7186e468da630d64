/** Decoded values of the chain as plain data: accounts are addresses, amounts are `bigint`. */
import { AccountId32 } from 'dedot/codecs';

/** The plain form of a decoded type. */
export type Plain<T> = T extends AccountId32
	? string
	: T extends string | number | bigint | boolean | undefined | null
		? T
		: T extends object
			? { [Key in keyof T]: Plain<T[Key]> }
			: T;

/** Returns a decoded value as plain data, with addresses of this prefix. */
export function plain<T>(value: T, ss58Format: number): Plain<T> {
	return convert(value, ss58Format) as Plain<T>;
}

function convert(value: unknown, ss58Format: number): unknown {
	if (value instanceof AccountId32) return value.address(ss58Format);
	if (Array.isArray(value)) return value.map((item) => convert(item, ss58Format));
	if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, convert(item, ss58Format)]));
}
