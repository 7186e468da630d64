/**
 * The real node as a child process, on free loopback ports, with a folder of its own. It ends with this
 * process at the latest.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary } from './binaries.mjs';
import { Program } from './program.mjs';

/** Longer than a node takes to start on a busy machine. */
const START_TIMEOUT_MS = 400_000;

/** A running node. */
export class Node extends Program {
	/** The address at which it answers. */
	url;

	#folder = mkdtempSync(join(tmpdir(), 'prover-pool-'));
	#settings;

	/**
	 * Starts a development chain and waits until it answers.
	 *
	 * @param {object} [options]
	 * @param {string} [options.program] the node's file
	 * @param {number | string | null} [options.sealing] milliseconds from block to block; `instant` for a
	 *   block with each transaction; `null` for real slots
	 * @param {number} [options.rpcPort] 0 for any free port
	 * @param {string[]} [options.args] further arguments
	 */
	static async start({ program = binary('node'), sealing = 200, rpcPort = 0, args = [] } = {}) {
		const node = new Node();
		await node.#run({ program, sealing, rpcPort, args });
		return node;
	}

	/** Stops the node and starts it again on the same chain, with these settings changed. */
	async restart(changes = {}) {
		await super.stop();
		await this.#run({ ...this.#settings, ...changes });
	}

	/** Asks the node to stop, waits for it and removes its folder. */
	async stop() {
		const reason = await super.stop();
		process.off('exit', this.#removeFolder);
		this.#removeFolder();
		return reason;
	}

	async #run(settings) {
		this.#settings = settings;
		const { program, sealing, rpcPort, args } = settings;
		const started = this.launchUntil(
			program,
			[
				'--dev',
				['--base-path', this.#folder],
				sealing === null ? [] : ['--sealing', sealing],
				['--rpc-port', rpcPort],
				['--port', 0],
				'--no-prometheus',
				'--no-telemetry',
				args,
			],
			{
				name: 'the node',
				ready: (line) => /Running JSON-RPC server: addr=(127\.0\.0\.1:\d+)/.exec(line)?.[1],
				timeout: START_TIMEOUT_MS,
			},
		);
		// Registered after the handler that kills the node, so that it runs later, if this process ends first.
		process.off('exit', this.#removeFolder);
		process.on('exit', this.#removeFolder);
		try {
			this.url = `ws://${await started}`;
		} catch (error) {
			await this.stop();
			throw error;
		}
	}

	#removeFolder = () => {
		rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
	};
}

/** Ends this process on signals, and its nodes with it. For programs that do not handle signals. */
export function endOnSignals() {
	for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
}
