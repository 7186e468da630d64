/** Load that fills blocks: the pools always have transactions for several blocks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { hexToU8a } from '@polkadot/util';
import { plain } from '../lib/plain.mjs';
import { ALREADY_IMPORTED } from '../lib/reader.mjs';
import { callAll } from './rpc.mjs';
import { hashOf } from './transactions.mjs';

/** The number of transactions in one request. */
const BATCH = 100;
const POLL_MS = 200;
/** The number of blocks without another of our transactions after which the rest counts as lost. */
const TIMEOUT_BLOCKS = 20;

/** The event that counts each operation. */
const OPERATIONS = {
	transfers: 'Balances.Transfer',
	stakes: 'ProverPool.Staked',
	changes: 'ProverPool.TermsChanged',
	proposals: 'BlockProposal.BlockProposed',
	proofs: 'BlockProposal.BlockClaimed',
	failed: 'System.ExtrinsicFailed',
};

/** The content of finalized blocks. */
export class Count {
	blocks = 0;
	/** The number of the latest block. */
	number = 0;
	extrinsics = 0;
	operations = Object.fromEntries(Object.keys(OPERATIONS).map((name) => [name, 0]));
	/** Sums over blocks of the used shares of a block's limits for normal transactions. */
	weight = 0;
	length = 0;

	add(other) {
		this.blocks += other.blocks;
		this.extrinsics += other.extrinsics;
		this.weight += other.weight;
		this.length += other.length;
		for (const name of Object.keys(OPERATIONS)) this.operations[name] += other.operations[name];
	}
}

export class Load {
	/** The number of transactions, a replaced one and its replacement counted once. */
	count = 0;
	/** The number of refusals by the pool, by reason. */
	refused = new Map();
	/** The number of failed calls in finalized blocks, by reason. */
	failures = new Map();
	/** The number that wait for a block, and the number that are not finalized. The pools keep both. */
	pending = 0;
	unfinalized = 0;
	/** The hashes of finalized blocks, by number. */
	history = [];

	/**
	 * Transactions by hash, `{ state: 'refused' | 'sent' | 'included' | 'finalized', replaced?: true }`. A
	 * replacement has the entry of the one that it replaces.
	 */
	#sent = new Map();
	#client;
	#network;
	#best = 0;
	#stopped = false;
	#loops = [];
	#again = [];
	#limits;
	#onBlock;

