/**
 * The chain as tests and tools see it: blocks with their events in order, transactions until they are
 * included, errors by name.
 */
import { EventEmitter, once } from 'node:events';
import { ApiPromise, WsProvider } from '@polkadot/api';
import definitions from '@polkadot/types/interfaces/jsonrpc';
import { stringPascalCase } from '@polkadot/util';
import { account } from './accounts.mjs';
import { plain } from './plain.mjs';

/**
 * The transaction extensions of this chain that polkadot.js does not know. It would warn of them. They
 * add no bytes.
 */
export const SIGNED_EXTENSIONS = { CheckOperational: { extrinsic: {}, payload: {} } };

/** Submissions that fail reject. The API would also print the error, whether it is handled or not. */
const { submitAndWatchExtrinsic } = definitions.author;
const QUIET = { author: { submitAndWatchExtrinsic: { ...submitAndWatchExtrinsic, noErrorLog: true } } };

/** Longer than a transaction waits for its block on a busy machine. */
const INCLUSION_PATIENCE_MS = 60_000;
/** How many blocks are searched for a transaction. */
const SEARCHED_BLOCKS = 20;
/** The code of an error: the node's pool has the transaction already. */
const ALREADY_IMPORTED = 1013;
/** How many members are queried at once. */
const PAGE = 100;

/**
 * @typedef {object} ChainEvent
 * @property {string} name `Pallet.Event`
 * @property {object} data its fields, as plain values
 * @property {number | null} extrinsic the extrinsic that caused it; `null` for the block's own hooks
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

export class Chain {
	/** The polkadot.js API, for everything that needs no help. */
	api;
	/** The number of the latest block. */
	head = 0;

	#provider;
	#arrivals = new EventEmitter().setMaxListeners(0);
	#blocks = new Map();
	#remembered;
	#queues = new Map();
	#nonces = new Map();
	#lost = null;

	/**
	 * @param {string} url
	 * @param {object} [options]
	 * @param {number} [options.remembered] how many blocks are remembered
	 */
	static async connect(url, { remembered = Infinity } = {}) {
		const chain = new Chain();
		chain.#remembered = remembered;
		// Without attempts to connect again: the node is a child of this program.
		chain.#provider = new WsProvider(url, false);
		await chain.#provider.connect();
		chain.api = await ApiPromise.create({
			provider: chain.#provider,
			noInitWarn: true,
			rpc: QUIET,
			signedExtensions: SIGNED_EXTENSIONS,
			throwOnConnect: true,
		});
		chain.api.on('disconnected', () => chain.end(new Error(`the connection to ${url} is lost`)));
		await new Promise((resolve, reject) => {
			chain.api.rpc.chain
				.subscribeFinalizedHeads((header) => {
					chain.head = header.number.toNumber();
					chain.#arrivals.emit('head');
					resolve();
				})
				.catch(reject);
		});
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
		while (this.head < number && !this.#lost) await once(this.#arrivals, 'head');
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
		await this.rpc('author_submitExtrinsic', signed.toHex()).catch((error) => {
			if (error.code !== ALREADY_IMPORTED) throw error;
		});
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

	/** An error as `Pallet.Error`, or as the SDK names it: `BadOrigin`, `Token.FundsUnavailable`. */
	errorName(error) {
		if (typeof error === 'string') return error;
		const [[kind, reason]] = Object.entries(error);
		if (kind !== 'Module') return `${kind}.${reason}`;
		const { section, name } = this.api.registry.findMetaError({
			index: this.api.createType('u8', reason.index),
			error: this.api.createType('[u8; 4]', reason.error),
		});
		return `${stringPascalCase(section)}.${name}`;
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

	/** Queries the pool: `pool('getStaker', address)`. */
	async pool(query, ...args) {
		return plain(await this.api.call.proverPoolApi[query](...args));
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

	/** Reads storage: `query('blockProposal', 'chain')`. */
	async query(pallet, item, ...keys) {
		return plain(await this.api.query[pallet][item](...keys));
	}

	/** A remote call, for requests that the API would refuse to send or to decode. */
	rpc(method, ...params) {
		return this.#provider.send(method, params);
	}

	/** A constant of a pallet. */
	constant(pallet, name) {
		return plain(this.api.consts[pallet][name]);
	}

	/** The latest state: one for all pages of a list, since members may move between two blocks. */
	async #latest() {
		return this.api.at(await this.api.rpc.chain.getBlockHash());
	}

	async #fetch(number) {
		const hash = await this.api.rpc.chain.getBlockHash(number);
		const records = await this.api.query.system.events.at(hash);
		return { number, hash: hash.toHex(), events: records.map(plainEvent) };
	}

	/** Returns an object, since a promise for the inclusion would be waited for. */
	async #submit(signer, call) {
		const { address } = signer;
		const next = (await this.api.rpc.system.accountNextIndex(address)).toNumber();
		const nonce = Math.max(next, this.#nonces.get(address) ?? 0);
		this.#nonces.set(address, nonce + 1);

		const included = withResolvers();
		const timer = setTimeout(
			() => included.reject(new Error(`${describe(call)} is in no block`)),
			INCLUSION_PATIENCE_MS,
		);
		let unsubscribe = () => {};
		const done = included.promise.finally(() => {
			clearTimeout(timer);
			unsubscribe();
		});
		done.catch(() => this.#nonces.delete(address));
		try {
			const signed = await call.signAsync(signer, { nonce, era: 0 });
			const from = this.head;
			unsubscribe = await signed
				.send(({ status, isError, blockNumber, txIndex }) => {
					if (status.isInBlock || status.isFinalized) {
						included.resolve(this.#outcome(blockNumber.toNumber(), txIndex));
					}
					if (isError) included.reject(new Error(`${describe(call)} was ${status.type}`));
				})
				.catch((error) => {
					// The node's pool took the transaction while it imported a block, and does not report
					// what happens to it.
					if (error.code !== ALREADY_IMPORTED) throw error;
					included.resolve(this.#find(signed.hash, from));
					return () => {};
				});
		} catch (error) {
			included.reject(error);
			throw error;
		}
		return { included: done };
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

function plainEvent({ event, phase }) {
	const names = event.data.names;
	const values = event.data.map(plain);
	return {
		name: `${stringPascalCase(event.section)}.${event.method}`,
		data: names ? Object.fromEntries(names.map((name, i) => [name, values[i]])) : values,
		extrinsic: phase.isApplyExtrinsic ? phase.asApplyExtrinsic.toNumber() : null,
	};
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
