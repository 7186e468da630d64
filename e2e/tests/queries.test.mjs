/** The queries that clients can call without definitions of their own: runtime API and view functions. */
import { readFileSync } from 'node:fs';
import { u8aToHex } from '@polkadot/util';
import { nameOf } from '../lib/accounts.mjs';
import { plain } from '../lib/plain.mjs';
import { instanceHash } from '../lib/proving.mjs';
import { weight } from '../lib/rules.mjs';
import { account, assert, fund, onChain, stakeMany, UNIT } from './support.mjs';

const test = onChain();
const [bob, charlie, dave, eve] = ['Bob', 'Charlie', 'Dave', 'Eve'].map(account);
/** The unit of shares. */
const WHOLE = 10n ** 18n;

test('the metadata has all queries', ({ chain }) => {
	assert.deepEqual(Object.keys(chain.api.call.proverPoolApi).sort(), [
		'getAssignments',
		'getCapacity',
		'getParameters',
		'getProverWeights',
		'getProvers',
		'getStaker',
		'nextExit',
		'odds',
		'simulateExit',
		'simulateStake',
		'simulateUnstake',
		'simulateWithdraw',
	]);
	assert.deepEqual(Object.keys(chain.api.call.blockProposalApi).sort(), [
		'blocks',
		'claims',
		'feePerGas',
		'instanceHash',
		'isPaused',
		'revoked',
		'rewardPerGas',
	]);
	assert.deepEqual(Object.keys(chain.api.call.attestationApi).sort(), ['accepts', 'keys']);
	const succinct = Object.keys(chain.api.call.succinctProofsApi).sort();
	assert.deepEqual(succinct, ['accepts', 'explain', 'programs', 'systems']);
});

test('get_parameters returns the live parameters', async ({ chain }) => {
	const before = await chain.pool('getParameters');
	assert.equal(before.maxProvers, chain.constant('proverLottery', 'maxProvers'));
	for (const name of ['maxExits', 'maxPendingDraws', 'maxDrawsPerBlock', 'maxAdmissions']) {
		assert.equal(before[name], chain.constant('proverPool', name), name);
	}
	assert.equal(before.minCapacity, 4);
	assert.equal(before.minStakePerCapacity, 10n * UNIT);
	assert.deepEqual([before.slashPoints, before.slashMultiplier], [2_500_000, 4]);
	assert.equal(before.minOverbid, 50_000_000);
	assert.deepEqual([before.entryDelay, before.drawDelay], [10, 3]);
	assert.deepEqual([before.maxExits, before.maxMisses], [8, 3]);
	assert.ok(before.maxCapacity < 2 ** 32 - 1, 'capacity is bounded');
	assert.ok(before.slashDeferral > 0 && before.suspensionPeriod > 0);
	assert.deepEqual(chain.priceBand(), { priceFloorPercent: 75, priceCeilingPercent: 125 });

	await chain.setPoolParameter('MinCapacity', 5);
	assert.deepEqual(await chain.pool('getParameters'), { ...before, minCapacity: 5 });
});

/** The answer for an account that the pool does not know. */
const UNKNOWN = {
	prover: null,
	maxCapacity: 0,
	outstanding: 0,
	liable: 0,
	exits: [],
	suspendedUntil: null,
	record: { assigned: 0, served: 0, missed: 0, missesInARow: 0 },
	held: 0n,
};

