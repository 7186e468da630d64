/** Keys by name, and names for addresses. */
import { DEV_PHRASE, Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';

await cryptoWaitReady();

/** The prefix of this chain's addresses. */
export const SS58_FORMAT = 42;

/** The root of all development accounts. They derive from it, since reading the phrase takes long. */
const root = new Keyring({ type: 'sr25519', ss58Format: SS58_FORMAT }).createFromUri(DEV_PHRASE);
const pairs = new Map();
const names = new Map();

/** Returns the key pair of a development account: `account('Alice')`, `account('Alice//stash')`. */
export function account(name) {
	if (!pairs.has(name)) {
		const pair = root.derive(`//${name}`, { name });
		pairs.set(name, pair);
		names.set(pair.address, name);
	}
	return pairs.get(name);
}

/** The only author of a development chain, which gets the fees. */
export const AUTHOR = account('Alice');

/** Returns the key pair of a secret phrase. */
export function pairOf(suri, type = 'sr25519', name = undefined) {
	return new Keyring({ type, ss58Format: SS58_FORMAT }).addFromUri(suri, { name });
}

/** Returns the name of an address, or its beginning if it has none. */
export function nameOf(address) {
	return names.get(address) ?? `${address.slice(0, 8)}…`;
}
