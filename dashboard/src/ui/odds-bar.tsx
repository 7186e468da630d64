/** The odds of a draw as a bar: a part for each prover, and the point that was drawn. */
import { For } from 'solid-js';
import { percent } from '../logic/amounts';
import type { CheckedDraw, Segment } from '../logic/draw';
import { hueOf } from '../logic/names';
import { useNames } from './page';

const UNIT = 10n ** 18n;
/** The bar's width in its own units. A fraction of one of them cannot be seen. */
const WIDTH = 10_000n;

export function OddsBar(props: { draw: CheckedDraw }) {
	const nameOf = useNames();
	const at = (share: bigint) => Number((share * WIDTH) / UNIT);
	const isDrawn = ({ proverId }: Segment) => proverId === props.draw.drawn?.proverId;
	const label = ({ account, share }: Segment) => `${nameOf(account) ?? account}: ${percent(share)}`;
	return (
		<div class="odds-bar" data-testid="odds-bar">
			<svg viewBox={`0 0 ${WIDTH} 100`} preserveAspectRatio="none" role="img" aria-label={summary(props.draw, label)}>
				<For each={props.draw.segments}>
					{(segment) => (
						<rect
							class="odds-part"
							data-drawn={isDrawn(segment) ? 'yes' : 'no'}
							x={at(segment.from)}
							y="0"
							width={Math.max(1, at(segment.share))}
							height="100"
							fill={`hsl(${hueOf(segment.account)} 55% 52%)`}
						>
							<title>{label(segment)}</title>
						</rect>
					)}
				</For>
			</svg>
			<div class="odds-point" style={{ left: `${at(props.draw.pointShare) / 100}%` }} aria-hidden="true" />
		</div>
	);
}

function summary({ segments, drawn, pointShare }: CheckedDraw, label: (segment: Segment) => string): string {
	const parts = segments.slice(0, 12).map(label).join(', ');
	return `Odds: ${parts}. The point is at ${percent(pointShare)}, in the part of ${drawn ? label(drawn) : 'nobody'}.`;
}
