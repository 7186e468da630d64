/**
 * Computes the right result of every block that waits for verification. A block is a pure function of its
 * parent and its proposal, so executing the lists in order gives all results, before any proof.
 */
import { listHash } from './proving.mjs';
import { RollupProgram } from './rollup-program.mjs';

/** The number of lists that are stored: more than can wait for verification. */
const LISTS = 256;
/** The number of settled blocks whose results are stored. They wait again if the chain reverts blocks. */
const SETTLED = 64n;

/**
 * @typedef {object} Result
 * @property {bigint} blockId
 * @property {import('./proving.mjs').Execution} execution the fields of a right claim
 * @property {object[]} transfers of the list, with their effects; an empty block has none
 */
export class Lineage {
	#chain;
	#program;
	#lists = new Map();
	/** Promises of results, by proposal and parent: concurrent callers share them. */
	#results = new Map();

	/**
	 * @param {import('./chain.mjs').Chain | import('../network/client.mjs').Client} chain
	 * @param {string} [folder] of the rollup's states; by default a temporary one
	 */
	constructor(chain, folder) {
		this.#chain = chain;
		this.#program = new RollupProgram(folder);
	}

	/** The folder of the rollup's states, for another client of the same chain. */
	get folder() {
		return this.#program.folder;
	}

	/** Stores a list. Returns its hash. */
	learn(txList) {
		const hash = listHash(txList);
		this.#lists.set(hash, txList);
		if (this.#lists.size > LISTS) this.#lists.delete(this.#lists.keys().next().value);
		return hash;
	}

	/**
	 * Returns the results of all waiting blocks, by their ids.
	 *
	 * @param {object} snapshot see `Rollup.snapshot`
	 * @returns {Promise<Map<bigint, Result>>}
	 */
	async results({ number, nextId, verifiedHash, waiting }) {
		await this.#find(waiting, number);
		const results = new Map();
		let parentHash = verifiedHash;
		for (const block of waiting) {
			const result = await this.#result(block, parentHash);
			results.set(block.blockId, result);
			parentHash = result.execution.blockHash;
		}
		await this.#forget((waiting[0]?.blockId ?? nextId) - SETTLED, verifiedHash);
		return results;
	}

	/** Returns the list of a block whose result is known. */
	list({ txListHash }) {
		return this.#lists.get(txListHash);
	}

	/** Returns lists of transfers to propose next, in this order. */
	async transfers(snapshot, options) {
		return this.#program.transfers(await this.#tip(snapshot), options);
	}

	/** Returns the development accounts after all waiting blocks. */
	async accounts(snapshot) {
		return this.#program.accounts(await this.#tip(snapshot));
	}

	/** Returns the hash of the last waiting block, or of the verified one if none waits. */
	async #tip(snapshot) {
		const results = [...(await this.results(snapshot)).values()];
		return results.at(-1)?.execution.blockHash ?? snapshot.verifiedHash;
	}

	#result(block, parentHash) {
		const { blockId, txListHash, gasLimit, beneficiary } = block;
		const key = [blockId, txListHash, gasLimit, beneficiary, parentHash].join();
		if (!this.#results.has(key)) {
			const result = this.#execute(block, parentHash);
			this.#results.set(key, result);
			result.catch(() => this.#results.delete(key));
		}
		return this.#results.get(key);
	}

	async #execute(block, parentHash) {
		const executed = await this.#program.execute(block, this.#lists.get(block.txListHash), parentHash);
		if (!executed) throw new Error(`the rollup's state after ${parentHash} is not there`);
		const { blockHash, gasUsed, transfers } = executed;
		return { blockId: block.blockId, execution: { parentHash, blockHash, gasUsed }, transfers };
	}

	/** Searches the extrinsics of the chain for unknown lists, latest first. */
	async #find(waiting, number) {
		const missing = new Set(
			waiting.map(({ txListHash }) => txListHash).filter((hash) => !this.#lists.has(hash)),
		);
		for (let n = number; missing.size > 0 && n > 0; n--) {
			const hash = await this.#chain.rpc('chain_getBlockHash', n);
			const { block } = await this.#chain.rpc('chain_getBlock', hash);
			for (const extrinsic of block.extrinsics) {
				const { method } = this.#chain.api.createType('Extrinsic', extrinsic);
				for (const txList of listsIn(method)) missing.delete(this.learn(txList));
			}
		}
		if (missing.size > 0) throw new Error(`the chain has no list with the hash ${[...missing][0]}`);
	}

	/**
	 * Drops the results that are older than a block. Keeps the verified one: the next block builds on it if all
	 * later ones are cancelled.
	 */
	async #forget(blockId, verifiedHash) {
		for (const [key, result] of this.#results) {
			const { blockId: settled, execution } = await result;
			if (settled >= blockId || execution.blockHash === verifiedHash) continue;
			this.#results.delete(key);
			this.#program.forget(execution.blockHash);
		}
	}
}

/** Returns the lists that a call proposes, including those of nested calls. */
function listsIn({ section, method, args }) {
	if (section === 'blockProposal' && method === 'proposeBlock') return [args[0].toHex()];
	return args.flatMap((arg) => {
		const calls = Array.isArray(arg) ? arg : [arg];
		return calls.filter((call) => call?.callIndex !== undefined).flatMap(listsIn);
	});
}
