/** The chain specification of a network: the preset `local`, with this network's keys and provers. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UNIT } from '../lib/amounts.mjs';
import { binary } from '../lib/binaries.mjs';
import { run } from '../lib/program.mjs';

/** The chain's id, which is the name of its folder in each node's folder. */
export const CHAIN_ID = 'local_network';

/** The first balance of an account of the network. A `number`, as JSON needs it, and exact. */
const ENDOWMENT = 1_000_000 * Number(UNIT);

/**
 * Writes a raw specification, unless the folder has one.
 *
 * @param {object} options
 * @param {string} options.folder
 * @param {object[]} options.authorities the validators
 * @param {string[]} options.funded addresses, in addition to those of the preset
 * @param {{ address: string, stake: bigint, price: number, capacity: number }[]} options.provers
 * @param {string[]} options.attestors addresses
 * @returns {string} the file
 */
export function writeSpec({ folder, authorities, funded = [], provers = [], attestors = [] }) {
	const raw = join(folder, 'chain-raw.json');
	if (existsSync(raw)) return raw;

	const spec = JSON.parse(run(binary('node'), ['export-chain-spec', '--chain', 'local']));
	Object.assign(spec, { name: 'Prover Pool Network', id: CHAIN_ID });
	const { patch } = spec.genesis.runtimeGenesis;
	patch.validators.validators = authorities.map(({ address }) => address);
	patch.session.keys = authorities.map(({ address, session }) => [
		address,
		address,
		{ babe: session.babe.address, grandpa: session.gran.address },
	]);
	patch.balances.balances.push(...funded.map((address) => [address, ENDOWMENT]));
	patch.attestation.keys.push(...attestors);
	patch.proverPool.provers = provers.map(({ address, stake, price, capacity }) => [
		address,
		Number(stake),
		price,
		capacity,
	]);

	const plain = join(folder, 'chain.json');
	writeFileSync(plain, JSON.stringify(spec, null, '\t'));
	writeFileSync(raw, run(binary('node'), ['export-chain-spec', '--chain', plain, '--raw']));
	return raw;
}
