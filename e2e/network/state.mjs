/** States of real nodes, and the invariants of the pallets on them. */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { built } from '../lib/node.mjs';
import { readState } from '../lib/state.mjs';

/** The program that checks invariants: in `CHECK_STATE`, or what cargo builds. */
function program(named = process.env.CHECK_STATE) {
	const file = named ?? join(built, 'examples', 'check_state');
	if (!existsSync(file)) {
		throw new Error(
			`there is no ${file}: cargo build -p prover-pool-runtime --example check_state, ` +
				'or name it in CHECK_STATE',
		);
	}
	return file;
}

/** Writes the state after the finalized block of a running node, in the form of `export-state`. */
export async function saveState(validator, file) {
	const hash = await validator.rpc('chain_getFinalizedHead');
	const chain = { rpc: (method, ...params) => validator.rpc(method, ...params) };
	const top = Object.fromEntries(await readState(chain, hash));
	writeFileSync(file, JSON.stringify({ genesis: { raw: { top } } }));
}

/** Writes the state in the database of a node that does not run. */
export function exportState({ binary, spec }, { folder }, file) {
	const args = ['export-state', '--chain', spec, '--base-path', folder];
	const options = { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 };
	const { status, stdout, stderr } = spawnSync(binary, args, options);
	if (status !== 0) throw new Error(`export-state failed: ${stderr}`);
	writeFileSync(file, stdout);
}

/** Checks the invariants on states in files. @returns {{ failed: boolean, output: string }} */
export function checkState(files) {
	const { status, stdout, stderr, error } = spawnSync(program(), files, { encoding: 'utf8' });
	if (error) throw error;
	return { failed: status !== 0, output: `${stdout}${stderr}`.trim() };
}
