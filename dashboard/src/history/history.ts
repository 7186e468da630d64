/** The past, from the history that serves the page. Amounts are strings of base units. */
export interface Moment {
	block: number;
	time: number | null;
}

export interface Gap {
	from_block: number;
	to_block: number;
	reason: string;
}

/** How far the history reaches. */
export interface Position {
	/** The latest ones, in order. */
	gaps: Gap[];
}

export interface PastBlock {
	id: number;
	status: string;
	escrow: string | null;
	paid: string | null;
	returned: string | null;
	forfeited: string | null;
	/** Whether events of its life may be missing. */
	spans_gap: boolean;
}

export interface PastSlash {
	block_id: number;
	who: string;
	amount: string;
	fault: string;
	state: string;
	to_rescuer: string;
	burnt: string;
	spans_gap: boolean;
}

export interface PastOffer {
	at: Moment;
	change: string;
	stake: string;
	reward_per_gas: number | null;
	max_capacity: number | null;
	paused: boolean;
}

export interface PastDay {
	start: number;
	assigned: number;
	in_time: number;
	late: number;
	missed: number;
	rescued: number;
	earned: string;
	slashed: string;
	spans_gap: boolean;
}

export interface BlockDetail {
	block: PastBlock;
	why: string[];
	position: Position;
}

export interface ProverDetail {
	offers: PastOffer[];
	days: PastDay[];
	position: Position;
}

export interface SlashPage {
	items: PastSlash[];
	next: string | null;
	position: Position;
}

/** What the stream of the history says of an event. */
export interface PastEvent {
	pallet: string;
	name: string;
	block_id: number | null;
	account: string | null;
	fields: Record<string, unknown>;
}

/** Asks the history. An error is its own sentence, which says what to do. */
async function ask<Answer>(path: string): Promise<Answer> {
	const response = await fetch(`./v1/${path}`, { headers: { accept: 'application/json' } });
	const answer: unknown = await response.json().catch(() => undefined);
	if (response.ok && answer !== undefined) return answer as Answer;
	const { error } = (answer ?? {}) as { error?: string };
	throw new Error(error ?? `The history does not answer: its server says ${response.status} at v1/${path}.`);
}

export const history = {
	block: (blockId: bigint) => ask<BlockDetail>(`blocks/${blockId}`),
	prover: (account: string) => ask<ProverDetail>(`provers/${encodeURIComponent(account)}`),
	slashes: (cursor?: string) =>
		ask<SlashPage>(cursor ? `slashes?cursor=${encodeURIComponent(cursor)}` : 'slashes'),
	/** The stream of what happens. */
	stream: () => new EventSource('./v1/live'),
};
