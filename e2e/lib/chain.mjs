/**
 * A client of a sealed chain: reads blocks with their events in order, and sends transactions. The only
 * author never reverts a block, so a block counts as soon as it is made.
 */
import { EventEmitter, once } from 'node:events';
import { WsProvider } from '@polkadot/api';
import definitions from '@polkadot/types/interfaces/jsonrpc';
import { stringPascalCase } from '@polkadot/util';
import { account } from './accounts.mjs';
import { plain } from './plain.mjs';
import { ALREADY_IMPORTED, Reader } from './reader.mjs';
import { until, within } from './waiting.mjs';

/** A failed submission rejects. Without this the API also prints the error, even if it is handled. */
const { submitAndWatchExtrinsic } = definitions.author;
const QUIET = { author: { submitAndWatchExtrinsic: { ...submitAndWatchExtrinsic, noErrorLog: true } } };

/** Longer than a chain of the tests makes no block, or a transaction waits for its block. */
const TIMEOUT_MS = 120_000;
/** The number of blocks that are searched for a transaction. */
const SEARCHED_BLOCKS = 20;
/** The number of members in one query. */
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
 * @property {number} index of the extrinsic in the block
 * @property {ChainEvent[]} events of the transaction
 * @property {bigint} fee the fee paid
 * @property {string | null} error `Pallet.Error` of a call that failed
 */

export class Chain extends Reader {
	/** The number of the latest block. */
	head = 0;

	#arrivals = new EventEmitter().setMaxListeners(0);
	#blocks = new Map();
	#remembered;
	#timeout;
	/** Resolves when the previous transaction is submitted; `null` on a chain that makes blocks by time. */
	#previousSubmission = null;
	#queues = new Map();
	#nonces = new Map();
	#lost = null;

