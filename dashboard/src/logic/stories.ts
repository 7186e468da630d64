/** What happened to each block of the rollup, from the events of the chain's blocks that the page has read. */
import type { ChainBlock, ChainEvent, EventData } from '../chain/types';
import { blockOf } from './sentences';

export interface Moment {
	number: number;
	time: number;
	event: ChainEvent;
}

export type Settlement = 'verified' | 'skipped' | 'cancelled';

/** The events of one block of the rollup. Older ones are missing if the page began to read later. */
export interface Story {
	blockId: bigint;
	moments: Moment[];
	proposed: (EventData<'BlockProposal.BlockProposed'> & { number: number }) | undefined;
	assigned: (EventData<'BlockProposal.BlockAssigned'> & { number: number }) | undefined;
	verified: EventData<'BlockProposal.BlockVerified'> | undefined;
	skipped: EventData<'BlockProposal.BlockSkipped'> | undefined;
	cancelled: EventData<'BlockProposal.BlockCancelled'> | undefined;
	slash: EventData<'ProverPool.Slashed'> | undefined;
	settlement: Settlement | undefined;
	/** The chain's block in which it was settled. */
	settledIn: number | undefined;
}

/** Returns the stories of all blocks of the rollup in some blocks of the chain, which are in order. */
export function storiesOf(blocks: ChainBlock[]): Map<bigint, Story> {
	const stories = new Map<bigint, Story>();
	for (const { number, time, events } of blocks) {
		for (const event of events) {
			const blockId = blockOf(event);
			if (blockId === undefined) continue;
			const story = stories.get(blockId) ?? empty(blockId);
			stories.set(blockId, story);
			add(story, { number, time, event });
		}
	}
	return stories;
}

function empty(blockId: bigint): Story {
	return {
		blockId,
		moments: [],
		proposed: undefined,
		assigned: undefined,
		verified: undefined,
		skipped: undefined,
		cancelled: undefined,
		slash: undefined,
		settlement: undefined,
		settledIn: undefined,
	};
}

function add(story: Story, moment: Moment) {
	const { number, event } = moment;
	story.moments.push(moment);
	const settle = (settlement: Settlement) => {
		story.settlement = settlement;
		story.settledIn = number;
	};
	switch (event.name) {
		case 'BlockProposal.BlockProposed':
			story.proposed = { ...event.data, number };
			break;
		case 'BlockProposal.BlockAssigned':
			story.assigned = { ...event.data, number };
			break;
		case 'BlockProposal.BlockVerified':
			story.verified = event.data;
			settle('verified');
			break;
		case 'BlockProposal.BlockSkipped':
			story.skipped = event.data;
			settle('skipped');
			break;
		case 'BlockProposal.BlockCancelled':
			story.cancelled = event.data;
			settle('cancelled');
			break;
		case 'ProverPool.Slashed':
			story.slash = event.data;
			break;
	}
}

/** Where the escrow of a settled block went. The parts add up to the escrow, or the chain has a fault. */
export interface Money {
	escrow: bigint | undefined;
	paid: bigint;
	returned: bigint;
	forfeited: bigint;
	addsUp: boolean | undefined;
}

/** Returns where the escrow of a settled block went. */
export function moneyOf({ proposed, verified, skipped, cancelled }: Story): Money | undefined {
	const end = verified ?? skipped ?? cancelled;
	if (!end) return undefined;
	const paid = verified?.paid ?? 0n;
	const { returned, forfeited } = end;
	const escrow = proposed?.escrow;
	return { escrow, paid, returned, forfeited, addsUp: escrow === undefined ? undefined : escrow === paid + returned + forfeited };
}

/** A price that was agreed with a prover. */
export interface AgreedPrice {
	number: number;
	time: number;
	blockId: bigint;
	price: number;
	account: string;
}

/** Returns the prices agreed in some blocks of the chain. */
export function agreedPrices(blocks: ChainBlock[]): AgreedPrice[] {
	return blocks.flatMap(({ number, time, events }) =>
		events.flatMap((event) => {
			if (event.name !== 'BlockProposal.BlockAssigned') return [];
			const { blockId, rewardPerGas, prover } = event.data;
			return [{ number, time, blockId, price: rewardPerGas, account: prover }];
		}),
	);
}

/**
 * Returns the fee after each of some blocks of the chain. The fee changes with `AveragesUpdated` only, and the
 * present one is known, so the fee before the first change is known if a proposal names it.
 */
export function feesOf(blocks: ChainBlock[], present: number): { number: number; time: number; fee: number }[] {
	const known = (events: ChainEvent[]) => {
		let fee: number | undefined;
		for (const event of events) {
			if (event.name === 'BlockProposal.BlockProposed') fee = event.data.feePerGas;
			if (event.name === 'BlockProposal.AveragesUpdated') fee = event.data.feePerGas;
		}
		return fee;
	};
	const changes = blocks.map(({ events }) => known(events));
	let fee = changes.find((change) => change !== undefined) ?? present;
	return blocks.map(({ number, time }, i) => {
		fee = changes[i] ?? fee;
		return { number, time, fee };
	});
}
