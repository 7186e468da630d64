/** Two validators build apart from each other, and one side is given up: the daemons on both go on. */
import { binary } from '../lib/binaries.mjs';
import { until } from '../lib/waiting.mjs';
import { Daemon } from '../network/daemon.mjs';
import { assert, onNetwork, short } from './support.mjs';

/** How many blocks each side has of its own, at least. */
const BLOCKS = short ? 3 : 6;

/** Longer than a few blocks take on a machine that does much else. */
const PATIENCE_MS = 600_000;

binary('daemon'); // rather now than when the network runs

const test = onNetwork({
	count: 2,
	// By default, a node without peers makes no blocks.
	args: ['--force-authoring'],
	// They are restarted to part and to meet, and forget the transactions that wait.
	prepare: (world) => (world.forgetful = true),
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
 * Restarts all with these peers: they find others by nothing else. In good order, for a node that is killed
 * can lose its latest blocks, and with them the fork.
 */
async function restart({ network, transactions }, peers) {
	await network.stop();
	network.validators.forEach((validator, i) => (validator.peers = peers[i]));
	await network.start();
	await transactions.resend();
}

/** The number of the first block that the two do not share; `null` while one has what the other has. */
async function firstApart([one, other]) {
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

test('a chain forks, and one side is reverted: nothing is missed, nothing proven twice', async (world) => {
	const { network, transactions } = world;
	const { validators } = network;
	const proven = () => transactions.count('BlockProposal.BlockClaimed');
	await network.until('the daemons prove', () => proven() >= 3, PATIENCE_MS);

	const peers = validators.map((validator) => validator.peers);
	await restart(world, [[], []]);
	world.faults += 1;
	const alone = async (validator) => (await validator.rpc('system_health')).peers === 0;
	assert.deepEqual(await Promise.all(validators.map(alone)), [true, true], 'each is alone');
	const parted = await until('the two have parted', () => firstApart(validators), {
		patience: PATIENCE_MS,
		state: () => validators.map((validator) => validator.tail(5)).join('\n'),
	});
	const last = parted + BLOCKS - 1;
	const heights = await network.until(
		`each has ${BLOCKS} blocks of its own`,
		(all) => all.every(({ best }) => best >= last),
		PATIENCE_MS,
	);
	for (const { finalized } of heights.values()) assert.ok(finalized < parted, 'neither side is finalized');
	const hashes = () => Promise.all(validators.map((each) => each.rpc('chain_getBlockHash', last)));
	const apart = await hashes();
	assert.notEqual(apart[0], apart[1]);

	await restart(world, peers);
	await network.finalized(last, PATIENCE_MS);
	// Now that they have met: the one that was reverted may have forgotten what was in its blocks.
	await transactions.resend();
	const [agreed, ...others] = await hashes();
	assert.deepEqual(others, [agreed], 'they have met');
	assert.ok(apart.includes(agreed), 'on what one of them had');
	const before = proven();
	await network.until('the daemons go on', () => proven() >= before + 3, PATIENCE_MS);
	return [`${BLOCKS} blocks or more of one side are reverted`];
});
