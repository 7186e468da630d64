/**
 * A sealed chain as tests and tools see it: blocks with their events in order, and transactions until they
 * are included. Its one author never reverts a block, so a block counts as soon as it is made.
 */
import { EventEmitter, once } from 'node:events';
import { WsProvider } from '@polkadot/api';
import definitions from '@polkadot/types/interfaces/jsonrpc';
import { stringPascalCase } from '@polkadot/util';
import { account } from './accounts.mjs';
import { plain } from './plain.mjs';
import { ALREADY_IMPORTED, Reader } from './reader.mjs';
import { until, within } from './waiting.mjs';

/** Submissions that fail reject. The API would also print the error, whether it is handled or not. */
const { submitAndWatchExtrinsic } = definitions.author;
const QUIET = { author: { submitAndWatchExtrinsic: { ...submitAndWatchExtrinsic, noErrorLog: true } } };

/** Longer than any chain of the tests stands still, or a transaction waits for its block. */
const PATIENCE_MS = 120_000;
/** How many blocks are searched for a transaction. */
const SEARCHED_BLOCKS = 20;
/** How many members are queried at once. */
const PAGE = 100;

/**
 * @typedef {import('./reader.mjs').ChainEvent} ChainEvent
 *
 * @typedef {object} Block
 * @property {number} number
 * @property {string} hash
 * @property {ChainEvent[]} events
 *
 * @typedef {object} Outcome the result of a transaction
 * @property {number} block the block that includes it
 * @property {string} hash of that block
 * @property {number} index its number among the block's extrinsics
 * @property {ChainEvent[]} events its own
 * @property {bigint} fee the fee paid
 * @property {string | null} error `Pallet.Error` of a call that failed
 */

export class Chain extends Reader {
	/** The number of the latest block. */
	head = 0;

	#arrivals = new EventEmitter().setMaxListeners(0);
	#blocks = new Map();
	#remembered;
	#patience;
	/** On a chain that makes blocks for transactions only: resolves when the previous one is submitted. */
	#turn = null;
	#queues = new Map();
	#nonces = new Map();
	#lost = null;

	/**
	 * @param {string} url
	 * @param {object} [options]
	 * @param {number} [options.remembered] how many blocks are remembered
	 * @param {number} [options.patience] how many milliseconds a block is waited for while none is made
	 * @param {boolean} [options.onDemand] whether blocks are made for transactions only
	 */
	static async connect(url, { remembered = Infinity, patience = PATIENCE_MS, onDemand = false } = {}) {
		const chain = new Chain();
		chain.#remembered = remembered;
		chain.#patience = patience;
		if (onDemand) chain.#turn = Promise.resolve();
		// Without attempts to connect again: the node is a child of this program.
		const provider = new WsProvider(url, false);
		await provider.connect();
		await chain.open(provider, { rpc: QUIET });
		chain.api.on('disconnected', () => chain.end(new Error(`the connection to ${url} is lost`)));
		const first = new Promise((resolve, reject) => {
			chain.api.rpc.chain
				.subscribeNewHeads((header) => {
					chain.head = header.number.toNumber();
					chain.#arrivals.emit('head');
					resolve();
				})
				.catch(reject);
		});
		await within('the node reports its best block', first);
		return chain;
	}

	/** Ends all waiting for blocks, with this error. */
	end(error = new Error('disconnected')) {
		this.#lost ??= error;
		this.#arrivals.emit('head');
	}

	disconnect() {
		this.end();
		return this.api.disconnect();
	}