	/**
	 * @param {(count: Count) => void} onBlock called for each finalized block
	 */
	constructor(client, network, onBlock) {
		this.#client = client;
		this.#network = network;
		this.#onBlock = onBlock;
		const { api } = client;
		this.#limits = {
			weight: plain(api.consts.system.blockWeights).perClass.normal.maxTotal.refTime,
			length: plain(api.consts.system.blockLength).max.normal,
		};
	}

	get finalized() {
		return this.count - this.unfinalized;
	}

	/** Returns whether a transaction still waits for a block. */
	waits(hash) {
		return this.isPending(hash) || this.#sent.get(hash)?.state === 'refused';
	}

	/** Returns whether the pool has a transaction that waits for a block. */
	isPending(hash) {
		return this.#sent.get(hash)?.state === 'sent';
	}

	start() {
		this.#loops = [this.#followBest(), this.#followFinalized()];
	}

	async stop() {
		this.#stopped = true;
		await Promise.all(this.#loops);
	}

	/**
	 * Keeps `target` transactions in the pools until `done`.
	 *
	 * @param {() => { bytes: string, hash: string } | null} next makes a transaction, or returns `null` for none now
	 */
	async fill({ target, next, done }) {
		const nodes = this.#network.validators;
		const workers = nodes.map(async (validator) => {
			while (!done()) {
				const room = target - this.unfinalized;
				if (room < BATCH) {
					await sleep(POLL_MS);
					continue;
				}
				const batch = this.#again.splice(0, BATCH);
				for (let tries = batch.length; tries < BATCH; tries++) {
					const transaction = next();
					if (transaction) batch.push(transaction);
				}
				if (batch.length > 0) await this.submit(validator, batch);
				else await sleep(POLL_MS);
			}
		});
		await Promise.all(workers);
		// Nonces are in order, so refused transactions must be accepted before new ones.
		while (this.#again.length > 0) {
			await this.submit(nodes[0], this.#again.splice(0, BATCH));
			await sleep(POLL_MS);
		}
	}

	/** Submits transactions. Those that the pool refuses are submitted again later. */
	async submit(validator, batch) {
		const entries = batch.map(({ hash }) => {
			if (!this.#sent.has(hash)) {
				this.#sent.set(hash, {});
				this.count += 1;
			}
			return Object.assign(this.#sent.get(hash), { state: 'sent' });
		});
		this.pending += batch.length;
		this.unfinalized += batch.length;
		const answers = await callAll(
			validator.url,
			'author_submitExtrinsic',
			batch.map(({ bytes }) => [bytes]),
		);
		for (const [i, { error }] of answers.entries()) {
			// The pool may have the transaction already if it imported a block meanwhile.
			if (!error || error.code === ALREADY_IMPORTED) continue;
			// The replacement came first.
			if (entries[i].replaced) continue;
			this.pending -= 1;
			this.unfinalized -= 1;
			const reason = `${error.code} ${error.message}: ${error.data}`;
			this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
			entries[i].state = 'refused';
			this.#again.push(batch[i]);
		}
	}

	/** Submits a transaction in place of a waiting one with the same nonce. Blocks include one of them. */
	async replace(validator, hash, { bytes, hash: replacement }) {
		this.#sent.set(replacement, Object.assign(this.#sent.get(hash), { replaced: true }));
		// A refusal means that a block has included the earlier one.
		await callAll(validator.url, 'author_submitExtrinsic', [[bytes]]);
	}

	/** Waits until everything is finalized, or nothing has been finalized for several blocks. */
	async drain() {
		let [last, left] = [this.history.length, Infinity];
		for (;;) {
			const open = this.unfinalized;
			if (open === 0) return;
			if (open < left) [last, left] = [this.history.length, open];
			else if (this.history.length > last + TIMEOUT_BLOCKS) return;
			await sleep(5 * POLL_MS);
		}
	}

	/** Marks the transactions that blocks of the best chain include. */
	async #followBest() {
		while (!this.#stopped) {
			await sleep(POLL_MS);
			try {
				const { number } = await this.#client.best();
				for (; this.#best < number; this.#best++) await this.#include(this.#best + 1);
			} catch {
				// A busy node answers the next request.
			}
		}
	}

	async #include(number) {
		const { block } = await this.#client.rpc('chain_getBlock', await this.#client.hash(number));
		for (const extrinsic of block.extrinsics) this.#advance(hashOf(extrinsic), 'included');
	}

	#advance(hash, state) {
		const entry = this.#sent.get(hash);
		if (!entry || entry.state === 'finalized') return;
		if (entry.state === 'sent') this.pending -= 1;
		entry.state = state;
		if (state === 'finalized') this.unfinalized -= 1;
	}

	#countFailure(error) {
		const name = this.#client.errorName(plain(error));
		this.failures.set(name, (this.failures.get(name) ?? 0) + 1);
	}

	async #followFinalized() {
		while (!this.#stopped) {
			await sleep(POLL_MS);
			try {
				const { number } = await this.#client.finalized();
				for (let n = Math.max(1, this.history.length); n <= number; n++) await this.#count(n);
			} catch {
				// A busy node answers the next request.
			}
		}
	}

	async #count(number) {
		const { api } = this.#client;
		const hash = await this.#client.hash(number);
		const { block } = await this.#client.rpc('chain_getBlock', hash);
		const { query } = await api.at(hash);
		const [events, weight] = await Promise.all([query.system.events(), query.system.blockWeight()]);

		const count = new Count();
		count.blocks = 1;
		count.number = number;
		count.extrinsics = block.extrinsics.length;
		count.weight = Number(plain(weight).normal.refTime) / Number(this.#limits.weight);
		const bytes = block.extrinsics.reduce((sum, hex) => sum + hexToU8a(hex).length, 0);
		count.length = bytes / this.#limits.length;
		const kinds = new Map(Object.entries(OPERATIONS).map(([kind, name]) => [name.toLowerCase(), kind]));
		for (const { event } of events) {
			const kind = kinds.get(`${event.section}.${event.method}`.toLowerCase());
			if (kind) count.operations[kind] += 1;
			if (kind === 'failed') this.#countFailure(event.data[0]);
		}
		for (const extrinsic of block.extrinsics) this.#advance(hashOf(extrinsic), 'finalized');
		this.history[number] = hash;
		this.#onBlock(count);
	}
}
