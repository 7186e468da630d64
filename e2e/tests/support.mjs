/** A chain for each file of tests, and checks that the files share. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { account, AUTHOR } from '../lib/accounts.mjs';
import { UNIT } from '../lib/amounts.mjs';
import { audit } from '../lib/audit.mjs';
import { Chain } from '../lib/chain.mjs';
import { endOnSignals, Node } from '../lib/node.mjs';
import { Rollup } from '../lib/rollup.mjs';
import { changed, readState } from '../lib/state.mjs';

/** Milliseconds from block to block. Two slow cores keep up with this. */
const SEALING = 200;
/** Longer than any wait within a test. Each wait has its own bound and names what it waits for. */
const TIMEOUT_MS = 600_000;
/** The number of transactions that are submitted at once. */
const WAVE = 256;
/** The number of blocks within which something must have happened. */
const BLOCKS = 200;
/** Signs the transactions that only serve to make blocks. It has no part in any test. */
export const TICKER = account('Alice//stash');

endOnSignals();

/**
 * Starts a node for a file of tests. At the end it checks the accounts of the whole chain, and stops it.
 *
 * @param {object} [options]
 * @param {number | 'instant'} [options.sealing] milliseconds from block to block, or a block with each
 *   transaction
 * @param {boolean} [options.firstBlockInSlot] whether the first block is made in a real slot. The slots of
 *   all blocks are then far ahead of their numbers, as on any chain that is not sealed
 * @param {number} [options.timeout] of each test, in milliseconds
 * @returns a function like `test`, whose tests get `{ chain, rollup, tx }` and show the end of the
 *   node's log when they fail
 */
export function onChain({ sealing = SEALING, firstBlockInSlot = false, timeout = TIMEOUT_MS } = {}) {
	const world = { onDemand: sealing === 'instant' };
	before(async () => {
		// All states are kept, so that any block can be looked at again.
		const args = ['--state-pruning', 'archive'];
		world.node = await Node.start({ sealing: firstBlockInSlot ? null : sealing, args });
		if (firstBlockInSlot) {
			const chain = await Chain.connect(world.node.url);
			await chain.block(1);
			await chain.disconnect();
			await world.node.restart({ sealing });
		}
		await connect(world);
	});
	after(async () => {
		try {
			if (world.rollup) await audit(world.rollup);
		} finally {
			await world.chain?.disconnect();
			await world.node?.stop();
		}
	});
	return (name, body) =>
		test(name, { timeout }, async () => {
			try {
				await body(world);
			} catch (error) {
				error.message += `\n\nThe node's last lines:\n${world.node?.tail()}`;
				throw error;
			}
		});
}

/**
 * Connects a new client after an upgrade. A client that was connected before cannot continue: it replaces
 * its metadata by metadata of an older format, which numbers the types of earlier calls differently.
 */
export async function reconnect(world) {
	await world.chain.disconnect();
	await connect(world);
}

/**
 * Restarts the node as one that makes blocks for transactions only. From here on, each step happens in a
 * block that is known in advance, however slow the machine is.
 */
export async function makeOnDemand(world) {
	await world.chain.disconnect();
	await world.node.restart({ sealing: 'instant' });
	world.onDemand = true;
	await connect(world);
}

async function connect(world) {
	world.chain = await Chain.connect(world.node.url, { onDemand: world.onDemand });
	world.rollup = new Rollup(world.chain, world.rollup?.lineage.folder);
	world.tx = world.chain.api.tx;
}

/** Returns new accounts, each funded with this amount, in one transaction. */
export async function fund({ chain, tx }, names, amount) {
	const accounts = names.map(account);
	const transfers = accounts.map(({ address }) => tx.balances.transferKeepAlive(address, amount));
	await chain.ok(account('Alice'), tx.utility.batchAll(transfers));
	return accounts;
}

/** Enters the pool. Returns the `Staked` event with the chain's block. */
export async function stake({ chain, tx }, signer, { amount, price, capacity }) {
	const { events, block } = await chain.ok(signer, tx.proverPool.stake(amount, price, capacity));
	return { ...events.find(({ name }) => name === 'ProverPool.Staked').data, block };
}

/**
 * Does the same for many accounts that have not signed anything before, in waves. A connection can watch
 * at most 1,024 transactions, and the client reads the whole block of each. So these are not watched, but
 * found by their events.
 */
export async function stakeMany({ chain, tx }, offers) {
	const from = chain.head;
	const staked = [];
	for (let start = 0; start < offers.length; start += WAVE) {
		const wave = offers.slice(start, start + WAVE);
		const signed = await Promise.all(
			wave.map(({ signer, amount, price, capacity }) =>
				tx.proverPool.stake(amount, price, capacity).signAsync(signer, { nonce: 0, era: 0 }),
			),
		);
		await Promise.all(signed.map((call) => chain.submit(call)));
		const events = wave.map(({ signer: { address: who } }) =>
			chain.event('ProverPool.Staked', { who }, { from }),
		);
		for (const { data, block } of await Promise.all(events)) staked.push({ ...data, block });
	}
	return staked;
}

/** Lets blocks pass until a condition holds. Checks it after each block. */
export async function advanceUntil(world, what, condition) {
	for (let i = 0; !(await condition()); i++) {
		assert.ok(i < BLOCKS, `${what}: not within ${BLOCKS} blocks`);
		await advance(world, 1);
	}
}

/** Lets blocks pass until no entry and no change waits for its delay, since listing one changes the state. */
export async function nothingPending(world) {
	const pending = () => world.chain.api.query.proverPool.pendingChanges.keys();
	await advanceUntil(world, 'no change waits', async () => (await pending()).length === 0);
}

/**
 * Waits for the block of this number. On a chain that makes blocks for transactions only, it makes blocks
 * until this one is the latest.
 */
