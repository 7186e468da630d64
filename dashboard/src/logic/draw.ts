/** A draw, recomputed from the chain's state (R4, R5). */
import { blake2AsU8a, concatU8a, hexToU8a, u8aToHex } from 'dedot/utils';
import type { DrawEvidence, DrawRequest } from '../chain/types';
import { band, type Band, type Candidate, clamp, group, type Groups, shareOf, weight } from './odds';

/** What separates the seeds of draws from other users of the same randomness. */
const DRAW_CONTEXT = new TextEncoder().encode('prover-pool/draw');

/** Returns the seed of a block's draw: H(context ‖ id ‖ accumulator), with the context's length before it. */
export function seedOf(blockId: bigint, accumulator: string): bigint {
	const subject = concatU8a(Uint8Array.of(DRAW_CONTEXT.length << 2), DRAW_CONTEXT, littleEndian(blockId));
	return BigInt(u8aToHex(blake2AsU8a(concatU8a(subject, hexToU8a(accumulator)), 256)));
}

/** Returns the accumulator after it took in an output. */
export function accumulate(before: string | undefined, output: string): string {
	const digest = before === undefined ? new Uint8Array(32) : hexToU8a(before);
	return u8aToHex(blake2AsU8a(concatU8a(digest, hexToU8a(output)), 256));
}

