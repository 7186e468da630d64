/**
 * Every call of the three pallets, malformed or by the wrong caller: refused by name, and nothing
 * changes but the fee and the nonce.
 */
import { blake2AsHex } from '@polkadot/util-crypto';
import { audit, auditHolds } from '../lib/ledger.mjs';
import {
	account,
	assert,
	assertRefused,
	assertRootRefused,
	emptyPool,
	fund,
	onChain,
	stake,
	UNIT,
} from './support.mjs';

const test = onChain();
const [bob, charlie, eve, ferdie] = ['Bob', 'Charlie', 'Eve', 'Ferdie'].map(account);
const HASH = `0x${'11'.repeat(32)}`;
/** The calls that were refused here; the last test compares them with the metadata. */
const refused = new Set();

/** Checks that a signed call is refused. */
async function refuse(world, signer, call, error) {
	await named(call, error, assertRefused(world, signer, call, error));
}

/** Checks that a call by root is refused. */
async function refuseRoot(world, call, error) {
	await named(call, error, assertRootRefused(world, call, error));
}

async function named({ method: { section, method } }, error, refusal) {
	refused.add(`${section}.${method}`);
	try {
		await refusal;
	} catch (cause) {
		cause.message = `${section}.${method} (${error}): ${cause.message}`;
		throw cause;
	}
}

test('pool: a stake on bad terms, or without the tokens', async (world) => {
	const { stake } = world.tx.proverPool;
	const enough = 40n * UNIT;
	for (const [amount, price, capacity] of [
		[enough, 10_000, 3],
		[enough - 1n, 10_000, 4],
		[enough, 0, 4],
		[0, 10_000, 4],
		[enough, 10_000, 4_294_967_295],
	]) {
		await refuse(world, ferdie, stake(amount, price, capacity), 'ProverPool.InvalidParams');
	}
	await refuse(world, ferdie, stake(2_000_000n * UNIT, 1, 4), 'Token.FundsUnavailable');
	await refuse(world, ferdie, stake(0, 0, 0), 'ProverPool.NotInPool');
	await refuse(world, charlie, stake(enough, 10_000, 4), 'ProverPool.ChangeTooFrequent');
});

test('pool: leaving and being paid out without a reason', async (world) => {
	const { exit, withdraw } = world.tx.proverPool;
	await refuse(world, ferdie, exit(), 'ProverPool.NotInPool');
	await refuse(world, charlie, exit(), 'ProverPool.ChangeTooFrequent');
	await refuse(world, ferdie, withdraw(), 'ProverPool.NoMatureExit');
	await refuse(world, charlie, withdraw(), 'ProverPool.NoMatureExit');
});

test("pool: the protocol's calls are nobody's, not even root's", async (world) => {
	const { assignProver, releaseProver, slashProver, dischargeProver } = world.tx.proverPool;
	const reporter = [ferdie.address, UNIT];
	for (const call of [assignProver(7, 10_000), releaseProver(7), slashProver(7, UNIT, reporter)]) {
		await refuse(world, ferdie, call, 'BadOrigin');
		await refuseRoot(world, call, 'BadOrigin');
	}
	await refuse(world, ferdie, dischargeProver(7), 'ProverPool.UnknownBlock');
	await refuseRoot(world, dischargeProver(7), 'BadOrigin');
});

test('attestation: keys are registered and revoked by root alone, once', async (world) => {
	const { chain, tx } = world;
	const { registerKey, revokeKey } = tx.attestation;
	const registered = account('Attestor').publicKey;
	const unknown = ferdie.publicKey;
	await refuse(world, bob, registerKey(unknown), 'BadOrigin');
	await refuse(world, bob, revokeKey(registered), 'BadOrigin');
	await refuseRoot(world, registerKey(registered), 'Attestation.AlreadyRegistered');
	await refuseRoot(world, revokeKey(unknown), 'Attestation.NotRegistered');

	const most = chain.constant('attestation', 'maxAttestationKeys');
	const keys = Array.from({ length: most - 1 }, (_, i) => account(`attestor ${i}`).publicKey);
	await chain.sudoOk(tx.utility.batchAll(keys.map((key) => registerKey(key))));
	await refuseRoot(world, registerKey(unknown), 'Attestation.TooManyKeys');
});

test('protocol: blocks that do not exist', async (world) => {
	const { proveBlock, verifyBlocks, expireRequest, skipBlock, disputeProof } = world.rollup.tx;
	const evidence = { txListHash: HASH, blockHash: HASH, parentHash: HASH, gasUsed: 1 };
	const unknown = 'BlockProposal.UnknownBlock';
	for (const id of [0, 1, 2n ** 64n - 1n]) {
		await refuse(world, charlie, proveBlock(id, 0, evidence, '0x'), unknown);
		await refuse(world, charlie, expireRequest(id), unknown);
		await refuse(world, charlie, skipBlock(id), unknown);
		await refuseRoot(world, disputeProof(id, HASH, charlie.address), unknown);
	}
	await refuse(world, charlie, disputeProof(1, HASH, charlie.address), 'BadOrigin');
	for (const max of [0, 1, 10]) {
		await refuse(world, charlie, verifyBlocks(max), 'BlockProposal.NothingToVerify');
	}
});

