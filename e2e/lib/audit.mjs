/** The checks that must hold on every chain, whatever happened on it. */
import { auditHoldEvents, auditHolds } from './holds.mjs';
import { auditLedger } from './ledger.mjs';

/**
 * Checks that holds agree with the records and with the currency's events, and that events explain every base
 * unit.
 *
 * @param {import('./rollup.mjs').Rollup} rollup
 */
export async function audit(rollup) {
	const { chain } = rollup;
	// One block for all checks, since the chain may continue meanwhile.
	const { head } = chain;
	await auditHolds(chain, head);
	await auditHoldEvents(chain, head);
	await auditLedger(rollup, head);
}
