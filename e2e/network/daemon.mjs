/** The prover's daemon, `prover-pool run`, as a child process that tests may kill at any moment. */
import { join } from 'node:path';
import { binary } from '../lib/binaries.mjs';
import { Program } from '../lib/program.mjs';

/**
 * The cost of a proof per gas: half of the first fee. By default a daemon takes its own price as its cost, and
 * then leaves late blocks of cheaper provers to others.
 */
const PROOF_COST = '5000';

export class Daemon extends Program {
	#settings;

	/**
	 * @param {object} settings
	 * @param {string} settings.folder the network's
	 * @param {{ name: string, file: string }} settings.prover its account
	 * @param {{ file: string }} settings.attestor the key that makes the proofs, unless there is
	 * @param {string | null} [settings.proverCommand] a command that makes the proofs
	 * @param {string[]} settings.urls of nodes, in the order in which they are tried
	 * @param {number | null} [settings.metrics] the port of its metrics; `null` for none
	 */
	constructor(settings) {
		super();
		this.#settings = { metrics: null, proverCommand: null, ...settings };
	}

	/** Starts the daemon, which connects as soon as a node answers. */
	start(args = []) {
		const { folder, prover, attestor, proverCommand, urls, metrics } = this.#settings;
		this.launch(
			binary('daemon'),
			[
				['run', '--url', urls.join(',')],
				['--suri-file', prover.file],
				proverCommand === null
					? ['--attestor-suri-file', attestor.file]
					: ['--prover-command', proverCommand],
				['--state', join(folder, 'daemons', prover.name)],
				['--proof-cost', PROOF_COST],
				metrics === null ? ['--no-metrics'] : ['--metrics', `127.0.0.1:${metrics}`],
				args,
			],
			{ logFile: join(folder, 'logs', `${prover.name}.log`) },
		);
	}
}