export async function advanceTo({ chain, tx, onDemand }, number) {
	if (!onDemand) return void (await chain.block(number));
	let { head, nonce } = {
		head: await bestNumber(chain),
		nonce: (await chain.api.rpc.system.accountNextIndex(TICKER.address)).toNumber(),
	};
	for (; head < number; head++, nonce++) {
		const call = await tx.system.remark('0x').signAsync(TICKER, { nonce, era: 0 });
		await chain.submit(call);
		await chain.block(head + 1);
	}
	assert.equal(await bestNumber(chain), number, 'the chain is further than that');
}

/** Does the same for `count` more blocks. */
export async function advance(world, count) {
	await advanceTo(world, (await bestNumber(world.chain)) + count);
}

async function bestNumber(chain) {
	const number = (await chain.api.rpc.chain.getHeader()).number.toNumber();
	await chain.block(number);
	return number;
}

/** Lets blocks pass until all these proposals are drawn. Returns the results: see `Rollup.drawn`. */
export async function drawn(world, ...proposals) {
	const { chain, rollup } = world;
	const { drawDelay } = await chain.pool('getParameters');
	const due = Math.max(...proposals.map(({ block }) => block)) + drawDelay + 1;
	if (chain.head < due) await advanceTo(world, due);
	return Promise.all(proposals.map((proposed) => rollup.drawn(proposed)));
}

/** Lets blocks pass until a block is verified. Returns its `BlockVerified` event. */
export async function verified(world, blockId) {
	const { rollup } = world;
	const isSettled = async () => (await rollup.block(blockId)) === null;
	await advanceUntil(world, `block ${blockId} is settled`, isSettled);
	return rollup.verified(blockId);
}

/** Returns the pool's events among these, without the pallet's name. */
export function poolEvents(events) {
	return events
		.filter(({ name }) => name.startsWith('ProverPool.'))
		.map(({ name, data }) => ({ [name.split('.')[1]]: data }));
}

/** Lets all members leave at once, the genesis provers included. */
export async function emptyPool(world) {
	const { chain, tx } = world;
	await chain.setPoolParameter('MinChangeDelay', 0);
	const members = await chain.members();
	const names = new Map(
		['Charlie', 'Dave', 'Eve', 'Ferdie'].map((name) => [account(name).address, account(name)]),
	);
	await Promise.all(members.map((row) => chain.ok(names.get(row.account), tx.proverPool.exit())));
}

/** The items that every block changes, and those that every transaction changes besides its account. */
export const ALWAYS_CHANGING =
	/^(System\.(?!Account)|Substrate\.extrinsicIndex$|Timestamp\.|Babe\.|Session\.|Historical\.|Grandpa\.|TransactionPayment\.|VrfAccumulator\.|BlockProposal\.Clock$)/;

/**
 * Checks that a call is refused with this error, and that nothing changes but the nonce of its signer and the
 * fee, which moves to the author. Nothing else may happen on the chain meanwhile.
 */
export async function assertRefused(world, signer, call, error) {
	const assertUnchanged = await sendRefused(world, signer, call, error);
	await assertUnchanged();
}

/**
 * Sends a call that must be refused. Returns the check that nothing changed. The check reads two whole
 * states, so a caller that is short of time can run it later.
 */
export async function sendRefused({ chain }, signer, call, error) {
	const outcome = await chain.send(signer, call);
	assert.equal(outcome.error, error);
	assert.ok(outcome.fee > 0n, 'a refused call is paid for');
	return () => assertChangedNothing(chain, outcome, signer);
}

/** Checks that validation refuses a transaction because this signer must not sign such a call. */
export async function assertInvalidSigner({ chain }, signer, call) {
	const { nonce: before } = await chain.api.query.system.account(signer.address);
	const signed = await call.signAsync(signer, { nonce: -1, era: 0 });
	await assert.rejects(chain.submit(signed), /1010: .*Invalid signing address/);
	await chain.noneWaiting();
	const { nonce: after } = await chain.api.query.system.account(signer.address);
	assert.equal(after.toNumber(), before.toNumber());
}

/** Checks that a call by root is refused with this error, and that nothing changes. */
export async function assertRootRefused({ chain }, call, error) {
	const outcome = await chain.sudo(call);
	assert.equal(outcome.error, error);
	await assertChangedNothing(chain, outcome, account('Alice'));
}

async function assertChangedNothing(chain, { block, hash, fee }, signer) {
	const { hash: parent } = await chain.block(block - 1);
	const [before, after] = await Promise.all([readState(chain, parent), readState(chain, hash)]);
	const changes = changed(chain, before, after).filter((item) => !ALWAYS_CHANGING.test(item));
	const touched = new Set([signer, ...(fee > 0n ? [AUTHOR] : [])]);
	assert.deepEqual(changes, [...touched].map(({ meta }) => `System.Account(${meta.name})`).sort());

	const difference = async ({ address }) => {
		const [before, after] = await Promise.all(
			[block - 1, block].map(async (number) => (await chain.at(number)).query.system.account(address)),
		);
		return {
			nonce: after.nonce.toNumber() - before.nonce.toNumber(),
			free: after.data.free.toBigInt() - before.data.free.toBigInt(),
			reserved: after.data.reserved.toBigInt() - before.data.reserved.toBigInt(),
		};
	};
	const own = signer === AUTHOR;
	assert.deepEqual(
		await difference(signer),
		{ nonce: 1, free: own ? 0n : -fee, reserved: 0n },
		'the free balance falls by the fee',
	);
	if (own) return;
	assert.deepEqual(
		await difference(AUTHOR),
		{ nonce: 0, free: fee, reserved: 0n },
		'the author of the block gets the fee',
	);
}

export { account, assert, UNIT };
