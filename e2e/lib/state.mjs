/** Reads the whole storage of the chain, and finds what a call changed. */
import { nameOf } from './accounts.mjs';

/** The length of `0x` and the hexadecimal hashes of a pallet and an item. */
const PREFIX_LENGTH = 2 + 2 * 32;

/** Returns all keys and values after a block. @returns {Promise<Map<string, string>>} */
export async function readState(chain, hash) {
	// One request for all: the node iterates its state, which is faster than single look-ups.
	return new Map(await chain.rpc('state_getPairs', '0x', hash));
}

/** Returns the items that differ between two states: `Pallet.Item`, and for accounts `System.Account(name)`. */
export function changed({ api }, before, after) {
	const items = new Map(
		Object.values(api.query)
			.flatMap((pallet) => Object.values(pallet))
			.filter((item) => item.creator?.prefix)
			.map((item) => [item.keyPrefix(), `${item.creator.prefix}.${item.creator.meta.name}`]),
	);
	const describe = (key) => {
		const item = items.get(key.slice(0, PREFIX_LENGTH)) ?? key;
		if (item !== 'System.Account') return item;
		return `${item}(${nameOf(api.createType('AccountId', `0x${key.slice(-64)}`).toString())})`;
	};
	const keys = [...new Set([...before.keys(), ...after.keys()])];
	const different = keys.filter((key) => before.get(key) !== after.get(key));
	return [...new Set(different.map(describe))].sort();
}
