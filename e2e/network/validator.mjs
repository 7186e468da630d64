/** One validator as a child process, which may be killed and started again on the same database. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { follow } from './child.mjs';
import { fillKeystore } from './keys.mjs';
import { call } from './rpc.mjs';
import { CHAIN_ID } from './spec.mjs';

/** Longer than a start takes on a busy machine. */
const START_PATIENCE_MS = 180_000;
const STOP_PATIENCE_MS = 60_000;
const LOG_LINES = 400;

/** What a node says only when something is broken inside. */
const BROKEN = /panicked at|Essential task .* failed|corrupt/i;

/** Ports that nobody listens on. They are free together, so that none is given twice. */
export async function freePorts(count) {
	const servers = Array.from({ length: count }, () => createServer());
	const listening = servers.map(
		(server) =>
			new Promise((resolve, reject) => {
				server.once('error', reject).listen(0, '127.0.0.1', () => resolve(server.address().port));
			}),
	);
	const ports = await Promise.all(listening);
	await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
	return ports;
}

export class Validator {
	name;
	/** Where it answers, running or not. */
	url;
	/** How others reach it. */
	address;
	/** Its last lines of output. */
	log = [];
	/** Lines that tell of something broken. */
	broken = [];
	/** The addresses of those that it keeps a connection with. */
	peers = [];
	/** When it was started, and whether it is about to be killed: clients ask others first. */
	since = 0;
	doomed = false;

	#settings;
	#process = null;
	#exited = Promise.resolve('never started');

	/**
	 * @param {object} settings
	 * @param {string} settings.binary
	 * @param {string} settings.spec
	 * @param {string} settings.folder of its own, for its database
	 * @param {string} settings.logFile
	 * @param {object} settings.authority its keys
	 * @param {{ p2p: number, rpc: number }} settings.ports
	 * @param {string[]} [settings.args]
	 */
	constructor(settings) {
		this.#settings = { args: [], ...settings };
		const { authority, ports } = settings;
		this.name = authority.name;
		this.url = `http://127.0.0.1:${ports.rpc}`;
		this.address = `/ip4/127.0.0.1/tcp/${ports.p2p}/p2p/${authority.peerId}`;
	}

	/** Where it answers to subscriptions. */
	get ws() {
		return this.url.replace('http:', 'ws:');
	}

	get running() {
		return this.#process !== null;
	}

	get pid() {
		return this.#process?.pid;
	}

	/** The folder of its database and keystore. */
	get folder() {
		return this.#settings.folder;
	}

	/** Resolves with the reason when it ends. */
	get exited() {
		return this.#exited;
	}

	/** Starts it and waits until it answers. */
	async start() {
		if (this.running) throw new Error(`${this.name} runs already`);
		const { binary, spec, folder, logFile, authority, ports, args } = this.#settings;
		fillKeystore(join(folder, 'chains', CHAIN_ID, 'keystore'), authority);
		this.log = [];
		const child = spawn(
			binary,
			[
				['--chain', spec, '--base-path', folder, '--name', this.name, '--validator'],
				['--node-key-file', authority.nodeKeyFile],
				['--listen-addr', `/ip4/127.0.0.1/tcp/${ports.p2p}`, '--no-mdns'],
				['--rpc-port', ports.rpc],
				['--no-prometheus', '--no-telemetry'],
				...this.peers.map((peer) => ['--reserved-nodes', peer]),
				args,
			]
				.flat()
				.map(String),
			// A process group of its own: Ctrl-C reaches this program only, which then stops the node.
			{ stdio: ['ignore', 'pipe', 'pipe'], detached: true },
		);
		this.#process = child;
		this.since = Date.now();
		process.on('exit', this.#abandon);
		let serves;
		const served = new Promise((resolve) => (serves = resolve));
		this.#exited = follow(child, logFile, (line) => {
			this.log.push(line);
			if (this.log.length > LOG_LINES) this.log.shift();
			if (BROKEN.test(line)) this.broken.push(line);
			if (line.includes('Running JSON-RPC server')) serves();
		}).then((reason) => {
			this.#process = null;
			process.off('exit', this.#abandon);
			return reason;
		});

		let timer;
		const late = new Promise((resolve) => {
			timer = setTimeout(resolve, START_PATIENCE_MS, 'no answer');
		});
		const failed = Promise.race([this.#exited, late]).then(async (reason) => {
			await this.kill();
			throw new StartFailed(this, reason);
		});
		failed.catch(() => {});
		await Promise.race([served, failed]).finally(() => clearTimeout(timer));
	}

	/** Ends it without a warning, as a loss of power would, and waits until it has gone. */
	async kill(signal = 'SIGKILL') {
		this.#process?.kill(signal);
		return this.#exited;
	}

	/** Asks it to end. */
	async stop() {
		const killer = setTimeout(() => this.kill(), STOP_PATIENCE_MS);
		const reason = await this.kill('SIGTERM');
		clearTimeout(killer);
		return reason;
	}

	/** Calls one of its methods. */
	rpc(method, ...params) {
		return call(this.url, method, params);
	}

	/** Its best and its finalized block, as numbers. */
	async heights() {
		const finalizedHash = await this.rpc('chain_getFinalizedHead');
		const [best, finalized] = await Promise.all([
			this.rpc('chain_getHeader'),
			this.rpc('chain_getHeader', finalizedHash),
		]);
		return { best: Number(best.number), finalized: Number(finalized.number), finalizedHash };
	}

	/** The memory that it uses, in MiB. */
	memory() {
		if (!this.running || !existsSync(`/proc/${this.pid}/status`)) return null;
		const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
		return kib === undefined ? null : Number(kib) / 1024;
	}

	/** The end of its log, for messages. */
	tail(lines = 20) {
		return this.log.slice(-lines).join('\n');
	}

	/** Forgets everything but its keys. */
	purge() {
		rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
	}

	#abandon = () => {
		this.#process?.kill('SIGKILL');
	};
}

/** A validator did not come up. */
export class StartFailed extends Error {
	constructor(validator, reason) {
		super(`${validator.name} did not start (${reason}); its last lines were:\n${validator.tail()}`);
		this.complaint = validator.log.findLast((line) => line.startsWith('Error: '));
	}
}
