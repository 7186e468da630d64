/** The provers' daemons are killed at each step of their work, and cut from their nodes. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { built } from '../lib/node.mjs';
import { Daemon, neededDaemon } from '../network/daemon.mjs';
import { TcpProxy } from '../network/tcp-proxy.mjs';
import { assert, onNetwork, short } from './support.mjs';

/** The steps at which a daemon that is built for tests can crash: cli/src/daemon/fault.rs. */
const ALL_STEPS = [
	'before-proving',
	'while-proving',
	'before-submitting',
	'before-sending',
	'after-submitting',
	'after-inclusion',
];
const STEPS = short ? ALL_STEPS.slice(3, 5) : ALL_STEPS;
const KILLS = short ? 2 : 8;
/** Longer than it takes until the next assignment. */
const CRASH_PATIENCE_MS = 180_000;

/** What makes proofs: the example of such a program. */
const attest = process.env.ATTEST ?? join(built, 'examples', 'attest');

if (!existsSync(attest)) {
	throw new Error(
		'there is no prover for the daemon: cargo build -p prover-pool-cli --example attest, ' +
			'or name it in ATTEST',
	);
}
const binary = neededDaemon();

const test = onNetwork({
	count: 1,
	// The proxy has a port of its own, and the node refuses requests that name another host or port than
	// its own, unless all origins are allowed.
	args: ['--rpc-cors', 'all'],
	scenario: { prove: false },
	start: async (world) => {
		const { folder, network } = world;
		const { attestor, provers } = network.accounts;
		const [validator] = network.validators;
		world.proxy = await TcpProxy.to(Number(new URL(validator.url).port));
		const daemon = (prover, urls, program = null) =>
			new Daemon({ binary, folder, prover, attestor, program, urls });
		// Proofs that take a while, so that it can crash while one is made.
		const program = `sleep 0.5; ATTESTOR_SURI="$(cat '${attestor.file}')" '${attest}'`;
		world.victim = daemon(provers[0], [world.proxy.url], program);
		// The other's work shows what is missing of the first one's: blocks are verified in their order.
		world.other = daemon(provers[1], [validator.ws]);
		world.victim.start();
		world.other.start();
	},
	cleanUp: async ({ victim, other, proxy }) => {
		await Promise.all([victim?.stop(), other?.stop()]);
		proxy?.close();
	},
});

/** How many blocks its account has proven. */
function proven({ network, transactions }) {
	const { address } = network.accounts.provers[0].pair;
	return [...transactions.proofs.keys()].filter((key) => key.startsWith(address)).length;
}

/** Waits until the daemon has proven more blocks. */
async function works(world, more = 1) {
	const { network } = world;
	const before = proven(world);
	await network.until('the daemon proves', () => proven(world) >= before + more, 300_000);
}

test('a daemon crashes at each step of its work: nothing is missed, nothing proven twice', async (world) => {
	const { victim } = world;
	await works(world);
	for (const step of STEPS) {
		await victim.kill();
		victim.start(['--crash-at', step]);
		const late = sleep(CRASH_PATIENCE_MS, 'still runs', { ref: false });
		assert.equal(await Promise.race([victim.exited, late]), 'SIGABRT', `it crashes at ${step}`);
		world.faults += 1;
		victim.start();
		await works(world);
	}
	return [`steps ${STEPS.join(' ')}`];
});

test('a daemon is killed at any moment: nothing is missed, nothing proven twice', async (world) => {
	const { victim } = world;
	for (let i = 0; i < KILLS; i++) {
		await sleep(Math.random() * 6_000);
		await victim.kill();
		world.faults += 1;
		victim.start();
	}
	await works(world);
});

test('a daemon is cut from its node: it returns as soon as it can, and misses nothing', async (world) => {
	const { network, proxy } = world;
	assert.ok(proxy.used > 0, 'it uses the proxy');
	for (const blocks of short ? [2] : [1, 4]) {
		proxy.cut();
		world.faults += 1;
		const before = proven(world);
		await network.progress(blocks);
		assert.ok(proven(world) <= before + 2, 'nothing but what was sent before');
		proxy.mend();
		await works(world, 2);
	}
});

// Its window alone takes minutes.
if (!short) {
	test('a daemon is away for longer than its window: the other proves its blocks', async (world) => {
		const { network, transactions, victim } = world;
		await works(world);
		await victim.kill();
		world.faults += 1;
		world.expected = ['verdict Rescued'];
		const rescued = () => transactions.count('verdict Rescued');
		await network.until('the other rescues', () => rescued() > 0, 600_000);
		assert.ok(transactions.count('ProverPool.Slashed') >= rescued(), 'who was away is slashed');
		return [`rescued ${rescued()}`];
	});
}
