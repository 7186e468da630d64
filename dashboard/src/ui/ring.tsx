/** A ring that shows how much of a time is left. */
const RADIUS = 7;
const LENGTH = 2 * Math.PI * RADIUS;

export function Ring(props: { left: number; of: number; tone: 'plain' | 'bad' | 'good' }) {
	const share = () => (props.of > 0 ? Math.min(1, Math.max(0, props.left / props.of)) : 0);
	return (
		<svg class="ring" data-tone={props.tone} viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
			<circle class="ring-track" cx="10" cy="10" r={RADIUS} />
			<circle
				class="ring-left"
				cx="10"
				cy="10"
				r={RADIUS}
				stroke-dasharray={String(LENGTH)}
				stroke-dashoffset={LENGTH * (1 - share())}
				transform="rotate(-90 10 10)"
			/>
		</svg>
	);
}
