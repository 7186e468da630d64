/** Where a block is on its way from proposal to verification, and what it waits for. */
import type { Market, ProtocolConstants, WaitingBlock } from '../chain/types';

/** The stages of a waiting block, in order. */
export const STAGES = ['proposed', 'drawn', 'proven', 'inLine'] as const;
export type Stage = (typeof STAGES)[number];

/** What a block waits for, by the protocol's clock. Never negative: what is overdue says so. */
export interface Wait {
	left: number;
	of: number;
}

export interface Position {
	stage: Stage;
	/** The account that must prove it or has proven it. */
	account: string | undefined;
	/** The agreed price, or what an open block pays now. */
	price: number | undefined;
	open: boolean;
	/** Nobody has proven it although somebody should have. */
	overdue: boolean;
	cancelled: boolean;
	wait: Wait | undefined;
}

/** Returns where a waiting block is. */
export function positionOf(block: WaitingBlock, market: Market, protocol: ProtocolConstants): Position {
	const { status } = block;
	const below = market.rollup?.cancelled?.below;
	const cancelled = below !== undefined && block.blockId < below;
	const base = { account: undefined, price: undefined, open: false, overdue: false, cancelled, wait: undefined };
	if (cancelled) return { ...base, stage: 'inLine' };
	const claim = earliestClaim(block);
	if (claim) {
		const wait = waitUntil(claim.claimedAt + protocol.cooldown, market.clock, protocol.cooldown);
		const proven = { ...base, account: claim.prover, price: claim.rewardPerGas, wait };
		return { ...proven, stage: wait.left > 0 ? 'proven' : 'inLine' };
	}
	if (status.type === 'Pending') return { ...base, stage: 'proposed' };
	if (status.type === 'Open') {
		return { ...base, stage: 'drawn', open: true, price: openPrice(block, market.clock, protocol) };
	}
	const { prover, rewardPerGas, start, deadline, delivery } = status.value;
	// A proof that is sent now is in the next block.
	const overdue = market.clock >= deadline || delivery.type === 'Removed';
	const wait = waitUntil(deadline, market.clock, deadline - start);
	return { ...base, stage: 'drawn', account: prover, price: rewardPerGas, overdue, wait };
}

function waitUntil(moment: number, now: number, of: number): Wait {
	return { left: Math.max(0, moment - now), of };
}

/** Returns the claim that counts first: the assigned prover's in time, else the first of others. */
export function earliestClaim({ status, others }: WaitingBlock) {
	if (status.type === 'Assigned' && status.value.delivery.type === 'Claimed') return status.value.delivery.value;
	return [...others].sort((a, b) => a.claimedAt - b.claimedAt)[0];
}

/** Returns what an open block pays per gas now: it rises from the start to the end share (Money). */
export function openPrice({ status, feePerGas }: WaitingBlock, clock: number, protocol: ProtocolConstants) {
	if (status.type !== 'Open') return undefined;
	const { openedAt, fixedReward } = status.value;
	if (fixedReward !== undefined) return fixedReward;
	const { openRewardStart: start, openRewardEnd: end, maxProofWindow } = protocol;
	const period = BigInt(maxProofWindow || 1);
	const elapsed = maxProofWindow === 0 ? 1n : BigInt(Math.min(Math.max(clock - openedAt, 0), maxProofWindow));
	const percentPeriods = BigInt(start) * period + BigInt(Math.max(end - start, 0)) * elapsed;
	return Number((BigInt(feePerGas) * percentPeriods) / (100n * period));
}

/** Returns the cost of gas at a price. */
export function cost({ baseGas }: ProtocolConstants, gas: number, price: number): bigint {
	return (BigInt(baseGas) + BigInt(gas)) * BigInt(price);
}

/** Returns the time after which the block may be skipped; `undefined` while it waits for its draw (Life 6). */
export function expiresAfter(block: WaitingBlock, { expiryPeriod }: ProtocolConstants): number | undefined {
	const { status } = block;
	const removedAt = block.removedAt ?? 0;
	if (status.type === 'Pending') return undefined;
	if (status.type === 'Open') return Math.max(status.value.openedAt, removedAt) + expiryPeriod;
	const { deadline, delivery } = status.value;
	return (delivery.type === 'Removed' ? removedAt : Math.max(deadline, removedAt)) + expiryPeriod;
}
