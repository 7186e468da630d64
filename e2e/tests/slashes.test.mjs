/** Deferred slashes (R7) and suspensions (R10). */
import { auditHolds } from '../lib/holds.mjs';
import * as rules from '../lib/rules.mjs';
import { plain } from '../lib/plain.mjs';
import {
	account,
	advance,
	advanceTo,
	assert,
	assertInvalidSigner,
	assertRefused,
	assertRootRefused,
	drawn,
	emptyPool,
	onChain,
	poolEvents,
	stake,
	UNIT,
} from './support.mjs';

// A block for each transaction, so that each step happens in a block that is known in advance.
const test = onChain({ sealing: 'instant' });
const [bob, charlie, ferdie] = ['Bob', 'Charlie', 'Ferdie'].map(account);
const who = ferdie.address;
const PARAMETERS = {
	EntryDelay: 0,
	MinChangeDelay: 0,
	SlashDeferral: 120,
	MaxMisses: 2,
	SuspensionPeriod: 200,
	// No limit, since the suspended prover is the only member.
	MaxPausedShare: 1_000_000_000,
};
const STAKE = 400n * UNIT;
const CAPACITY = 8;

/** The blocks that Ferdie misses, with the block of the chain in which each slash began. */
const blocks = [];
/** The sum of the slashes that are not cancelled. */
let slashed = 0n;

const staker = ({ chain }) => chain.pool('getStaker', who);

/** The deferred slash of a block; `null` if there is none. */
const pendingSlash = ({ chain }, { blockId }) => chain.query('proverPool', 'pendingSlashes', blockId);

/** Returns the pool's events in a block of the chain, with the extrinsics that caused them. */
async function eventsIn({ chain }, number) {
	const { events } = await chain.block(number);
	return events.filter(({ name }) => name.startsWith('ProverPool.'));
}

/** Charlie proves a block that Ferdie has missed. Returns the block of the chain that verifies it. */
async function rescue(world, block) {
	const { chain, rollup } = world;
	const [row, { prover }] = await Promise.all([
		chain
			.pool('getAssignments', who, null, 100)
			.then((rows) => rows.find(({ blockId }) => blockId === block.blockId)),
		staker(world),
	]);
	const proven = await rollup.prove(charlie, block);
	const reward = rollup.cost(proven.gasUsed, row.assignment.rewardPerGas);
	block.reward = reward;
	block.slash = rules.slash(prover.offer.stake, row.assignment.terms, reward);
	block.bonus = rules.rescueBonus(reward, rollup.parameters.rescueBonus, block.slash);
	await advanceTo(world, proven.block + rollup.parameters.cooldown + 1);
	const verified = await rollup.verified(block.blockId, { from: proven.block });
	assert.equal(verified.data.verdict, 'Rescued');
	block.slashedIn = verified.block;
	block.dueAt = verified.block + PARAMETERS.SlashDeferral;
	slashed += block.slash;
	return verified.block;
}

/** The events of a slash. */
function slashEvents({ blockId, slash, dueAt }, suspendedUntil = null) {
	return [
		{
			Slashed: {
				blockId,
				who,
				amount: slash,
				fromExits: 0n,
				fromStake: slash,
				fault: 'Rescued',
			},
		},
		...(suspendedUntil === null ? [] : [{ Suspended: { who, until: suspendedUntil } }]),
		{ SlashDeferred: { blockId, dueAt } },
	];
}

test('one prover is assigned four blocks and misses their windows', async (world) => {
	const { chain, rollup } = world;
	for (const [name, value] of Object.entries(PARAMETERS)) await chain.setPoolParameter(name, value);
	await emptyPool(world);
	await stake(world, ferdie, { amount: STAKE, price: 10_000, capacity: CAPACITY });
	const proposals = await rollup.proposeMany(4, bob);
	for (const [i, { data }] of (await drawn(world, ...proposals)).entries()) {
		assert.equal(data.prover, who);
		blocks.push({ ...proposals[i], deadline: data.deadline });
	}
	const { liable, outstanding, record } = await staker(world);
	assert.deepEqual([liable, outstanding], [4, 4]);
	assert.deepEqual(record, { assigned: 4, served: 0, missed: 0, missesInARow: 0 });
	const now = await rollup.timeAt(chain.head);
	await advance(world, blocks[3].deadline - now + 1);
});

