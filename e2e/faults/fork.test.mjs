/** Two validators build separate chains, and one of them is reverted. The daemons on both continue. */
import { binary } from '../lib/binaries.mjs';
import { until } from '../lib/waiting.mjs';
import { Daemon } from '../network/daemon.mjs';
import { assert, onNetwork, short } from './support.mjs';

/** The least number of blocks that only one side has. */
const BLOCKS = short ? 3 : 6;

/** Longer than a few blocks take on a busy machine. */
const TIMEOUT_MS = 600_000;

binary('daemon'); // fails before the network starts

const test = onNetwork({
	count: 2,
	// By default, a node without peers makes no blocks.
	args: ['--force-authoring'],
	// The nodes are restarted to separate and reconnect them, and lose their waiting transactions.
	prepare: (world) => (world.losesTransactions = true),
	scenario: { prove: false },
	start: async (world) => {
		const { folder, network } = world;
		const { attestor, provers } = network.accounts;
		world.daemons = network.validators.map(
			(validator, i) =>
				new Daemon({ folder, prover: provers[i], attestor, urls: [validator.ws] }),
		);
		world.daemons.forEach((daemon) => daemon.start());
	},
	cleanUp: ({ daemons = [] }) => Promise.all(daemons.map((daemon) => daemon.stop())),
});

/**
 * Restarts all with these peers, which are the only ones that they connect to. The nodes are stopped, not
 * killed, since a killed node can lose its latest blocks, and the fork with them.
 */
async function restart({ network, transactions }, peers) {
	await network.stop();
	network.validators.forEach((validator, i) => (validator.peers = peers[i]));
	await network.start();
	await transactions.resend();
}

/** Returns the number of the first block in which the two chains differ; `null` if one contains the other. */
async function firstDifference([one, other]) {
	const heights = await Promise.all([one.heights(), other.heights()]);
	let number = Math.min(...heights.map(({ best }) => best));
	const differ = async () => {
		const [first, second] = await Promise.all(
			[one, other].map((each) => each.rpc('chain_getBlockHash', number)),
		);
		return first !== second;
	};
	let found = null;
	for (; number > 0 && (await differ()); number--) found = number;
	return found;
}

test('a chain forks, and one side is reverted: nothing is missed, nothing is proven twice', async (world) => {
	const { network, transactions } = world;
	const { validators } = network;
	const proven = () => transactions.count('BlockProposal.BlockClaimed');
	await network.until('the daemons prove', () => proven() >= 3, TIMEOUT_MS);

	const peers = validators.map((validator) => validator.peers);
	await restart(world, [[], []]);
	world.faults += 1;
	const alone = async (validator) => (await validator.rpc('system_health')).peers === 0;
	assert.deepEqual(await Promise.all(validators.map(alone)), [true, true], 'neither has a peer');
	const forkedAt = await until('the two chains differ', () => firstDifference(validators), {
		timeout: TIMEOUT_MS,
		state: () => validators.map((validator) => validator.tail(5)).join('\n'),
	});
	const last = forkedAt + BLOCKS - 1;
	const heights = await network.until(
		`each has ${BLOCKS} blocks of its own`,
		(all) => all.every(({ best }) => best >= last),
		TIMEOUT_MS,
	);
	for (const { finalized } of heights.values()) assert.ok(finalized < forkedAt, 'neither side is finalized');
	const hashes = () => Promise.all(validators.map((each) => each.rpc('chain_getBlockHash', last)));
	const apart = await hashes();
	assert.notEqual(apart[0], apart[1]);

	await restart(world, peers);
	await network.finalized(last, TIMEOUT_MS);
	// The nodes are connected. The one that was reverted may have lost the transactions of its blocks.
	await transactions.resend();
	const [agreed, ...others] = await hashes();
	assert.deepEqual(others, [agreed], 'both have the same block');
	assert.ok(apart.includes(agreed), 'it is the block of one side');
	const before = proven();
	await network.until('the daemons continue', () => proven() >= before + 3, TIMEOUT_MS);
	return [`${BLOCKS} blocks or more of one side are reverted`];
});
