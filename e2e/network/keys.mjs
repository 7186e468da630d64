/**
 * The keys of a network: made anew for each, written to files that only their owner can read, and read
 * from them again.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringToHex, u8aToHex } from '@polkadot/util';
import { mnemonicGenerate, randomAsU8a } from '@polkadot/util-crypto';
import { pairOf } from '../lib/accounts.mjs';
import { binary } from '../lib/binaries.mjs';
import { run } from '../lib/program.mjs';

/** An authority's keys: what the keystore calls them, and of which kind they are. */
const SESSION_KEYS = { babe: 'sr25519', gran: 'ed25519' };

function secret(file, content) {
	// Without a line's end: the node does not read a network key that has one.
	writeFileSync(file, content, { mode: 0o600 });
}

/** The account whose phrase is in a file; the file is made if it is not there. */
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
 * An authority's phrase and network key.
 *
 * @returns {{ name: string, suri: string, nodeKeyFile: string, peerId: string,
 *   session: Record<'babe' | 'gran', { address: string, publicKey: string }> }}
 */
export function authorityIn(folder, name) {
	const { suri } = accountIn(folder, name);
	const nodeKeyFile = join(folder, `${name}.node-key`);
	if (!existsSync(nodeKeyFile)) secret(nodeKeyFile, u8aToHex(randomAsU8a(32)).slice(2));
	const session = Object.fromEntries(
		Object.entries(SESSION_KEYS).map(([id, type]) => {
			const { address, publicKey } = pairOf(suri, type);
			return [id, { address, publicKey: u8aToHex(publicKey) }];
		}),
	);
	return { name, suri, nodeKeyFile, peerId: peerIdOf(nodeKeyFile), session };
}

/** Puts an authority's session keys where its node looks for them. */
export function fillKeystore(keystore, { suri, session }) {
	mkdirSync(keystore, { recursive: true, mode: 0o700 });
	for (const [id, { publicKey }] of Object.entries(session)) {
		const file = join(keystore, `${stringToHex(id).slice(2)}${publicKey.slice(2)}`);
		writeFileSync(file, JSON.stringify(suri), { mode: 0o600 });
	}
}

/** The name by which others know the holder of a network key. */
function peerIdOf(nodeKeyFile) {
	return run(binary('node'), ['key', 'inspect-node-key', '--file', nodeKeyFile]).trim();
}
