/** What clients can ask without a definition of their own: the runtime API, and the view functions. */
import { hexToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { nameOf } from '../lib/accounts.mjs';
import { plain } from '../lib/plain.mjs';
import { execute, instanceHash } from '../lib/proving.mjs';
import { account, assert, fund, onChain, stakeMany, UNIT } from './support.mjs';

const test = onChain();
const [bob, charlie, dave, eve] = ['Bob', 'Charlie', 'Dave', 'Eve'].map(account);

test('the metadata tells the API all six queries', ({ chain }) => {
	assert.deepEqual(Object.keys(chain.api.call.proverPoolApi).sort(), [
		'getAssignments',
		'getCapacity',
		'getParameters',
		'getProverWeights',
		'getProvers',
		'getStaker',
	]);
});

test('get_parameters gives the live parameters', async ({ chain }) => {
	const before = await chain.pool('getParameters');
	assert.equal(before.maxProvers, chain.constant('proverPool', 'maxProvers'));
	assert.equal(before.minCapacity, 4);
	assert.equal(before.minStakePerCapacity, 10n * UNIT);
	assert.deepEqual([before.priceFloorPercent, before.priceCeilingPercent], [75, 125]);
	assert.deepEqual([before.slashPoints, before.slashMultiplier], [2_500_000, 4]);
	assert.equal(before.minOverbid, 50_000_000);

	await chain.setPoolParameter('MinCapacity', 5);
	assert.deepEqual(await chain.pool('getParameters'), { ...before, minCapacity: 5 });
});

test('get_staker and get_provers give the members with what they offer', async ({ chain }) => {
	const offers = [
		[charlie, 1_000n, 8_000, 16],
		[dave, 2_000n, 10_000, 32],
		[eve, 500n, 12_000, 8],
	];
	const members = offers.map(([{ address }, tokens, rewardPerGas, currentCapacity], i) => [
		i + 1,
		{
			who: address,
			stakedAmount: tokens * UNIT,
			rewardPerGas,
			currentCapacity,
			enteredIn: 0,
			waiting: false,
		},
	]);
	assert.deepEqual(await chain.pool('getProvers', 0, 100), members);
	assert.deepEqual(await chain.pool('getProvers', 0, 2), members.slice(0, 2), 'a page');
	assert.deepEqual(await chain.pool('getProvers', 3, 2), members.slice(2), 'the next');
	assert.deepEqual(await chain.pool('getProvers', 4, 2), []);
	assert.equal(await chain.pool('getCapacity'), 16n + 32n + 8n);

	const [staker, prover] = await chain.pool('getStaker', dave.address);
	assert.deepEqual(prover, members[1][1]);
	assert.deepEqual(staker, {
		exitAmount: 0n,
		exitRequestedAt: null,
		maxCapacity: 32,
		proverId: 2,
		outstanding: 0,
		liable: 0,
		liableSince: null,
		lastChangedAt: 0,
	});
	const [nobody, none] = await chain.pool('getStaker', bob.address);
	assert.equal(none, null);
	assert.equal(nobody.proverId, null);
});

test('get_prover_weights gives wide integers and shares of one whole', async ({ chain }) => {
	const weights = await chain.pool('getProverWeights', 10_000, 0, 100);
	assert.deepEqual(
		weights.map(({ proverId, effectivePrice }) => [proverId, effectivePrice]),
		[
			[1, 8_000],
			[2, 10_000],
			[3, 12_000],
		],
	);
	assert.equal(weights[0].weight, ((1_000n * UNIT) << 64n) / 8_000n ** 2n);
	const sum = weights.reduce((total, { share }) => total + share, 0n);
	assert.ok(sum <= 10n ** 18n && sum > 10n ** 18n - 3n);
	// Nobody works for nothing.
	const unpaid = await chain.pool('getProverWeights', 0, 0, 100);
	assert.ok(unpaid.every(({ weight, share }) => weight === 0n && share === 0n));
});

test('get_assignments gives what an account owes, page by page', async ({ chain, rollup }) => {
	const proposals = await rollup.proposeMany(8, bob);
	const draws = await Promise.all(proposals.map((proposed) => rollup.drawn(proposed)));

	for (const prover of [charlie, dave, eve]) {
		const own = draws.filter(({ data }) => data.prover === prover.address);
		const assignments = await chain.pool('getAssignments', prover.address, null, 100);
		const [{ maxCapacity, outstanding, liable }] = await chain.pool('getStaker', prover.address);
		assert.deepEqual([outstanding, liable], [own.length, own.length]);
		const sorted = assignments.toSorted(([a], [b]) => (a < b ? -1 : 1));
		assert.deepEqual(
			sorted,
			own.map(({ data, block }) => [
				data.blockId,
				{
					prover: prover.address,
					rewardPerGas: data.rewardPerGas,
					drawnAt: block,
					released: false,
					terms: { maxCapacity, slashPoints: 2_500_000, slashMultiplier: 4 },
				},
			]),
		);
		const pages = [];
		for (let after = null; ; after = pages.at(-1)[0]) {
			const page = await chain.pool('getAssignments', prover.address, after, 1);
			if (page.length === 0) break;
			pages.push(...page);
		}
		assert.deepEqual(pages, assignments);
	}
});

test('the documented instance hash is the one of the view function', async ({ chain }) => {
	const { api } = chain;
	const block = await chain.query('blockProposal', 'blocks', 1n);
	const evidence = execute(block, `0x${'ab'.repeat(32)}`, 1234);
	const genesisHash = api.genesisHash.toHex();
	const prover = charlie.address;
	const here = instanceHash({ genesisHash, blockId: 1n, block, evidence, prover });

	const pallet = api.runtimeMetadata.asLatest.pallets.find(
		({ name }) => name.toString() === 'BlockProposal',
	);
	const view = pallet.viewFunctions.find(({ name }) => name.toString() === 'instance_hash');
	const evidenceBytes = u8aConcat(
		...['txListHash', 'blockHash', 'parentHash'].map((name) => hexToU8a(evidence[name])),
		api.createType('u32', evidence.gasUsed).toU8a(),
	);
	const input = u8aConcat(api.createType('u64', 1).toU8a(), evidenceBytes, charlie.publicKey);
	const id = view.id.toU8a();
	const answer = await api.call.runtimeViewFunction.executeViewFunction(
		{ prefix: id.slice(0, 16), suffix: id.slice(16) },
		u8aToHex(input),
	);
	// `Ok` of the encoded `Some(hash)`.
	assert.deepEqual(plain(answer), { Ok: u8aToHex(u8aConcat([1], here)) });
});

test('pages of any length give every member once, in the order of slots', async (world) => {
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

	// Some leave: the first, three in a row, and the last.
	await chain.setPoolParameter('MinChangeDelay', 0);
	const full = await chain.members();
	assert.equal(full.length, 3 + offers.length);
	const leaving = new Set([0, 10, 11, 12, -1].map((place) => full.at(place)[1].who));
	await Promise.all(
		[...leaving].map((who) => chain.ok(account(nameOf(who)), tx.proverPool.exit())),
	);

	const state = await chain.at((await chain.pass(1)).number);
	const { proverPoolApi: pool } = state.call;
	const members = plain(await pool.getProvers(0, 1_000));
	const slots = (list) => list.map(([slot, { who }]) => [slot, who]);
	assert.deepEqual(
		slots(members),
		slots(full).filter(([, who]) => !leaving.has(who)),
	);
	const weights = plain(await pool.getProverWeights(10_000, 0, 1_000));
	assert.deepEqual(
		weights.map(({ proverId }) => proverId),
		members.map(([slot]) => slot),
	);
	const { length } = members;
	for (const size of [1, 2, 7, 50, length - 1, length, length + 1]) {
		assert.deepEqual(await chain.members({ state, size }), members, `pages of ${size}`);
		assert.deepEqual(await chain.weights(10_000, { state, size }), weights, `pages of ${size}`);
	}

	// A page may begin in a slot that is vacant, behind the last that is taken, and behind the last.
	const { maxProvers } = await chain.pool('getParameters');
	const from = async (start, limit) => plain(await pool.getProvers(start, limit));
	const [second] = members;
	assert.deepEqual(await from(1, 1), [second]);
	assert.deepEqual(await from(1, 0), []);
	const [last] = members.at(-1);
	assert.deepEqual(await from(last, 9), [members.at(-1)]);
	for (const start of [last + 1, maxProvers, maxProvers + 1, 2 ** 32 - 1]) {
		assert.deepEqual(await from(start, 9), []);
	}
});
