/** Validators on one machine, that find each other on loopback ports. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UNIT } from '../lib/amounts.mjs';
import { until } from '../lib/waiting.mjs';
import { accountIn, authorityIn } from './keys.mjs';
import { unansweredBy } from './rpc.mjs';
import { writeSpec } from './spec.mjs';
import { freePorts, Validator } from './validator.mjs';

/** The provers of the genesis: large enough that a few slashes eject nobody, at prices within the band. */
const TERMS = [
	{ stake: 2_000n * UNIT, price: 9_000, capacity: 64 },
	{ stake: 2_000n * UNIT, price: 11_000, capacity: 64 },
];

/** How often nodes are asked whether something has happened. */
const POLL_MS = 500;

export class Network {
	/** @type {Validator[]} */
	validators;
	/** Keys, specification, databases, logs. */
	folder;
	/** The accounts with tokens and keys: `proposer`, `provers`, `attestor`. */
	accounts;

	/**
	 * Makes the keys and the specification, or takes those that are in the folder.
	 *
	 * @param {object} options
	 * @param {string} options.folder
	 * @param {number} [options.count] of validators
	 * @param {number[]} [options.rpcPorts] else any that are free
	 * @param {string[]} [options.args] further arguments of all nodes
	 * @param {(name: string) => string[]} [options.argsOf] further arguments of one
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
		network.validators = authorities.map(
			(authority, i) =>
				new Validator({
					spec,
					authority,
					folder: join(folder, 'nodes', authority.name),
					logFile: join(folder, 'logs', `${authority.name}.log`),
					ports: { p2p: ports[2 * i], rpc: rpcPorts?.[i] ?? ports[2 * i + 1] },
					args: [...args, ...argsOf(authority.name)],
				}),
		);
		// Validators of one set know each other, so that one that was away meets the others at once.
		for (const validator of network.validators) {
			validator.peers = network.validators
				.filter((other) => other !== validator)
				.map(({ address }) => address);
		}
		return network;
	}

	/** The validators that run. */
	get running() {
		return this.validators.filter(({ running }) => running);
	}

	/** The addresses of running nodes: those that have run for long first, since others may lag. */
	urls() {
		return [...this.running]
			.sort((a, b) => a.doomed - b.doomed || a.since - b.since)
			.map(({ url }) => url);
	}

	/**
	 * Kills validators at once. Before that, clients ask others, and what the victims have taken reaches
	 * the others: a transaction that a node took and did not pass on would have to be sent again.
	 */
	async kill(validators) {
		validators.forEach((validator) => (validator.doomed = true));
		for (const victim of validators) {
			const what = `the transactions of ${victim.name} reach the others`;
			await this.until(what, () => this.#hasPassedOn(victim));
		}
		await Promise.all(validators.map((validator) => validator.kill()));
		validators.forEach((validator) => (validator.doomed = false));
	}

	/** Returns whether every transaction that a node has taken is known to one that lives on. */
	async #hasPassedOn(victim) {
		if (unansweredBy(victim.url) > 0) return false;
		const waiting = await victim.rpc('author_pendingExtrinsics');
		const others = this.running.filter(({ doomed }) => !doomed);
		const pools = await Promise.all(others.map((each) => each.rpc('author_pendingExtrinsics')));
		const known = new Set(pools.flat());
		return waiting.every((transaction) => known.has(transaction));
	}

	/** Kills all at the same moment, as a loss of power would. */
	async crash() {
		await Promise.all(this.validators.map((validator) => validator.kill()));
	}

	async start() {
		// All together, or the first would be alone for as long as the others take.
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

	/** Heights of those that run and answer at the moment. */
	async heights() {
		const all = this.running.map(async (validator) => [validator, await validator.heights()]);
		const settled = await Promise.allSettled(all);
		return new Map(settled.flatMap(({ value }) => (value ? [value] : [])));
	}

	/**
	 * Waits until all validators that run answer, and `reached` returns true for their heights. Returns
	 * these. Patience is counted in time, since the chain may stand still; it is long, since machines are
	 * slow.
	 *
	 * @param {string} what for the error
	 * @param {(heights: { best: number, finalized: number }[]) => boolean | Promise<boolean>} reached
	 * @param {number} [patience] in milliseconds
	 * @returns {Promise<Map<Validator, { best: number, finalized: number }>>}
	 */
	until(what, reached, patience) {
		const look = async () => {
			const heights = await this.heights();
			const all = [...heights.values()];
			const isComplete = all.length > 0 && all.length === this.running.length;
			return isComplete && (await reached(all)) && heights;
		};
		return until(what, look, { patience, every: POLL_MS, state: () => this.#describe() });
	}

	/** The heights of all validators that run, as soon as all of them answer. */
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

	/** Waits until all that run have finalized that block. */
	finalized(number, patience) {
		return this.until(
			`block ${number} is finalized everywhere`,
			(all) => all.every(({ finalized }) => finalized >= number),
			patience,
		);
	}

	/** Waits until all that run have finalized `count` blocks more than any has now. */
	async progress(count, patience) {
		const heights = [...(await this.allHeights()).values()];
		const highest = Math.max(...heights.map(({ finalized }) => finalized));
		return this.finalized(highest + count, patience);
	}
}
