/** JSON-RPC over HTTP. Each request has its own connection, since nodes stop and restart. */

/** Longer than a busy node needs to answer. */
const TIMEOUT_MS = 30_000;

/** An error that a node returned. */
export class RpcError extends Error {
	constructor({ code, message, data }) {
		super(`${code}: ${message}${data === undefined ? '' : `: ${JSON.stringify(data)}`}`);
		this.code = code;
	}
}

let id = 0;

/** The number of submissions that each node has not answered, by its address. */
const submissions = new Map();

/** Returns the number of submissions that the node at `url` has not answered. */
export const unansweredBy = (url) => submissions.get(url) ?? 0;

/** Calls a method of the node at `url`. */
export async function call(url, method, params = [], timeout = TIMEOUT_MS) {
	if (method !== 'author_submitExtrinsic') return post(url, method, params, timeout);
	submissions.set(url, unansweredBy(url) + 1);
	try {
		return await post(url, method, params, timeout);
	} finally {
		submissions.set(url, unansweredBy(url) - 1);
	}
}

async function post(url, method, params, timeout) {
	const response = await fetch(url, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params }),
		signal: AbortSignal.timeout(timeout),
	});
	if (!response.ok) throw new Error(`HTTP ${response.status}`);
	const { result, error } = await response.json();
	if (error) throw new RpcError(error);
	return result;
}

/** Calls a method many times in one request. Returns the answers in the order of the calls. */
export async function callAll(url, method, calls, timeout = TIMEOUT_MS) {
	const first = id + 1;
	id += calls.length;
	const requests = calls.map((params, i) => ({ jsonrpc: '2.0', id: first + i, method, params }));
	const response = await fetch(url, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(requests),
		signal: AbortSignal.timeout(timeout),
	});
	if (!response.ok) throw new Error(`HTTP ${response.status}`);
	const answers = await response.json();
	return answers.sort((a, b) => a.id - b.id);
}

/**
 * A provider for polkadot.js that uses the first node that answers. It has no subscriptions, since a
 * subscription ends with its node.
 */
export class NodeHandle {
	hasSubscriptions = false;
	isClonable = false;
	isConnected = true;

	#urls;

	/** @param {() => string[]} urls returns the addresses of the running nodes */
	constructor(urls) {
		this.#urls = urls;
	}

	async send(method, params) {
		let failure = new Error('no node is up');
		for (const url of this.#urls()) {
			try {
				return await call(url, method, params);
			} catch (error) {
				// All nodes refuse what one refuses.
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
