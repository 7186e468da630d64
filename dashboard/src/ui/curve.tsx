/** A small curve of odds against the fee, with a mark at the present fee. */
import { percent, whole } from '../logic/amounts';

const WIDTH = 600;
const HEIGHT = 160;

export interface CurvePoint {
	fee: number;
	/** Parts of 10¹⁸. */
	odds: bigint;
}

export function OddsCurve(props: { points: CurvePoint[]; present: number }) {
	const first = () => props.points[0]?.fee ?? 0;
	const last = () => props.points.at(-1)?.fee ?? 1;
	const most = () => props.points.reduce((high, { odds }) => (odds > high ? odds : high), 1n);
	const x = (fee: number) => ((fee - first()) / Math.max(1, last() - first())) * WIDTH;
	const y = (odds: bigint) => HEIGHT - Number((odds * BigInt(HEIGHT - 14) * 100n) / most()) / 100;
	const line = () => props.points.map(({ fee, odds }) => `${x(fee).toFixed(1)},${y(odds).toFixed(1)}`).join(' ');
	const label = () =>
		`Odds from ${percent(props.points[0]?.odds ?? 0n)} at a fee of ${whole(first())} to ` +
		`${percent(props.points.at(-1)?.odds ?? 0n)} at ${whole(last())}`;
	return (
		<figure class="curve">
			<svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label()}>
				<polygon class="curve-area" points={`0,${HEIGHT} ${line()} ${WIDTH},${HEIGHT}`} />
				<polyline class="curve-line" points={line()} />
				<line class="curve-now" x1={x(props.present)} x2={x(props.present)} y1="0" y2={HEIGHT} />
			</svg>
			<figcaption class="quiet">
				<span>{whole(first())}</span>
				<span>
					highest {percent(most())}, now at a fee of {whole(props.present)}
				</span>
				<span>{whole(last())}</span>
			</figcaption>
		</figure>
	);
}
