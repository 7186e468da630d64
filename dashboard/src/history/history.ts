/** The past, from the history that serves the page. Amounts are strings of base units. */
export interface PastMoment {
	block: number;
	time: number | null;
}

export interface Position {
	gaps: { from_block: number; to_block: number; reason: string }[];
}

export interface PastBlock {
	id: number;
	status: string;
	prover: string | null;
	reward_per_gas: number | null;
	escrow: string | null;
	paid: string | null;
	returned: string | null;
	forfeited: string | null;
	verdict: string | null;
}

export interface PastSlash {
	block_id: number;
	who: string;
	amount: string;
	fault: string;
	state: 'pending' | 'applied' | 'cancelled';
	slashed: PastMoment;
	rescuer: string | null;
	to_rescuer: string;
	burnt: string;
}

export interface PastOffer {
	at: PastMoment;
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
	blocks: PastBlock[];
	position: Position;
}

export interface SlashPage {
	items: PastSlash[];
	next: string | null;
	position: Position;
}

/** Asks the history. An error is its own sentence, which says what to do. */
async function ask<Answer>(path: string): Promise<Answer> {
	const response = await fetch(`./v1/${path}`, { headers: { accept: 'application/json' } });
	const answer: unknown = await response.json();
	if (!response.ok) throw new Error((answer as { error?: string }).error ?? `The history answers ${response.status}.`);
	return answer as Answer;
}

export const history = {
	block: (blockId: bigint) => ask<BlockDetail>(`blocks/${blockId}`),
	prover: (account: string) => ask<ProverDetail>(`provers/${encodeURIComponent(account)}`),
	slashes: (cursor?: string) =>
		ask<SlashPage>(cursor ? `slashes?cursor=${encodeURIComponent(cursor)}` : 'slashes'),
};