test('protocol: proposals that are too large, too many, or not paid for', async (world) => {
	const { rollup, tx } = world;
	const { maxGasLimit, maxPendingPerProposer, maxTxListSize } = rollup.parameters;
	const propose = (options) => rollup.proposal({ beneficiary: bob.address, ...options });
	const tooLong = propose({ txList: `0x${'00'.repeat(maxTxListSize + 1)}` });
	await refuse(world, bob, tooLong, 'BlockProposal.TxListTooLong');
	const tooMuch = propose({ gasLimit: maxGasLimit + 1 });
	await refuse(world, bob, tooMuch, 'BlockProposal.GasLimitTooHigh');

	const [poor] = await fund(world, ['poor'], UNIT / 10n);
	await refuse(world, poor, propose({ gasLimit: maxGasLimit }), 'BlockProposal.NoFunds');

	const batch = Array.from({ length: maxPendingPerProposer + 1 }, () => propose({}));
	await refuse(world, bob, tx.utility.batchAll(batch), 'BlockProposal.TooManyPendingBlocks');
});

test('protocol: a block that waits for its draw', async ({ chain, rollup, tx }) => {
	// All calls share the block of the proposal, so the state around them is not compared.
	const { head, nextId } = await rollup.state();
	assert.equal(head, nextId, 'no other block waits');
	const [txList, gasLimit, beneficiary] = ['0x1234', 1_000_000, bob.address];
	const proposed = { blockId: head, txListHash: blake2AsHex(txList), gasLimit, beneficiary };
	const calls = [
		rollup.proposal({ txList, gasLimit, beneficiary }),
		await rollup.proof(bob.address, proposed),
		rollup.tx.expireRequest(head),
		rollup.tx.skipBlock(head),
		tx.proverPool.dischargeProver(head),
	];
	const { events, block } = await chain.ok(bob, tx.utility.forceBatch(calls));
	assert.deepEqual(
		events
			.filter(({ name }) => name === 'Utility.ItemFailed')
			.map(({ data }) => chain.errorName(data.error)),
		[
			'BlockProposal.TooEarly',
			'BlockProposal.NotExpired',
			'BlockProposal.StillPending',
			'ProverPool.StillPending',
		],
	);
	await rollup.drawn({ blockId: head, block });
});

test('protocol: proofs that are wrong, stolen, too early or of another block', async (world) => {
	const { chain, rollup } = world;
	const [proposed, next] = [await rollup.propose(bob), await rollup.propose(bob)];
	const { data } = await rollup.drawn(proposed);
	await rollup.drawn(next);
	const prover = ['Charlie', 'Dave', 'Eve']
		.map(account)
		.find(({ address }) => address === data.prover);
	const wrong = async (options, error, signer = prover) => {
		const call = await rollup.proof(signer.address, proposed, options);
		await refuse(world, signer, call, `BlockProposal.${error}`);
	};

	await wrong({ proof: `0x${'00'.repeat(rollup.parameters.maxProofSize + 1)}` }, 'ProofTooLong');
	await wrong({ evidence: { txListHash: HASH } }, 'WrongTxList');
	await wrong({ gasUsed: proposed.gasLimit + 1 }, 'GasOverLimit');
	await wrong({ parentHash: HASH }, 'WrongParent');
	await wrong({ parentHash: HASH, parentId: next.blockId }, 'WrongParent');
	await wrong({}, 'TooEarly', ferdie);

	// Not a proof at all; too short; by a key that is not registered; of somebody else; of another
	// block; of another chain; of another proposal.
	await wrong({ proof: `0x${'44'.repeat(96)}` }, 'InvalidProof');
	await wrong({ proof: '0x' }, 'InvalidProof');
	await wrong({ attestor: ferdie }, 'InvalidProof');
	await wrong({ instance: { prover: ferdie.address } }, 'InvalidProof');
	await wrong({ instance: { blockId: next.blockId } }, 'InvalidProof');
	await wrong({ instance: { genesisHash: HASH } }, 'InvalidProof');
	await wrong({ instance: { block: { ...proposed, beneficiary: eve.address } } }, 'InvalidProof');

	// Right, once. Whatever waits before it keeps it from being verified.
	const { parentHash } = await rollup.prove(prover, proposed);
	await wrong({}, 'AlreadyProven');

	// Disputed by the wrong caller, about another proof, and by the right one.
	const { disputeProof } = rollup.tx;
	const dispute = disputeProof(proposed.blockId, parentHash, prover.address);
	await refuse(world, bob, dispute, 'BadOrigin');
	for (const call of [
		disputeProof(proposed.blockId, HASH, prover.address),
		disputeProof(proposed.blockId, parentHash, ferdie.address),
	]) {
		await refuseRoot(world, call, 'BlockProposal.UnknownProof');
	}
	await chain.sudoOk(dispute);
	await wrong({}, 'Barred');
});

