/** Made-up states of a chain, for tests of what the page derives from them. */
import type { Market, ProtocolConstants, WaitingBlock } from '../src/chain/types';

export const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
export const BOB = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty';

export const protocol: ProtocolConstants = {
	averagingFactor: 100,
	baseGas: 2_000_000,
	cooldown: 5,
	expiryPeriod: 100,
	maxBarred: 16,
	maxDelayPenalty: 25_000_000,
	maxFeePerGas: 200_000,
	maxFeeStep: 10_000_000,
	maxForks: 4,
	maxGasLimit: 8_000_000,
	maxOpenBlocks: 32,
	maxPause: 600,
	maxPendingPerProposer: 16,
	maxProofSize: 1_024,
	maxProofWindow: 100,
	maxTxListSize: 122_880,
	maxUnverifiedBlocks: 128,
	minFeePerGas: 1_000,
	minProofWindow: 20,
	openRewardEnd: 150,
	openRewardStart: 75,
	proofBond: 1_000_000_000_000n,
	rescueBonus: 100_000_000,
	windowMultiplier: 200,
};

export const lottery = { priceFloorPercent: 75, priceCeilingPercent: 125 };

export function market(changes: Partial<Market> = {}): Market {
	return {
		number: 1_000,
		hash: '0x01',
		parentHash: '0x00',
		time: 6_000_000,
		clock: 1_000,
		poolClock: { now: 1_000, unit: 'block' },
		fee: 10_000,
		averages: { feePerGas: 10_000n * 10n ** 18n, delay: 6n * 10n ** 18n, feeAtStart: 10_000n * 10n ** 18n, updatedIn: 999 },
		rollup: {
			nextId: 10n,
			head: 5n,
			verifiedId: 4n,
			verifiedHash: '0x04',
			headSince: 990,
			pending: 0,
			open: 0,
			cancelled: undefined,
		},
		waiting: [],
		pausedUntil: undefined,
		freeCapacity: 20n,
		listedMembers: 3,
		listedStake: 100n,
		queue: [],
		...changes,
	};
}

export function block(blockId: bigint, changes: Partial<WaitingBlock> = {}): WaitingBlock {
	return {
		blockId,
		proposer: BOB,
		beneficiary: BOB,
		txListHash: '0x0a',
		gasLimit: 1_000_000,
		feePerGas: 10_000,
		proposedAt: 990,
		escrow: { initial: 45_000_000_000n, held: 45_000_000_000n },
		status: { type: 'Pending' },
		removedAt: undefined,
		claims: 0,
		barred: [],
		others: [],
		...changes,
	};
}

export function claim(claimedAt: number, prover = ALICE): WaitingBlock['others'][number] {
	return {
		prover,
		execution: { parentHash: '0x04', blockHash: '0x05', gasUsed: 900_000 },
		rewardPerGas: 9_000,
		bond: 0n,
		tag: { type: 'First', value: '0x0b' } as never,
		claimedAt,
	};
}

export function assigned(deadline: number, delivery: 'Due' | 'Removed' | number = 'Due'): Pick<WaitingBlock, 'status'> {
	return {
		status: {
			type: 'Assigned',
			value: {
				prover: ALICE,
				rewardPerGas: 9_000,
				start: deadline - 20,
				deadline,
				delivery: typeof delivery === 'number' ? { type: 'Claimed', value: claim(delivery) } : { type: delivery },
			},
		},
	};
}
