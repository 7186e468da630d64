import { expect, test } from 'vitest';
import { candidateAt, checkDraw, drawnPoint, seedOf } from '../src/logic/draw';
import { band, type Candidate, clamp, group, oddsAt, totalWeight, weight } from '../src/logic/odds';
import { recordedDraw } from './recorded';

const PERCENTS = { priceFloorPercent: 75, priceCeilingPercent: 125 };
const BLOCK = 247n;

test('a recorded draw of a chain is drawn again', async () => {
	const draw = await checkDraw(recordedDraw(), BLOCK);
	expect(draw.findings.filter(({ holds }) => !holds)).toEqual([]);
	expect(draw.agrees).toBe(true);
	expect(draw.drawn?.account).toBe(draw.chain?.account);
	expect(draw.findings).toHaveLength(5);
});

test('a later draw of a block says that its weights were not compared, and why', async () => {
	const evidence = recordedDraw();
	const request = evidence.requests.find(({ blockId }) => blockId === BLOCK)!;
	const other = evidence.members.find(({ staker }) => staker.maxCapacity - staker.outstanding > 1)!;
	// An earlier draw that took one of several free places changes no weight, so the outcome is the same.
	evidence.requests = [{ ...request, blockId: 246n }, request];
	evidence.maxDrawsPerBlock = 2;
	const event = { name: 'ProverPool.ProverAssigned', data: { blockId: 246n, who: other.prover.account, rewardPerGas: 1 } };
	evidence.block.events.unshift(event as never);
	let asked = false;
	evidence.chainWeights = async () => ((asked = true), new Map());
	const draw = await checkDraw(evidence, BLOCK);
	expect(draw.position).toBe(1);
	expect(draw.agrees).toBe(true);
	expect(asked).toBe(false);
	const open = draw.findings.filter(({ holds }) => holds === undefined);
	expect(open.map(({ what }) => what)).toEqual(['The weights were not compared with the chain’s own.']);
	expect(open[0].detail).toContain('before the first draw of a block');
});

test('an earlier draw that found nobody changes nothing, so weights are compared', async () => {
	const evidence = recordedDraw();
	const request = evidence.requests.find(({ blockId }) => blockId === BLOCK)!;
	evidence.requests = [{ ...request, blockId: 246n }, request];
	evidence.maxDrawsPerBlock = 2;
	evidence.block.events.unshift({ name: 'ProverPool.ProverNotFound', data: { blockId: 246n } } as never);
	const draw = await checkDraw(evidence, BLOCK);
	expect(draw.findings.every(({ holds }) => holds === true)).toBe(true);
});

test('every change of what the draw used is found', async () => {
	const agrees = async (change: (evidence: ReturnType<typeof recordedDraw>) => void) => {
		const evidence = recordedDraw();
		change(evidence);
		return (await checkDraw(evidence, BLOCK)).agrees;
	};
	const assigned = (evidence: ReturnType<typeof recordedDraw>) => {
		const event = evidence.block.events.find(({ name }) => name === 'ProverPool.ProverAssigned');
		return (event as unknown as { data: { who: string; rewardPerGas: number } }).data;
	};
	expect(await agrees(() => {})).toBe(true);
	expect(await agrees((evidence) => (assigned(evidence).who = evidence.members[0].prover.account))).toBe(false);
	expect(await agrees((evidence) => (assigned(evidence).rewardPerGas += 1))).toBe(false);
	expect(await agrees((evidence) => (evidence.members[0].prover.stake += 1n))).toBe(false);
	expect(await agrees((evidence) => (evidence.members[1].prover.paused = true))).toBe(false);
	expect(await agrees((evidence) => (evidence.members[1].staker.outstanding = 1_000))).toBe(false);
	expect(await agrees((evidence) => (evidence.parentOutput = `0x${'00'.repeat(32)}`))).toBe(false);
	expect(await agrees((evidence) => (evidence.accumulator.knownSince -= 1))).toBe(false);
	expect(await agrees((evidence) => (evidence.requests[0].requestedIn += 1))).toBe(false);
	expect(await agrees((evidence) => (evidence.lottery.priceFloorPercent = 100))).toBe(false);
	expect(await agrees((evidence) => (evidence.chainWeights = async () => new Map()))).toBe(false);
	const weights = await recordedDraw().chainWeights(0);
	const [slot, weight] = [...weights].find(([, weight]) => weight > 0n)!;
	for (const changed of [new Map([...weights].filter(([id]) => id !== slot)), new Map([...weights, [slot, weight + 1n] as const])]) {
		expect(await agrees((evidence) => (evidence.chainWeights = async () => changed))).toBe(false);
	}
});

