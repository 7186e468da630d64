/** What the history lacks, in words. */
import type { Gap } from '../history/history';
import { whole } from './amounts';

/** The gaps that a history names at most. */
const NAMED = 100;

/** Returns a sentence for each gap. */
export function gapsInWords(gaps: Gap[]): string[] {
	const sentences = gaps.map(({ from_block: from, to_block: to, reason }) => {
		const blocks = from === to ? `block ${whole(from)}` : `blocks ${whole(from)} to ${whole(to)}`;
		return `The history lacks ${blocks}: ${reason}`;
	});
	return gaps.length < NAMED ? sentences : ['There may be earlier gaps than these.', ...sentences];
}
