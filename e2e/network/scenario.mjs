/**
 * Traffic on a network: blocks are proposed and proven, tokens are transferred. Works through any node
 * that answers, and goes on when nodes stop and return.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { account } from '../lib/accounts.mjs';
import { attest, execute, instanceHash } from '../lib/proving.mjs';
import { Rollup } from '../lib/rollup.mjs';

const POLL_MS = 500;

export class Scenario {
	#client;
	#transactions;
	#accounts;
	#options;
	#rollup;
	#stopped = false;
	#loops = [];
	#tried = new Map();
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
	 * @param {number} [options.transfers] in each second
	 * @param {number} [options.retry] after how many blocks a missing proof is sent again
	 * @param {number} [options.maxWaiting] beyond this, proposals wait until provers have caught up
	 */
	constructor(client, transactions, accounts, options = {}) {
		this.#client = client;
		this.#transactions = transactions;
		this.#accounts = accounts;
		const usual = { prove: true, proposals: 1, transfers: 2, maxWaiting: 24, retry: 8 };
		this.#options = { ...usual, ...options };
		this.#rollup = new Rollup(client);
	}

	start() {
		this.#loops = [this.#trade()];
		if (this.#options.transfers > 0) this.#loops.push(this.#transfer());
	}

	async stop() {
		this.#stopped = true;
		await Promise.all(this.#loops);
	}

	/** What waits for verification. */
	async waiting() {
		const { number } = await this.#client.best();
		return (await this.#rollup.snapshot(number)).waiting;
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
				if (this.#options.prove) await this.#prove(number, snapshot);
				if (snapshot.waiting.length < this.#options.maxWaiting) await this.#propose();
			} catch (error) {
				this.#complain(error);
			}
		}
	}

	async #propose() {
		const { proposals, proposers = [this.#accounts.proposer.pair] } = this.#options;
		for (let i = 0; i < proposals * proposers.length && !this.#stopped; i++) {
			const proposer = proposers[i % proposers.length];
			const call = this.#rollup.proposal({ beneficiary: proposer.address });
			await this.#transactions.send(proposer, call);
		}
	}

	/**
	 * Sends the proofs that are due: each block's on the hash that its parent will have. `after` is how
	 * many proofs build on one. Proofs that are included in another order are refused, and sent again.
	 */
	async #prove(number, { verifiedHash, waiting }) {
		let [parentHash, parentId] = [verifiedHash, 0n];
		this.busy.clear();
		const { retry } = this.#options;
		for (const [i, block] of waiting.entries()) {
			const evidence = execute(block, parentHash);
			const done = block.proofs.some((proof) => proof.parentHash === parentHash);
			if (!done) {
				const prover = this.#responsible(block);
				// Without a proof of this block none behind it can be made.
				if (!prover) return;
				const key = `${block.blockId} ${parentHash}`;
				this.busy.add(prover.pair.address);
				if (number >= (this.#tried.get(key) ?? -retry) + retry) {
					this.#tried.set(key, number);
					const call = this.#proof(prover, block, parentId, evidence);
					await this.#transactions.send(prover.pair, call, { after: waiting.length - i });
				}
			}
			[parentHash, parentId] = [evidence.blockHash, block.blockId];
		}
	}

	#responsible({ status }) {
		const { provers } = this.#accounts;
		if (status.Open) return provers[0];
		const { prover, failed } = status.Assigned ?? {};
		if (failed) return provers[0];
		return provers.find(({ pair }) => pair.address === prover);
	}

	#proof({ pair }, block, parentId, evidence) {
		const { api } = this.#client;
		const { blockId } = block;
		const genesisHash = api.genesisHash.toHex();
		const instance = instanceHash({ genesisHash, blockId, block, evidence, prover: pair.address });
		const proof = attest(instance, this.#accounts.attestor.pair);
		return api.tx.blockProposal.proveBlock(blockId, parentId, evidence, proof);
	}

	async #transfer() {
		const names = ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie'];
		const { api } = this.#client;
		for (let i = 0; !this.#stopped; i++) {
			await sleep(1_000 / this.#options.transfers);
			const [from, to] = [names[i % 6], names[(i + 1) % 6]].map(account);
			const call = api.tx.balances.transferKeepAlive(to.address, 1_000_000_000 + i);
			await this.#transactions.send(from, call).catch((error) => this.#complain(error));
		}
	}

	#complain({ message }) {
		this.complaints.push(message);
	}
}