function littleEndian(value: bigint): Uint8Array {
	return Uint8Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

/** Returns ⌊seed · total / 2²⁵⁶⌋. */
export function drawnPoint(seed: bigint, total: bigint): bigint {
	return (seed * total) >> 256n;
}

/** Returns the candidate that a point draws, or `undefined` at or beyond the total. */
export function candidateAt({ below, inside, above }: Groups, point: bigint): Candidate | undefined {
	if (point < below.weight) return atStake(below.candidates, (point * below.stake) / below.weight);
	let rest = point - below.weight;
	if (rest < inside.weight) {
		return inside.candidates.find(({ stake, price }) => {
			const own = weight(stake, price);
			if (rest < own) return true;
			rest -= own;
			return false;
		});
	}
	rest -= inside.weight;
	if (rest < above.weight) return atStake(above.candidates, (rest * above.stake) / above.weight);
	return undefined;
}

function atStake(candidates: Candidate[], distance: bigint): Candidate | undefined {
	let rest = distance;
	return candidates.find(({ stake }) => {
		if (rest < stake) return true;
		rest -= stake;
		return false;
	});
}

/** A candidate's part of the bar, in parts of 10¹⁸ of the whole. */
export interface Segment {
	proverId: number;
	account: string;
	stake: bigint;
	asked: number;
	/** The price that would be agreed. */
	agreed: number;
	weight: bigint;
	from: bigint;
	share: bigint;
}

/** One statement about the draw. */
export interface Finding {
	what: string;
	/** Whether it holds; `undefined` if it could not be checked. */
	holds: boolean | undefined;
	detail: string;
}

export interface CheckedDraw {
	request: DrawRequest;
	/** The position among the draws of its block. */
	position: number;
	band: Band | undefined;
	seed: bigint;
	total: bigint;
	point: bigint;
	/** The point in parts of 10¹⁸ of the total. */
	pointShare: bigint;
	segments: Segment[];
	/** Whom the page draws; `undefined` if nobody can be drawn. */
	drawn: Segment | undefined;
	/** What the chain says in its event. */
	chain: { account: string; price: number } | undefined;
	findings: Finding[];
	agrees: boolean;
}

/** Recomputes a draw, and compares it with what the chain did. */
export async function checkDraw(evidence: DrawEvidence, blockId: bigint): Promise<CheckedDraw> {
	const { block, accumulator, requests, lottery } = evidence;
	const position = requests.findIndex((request) => request.blockId === blockId);
	if (position < 0 || position >= evidence.maxDrawsPerBlock) {
		throw new Error(`Block ${blockId} was not waiting for a draw in block ${block.number}.`);
	}
	const request = requests[position];
	const earlier = earlierDraws(evidence, position);
	const candidates = candidatesOf(evidence, earlier);
	const prices = band(request.feePerGas, lottery);
	const groups = prices && group(candidates, prices);
	const total = groups?.total ?? 0n;
	const seed = seedOf(blockId, accumulator.digest);
	const point = drawnPoint(seed, total);
	const segments = groups ? segmentsOf(groups, evidence) : [];
	const winner = groups && candidateAt(groups, point);
	const drawn = winner && segments.find(({ proverId }) => proverId === winner.proverId);
	const chain = outcome(evidence, blockId);
	const findings = [
		seedIsFresh(evidence, request),
		accumulatorFollows(evidence),
		await weightsAgree(evidence, request, segments, earlier.size > 0),
		proverAgrees(drawn, chain),
		priceAgrees(drawn, chain),
	];
	return {
		request,
		position,
		band: prices,
		seed,
		total,
		point,
		pointShare: shareOf(point, total),
		segments,
		drawn,
		chain,
		findings,
		agrees: findings.every(({ holds }) => holds !== false),
	};
}

/** Returns how many of the block's earlier draws each account has won: each takes one unit of capacity. */
function earlierDraws(evidence: DrawEvidence, position: number): Map<string, number> {
	const won = new Map<string, number>();
	for (const { blockId } of evidence.requests.slice(0, position)) {
		const account = outcome(evidence, blockId)?.account;
		if (account !== undefined) won.set(account, (won.get(account) ?? 0) + 1);
	}
	return won;
}

/** Returns the members that can be drawn: listed, not paused, with free capacity. */
function candidatesOf({ members }: DrawEvidence, earlier: Map<string, number>): Candidate[] {
	return members.flatMap(({ proverId, prover, staker }) => {
		const { listing } = prover;
		if (listing.type === 'Entering') return [];
		const own = { ...prover, maxCapacity: staker.maxCapacity };
		const { stake, rewardPerGas, maxCapacity, paused } = listing.type === 'Changing' ? listing.value : own;
		const outstanding = staker.outstanding + (earlier.get(prover.account) ?? 0);
		if (paused || outstanding >= maxCapacity || stake === 0n) return [];
		return [{ proverId, stake, price: rewardPerGas }];
	});
}

/** Returns the candidates as parts of the bar, in the order of the draw. */
function segmentsOf(groups: Groups, { members }: DrawEvidence): Segment[] {
	const accounts = new Map(members.map(({ proverId, prover }) => [proverId, prover.account]));
	const { below, inside, above, total } = groups;
	let from = 0n;
	return [below, inside, above].flatMap((part) =>
		part.candidates.map(({ proverId, stake, price }) => {
			const agreed = clamp(price, groups.band);
			const own = weight(stake, agreed);
			const segment = {
				proverId,
				account: accounts.get(proverId) ?? '',
				stake,
				asked: price,
				agreed,
				weight: own,
				from,
				share: shareOf(own, total),
			};
			from += segment.share;
			return segment;
		}),
	);
}

/** Returns what the chain says of a draw; `undefined` if nobody could be drawn. Throws if it says nothing. */
function outcome({ block }: DrawEvidence, blockId: bigint) {
	for (const event of block.events) {
		if (event.name === 'ProverPool.ProverAssigned' && event.data.blockId === blockId) {
			return { account: event.data.who, price: event.data.rewardPerGas };
		}
		if (event.name === 'ProverPool.ProverNotFound' && event.data.blockId === blockId) return undefined;
	}
	throw new Error(`Block ${block.number} of the chain has no draw for block ${blockId}.`);
}

function seedIsFresh({ accumulator, block, drawDelay }: DrawEvidence, { requestedIn }: DrawRequest): Finding {
	const earliest = requestedIn + drawDelay;
	return {
		what: 'Nobody knew the seed when the block was proposed.',
		holds: accumulator.knownSince >= earliest && accumulator.knownSince === block.number - 1,
		detail:
			`Requested in block ${requestedIn}. A seed must be known since block ${earliest} or later. ` +
			`This one is known since block ${accumulator.knownSince}.`,
	};
}

function accumulatorFollows({ parentAccumulator, parentOutput, accumulator, block }: DrawEvidence): Finding {
	const expected =
		parentOutput === undefined ? undefined : accumulate(parentAccumulator?.digest, parentOutput);
	return {
		what: 'The seed contains the random output of the block before.',
		holds: expected === accumulator.digest,
		detail:
			expected === undefined
				? `Block ${block.number - 1} has no output in its state.`
				: `The hash of the last seed and the output of block ${block.number - 1} is ${expected}.`,
	};
}

async function weightsAgree(
	evidence: DrawEvidence,
	{ feePerGas }: DrawRequest,
	segments: Segment[],
	isLater: boolean,
): Promise<Finding> {
	if (isLater) {
		return {
			what: 'The weights were not compared with the chain’s own.',
			holds: undefined,
			detail:
				'The chain says its weights as they were before the first draw of a block. Earlier draws of this block have taken ' +
				'capacity since, and this page has counted it.',
		};
	}
	const weights = await evidence.chainWeights(feePerGas);
	const own = new Map(segments.map(({ proverId, weight }) => [proverId, weight]));
	const slots = new Set([...weights.keys(), ...own.keys()]);
	const different = [...slots].filter((proverId) => (own.get(proverId) ?? 0n) !== (weights.get(proverId) ?? 0n));
	return {
		what: 'All weights are the chain’s own.',
		holds: different.length === 0 && weights.size === evidence.members.length,
		detail:
			different.length === 0
				? `${weights.size} members, ${segments.length} of them could be drawn.`
				: `Different in slots ${different.join(', ')}.`,
	};
}

function proverAgrees(drawn: Segment | undefined, chain: { account: string } | undefined): Finding {
	return {
		what: 'The point lies in the part of the prover that the chain assigned.',
		holds: drawn?.account === chain?.account,
		detail: `The page draws ${drawn?.account ?? 'nobody'}, the chain ${chain?.account ?? 'nobody'}.`,
	};
}

function priceAgrees(drawn: Segment | undefined, chain: { price: number } | undefined): Finding {
	return {
		what: 'The agreed price is the asked one within the band.',
		holds: drawn?.agreed === chain?.price,
		detail: drawn ? `Asked ${drawn.asked}, agreed ${drawn.agreed} per gas.` : 'No price was agreed.',
	};
}
