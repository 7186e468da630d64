/** Two validators build apart from each other, and one side is given up: the daemons on both go on. */
import { Daemon, neededDaemon } from '../network/daemon.mjs';
import { assert, onNetwork, short } from './support.mjs';

/** How many blocks each side has of its own, at least. */
const BLOCKS = short ? 3 : 6;

const binary = neededDaemon();

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
				new Daemon({ binary, folder, prover: provers[i], attestor, urls: [validator.ws] }),
		);
		world.daemons.forEach((daemon) => daemon.start());
	},
	cleanUp: ({ daemons = [] }) => Promise.all(daemons.map((daemon) => daemon.stop())),
});

/** Restarts all with these peers: they find others by nothing else. */
async function restart({ network, transactions }, peers) {
	await network.crash();
	network.validators.forEach((validator, i) => (validator.peers = peers[i]));
	await network.start();
	await transactions.resend();
}

test('a chain forks, and one side is reverted: nothing is missed, nothing proven twice', async (world) => {
	const { network, transactions } = world;
	const { validators } = network;
	const proven = () => transactions.count('BlockProposal.BlockClaimed');
	await network.until('the daemons prove', () => proven() >= 3, 300_000);

	const peers = validators.map((validator) => validator.peers);
	await restart(world, [[], []]);
	world.faults += 1;
	const from = Math.max(...[...(await network.heights()).values()].map(({ best }) => best));
	const last = from + BLOCKS;
	await network.until('both build', (all) => all.every(({ best }) => best >= last), 300_000);
	const hashes = () => Promise.all(validators.map((each) => each.rpc('chain_getBlockHash', last)));
	const apart = await hashes();
	assert.notEqual(apart[0], apart[1], 'they have parted');
	assert.ok((await network.heights()).get(validators[0]).finalized <= from, 'neither side is finalized');

	await restart(world, peers);
	await network.finalized(last, 300_000);
	// Now that they have met: the one that was reverted may have forgotten what was in its blocks.
	await transactions.resend();
	const [agreed, ...others] = await hashes();
	assert.deepEqual(others, [agreed], 'they have met');
	assert.ok(apart.includes(agreed), 'on what one of them had');
	const before = proven();
	await network.until('the daemons go on', () => proven() >= before + 3, 300_000);
	return [`${BLOCKS} blocks or more of one side are reverted`];
});
