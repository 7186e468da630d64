/**
 * A runtime upgrade under load. The pool's clock changes from blocks to slots while stakes are held, an exit
 * runs, a slash is deferred and work is open. The upgrade may not change tokens, duties or periods.
 */
import { readFileSync } from 'node:fs';
import { u8aConcat, u8aToHex } from '@polkadot/util';
import { xxhashAsU8a } from '@polkadot/util-crypto';
import { AUTHOR } from '../lib/accounts.mjs';
import { binary } from '../lib/binaries.mjs';
import { plain } from '../lib/plain.mjs';
import { changed, readState } from '../lib/state.mjs';
import { until } from '../lib/waiting.mjs';
import {
	account,
	advance,
	advanceTo,
	ALWAYS_CHANGING,
	assert,
	assertRefused,
	drawn,
	fund,
	nothingPending,
	onChain,
	reconnect,
	stake,
	TICKER,
	UNIT,
	verified,
} from './support.mjs';

// A block for each transaction, so that each step happens in a block that is known in advance.
const test = onChain({ sealing: 'instant', firstBlockInSlot: true });
// Uncompressed, a development build is too long for a block. The build writes both.
const code = u8aToHex(readFileSync(binary('next runtime').replace(/\.wasm$/, '.compressed.wasm')));
const [alice, bob] = ['Alice', 'Bob'].map(account);
const NEWCOMERS = ['Grace', 'Heidi', 'Ivan'];
const provers = new Map(
	['Charlie', 'Dave', 'Eve', ...NEWCOMERS].map((name) => [account(name).address, account(name)]),
);
const [grace] = NEWCOMERS.map(account);
const price = 10_000;
const EXIT_PERIOD = 40;

/** The storage key of the version that tells which clock the pool's moments are on. */
const CLOCK_VERSION = u8aToHex(
	u8aConcat(xxhashAsU8a('PoolClock', 128), xxhashAsU8a(':__STORAGE_VERSION__:', 128)),
);
const [BLOCKS, SLOTS] = ['0x0000', '0x0100'];

/** Block numbers and rollup blocks that later tests use. */
const shared = {};

/** The call by which root sets the code. Its declared weight would not fit a block. */
const setCode = ({ tx }) =>
	tx.sudo.sudoUncheckedWeight(tx.system.setCode(code), { refTime: 0, proofSize: 0 });

/**
 * Submits without watching. The client can learn of the new code at any moment, and cannot decode the events
 * of earlier blocks then.
 */
async function submit(chain, signer, call) {
	const transaction = await call.signAsync(signer, { nonce: -1, era: 0 });
	await chain.submit(transaction);
}

/** Waits for a block of the new code, and connects a client that knows it. */
async function upgraded(world) {
	const { api } = world.chain;
	await until('the client learns of the new code', () => api.runtimeVersion.specVersion.toNumber() > 1);
	await reconnect(world);
}

/** Waits for the draw of a block. Returns the block with its assignment. */
async function assigned(world, proposed) {
	const [{ name, data }] = await drawn(world, proposed);
	assert.equal(name, 'BlockProposal.BlockAssigned');
	return { ...proposed, ...data, prover: provers.get(data.prover) };
}

/** Returns the pool's records after a block, by key. */
async function records(chain, number) {
	const [{ query }, { hash }] = await Promise.all([chain.at(number), chain.block(number)]);
	const [stakers, provers, assignments, slashes, schedule, queue, slot, clock] = await Promise.all([
		query.proverPool.stakers.entries(),
		query.proverPool.provers.entries(),
		query.proverPool.assignments.entries(),
		query.proverPool.pendingSlashes.entries(),
		query.proverPool.slashSchedule.keys(),
		query.proverPool.drawQueue().then(plain),
		query.babe.currentSlot().then(plain),
		chain.rpc('state_getStorage', CLOCK_VERSION, hash),
	]);
	const byKey = (entries) =>
		new Map(entries.map(([key, value]) => [String(plain(key.args[0])), plain(value)]));
	return {
		stakers: byKey(stakers),
		provers: byKey(provers),
		assignments: byKey(assignments),
		slashes: byKey(slashes),
		schedule: schedule.map(({ args: [key] }) => [Number(key.time.toHex()), BigInt(key.id.toHex())]),
		queue,
		slot,
		clock,
	};
}

test('a slash is deferred', async (world) => {
	const { chain, rollup } = world;
	await chain.setPoolParameter('SlashDeferral', 150);
	const missed = await assigned(world, await rollup.propose(bob));
	const { block: drawnIn } = await rollup.drawn(missed);
	await advanceTo(world, drawnIn + missed.deadline - (await rollup.timeAt(drawnIn)));
	await rollup.prove(bob, missed);
	assert.equal((await verified(world, missed.blockId)).data.verdict, 'Rescued');
	const { data, block } = await chain.event('ProverPool.SlashDeferred', { blockId: missed.blockId });
	assert.equal(data.dueAt, block + 150);
	shared.slash = { blockId: missed.blockId, dueAt: data.dueAt };
});

