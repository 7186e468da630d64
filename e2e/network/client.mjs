/** The chain of a network, through any node that answers. */
import { Reader } from '../lib/reader.mjs';
import { NodeHandle } from './rpc.mjs';

/** A reader without subscriptions. */
export class Client extends Reader {
	/** @param {() => string[]} urls where nodes answer at the moment */
	static async connect(urls) {
		const client = new Client();
		await client.open(new NodeHandle(urls));
		return client;
	}

	/** The state after a block, by its number in the best chain or by its hash. */
	async at(block) {
		const hash = typeof block === 'number' ? await this.hash(block) : block;
		return this.api.at(hash);
	}

	/** The hash of a block of the best chain; `null` if there is none yet. */
	hash(number) {
		return this.rpc('chain_getBlockHash', number);
	}

	/** The best block. @returns {Promise<{ number: number, hash: string }>} */
	async best() {
		const hash = await this.hash(null);
		const { number } = await this.rpc('chain_getHeader', hash);
		return { number: Number(number), hash };
	}

	/** The finalized block. @returns {Promise<{ number: number, hash: string }>} */
	async finalized() {
		const hash = await this.rpc('chain_getFinalizedHead');
		const { number } = await this.rpc('chain_getHeader', hash);
		return { number: Number(number), hash };
	}

	/** Signs offline. Immortal, so that it can be sent again after any pause. */
	sign(call, pair, nonce, tip = 0) {
		const { genesisHash, runtimeVersion, extrinsicVersion } = this.api;
		const options = { genesisHash, blockHash: genesisHash, runtimeVersion, nonce, tip };
		if (!extrinsicVersion) throw new Error('not connected');
		// A copy: a call may be signed by several.
		return this.api.tx(call.method).sign(pair, options).toHex();
	}
}
