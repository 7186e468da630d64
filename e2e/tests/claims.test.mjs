/** Claims: in any order, wrong, disputed, void, verified and cleared by anybody. Start, pause and reset. */
import { FIXED } from '../lib/rules.mjs';
import { account, advance, advanceTo, assert, drawn, emptyPool, onChain, stake, UNIT } from './support.mjs';

// A block for each transaction, so that each step happens in a block that is known in advance.
const test = onChain({ sealing: 'instant' });
const [bob, charlie, dave, eve, ferdie] = ['Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie'].map(account);
const WRONG = `0x${'66'.repeat(32)}`;

/** Returns the protocol's events among these, without the pallet's name, with these fields only. */
function protocolEvents(events, ...fields) {
	return events
		.filter(({ name }) => name.startsWith('BlockProposal.'))
		.map(({ name, data }) => [name.split('.')[1], ...fields.map((field) => data[field])]);
}

/** Proposes blocks and waits until they are drawn. */
async function proposed(world, count) {
	const blocks = await world.rollup.proposeMany(count, bob);
	await drawn(world, ...blocks);
	return blocks;
}

test('governance can start the protocol again until the first block is proposed', async ({ chain, rollup }) => {
	const { verifiedHash: genesisHash } = await rollup.state();
	const { events } = await chain.sudoOk(rollup.tx.start(genesisHash, 9_000, 30));
	const started = { genesisHash, feePerGas: 9_000, delay: 30 };
	assert.deepEqual(events.find(({ name }) => name === 'BlockProposal.Started').data, started);
	const { feePerGas, delay } = await chain.query('blockProposal', 'averages');
	assert.deepEqual([feePerGas, delay], [9_000n * FIXED, 30n * FIXED]);
});

test('the second of two open blocks is proven first, on the parent that the lists give', async (world) => {
	const { rollup } = world;
	await emptyPool(world);
	const blocks = await proposed(world, 2);
	const second = await rollup.prove(charlie, blocks[1]);
	const first = await rollup.prove(dave, blocks[0]);
	assert.equal(second.parentHash, first.blockHash);

	// Anybody may verify when the cooldown of each is over, and pays no fee. Blocks are verified in order.
	await advanceTo(world, first.block + rollup.parameters.cooldown - 1);
	const { events, fee } = await world.chain.ok(eve, rollup.tx.verifyBlocks(10));
	assert.deepEqual(
		protocolEvents(events, 'blockId', 'prover', 'verdict').filter(([name]) => name === 'BlockVerified'),
		[
			['BlockVerified', blocks[0].blockId, dave.address, 'Open'],
			['BlockVerified', blocks[1].blockId, charlie.address, 'Open'],
		],
	);
	assert.equal(fee, 0n);
});

test('claims on wrong parents are ignored and forfeit their bonds, which anybody clears', async (world) => {
	const { chain, rollup, tx } = world;
	const [block] = await proposed(world, 1);
	const { blockId } = block;
	const { verifiedHash } = await rollup.state();
	const wrong = [WRONG, `0x${'77'.repeat(32)}`];
	for (const parentHash of wrong) await rollup.prove(ferdie, block, { execution: { parentHash } });
	const right = await rollup.prove(charlie, block);
	assert.equal(right.parentHash, verifiedHash);

	await advanceTo(world, right.block + rollup.parameters.cooldown - 1);
	const calls = [rollup.tx.verifyBlocks(1), rollup.tx.clearClaims(blockId, wrong.slice(0, 1))];
	const { events } = await chain.ok(eve, tx.utility.batchAll(calls));
	const [verified] = events.filter(({ name }) => name === 'BlockProposal.BlockVerified');
	assert.deepEqual([verified.data.prover, verified.data.blockHash], [charlie.address, right.blockHash]);
	// One was cleared by the call, the other at the end of the block.
	const { block: number } = await chain.event('BlockProposal.BlockVerified', { blockId });
	const bonds = (await chain.block(number)).events
		.filter(({ name, data }) => name === 'BlockProposal.BondSettled' && data.prover === ferdie.address)
		.map(({ data, extrinsic }) => [data.returned, data.forfeited, extrinsic === null]);
	const bond = rollup.parameters.proofBond;
	assert.deepEqual(bonds.toSorted(), [[0n, bond, false], [0n, bond, true]]);
	assert.deepEqual((await chain.api.query.blockProposal.claims.keys()).length, 0);
});

test('a dispute removes one claim and no other', async (world) => {
	const { chain, rollup } = world;
	const [block] = await proposed(world, 1);
	const { blockId } = block;
	const wrong = await rollup.prove(ferdie, block, { execution: { blockHash: WRONG } });
	const right = await rollup.prove(charlie, block);
	const { events } = await chain.sudoOk(rollup.tx.disputeClaim(blockId, wrong.parentHash, WRONG, wrong.gasUsed));
	assert.deepEqual(protocolEvents(events, 'blockId', 'prover', 'forfeited'), [
		['BondSettled', blockId, ferdie.address, wrong.bond],
		['ClaimRemoved', blockId, ferdie.address, undefined],
	]);
	await advanceTo(world, right.block + rollup.parameters.cooldown);
	const { data } = await rollup.verified(blockId);
	assert.deepEqual([data.prover, data.blockHash], [charlie.address, right.blockHash]);
});