	/** A block by its number, as soon as it exists. @returns {Promise<Block>} */
	async block(number) {
		while (this.head < number && !this.#lost) {
			const state = () => `the chain stands still at block ${this.head}`;
			const arrival = once(this.#arrivals, 'head');
			await within(`block ${number} is made`, arrival, { patience: this.#patience, state });
		}
		if (this.#lost) throw this.#lost;
		if (!this.#blocks.has(number)) {
			// The promise is stored, not the block: concurrent callers share it.
			this.#blocks.set(number, this.#fetch(number));
			if (this.#blocks.size > this.#remembered) this.#blocks.delete(this.#blocks.keys().next().value);
		}
		return this.#blocks.get(number);
	}

	/** All blocks from a number on, each as soon as it exists; without an end. */
	async *blocks(from = this.head + 1) {
		for (let number = from; ; number++) yield await this.block(number);
	}

	/** The state after a block, to be queried as the API is. */
	async at(number) {
		const { hash } = await this.block(number);
		return this.api.at(hash);
	}

	/** Waits until `count` more blocks were made. */
	async pass(count) {
		return this.block(this.head + count);
	}

	/**
	 * The first event of this name that matches, waiting for it if need be.
	 *
	 * @param {string} name `Pallet.Event`
	 * @param {object} [expected] fields with the values that they must have
	 * @param {object} [options]
	 * @param {number} [options.from] the block to begin with
	 * @param {number} [options.within] after how many blocks from now it is too late
	 * @returns {Promise<ChainEvent & { block: number }>}
	 */
	async event(name, expected = {}, { from = 1, within = 200 } = {}) {
		const last = this.head + within;
		for (let number = from; number <= last; number++) {
			const { events } = await this.block(number);
			const found = events.find((event) => event.name === name && matches(event.data, expected));
			if (found) return { ...found, block: number };
		}
		const fields = Object.entries(expected).map(([key, value]) => `${key} = ${value}`);
		throw new Error(`no ${name} with ${fields} in blocks ${from} to ${last}`);
	}

	/** All events of a name so far. @returns {Promise<Array<ChainEvent & { block: number }>>} */
	async eventsSoFar(name, { from = 1, to = this.head } = {}) {
		const found = [];
		for (let number = from; number <= to; number++) {
			for (const event of (await this.block(number)).events) {
				if (event.name === name) found.push({ ...event, block: number });
			}
		}
		return found;
	}

	/**
	 * Signs, submits and waits for inclusion. Rejects if no block includes the transaction; a call that
	 * fails is an outcome.
	 *
	 * @returns {Promise<Outcome>}
	 */
	async send(signer, call) {
		// One after another for each account, so that nonces follow each other; only the submission is
		// waited for, so that several transactions share a block.
		const before = this.#queues.get(signer.address) ?? Promise.resolve();
		const submitted = before.then(() => this.#submit(signer, call));
		this.#queues.set(
			signer.address,
			submitted.catch(() => {}),
		);
		const { included } = await submitted;
		return included;
	}

	/** The same, for a call that must succeed. */
	async ok(signer, call) {
		const outcome = await this.send(signer, call);
		if (outcome.error) throw new Error(`${describe(call)} failed with ${outcome.error}`);
		return outcome;
	}

	/** Submits a signed transaction without waiting for its block. */
	async submit(signed) {
		await this.#inTurn(() => this.rpc('author_submitExtrinsic', signed.toHex())).catch((error) => {
			if (error.code !== ALREADY_IMPORTED) throw error;
		});
	}

	/**
	 * Waits until no transaction waits in the node's pool. It offers those of the latest block until it has
	 * taken note of it; and one that arrives meanwhile can be missing in what it offers afterwards, so that
	 * a chain that makes blocks for transactions only makes none for it.
	 */
	noneWaiting() {
		const isEmpty = async () => (await this.rpc('author_pendingExtrinsics')).length === 0;
		return until("the node's pool is empty", isEmpty, { patience: this.#patience, every: 10 });
	}

	/** Dispatches a call as the root of this chain. */
	async sudo(call) {
		const outcome = await this.ok(account('Alice'), this.api.tx.sudo.sudo(call));
		const { sudoResult } = outcome.events.find(({ name }) => name === 'Sudo.Sudid').data;
		const error = sudoResult.Err === undefined ? null : this.errorName(sudoResult.Err);
		return { ...outcome, error };
	}

	/** The same, for a call that must succeed. */
	async sudoOk(call) {
		const outcome = await this.sudo(call);
		if (outcome.error) throw new Error(`${describe(call)} by root failed with ${outcome.error}`);
		return outcome;
	}

	/** The call that sets one of the pool's parameters. */
	poolParameter(name, value) {
		return this.api.tx.checkedParameters.setParameter({ Pool: { [name]: [null, value] } });
	}

	/** Sets one of the pool's parameters. */
	setPoolParameter(name, value) {
		return this.sudoOk(this.poolParameter(name, value));
	}

	/** The account's tokens, in base units. */
	async balanceOf(address) {
		const { data } = await this.api.query.system.account(address);
		return { free: data.free.toBigInt(), reserved: data.reserved.toBigInt() };
	}

	/** Queries the pool as it was after a block: `poolAt(7, 'getStaker', address)`. */
	async poolAt(number, query, ...args) {
		const { proverPoolApi: pool } = (await this.at(number)).call;
		return plain(await pool[query](...args));
	}

	/**
	 * Simulates a call: `simulate('stake', address, …)`. Returns the accounts' records before and after
	 * the call, or `{ error }`.
	 */
	async simulate(call, ...args) {
		const { Ok: simulation, Err: error } = await this.pool(`simulate${stringPascalCase(call)}`, ...args);
		return simulation ?? { error: this.errorName(error) };
	}

	/** The band around the fee within which prices are agreed, and shares of draws counted. */
	priceBand() {
		return {
			priceFloorPercent: this.constant('proverLottery', 'priceFloorPercent'),
			priceCeilingPercent: this.constant('proverLottery', 'priceCeilingPercent'),
		};
	}

	/**
	 * All members of the pool in the order of their slots.
	 *
	 * @param {object} [options]
	 * @param {object} [options.state] the state to query, as `at` returns it; by default the latest
	 * @param {number} [options.size] of a page
	 */
	async members({ state, size = PAGE } = {}) {
		const { proverPoolApi: pool } = (state ?? (await this.#latest())).call;
		return allPages(size, (start) => pool.getProvers(start, size));
	}

	/** Their weights in a draw of the next block at a fee; options as for `members`. */
	async weights(fee, { state, size = PAGE } = {}) {
		const { proverPoolApi: pool } = (state ?? (await this.#latest())).call;
		return allPages(size, (start) => pool.getProverWeights(fee, start, size));
	}

	/** The latest state: one for all pages of a list, since members may move between two blocks. */
	async #latest() {
		return this.api.at(await this.api.rpc.chain.getBlockHash());
	}

	async #fetch(number) {
		const hash = (await this.api.rpc.chain.getBlockHash(number)).toHex();
		return { number, hash, events: await this.events(hash) };
	}

	/**
	 * Submits at once; on a chain that makes blocks for transactions only, after all that was submitted
	 * before is in a block. So each has a block of its own.
	 */
	async #inTurn(submit) {
		if (!this.#turn) return submit();
		const submitted = this.#turn.then(() => this.noneWaiting()).then(submit);
		this.#turn = submitted.catch(() => {});
		return submitted;
	}

	/** Returns an object, since a promise for the inclusion would be waited for. */
	async #submit(signer, call) {
		const { address } = signer;
		const next = (await this.api.rpc.system.accountNextIndex(address)).toNumber();
		const nonce = Math.max(next, this.#nonces.get(address) ?? 0);
		this.#nonces.set(address, nonce + 1);
		const forget = () => this.#nonces.delete(address);

		const outcome = withResolvers();
		let unsubscribe = () => {};
		try {
			const signed = await call.signAsync(signer, { nonce, era: 0 });
			const from = this.head;
			const watch = () =>
				signed.send(({ status, isError, blockNumber, txIndex }) => {
					if (status.isInBlock || status.isFinalized) {
						outcome.resolve(this.#outcome(blockNumber.toNumber(), txIndex));
					}
					if (isError) outcome.reject(new Error(`${describe(call)} was ${status.type}`));
				});
			unsubscribe = await this.#inTurn(watch).catch((error) => {
				// The node's pool took the transaction while it imported a block, and does not report what
				// happens to it.
				if (error.code !== ALREADY_IMPORTED) throw error;
				outcome.resolve(this.#find(signed.hash, from));
				return () => {};
			});
		} catch (error) {
			forget();
			throw error;
		}
		const state = () => `the chain is at block ${this.head}`;
		const options = { patience: this.#patience, state };
		const included = within(`a block includes ${describe(call)}`, outcome.promise, options);
		included.catch(forget);
		return { included: included.finally(() => unsubscribe()) };
	}

	/** Waits for the block that includes a transaction, from a block on. */
	async #find(transaction, from) {
		for (let number = from; number <= from + SEARCHED_BLOCKS; number++) {
			const { hash } = await this.block(number);
			const { block } = await this.api.rpc.chain.getBlock(hash);
			const index = block.extrinsics.findIndex((extrinsic) => extrinsic.hash.eq(transaction));
			if (index >= 0) return this.#outcome(number, index);
		}
		throw new Error(`${transaction} is in no block`);
	}

	/** @returns {Promise<Outcome>} of a transaction that a block includes */
	async #outcome(number, index) {
		const { hash, events } = await this.block(number);
		const own = events.filter(({ extrinsic }) => extrinsic === index);
		const data = (name) => own.find((event) => event.name === name)?.data;
		const failure = data('System.ExtrinsicFailed');
		return {
			block: number,
			hash,
			index,
			events: own,
			fee: data('TransactionPayment.TransactionFeePaid')?.actualFee ?? 0n,
			error: failure ? this.errorName(failure.dispatchError) : null,
		};
	}
}

/** A call as a person would write it. */
function describe({ method }) {
	return `${method.section}.${method.method}`;
}

function matches(data, expected) {
	return Object.entries(expected).every(([key, value]) => data[key] === value);
}

/** A list in the order of slots, page by page from the first slot on. */
async function allPages(size, read) {
	const all = [];
	for (let start = 1; ; start = all.at(-1).proverId + 1) {
		const page = plain(await read(start));
		all.push(...page);
		if (page.length < size) return all;
	}
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers() {
	const result = {};
	result.promise = new Promise((resolve, reject) => Object.assign(result, { resolve, reject }));
	return result;
}