test('a draw of which the chain says nothing is no agreement', async () => {
	const evidence = recordedDraw();
	evidence.block.events = evidence.block.events.filter(({ name }) => name !== 'ProverPool.ProverAssigned');
	await expect(checkDraw(evidence, BLOCK)).rejects.toThrow('has no draw');
	evidence.members = [];
	evidence.chainWeights = async () => new Map();
	await expect(checkDraw(evidence, BLOCK)).rejects.toThrow('has no draw');
	await expect(checkDraw({ ...recordedDraw(), maxDrawsPerBlock: 0 }, BLOCK)).rejects.toThrow('not waiting');
});

test('a block that was not waiting is refused', async () => {
	await expect(checkDraw(recordedDraw(), 1n)).rejects.toThrow('not waiting');
});

test('seeds differ by block and by accumulator', () => {
	const zero = `0x${'00'.repeat(32)}`;
	expect(seedOf(1n, zero)).not.toBe(seedOf(2n, zero));
	expect(seedOf(1n, zero)).not.toBe(seedOf(1n, `0x01${'00'.repeat(31)}`));
	expect(seedOf(2n ** 64n - 1n, zero)).toBeLessThan(2n ** 256n);
});

test('the point is below the total, for every seed', () => {
	expect(drawnPoint(2n ** 256n - 1n, 12_345n)).toBe(12_344n);
	expect(drawnPoint(0n, 12_345n)).toBe(0n);
	expect(drawnPoint(2n ** 255n, 10n)).toBe(5n);
});

const CANDIDATES: Candidate[] = [
	{ proverId: 1, stake: 400n, price: 1 },
	{ proverId: 2, stake: 300n, price: 9_999 },
	{ proverId: 3, stake: 800n, price: 4_000_000_000 },
	{ proverId: 4, stake: 100n, price: 5_000 },
	{ proverId: 5, stake: 50n, price: 10_000 },
];

test('each candidate has as many points as its weight, in the order of prices', () => {
	const prices = band(10_000, PERCENTS)!;
	expect(prices).toEqual({ floor: 7_500, ceiling: 12_500 });
	const groups = group(CANDIDATES, prices);
	const at = (point: bigint) => candidateAt(groups, point)?.proverId;
	// 1 and 4 are below the band: their points are divided by stake.
	expect(groups.below.candidates.map(({ proverId }) => proverId)).toEqual([1, 4]);
	const split = (groups.below.weight * 400n) / 500n;
	expect(at(0n)).toBe(1);
	expect(at(split - 1n)).toBe(1);
	expect(at(split + 1n)).toBe(4);
	expect(at(groups.below.weight - 1n)).toBe(4);
	// Inside, each has exactly its weight.
	expect(at(groups.below.weight)).toBe(2);
	expect(at(groups.below.weight + weight(300n, 9_999) - 1n)).toBe(2);
	expect(at(groups.below.weight + weight(300n, 9_999))).toBe(5);
	expect(at(groups.below.weight + groups.inside.weight)).toBe(3);
	expect(at(groups.total - 1n)).toBe(3);
	expect(at(groups.total)).toBeUndefined();
});

test('a change by another sort of the same members changes nothing', () => {
	const prices = band(10_000, PERCENTS)!;
	expect(group([...CANDIDATES].reverse(), prices)).toEqual(group(CANDIDATES, prices));
	expect(totalWeight(CANDIDATES, prices)).toBe(group(CANDIDATES, prices).total);
});

test('odds are those of stake over the square of the clamped price', () => {
	const odds = oddsAt(CANDIDATES, 10_000, PERCENTS);
	const total = CANDIDATES.reduce((sum, { stake, price }) => {
		return sum + Number(stake) / clamp(price, { floor: 7_500, ceiling: 12_500 }) ** 2;
	}, 0);
	for (const { proverId, stake, price } of CANDIDATES) {
		const expected = Number(stake) / clamp(price, { floor: 7_500, ceiling: 12_500 }) ** 2 / total;
		expect(Number(odds.get(proverId)) / 1e18).toBeCloseTo(expected, 12);
	}
});

test('a fee of 0 has no band, and a fee of 1 has one price', () => {
	expect(band(0, PERCENTS)).toBeUndefined();
	expect(band(1, PERCENTS)).toEqual({ floor: 1, ceiling: 1 });
	// The product of a fee and a percentage does not wrap (D1).
	expect(band(4_000_000_000, PERCENTS)).toEqual({ floor: 3_000_000_000, ceiling: 4_294_967_295 });
});