test('get_staker and get_provers return the members with their offers', async ({ chain }) => {
	const offers = [
		[charlie, 1_000n, 8_000, 16],
		[dave, 2_000n, 10_000, 32],
		[eve, 500n, 12_000, 8],
	];
	const members = offers.map(([{ address }, tokens, rewardPerGas, maxCapacity], i) => ({
		proverId: i + 1,
		account: address,
		offer: { stake: tokens * UNIT, rewardPerGas, maxCapacity, paused: false },
		currentCapacity: maxCapacity,
		status: 'Active',
		listed: null,
		enteredAt: 0,
		enteredIn: 0,
		changedIn: 0,
		record: UNKNOWN.record,
	}));
	assert.deepEqual(await chain.pool('getProvers', 0, 100), members);
	assert.deepEqual(await chain.pool('getProvers', 0, 2), members.slice(0, 2), 'a page');
	assert.deepEqual(await chain.pool('getProvers', 3, 2), members.slice(2), 'the next');
	assert.deepEqual(await chain.pool('getProvers', 4, 2), []);
	assert.deepEqual(await chain.pool('getProvers', 0, 2 ** 32 - 1), members, 'any limit is allowed');
	assert.equal(await chain.pool('getCapacity'), 16n + 32n + 8n);

	assert.deepEqual(await chain.pool('getStaker', dave.address), {
		...UNKNOWN,
		prover: members[1],
		maxCapacity: 32,
		held: 2_000n * UNIT,
	});
	assert.deepEqual(await chain.pool('getStaker', bob.address), UNKNOWN);
	assert.equal(await chain.pool('nextExit', dave.address), null);
});

test('get_prover_weights returns wide integers and shares of one whole', async ({ chain }) => {
	const weights = await chain.pool('getProverWeights', 10_000, 0, 2 ** 32 - 1);
	assert.deepEqual(
		weights.map(({ proverId, effectivePrice }) => [proverId, effectivePrice]),
		[
			[1, 8_000],
			[2, 10_000],
			[3, 12_000],
		],
	);
	assert.equal(weights[0].weight, weight(1_000n * UNIT, 8_000));
	const sum = weights.reduce((total, { share }) => total + share, 0n);
	assert.ok(sum <= WHOLE && sum > WHOLE - 3n);
	// At a fee of 0 no price can be agreed.
	const unpaid = await chain.pool('getProverWeights', 0, 0, 100);
	assert.ok(unpaid.every(({ weight, share }) => weight === 0n && share === 0n));
});

test('odds returns the share that an offer would have', async ({ chain }) => {
	const offer = { stake: 700n * UNIT, rewardPerGas: 9_000, maxCapacity: 8, paused: false };
	const own = weight(offer.stake, 9_000);
	const others = (await chain.weights(10_000)).reduce((sum, row) => sum + row.weight, 0n);
	assert.equal(await chain.pool('odds', 10_000, offer), (own * WHOLE) / (others + own));
	// A price below the band has the share of its lower end. Paused, or at a fee of 0, the share is 0.
	const at = (rewardPerGas) => chain.pool('odds', 10_000, { ...offer, rewardPerGas });
	assert.equal(await at(1), await at(7_500));
	assert.ok((await at(7_500)) > (await at(7_501)));
	assert.equal(await chain.pool('odds', 10_000, { ...offer, paused: true }), 0n);
	assert.equal(await chain.pool('odds', 0, offer), 0n);
});

