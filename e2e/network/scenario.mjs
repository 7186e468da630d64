/**
 * Traffic on a network: blocks are proposed and proven, tokens are transferred. Works through any node
 * that answers, and goes on when nodes stop and return.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { account } from '../lib/accounts.mjs';
import { listHash } from '../lib/proving.mjs';
import { DEV_ACCOUNTS, isRight, Rollup } from '../lib/rollup.mjs';

const POLL_MS = 500;
/** After this many blocks a proposal that is not there counts as failed. */
const PROPOSAL_PATIENCE = 10;
/** Enough for a list of ten transfers. */
const GAS_LIMIT = 1_000_000;

export class Scenario {
	#client;
	#transactions;
	#accounts;
	#options;
	#rollup;
	#resting = true;
	#stopped = false;
	#loops = [];
	/** Resolves when what is being sent is sent. */
	#sending = Promise.resolve();
	#tried = new Map();
	/** The latest list that each proposer has sent: its hash, and the block after which it was sent. */
	#proposed = new Map();
	/** The accounts that have to prove something now. */
	busy = new Set();
	/** Errors, to be shown when a test fails. */
	complaints = [];

	/**
	 * @param {import('./client.mjs').Client} client
	 * @param {import('./transactions.mjs').Transactions} transactions
	 * @param {object} accounts of the network
	 * @param {object} [options]
	 * @param {boolean} [options.prove] whether this program proves; else a daemon does
	 * @param {number} [options.proposals] in each block, of each proposer
	 * @param {object[]} [options.proposers] key pairs; else the network's proposer
	 * @param {number} [options.listLength] how many transfers a list has, at most ten
	 * @param {number} [options.transfers] in each second, of the chain's own tokens
	 * @param {number} [options.retry] after how many blocks a missing proof is sent again
	 * @param {number} [options.maxWaiting] beyond this, proposals wait until provers have caught up
	 * @param {string} [options.states] the folder of the rollup's states; else one that is removed
	 */
	constructor(client, transactions, accounts, options = {}) {
		this.#client = client;
		this.#transactions = transactions;
		this.#accounts = accounts;
		const usual = {
			prove: true,
			proposals: 1,
			proposers: [accounts.proposer.pair],
			listLength: 10,
			transfers: 2,
			maxWaiting: 24,
			retry: 8,
		};
		this.#options = { ...usual, ...options };
		this.#rollup = new Rollup(client, options.states);
	}

	/** Begins, or goes on after a rest. */
	start() {
		this.#resting = false;
		if (this.#loops.length > 0) return;
		this.#loops = [this.#trade()];
		if (this.#options.transfers > 0) this.#loops.push(this.#transfer());
	}

	/** Sends nothing more until it is started again. It still executes blocks that others prove. */
	async rest() {
		this.#resting = true;
		await this.#sending.catch(() => {});
	}

	async stop() {
		this.#resting = this.#stopped = true;
		await Promise.all(this.#loops);
	}

	async #trade() {
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
				this.#complain(error);
			}
		}
	}

	async #act(snapshot, results) {
		if (this.#resting) return;
		const { prove, maxWaiting } = this.#options;
		if (prove) await this.#prove(snapshot, results);
		if (snapshot.waiting.length < maxWaiting) await this.#propose(snapshot);
	}

	/** Proposes lists of transfers. Each proposer has accounts of its own on the rollup. */
	async #propose(snapshot) {
		const { proposals, proposers, listLength } = this.#options;
		for (const [i, proposer] of proposers.entries()) {
			if (this.#resting || this.#isWaiting(proposer, snapshot)) continue;
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
	 * Whether lists that a proposer has sent are not on the chain yet: its next ones begin with the nonces
	 * after them.
	 */
	#isWaiting({ address }, { number, waiting }) {
		const proposed = this.#proposed.get(address);
		if (!proposed) return false;
		const arrived = waiting.some(({ txListHash }) => txListHash === proposed.hash);
		if (arrived) this.#proposed.delete(address);
		return !arrived && number < proposed.number + PROPOSAL_PATIENCE;
	}

	/** Sends the proofs that are due, each on the parent that the execution gives, proven or not. */
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
			if (this.#resting) continue;
			const [from, to] = [names[i % 6], names[(i + 1) % 6]].map(account);
			const call = api.tx.balances.transferKeepAlive(to.address, 1_000_000_000 + i);
			await this.#transactions.send(from, call).catch((error) => this.#complain(error));
		}
	}

	#complain({ message }) {
		this.complaints.push(message);
	}
}
