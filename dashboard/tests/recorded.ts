import { readFileSync } from 'node:fs';
import type { DrawEvidence } from '../src/chain/types';

/** A draw of a real chain, as the page reads it. */
export function recordedDraw(): DrawEvidence {
	const text = readFileSync(new URL('./fixtures/draw.json', import.meta.url), 'utf8');
	const { weights, ...evidence } = JSON.parse(text, (_, value) =>
		typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
	);
	return { ...evidence, chainWeights: async () => new Map<number, bigint>(weights) };
}
