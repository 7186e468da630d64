/** Waiting with a bound: what does not happen in time ends with an error that names it. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Many times what anything takes on an idle machine. */
const PATIENCE_MS = 300_000;
const POLL_MS = 200;

/**
 * Waits until a condition holds. Returns what it returned.
 *
 * @template T
 * @param {string} what the condition, for the error
 * @param {() => T | Promise<T>} condition
 * @param {object} [options]
 * @param {number} [options.patience] in milliseconds
 * @param {number} [options.every] milliseconds from one look to the next
 * @param {() => string | Promise<string>} [options.state] what there is instead, for the error
 * @returns {Promise<T>}
 */
export async function until(what, condition, { patience = PATIENCE_MS, every = POLL_MS, state } = {}) {
	const end = Date.now() + patience;
	for (;;) {
		const value = await condition();
		if (value) return value;
		if (Date.now() > end) throw await late(what, patience, state);
		await sleep(every);
	}
}

/**
 * Waits for a promise. The promise itself goes on if it is late.
 *
 * @template T
 * @param {string} what it waits for, for the error
 * @param {Promise<T>} promise
 * @param {object} [options] as for `until`
 * @returns {Promise<T>}
 */
export async function within(what, promise, { patience = PATIENCE_MS, state } = {}) {
	let timer;
	const timeout = new Promise((resolve) => (timer = setTimeout(resolve, patience)));
	try {
		return await Promise.race([
			promise,
			timeout.then(async () => {
				throw await late(what, patience, state);
			}),
		]);
	} finally {
		clearTimeout(timer);
	}
}

async function late(what, patience, state) {
	const instead = state ? `\n${await state()}` : '';
	return new Error(`${what}: not within ${patience / 1_000} s${instead}`);
}
