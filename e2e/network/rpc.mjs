/** JSON-RPC over HTTP to nodes that come and go: each request is a connection of its own. */

/** Longer than a busy node takes to answer. */
const PATIENCE_MS = 30_000;

/** The node answered with an error. */
export class RpcError extends Error {
	constructor({ code, message, data }) {
		super(`${code}: ${message}${data === undefined ? '' : `: ${JSON.stringify(data)}`}`);
		this.code = code;
	}
}

let id = 0;

/** How many transactions each node has been sent and has not answered for, by its address. */
const submissions = new Map();

/** Returns how many transactions the node at `url` has been sent and has not answered for. */
export const unansweredBy = (url) => submissions.get(url) ?? 0;

/** Calls a method of the node at `url`. */
export async function call(url, method, params = [], patience = PATIENCE_MS) {
	if (method !== 'author_submitExtrinsic') return post(url, method, params, patience);
	submissions.set(url, unansweredBy(url) + 1);
	try {
		return await post(url, method, params, patience);
	} finally {
		submissions.set(url, unansweredBy(url) - 1);
	}
}

async function post(url, method, params, patience) {
	const response = await fetch(url, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params }),
		signal: AbortSignal.timeout(patience),
	});
	if (!response.ok) throw new Error(`HTTP ${response.status}`);
	const { result, error } = await response.json();
	if (error) throw new RpcError(error);
	return result;
}

/** Calls a method many times in one request. Returns the answers in the order of the calls. */
export async function callAll(url, method, calls, patience = PATIENCE_MS) {
	const first = id + 1;
	id += calls.length;
	const requests = calls.map((params, i) => ({ jsonrpc: '2.0', id: first + i, method, params }));
	const response = await fetch(url, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(requests),
		signal: AbortSignal.timeout(patience),
	});
	if (!response.ok) throw new Error(`HTTP ${response.status}`);
	const answers = await response.json();
	return answers.sort((a, b) => a.id - b.id);
}

/**
 * A provider for polkadot.js that asks the first node that answers. It has no subscriptions: a
 * subscription would end with its node.
 */
export class NodeHandle {
	hasSubscriptions = false;
	isClonable = false;
	isConnected = true;

	#urls;

	/** @param {() => string[]} urls where nodes answer at the moment */
	constructor(urls) {
		this.#urls = urls;
	}

	async send(method, params) {
		let failure = new Error('no node is up');
		for (const url of this.#urls()) {
			try {
				return await call(url, method, params);
			} catch (error) {
				// What one node refuses, all would refuse.
				if (error instanceof RpcError) throw error;
				failure = error;
			}
		}
		throw failure;
	}

	on() {
		return () => {};
	}

	async connect() {}
	async disconnect() {}
}
