/** The binaries that cargo builds and these programs run. The environment can name other files. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const built = join(process.env.CARGO_TARGET_DIR ?? join(repository, 'target'), 'debug');

/** For each binary: its environment variable, its file below the target folder, the command that builds it. */
const BINARIES = {
	node: ['PROVER_POOL_NODE', 'prover-pool-node', 'make build'],
	rollup: ['PROVER_POOL_ROLLUP', 'prover-pool-rollup', 'cargo build -p prover-pool-rollup-program'],
	daemon: [
		'PROVER_POOL_CLI',
		'prover-pool',
		'cargo build -p prover-pool-cli --features fault-injection',
	],
	'zk prover': ['PROVER_POOL_ZK', '../zk/release/prover-pool-zk', 'make zk'],
	'prover command': ['ATTEST', 'examples/attest', 'cargo build -p prover-pool-cli --example attest'],
	'check of invariants': ['CHECK_STATE', 'examples/check_state', 'make check-state'],
	'next runtime': [
		'NEXT_RUNTIME',
		'wbuild/prover-pool-runtime/next_runtime.wasm',
		'make next-runtime',
	],
};

/** Returns the file of `what`, or `null` if it does not exist. */
export function findBinary(what, named) {
	const file = fileOf(what, named);
	return existsSync(file) ? file : null;
}

/** Returns the file of `what`. Throws if it does not exist. */
export function binary(what, named) {
	const file = findBinary(what, named);
	if (file) return file;
	const [variable, , command] = BINARIES[what];
	throw new Error(`there is no ${what} at ${fileOf(what, named)}: ${command}, or name it in ${variable}`);
}

function fileOf(what, named) {
	const [variable, file] = BINARIES[what];
	return named ?? process.env[variable] ?? join(built, file);
}
