/** All members of the pool, read page by page, and again when the pool changes. */
import { createEffect, createSignal, on, onCleanup } from 'solid-js';
import type { Member } from '../chain/types';
import type { Live } from './live';

/** A pool of more members is read again only after this many blocks. */
const SMALL = 1_024;
const LARGE_POOL_EVERY = 100;

export interface Members {
	/** In the order of slots. */
	rows: Member[];
	/** The block of which they are. */
	number: number;
	/** Whether these are all. Until then, they are the first page. */
	complete: boolean;
}

/** Reads the members while somebody looks at them. */
export function createMembers({ chain, market }: Live) {
	const [members, setMembers] = createSignal<Members>();
	const [problem, setProblem] = createSignal<string>();
	/** How many were read, while a reading is under way. */
	const [progress, setProgress] = createSignal(0);
	let busy = false;
	let ended = false;
	onCleanup(() => (ended = true));

	createEffect(
		on(market, () => {
			if (!busy && isDue()) void read();
		}),
	);

	function isDue(): boolean {
		const now = market();
		const last = members();
		if (!now) return false;
		if (!last || last.rows.length <= SMALL) return now.number !== last?.number;
		return now.number >= last.number + LARGE_POOL_EVERY;
	}

	async function read() {
		const now = market();
		if (!now) return;
		const { hash, number, fee } = now;
		busy = true;
		try {
			const shown = members();
			const rows: Member[] = [];
			for (let start: number | undefined = 1; start !== undefined && !ended; ) {
				const page: Awaited<ReturnType<typeof chain.members>> = await chain.members(hash, fee, start);
				rows.push(...page.members);
				start = page.next;
				setProgress(rows.length);
				// The odds of all depend on all, so the list changes only twice: with the first page, and at the end.
				if (start === undefined) setMembers({ rows, number, complete: true });
				else if (!shown && rows.length === page.members.length) setMembers({ rows: [...rows], number, complete: false });
			}
			setProblem(undefined);
		} catch (error) {
			setProblem(`The members could not be read: ${(error as Error).message}`);
		}
		busy = false;
		if (!ended && isDue() && !problem()) void read();
	}

	return { members, problem, progress };
}