test('work is open in every state when the code is set', async (world) => {
	const { chain, rollup, tx } = world;
	await chain.setPoolParameter('MinChangeDelay', 1);
	await chain.setPoolParameter('ExitPeriod', EXIT_PERIOD);
	// The newcomers' entries are not listed before the last comparison.
	await chain.setPoolParameter('EntryDelay', 10_000);
	const newcomers = await fund(world, NEWCOMERS, 200n * UNIT);
	await Promise.all(
		newcomers.map((signer, i) =>
			stake(world, signer, { amount: BigInt(50 + i) * UNIT, price, capacity: 4 }),
		),
	);
	const [proven, open] = await rollup.proposeMany(2, bob);
	shared.proven = await assigned(world, proven);
	shared.open = await assigned(world, open);
	await advance(world, 1);
	shared.left = (await chain.ok(grace, tx.proverPool.exit())).block;

	// The proof comes first. Its cooldown is not over when the next transaction requests a prover and sets the
	// code.
	const proof = await rollup.proof(shared.proven.prover.address, shared.proven);
	const proposal = rollup.proposal({ beneficiary: alice.address });
	await submit(chain, shared.proven.prover, proof);
	await submit(chain, alice, tx.utility.batchAll([proposal, setCode(world)]));
	await upgraded(world);

	const updated = await world.chain.event('System.CodeUpdated');
	shared.set = updated.block;
	const delivery = await world.chain.event('BlockProposal.BlockClaimed', { blockId: shared.proven.blockId });
	assert.ok(delivery.block <= shared.set);
	const { data } = await world.chain.event('BlockProposal.BlockProposed', { proposer: alice.address });
	shared.pending = { ...data, beneficiary: alice.address, block: shared.set };

	const before = await records(world.chain, shared.set);
	const { stakers, assignments, schedule, queue, clock } = before;
	assert.equal(clock, BLOCKS);
	const [exit] = stakers.get(grace.address).exits;
	assert.equal(exit.maturesAt, shared.left + EXIT_PERIOD);
	assert.deepEqual(schedule, [[shared.slash.dueAt, shared.slash.blockId]]);
	assert.equal(assignments.get(String(shared.proven.blockId)).released, true);
	assert.equal(assignments.get(String(shared.open.blockId)).released, false);
	assert.deepEqual(queue.map(({ blockId }) => blockId), [shared.pending.blockId]);
});

test('the first block of the new code changes every stored moment, and nothing else', async (world) => {
	const { chain } = world;
	const [last, first] = [shared.set, shared.set + 1];
	await advanceTo(world, first);
	const versionAt = async (number) => (await chain.at(number)).runtimeVersion.specVersion.toNumber();
	assert.deepEqual([await versionAt(last), await versionAt(first)], [1, 2]);

	// The whole storage of the chain, key by key.
	const hashes = await Promise.all([last, first].map(async (number) => (await chain.block(number)).hash));
	const [stateBefore, stateAfter] = await Promise.all(hashes.map((hash) => readState(chain, hash)));
	assert.deepEqual(
		changed(chain, stateBefore, stateAfter).filter((item) => !ALWAYS_CHANGING.test(item)),
		[
			CLOCK_VERSION,
			'ProverPool.Assignments',
			'ProverPool.PendingSlashes',
			'ProverPool.Provers',
			'ProverPool.SlashSchedule',
			'ProverPool.Stakers',
			// The sender of the transaction that made this block pays its fee to the author.
			`System.Account(${AUTHOR.meta.name})`,
			`System.Account(${TICKER.meta.name})`,
		],
	);

	// The two clocks showed the same moment at the end of the last block of the old code.
	const before = await records(chain, last);
	const after = await records(chain, first);
	const shift = Number(before.slot) - last;
	assert.ok(shift > 200_000_000, 'slots since 1970 are far ahead of blocks');
	assert.equal(after.slot, before.slot + 1n);
	assert.equal(after.clock, SLOTS);

	const moved = (moment) => (moment === null ? null : moment + shift);
	const movedBy = (records, move) =>
		new Map([...records].map(([key, record]) => [key, { ...record, ...move(record) }]));
	assert.deepEqual(
		after.stakers,
		movedBy(before.stakers, ({ exits, suspendedUntil }) => ({
			exits: exits.map((exit) => ({ ...exit, maturesAt: moved(exit.maturesAt) })),
			suspendedUntil: moved(suspendedUntil),
		})),
	);
	assert.deepEqual(
		after.provers,
		movedBy(before.provers, ({ enteredAt }) => ({ enteredAt: moved(enteredAt) })),
	);
	assert.deepEqual(
		after.assignments,
		movedBy(before.assignments, ({ drawnAt }) => ({ drawnAt: moved(drawnAt) })),
	);
	assert.deepEqual(
		after.slashes,
		movedBy(before.slashes, ({ dueAt, suspendedUntil }) => ({
			dueAt: moved(dueAt),
			suspendedUntil: moved(suspendedUntil),
		})),
	);
	assert.deepEqual(after.schedule, before.schedule.map(([dueAt, id]) => [moved(dueAt), id]));
	shared.shift = shift;
});

