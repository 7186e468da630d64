/** What a draw used, read from the chain's state around its block. */
import { lotteryOf } from './constants';
import type { ClientAt, NodeChain } from './node';
import { nextStart, PAGE } from './pages';
import type { DrawEvidence } from './types';

/**
 * Reads all that the draws in a block depended on. They are made before the block's extrinsics, so members and
 * requests are those of the parent's state. The accumulator is that of the block, because it takes in its
 * parent's output before the draws.
 */
export async function readDrawEvidence(chain: NodeChain, hash: string): Promise<DrawEvidence> {
	const block = await chain.block(hash);
	const [at, before] = await Promise.all([chain.at(hash), chain.at(block.parentHash)]);
	const [accumulator, [parentAccumulator, parentOutput, requests], provers, stakers, parameters] =
		await Promise.all([
			at.query.vrfAccumulator.accumulator(),
			before.queryMulti([
				{ fn: before.query.vrfAccumulator.accumulator, args: [] },
				{ fn: before.query.babe.authorVrfRandomness, args: [] },
				{ fn: before.query.proverPool.drawQueue, args: [] },
			]),
			before.query.proverPool.provers.entries(),
			before.query.proverPool.stakers.entries(),
			before.call.proverPoolApi.getParameters(),
		]);
	if (!accumulator) throw new Error(`The chain had no seed in block ${block.number}.`);
	const stakerOf = new Map(stakers.map(([who, staker]) => [who.raw, staker]));
	const members = provers.flatMap(([proverId, prover]) => {
		const staker = stakerOf.get(prover.account.raw);
		return staker ? [{ proverId, prover: chain.plain(prover), staker: chain.plain(staker) }] : [];
	});
	return {
		block,
		requests: chain.plain(requests),
		accumulator,
		parentAccumulator,
		parentOutput,
		members: members.sort((a, b) => a.proverId - b.proverId),
		lottery: lotteryOf(before),
		drawDelay: parameters.drawDelay,
		maxDrawsPerBlock: parameters.maxDrawsPerBlock,
		chainWeights: (feePerGas) => readWeights(before, feePerGas),
	};
}

/** Returns the weights that the chain computes itself, by slot. */
async function readWeights({ call }: ClientAt, feePerGas: number): Promise<Map<number, bigint>> {
	const weights = new Map<number, bigint>();
	for (let start: number | undefined = 1; start !== undefined; ) {
		const page: { proverId: number; weight: bigint }[] = await call.proverPoolApi.getProverWeights(
			feePerGas,
			start,
			PAGE,
		);
		for (const { proverId, weight } of page) weights.set(proverId, weight);
		start = nextStart(page, start);
	}
	return weights;
}
