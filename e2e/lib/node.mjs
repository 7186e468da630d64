/**
 * The real node as a child process: started on free loopback ports with its own folder, stopped
 * cleanly, and never left behind.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { u8aToHex } from '@polkadot/util';

/** How many lines of the log are kept. */
const LOG_LINES = 400;
/** Longer than a start takes on a busy machine. */
const START_PATIENCE_MS = 120_000;
/** After which time a node that was asked to stop is killed. */
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
export class Node {
	/** Its last lines of output. */
	log = [];
	/** Where it answers. */
	url;

	#process;
	#folder = mkdtempSync(join(tmpdir(), 'prover-pool-'));
	#exited;
	#settings;

	/**
	 * Starts a development chain and waits until it answers.
	 *
	 * @param {object} [options]
	 * @param {string} [options.binary] the program
	 * @param {number | null} [options.sealing] milliseconds from block to block; `null` for real slots
	 * @param {number} [options.rpcPort] 0 for any that is free
	 * @param {string[]} [options.args] further arguments
	 */
	static async start({ binary = nodeBinary(), sealing = 200, rpcPort = 0, args = [] } = {}) {
		const node = new Node();
		await node.#run({ binary, sealing, rpcPort, args });
		return node;
	}

	/** Stops the node and starts it again on the same chain, with other settings if there are any. */
	async restart(changes = {}) {
		await this.#end();
		await this.#run({ ...this.#settings, ...changes });
	}

	async #run(settings) {
		this.#settings = settings;
		const { binary, sealing, rpcPort, args } = settings;
		this.#process = spawn(
			binary,
			[
				'--dev',
				['--base-path', this.#folder],
				sealing === null ? [] : ['--sealing', sealing],
				['--rpc-port', rpcPort],
				['--port', 0],
				'--no-prometheus',
				'--no-telemetry',
				...args,
			].flat().map(String),
			// A process group of its own: Ctrl-C reaches this program only, which then stops the node.
			{ stdio: ['ignore', 'pipe', 'pipe'], detached: true },
		);
		process.on('exit', this.#abandon);
		this.#exited = new Promise((resolve) => {
			this.#process.once('error', (error) => resolve(error.message));
			this.#process.once('close', (code, signal) => resolve(signal ?? `code ${code}`));
		});
		try {
			this.url = await this.#answers();
		} catch (error) {
			await this.stop();
			throw error;
		}
	}

	/** Resolves with the reason when the node has ended, whoever ended it. */
	get exited() {
		return this.#exited;
	}

	/** The end of the log, for messages. */
	tail(lines = 20) {
		return this.log.slice(-lines).join('\n');
	}

	/** Asks the node to stop, waits for it and removes its folder. */
	async stop() {
		const reason = await this.#end();
		this.#removeFolder();
		return reason;
	}

	async #end() {
		const killer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_PATIENCE_MS);
		this.#process.kill('SIGTERM');
		const reason = await this.#exited;
		clearTimeout(killer);
		process.off('exit', this.#abandon);
		return reason;
	}

	/** Resolves with the URL as soon as the log says that RPC is served. */
	async #answers() {
		const served = new Promise((resolve) => {
			for (const stream of [this.#process.stdout, this.#process.stderr]) {
				createInterface({ input: stream }).on('line', (line) => {
					this.log.push(line);
					if (this.log.length > LOG_LINES) this.log.shift();
					const address = /Running JSON-RPC server: addr=(127\.0\.0\.1:\d+)/.exec(line);
					if (address) resolve(`ws://${address[1]}`);
				});
			}
		});
		let timer;
		const late = new Promise((resolve) => {
			timer = setTimeout(resolve, START_PATIENCE_MS, 'no answer');
		});
		const failed = Promise.race([this.#exited, late]).then((reason) => {
			throw new NodeFailed(reason, this.log);
		});
		return Promise.race([served, failed]).finally(() => clearTimeout(timer));
	}

	/** The last resort when this process ends without having stopped the node. */
	#abandon = () => {
		this.#process.kill('SIGKILL');
		this.#removeFolder();
	};

	#removeFolder() {
		rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
	}
}

/** The node did not come up. */
export class NodeFailed extends Error {
	/** The node's own complaint, if it made one. */
	complaint;

	constructor(reason, log) {
		super(`the node did not start (${reason}); its last lines were:\n${log.slice(-20).join('\n')}`);
		this.complaint = log.findLast((line) => line.startsWith('Error: '))?.slice('Error: '.length);
	}
}

/** For programs without a farewell of their own: a signal ends them, and their nodes with them. */
export function endOnSignals() {
	for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
}
