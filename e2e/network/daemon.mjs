/** The prover's daemon, `prover-pool run`, as a child process that may be killed at any moment. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { join } from 'node:path';
import { built } from '../lib/node.mjs';
import { follow } from './child.mjs';

const LOG_LINES = 200;

/** The program: in `PROVER_POOL_CLI`, or what cargo builds; `null` if it is not there. */
export function daemonBinary(named = process.env.PROVER_POOL_CLI) {
	const binary = named ?? join(built, 'prover-pool');
	return existsSync(binary) ? binary : null;
}

/** The same for those who cannot do without. */
export function neededDaemon() {
	const binary = daemonBinary();
	if (binary) return binary;
	throw new Error(
		'there is no daemon: cargo build -p prover-pool-cli --features fault-injection, ' +
			'or name it in PROVER_POOL_CLI',
	);
}

export class Daemon {
	/** Its last lines of output. */
	log = [];

	#settings;
	#process = null;
	#exited = Promise.resolve('never started');

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
		this.#settings = { metrics: null, program: null, ...settings };
	}

	get running() {
		return this.#process !== null;
	}

	/** Resolves with the reason when it ends. */
	get exited() {
		return this.#exited;
	}

	/** Starts it. It connects by itself, as soon as there is a node. */
	start(args = []) {
		const { binary, folder, prover, attestor, program, urls, metrics } = this.#settings;
		this.#process = spawn(
			binary,
			[
				['run', '--url', urls.join(',')],
				['--suri-file', prover.file],
				program === null ? ['--attestor-suri-file', attestor.file] : ['--prover-command', program],
				['--state', join(folder, 'daemons', prover.name)],
				metrics === null ? ['--no-metrics'] : ['--metrics', `127.0.0.1:${metrics}`],
				args,
			].flat(),
			{ stdio: ['ignore', 'pipe', 'pipe'], detached: true },
		);
		process.on('exit', this.#abandon);
		const logFile = join(folder, 'logs', `${prover.name}.log`);
		this.#exited = follow(this.#process, logFile, (line) => {
			this.log.push(line);
			if (this.log.length > LOG_LINES) this.log.shift();
		}).then((reason) => {
			this.#process = null;
			process.off('exit', this.#abandon);
			return reason;
		});
	}

	/** The end of its log, for messages. */
	tail(lines = 12) {
		return this.log.slice(-lines).join('\n');
	}

	/** Ends it without a warning. */
	async kill(signal = 'SIGKILL') {
		this.#process?.kill(signal);
		return this.#exited;
	}

	/** Asks it to end. */
	stop() {
		return this.kill('SIGTERM');
	}

	#abandon = () => {
		this.#process?.kill('SIGKILL');
	};
}

/** A way to a node that can be cut. */
export class Wire {
	#server;
	#connections = new Set();
	#whole = true;

	/** @param {number} target the node's port */
	static async to(target) {
		const wire = new Wire();
		wire.#server = createServer((near) => {
			if (!wire.#whole) return near.destroy();
			const far = connect(target, '127.0.0.1');
			for (const [one, other] of [
				[near, far],
				[far, near],
			]) {
				wire.#connections.add(one);
				one.pipe(other);
				one.on('error', () => other.destroy());
				one.on('close', () => wire.#connections.delete(one) && other.destroy());
			}
		});
		await new Promise((resolve) => wire.#server.listen(0, '127.0.0.1', resolve));
		wire.url = `ws://127.0.0.1:${wire.#server.address().port}`;
		return wire;
	}

	/** How many connections there are. */
	get used() {
		return this.#connections.size / 2;
	}

	cut() {
		this.#whole = false;
		for (const connection of this.#connections) connection.destroy();
	}

	mend() {
		this.#whole = true;
	}

	close() {
		this.cut();
		this.#server.close();
	}
}
