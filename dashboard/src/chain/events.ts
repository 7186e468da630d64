/** The events of a block as plain data. */
import type { FrameSystemEventRecord } from './generated/prover-pool';
import type { Plain } from './plain';
import type { ChainEvent } from './types';

/** Returns events with their names and fields, in order. */
export function plainEvents(records: Plain<FrameSystemEventRecord>[]): ChainEvent[] {
	return records.map(({ phase, event }) => {
		const inner = event.palletEvent as { name: string; data?: unknown } | string;
		const name = typeof inner === 'string' ? inner : inner.name;
		return {
			name: `${event.pallet}.${name}`,
			data: typeof inner === 'string' ? undefined : inner.data,
			extrinsic: phase.type === 'ApplyExtrinsic' ? phase.value : undefined,
		} as ChainEvent;
	});
}
