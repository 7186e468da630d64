/** Waits with a timeout. The error names what did not happen. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Many times longer than any wait on an idle machine. */
const TIMEOUT_MS = 300_000;
const POLL_MS = 200;

/**
 * Waits until a condition holds. Returns what it returned.
 *
 * @template T
 * @param {string} what the condition, for the error
 * @param {() => T | Promise<T>} condition
 * @param {object} [options]
 * @param {number} [options.timeout] in milliseconds
 * @param {number} [options.every] milliseconds between two checks
 * @param {() => string | Promise<string>} [options.state] the present state, for the error
 * @returns {Promise<T>}
 */
export async function until(what, condition, { timeout = TIMEOUT_MS, every = POLL_MS, state } = {}) {
	const end = Date.now() + timeout;
	for (;;) {
		const value = await condition();
		if (value) return value;
		if (Date.now() > end) throw await late(what, timeout, state);
		await sleep(every);
	}
}

/**
 * Waits for a promise. A timeout does not cancel the promise.
 *
 * @template T
 * @param {string} what it waits for, for the error
 * @param {Promise<T>} promise
 * @param {object} [options] as for `until`
 * @returns {Promise<T>}
 */
export async function within(what, promise, { timeout = TIMEOUT_MS, state } = {}) {
	let timer;
	const expired = new Promise((resolve) => (timer = setTimeout(resolve, timeout)));
	try {
		return await Promise.race([
			promise,
			expired.then(async () => {
				throw await late(what, timeout, state);
			}),
		]);
	} finally {
		clearTimeout(timer);
	}
}

async function late(what, timeout, state) {
	const instead = state ? `\n${await state()}` : '';
	return new Error(`${what}: not within ${timeout / 1_000} s${instead}`);
}
