/**
 * Traffic on a network: proposes and proves blocks, and transfers tokens. Uses any node that answers, and
 * continues when nodes stop and restart.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { account } from '../lib/accounts.mjs';
import { listHash } from '../lib/proving.mjs';
import { DEV_ACCOUNTS, isRight, Rollup } from '../lib/rollup.mjs';

const POLL_MS = 500;
/** The number of blocks after which a proposal that no block includes counts as failed. */
const PROPOSAL_TIMEOUT = 10;
/** Enough for a list of ten transfers. */
const GAS_LIMIT = 1_000_000;

export class Scenario {
	#client;
	#transactions;
	#accounts;
	#options;
	#rollup;
	#paused = true;
	#stopped = false;
	#loops = [];
	/** Resolves when all current submissions are answered. */
	#sending = Promise.resolve();
	#tried = new Map();
	/** For each proposer, the hash of its latest list, and the block after which it was sent. */
	#proposed = new Map();
	/** The accounts that must prove a block now. */
	busy = new Set();
	/** The messages of errors, printed when a test fails. */
	errors = [];

	/**
	 * @param {import('./client.mjs').Client} client
	 * @param {import('./transactions.mjs').Transactions} transactions
	 * @param {object} accounts of the network
	 * @param {object} [options]
	 * @param {boolean} [options.prove] whether this program proves; if not, a daemon does
	 * @param {number} [options.proposals] of each proposer in each block
	 * @param {object[]} [options.proposers] key pairs; by default the network's proposer
	 * @param {number} [options.listLength] the number of transfers of a list, at most ten
	 * @param {number} [options.transfers] of the chain's own tokens, per second
	 * @param {number} [options.retry] the number of blocks after which a missing proof is sent again
	 * @param {number} [options.maxWaiting] the number of waiting blocks at which proposals stop
	 * @param {string} [options.states] the folder of the rollup's states; by default a temporary one
	 */
	constructor(client, transactions, accounts, options = {}) {
		this.#client = client;
		this.#transactions = transactions;
		this.#accounts = accounts;
		const defaults = {
			prove: true,
			proposals: 1,
			proposers: [accounts.proposer.pair],
			listLength: 10,
			transfers: 2,
			maxWaiting: 24,
			retry: 8,
		};
		this.#options = { ...defaults, ...options };
		this.#rollup = new Rollup(client, options.states);
	}

	/** Starts, or resumes after a pause. */
	start() {
		this.#paused = false;
		if (this.#loops.length > 0) return;
		this.#loops = [this.#followChain()];
		if (this.#options.transfers > 0) this.#loops.push(this.#transfer());
	}

	/** Stops sending until the next `start`. The scenario still executes blocks that others prove. */
	async pause() {
		this.#paused = true;
		await this.#sending.catch(() => {});
	}

	async stop() {
		this.#paused = this.#stopped = true;
		await Promise.all(this.#loops);
	}

	async #followChain() {
		let last = -1;
		while (!this.#stopped) {
			await sleep(POLL_MS);
			try {
				const { number } = await this.#client.best();
				if (number <= last) continue;
				last = number;
				const snapshot = await this.#rollup.snapshot(number);
				const results = await this.#rollup.lineage.results(snapshot);
				await (this.#sending = this.#act(snapshot, results));
			} catch (error) {
				this.#recordError(error);
			}
		}
	}

	async #act(snapshot, results) {
		if (this.#paused) return;
		const { prove, maxWaiting } = this.#options;
		if (prove) await this.#prove(snapshot, results);
		if (snapshot.waiting.length < maxWaiting) await this.#propose(snapshot);
	}

	/** Proposes lists of transfers. Each proposer uses its own accounts on the rollup. */
	async #propose(snapshot) {
		const { proposals, proposers, listLength } = this.#options;
		for (const [i, proposer] of proposers.entries()) {
			if (this.#paused || this.#isWaiting(proposer, snapshot)) continue;
			const lists = await this.#rollup.lineage.transfers(snapshot, {
				accounts: DEV_ACCOUNTS.filter((number) => number % proposers.length === i),
				count: listLength,
				lists: proposals,
			});
			this.#proposed.set(proposer.address, { hash: listHash(lists.at(-1)), number: snapshot.number });
			for (const txList of lists) {
				const call = this.#rollup.proposal({
					beneficiary: proposer.address,
					gasLimit: GAS_LIMIT,
					txList,
				});
				await this.#transactions.send(proposer, call);
			}
		}
	}

	/**
	 * Returns whether a proposer's lists are not on the chain yet. Its next lists begin with the nonces after
	 * them.
	 */
	#isWaiting({ address }, { number, waiting }) {
		const proposed = this.#proposed.get(address);
		if (!proposed) return false;
		const arrived = waiting.some(({ txListHash }) => txListHash === proposed.hash);
		if (arrived) this.#proposed.delete(address);
		return !arrived && number < proposed.number + PROPOSAL_TIMEOUT;
	}

	/** Sends the proofs that are due, each on the parent by execution, whether that is proven or not. */
	async #prove({ number, waiting }, results) {
		const { retry } = this.#options;
		this.busy.clear();
		for (const block of waiting) {
			const { blockId, claims } = block;
			const { execution } = results.get(blockId);
			const prover = this.#responsible(block);
			if (!prover || claims.some((claim) => isRight(claim, execution))) continue;
			this.busy.add(prover.pair.address);
			const key = `${blockId} ${execution.blockHash}`;
			if (number < (this.#tried.get(key) ?? -retry) + retry) continue;
			this.#tried.set(key, number);
			const { attestor } = this.#accounts;
			const { address } = prover.pair;
			const proof = this.#rollup.proofOf(address, block, execution, { attestor: attestor.pair });
			await this.#transactions.send(prover.pair, this.#rollup.claim(blockId, execution, proof));
		}
	}

	#responsible({ status }) {
		const { provers } = this.#accounts;
		if (status.Open) return provers[0];
		const { prover, delivery } = status.Assigned ?? {};
		if (delivery === 'Removed') return provers[0];
		return provers.find(({ pair }) => pair.address === prover);
	}

	async #transfer() {
		const names = ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie'];
		const { api } = this.#client;
		for (let i = 0; !this.#stopped; i++) {
			await sleep(1_000 / this.#options.transfers);
			if (this.#paused) continue;
			const [from, to] = [names[i % 6], names[(i + 1) % 6]].map(account);
			const call = api.tx.balances.transferKeepAlive(to.address, 1_000_000_000 + i);
			await this.#transactions.send(from, call).catch((error) => this.#recordError(error));
		}
	}

	#recordError({ message }) {
		this.errors.push(message);
	}
}
