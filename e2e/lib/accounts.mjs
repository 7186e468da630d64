/** Keys by name, and names for addresses. */
import { DEV_PHRASE, Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';

await cryptoWaitReady();

/** Where all development accounts come from: each from here, as to begin with the phrase takes long. */
const root = new Keyring({ type: 'sr25519', ss58Format: 42 }).createFromUri(DEV_PHRASE);
const pairs = new Map();
const names = new Map();

/** The key pair of a development account: `account('Alice')`, `account('Alice//stash')`. */
export function account(name) {
	if (!pairs.has(name)) {
		const pair = root.derive(`//${name}`, { name });
		pairs.set(name, pair);
		names.set(pair.address, name);
	}
	return pairs.get(name);
}

/** What an address is called here; its beginning if it is nobody's we know. */
export function nameOf(address) {
	return names.get(address) ?? `${address.slice(0, 8)}…`;
}
