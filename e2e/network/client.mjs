/** The chain of a network, through any node that answers. */
import { ApiPromise } from '@polkadot/api';
import { stringPascalCase } from '@polkadot/util';
import { SIGNED_EXTENSIONS } from '../lib/chain.mjs';
import { plain } from '../lib/plain.mjs';
import { NodeHandle } from './rpc.mjs';

export class Client {
	/** The polkadot.js API. It has no subscriptions. */
	api;

	/** @param {() => string[]} urls where nodes answer at the moment */
	static async connect(urls) {
		const client = new Client();
		client.api = await ApiPromise.create({
			provider: new NodeHandle(urls),
			noInitWarn: true,
			signedExtensions: SIGNED_EXTENSIONS,
			throwOnConnect: true,
		});
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

	rpc(method, ...params) {
		return this.api._rpcCore.provider.send(method, params);
	}

	async query(pallet, item, ...keys) {
		return plain(await this.api.query[pallet][item](...keys));
	}

	/** Queries the pool: `pool('getStaker', address)`. */
	async pool(query, ...args) {
		return plain(await this.api.call.proverPoolApi[query](...args));
	}

	constant(pallet, name) {
		return plain(this.api.consts[pallet][name]);
	}

	/** The events of a block: `Pallet.Event` and its fields. */
	async events(hash) {
		const { query } = await this.api.at(hash);
		const records = await query.system.events();
		return records.map(({ event }) => {
			const values = event.data.map(plain);
			return {
				name: `${stringPascalCase(event.section)}.${event.method}`,
				data: Object.fromEntries((event.data.names ?? []).map((name, i) => [name, values[i]])),
			};
		});
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
