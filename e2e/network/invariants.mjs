/** Checks the invariants of the pallets on states of real nodes. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { binary } from '../lib/binaries.mjs';
import { run } from '../lib/program.mjs';
import { readState } from '../lib/state.mjs';

/** Writes the state after the finalized block of a running node, in the form of `export-state`. */
export async function saveState(validator, file) {
	const hash = await validator.rpc('chain_getFinalizedHead');
	const top = Object.fromEntries(await readState(validator, hash));
	writeFileSync(file, JSON.stringify({ genesis: { raw: { top } } }));
}

/** Writes the state from the database of a stopped node. */
export function exportState({ spec }, { folder }, file) {
	const args = ['export-state', '--chain', spec, '--base-path', folder];
	writeFileSync(file, run(binary('node'), args));
}

/** Checks the invariants on states in files. @returns {{ failed: boolean, output: string }} */
export function checkState(files) {
	const program = binary('check of invariants');
	const { status, stdout, stderr, error } = spawnSync(program, files, { encoding: 'utf8' });
	if (error) throw error;
	return { failed: status !== 0, output: `${stdout}${stderr}`.trim() };
}
