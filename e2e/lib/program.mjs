/** Other programs: those that run beside this one, and those that are waited for. */
import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { within } from './waiting.mjs';

/** How many lines of output are kept. */
const LOG_LINES = 400;
/** More than the state of a test's chain takes. */
const LARGEST_OUTPUT = 256 * 1024 * 1024;

/** Runs a program to its end. Returns what it wrote to standard output, or throws what it complained of. */
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

	/** Resolves with the reason of the end: a signal, a code, or why the program could not begin. */
	get exited() {
		return this.#exited;
	}

	/**
	 * Starts the program. This process kills it when it ends itself.
	 *
	 * @param {string} binary
	 * @param {Array} args nested lists are flattened
	 * @param {object} [options]
	 * @param {string | null} [options.logFile] the file that output is appended to
	 * @param {(line: string) => void} [options.onLine] called with each line of output
	 */
	launch(binary, args, { logFile = null, onLine = () => {} } = {}) {
		this.log = [];
		// A process group of its own: Ctrl-C reaches this program only, which then stops the other one.
		const options = { stdio: ['ignore', 'pipe', 'pipe'], detached: true };
		const child = spawn(binary, args.flat(Infinity).map(String), options);
		this.#process = child;
		process.on('exit', this.#abandon);
		this.#exited = follow(child, logFile, (line) => {
			this.log.push(line);
			if (this.log.length > LOG_LINES) this.log.shift();
			onLine(line);
		}).then((reason) => {
			this.#process = null;
			process.off('exit', this.#abandon);
			return reason;
		});
	}

	/**
	 * Starts the program and waits until it is ready. Kills it if that takes too long.
	 *
	 * @param {object} options those of `launch`, and:
	 * @param {string} options.name for messages
	 * @param {(line: string) => any} options.ready returns something for the line that shows it is ready
	 * @param {number} options.patience in milliseconds
	 * @returns what `ready` returned
	 */
	async launchUntil(binary, args, { name, ready, patience, onLine = () => {}, ...options }) {
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
			timer = setTimeout(resolve, patience, 'no answer');
		});
		const failed = Promise.race([this.#exited, late]).then(async (reason) => {
			await this.kill();
			throw new StartFailed(name, reason, this.log);
		});
		failed.catch(() => {});
		return Promise.race([served, failed]).finally(() => clearTimeout(timer));
	}

	/** Ends the program without a warning, as a loss of power would, and waits until it has ended. */
	async kill(signal = 'SIGKILL') {
		this.#process?.kill(signal);
		return this.#exited;
	}

	/**
	 * Asks the program to end. One that has not ended after `patience` milliseconds is killed; a node can
	 * then lose its latest blocks.
	 */
	async stop(patience = 120_000) {
		const killer = setTimeout(() => this.kill(), patience);
		const reason = await this.kill('SIGTERM');
		clearTimeout(killer);
		return reason;
	}

	/** Waits for the end, which must come. Returns the reason. */
	ended(patience) {
		const state = () => `its last lines were:\n${this.tail()}`;
		return within(`process ${this.pid} ends`, this.#exited, { patience, state });
	}

	/** The end of the output, for messages. */
	tail(lines = 20) {
		return this.log.slice(-lines).join('\n');
	}

	#abandon = () => {
		this.#process?.kill('SIGKILL');
	};
}

/** A program did not start. */
export class StartFailed extends Error {
	/** The program's own complaint, if it made one. */
	complaint;

	constructor(name, reason, log) {
		super(`${name} did not start (${reason}); its last lines were:\n${log.slice(-20).join('\n')}`);
		this.complaint = log.findLast((line) => line.startsWith('Error: '))?.slice('Error: '.length);
	}
}

/** Passes each line of output on, and resolves with the reason of the end. */
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