test('protocol and pool: an assigned block is not expired, skipped or discharged early', async (world) => {
	const { chain, rollup, tx } = world;
	const { head } = await rollup.state();
	const { expireRequest, skipBlock } = rollup.tx;
	await refuse(world, ferdie, expireRequest(head), 'BlockProposal.NotPending');
	await refuse(world, ferdie, skipBlock(head), 'BlockProposal.NotExpired');
	await refuse(world, ferdie, skipBlock(head + 1n), 'BlockProposal.NotHead');

	const { data } = await chain.event('ProverPool.ProverAssigned', { blockId: head });
	const prover = ['Charlie', 'Dave', 'Eve'].map(account).find(({ address }) => address === data.who);
	const discharge = tx.proverPool.dischargeProver(head);
	await refuse(world, ferdie, discharge, 'ProverPool.NotYourAssignment');
	await refuse(world, prover, discharge, 'ProverPool.NotOverdue');
});

test('protocol: open blocks: no bond, too many forks, too many of them, too many in all', async (world) => {
	const { chain, rollup } = world;
	await emptyPool(world);
	const open = await rollup.propose(bob);
	assert.equal((await rollup.drawn(open)).name, 'BlockProposal.BlockOpened');
	const proof = ({ address }, options) => rollup.proof(address, open, options);
	const poor = account('poor');
	await refuse(world, poor, await proof(poor), 'BlockProposal.NoFunds');

	// Earlier blocks wait, so all of these stay. Ferdie would be the fifth.
	const forks = ['Bob', 'Charlie', 'Dave', 'Eve'].map(account);
	assert.equal(forks.length, rollup.parameters.maxForks);
	await Promise.all(forks.map((prover) => rollup.prove(prover, open)));
	await refuse(world, ferdie, await proof(ferdie), 'BlockProposal.TooManyForks');

	// Nobody could prove more than this many blocks.
	const { maxOpenBlocks, maxPendingPerProposer, maxUnverifiedBlocks } = rollup.parameters;
	const fill = async (most) => {
		for (let proposer = 1; ; proposer++) {
			const { head, nextId } = await rollup.state();
			const missing = most - Number(nextId - head);
			if (missing <= 0) return;
			const [signer] = await fund(world, [`proposer ${proposer}`], 10n * UNIT);
			const count = Math.min(missing, maxPendingPerProposer);
			const proposals = await rollup.proposeMany(count, signer);
			await rollup.drawn(proposals.at(-1));
		}
	};
	const { head, nextId, open: opened } = await rollup.state();
	await fill(Number(nextId - head) + maxOpenBlocks - opened);
	const another = rollup.proposal({ beneficiary: bob.address });
	await refuse(world, bob, another, 'BlockProposal.TooManyOpenBlocks');

	// With a prover that has room for them it goes on, up to the limit of all.
	await chain.setPoolParameter('EntryDelay', 0);
	await stake(world, ferdie, { amount: 5_000n * UNIT, price: 10_000, capacity: 256 });
	await fill(maxUnverifiedBlocks);
	await refuse(world, bob, another, 'BlockProposal.TooManyUnverifiedBlocks');
});

test('protocol: a block that could be skipped, were it not proven', async (world) => {
	const { chain, rollup } = world;
	const { head } = await rollup.state();
	const { status, ...block } = await rollup.block(head);
	const expired = status.Assigned.deadline + rollup.parameters.expiryPeriod + 1;
	while ((await rollup.timeAt(chain.head)) < expired) await chain.pass(1);
	await rollup.prove(ferdie, { ...block, blockId: head });
	const { error } = await chain.send(bob, rollup.tx.skipBlock(head));
	assert.equal(error, 'BlockProposal.HasProof');
});

test('what is held is what the records say, and every base unit is explained', async ({ chain, rollup }) => {
	await auditHolds(chain);
	await audit(rollup);
});

test('no call is left out', ({ chain }) => {
	const calls = ['proverPool', 'blockProposal', 'attestation'].flatMap((pallet) =>
		Object.keys(chain.api.tx[pallet]).map((name) => `${pallet}.${name}`),
	);
	const own = [...refused].filter((name) => !name.startsWith('utility.'));
	assert.deepEqual(own.sort(), calls.sort());
});