test('simulations return the effect of a call, or its error, and change nothing', async (world) => {
	const { chain, tx } = world;
	const [ferdie] = ['Ferdie'].map(account);
	const accounts = async () => Promise.all([charlie, ferdie].map(({ address }) => chain.balanceOf(address)));
	const before = await accounts();

	const stake = (...args) => chain.simulate('stake', ferdie.address, ...args);
	const simulated = await stake(60n * UNIT, 9_000, 6);
	assert.deepEqual(simulated.before, UNKNOWN);
	assert.equal(simulated.replaces, null);
	assert.equal(simulated.after.held, 60n * UNIT);
	assert.equal(simulated.after.prover.proverId, 4);
	assert.deepEqual(simulated.after.prover.offer, {
		stake: 60n * UNIT,
		rewardPerGas: 9_000,
		maxCapacity: 6,
		paused: false,
	});
	assert.deepEqual(await stake(60n * UNIT, 9_000, 4), { error: 'ProverPool.InvalidParams' });
	assert.deepEqual(await stake(2_000_000n * UNIT, 1, 6), { error: 'ProverPool.InsufficientFunds' });

	for (const [call, ...args] of [['exit'], ['unstake', UNIT]]) {
		const error = 'ProverPool.ChangeTooFrequent';
		assert.deepEqual(await chain.simulate(call, charlie.address, ...args), { error });
		assert.deepEqual(await chain.simulate(call, ferdie.address, ...args), { error: 'ProverPool.NotInPool' });
	}
	assert.deepEqual(await chain.simulate('withdraw', charlie.address), {
		error: 'ProverPool.NoMatureExit',
	});

	await chain.setPoolParameter('MinChangeDelay', 0);
	const { after: left } = await chain.simulate('exit', charlie.address);
	assert.equal(left.prover, null);
	assert.equal(left.exits[0].amount, 1_000n * UNIT);
	const { after: less } = await chain.simulate('unstake', charlie.address, 100n * UNIT);
	assert.equal(less.prover.offer.stake, 900n * UNIT);
	assert.equal(less.exits[0].amount, 100n * UNIT);
	assert.equal(less.held, 1_000n * UNIT);
	assert.deepEqual(await accounts(), before);
	assert.equal((await chain.pool('getProvers', 0, 100)).length, 3);

	// The call has the simulated effect, except for the block number.
	const { block } = await chain.ok(charlie, tx.proverPool.unstake(100n * UNIT));
	const { exitPeriod, entryDelay } = await chain.pool('getParameters');
	const exit = { id: 0, amount: 100n * UNIT, maturesAt: block + exitPeriod, duties: 0 };
	const { prover, exits } = await chain.poolAt(block, 'getStaker', charlie.address);
	assert.deepEqual(exits, [exit]);
	assert.deepEqual(prover, { ...less.prover, changedIn: prover.changedIn });
	assert.ok(entryDelay > 0);
	assert.deepEqual(await chain.pool('nextExit', charlie.address), exit);
});

test('get_assignments returns the open assignments of an account, page by page', async ({ chain, rollup }) => {
	const proposals = await rollup.proposeMany(8, bob);
	const draws = await Promise.all(proposals.map((proposed) => rollup.drawn(proposed)));

	for (const prover of [charlie, dave, eve]) {
		const own = draws.filter(({ data }) => data.prover === prover.address);
		const assignments = await chain.pool('getAssignments', prover.address, null, 100);
		const { outstanding, liable, maxCapacity, record } = await chain.pool('getStaker', prover.address);
		assert.deepEqual([outstanding, liable, record.assigned], Array(3).fill(own.length));
		const sorted = assignments.toSorted((a, b) => (a.blockId < b.blockId ? -1 : 1));
		assert.deepEqual(
			sorted,
			own.map(({ data, block }) => ({
				blockId: data.blockId,
				assignment: {
					prover: prover.address,
					rewardPerGas: data.rewardPerGas,
					drawnAt: block,
					released: false,
					terms: { maxCapacity, slashPoints: 2_500_000, slashMultiplier: 4 },
				},
			})),
		);
		const pages = [];
		for (let after = null; ; after = pages.at(-1).blockId) {
			const page = await chain.pool('getAssignments', prover.address, after, 1);
			if (page.length === 0) break;
			pages.push(...page);
		}
		assert.deepEqual(pages, assignments);
		const whole = await chain.pool('getAssignments', prover.address, null, 2 ** 32 - 1);
		assert.deepEqual(whole, assignments);
	}
});

test('the queries of the protocol agree with its state', async ({ chain }) => {
	const { blockProposalApi: protocol, attestationApi: attestation } = chain.api.call;
	assert.equal(plain(await protocol.isPaused()), false);
	const rows = plain(await protocol.blocks(0, 5_000));
	const stored = await chain.api.query.blockProposal.blocks.entries();
	const blocks = stored.map(([{ args: [id] }, block]) => ({ blockId: plain(id), block: plain(block) }));
	assert.ok(blocks.length > 1);
	assert.deepEqual(rows, blocks.toSorted((a, b) => (a.blockId < b.blockId ? -1 : 1)));
	const [{ blockId: first }, second] = rows;
	assert.deepEqual(plain(await protocol.blocks(first + 1n, 1)), [second]);
	const [key, ...others] = await attestation.keys();
	assert.deepEqual([key.toU8a().length, others], [32, []]);
	assert.equal(plain(await attestation.accepts(`0x${'00'.repeat(32)}`, '0x00')), false);
});

