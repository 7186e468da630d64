/** The whole storage of the chain, to see what a call changed. */
import { nameOf } from './accounts.mjs';

const PAGE = 1000;
/** A pallet's and an item's hash, as hexadecimal digits behind `0x`. */
const PREFIX_LENGTH = 2 + 2 * 32;

/** All keys and values after a block. @returns {Promise<Map<string, string>>} */
export async function readState(chain, hash) {
	const state = new Map();
	for (let last = null; last !== undefined; ) {
		const keys = await chain.rpc('state_getKeysPaged', '0x', PAGE, last, hash);
		if (keys.length > 0) {
			const [{ changes }] = await chain.rpc('state_queryStorageAt', keys, hash);
			for (const [key, value] of changes) state.set(key, value);
		}
		last = keys.length === PAGE ? keys.at(-1) : undefined;
	}
	return state;
}

/** What differs between two states: `Pallet.Item`, and for accounts `System.Account(name)`. */
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
