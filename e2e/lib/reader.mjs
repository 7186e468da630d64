/** Reads a chain through polkadot.js, with any provider. */
import { ApiPromise } from '@polkadot/api';
import { stringPascalCase } from '@polkadot/util';
import { plain } from './plain.mjs';

/**
 * The transaction extensions of this chain that polkadot.js does not know and would warn about. They add no
 * bytes.
 */
const SIGNED_EXTENSIONS = { CheckOperational: { extrinsic: {}, payload: {} } };

/** The error code for a transaction that the node's pool already has. */
export const ALREADY_IMPORTED = 1013;

/**
 * @typedef {object} ChainEvent
 * @property {string} name `Pallet.Event`
 * @property {object} data its fields, as plain values
 * @property {number | null} extrinsic the extrinsic that caused it; `null` for the block's own hooks
 */
export class Reader {
	/** The polkadot.js API. */
	api;

	#provider;

	/** Connects the API, with further options of the API. */
	async open(provider, options = {}) {
		this.#provider = provider;
		this.api = await ApiPromise.create({
			provider,
			noInitWarn: true,
			signedExtensions: SIGNED_EXTENSIONS,
			throwOnConnect: true,
			...options,
		});
	}

	/** Calls an RPC method directly, for requests that the API would refuse to send or to decode. */
	rpc(method, ...params) {
		return this.#provider.send(method, params);
	}

	/** Reads storage: `query('blockProposal', 'chain')`. */
	async query(pallet, item, ...keys) {
		return plain(await this.api.query[pallet][item](...keys));
	}

	/** Queries the pool: `pool('getStaker', address)`. */
	async pool(query, ...args) {
		return plain(await this.api.call.proverPoolApi[query](...args));
	}

	/** Returns a constant of a pallet. */
	constant(pallet, name) {
		return plain(this.api.consts[pallet][name]);
	}

	/** Returns the events of a block, in order. @returns {Promise<ChainEvent[]>} */
	async events(hash) {
		return (await this.api.query.system.events.at(hash)).map(plainEvent);
	}

	/** Returns an error's name: `Pallet.Error`, or the SDK's, such as `BadOrigin` or `Token.CannotCreate`. */
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
