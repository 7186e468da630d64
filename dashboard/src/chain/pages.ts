/** Lists that the runtime gives page by page, in the order of slots. */

/** The rows of one query, at most what the runtime gives. */
export const PAGE = 1024;

/** Returns the slot at which the page after these rows begins, or `undefined` after the last page. */
export function nextStart(rows: { proverId: number }[], start: number): number | undefined {
	const last = rows.at(-1);
	if (!last || rows.length < PAGE) return undefined;
	// Otherwise a faulty node could make the page read without an end.
	if (last.proverId < start) throw new Error('The node repeats a page of its list.');
	return last.proverId + 1;
}
