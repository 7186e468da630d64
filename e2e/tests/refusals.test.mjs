/**
 * Every call of the pallets, malformed or from the wrong caller. Each is refused with a named error, and only
 * the fee and the nonce change.
 */
import { plain } from '../lib/plain.mjs';
import { listHash } from '../lib/proving.mjs';
import {
	account,
	advance,
	assert,
	assertRefused,
	assertInvalidSigner,
	assertRootRefused,
	drawn,
	emptyPool,
	fund,
	nothingPending,
	onChain,
	stake,
	UNIT,
} from './support.mjs';

// A block for each transaction, so that no window passes while states are compared.
const test = onChain({ sealing: 'instant' });
const [bob, charlie, eve, ferdie] = ['Bob', 'Charlie', 'Eve', 'Ferdie'].map(account);
const HASH = `0x${'11'.repeat(32)}`;
/** The calls that were refused here. The last test compares them with the metadata. */
const refused = new Set();

/** Checks that a signed call is refused with this error. */
async function refuse(world, signer, call, error) {
	await named(call, error, assertRefused(world, signer, call, error));
}

/** Checks that a call by root is refused with this error. */
async function refuseRoot(world, call, error) {
	await named(call, error, assertRootRefused(world, call, error));
}

/** Checks that validation refuses a transaction whose signer cannot have the call's origin. */
async function refuseSigner(world, signer, call) {
	await named(call, 'at validation', assertInvalidSigner(world, signer, call));
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

test('pool: a stake with invalid terms, or without the tokens', async (world) => {
	const { stake } = world.tx.proverPool;
	const enough = 40n * UNIT;
	const { maxCapacity } = await world.chain.pool('getParameters');
	for (const [amount, price, capacity] of [
		[enough, 10_000, 3],
		[enough - 1n, 10_000, 4],
		[enough, 0, 4],
		[0, 10_000, 4],
		[enough, 10_000, 4_294_967_295],
		[10_000n * UNIT, 10_000, maxCapacity + 1],
	]) {
		await refuse(world, ferdie, stake(amount, price, capacity), 'ProverPool.InvalidParams');
	}
	await refuse(world, ferdie, stake(2_000_000n * UNIT, 1, 4), 'ProverPool.InsufficientFunds');
	await refuse(world, ferdie, stake(0, 0, 0), 'ProverPool.NotInPool');
	await refuse(world, charlie, stake(enough, 10_000, 4), 'ProverPool.ChangeTooFrequent');
});

test('pool: exits and withdrawals without a stake, or too early', async (world) => {
	const { exit, withdraw, withdrawFor } = world.tx.proverPool;
	await refuse(world, ferdie, exit(), 'ProverPool.NotInPool');
	await refuse(world, charlie, exit(), 'ProverPool.ChangeTooFrequent');
	await refuse(world, ferdie, withdraw(), 'ProverPool.NoMatureExit');
	await refuse(world, charlie, withdraw(), 'ProverPool.NoMatureExit');
	for (const { address } of [charlie, ferdie]) {
		await refuse(world, bob, withdrawFor(address), 'ProverPool.NoMatureExit');
	}
});

test('pool: changes of an offer by accounts that have none, or without effect', async (world) => {
	const { stakeExtra, unstake, restake, setTerms, pause, resume } = world.tx.proverPool;
	const calls = [stakeExtra(UNIT), unstake(UNIT), restake(0), setTerms(10_000, 4), pause(), resume()];
	for (const call of calls) await refuse(world, ferdie, call, 'ProverPool.NotInPool');

	await refuse(world, charlie, stakeExtra(0), 'ProverPool.InvalidParams');
	await refuse(world, charlie, stakeExtra(2_000_000n * UNIT), 'ProverPool.InsufficientFunds');
	await refuse(world, charlie, restake(0), 'ProverPool.UnknownExit');
	await refuse(world, charlie, resume(), 'ProverPool.NotPaused');
	const { maxCapacity } = await world.chain.pool('getParameters');
	for (const [price, capacity] of [
		[0, 16],
		[10_000, 0],
		[10_000, 3],
		// At 10 UNIT for each, the stake does not suffice.
		[10_000, 101],
		[10_000, maxCapacity + 1],
		[10_000, 4_294_967_295],
	]) {
		await refuse(world, charlie, setTerms(price, capacity), 'ProverPool.InvalidParams');
	}
});

test('pool: unstaking too early, or too much', async (world) => {
	const { chain, tx } = world;
	const { unstake } = tx.proverPool;
	await refuse(world, charlie, unstake(UNIT), 'ProverPool.ChangeTooFrequent');
	const { minChangeDelay } = await chain.pool('getParameters');
	await chain.setPoolParameter('MinChangeDelay', 0);
	// Charlie has 1 000 UNIT for 16 blocks. 160 UNIT must stay.
	for (const amount of [0n, 840n * UNIT + 1n, 1_000n * UNIT, 2n ** 127n]) {
		await refuse(world, charlie, unstake(amount), 'ProverPool.InvalidParams');
	}
	await chain.setPoolParameter('MinChangeDelay', minChangeDelay);
});

test('pool: pausing twice', async (world) => {
	const { chain, tx } = world;
	const { pause, resume } = tx.proverPool;
	await chain.ok(eve, pause());
	await nothingPending(world);
	await refuse(world, eve, pause(), 'ProverPool.AlreadyPaused');
	await chain.ok(eve, resume());
	await nothingPending(world);
});

test('pool: slashes that do not exist, and the wrong origin', async (world) => {
	const { applySlash, cancelSlash } = world.tx.proverPool;
	await refuse(world, bob, applySlash(7), 'ProverPool.NoPendingSlash');
	await refuseSigner(world, bob, cancelSlash(7));
	await refuseRoot(world, cancelSlash(7), 'ProverPool.NoPendingSlash');
	await refuseRoot(world, applySlash(7), 'BadOrigin');
});

test("pool: the protocol's calls are refused, even by root", async (world) => {
	const { assignProver, releaseProver, slashProver, dischargeProver } = world.tx.proverPool;
	const reporter = [ferdie.address, UNIT];
	for (const call of [assignProver(7, 10_000), releaseProver(7), slashProver(7, UNIT, 'Late', reporter)]) {
		await refuse(world, ferdie, call, 'BadOrigin');
		await refuseRoot(world, call, 'BadOrigin');
	}
	await refuse(world, ferdie, dischargeProver(7), 'ProverPool.UnknownBlock');
	await refuseRoot(world, dischargeProver(7), 'BadOrigin');
});

test('parameters: values that break a relation, and ways around the check', async (world) => {
	const { chain, tx } = world;
	const broken = {
		MinCapacity: 0,
		MaxCapacity: 3,
		MinStakePerCapacity: 0,
		SuspensionPeriod: 0,
		MaxPausedShare: 0,
		// Less than twice the time in which the protocol settles a block.
		MaxLiability: 8_009,
	};
	for (const [name, value] of Object.entries(broken)) {
		const call = chain.poolParameter(name, value);
		await refuseRoot(world, call, 'CheckedParameters.BrokenRelation');
	}
	await refuseSigner(world, ferdie, chain.poolParameter('MaxLiability', 1_000));
	const direct = tx.parameters.setParameter({ Pool: { MaxLiability: [null, 1] } });
	await refuse(world, ferdie, direct, 'BadOrigin');
	await refuseRoot(world, direct, 'BadOrigin');
});

test('attestation: only root registers and revokes keys, each once', async (world) => {
	const { chain, tx } = world;
	const { registerKey, revokeKey } = tx.attestation;
	const registered = account('Attestor').publicKey;
	const unknown = ferdie.publicKey;
	await refuseSigner(world, bob, registerKey(unknown));
	await refuseSigner(world, bob, revokeKey(registered));
	await refuseRoot(world, registerKey(registered), 'Attestation.AlreadyRegistered');
	await refuseRoot(world, revokeKey(unknown), 'Attestation.NotRegistered');
	// The identity, and bytes that are not a point of the curve.
	for (const key of ['00'.repeat(32), 'ff'.repeat(32)]) {
		await refuseRoot(world, registerKey(`0x${key}`), 'Attestation.InvalidKey');
	}

	const most = chain.constant('attestation', 'maxAttestationKeys');
	const keys = Array.from({ length: most - 1 }, (_, i) => account(`attestor ${i}`).publicKey);
	await chain.sudoOk(tx.utility.batchAll(keys.map((key) => registerKey(key))));
	await refuseRoot(world, registerKey(unknown), 'Attestation.TooManyKeys');
});

test('succinct proofs: what is known or unknown, paused or not, too early or no program', async (world) => {
	const { succinctProofs: proofs } = world.tx;
	const delay = world.chain.constant('succinctProofs', 'minActivationDelay');
	const [[, program]] = plain(await world.chain.api.call.succinctProofsApi.programs());
	const none = `0x${'00'.repeat(32)}`;
	for (const [call, error] of [
		[proofs.registerSystem({ RiscZeroSegments: null }), 'AlreadyRegistered'],
		[proofs.registerProgram(0, program.id, delay), 'AlreadyRegistered'],
		[proofs.registerProgram(0, HASH, delay - 1), 'DelayTooShort'],
		[proofs.registerProgram(0, none, delay), 'InvalidProgram'],
		[proofs.registerProgram(9, HASH, delay), 'NotRegistered'],
		[proofs.resumeSystem(0), 'NotPaused'],
		[proofs.resumeProgram(0), 'NotPaused'],
		...['pauseSystem', 'resumeSystem', 'revokeSystem', 'pauseProgram', 'resumeProgram', 'revokeProgram'].map(
			(name) => [proofs[name](9), 'NotRegistered'],
		),
	]) {
		await refuseRoot(world, call, `SuccinctProofs.${error}`);
	}
});

test('governance: validation refuses operational transactions of all other accounts', async (world) => {
	const { chain, rollup, tx } = world;
	const { pause, unpause, reset, start, disputeClaim } = rollup.tx;
	const calls = [
		pause(),
		unpause(),
		reset(HASH),
		start(HASH, 10_000, 20),
		disputeClaim(1, HASH, HASH, 1),
		tx.sudo.sudo(pause()),
		tx.utility.batchAll([pause(), unpause()]),
	];
	for (const call of calls) await refuseSigner(world, bob, call);
	// In a transaction of the normal class, the origin is wrong.
	const { error } = await chain.send(bob, tx.utility.batchAll([tx.system.remark('0x'), pause()]));
	assert.equal(error, 'BadOrigin');
});

test('governance: without a pause there is no unpause or reset, and a start needs a fee within its bounds', async (world) => {
	const { unpause, reset, start } = world.rollup.tx;
	await refuseRoot(world, unpause(), 'BlockProposal.NotPaused');
	await refuseRoot(world, reset(HASH), 'BlockProposal.NotPaused');
	const { minFeePerGas, maxFeePerGas } = world.rollup.parameters;
	for (const fee of [0, minFeePerGas - 1, maxFeePerGas + 1]) {
		await refuseRoot(world, start(HASH, fee, 20), 'BlockProposal.InvalidFee');
	}
});

test('validators: sets that cannot validate, and keys that must stay', async (world) => {
	const { chain, tx } = world;
	const alice = account('Alice');
	const { setValidators, purgeKeys } = tx.validators;
	const most = chain.api.consts.validators.maxValidators.toNumber();
	const many = Array.from({ length: most + 1 }, (_, i) => account(`validator ${i}`));
	for (const [set, error] of [
		[[], 'NoValidators'],
		[[alice, alice], 'DuplicateValidator'],
		[many, 'TooManyValidators'],
		[[alice, bob], 'NoKeys'],
	]) {
		await refuseRoot(world, setValidators(set.map(({ address }) => address)), `Validators.${error}`);
	}
	await refuseSigner(world, bob, setValidators([bob.address]));
	await refuse(world, alice, purgeKeys(), 'Validators.IsValidator');
	await refuse(world, ferdie, purgeKeys(), 'Session.NoKeys');
	await assertRefused(world, alice, tx.session.purgeKeys(), 'System.CallFiltered');
});

test('protocol: blocks that do not exist', async (world) => {
	const { verifyBlocks, expireRequest, skipBlock, disputeClaim, clearClaims } = world.rollup.tx;
	const execution = { blockHash: HASH, parentHash: HASH, gasUsed: 1 };
	const unknown = 'BlockProposal.UnknownBlock';
	for (const id of [0, 1, 2n ** 64n - 1n]) {
		await refuse(world, charlie, world.rollup.claim(id, execution, '0x'), unknown);
		await refuse(world, charlie, expireRequest(id), unknown);
		await refuse(world, charlie, skipBlock(id), unknown);
		await refuseRoot(world, disputeClaim(id, HASH, HASH, 1), unknown);
		await refuse(world, charlie, clearClaims(id, [HASH]), 'BlockProposal.NothingToClear');
	}
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
	const { feePerGas } = await world.chain.query('blockProposal', 'averages');
	const fee = Number(feePerGas / 10n ** 18n);
	await refuse(world, bob, propose({ maxFeePerGas: fee - 1 }), 'BlockProposal.FeeTooHigh');

	const [poor] = await fund(world, ['poor'], UNIT / 10n);
	await refuse(world, poor, propose({ gasLimit: maxGasLimit }), 'BlockProposal.NoFunds');

	const batch = Array.from({ length: maxPendingPerProposer + 1 }, () => propose({}));
	await refuse(world, bob, tx.utility.batchAll(batch), 'BlockProposal.TooManyPendingBlocks');
});

test('protocol: a block that waits for its draw', async (world) => {
	const { chain, rollup, tx } = world;
	// All calls are in the block of the proposal, so states are not compared.
	const { head, nextId } = await rollup.state();
	assert.equal(head, nextId, 'no other block waits');
	const [txList, gasLimit, beneficiary] = ['0x1234', 1_000_000, bob.address];
	const proposed = { blockId: head, txListHash: listHash(txList), gasLimit, beneficiary };
	const execution = { parentHash: HASH, blockHash: HASH, gasUsed: 0 };
	const calls = [
		rollup.proposal({ txList, gasLimit, beneficiary }),
		await rollup.proof(bob.address, proposed, { execution }),
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
	await drawn(world, { blockId: head, block });
});

test('protocol: proofs that are wrong, stolen, too early or of another block', async (world) => {
	const { chain, rollup } = world;
	const [proposed, next] = [await rollup.propose(bob), await rollup.propose(bob)];
	const [{ data }] = await drawn(world, proposed, next);
	const prover = ['Charlie', 'Dave', 'Eve']
		.map(account)
		.find(({ address }) => address === data.prover);
	const wrong = async (options, error, signer = prover) => {
		const call = await rollup.proof(signer.address, proposed, options);
		await refuse(world, signer, call, `BlockProposal.${error}`);
	};

	await wrong({ proof: `0x${'00'.repeat(rollup.parameters.maxProofSize + 1)}` }, 'ProofTooLong');
	await wrong({ execution: { gasUsed: proposed.gasLimit + 1 } }, 'GasOverLimit');
	await wrong({}, 'TooEarly', ferdie);

	// Bytes that are not a proof, a proof that is too short, a key that is not registered, another prover,
	// another block, chain, list, beneficiary, parent, result.
	await wrong({ proof: `0x00${'44'.repeat(96)}` }, 'InvalidProof');
	await wrong({ proof: `0x02${'44'.repeat(96)}` }, 'InvalidProof');
	await wrong({ proof: '0x' }, 'InvalidProof');
	await wrong({ attestor: ferdie }, 'InvalidProof');
	const truth = await rollup.execution(proposed);
	for (const instance of [
		{ prover: ferdie.address },
		{ blockId: next.blockId },
		{ genesisHash: HASH },
		{ block: { ...proposed, txListHash: HASH } },
		{ block: { ...proposed, beneficiary: eve.address } },
		{ execution: { ...truth, parentHash: HASH } },
		{ execution: { ...truth, blockHash: HASH } },
		{ execution: { ...truth, gasUsed: truth.gasUsed + 1 } },
	]) {
		await wrong({ instance }, 'InvalidProof');
	}

	// The right claim, accepted once. It is not verified, because earlier blocks wait.
	const { parentHash, blockHash, gasUsed } = await rollup.prove(prover, proposed);
	await wrong({}, 'AlreadyProven');

	// A dispute of another claim, then of this one.
	const { confirmClaim, disputeClaim } = rollup.tx;
	const { blockId } = proposed;
	// An attestation needs no second proof.
	for (const [call, error] of [
		[confirmClaim(blockId, parentHash, blockHash, gasUsed, '0x'), 'AlreadyConfirmed'],
		[confirmClaim(blockId, parentHash, HASH, gasUsed, '0x'), 'UnknownClaim'],
		[confirmClaim(blockId + 99n, parentHash, blockHash, gasUsed, '0x'), 'UnknownBlock'],
	]) {
		await refuse(world, ferdie, call, `BlockProposal.${error}`);
	}
	for (const call of [
		disputeClaim(blockId, HASH, blockHash, gasUsed),
		disputeClaim(blockId, parentHash, HASH, gasUsed),
		disputeClaim(blockId, parentHash, blockHash, gasUsed + 1),
	]) {
		await refuseRoot(world, call, 'BlockProposal.UnknownClaim');
	}
	await chain.sudoOk(disputeClaim(blockId, parentHash, blockHash, gasUsed));
	await wrong({}, 'Barred');
});

test('protocol and pool: an assigned block is not expired, skipped or discharged early', async (world) => {
	const { chain, rollup, tx } = world;
	const { head } = await rollup.state();
	const { expireRequest, skipBlock, start } = rollup.tx;
	await refuseRoot(world, start(HASH, 10_000, 20), 'BlockProposal.AlreadyStarted');
	await refuse(world, ferdie, expireRequest(head), 'BlockProposal.NotPending');
	await refuse(world, ferdie, skipBlock(head), 'BlockProposal.NotExpired');
	await refuse(world, ferdie, skipBlock(head + 1n), 'BlockProposal.NotHead');

	const { data } = await chain.event('ProverPool.ProverAssigned', { blockId: head });
	const prover = ['Charlie', 'Dave', 'Eve'].map(account).find(({ address }) => address === data.who);
	const discharge = tx.proverPool.dischargeProver(head);
	await refuse(world, ferdie, discharge, 'ProverPool.NotYourAssignment');
	await refuse(world, prover, discharge, 'ProverPool.NotOverdue');
});

test('protocol: open blocks: no bond, too many forks, too many open blocks, too many in all', async (world) => {
	const { chain, rollup } = world;
	await emptyPool(world);
	const open = await rollup.propose(bob);
	const [opened] = await drawn(world, open);
	assert.equal(opened.name, 'BlockProposal.BlockOpened');
	const proof = ({ address }, execution) => rollup.proof(address, open, { execution });
	const poor = account('poor');
	await refuse(world, poor, await proof(poor), 'BlockProposal.NoFunds');

	// Earlier blocks wait, so all these claims stay. One claim on each parent is reserved for the assigned prover.
	const others = ['Bob', 'Charlie', 'Dave'].map(account);
	assert.equal(others.length, rollup.parameters.maxForks - 1);
	const wrong = (i) => ({ blockHash: `0x${`0${i}`.repeat(32)}` });
	await Promise.all(
		others.map((prover, i) => rollup.prove(prover, open, { execution: wrong(i) })),
	);
	await refuse(world, ferdie, await proof(ferdie), 'BlockProposal.TooManyForks');
	await refuse(world, ferdie, await proof(ferdie, wrong(0)), 'BlockProposal.AlreadyProven');
	await rollup.prove(ferdie, open, { execution: { parentHash: HASH } });

	// No prover has capacity for more blocks.
	const { maxOpenBlocks, maxPendingPerProposer, maxUnverifiedBlocks } = rollup.parameters;
	const fill = async (most) => {
		for (let proposer = 1; ; proposer++) {
			const { head, nextId } = await rollup.state();
			const missing = most - Number(nextId - head);
			if (missing <= 0) return;
			const [signer] = await fund(world, [`proposer ${proposer}`], 10n * UNIT);
			const count = Math.min(missing, maxPendingPerProposer);
			const proposals = await rollup.proposeMany(count, signer);
			await drawn(world, ...proposals);
		}
	};
	const { head, nextId, open: alreadyOpen } = await rollup.state();
	await fill(Number(nextId - head) + maxOpenBlocks - alreadyOpen);
	const another = rollup.proposal({ beneficiary: bob.address });
	await refuse(world, bob, another, 'BlockProposal.TooManyOpenBlocks');

	// With a prover that has capacity, more are accepted, up to the limit of all blocks.
	await chain.setPoolParameter('EntryDelay', 0);
	await stake(world, ferdie, { amount: 5_000n * UNIT, price: 10_000, capacity: 128 });
	await fill(maxUnverifiedBlocks);
	await refuse(world, bob, another, 'BlockProposal.TooManyUnverifiedBlocks');
});

test('protocol: a proven block cannot be skipped', async (world) => {
	const { chain, rollup } = world;
	const { head } = await rollup.state();
	const { status, ...block } = await rollup.block(head);
	const expired = status.Assigned.deadline + rollup.parameters.expiryPeriod + 1;
	await advance(world, Math.max(0, expired - (await rollup.timeAt(chain.head))));
	await rollup.prove(ferdie, { ...block, blockId: head });
	const { error } = await chain.send(bob, rollup.tx.skipBlock(head));
	assert.equal(error, 'BlockProposal.HasClaim');
});

test('every call was refused in these tests', ({ chain }) => {
	const pallets = ['proverPool', 'blockProposal', 'attestation', 'succinctProofs', 'checkedParameters', 'validators'];
	const calls = pallets.flatMap((pallet) =>
		Object.keys(chain.api.tx[pallet]).map((name) => `${pallet}.${name}`),
	);
	const own = [...refused].filter((name) => !/^(sudo|utility|parameters)\./.test(name));
	assert.deepEqual(own.sort(), calls.sort());
});
