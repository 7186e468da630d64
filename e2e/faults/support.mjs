/** A network under load for each file of tests, and the checks after each test. */
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

/** `FAULTS=short` runs everything with fewer repeats, for CI. */
export const short = process.env.FAULTS === 'short';

/** The timeout of a test. Each wait has its own, shorter timeout. */
const TIMEOUT_MS = 90 * 60_000;

endOnSignals();

/**
 * Starts a network for a file of tests, and ends it after them.
 *
 * @param {object} [options] of the network, and:
 * @param {(world: object) => any} [options.prepare] called before the nodes start
 * @param {(world: object) => any} [options.start] called when the nodes run
 * @param {(world: object) => any} [options.cleanUp] called when the nodes have ended
 * @param {object} [options.scenario] see `Scenario`
 * @returns a function like `test`. Its tests get the network, a record of all transactions and a scenario.
 *   After each test, everything that was sent must be finalized, and all invariants must hold
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
			// One scenario for all tests, since it must execute every block to have the rollup's state.
			world.scenario = new Scenario(world.client, world.transactions, world.network.accounts, scenario);
			await start?.(world);
		},
		{ timeout: TIMEOUT_MS },
	);
	after(
		async () => {
			await world.scenario?.stop();
			await world.transactions?.stop().catch(() => {});
			await world.network?.stop();
			await cleanUp?.(world);
			if (!world.failed) await world.network?.remove();
		},
		{ timeout: TIMEOUT_MS },
	);

	return (name, body) =>
		test(name, { timeout: TIMEOUT_MS }, async (t) => {
			const { network } = world;
			const before = summary(world);
			world.scenario.start();
			try {
				const { sent } = world.transactions;
				await network.until('the scenario has sent a transaction', () => sent.size > before.sent);
				const remarks = (await body(world, t)) ?? [];
				await network.start();
				await world.scenario.pause();
				await settle(world, t, before, [...remarks]);
			} catch (error) {
				world.failed = true;
				await world.scenario.pause();
				t.diagnostic(`the network's files are left in ${world.folder}`);
				for (const validator of network.validators) {
					t.diagnostic(`the end of the log of ${validator.name}:\n${validator.tail(12)}`);
				}
				for (const daemon of [world.victim, world.other].filter((each) => each?.tail)) {
					t.diagnostic(`the end of a daemon's log:\n${daemon.tail()}`);
				}
				for (const message of world.scenario.errors.slice(-5)) {
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

/** Checks that everything sent is finalized on all nodes, no node has a defect, and the invariants hold. */
async function settle(world, t, before, remarks) {
	const { network, transactions } = world;
	const again = world.losesTransactions ?? false;
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
	if (!again) assert.equal(counts.resent, 0, 'no transaction was sent again');
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

/** Reports the counts of a test, also for the sum at the end. */
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
