/** A network under load for each file of tests, and the checks after each test. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { endOnSignals } from '../lib/node.mjs';
import { Client } from '../network/client.mjs';
import { Daemon } from '../network/daemon.mjs';
import { Network } from '../network/network.mjs';
import { Scenario } from '../network/scenario.mjs';
import { checkState, saveState } from '../network/invariants.mjs';
import { Transactions } from '../network/transactions.mjs';

/** `FAULTS=short` runs everything with fewer repeats, for CI; `FAULTS=long` adds what takes longer. */
export const short = process.env.FAULTS === 'short';
export const long = process.env.FAULTS === 'long';

/** The timeout of a test. Each wait has its own, shorter timeout. */
const TIMEOUT_MS = 90 * 60_000;
/** Longer than daemons on a busy machine take to prove a few blocks. */
const PROVING_TIMEOUT_MS = 600_000;

endOnSignals();

/**
 * Starts a network for a file of tests, and ends it after them.
 *
 * @param {object} [options] of the network, and:
 * @param {(world: object) => any} [options.prepare] called before the nodes start
 * @param {(world: object) => any} [options.start] called when the nodes run
 * @param {(world: object) => any} [options.cleanUp] called when the nodes have ended
 * @param {object} [options.scenario] see `Scenario`
 * @param {number} [options.timeout] of each test, in milliseconds
 * @returns a function like `test`. Its tests get the network, a record of all transactions and a scenario.
 *   After each test, everything that was sent must be finalized, and all invariants must hold
 */
export function onNetwork({ prepare, start, cleanUp, scenario = {}, timeout = TIMEOUT_MS, ...options } = {}) {
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
		test(name, { timeout }, async (t) => {
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
				for (const daemon of [world.victim, world.other, ...(world.daemons ?? [])].filter(Boolean)) {
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

/** Starts a daemon for each prover. Each has the addresses of all nodes, and prefers another one. */
export function startDaemons(world) {
	const { folder, network } = world;
	const { attestor, provers } = network.accounts;
	const urls = network.validators.map(({ ws }) => ws);
	world.daemons = provers.map(
		(prover, i) =>
			new Daemon({ folder, prover, attestor, urls: [...urls.slice(i), ...urls.slice(0, i)] }),
	);
	world.daemons.forEach((daemon) => daemon.start());
}

export const stopDaemons = ({ daemons = [] }) => Promise.all(daemons.map((daemon) => daemon.stop()));

/** Waits until each daemon has proven more blocks. */
export async function daemonsProve({ network, transactions }, more = 1) {
	const addresses = network.accounts.provers.map(({ pair }) => pair.address);
	const counts = () => {
		const provers = [...transactions.proofs.keys()].map((key) => key.split(' ')[0]);
		return addresses.map((address) => provers.filter((prover) => prover === address).length);
	};
	const before = counts();
	const done = () => counts().every((count, i) => count >= before[i] + more);
	await network.until('the daemons prove', done, PROVING_TIMEOUT_MS);
}

/** Returns the number of lines in the logs of all nodes that match. */
export function logged({ validators }, pattern) {
	const lines = validators.flatMap(({ logFile }) => readFileSync(logFile, 'utf8').split('\n'));
	return lines.filter((line) => pattern.test(line)).length;
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