test('a slash leaves the stake at once, and its tokens stay on hold', async (world) => {
	const { chain, rollup } = world;
	const [block] = blocks;
	const verifiedIn = await rescue(world, block);
	const events = await eventsIn(world, verifiedIn);
	assert.deepEqual(poolEvents(events), slashEvents(block));

	const { prover, held, record } = await staker(world);
	assert.equal(prover.offer.stake, STAKE - block.slash);
	assert.equal(held, STAKE, 'held: the stake and the slash');
	assert.equal((await chain.balanceOf(who)).reserved, STAKE);
	assert.deepEqual(record, { assigned: 4, served: 0, missed: 1, missesInARow: 1 });
	assert.equal(prover.status, 'Active');
	assert.deepEqual(await pendingSlash(world, block), {
		who,
		amount: block.slash,
		fault: 'Rescued',
		reporter: [charlie.address, rules.share(block.reward, rollup.parameters.rescueBonus)],
		dueAt: block.dueAt,
		suspendedUntil: null,
		served: 0,
	});
	await auditHolds(chain);
});

test('a slash is not applied before it is due', async (world) => {
	const { tx } = world;
	const [{ blockId }] = blocks;
	await assertRefused(world, bob, tx.proverPool.applySlash(blockId), 'ProverPool.SlashNotDue');
	await assertInvalidSigner(world, bob, tx.proverPool.cancelSlash(blockId));
});

test('two misses in a row suspend a prover: it is not drawn, and cannot resume', async (world) => {
	const { chain, rollup, tx } = world;
	const [, block] = blocks;
	const verifiedIn = await rescue(world, block);
	const until = verifiedIn + PARAMETERS.SuspensionPeriod;
	assert.deepEqual(poolEvents(await eventsIn(world, verifiedIn)), slashEvents(block, until));

	const { prover, suspendedUntil, record, outstanding } = await staker(world);
	assert.equal(suspendedUntil, until);
	assert.deepEqual(prover.status, { Suspended: { until } });
	assert.deepEqual([record.missed, record.missesInARow], [2, 2]);
	assert.equal(outstanding, 2, 'what is assigned stays due');
	assert.equal(await chain.pool('getCapacity'), 0n, 'at once');
	await assertRefused(world, ferdie, tx.proverPool.resume(), 'ProverPool.StillSuspended');
	await assertRefused(world, ferdie, tx.proverPool.pause(), 'ProverPool.AlreadyPaused');

	const proposed = await rollup.propose(bob);
	const [{ name, data }] = await drawn(world, proposed);
	assert.equal(name, 'BlockProposal.BlockOpened');
	assert.deepEqual(data.cause, { Drawn: 'EmptyPool' });
});

test('a suspended prover that enters again stays suspended', async (world) => {
	const { chain, tx } = world;
	const { prover, exits, suspendedUntil: until } = await staker(world);
	const { amount } = { amount: prover.offer.stake };
	await chain.ok(ferdie, tx.proverPool.stake(amount, 10_000, CAPACITY));
	const again = await staker(world);
	assert.deepEqual(again.prover.status, { Suspended: { until } });
	assert.equal(again.prover.offer.paused, true);
	assert.deepEqual(again.exits, exits);
	await assertRefused(world, ferdie, tx.proverPool.resume(), 'ProverPool.StillSuspended');
});

test('a cancelled slash releases its tokens, and ends the suspension that it caused', async (world) => {
	const { chain, tx } = world;
	const [, { blockId, slash }] = blocks;
	const [before, stakerBefore] = await Promise.all([chain.balanceOf(who), staker(world)]);
	const cancel = tx.proverPool.cancelSlash(blockId);
	const { events } = await chain.sudoOk(cancel);
	assert.deepEqual(poolEvents(events), [
		{ SuspensionEnded: { who } },
		{ SlashCancelled: { blockId, who, amount: slash } },
	]);
	slashed -= slash;
	assert.deepEqual(await chain.balanceOf(who), {
		free: before.free + slash,
		reserved: before.reserved - slash,
	});
	const { prover, record, suspendedUntil } = await staker(world);
	assert.equal(prover.offer.stake, stakerBefore.prover.offer.stake, 'the stake does not return');
	assert.deepEqual([record.missed, record.missesInARow, suspendedUntil], [1, 1, null]);
	assert.equal(prover.status, 'Paused', 'until it resumes');
	await auditHolds(chain);

	await assertRootRefused(world, cancel, 'ProverPool.NoPendingSlash');
	await assertRefused(world, bob, tx.proverPool.applySlash(blockId), 'ProverPool.NoPendingSlash');
	const resumed = await chain.ok(ferdie, tx.proverPool.resume());
	assert.deepEqual(poolEvents(resumed.events), [{ Resumed: { who } }]);
	assert.equal((await staker(world)).prover.status, 'Active');
});

