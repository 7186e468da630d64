/** Child processes: programs that run beside this one, and programs that run to their end. */
import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { within } from './waiting.mjs';

/** The number of lines of output that are kept. */
const LOG_LINES = 400;
/** Larger than the exported state of a test's chain. */
const LARGEST_OUTPUT = 256 * 1024 * 1024;

/** Runs a program to its end. Returns its standard output, or throws with its standard error. */
export function run(program, args) {
	const options = { encoding: 'utf8', maxBuffer: LARGEST_OUTPUT };
	const { status, stdout, stderr, error } = spawnSync(program, args.flat(Infinity).map(String), options);
	if (status === 0) return stdout;
	throw new Error(`${[program, ...args].join(' ')}: ${error?.message ?? stderr.trim()}`);
}

export class Program {
	/** The last lines of output. */
	log = [];

	#process = null;
	#exited = Promise.resolve('never started');

	get running() {
		return this.#process !== null;
	}

	get pid() {
		return this.#process?.pid;
	}

	/** Resolves with the reason of the end: a signal, a code, or the error of a start that failed. */
	get exited() {
		return this.#exited;
	}

	/**
	 * Starts the program. If this process ends first, it kills the program.
	 *
	 * @param {string} binary
	 * @param {Array} args nested lists are flattened
	 * @param {object} [options]
	 * @param {string | null} [options.logFile] the file that output is appended to
	 * @param {(line: string) => void} [options.onLine] called with each line of output
	 */
	launch(binary, args, { logFile = null, onLine = () => {} } = {}) {
		this.log = [];
		// The child has its own process group: Ctrl-C reaches only this program, which then stops the child.
		const options = { stdio: ['ignore', 'pipe', 'pipe'], detached: true };
		const child = spawn(binary, args.flat(Infinity).map(String), options);
		this.#process = child;
		process.on('exit', this.#killOnExit);
		this.#exited = follow(child, logFile, (line) => {
			this.log.push(line);
			if (this.log.length > LOG_LINES) this.log.shift();
			onLine(line);
		}).then((reason) => {
			this.#process = null;
			process.off('exit', this.#killOnExit);
			return reason;
		});
	}

	/**
	 * Starts the program and waits until it is ready. Kills it if that takes too long.
	 *
	 * @param {object} options those of `launch`, and:
	 * @param {string} options.name for messages
	 * @param {(line: string) => any} options.ready returns a true value for the line that shows that it is ready
	 * @param {number} options.timeout in milliseconds
	 * @returns what `ready` returned
	 */
	async launchUntil(binary, args, { name, ready, timeout, onLine = () => {}, ...options }) {
		let found;
		const served = new Promise((resolve) => (found = resolve));
		this.launch(binary, args, {
			...options,
			onLine: (line) => {
				onLine(line);
				const value = ready(line);
				if (value) found(value);
			},
		});
		let timer;
		const late = new Promise((resolve) => {
			timer = setTimeout(resolve, timeout, 'no answer');
		});
		const failed = Promise.race([this.#exited, late]).then(async (reason) => {
			await this.kill();
			throw new StartFailed(name, reason, this.log);
		});
		failed.catch(() => {});
		return Promise.race([served, failed]).finally(() => clearTimeout(timer));
	}

	/** Kills the program without a warning, like a loss of power. Waits until it has ended. */
	async kill(signal = 'SIGKILL') {
		this.#process?.kill(signal);
		return this.#exited;
	}

	/**
	 * Asks the program to end. Kills it if it has not ended after `timeout` milliseconds, and then a node can
	 * lose its latest blocks.
	 */
	async stop(timeout = 120_000) {
		const timer = setTimeout(() => this.kill(), timeout);
		const reason = await this.kill('SIGTERM');
		clearTimeout(timer);
		return reason;
	}

	/** Waits for the end of the program. Returns the reason, or throws after a timeout. */
	ended(timeout) {
		const state = () => `its last lines were:\n${this.tail()}`;
		return within(`process ${this.pid} ends`, this.#exited, { timeout, state });
	}

	/** Returns the end of the output, for messages. */
	tail(lines = 20) {
		return this.log.slice(-lines).join('\n');
	}

	#killOnExit = () => {
		this.#process?.kill('SIGKILL');
	};
}

/** A program did not start. */
export class StartFailed extends Error {
	/** The error that the program printed, if it printed one. */
	errorLine;

	constructor(name, reason, log) {
		super(`${name} did not start (${reason}); its last lines were:\n${log.slice(-20).join('\n')}`);
		this.errorLine = log.findLast((line) => line.startsWith('Error: '))?.slice('Error: '.length);
	}
}

/** Passes each line of output to `onLine`. Resolves with the reason of the end. */
async function follow(child, logFile, onLine) {
	if (logFile) mkdirSync(dirname(logFile), { recursive: true });
	const file = logFile ? createWriteStream(logFile, { flags: 'a' }) : null;
	for (const stream of [child.stdout, child.stderr]) {
		createInterface({ input: stream }).on('line', (line) => {
			file?.write(`${line}\n`);
			onLine(line);
		});
	}
	const reason = await new Promise((resolve) => {
		child.once('error', (error) => resolve(error.message));
		child.once('close', (code, signal) => resolve(signal ?? `code ${code}`));
	});
	file?.end();
	return reason;
}
