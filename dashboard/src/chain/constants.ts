/** The constants of a runtime that the page uses. */
import type { Client, ClientAt } from './node';
import type { LotteryParameters, ProtocolConstants } from './types';

const PROTOCOL_CONSTANTS: (keyof ProtocolConstants)[] = [
	'averagingFactor',
	'baseGas',
	'cooldown',
	'expiryPeriod',
	'maxBarred',
	'maxDelayPenalty',
	'maxFeePerGas',
	'maxFeeStep',
	'maxForks',
	'maxGasLimit',
	'maxOpenBlocks',
	'maxPause',
	'maxPendingPerProposer',
	'maxProofSize',
	'maxProofWindow',
	'maxTxListSize',
	'maxUnverifiedBlocks',
	'minFeePerGas',
	'minProofWindow',
	'openRewardEnd',
	'openRewardStart',
	'proofBond',
	'rescueBonus',
	'windowMultiplier',
];

/** Returns those of the protocol. */
export function protocolOf({ consts }: Client | ClientAt): ProtocolConstants {
	const { blockProposal } = consts;
	return Object.fromEntries(PROTOCOL_CONSTANTS.map((key) => [key, blockProposal[key]])) as unknown as ProtocolConstants;
}

/** Returns those of the lottery. */
export function lotteryOf({ consts }: Client | ClientAt): LotteryParameters {
	const { priceFloorPercent, priceCeilingPercent } = consts.proverLottery;
	return { priceFloorPercent, priceCeilingPercent };
}
