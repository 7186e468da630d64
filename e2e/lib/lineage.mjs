/**
 * The right result of every block that waits for verification: a block is a pure function of its parent
 * and its proposal, so an executor of the lists in order knows all of them, proven or not.
 */
import { listHash } from './proving.mjs';
import { RollupProgram } from './rollup-program.mjs';

/** How many lists are remembered: more than can wait for verification. */
const LISTS = 256;
/** How many settled blocks are remembered, since they wait again if the chain's latest blocks are reverted. */
const SETTLED = 64n;

/**
 * @typedef {object} Result
 * @property {bigint} blockId
 * @property {import('./proving.mjs').Execution} execution what a right claim says
 * @property {object[]} transfers of the list, with their effects; none in an empty block
 */
export class Lineage {
	#chain;
	#program;
	#lists = new Map();
	/** Promises of results, by proposal and parent: concurrent callers share them. */
	#results = new Map();

	/**
	 * @param {import('./chain.mjs').Chain | import('../network/client.mjs').Client} chain
	 * @param {string} [folder] of the rollup's states; by default one that is removed at the end
	 */
	constructor(chain, folder) {
		this.#chain = chain;
		this.#program = new RollupProgram(folder);
	}

	/** The folder of the rollup's states, for another client of the same chain. */
	get folder() {
		return this.#program.folder;
	}

	/** Remembers a list. Returns its hash. */
	learn(txList) {
		const hash = listHash(txList);
		this.#lists.set(hash, txList);
		if (this.#lists.size > LISTS) this.#lists.delete(this.#lists.keys().next().value);
		return hash;
	}

	/**
	 * The results of all blocks that wait, by their ids.
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

	/** Lists of transfers to be proposed next, in this order. */
	async transfers(snapshot, options) {
		return this.#program.transfers(await this.#tip(snapshot), options);
	}

	/** The development accounts after all blocks that wait. */
	async accounts(snapshot) {
		return this.#program.accounts(await this.#tip(snapshot));
	}

	/** The hash of the last block that waits, or of the verified one. */
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

	/** Looks for unknown lists in the extrinsics of the chain, latest first. */
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

	/** Forgets what is older than a block, but for the verified one: all behind it may have been cancelled. */
	async #forget(blockId, verifiedHash) {
		for (const [key, result] of this.#results) {
			const { blockId: settled, execution } = await result;
			if (settled >= blockId || execution.blockHash === verifiedHash) continue;
			this.#results.delete(key);
			this.#program.forget(execution.blockHash);
		}
	}
}

/** The lists that a call proposes, also in calls within it. */
function listsIn({ section, method, args }) {
	if (section === 'blockProposal' && method === 'proposeBlock') return [args[0].toHex()];
	return args.flatMap((arg) => {
		const calls = Array.isArray(arg) ? arg : [arg];
		return calls.filter((call) => call?.callIndex !== undefined).flatMap(listsIn);
	});
}
