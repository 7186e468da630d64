/** Reads the chain of a network through any node that answers. */
import { Reader } from '../lib/reader.mjs';
import { NodeHandle } from './rpc.mjs';

/** A reader without subscriptions. */
export class Client extends Reader {
	#urls;

	/** @param {() => string[]} urls returns the addresses of the running nodes */
	static async connect(urls) {
		const client = new Client();
		client.#urls = urls;
		await client.reconnect();
		return client;
	}

	/** Reads the runtime's metadata and version again, after an upgrade. */
	reconnect() {
		return this.open(new NodeHandle(this.#urls));
	}

	/** Returns the API at the state after a block, by its number in the best chain or by its hash. */
	async at(block) {
		const hash = typeof block === 'number' ? await this.hash(block) : block;
		return this.api.at(hash);
	}

	/** Returns the hash of a block of the best chain, or `null` if it does not exist yet. */
	hash(number) {
		return this.rpc('chain_getBlockHash', number);
	}

	/** Returns the best block. @returns {Promise<{ number: number, hash: string }>} */
	async best() {
		const hash = await this.hash(null);
		const { number } = await this.rpc('chain_getHeader', hash);
		return { number: Number(number), hash };
	}

	/** Returns the finalized block. @returns {Promise<{ number: number, hash: string }>} */
	async finalized() {
		const hash = await this.rpc('chain_getFinalizedHead');
		const { number } = await this.rpc('chain_getHeader', hash);
		return { number: Number(number), hash };
	}

	/** Signs offline. The transaction is immortal, so that it can be sent again at any time. */
	sign(call, pair, nonce, tip = 0) {
		const { genesisHash, runtimeVersion, extrinsicVersion } = this.api;
		const options = { genesisHash, blockHash: genesisHash, runtimeVersion, nonce, tip };
		if (!extrinsicVersion) throw new Error('not connected');
		// A copy, since several accounts may sign the same call.
		return this.api.tx(call.method).sign(pair, options).toHex();
	}
}
