/**
 * The development accounts, whose secret phrase everybody knows. This module is in development builds only, and
 * the page uses it on development chains only.
 */
import { HDKD, secretFromSeed, getPublicKey, sign } from '@scure/sr25519';
import { encodeAddress, hexToU8a } from 'dedot/utils';
import type { Wallet } from './extension';

/** The seed of the public phrase `bottom drive obey lake curtain smoke basket hold race lonely fit walk`. */
const SEED = '0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e';
const NAMES = ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie', 'Grace', 'Heidi', 'Ivan', 'Mallory'];
/** What the chain writes before a signature of sr25519. */
const SR25519 = 1;

/** Returns the accounts. */
export function developmentWallet(ss58Format: number): Wallet {
	const root = secretFromSeed(hexToU8a(SEED));
	const secrets = new Map(
		NAMES.map((name) => {
			const secret = HDKD.secretHard(root, chainCode(name));
			return [encodeAddress(getPublicKey(secret), ss58Format), { name, secret }];
		}),
	);
	return {
		name: 'development accounts',
		accounts: [...secrets].map(([address, { name }]) => ({ address, name })),
		signerOf: (address) => {
			const secret = secrets.get(address)?.secret;
			if (!secret) throw new Error(`${address} is no development account.`);
			return { sign: (message) => Uint8Array.of(SR25519, ...sign(secret, message)) };
		},
	};
}

/** Returns the chain code of a name: its SCALE encoding, filled up with zeroes. */
function chainCode(name: string): Uint8Array {
	const code = new Uint8Array(32);
	code.set([name.length << 2, ...new TextEncoder().encode(name)]);
	return code;
}
