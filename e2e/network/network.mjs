/** Validators on one machine that are connected by loopback ports. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UNIT } from '../lib/amounts.mjs';
import { until } from '../lib/waiting.mjs';
import { accountIn, authorityIn } from './keys.mjs';
import { unansweredBy } from './rpc.mjs';
import { writeSpec } from './spec.mjs';
import { freePorts, Validator } from './validator.mjs';

/** The offers of the genesis provers. Their stakes survive a few slashes. Their prices are within the band. */
const TERMS = [
	{ stake: 2_000n * UNIT, price: 9_000, capacity: 64 },
	{ stake: 2_000n * UNIT, price: 11_000, capacity: 64 },
];
/** The number of provers. */
export const PROVERS = TERMS.length;

/** The time between two polls of the nodes. */
const POLL_MS = 500;

export class Network {
	/** @type {Validator[]} */
	validators;
	/** Keys, specification, databases, logs. */
	folder;
	/** The accounts with tokens and keys: `proposer`, `provers`, `attestor`. */
	accounts;

	/**
	 * Creates keys and specification, or uses those in the folder.
	 *
	 * @param {object} options
	 * @param {string} options.folder
	 * @param {number} [options.count] of validators
	 * @param {number[]} [options.rpcPorts] by default free ports
	 * @param {string[]} [options.args] further arguments of all nodes
	 * @param {(name: string) => string[]} [options.argsOf] further arguments of one node
	 * @param {string[]} [options.funded] further accounts with tokens
	 */
	static async create({
		folder,
		count = 4,
		rpcPorts,
		args = [],
		argsOf = () => [],
		funded = [],
	}) {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		const keys = join(folder, 'keys');
		const authorities = Array.from({ length: count }, (_, i) =>
			authorityIn(keys, `validator-${i + 1}`),
		);
		const proposer = accountIn(keys, 'proposer');
		const provers = TERMS.map((_, i) => accountIn(keys, `prover-${i + 1}`));
		const attestor = accountIn(keys, 'attestor');
		const spec = writeSpec({
			folder,
			authorities,
			funded: [...[proposer, ...provers].map(({ pair }) => pair.address), ...funded],
			provers: provers.map(({ pair }, i) => ({ address: pair.address, ...TERMS[i] })),
			attestors: [attestor.pair.address],
		});
		const ports = await freePorts(2 * count);

		const network = new Network();
		Object.assign(network, { folder, spec, accounts: { proposer, provers, attestor } });
		network.validators = authorities.map((authority, i) =>
			network.#node(authority, {
				ports: { p2p: ports[2 * i], rpc: rpcPorts?.[i] ?? ports[2 * i + 1] },
				args: [...args, ...argsOf(authority.name)],
			}),
		);
		// Each validator has the addresses of all others, so that it reconnects at once after a restart.
		for (const validator of network.validators) {
			validator.peers = network.validators
				.filter((other) => other !== validator)
				.map(({ address }) => address);
		}
		return network;
	}

	#node(authority, { ports, args }) {
		return new Validator({
			spec: this.spec,
			authority,
			folder: join(this.folder, 'nodes', authority.name),
			logFile: join(this.folder, 'logs', `${authority.name}.log`),
			ports,
			args,
		});
	}

	/**
	 * Adds a node, which is not started. It stays connected to all others.
	 *
	 * @param {string} name
	 * @param {object} [options]
	 * @param {Validator} [options.keysOf] the validator whose session keys it has. By default it has none
	 * @param {string[]} [options.args]
	 * @returns {Promise<Validator>}
	 */
	async add(name, { keysOf, args = [] } = {}) {
		const keys = join(this.folder, 'keys');
		const authority = { ...authorityIn(keys, name), session: {} };
		if (keysOf) {
			const { suri, session } = authorityIn(keys, keysOf.name);
			Object.assign(authority, { suri, session });
		}
		const [p2p, rpc] = await freePorts(2);
		const node = this.#node(authority, { ports: { p2p, rpc }, args });
		node.peers = this.validators.map(({ address }) => address);
		this.validators = [...this.validators, node];
		return node;
	}

	/** Stops a node for good. */
	async drop(node) {
		await node.stop();
		this.validators = this.validators.filter((each) => each !== node);
	}

	/** Kills nodes that never start again. */
	async lose(nodes) {
		await this.kill(nodes);
		this.validators = this.validators.filter((node) => !nodes.includes(node));
	}

	/** The running validators. */
	get running() {
		return this.validators.filter(({ running }) => running);
	}

	/** Returns the addresses of running nodes, the longest running first, since others may lag. */
	urls() {
		return [...this.running]
			.sort((a, b) => a.avoided - b.avoided || a.since - b.since)
			.map(({ url }) => url);
	}

	/**
	 * Kills validators at the same moment. First, clients switch to other nodes, and the victims' transactions
	 * reach the others. Otherwise a transaction that only a victim has would have to be sent again.
	 */
	async kill(validators) {
		validators.forEach((validator) => (validator.avoided = true));
		for (const victim of validators) {
			const what = `the transactions of ${victim.name} reach the others`;
			await this.until(what, () => this.#hasPassedOn(victim));
		}
		await Promise.all(validators.map((validator) => validator.kill()));
		validators.forEach((validator) => (validator.avoided = false));
	}

	/** Returns whether every transaction in a node's pool is in the pool of another that keeps running. */
	async #hasPassedOn(victim) {
		if (unansweredBy(victim.url) > 0) return false;
		const waiting = await victim.rpc('author_pendingExtrinsics');
		const others = this.running.filter(({ avoided }) => !avoided);
		const pools = await Promise.all(others.map((each) => each.rpc('author_pendingExtrinsics')));
		const known = new Set(pools.flat());
		return waiting.every((transaction) => known.has(transaction));
	}

	/** Kills all at the same moment, like a loss of power. */
	async crash() {
		await Promise.all(this.validators.map((validator) => validator.kill()));
	}

	async start() {
		// All at the same time, or the first one would be without peers until the others have started.
		await Promise.all(this.validators.filter(({ running }) => !running).map((each) => each.start()));
	}

	async stop() {
		return Promise.all(this.running.map((validator) => validator.stop()));
	}

	/** Stops all and removes everything. */
	async remove() {
		await this.stop();
		rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
	}

	/** Returns the heights of the validators that run and answer. */
	async heights() {
		const all = this.running.map(async (validator) => [validator, await validator.heights()]);
		const settled = await Promise.allSettled(all);
		return new Map(settled.flatMap(({ value }) => (value ? [value] : [])));
	}

	/**
	 * Waits until all running validators answer, and `reached` returns true for their heights. Returns the
	 * heights. The timeout counts time, not blocks, since the chain may stop. It is long, since machines are
	 * slow.
	 *
	 * @param {string} what for the error
	 * @param {(heights: { best: number, finalized: number }[]) => boolean | Promise<boolean>} reached
	 * @param {number} [timeout] in milliseconds
	 * @returns {Promise<Map<Validator, { best: number, finalized: number }>>}
	 */
	until(what, reached, timeout) {
		const look = async () => {
			const heights = await this.heights();
			const all = [...heights.values()];
			const isComplete = all.length > 0 && all.length === this.running.length;
			return isComplete && (await reached(all)) && heights;
		};
		return until(what, look, { timeout, every: POLL_MS, state: () => this.#describe() });
	}

	/** Returns the heights of all running validators, as soon as all of them answer. */
	allHeights() {
		return this.until('all nodes answer', () => true);
	}

	async #describe() {
		const heights = await this.heights();
		const lines = this.validators.map((validator) => {
			const { best, finalized } = heights.get(validator) ?? {};
			return `${validator.name}: ${validator.running ? `#${best}, finalized #${finalized}` : 'down'}`;
		});
		return lines.join('\n');
	}

	/** Waits until all running validators have finalized a block. */
	finalized(number, timeout) {
		return this.until(
			`block ${number} is finalized everywhere`,
			(all) => all.every(({ finalized }) => finalized >= number),
			timeout,
		);
	}

	/** Waits until all running validators have finalized `count` more blocks than any has now. */
	async progress(count, timeout) {
		const heights = [...(await this.allHeights()).values()];
		const highest = Math.max(...heights.map(({ finalized }) => finalized));
		return this.finalized(highest + count, timeout);
	}
}
