/** The transaction pool of one validator of four is full while proofs must get in. */
import { account } from '../lib/accounts.mjs';
import { binary } from '../lib/binaries.mjs';
import { attest } from '../lib/proving.mjs';
import { until } from '../lib/waiting.mjs';
import { Daemon } from '../network/daemon.mjs';
import { callAll } from '../network/rpc.mjs';
import { assert, daemonsProve, long, onNetwork, stopDaemons } from './support.mjs';

/** The number of transactions in the pool of one node, those of blocks that are not finalized included. */
const LIMIT = 8;
/** Accounts that send one transfer each. */
const FILLERS = Array.from({ length: 2 * LIMIT }, (_, i) => account(`Filler${i}`));
const VOLUNTEER = account('Volunteer');
/** The error of a pool that has no room for a transaction of this priority. */
const IMMEDIATELY_DROPPED = 1016;
/** In base units, as docs/network.md advises. */
const TIP = 1_000;
const PROOFS = long ? 20 : 4;

binary('daemon'); // fails before the network starts

const fullNode = ({ network }) => network.validators[0];

const test = onNetwork({
	argsOf: (name) => (name === 'validator-1' ? ['--pool-limit', `${LIMIT}`] : []),
	funded: [...FILLERS, VOLUNTEER].map(({ address }) => address),
	// It refuses what the others accept.
	prepare: (world) => (fullNode(world).avoided = true),
	scenario: { prove: false, transfers: 6 },
	start: (world) => {
		const { folder, network } = world;
		const { attestor, provers } = network.accounts;
		world.daemons = provers.map(
			(prover, i) => new Daemon({ folder, prover, attestor, urls: [network.validators[i].ws] }),
		);
		world.daemons.forEach((daemon) => daemon.start());
	},
	cleanUp: stopDaemons,
});

/** Signs with the account's next nonce. */
async function signed({ client }, pair, call, tip = 0) {
	return client.sign(call, pair, await client.rpc('system_accountNextIndex', pair.address), tip);
}

/** Fills the pool, and submits a proof at once. Returns the code of the refusal; `null` if there is none. */
async function submitToFull(world, tip) {
	const { client, network } = world;
	const node = fullNode(world);
	const { tx } = client.api;
	const transfer = tx.balances.transferKeepAlive(VOLUNTEER.address, 1_000_000_000);
	const zero = `0x${'00'.repeat(32)}`;
	const anyProof = attest(new Uint8Array(32), network.accounts.attestor.pair);
	const claim = tx.blockProposal.proveBlock(1, zero, zero, 0, anyProof);
	let answer;
	await until('a proof meets a full pool', async () => {
		const proof = await signed(world, VOLUNTEER, claim, tip);
		const transfers = await Promise.all(FILLERS.map((pair) => signed(world, pair, transfer)));
		const { best } = await node.heights();
		const sent = await callAll(node.url, 'author_submitExtrinsic', transfers.map((bytes) => [bytes]));
		const isFull = sent.some(({ error }) => error?.code === IMMEDIATELY_DROPPED);
		answer = await node.rpc('author_submitExtrinsic', proof).then(
			() => null,
			({ code }) => code,
		);
		// A block that comes meanwhile makes room.
		return isFull && (await node.heights()).best === best;
	});
	return answer;
}

test('the pool of a node is full: it refuses a proof without a tip, and the daemon still proves in time', async (world) => {
	const { client, network } = world;
	await daemonsProve(world);
	assert.equal(await submitToFull(world, 0), IMMEDIATELY_DROPPED, 'without a tip');
	world.faults += 1;
	const nonce = await client.rpc('system_accountNextIndex', VOLUNTEER.address);
	assert.equal(await submitToFull(world, TIP), null, 'with a tip');
	const isIncluded = async () => (await client.query('system', 'account', VOLUNTEER.address)).nonce > nonce;
	await network.until('it is included', isIncluded);
	world.faults += 1;

	// The daemon of this node has no tip.
	await daemonsProve(world, PROOFS);
	const refused = world.daemons[0].log.filter((line) => /not submitted|refuses/.test(line));
	return [`the node refused ${refused.length} submissions of its daemon`];
});
