/** The prover's daemon, `prover-pool run`, as a child process that may be killed at any moment. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { built } from '../lib/node.mjs';
import { Program } from '../lib/program.mjs';

/** The program: in `PROVER_POOL_CLI`, or what cargo builds; `null` if it is not there. */
export function daemonBinary(named = process.env.PROVER_POOL_CLI) {
	const binary = named ?? join(built, 'prover-pool');
	return existsSync(binary) ? binary : null;
}

/** The same, for tests that need it. */
export function neededDaemon() {
	const binary = daemonBinary();
	if (binary) return binary;
	throw new Error(
		'there is no daemon: cargo build -p prover-pool-cli --features fault-injection, ' +
			'or name it in PROVER_POOL_CLI',
	);
}

/**
 * What a proof costs a prover, per gas: half of the first fee. By default a daemon takes the price that it asks,
 * and then leaves late blocks of cheaper provers to others.
 */
const PROOF_COST = '5000';

export class Daemon extends Program {
	#settings;

	/**
	 * @param {object} settings
	 * @param {string} settings.binary
	 * @param {string} settings.folder the network's
	 * @param {{ name: string, file: string }} settings.prover its account
	 * @param {{ file: string }} settings.attestor whose key makes the proofs, unless there is
	 * @param {string | null} [settings.program] a command that makes them
	 * @param {string[]} settings.urls of nodes, in the order in which they are tried
	 * @param {number | null} [settings.metrics] the port of its metrics; `null` for none
	 */
	constructor(settings) {
		super();
		this.#settings = { metrics: null, program: null, ...settings };
	}

	/** Starts it. It connects as soon as a node answers. */
	start(args = []) {
		const { binary, folder, prover, attestor, program, urls, metrics } = this.#settings;
		this.launch(
			binary,
			[
				['run', '--url', urls.join(',')],
				['--suri-file', prover.file],
				program === null ? ['--attestor-suri-file', attestor.file] : ['--prover-command', program],
				['--state', join(folder, 'daemons', prover.name)],
				['--proof-cost', PROOF_COST],
				metrics === null ? ['--no-metrics'] : ['--metrics', `127.0.0.1:${metrics}`],
				args,
			],
			{ logFile: join(folder, 'logs', `${prover.name}.log`) },
		);
	}
}
