/** Blocks that are proven in a zkVM, on the real node: `make test-zk`. Each proof takes some minutes. */
import { hexToU8a, u8aToHex } from '@polkadot/util';
import { plain } from '../lib/plain.mjs';
import { instanceHash, succinct } from '../lib/proving.mjs';
import { ZkProgram } from '../lib/zk-program.mjs';
import { account, advanceTo, assert, drawn, onChain } from '../tests/support.mjs';

/** Longer than two slow cores take for the proofs of a test. */
const TIMEOUT_MS = 2_400_000;
// A block for each transaction: no window passes while a proof is made.
const test = onChain({ sealing: 'instant', timeout: TIMEOUT_MS });
const [bob, ferdie] = ['Bob', 'Ferdie'].map(account);
/** The index of the rollup's program in the registry of a development chain, and one that is not there. */
const [PROGRAM, UNKNOWN] = [0, 7];

/** Proposes a block with this number of transfers. Returns it with its prover. */
async function assigned(world, count) {
	const { rollup } = world;
	const txList = await rollup.transfers(count);
	const proposed = await rollup.propose(bob, { txList, gasLimit: 80_000 * Math.max(count, 1) });
	const [{ name, data }] = await drawn(world, proposed);
	assert.equal(name, 'BlockProposal.BlockAssigned');
	const prover = ['Charlie', 'Dave', 'Eve'].map(account).find(({ address }) => address === data.prover);
	return { proposed, prover, block: await rollup.block(proposed.blockId) };
}

/** Returns what a proof of the block by this account proves. */
async function statement({ chain, rollup }, { proposed, block }, prover) {
	const { blockId } = proposed;
	const execution = await rollup.execution(proposed);
	const genesisHash = chain.api.genesisHash.toHex();
	const fields = { genesisHash, block: { blockId, ...block }, execution, prover: prover.address };
	const instance = u8aToHex(instanceHash({ ...fields, blockId }));
	return { ...fields, instance, txList: rollup.lineage.list(block) };
}

/** Makes a proof in the zkVM, and submits it. Returns it with its claim. */
async function proven(world, work, args = []) {
	const zk = new ZkProgram(world.rollup.lineage.folder, args);
	const made = await zk.prove(await statement(world, work, work.prover));
	const proof = succinct(PROGRAM, made.proof);
	const claim = await world.rollup.prove(work.prover, work.proposed, { proof });
	return { ...made, proof, claim };
}

/** Returns why the registry refuses a proof, or the program that it is by. */
async function explained({ chain }, instance, proof) {
	// Without the byte for the kind, which the registry does not know.
	const bare = `0x${proof.slice(4)}`;
	const result = plain(await chain.api.call.succinctProofsApi.explain(instance, bare));
	return result.Ok ?? result.Err;
}

test('a block is proven in the zkVM, verified, and paid for', async (world) => {
	const { chain, rollup } = world;
	const work = await assigned(world, 0);
	const { claim, proof } = (world.first = await proven(world, work));
	world.statement = await statement(world, work, work.prover);
	assert.deepEqual(claim.tag, { Second: PROGRAM });
	// 200 KB cost nothing: an accepted proof pays no fee.
	assert.ok(hexToU8a(proof).length > 200_000);
	assert.equal(claim.fee, 0n);
	await advanceTo(world, claim.block + rollup.parameters.cooldown);
	const { data } = await chain.event('BlockProposal.BlockVerified', { blockId: work.proposed.blockId });
	assert.deepEqual([data.prover, data.verdict], [work.prover.address, 'InTime']);
	assert.ok(data.paid > 0n);
});

test('proofs that are wrong in any way are refused by name', async (world) => {
	const { instance } = world.statement;
	const { proof } = world.first;
	const bytes = hexToU8a(proof);
	const changed = (at, by = 1) => {
		const other = Uint8Array.from(bytes);
		other[at] ^= by;
		return u8aToHex(other);
	};
	assert.equal(await explained(world, instance, proof), PROGRAM);
	const other = `0x${'12'.repeat(32)}`;
	for (const [what, statement, wrong, reason] of [
		['another instance', other, proof, 'WrongStatement'],
		['a program that is not registered', instance, changed(1, UNKNOWN), 'UnknownProgram'],
		['a part', instance, proof.slice(0, -8), 'Malformed'],
		['more than a proof', instance, `${proof}00`, 'Malformed'],
		['no proof', instance, proof.slice(0, 8), 'Malformed'],
		['another word at the end', instance, changed(bytes.length - 4), 'Invalid'],
		['another word in the middle', instance, changed(bytes.length >> 1), 'Invalid'],
	]) {
		assert.equal(await explained(world, statement, wrong), reason, what);
	}
});

test('a proof is of one block by one account', async (world) => {
	const { rollup, chain } = world;
	world.second = await assigned(world, 1);
	const { proposed, prover } = world.second;
	const call = await rollup.proof(prover.address, proposed, { proof: world.first.proof });
	await assert.rejects(chain.ok(prover, call), /BlockProposal.InvalidProof/);
	const kindOnly = await rollup.proof(prover.address, proposed, { proof: '0x01' });
	await assert.rejects(chain.ok(prover, kindOnly), /BlockProposal.InvalidProof/);
});

test('a block with a transfer is proven in several segments, and void when the program is revoked', async (world) => {
	const { chain, rollup, tx } = world;
	const { claim, segments } = await proven(world, world.second, ['--segment-po2', '16']);
	assert.ok(segments > 1, `${segments}`);
	const { blockId } = world.second.proposed;
	await chain.sudoOk(tx.succinctProofs.pauseProgram(PROGRAM));
	assert.equal(await explained(world, world.statement.instance, world.first.proof), 'Paused');
	await chain.sudoOk(tx.succinctProofs.revokeProgram(PROGRAM));
	assert.equal(await explained(world, world.statement.instance, world.first.proof), 'Revoked');
	await advanceTo(world, claim.block + rollup.parameters.cooldown);
	const { data } = await chain.event('BlockProposal.ClaimVoided', { blockId });
	assert.deepEqual([data.prover, data.tag], [world.second.prover.address, { Second: PROGRAM }]);
	// An attestation proves it in its place.
	const rescued = await rollup.prove(ferdie, world.second.proposed);
	assert.deepEqual(Object.keys(rescued.tag), ['First']);
});
