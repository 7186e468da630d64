/** Something that is read again when it may have changed. The last answer stays until the next one is there. */
import { batch, createEffect, createSignal, on, onCleanup } from 'solid-js';
import type { Market } from '../chain/types';
import { useLive } from './page';

export interface Reading<Value> {
	value: () => Value | undefined;
	/** Why the last reading failed, in words. */
	problem: () => string | undefined;
	busy: () => boolean;
	/** Reads again. Whatever asks while a reading is under way gets one more after it. */
	again: () => void;
}

/** Reads when `again` is called, while the part is shown. */
export function createReading<Value>(read: () => Promise<Value>): Reading<Value> {
	const [value, setValue] = createSignal<Value>();
	const [problem, setProblem] = createSignal<string>();
	const [busy, setBusy] = createSignal(false);
	let [reading, wanted, ended] = [false, false, false];
	onCleanup(() => (ended = true));

	async function run() {
		reading = true;
		setBusy(true);
		while (wanted && !ended) {
			wanted = false;
			try {
				const next = await read();
				if (ended) return;
				batch(() => {
					setValue(() => next);
					setProblem(undefined);
				});
			} catch (error) {
				setProblem((error as Error).message);
			}
		}
		setBusy(false);
		reading = false;
	}

	const again = () => {
		wanted = true;
		if (!reading) void run();
	};
	return { value, problem, busy, again };
}

/** Reads for the present block and for each later one, and whenever `changes` does. */
export function createLatest<Value>(
	read: (market: Market) => Promise<Value>,
	changes: () => unknown = () => undefined,
): Reading<Value> {
	const { market } = useLive();
	const reading = createReading(() => read(market()!));
	createEffect(on([market, changes], () => market() && reading.again()));
	return reading;
}
