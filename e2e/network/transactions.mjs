/**
 * Records all transactions that were sent, and the finalized block of each. The chain must include each of
 * them, since its fee is paid and its nonce is right, even if its call fails. So a transaction that is not in
 * the finalized chain at the end is lost.
 */
import { hexToU8a } from '@polkadot/util';
import { blake2AsHex } from '@polkadot/util-crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../lib/waiting.mjs';
import { RpcError } from './rpc.mjs';

/** The time between two polls of the finalized chain. */
const POLL_MS = 1_000;
/** Longer than a network that finalizes blocks takes to finalize everything that was sent. */
const DRAIN_TIMEOUT_MS = 600_000;

export const hashOf = (extrinsic) => blake2AsHex(hexToU8a(extrinsic), 256);

export class Transactions {
	/** The transactions by hash. @type {Map<string, { bytes: string, label: string, block: number | null }>} */
	sent = new Map();
	/** The number of transactions that were accepted again, because all nodes had lost them. */
	resent = 0;
	/** The number of each event in finalized blocks. */
	tally = new Map();
	/** The number of claims in finalized blocks for each prover, block and parent. */
	proofs = new Map();
	/** The hashes of finalized blocks, by number. They must never change. */
	history = [];

	#client;
	#network;
	#nonces = new Map();
	#following = null;
	#stopped = false;
	#failure = null;

	constructor(client, network) {
		this.#client = client;
		this.#network = network;
	}

	/** The number of transactions in finalized blocks. */
	get finalized() {
		return [...this.sent.values()].filter(({ block }) => block !== null).length;
	}

	/** Returns the number of an event in finalized blocks. */
	count(name) {
		return this.tally.get(name) ?? 0;
	}

	/**
	 * Signs and sends a transaction. Resolves with its hash when a node has it, or rejects if a node refuses
	 * it. It is recorded in any case, since its nonce is used.
	 */
	async send(pair, call) {
		const label = `${call.method.section}.${call.method.method}`;
		// No `await` between these lines, or two transactions would have the same nonce.
		const nonce = this.#nonces.get(pair.address) ?? 0;
		this.#nonces.set(pair.address, nonce + 1);
		const bytes = this.#client.sign(call, pair, nonce);
		const hash = hashOf(bytes);
		this.sent.set(hash, { bytes, label, block: null });
		await this.#client.rpc('author_submitExtrinsic', bytes).catch((error) => {
			if (error instanceof RpcError) throw new Error(`${label}: ${error.message}`);
			// The node was killed meanwhile. It may have passed the transaction on.
		});
		return hash;
	}

	/** Sends again what is not finalized, as clients must after all nodes have lost their pools. */
	async resend() {
		for (const { bytes, block } of [...this.sent.values()]) {
			if (block !== null) continue;
			await this.#client.rpc('author_submitExtrinsic', bytes).then(
				() => (this.resent += 1),
				// The node knows it, or a block that is not finalized has it, or no node is up. It is tried again.
				() => {},
			);
		}
	}

	/** Reads an account's next nonce from the chain, after an earlier run of the network. */
	async resume(address) {
		this.#nonces.set(address, await this.#client.rpc('system_accountNextIndex', address));
	}

	/** Follows the finalized chain of all nodes until `stop`. */
	follow() {
		this.#following = (async () => {
			while (!this.#stopped) {
				try {
					await this.update();
				} catch (error) {
					if (error instanceof HistoryChanged) this.#failure = error;
					// Otherwise the node is down, and the next update uses another.
				}
				await sleep(POLL_MS);
			}
		})();
	}

	async stop() {
		this.#stopped = true;
		await this.#following;
		if (this.#failure) throw this.#failure;
	}

	/** Records the blocks that were finalized since the last update. */
	async update() {
		const heights = [...(await this.#network.heights()).entries()];
		for (const [validator, { finalized, finalizedHash }] of heights) {
			const known = this.history[finalized];
			if (known && known !== finalizedHash) throw new HistoryChanged(validator, finalized);
		}
		const [ahead, { finalized } = {}] = heights.sort(([, a], [, b]) => b.finalized - a.finalized)[0] ?? [];
		for (let number = Math.max(1, this.history.length); number <= finalized; number++) {
			const hash = await ahead.rpc('chain_getBlockHash', number);
			const { block } = await ahead.rpc('chain_getBlock', hash);
			const events = await this.#client.events(hash);
			this.history[number] = hash;
			for (const extrinsic of block.extrinsics) {
				const entry = this.sent.get(hashOf(extrinsic));
				if (entry) entry.block = number;
			}
			for (const { name } of events) this.tally.set(name, this.count(name) + 1);
			for (const { name, data } of events) {
				if (name === 'BlockProposal.BlockVerified') {
					const verdict = `verdict ${data.verdict}`;
					this.tally.set(verdict, this.count(verdict) + 1);
				}
				if (name === 'BlockProposal.BlockClaimed') {
					const proof = `${data.prover} ${data.blockId} ${data.parentHash}`;
					this.proofs.set(proof, (this.proofs.get(proof) ?? 0) + 1);
				}
			}
		}
	}

	/**
	 * Waits until everything that was sent is finalized, or no more of it is within `blocks` blocks.
	 *
	 * @param {object} [options]
	 * @param {boolean} [options.again] whether transactions that all nodes have lost are sent again
	 */
	async drain({ blocks = 20, again = false } = {}) {
		let [last, left] = [this.history.length, Infinity];
		const isDrained = async () => {
			if (this.#failure) throw this.#failure;
			const open = this.sent.size - this.finalized;
			if (open < left) [last, left] = [this.history.length, open];
			if (open === 0 || this.history.length > last + blocks) return true;
			if (again) await this.resend();
			return false;
		};
		await until('what was sent is finalized', isDrained, {
			timeout: DRAIN_TIMEOUT_MS,
			every: 3 * POLL_MS,
			state: () => `${left} of ${this.sent.size} are not, at block ${this.history.length - 1}`,
		});
	}

	/**
	 * Reads the finalized chains of all nodes from the genesis, and compares them with the records.
	 *
	 * @returns {Promise<{ sent: number, finalized: number, resent: number, lost: string[] }>}
	 */
	async audit() {
		const found = new Set();
		const heights = await this.#network.heights();
		for (const [validator, { finalized }] of heights) {
			for (let number = 1; number <= Math.min(finalized, this.history.length - 1); number++) {
				const hash = await validator.rpc('chain_getBlockHash', number);
				if (hash !== this.history[number]) throw new HistoryChanged(validator, number);
			}
		}
		const [validator, { finalized }] = [...heights].sort(([, a], [, b]) => b.finalized - a.finalized)[0];
		for (let number = 1; number <= finalized; number++) {
			const hash = await validator.rpc('chain_getBlockHash', number);
			const { block } = await validator.rpc('chain_getBlock', hash);
			for (const extrinsic of block.extrinsics) found.add(hashOf(extrinsic));
		}
		const lost = [...this.sent].filter(([hash]) => !found.has(hash));
		return {
			sent: this.sent.size,
			finalized: this.sent.size - lost.length,
			resent: this.resent,
			lost: lost.map(([hash, { label, block }]) => `${label} ${hash}, finalized in ${block}`),
		};
	}
}

/** Two different finalized blocks at one height. */
export class HistoryChanged extends Error {
	constructor({ name }, number) {
		super(`${name} has another block #${number} than was finalized before`);
	}
}
