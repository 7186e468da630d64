/** Compares the holds of all accounts with the records of the pallets and with the currency's events. */
import { nameOf } from './accounts.mjs';
import { units } from './amounts.mjs';
import { plain } from './plain.mjs';

/** Amounts by account and reason, such as `5F… ProverPool.Staked`; none of them is 0. */
class Sums extends Map {
	add(who, reason, amount) {
		const key = `${who} ${reason}`;
		const sum = (this.get(key) ?? 0n) + amount;
		if (sum === 0n) this.delete(key);
		else this.set(key, sum);
	}

	/** Throws with the first amount that differs. */
	mustEqual(others, what) {
		for (const key of new Set([...this.keys(), ...others.keys()])) {
			const [is, should] = [this.get(key) ?? 0n, others.get(key) ?? 0n];
			if (is === should) continue;
			const [who, reason] = key.split(' ');
			throw new Error(`${nameOf(who)} ${reason}: ${units(is, 12)} held, ${units(should, 12)} ${what}`);
		}
	}
}

/** Returns the name of a reason: `ProverPool.Staked`. */
const nameOfReason = (reason) => Object.entries(reason).flat().join('.');

/** Returns the currency's holds after a block. */
async function holdsAt({ query }) {
	const held = new Sums();
	for (const [key, list] of await query.balances.holds.entries()) {
		for (const { id, amount } of plain(list)) {
			held.add(key.args[0].toString(), nameOfReason(id), amount);
		}
	}
	return held;
}

/** The deposits of proxies and multisigs, which are not holds. */
async function depositsAt({ query }) {
	const deposits = new Sums();
	const [proxies, announcements, multisigs] = await Promise.all([
		query.proxy.proxies.entries(),
		query.proxy.announcements.entries(),
		query.multisig.multisigs.entries(),
	]);
	for (const [key, value] of [...proxies, ...announcements]) {
		const [, deposit] = plain(value);
		deposits.add(key.args[0].toString(), 'in all', deposit);
	}
	for (const [, value] of multisigs) {
		const { depositor, deposit } = plain(value);
		deposits.add(depositor, 'in all', deposit);
	}
	return deposits;
}

/**
 * Checks that the holds of every account agree with the pallets' records. The pool holds the stake, the exits
 * and the pending slashes (I1). The protocol holds escrows and bonds.
 *
 * @param {import('./chain.mjs').Chain} chain
 */
export async function auditHolds(chain, number = chain.head) {
	const state = await chain.at(number);
	const { query } = state;
	const [held, accounts, stakers, provers, slashes, blocks, claims] = await Promise.all([
		holdsAt(state),
		query.system.account.entries(),
		query.proverPool.stakers.entries(),
		query.proverPool.provers.entries(),
		query.proverPool.pendingSlashes.entries(),
		query.blockProposal.blocks.entries(),
		query.blockProposal.claims.entries(),
	]);

	const recorded = new Sums();
	for (const [key, staker] of stakers) {
		for (const exit of plain(staker).exits) {
			recorded.add(key.args[0].toString(), 'ProverPool.Staked', exit.amount);
		}
	}
	for (const [, prover] of provers) {
		const { account, stake } = plain(prover);
		recorded.add(account, 'ProverPool.Staked', stake);
	}
	for (const [, slash] of slashes) {
		const { who, amount } = plain(slash);
		recorded.add(who, 'ProverPool.Staked', amount);
	}
	for (const [, record] of blocks) {
		const { proposer, escrow } = plain(record);
		recorded.add(proposer, 'BlockProposal.Escrow', escrow.held);
	}
	for (const [, list] of claims) {
		for (const { prover, bond } of plain(list)) {
			recorded.add(prover, 'BlockProposal.ProofBond', bond);
		}
	}
	held.mustEqual(recorded, 'on record');

	// The currency also stores the sum of an account's holds and deposits.
	const [sums, reserved] = [await depositsAt(state), new Sums()];
	for (const [key, amount] of held) sums.add(key.split(' ')[0], 'in all', amount);
	for (const [key, { data }] of accounts) {
		reserved.add(key.args[0].toString(), 'in all', data.reserved.toBigInt());
	}
	reserved.mustEqual(sums, 'in holds and deposits');
}

/** The changes of holds that the currency's events report: account, reason, amount. */
const CHANGES = {
	'Balances.Held': ({ who, reason, amount }) => [[who, reason, amount]],
	'Balances.Released': ({ who, reason, amount }) => [[who, reason, -amount]],
	'Balances.BurnedHeld': ({ who, reason, amount }) => [[who, reason, -amount]],
	'Balances.TransferAndHold': ({ dest, reason, transferred }) => [[dest, reason, transferred]],
	// The pallets pay with it, to the free balance of the receiver.
	'Balances.TransferOnHold': ({ source, reason, amount }) => [[source, reason, -amount]],
};

/**
 * Checks that every hold is the sum of the currency's events since the genesis. The genesis has no events.
 *
 * @param {import('./chain.mjs').Chain} chain
 */
export async function auditHoldEvents(chain, to = chain.head) {
	const sums = await holdsAt(await chain.at(0));
	for (let number = 1; number <= to; number++) {
		for (const { name, data } of (await chain.block(number)).events) {
			for (const [who, reason, amount] of CHANGES[name]?.(data) ?? []) {
				sums.add(who, nameOfReason(reason), amount);
			}
		}
	}
	(await holdsAt(await chain.at(to))).mustEqual(sums, 'by events');
}
