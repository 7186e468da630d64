/** Something that is read again with every new block. The last answer stays until the next one is there. */
import { createEffect, createSignal, on, onCleanup } from 'solid-js';
import type { Market } from '../chain/types';
import { useLive } from './page';

export interface Latest<Value> {
	value: () => Value | undefined;
	problem: () => string | undefined;
}

/** Reads `read` for the present block, and for each later one while the part is shown. */
export function createLatest<Value>(read: (market: Market) => Promise<Value>, changes: () => unknown = () => 0): Latest<Value> {
	const { market } = useLive();
	const [value, setValue] = createSignal<Value>();
	const [problem, setProblem] = createSignal<string>();
	let busy = false;
	let again = false;
	let ended = false;
	onCleanup(() => (ended = true));

	async function run() {
		if (busy) {
			again = true;
			return;
		}
		busy = true;
		do {
			again = false;
			try {
				const next = await read(market()!);
				if (ended) return;
				setValue(() => next);
				setProblem(undefined);
			} catch (error) {
				setProblem((error as Error).message);
			}
		} while (again && !ended);
		busy = false;
	}

	createEffect(on([market, changes], () => market() && void run()));
	return { value, problem };
}
