/** When an account last acted: in the blocks of the chain that the page has read. */
import type { ChainBlock, ChainEvent } from '../chain/types';

/** The events that an account causes itself by signing. */
const ACTS: ReadonlySet<ChainEvent['name']> = new Set([
	'ProverPool.Staked',
	'ProverPool.StakeIncreased',
	'ProverPool.Unstaked',
	'ProverPool.Restaked',
	'ProverPool.TermsChanged',
	'ProverPool.Paused',
	'ProverPool.Resumed',
	'BlockProposal.BlockClaimed',
]);

/** Returns the latest block in which each account proved something or changed its offer. */
export function lastSeenOf(blocks: ChainBlock[]): Map<string, number> {
	const seen = new Map<string, number>();
	for (const { number, events } of blocks) {
		for (const event of events) {
			if (!ACTS.has(event.name)) continue;
			const { who, prover } = event.data as { who?: string; prover?: string };
			const account = who ?? prover;
			if (account !== undefined) seen.set(account, number);
		}
	}
	return seen;
}
