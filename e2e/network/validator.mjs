/** One validator as a child process, which tests may kill and start again on the same database. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { binary } from '../lib/binaries.mjs';
import { Program, run } from '../lib/program.mjs';
import { fillKeystore } from './keys.mjs';
import { call } from './rpc.mjs';
import { CHAIN_ID } from './spec.mjs';

/** Longer than a node takes to start on a busy machine. */
const START_TIMEOUT_MS = 400_000;

/** Lines that a node prints only if it has a defect. */
const BROKEN = /panicked at|Essential task .* failed|corrupt/i;

/**
 * The ports to choose from. They are below those of outgoing connections, so that no other program takes one
 * while its node is down.
 */
const PORTS = { first: 10_000, last: 30_000 };

/** Returns free ports. */
export async function freePorts(count) {
	const free = [];
	let port = PORTS.first + Math.floor(Math.random() * (PORTS.last - PORTS.first));
	for (let tries = PORTS.last - PORTS.first; free.length < count && tries > 0; tries--) {
		port = port < PORTS.last ? port + 1 : PORTS.first;
		if (await isFree(port)) free.push(port);
	}
	if (free.length < count) throw new Error(`there are no ${count} free ports`);
	return free;
}

/** Returns whether a port is free. */
export async function isFree(port) {
	const server = createServer();
	const listening = await new Promise((resolve) => {
		server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
	});
	if (listening) await new Promise((resolve) => server.close(resolve));
	return listening;
}

export class Validator extends Program {
	name;
	/** The address at which it answers when it runs. */
	url;
	/** The address at which other nodes reach it. */
	address;
	/** Lines that show a defect. */
	broken = [];
	/** The addresses of the nodes that it stays connected to. */
	peers = [];
	/** The time of its start. */
	since = 0;
	/** Whether clients try other nodes first, for example because it is about to be killed. */
	avoided = false;

	#settings;
	#stopping = false;

	/**
	 * @param {object} settings
	 * @param {string} settings.spec
	 * @param {string} settings.folder of its own, for its database
	 * @param {string} settings.logFile
	 * @param {object} settings.authority its keys
	 * @param {{ p2p: number, rpc: number }} settings.ports
	 * @param {string[]} [settings.args]
	 */
	constructor(settings) {
		super();
		this.#settings = { args: [], ...settings };
		const { authority, ports } = settings;
		this.name = authority.name;
		this.url = `http://127.0.0.1:${ports.rpc}`;
		this.address = `/ip4/127.0.0.1/tcp/${ports.p2p}/p2p/${authority.peerId}`;
	}

	/** The address for subscriptions. */
	get ws() {
		return this.url.replace('http:', 'ws:');
	}

	/** The account of its session keys. */
	get account() {
		return this.#settings.authority.pair;
	}

	/** The folder with its database and keystore. */
	get folder() {
		return this.#settings.folder;
	}

	/** The file with the output of all its runs. */
	get logFile() {
		return this.#settings.logFile;
	}

	/** Starts the node and waits until it answers. */
	async start() {
		if (this.running) throw new Error(`${this.name} runs already`);
		const { spec, folder, logFile, authority, ports, args } = this.#settings;
		fillKeystore(join(folder, 'chains', CHAIN_ID, 'keystore'), authority);
		this.since = Date.now();
		this.#stopping = false;
		await this.launchUntil(
			binary('node'),
			[
				['--chain', spec, '--base-path', folder, '--name', this.name, '--validator'],
				['--node-key-file', authority.nodeKeyFile],
				['--listen-addr', `/ip4/127.0.0.1/tcp/${ports.p2p}`, '--no-mdns'],
				['--rpc-port', ports.rpc],
				['--no-prometheus', '--no-telemetry'],
				this.peers.map((peer) => ['--reserved-nodes', peer]),
				args,
			],
			{
				name: this.name,
				logFile,
				onLine: (line) => BROKEN.test(line) && !this.#stopping && this.broken.push(line),
				ready: (line) => line.includes('Running JSON-RPC server'),
				timeout: START_TIMEOUT_MS,
			},
		);
	}

	/** Asks the node to end. It then prints that its essential tasks have ended, which is no defect. */
	stop(timeout) {
		this.#stopping = true;
		return super.stop(timeout);
	}

	/** Calls an RPC method of the node. */
	rpc(method, ...params) {
		return call(this.url, method, params);
	}

	/** Returns the numbers of its best and its finalized block. */
	async heights() {
		const finalizedHash = await this.rpc('chain_getFinalizedHead');
		const [best, finalized] = await Promise.all([
			this.rpc('chain_getHeader'),
			this.rpc('chain_getHeader', finalizedHash),
		]);
		return { best: Number(best.number), finalized: Number(finalized.number), finalizedHash };
	}

	/** Returns these numbers from the database of the node, which does not run. */
	storedHeights() {
		const { spec, folder } = this.#settings;
		const args = ['chain-info', '--chain', spec, '--base-path', folder];
		const { best_number: best, finalized_number: finalized } = JSON.parse(run(binary('node'), args));
		return { best, finalized };
	}

	/** Removes the database of the node, which does not run. Its keys stay. */
	purge() {
		const { spec, folder } = this.#settings;
		run(binary('node'), ['purge-chain', '--chain', spec, '--base-path', folder, '-y']);
	}

	/** Returns the memory that the process uses, in MiB. */
	memory() {
		if (!this.running || !existsSync(`/proc/${this.pid}/status`)) return null;
		const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
		return kib === undefined ? null : Number(kib) / 1024;
	}
}
