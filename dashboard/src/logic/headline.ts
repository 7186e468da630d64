/** The one sentence on top of the market. */
import type { Market, ProtocolConstants } from '../chain/types';
import { count, whole } from './amounts';
import { positionOf } from './stages';

export type Tone = 'good' | 'warn' | 'bad';

export interface Headline {
	tone: Tone;
	text: string;
}

/** Returns the most important thing about a market. */
export function headline(market: Market, protocol: ProtocolConstants): Headline {
	const { rollup, waiting, pausedUntil, freeCapacity, listedMembers, number } = market;
	if (!rollup) return { tone: 'warn', text: 'The rollup has not been started yet.' };
	if (pausedUntil !== undefined && pausedUntil > number) {
		return { tone: 'bad', text: `The protocol is paused until block ${whole(pausedUntil)}.` };
	}
	if (rollup.cancelled) {
		const left = Number(rollup.cancelled.below - rollup.head);
		return { tone: 'bad', text: `${count(left, 'block')} cancelled after a skip or a reset.` };
	}
	const positions = waiting.map((block) => positionOf(block, market, protocol));
	const overdue = positions.filter((position) => position.overdue).length;
	if (overdue > 0) return { tone: 'bad', text: `${count(overdue, 'block')} overdue.` };
	if (listedMembers === 0) return { tone: 'warn', text: 'The pool has no provers.' };
	const open = positions.filter((position) => position.open).length;
	if (open > 0) return { tone: 'warn', text: `${count(open, 'block')} open to anybody.` };
	if (freeCapacity === 0n) return { tone: 'warn', text: 'The pool is full.' };
	if (rollup.nextId - rollup.head >= BigInt(protocol.maxUnverifiedBlocks)) {
		return { tone: 'warn', text: 'No more blocks may wait: proposals are refused.' };
	}
	return { tone: 'good', text: 'All is well.' };
}
