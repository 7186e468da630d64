/**
 * The keys of a network. They are generated for each network and stored in files that only their owner can
 * read.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringToHex, u8aToHex } from '@polkadot/util';
import { mnemonicGenerate, randomAsU8a } from '@polkadot/util-crypto';
import { pairOf } from '../lib/accounts.mjs';
import { binary } from '../lib/binaries.mjs';
import { run } from '../lib/program.mjs';

/** An authority's keys: the keystore's name and the kind of each. */
const SESSION_KEYS = { babe: 'sr25519', gran: 'ed25519' };

function secret(file, content) {
	// Without a newline at the end: the node does not accept a network key with one.
	writeFileSync(file, content, { mode: 0o600 });
}

/** Returns the account whose phrase is in a file. Creates the file if it does not exist. */
export function accountIn(folder, name) {
	const file = join(folder, `${name}.suri`);
	if (!existsSync(file)) {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		secret(file, mnemonicGenerate());
	}
	const suri = readFileSync(file, 'utf8').trim();
	return { name, file, suri, pair: pairOf(suri, 'sr25519', name) };
}

/**
 * Returns a validator's account, session keys and network key. Creates their files if they do not exist. The
 * phrase of the account is that of the session keys, too.
 *
 * @returns {{ name: string, suri: string, pair: object, address: string, nodeKeyFile: string, peerId: string,
 *   session: Record<'babe' | 'gran', { address: string, publicKey: string }> }}
 */
export function authorityIn(folder, name) {
	const { suri, pair } = accountIn(folder, name);
	const nodeKeyFile = join(folder, `${name}.node-key`);
	if (!existsSync(nodeKeyFile)) secret(nodeKeyFile, u8aToHex(randomAsU8a(32)).slice(2));
	const session = Object.fromEntries(
		Object.entries(SESSION_KEYS).map(([id, type]) => {
			const { address, publicKey } = pairOf(suri, type);
			return [id, { address, publicKey: u8aToHex(publicKey) }];
		}),
	);
	return { name, suri, pair, address: pair.address, nodeKeyFile, peerId: peerIdOf(nodeKeyFile), session };
}

/** Writes an authority's session keys into its node's keystore. */
export function fillKeystore(keystore, { suri, session }) {
	mkdirSync(keystore, { recursive: true, mode: 0o700 });
	for (const [id, { publicKey }] of Object.entries(session)) {
		const file = join(keystore, `${stringToHex(id).slice(2)}${publicKey.slice(2)}`);
		writeFileSync(file, JSON.stringify(suri), { mode: 0o600 });
	}
}

/** Returns the peer id of a network key. */
function peerIdOf(nodeKeyFile) {
	return run(binary('node'), ['key', 'inspect-node-key', '--file', nodeKeyFile]).trim();
}
