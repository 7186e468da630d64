/** The provers' daemons are killed at each step of their work, and cut from their nodes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { binary } from '../lib/binaries.mjs';
import { Daemon } from '../network/daemon.mjs';
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
/** The program that makes proofs: the example of a prover command. */
const attest = binary('prover command');
binary('daemon'); // fails before the network starts

const test = onNetwork({
	count: 1,
	// Requests through the proxy name the proxy's port. The node refuses requests with another host or port
	// than its own, unless all origins are allowed.
	args: ['--rpc-cors', 'all'],
	scenario: { prove: false },
	start: async (world) => {
		const { folder, network } = world;
		const { attestor, provers } = network.accounts;
		const [validator] = network.validators;
		world.proxy = await TcpProxy.to(Number(new URL(validator.url).port));
		const daemon = (prover, urls, proverCommand = null) =>
			new Daemon({ folder, prover, attestor, proverCommand, urls });
		// Each proof takes half a second, so that the daemon can crash while it makes one.
		const command = `sleep 0.5; ATTESTOR_SURI="$(cat '${attestor.file}')" '${attest}'`;
		world.victim = daemon(provers[0], [world.proxy.url], command);
		// Blocks are verified in order, so a missing proof of the first daemon stops those of the other.
		world.other = daemon(provers[1], [validator.ws]);
		world.victim.start();
		world.other.start();
	},
	cleanUp: async ({ victim, other, proxy }) => {
		await Promise.all([victim?.stop(), other?.stop()]);
		proxy?.close();
	},
});

/** Returns the number of blocks that the first daemon's account has proven. */
function proven({ network, transactions }) {
	const { address } = network.accounts.provers[0].pair;
	return [...transactions.proofs.keys()].filter((key) => key.startsWith(address)).length;
}

/** Waits until everything that the daemon sent before it was cut off is finalized and counted. */
async function sentIsFinalized({ client, network, transactions }) {
	const [validator] = network.validators;
	const { address } = network.accounts.provers[0].pair;
	await network.until('nothing of the daemon waits', async () => {
		const waiting = await validator.rpc('author_pendingExtrinsics');
		const signers = waiting.map((hex) => client.api.createType('Extrinsic', hex).signer.toString());
		return !signers.includes(address);
	});
	const { number } = await client.best();
	await network.until(`block ${number} is counted`, () => transactions.history.length > number);
}

/** Waits until the daemon has proven more blocks. */
async function works(world, more = 1) {
	const { network } = world;
	const before = proven(world);
	await network.until('the daemon proves', () => proven(world) >= before + more, 600_000);
}

test('a daemon crashes at each step of its work: nothing is missed, nothing is proven twice', async (world) => {
	const { victim } = world;
	await works(world);
	for (const step of STEPS) {
		await victim.kill();
		victim.start(['--crash-at', step]);
		assert.equal(await victim.ended(), 'SIGABRT', `it crashes at ${step}`);
		world.faults += 1;
		victim.start();
		await works(world);
	}
	return [`steps ${STEPS.join(' ')}`];
});

test('a daemon is killed at any moment: nothing is missed, nothing is proven twice', async (world) => {
	const { victim } = world;
	for (let i = 0; i < KILLS; i++) {
		await sleep(Math.random() * 6_000);
		await victim.kill();
		world.faults += 1;
		victim.start();
	}
	await works(world);
});

test('a daemon is cut from its node: it reconnects as soon as it can, and misses nothing', async (world) => {
	const { network, proxy } = world;
	await network.until('the daemon uses the proxy', () => proxy.used > 0);
	for (const blocks of short ? [2] : [1, 4]) {
		proxy.cut();
		world.faults += 1;
		await sentIsFinalized(world);
		const before = proven(world);
		await network.progress(blocks);
		assert.equal(proven(world), before, 'no proof arrives while the daemon is cut off');
		proxy.restore();
		await works(world, 2);
	}
});

// The window alone takes minutes.
if (!short) {
	test('a daemon is away for longer than its window: the other proves its blocks', async (world) => {
		const { network, transactions, victim } = world;
		await works(world);
		await victim.kill();
		world.faults += 1;
		world.expected = ['verdict Rescued'];
		const rescued = () => transactions.count('verdict Rescued');
		await network.until('the other rescues', () => rescued() > 0, 600_000);
		assert.ok(transactions.count('ProverPool.Slashed') >= rescued(), 'the prover that was away is slashed');
		return [`rescued ${rescued()}`];
	});
}
