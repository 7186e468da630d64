/**
 * Validators come and go while the chain runs, and finality goes on without those that are lost for good. An epoch
 * takes two minutes, so each change takes up to four.
 */
import { u8aToHex } from '@polkadot/util';
import { account } from '../lib/accounts.mjs';
import { UNIT } from '../lib/amounts.mjs';
import { until } from '../lib/waiting.mjs';
import { assert, onNetwork } from '../faults/support.mjs';

/** Longer than three epochs on a busy machine. */
const TIMEOUT_MS = 900_000;
/** The number of blocks in which each validator makes one, but once in thousands of runs. */
const ROUNDS = 40;
/** The number of blocks after which a forced change of voters takes effect. */
const DELAY = 8;

const SUDO = account('Alice');

const test = onNetwork();

const addresses = (nodes) => nodes.map((node) => node.account.address);

/** Waits until the state of the best block has this list of accounts. */
async function accounts({ client }, what, expected, read) {
	const list = async () => JSON.stringify(await read(client)) === JSON.stringify(expected);
	await until(what, list, { timeout: TIMEOUT_MS, every: 1_000 });
}

const queued = async (client) => (await client.query('session', 'queuedKeys')).map(([who]) => who);
const active = (client) => client.query('session', 'validators');

/** Sends a call of governance. */
const sudo = ({ client, transactions }, call) => transactions.send(SUDO, client.api.tx.sudo.sudo(call));

/** Replaces the validators, and waits until the new ones author and vote. */
async function replace(world, nodes) {
	const { client, network } = world;
	const set = addresses(nodes);
	await sudo(world, client.api.tx.validators.setValidators(set));
	await accounts(world, 'the set is queued', set, queued);
	await accounts(world, 'the set authors', set, active);
	// The voters change when a block of the new set is final.
	const { number } = await client.best();
	await network.finalized(number + 1, TIMEOUT_MS);
	const voters = (await client.query('grandpa', 'authorities')).length;
	assert.equal(voters, nodes.length);
}

/** Returns the authors of blocks, as explorers show them. */
async function authorsOf({ client }, first, last) {
	const authors = [];
	for (let number = first; number <= last; number++) {
		const { author } = await client.api.derive.chain.getHeader(await client.hash(number));
		authors.push(author.toString());
	}
	return authors;
}

/** Waits for the next blocks. Returns the accounts of their authors, each once. */
async function nextAuthors(world) {
	const { number } = await world.client.best();
	await world.network.finalized(number + ROUNDS, TIMEOUT_MS);
	return new Set(await authorsOf(world, number + 1, number + ROUNDS));
}

test('a fifth validator joins with keys of its own, authors and votes', async (world) => {
	const { client, network, transactions } = world;
	const old = [...network.validators];
	const fifth = await network.add('validator-5');
	await fifth.start();
	const { address, publicKey } = fifth.account;
	await transactions.send(SUDO, client.api.tx.balances.transferKeepAlive(address, 100n * UNIT));
	const { keys, proof } = await fifth.rpc('author_rotateKeysWithOwner', u8aToHex(publicKey));
	assert.ok(await fifth.rpc('author_hasSessionKeys', keys));
	await until('the account has tokens', async () => {
		const { data } = await client.api.query.system.account(address);
		return !data.free.isZero();
	});
	await transactions.send(fifth.account, client.api.tx.session.setKeys(keys, proof));
	const registered = async () => (await client.query('session', 'nextKeys', address)) !== null;
	await until('the keys are registered', registered, { timeout: TIMEOUT_MS });

	await replace(world, [...old, fifth]);
	const authors = await nextAuthors(world);
	assert.ok(authors.has(address), `it authors: ${[...authors]}`);
	// Four of five must vote. Without one of the others, it is the fourth.
	await network.kill([old[0]]);
	world.faults += 1;
	await network.progress(3);
	await old[0].start();
	await network.progress(1);
	return [`${authors.size} authors of ${ROUNDS} blocks`];
});

test('a validator is removed: it neither authors nor votes, and the chain goes on without it', async (world) => {
	const { network } = world;
	const [first, ...others] = network.validators;
	await replace(world, others);
	const authors = await nextAuthors(world);
	assert.deepEqual([...authors].sort(), addresses(others).sort(), 'the others author');
	// It follows the chain. Three of four vote without it.
	await network.kill([first, others[0]]);
	world.faults += 2;
	await network.progress(3);
	await Promise.all([first.start(), others[0].start()]);
	await network.progress(1);
});

test('two of four are lost for good: the others are named, the stall is noted, and finality goes on', async (world) => {
	const { client, network } = world;
	const [, second, third, ...left] = network.validators;
	assert.equal(left.length, 2);
	await network.lose([second, third]);
	world.faults += 2;
	const { number: from } = await client.best();
	// Nothing after what the lost nodes may have voted for is finalized.
	const heights = await network.until('blocks are made', (all) => all.every(({ best }) => best > from + 4));
	const finalized = Math.max(...[...heights.values()].map((each) => each.finalized));
	assert.ok(finalized <= from + 1, 'finality stands still');

	const set = addresses(left);
	await sudo(world, client.api.tx.validators.setValidators(set));
	await accounts(world, 'the set is queued', set, queued);
	await sudo(world, client.api.tx.grandpa.noteStalled(DELAY, finalized));
	await accounts(world, 'the set authors', set, active);
	const { number } = await client.best();
	// All nodes go on, the one that is no longer a validator included.
	await network.finalized(number + DELAY + 2, TIMEOUT_MS);
	assert.equal(await client.query('grandpa', 'stalled'), null);
	assert.equal(Number(await client.query('grandpa', 'currentSetId')), 3, 'one for each change of the voters');
	return [`${number + DELAY - finalized} blocks without finality, all finalized`];
});
