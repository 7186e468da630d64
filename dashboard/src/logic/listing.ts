/** The members as a list: their odds at any fee, searched, filtered and sorted. */
import type { LotteryParameters, Member, MemberRow } from '../chain/types';
import { band, type Candidate, clamp, oddsAt } from './odds';

/** A row of the list. */
export interface Row {
	member: Member;
	/** What the member would be paid at the fee. */
	agreed: number | undefined;
	/** Parts of 10¹⁸ of all draws at the fee; 0 of a member that cannot be drawn now. */
	odds: bigint;
}

export const SORTS = ['odds', 'stake', 'price', 'served', 'slot'] as const;
export type Sort = (typeof SORTS)[number];

export type Filter = 'all' | 'drawable' | 'waiting' | 'paused' | 'suspended';

/** Returns the offer that draws use, or will use if they use none yet. */
export function drawnOffer({ offer, listed }: MemberRow): MemberRow['offer'] {
	return listed ?? offer;
}

/** Returns the member as draws see it, or `undefined` if it cannot be drawn in the next block. */
function candidateOf(member: Member): Candidate | undefined {
	// The chain says whether it can be drawn: its weight is 0 if not.
	if (member.weight === 0n) return undefined;
	const { stake, rewardPerGas } = drawnOffer(member);
	return { proverId: member.proverId, stake, price: rewardPerGas };
}

/** Returns those members that can be drawn, as draws see them. */
export function candidatesOf(members: Member[]): Candidate[] {
	return members.map(candidateOf).filter((candidate) => candidate !== undefined);
}

/** Returns the rows of all members at a fee. */
export function rowsAt(members: Member[], fee: number, percents: LotteryParameters): Row[] {
	const odds = oddsAt(candidatesOf(members), fee, percents);
	const prices = band(fee, percents);
	return members.map((member) => ({
		member,
		agreed: prices && clamp(drawnOffer(member).rewardPerGas, prices),
		odds: odds.get(member.proverId) ?? 0n,
	}));
}

/** Returns the rows that match a search and a filter, in order. */
export function select(
	rows: Row[],
	{ search, filter, sort }: { search: string; filter: Filter; sort: Sort },
	nameOf: (account: string) => string | undefined,
): Row[] {
	const wanted = search.trim().toLowerCase();
	const matches = ({ member }: Row) => {
		if (!passes(member, filter)) return false;
		if (wanted === '') return true;
		const name = nameOf(member.account)?.toLowerCase() ?? '';
		return (
			name.includes(wanted) ||
			member.account.toLowerCase().includes(wanted) ||
			String(member.proverId) === wanted.replace(/^#/, '')
		);
	};
	// A float orders most rows, which is fast; the exact values order those that it does not tell apart.
	const keyed = rows.filter(matches).map((row) => ({ row, key: approximate(row, sort) }));
	keyed.sort(
		(a, b) => a.key - b.key || compare(a.row, b.row, sort) || a.row.member.proverId - b.row.member.proverId,
	);
	return keyed.map(({ row }) => row);
}

/** Returns a number that never orders two rows in the wrong way, but may be the same for both. */
function approximate({ member, odds }: Row, sort: Sort): number {
	if (sort === 'odds') return -Number(odds);
	return sort === 'stake' ? -Number(member.offer.stake) : 0;
}

function passes({ status, weight }: Member, filter: Filter): boolean {
	switch (filter) {
		case 'all':
			return true;
		case 'drawable':
			return weight > 0n;
		case 'waiting':
			return status.type === 'Entering';
		case 'paused':
			return status.type === 'Paused';
		case 'suspended':
			return status.type === 'Suspended';
	}
}

function compare(a: Row, b: Row, sort: Sort): number {
	const descending = (left: bigint | number, right: bigint | number) => (left < right ? 1 : left > right ? -1 : 0);
	switch (sort) {
		case 'odds':
			return descending(a.odds, b.odds);
		case 'stake':
			return descending(a.member.offer.stake, b.member.offer.stake);
		case 'price':
			return a.member.offer.rewardPerGas - b.member.offer.rewardPerGas;
		case 'served':
			return descending(a.member.record.served, b.member.record.served);
		case 'slot':
			return 0;
	}
}
