/** Everything that must hold on any chain, whatever was done on it. */
import { auditHoldEvents, auditHolds } from './holds.mjs';
import { auditLedger } from './ledger.mjs';

/**
 * Checks that what is held is what the records say and what the currency's events say, and that every base
 * unit is explained.
 *
 * @param {import('./rollup.mjs').Rollup} rollup
 */
export async function audit(rollup) {
	const { chain } = rollup;
	// One block for all of it: the chain may go on meanwhile.
	const { head } = chain;
	await auditHolds(chain, head);
	await auditHoldEvents(chain, head);
	await auditLedger(rollup, head);
}