test('the next misses suspend it again, for longer with each', async (world) => {
	const [, , third, fourth] = blocks;
	for (const block of [third, fourth]) {
		const verifiedIn = await rescue(world, block);
		const until = verifiedIn + PARAMETERS.SuspensionPeriod;
		assert.deepEqual(poolEvents(await eventsIn(world, verifiedIn)), slashEvents(block, until));
		assert.deepEqual((await staker(world)).prover.status, { Suspended: { until } });
	}
	const { record, liable, held, prover } = await staker(world);
	assert.deepEqual(record, { assigned: 4, served: 0, missed: 3, missesInARow: 3 });
	assert.equal(liable, 0);
	assert.equal(held, prover.offer.stake + slashed);
});

test('a slash that is due is applied at the end of its block', async (world) => {
	const { chain } = world;
	const [block] = blocks;
	await advanceTo(world, block.dueAt - 1);
	assert.notEqual(await pendingSlash(world, block), null);
	const [before, reporterBefore] = await Promise.all([who, charlie.address].map((a) => chain.balanceOf(a)));
	await advanceTo(world, block.dueAt);
	const events = await eventsIn(world, block.dueAt);
	const { blockId, slash: amount } = block;
	assert.deepEqual(poolEvents(events), [{ SlashApplied: { blockId, who, amount } }]);
	assert.equal(events[0].extrinsic, null);
	assert.equal(await pendingSlash(world, block), null);

	const [after, reporterAfter] = await Promise.all([who, charlie.address].map((a) => chain.balanceOf(a)));
	assert.deepEqual(after, { free: before.free, reserved: before.reserved - amount });
	assert.ok(block.bonus > 0n && block.bonus < amount);
	assert.equal(reporterAfter.free, reporterBefore.free + block.bonus);
});

test('a slash that is due cannot be cancelled', async (world) => {
	const { chain, tx } = world;
	const [, , block] = blocks;
	await advanceTo(world, block.dueAt - 1);
	const cancelled = await chain.sudo(tx.proverPool.cancelSlash(block.blockId));
	assert.deepEqual([cancelled.block, cancelled.error], [block.dueAt, 'ProverPool.SlashDue']);
	const events = await eventsIn(world, block.dueAt);
	assert.deepEqual(events.map(({ name }) => name), ['ProverPool.SlashApplied']);
});

test('anybody can apply a slash that is due', async (world) => {
	const { chain, tx } = world;
	const [, , , block] = blocks;
	await advanceTo(world, block.dueAt - 1);
	const applied = await chain.ok(bob, tx.proverPool.applySlash(block.blockId));
	assert.equal(applied.block, block.dueAt);
	const { blockId, slash: amount } = block;
	assert.deepEqual(poolEvents(applied.events), [{ SlashApplied: { blockId, who, amount } }]);
	const { prover, held } = await staker(world);
	assert.equal(held, prover.offer.stake);
	assert.equal((await chain.balanceOf(who)).reserved, held);
	const schedule = await chain.api.query.proverPool.slashSchedule.keys();
	assert.deepEqual(schedule.map(plain), []);
	await auditHolds(chain);
});

test('after a suspension the prover resumes, and a proof in time ends its misses in a row', async (world) => {
	const { chain, rollup, tx } = world;
	const { suspendedUntil } = await staker(world);
	await advanceTo(world, suspendedUntil - 1);
	// This is the last block of the suspension.
	await assertRefused(world, ferdie, tx.proverPool.resume(), 'ProverPool.StillSuspended');
	await chain.ok(ferdie, tx.proverPool.resume());
	assert.deepEqual((await staker(world)).suspendedUntil, null);

	// The block that became open is settled first.
	const [{ blockId }] = (await rollup.snapshot(chain.head)).waiting;
	const open = await rollup.block(blockId);
	await rollup.prove(charlie, { ...open, blockId });
	await advance(world, rollup.parameters.cooldown + 1);
	const proposed = await rollup.propose(bob);
	const [{ data }] = await drawn(world, proposed);
	assert.equal(data.prover, who);
	await rollup.prove(ferdie, proposed);
	await advance(world, rollup.parameters.cooldown + 1);
	assert.equal((await rollup.verified(proposed.blockId)).data.verdict, 'InTime');
	const { record } = await staker(world);
	assert.deepEqual(record, { assigned: 5, served: 1, missed: 3, missesInARow: 0 });
});