test('a revoked key voids its claims: bonds return, and a prover that used it is not slashed', async (world) => {
	const { chain, rollup, tx } = world;
	const attestor = account('Second attestor');
	await chain.sudoOk(tx.attestation.registerKey(attestor.publicKey));
	for (const name of ['EntryDelay', 'MinChangeDelay']) await chain.setPoolParameter(name, 0);
	await stake(world, dave, { amount: 400n * UNIT, price: 10_000, capacity: 4 });
	const [block] = await proposed(world, 1);
	const { blockId } = block;
	const { data: assigned } = await rollup.drawn(block);
	assert.equal(assigned.prover, dave.address);
	const claimed = await rollup.prove(dave, block, { attestor });
	assert.deepEqual(claimed.tag, { First: `0x${Buffer.from(attestor.publicKey).toString('hex')}` });

	await chain.sudoOk(tx.attestation.revokeKey(attestor.publicKey));
	const voided = await chain.event('BlockProposal.ClaimVoided', { blockId });
	assert.equal(voided.data.prover, dave.address);
	const opened = await chain.event('BlockProposal.BlockOpened', { blockId });
	assert.equal(opened.data.cause, 'ClaimVoided');
	const { status } = await rollup.block(blockId);
	assert.equal(status.Open.fixedReward, assigned.rewardPerGas);
	const { prover, liable } = await chain.pool('getStaker', dave.address);
	assert.deepEqual([prover.offer.stake, liable], [400n * UNIT, 0]);

	// Anybody may prove it now, at the price that was agreed.
	const again = await rollup.prove(ferdie, block);
	assert.equal(again.rewardPerGas, assigned.rewardPerGas);
	await advanceTo(world, again.block + rollup.parameters.cooldown);
	const { data } = await rollup.verified(blockId);
	assert.deepEqual([data.prover, data.verdict], [ferdie.address, 'Open']);
	assert.equal(data.paid, rollup.cost(again.gasUsed, assigned.rewardPerGas));
});

test('an assigned prover replaces its claim within its window', async (world) => {
	const { rollup } = world;
	const [block] = await proposed(world, 1);
	const first = await rollup.prove(dave, block, { execution: { parentHash: WRONG } });
	const second = await rollup.prove(dave, block);
	assert.deepEqual([first.bond, second.bond], [0n, 0n]);
	const { status } = await rollup.block(block.blockId);
	assert.equal(status.Assigned.delivery.Claimed.execution.blockHash, second.blockHash);
	await advanceTo(world, second.block + rollup.parameters.cooldown);
	const { data } = await rollup.verified(block.blockId);
	assert.deepEqual([data.prover, data.verdict], [dave.address, 'InTime']);
});

test('a pause stops proposals, verification and the clock, but not claims', async (world) => {
	const { chain, rollup } = world;
	const [block] = await proposed(world, 1);
	const { events, block: pausedIn } = await chain.sudoOk(rollup.tx.pause());
	const until = pausedIn + rollup.parameters.maxPause;
	const paused = events.find(({ name }) => name === 'BlockProposal.Paused');
	assert.deepEqual(paused.data, { until });
	assert.equal(await chain.query('blockProposal', 'pausedUntil'), until);

	for (const call of [
		rollup.proposal({ beneficiary: bob.address }),
		rollup.tx.verifyBlocks(1),
		rollup.tx.skipBlock(block.blockId),
	]) {
		assert.equal((await chain.send(bob, call)).error, 'BlockProposal.Paused');
	}
	const now = await rollup.timeAt(pausedIn);
	const claimed = await rollup.prove(dave, block);
	await advance(world, rollup.parameters.cooldown + 3);
	assert.equal(await rollup.timeAt(chain.head), now);
	assert.notEqual(await rollup.block(block.blockId), null, 'it is not verified');

	const unpaused = await chain.sudoOk(rollup.tx.unpause());
	assert.deepEqual(protocolEvents(unpaused.events), [['Unpaused']]);
	await advance(world, rollup.parameters.cooldown + 1);
	const { data } = await rollup.verified(block.blockId);
	assert.deepEqual([data.blockHash, data.verdict], [claimed.blockHash, 'InTime']);
});

test('a reset cancels all waiting blocks, slashes nobody, and the rollup continues from its hash', async (world) => {
	const { chain, rollup } = world;
	const { verifiedHash } = await rollup.state();
	const blocks = await proposed(world, 3);
	await rollup.prove(dave, blocks[0]);
	// The other two miss their windows.
	const { deadline } = (await rollup.drawn(blocks[2])).data;
	await advance(world, deadline + 1 - (await rollup.timeAt(chain.head)));
	const first = blocks[1].blockId;
	const { verifiedHash: later } = await rollup.state();
	assert.notEqual(later, verifiedHash);

	await chain.sudoOk(rollup.tx.pause());
	const { events, block } = await chain.sudoOk(rollup.tx.reset(verifiedHash));
	const cancelled = { from: first, below: first + 2n, slashing: false };
	const data = (name) => events.find((event) => event.name === `BlockProposal.${name}`)?.data;
	assert.deepEqual(data('BlocksCancelled'), cancelled);
	assert.deepEqual(data('Reset'), { verifiedHash });
	await chain.sudoOk(rollup.tx.unpause());
	for (const { blockId } of blocks.slice(1)) {
		await chain.event('BlockProposal.BlockCancelled', { blockId }, { from: block });
	}
	assert.deepEqual(await chain.eventsSoFar('ProverPool.Slashed'), []);
	assert.equal((await chain.balanceOf(bob.address)).reserved, 0n);
	assert.equal((await chain.pool('getStaker', dave.address)).liable, 0);

	// The rollup has the state from before these blocks.
	const [next] = await proposed(world, 1);
	const claimed = await rollup.prove(dave, next);
	assert.equal(claimed.parentHash, verifiedHash);
	await advance(world, rollup.parameters.cooldown + 1);
	assert.equal((await rollup.verified(next.blockId)).data.blockHash, claimed.blockHash);
});
