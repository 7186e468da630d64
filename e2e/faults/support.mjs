/** What all tests of faults need: a network at work, and the checks at the end. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { endOnSignals } from '../lib/node.mjs';
import { Client } from '../network/client.mjs';
import { Network } from '../network/network.mjs';
import { Scenario } from '../network/scenario.mjs';
import { checkState, saveState } from '../network/invariants.mjs';
import { Transactions } from '../network/transactions.mjs';

/** `FAULTS=short` does everything, but less often: for CI. */
export const short = process.env.FAULTS === 'short';

/** A test that waits in vain ends here; each wait has its own, shorter patience. */
const PATIENCE_MS = 90 * 60_000;

endOnSignals();

/**
 * Starts a network for a file of tests, and ends it.
 *
 * @param {object} [options] of the network, and:
 * @param {(world: object) => any} [options.prepare] what to do before the nodes start
 * @param {(world: object) => any} [options.start] what to do when they run
 * @param {(world: object) => any} [options.cleanUp] what to do when they have ended
 * @param {object} [options.scenario] see `Scenario`
 * @returns a function like `test`, whose tests get the network, a record of all transactions and a
 *   scenario; when they end, everything sent must be finalized and all invariants must hold
 */
export function onNetwork({ prepare, start, cleanUp, scenario = {}, ...options } = {}) {
	const world = { faults: 0 };
	before(
		async () => {
			world.folder = mkdtempSync(join(tmpdir(), 'prover-pool-faults-'));
			world.network = await Network.create({ folder: world.folder, ...options });
			await prepare?.(world);
			await world.network.start();
			world.client = await Client.connect(() => world.network.urls());
			world.transactions = new Transactions(world.client, world.network);
			world.transactions.follow();
			await world.network.finalized(1);
			// One for all tests: it has to see every block, to know the rollup's state.
			world.scenario = new Scenario(world.client, world.transactions, world.network.accounts, scenario);
			await start?.(world);
		},
		{ timeout: PATIENCE_MS },
	);
	after(
		async () => {
			await world.scenario?.stop();
			await world.transactions?.stop().catch(() => {});
			await world.network?.stop();
			await cleanUp?.(world);
			if (!world.failed) await world.network?.remove();
		},
		{ timeout: PATIENCE_MS },
	);

	return (name, body) =>
		test(name, { timeout: PATIENCE_MS }, async (t) => {
			const { network } = world;
			const before = summary(world);
			world.scenario.start();
			try {
				const { sent } = world.transactions;
				await network.until('the load begins', () => sent.size > before.sent);
				const remarks = (await body(world, t)) ?? [];
				await network.start();
				await world.scenario.rest();
				await settle(world, t, before, [...remarks]);
			} catch (error) {
				world.failed = true;
				await world.scenario.rest();
				t.diagnostic(`the network's files are left in ${world.folder}`);
				for (const validator of network.validators) {
					t.diagnostic(`the end of the log of ${validator.name}:\n${validator.tail(12)}`);
				}
				for (const daemon of [world.victim, world.other].filter((each) => each?.tail)) {
					t.diagnostic(`the end of a daemon's log:\n${daemon.tail()}`);
				}
				for (const message of world.scenario.complaints.slice(-5)) {
					t.diagnostic(`scenario: ${message}`);
				}
				throw error;
			}
		});
}

function summary({ faults, transactions }) {
	return {
		faults,
		sent: transactions.sent.size,
		finalized: transactions.finalized,
		resent: transactions.resent,
	};
}

/** Everything sent is in the finalized chain of all, nothing is broken, the invariants hold. */
async function settle(world, t, before, remarks) {
	const { network, transactions } = world;
	const again = world.forgetful ?? false;
	await transactions.drain({ again });
	await network.progress(1);
	const { lost } = await transactions.audit();
	const state = join(world.folder, 'state.json');
	await saveState(network.validators[0], state);
	const invariants = checkState([state]);

	const end = summary(world);
	const counts = Object.fromEntries(Object.keys(end).map((key) => [key, end[key] - before[key]]));
	report(t, { ...counts, lost: lost.length }, remarks);

	assert.deepEqual(lost, [], 'nothing is lost');
	assert.equal(invariants.failed, false, invariants.output);
	if (!again) assert.equal(counts.resent, 0, 'nothing had to be sent again');
	assert.ok(counts.sent > 0, 'there was load');
	const unproven = [
		'verdict Rescued',
		'verdict Failed',
		'BlockProposal.BlockSkipped',
		'BlockProposal.BlocksCancelled',
	];
	const { expected = [] } = world;
	assert.deepEqual(
		unproven.filter((name) => transactions.count(name) > 0 && !expected.includes(name)),
		[],
		'no assignment was missed',
	);
	const twice = [...transactions.proofs].filter(([, number]) => number > 1);
	assert.deepEqual(twice, [], 'nothing is proven twice');
	assert.deepEqual(
		network.validators.flatMap(({ name, broken }) => broken.map((line) => `${name}: ${line}`)),
		[],
		'no node has panicked',
	);
}

/** Reports the counts, also for the sum at the end. */
function report(t, counts, remarks) {
	const { faults, sent, finalized, resent, lost } = counts;
	t.diagnostic(
		[
			`faults ${faults}`,
			`sent ${sent}`,
			`finalized ${finalized}`,
			`sent again ${resent}`,
			`lost ${lost}`,
			...remarks,
		].join(', '),
	);
	if (process.env.FAULTS_REPORT) {
		appendFileSync(process.env.FAULTS_REPORT, `${JSON.stringify({ test: t.name, ...counts })}\n`);
	}
}

export { assert };