test('a proof in the zkVM is verified by the runtime', async ({ chain }) => {
	const fixture = (name) =>
		readFileSync(new URL(`../../pallets/succinct/verifier/fixtures/segments.${name}`, import.meta.url));
	const { explain, accepts, programs, systems } = chain.api.call.succinctProofsApi;
	const [[index, program]] = plain(await programs());
	assert.deepEqual([index, program.id], [0, u8aToHex(fixture('program'))]);
	assert.equal(plain(await systems())[0][1].system, 'RiscZeroSegments');
	const instance = u8aToHex(fixture('instance'));
	const proof = u8aToHex(Buffer.concat([Buffer.from([0, 0]), fixture('proof')]));
	assert.deepEqual(plain(await explain(instance, proof)), { Ok: 0 });
	assert.deepEqual(plain(await explain(`0x${'00'.repeat(32)}`, proof)), { Err: 'WrongStatement' });
	assert.equal(plain(await accepts(instance, `${proof}00`)), false);
});

test('the documented instance hash is that of the chain', async ({ chain }) => {
	const { api } = chain;
	const block = await chain.query('blockProposal', 'blocks', 1n);
	const [parentHash, blockHash] = ['ab', 'cd'].map((byte) => `0x${byte.repeat(32)}`);
	const execution = { parentHash, blockHash, gasUsed: 1234 };
	const genesisHash = api.genesisHash.toHex();
	const prover = charlie.address;
	const here = instanceHash({ genesisHash, blockId: 1n, block, execution, prover });

	const { blockProposalApi: protocol } = api.call;
	const { gasUsed } = execution;
	const onChainHash = await protocol.instanceHash(1, parentHash, blockHash, gasUsed, prover);
	assert.equal(plain(onChainHash), u8aToHex(here));
});

test('pages of any length have each member once, in the order of slots', async (world) => {
	const { chain, tx } = world;
	const names = Array.from({ length: 120 }, (_, i) => `newcomer ${i + 1}`);
	const newcomers = await fund(world, names, 100n * UNIT);
	const offers = newcomers.map((signer, i) => ({
		signer,
		amount: BigInt(50 + (i % 40)) * UNIT,
		price: 7_000 + 50 * i,
		capacity: 5,
	}));
	await stakeMany(world, offers);

	// Some members leave: the first, three in a row, and the last.
	const full = await chain.members();
	assert.equal(full.length, 3 + offers.length);
	const leaving = new Set([0, 10, 11, 12, -1].map((index) => full.at(index).account));
	await Promise.all(
		[...leaving].map((who) => chain.ok(account(nameOf(who)), tx.proverPool.exit())),
	);

	const state = await chain.at((await chain.pass(1)).number);
	const { proverPoolApi: pool } = state.call;
	const members = plain(await pool.getProvers(0, 1_000));
	const slots = (list) => list.map(({ proverId, account: who }) => [proverId, who]);
	assert.deepEqual(
		slots(members),
		slots(full).filter(([, who]) => !leaving.has(who)),
	);
	const weights = plain(await pool.getProverWeights(10_000, 0, 1_000));
	assert.deepEqual(
		weights.map(({ proverId }) => proverId),
		members.map(({ proverId }) => proverId),
	);
	const { length } = members;
	for (const size of [1, 2, 7, 50, length - 1, length, length + 1]) {
		assert.deepEqual(await chain.members({ state, size }), members, `pages of ${size}`);
		assert.deepEqual(await chain.weights(10_000, { state, size }), weights, `pages of ${size}`);
	}

	// A page can begin at a vacant slot, after the last occupied one, and after the last slot.
	const { maxProvers } = await chain.pool('getParameters');
	const from = async (start, limit) => plain(await pool.getProvers(start, limit));
	const [second] = members;
	assert.deepEqual(await from(1, 1), [second]);
	assert.deepEqual(await from(1, 0), []);
	const last = members.at(-1).proverId;
	assert.deepEqual(await from(last, 9), [members.at(-1)]);
	for (const start of [last + 1, maxProvers, maxProvers + 1, 2 ** 32 - 1]) {
		assert.deepEqual(await from(start, 9), []);
	}
});