test('open work is drawn, proven, verified and paid', async (world) => {
	const { chain, rollup } = world;
	const pending = await assigned(world, shared.pending);

	for (const block of [shared.open, pending]) await rollup.prove(block.prover, block);
	for (const { blockId, prover } of [shared.proven, shared.open, pending]) {
		const { data, block } = await verified(world, blockId);
		assert.ok(block > shared.set, 'by the new code');
		assert.deepEqual([data.prover, data.verdict], [prover.address, 'InTime']);
		assert.ok(data.paid > 0n);
	}
	assert.equal((await records(chain, chain.head)).assignments.size, 0);
});

test('the running exit matures on time', async (world) => {
	const { chain, tx } = world;
	await assertRefused(world, grace, tx.proverPool.withdraw(), 'ProverPool.NoMatureExit');
	const maturesIn = shared.left + EXIT_PERIOD;
	assert.ok(chain.head < maturesIn - 4);
	await advanceTo(world, maturesIn - 4);
	let outcome;
	let refused = 0;
	do {
		outcome = await chain.send(grace, tx.proverPool.withdraw());
		if (outcome.error === null) break;
		assert.equal(outcome.error, 'ProverPool.NoMatureExit');
		refused = outcome.block;
	} while (refused <= maturesIn);
	assert.ok(refused > shared.set && refused <= maturesIn, `refused in ${refused}`);
	assert.ok(outcome.block > maturesIn, `paid in ${outcome.block}`);
	const { data } = outcome.events.find(({ name }) => name === 'ProverPool.Withdrawn');
	assert.deepEqual(data, { who: grace.address, amount: 50n * UNIT });
	assert.equal((await chain.balanceOf(grace.address)).reserved, 0n);
});

test('new stakes and new draws use the new clock', async (world) => {
	const { chain, rollup } = world;
	const { block } = await stake(world, grace, { amount: 60n * UNIT, price, capacity: 4 });
	const { prover } = await chain.pool('getStaker', grace.address);
	assert.equal(prover.enteredAt, block + shared.shift);
	assert.equal(prover.enteredIn, block, 'still a block number');

	const { prover: duty, ...next } = await assigned(world, await rollup.propose(bob));
	const [{ assignment }] = await chain.pool('getAssignments', duty.address, null, 10);
	const { block: drawnIn } = await chain.event('ProverPool.ProverAssigned', { blockId: next.blockId });
	assert.equal(assignment.drawnAt, drawnIn + shared.shift);
	await rollup.prove(duty, next);
	assert.equal((await verified(world, next.blockId)).data.verdict, 'InTime');

	// The entry delay counts blocks on any clock of the pool, so entries from before the upgrade are listed.
	const entering = async () =>
		(await chain.members()).filter(({ status }) => status === 'Entering').length;
	assert.equal(await entering(), NEWCOMERS.length);
	await chain.setPoolParameter('EntryDelay', 10);
	await nothingPending(world);
	assert.equal(await entering(), 0);
});

test('the deferred slash is applied on time', async (world) => {
	const { chain } = world;
	const { blockId, dueAt } = shared.slash;
	assert.ok(chain.head < dueAt);
	await advanceTo(world, dueAt);
	const { block, extrinsic } = await chain.event('ProverPool.SlashApplied', { blockId });
	// Counted in blocks, the due date has not changed, since no slot was empty.
	assert.deepEqual([block, extrinsic], [dueAt, null]);
});

test('the same code is not set again', async (world) => {
	const { chain } = world;
	const { events } = await chain.ok(alice, setCode(world));
	const { sudoResult } = events.find(({ name }) => name === 'Sudo.Sudid').data;
	assert.equal(chain.errorName(sudoResult.Err), 'System.SpecVersionNeedsToIncrease');
	const version = await chain.api.rpc.state.getRuntimeVersion();
	assert.equal(version.specVersion.toNumber(), 2);
	assert.equal((await records(chain, chain.head)).clock, SLOTS);
});
