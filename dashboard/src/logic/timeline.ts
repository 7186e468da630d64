/** The life of a block: what happened when, and what must or may happen until when. */
import type { Market, ProtocolConstants, WaitingBlock } from '../chain/types';
import { earliestClaim, expiresAfter } from './stages';

/** A moment that is still to come, by the protocol's clock. */
export interface Ahead {
	what: string;
	/** Blocks from now; 0 if the moment has come. */
	left: number;
	late: boolean;
}

/** Returns the moments that are ahead of a waiting block. */
export function aheadOf(block: WaitingBlock, market: Market, protocol: ProtocolConstants, drawDelay: number): Ahead[] {
	const { status, blockId } = block;
	const { clock, rollup, queue, number } = market;
	const below = rollup?.cancelled?.below;
	if (below !== undefined && blockId < below) {
		return [{ what: 'It is settled with the next blocks', left: 0, late: false }];
	}
	const ahead: Ahead[] = [];
	const at = (what: string, moment: number, late = false) =>
		ahead.push({ what, left: Math.max(0, moment - clock), late: late && moment < clock });
	const request = queue.find((waiting) => waiting.blockId === blockId);
	if (request) {
		const earliest = request.requestedIn + drawDelay + 1;
		ahead.push({ what: 'Earliest draw', left: Math.max(0, earliest - number), late: false });
	}
	const claim = earliestClaim(block);
	if (status.type === 'Assigned' && !claim) at('Its prover must have claimed it', status.value.deadline, true);
	if (claim) {
		at(
			rollup?.head === blockId ? 'It can be verified' : 'It can be verified after the blocks before it',
			claim.claimedAt + protocol.cooldown,
		);
	}
	const expiry = expiresAfter(block, protocol);
	if (expiry !== undefined && !claim) at('Anybody may have it skipped', expiry + 1);
	return ahead;
}
