/** Something of the past that is read again when the history says that it has changed. */
import { createEffect, createSignal, on, onCleanup } from 'solid-js';
import { history, type PastEvent } from '../history/history';
import { createReading, type Reading } from './latest';
import { useLive } from './page';

/** Reads now, and again after each event that concerns what is read. */
export function createPast<Value>(read: () => Promise<Value>, concerns: (event: PastEvent) => boolean): Reading<Value> {
	const { market } = useLive();
	const reading = createReading(read);
	/** Whether the server refuses the stream, as it does with too many readers. Each new block says then that something may have changed. */
	const [refused, setRefused] = createSignal(false);
	let stream: EventSource | undefined;

	function listen() {
		const opened = history.stream();
		opened.addEventListener('event', ({ data }) => {
			if (concerns(JSON.parse(data) as PastEvent)) reading.again();
		});
		// Events that are not named were replaced, left out, or missed before this connection.
		for (const name of ['reverted', 'behind', 'open']) opened.addEventListener(name, reading.again);
		opened.addEventListener('error', () => setRefused(opened.readyState === opened.CLOSED));
		stream = opened;
	}

	// A browser has few connections to a server: pages that nobody looks at leave them to others.
	function follow() {
		stream?.close();
		stream = undefined;
		if (!document.hidden) listen();
	}

	document.addEventListener('visibilitychange', follow);
	onCleanup(() => {
		document.removeEventListener('visibilitychange', follow);
		stream?.close();
	});
	reading.again();
	follow();
	createEffect(on(market, () => refused() && reading.again(), { defer: true }));
	return reading;
}

/** Returns whether an event is about an account. */
export function isAbout(account: string): (event: PastEvent) => boolean {
	return (event) => event.account === account || Object.values(event.fields).includes(account);
}
