/**
 * The real node as a child process: started on free loopback ports with a folder of its own, stopped
 * cleanly, and never left behind.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { u8aToHex } from '@polkadot/util';
import { Program } from './program.mjs';

/** Longer than a start takes on a busy machine. */
const START_PATIENCE_MS = 120_000;
/** How long a node may take to stop. */
const STOP_PATIENCE_MS = 20_000;

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** Where cargo puts what it builds. */
export const built = join(process.env.CARGO_TARGET_DIR ?? join(repository, 'target'), 'debug');

/** The code of the next runtime: in `NEXT_RUNTIME`, or what `make next-runtime` builds. */
export function nextRuntime(named = process.env.NEXT_RUNTIME) {
	const file = named ?? join(built, 'wbuild', 'prover-pool-runtime', 'next_runtime.wasm');
	if (!existsSync(file)) throw new Error(`there is no runtime at ${file}: make next-runtime`);
	return u8aToHex(readFileSync(file));
}

/** The binary to run: the one named, or in `PROVER_POOL_NODE`, or what cargo builds. */
export function nodeBinary(named = process.env.PROVER_POOL_NODE) {
	const binary = named ?? join(built, 'prover-pool-node');
	if (!existsSync(binary)) {
		throw new Error(`there is no node at ${binary}: build it, or name it in PROVER_POOL_NODE`);
	}
	return binary;
}

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
	 * @param {string} [options.binary] the program
	 * @param {number | string | null} [options.sealing] milliseconds from block to block; `instant` for a
	 *   block with each transaction; `null` for real slots
	 * @param {number} [options.rpcPort] 0 for any that is free
	 * @param {string[]} [options.args] further arguments
	 */
	static async start({ binary = nodeBinary(), sealing = 200, rpcPort = 0, args = [] } = {}) {
		const node = new Node();
		await node.#run({ binary, sealing, rpcPort, args });
		return node;
	}

	/** Stops the node and starts it again on the same chain, with changed settings if there are any. */
	async restart(changes = {}) {
		await super.stop(STOP_PATIENCE_MS);
		await this.#run({ ...this.#settings, ...changes });
	}

	/** Asks the node to stop, waits for it and removes its folder. */
	async stop() {
		const reason = await super.stop(STOP_PATIENCE_MS);
		process.off('exit', this.#removeFolder);
		this.#removeFolder();
		return reason;
	}

	async #run(settings) {
		this.#settings = settings;
		const { binary, sealing, rpcPort, args } = settings;
		const started = this.launchUntil(
			binary,
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
				patience: START_PATIENCE_MS,
			},
		);
		// After the handler that kills the node, if this process ends without having stopped it.
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

/** For programs without cleaning up of their own: a signal ends them, and their nodes with them. */
export function endOnSignals() {
	for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
}