	/**
	 * @param {string} url
	 * @param {object} [options]
	 * @param {number} [options.remembered] how many blocks are remembered
	 * @param {number} [options.timeout] how long to wait for the next block, in milliseconds
	 * @param {boolean} [options.onDemand] whether blocks are made for transactions only
	 */
	static async connect(url, { remembered = Infinity, timeout = TIMEOUT_MS, onDemand = false } = {}) {
		const chain = new Chain();
		chain.#remembered = remembered;
		chain.#timeout = timeout;
		if (onDemand) chain.#previousSubmission = Promise.resolve();
		// The client does not reconnect, since the node is a child of this program.
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

	/** Ends all waits for blocks with this error. */
	end(error = new Error('disconnected')) {
		this.#lost ??= error;
		this.#arrivals.emit('head');
	}

	disconnect() {
		this.end();
		return this.api.disconnect();
	}

	/** Returns a block by its number, as soon as it exists. @returns {Promise<Block>} */
	async block(number) {
		while (this.head < number && !this.#lost) {
			const state = () => `the chain stands still at block ${this.head}`;
			const arrival = once(this.#arrivals, 'head');
			await within(`block ${number} is made`, arrival, { timeout: this.#timeout, state });
		}
		if (this.#lost) throw this.#lost;
		if (!this.#blocks.has(number)) {
			// The promise is stored, so that concurrent callers share it.
			this.#blocks.set(number, this.#fetch(number));
			if (this.#blocks.size > this.#remembered) this.#blocks.delete(this.#blocks.keys().next().value);
		}
		return this.#blocks.get(number);
	}

	/** Yields all blocks from a number on, each as soon as it exists. Does not end. */
	async *blocks(from = this.head + 1) {
		for (let number = from; ; number++) yield await this.block(number);
	}

	/** Returns the API at the state after a block. */
	async at(number) {
		const { hash } = await this.block(number);
		return this.api.at(hash);
	}

	/** Waits for `count` more blocks. */
	async pass(count) {
		return this.block(this.head + count);
	}

	/**
	 * Returns the first event of this name that matches. Waits for it if it has not occurred.
	 *
	 * @param {string} name `Pallet.Event`
	 * @param {object} [expected] fields that must have these values
	 * @param {object} [options]
	 * @param {number} [options.from] the block to begin with
	 * @param {number} [options.within] the number of blocks from now in which it must occur
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

	/** Returns all events of a name so far. @returns {Promise<Array<ChainEvent & { block: number }>>} */
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
	 * Signs, submits and waits for inclusion. Rejects if no block includes the transaction. A failed call is
	 * an outcome, and does not reject.
	 *
	 * @returns {Promise<Outcome>}
	 */
	async send(signer, call) {
		// Transactions of an account are submitted one after another, so that their nonces are in order. Each
		// waits only for the submission of the previous one, so that several can share a block.
		const before = this.#queues.get(signer.address) ?? Promise.resolve();
		const submitted = before.then(() => this.#submit(signer, call));
		this.#queues.set(
			signer.address,
			submitted.catch(() => {}),
		);
		const { included } = await submitted;
		return included;
	}

	/** Sends a call that must succeed. */
	async ok(signer, call) {
		const outcome = await this.send(signer, call);
		if (outcome.error) throw new Error(`${describe(call)} failed with ${outcome.error}`);
		return outcome;
	}

	/** Submits a signed transaction without waiting for its block. */
	async submit(signed) {
		await this.#submitInOrder(() => this.rpc('author_submitExtrinsic', signed.toHex())).catch((error) => {
			if (error.code !== ALREADY_IMPORTED) throw error;
		});
	}

	/**
	 * Waits until the node's pool is empty. Until the pool has processed the latest block, it still offers the
	 * transactions of that block. A transaction that arrives meanwhile can be missing in the next offer, and a
	 * chain that makes blocks for transactions only then makes no block for it.
	 */
	noneWaiting() {
		const isEmpty = async () => (await this.rpc('author_pendingExtrinsics')).length === 0;
		return until("the node's pool is empty", isEmpty, { timeout: this.#timeout, every: 10 });
	}

	/** Dispatches a call as the root of this chain. */
	async sudo(call) {
		const outcome = await this.ok(account('Alice'), this.api.tx.sudo.sudo(call));
		const { sudoResult } = outcome.events.find(({ name }) => name === 'Sudo.Sudid').data;
		const error = sudoResult.Err === undefined ? null : this.errorName(sudoResult.Err);
		return { ...outcome, error };
	}

	/** Dispatches a call as root that must succeed. */
	async sudoOk(call) {
		const outcome = await this.sudo(call);
		if (outcome.error) throw new Error(`${describe(call)} by root failed with ${outcome.error}`);
		return outcome;
	}

	/** Returns the call that sets one of the pool's parameters. */
	poolParameter(name, value) {
		return this.api.tx.checkedParameters.setParameter({ Pool: { [name]: [null, value] } });
	}

	/** Sets one of the pool's parameters. */
	setPoolParameter(name, value) {
		return this.sudoOk(this.poolParameter(name, value));
	}

	/** Returns the account's tokens, in base units. */
	async balanceOf(address) {
		const { data } = await this.api.query.system.account(address);
		return { free: data.free.toBigInt(), reserved: data.reserved.toBigInt() };
	}

	/** Queries the pool at the state after a block: `poolAt(7, 'getStaker', address)`. */
	async poolAt(number, query, ...args) {
		const { proverPoolApi: pool } = (await this.at(number)).call;
		return plain(await pool[query](...args));
	}

	/**
	 * Simulates a call: `simulate('stake', address, …)`. Returns the account's records before and after the
	 * call, or `{ error }`.
	 */
	async simulate(call, ...args) {
		const { Ok: simulation, Err: error } = await this.pool(`simulate${stringPascalCase(call)}`, ...args);
		return simulation ?? { error: this.errorName(error) };
	}

	/** Returns the band around the fee. Agreed prices and the weights of draws use it. */
	priceBand() {
		return {
			priceFloorPercent: this.constant('proverLottery', 'priceFloorPercent'),
			priceCeilingPercent: this.constant('proverLottery', 'priceCeilingPercent'),
		};
	}

	/**
	 * Returns all members of the pool in the order of their slots.
	 *
	 * @param {object} [options]
	 * @param {object} [options.state] the state to query, as `at` returns it; by default the latest
	 * @param {number} [options.size] of a page
	 */
	async members({ state, size = PAGE } = {}) {
		const { proverPoolApi: pool } = (state ?? (await this.#latest())).call;
		return allPages(size, (start) => pool.getProvers(start, size));
	}

	/** Returns the members' weights in a draw of the next block at a fee. Options are those of `members`. */
	async weights(fee, { state, size = PAGE } = {}) {
		const { proverPoolApi: pool } = (state ?? (await this.#latest())).call;
		return allPages(size, (start) => pool.getProverWeights(fee, start, size));
	}

	/** Returns the latest state. All pages of a list use one state, since members may change between blocks. */
	async #latest() {
		return this.api.at(await this.api.rpc.chain.getBlockHash());
	}

	async #fetch(number) {
		const hash = (await this.api.rpc.chain.getBlockHash(number)).toHex();
		return { number, hash, events: await this.events(hash) };
	}

	/**
	 * Submits at once. On a chain that makes blocks for transactions only, first waits until all earlier
	 * transactions are in blocks, so that each transaction has its own block.
	 */
	async #submitInOrder(submit) {
		if (!this.#previousSubmission) return submit();
		const submitted = this.#previousSubmission.then(() => this.noneWaiting()).then(submit);
		this.#previousSubmission = submitted.catch(() => {});
		return submitted;
	}

	/** Returns the promise of the inclusion in an object, since `await` would wait for a bare promise. */
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
			unsubscribe = await this.#submitInOrder(watch).catch((error) => {
				// The node's pool accepted the transaction while it imported a block, and does not report its
				// status.
				if (error.code !== ALREADY_IMPORTED) throw error;
				outcome.resolve(this.#find(signed.hash, from));
				return () => {};
			});
		} catch (error) {
			forget();
			throw error;
		}
		const state = () => `the chain is at block ${this.head}`;
		const options = { timeout: this.#timeout, state };
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

/** Returns the name of a call: `pallet.method`. */
function describe({ method }) {
	return `${method.section}.${method.method}`;
}

function matches(data, expected) {
	return Object.entries(expected).every(([key, value]) => data[key] === value);
}

/** Reads a list page by page, from the first slot on. */
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
