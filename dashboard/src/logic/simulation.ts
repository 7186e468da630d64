/** What a call would do, in words. */
import type { Market, PoolCall, PoolParameters, Simulation } from '../chain/types';
import { count, whole } from './amounts';
import type { Part } from './sentences';

export interface Circumstances {
	pool: PoolParameters;
	clock: Market['poolClock'];
}

/** Returns sentences that say what a call would do. */
export function inWords(call: PoolCall, simulation: Simulation | undefined, { pool, clock }: Circumstances): Part[][] {
	const effects = simulation ? simulated(call, simulation, clock) : [];
	return [...effects, ...stated(call), ...delays(call, pool)];
}

/** What the chain's own simulation says. */
function simulated({ call }: PoolCall, { before, after, replaces }: Simulation, clock: Market['poolClock']): Part[][] {
	const said: Part[][] = [];
	const [member, left] = [after.prover, before.prover];
	if (call === 'stake' && member) {
		const { stake, rewardPerGas, maxCapacity } = member.offer;
		said.push([
			`The account takes slot ${whole(member.proverId)} with `,
			{ amount: stake },
			`, at ${whole(rewardPerGas)} per gas, for ${count(maxCapacity, 'block')} at once.`,
		]);
		if (replaces !== undefined) said.push(['It replaces ', { account: replaces }, ', whose stake is smaller.']);
	}
	if (call === 'exit' && left) {
		said.push([`The account leaves slot ${whole(left.proverId)} at once.`]);
	}
	if (call === 'unstake' && member) said.push(['The stake is then ', { amount: member.offer.stake }, '.']);
	for (const exit of newExits(before.exits, after.exits)) {
		said.push([
			{ amount: exit.amount },
			` can be withdrawn after ${clock.unit} ${whole(exit.maturesAt)}, in ` +
				count(Math.max(0, exit.maturesAt - clock.now), clock.unit) +
				(exit.duties > 0 ? `, and when ${count(exit.duties, 'block')} that it answers for are settled.` : '.'),
		]);
	}
	const change = after.held - before.held;
	if (change > 0n) said.push(['The pool holds ', { amount: change }, ' more of its tokens.']);
	if (change < 0n) said.push([{ amount: -change }, ' become free.']);
	return said;
}

function newExits(before: Simulation['before']['exits'], after: Simulation['after']['exits']) {
	return after.filter((exit) => {
		const old = before.find(({ id }) => id === exit.id);
		return !old || old.amount !== exit.amount || old.maturesAt !== exit.maturesAt;
	});
}

/** What a call without a simulation does if the chain accepts it. */
function stated(call: PoolCall): Part[][] {
	switch (call.call) {
		case 'stakeExtra':
			return [['The pool holds ', { amount: call.amount }, ' more of its tokens, as stake.']];
		case 'restake':
			return [['The exit becomes stake again.']];
		case 'setTerms':
			return [[`It asks ${whole(call.rewardPerGas)} per gas, for ${count(call.maxCapacity, 'block')} at once.`]];
		case 'pause':
			return [['It keeps its slot and its work, and is not drawn.']];
		case 'resume':
			return [['It can be drawn again.']];
		default:
			return [];
	}
}

const DELAYED = new Set<PoolCall['call']>(['stake', 'stakeExtra', 'unstake', 'restake', 'setTerms', 'pause', 'resume']);

function delays({ call }: PoolCall, { entryDelay }: PoolParameters): Part[][] {
	if (!DELAYED.has(call) || entryDelay === 0) return [];
	const before = call === 'stake' ? 'It can be drawn' : 'Draws use this';
	return [[`${before} after ${count(entryDelay, 'block')}.`]];
}
