/** The fee over time, the band around it, and every agreed price as a dot. */
import { createEffect, createMemo, createSignal, onCleanup, onMount, Show } from 'solid-js';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { whole } from '../logic/amounts';
import { band } from '../logic/odds';
import { agreedPrices, feesOf } from '../logic/stories';
import { useInfo, useLive } from './page';

const HEIGHT = 260;
/** The room around the lowest and the highest value, as a share of their distance. */
const MARGIN = 0.12;

type Column = (number | null)[];

export function FeeChart() {
	const live = useLive();
	const { lottery } = useInfo();
	let place: HTMLDivElement | undefined;
	const [hovered, setHovered] = createSignal<number>();

	const points = createMemo(() => feesOf(live.blocks(), live.market()?.fee ?? 0));
	const prices = createMemo(() => agreedPrices(live.blocks()));
	const columns = createMemo(() => {
		// A block of the chain may agree several prices: each has its own row, so that none is hidden.
		const x: number[] = [];
		const [fee, low, high, price]: Column[] = [[], [], [], []];
		const agreed = new Map<number, number[]>();
		for (const { number, price } of prices()) agreed.set(number, [...(agreed.get(number) ?? []), price]);
		for (const point of points()) {
			for (const value of agreed.get(point.number) ?? [null]) {
				x.push(point.number);
				fee.push(point.fee);
				const prices = band(point.fee, lottery);
				low.push(prices?.floor ?? null);
				high.push(prices?.ceiling ?? null);
				price.push(value);
			}
		}
		return [x, low, high, fee, price] as uPlot.AlignedData;
	});

	onMount(() => {
		const element = place as HTMLDivElement;
		let plot = draw(element);
		createEffect(() => plot.setData(columns()));
		const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
		observer.observe(element);
		// Colours are read when the chart is made.
		const scheme = matchMedia('(prefers-color-scheme: dark)');
		const redraw = () => {
			plot.destroy();
			plot = draw(element);
			plot.setData(columns());
		};
		scheme.addEventListener('change', redraw);
		onCleanup(() => {
			observer.disconnect();
			scheme.removeEventListener('change', redraw);
			plot.destroy();
		});
	});

	function draw(element: HTMLElement): uPlot {
		const colour = (name: string) => getComputedStyle(element).getPropertyValue(name).trim();
		const axis = {
			stroke: colour('--quiet'),
			grid: { stroke: colour('--line'), width: 1 },
			ticks: { show: false },
			font: '12px system-ui, sans-serif',
		};
		return new uPlot(
			{
				width: element.clientWidth,
				height: HEIGHT,
				legend: { show: false },
				cursor: { y: false, drag: { x: false, y: false } },
				scales: {
					x: { time: false },
					y: { range: (_, low, high) => padded(low, high) },
				},
				axes: [
					{ ...axis, values: (_, marks) => marks.map((mark) => `#${whole(mark)}`), space: 90 },
					{ ...axis, values: (_, marks) => marks.map((mark) => whole(mark)), size: 64 },
				],
				series: [
					{},
					{ stroke: 'transparent', points: { show: false } },
					{ stroke: 'transparent', points: { show: false } },
					{
						stroke: colour('--accent'),
						width: 2,
						paths: uPlot.paths.stepped?.({ align: 1 }),
						points: { show: false },
					},
					{
						stroke: colour('--good'),
						paths: () => null,
						points: { show: true, size: 7, fill: colour('--good'), stroke: colour('--card'), width: 1 },
					},
				],
				bands: [{ series: [2, 1], fill: colour('--accent-soft') }],
				hooks: { setCursor: [({ cursor }) => setHovered(cursor.idx ?? undefined)] },
			},
			columns(),
			element,
		);
	}

	const shown = () => {
		const [x, low, high, fee, price] = columns();
		const at = hovered() ?? x.length - 1;
		return x[at] === undefined ? undefined : { number: x[at], low: low[at], high: high[at], fee: fee[at], price: price[at] };
	};
	return (
		<section class="card" aria-labelledby="fee-title">
			<header class="card-head">
				<h2 id="fee-title">Fee and agreed prices</h2>
				<p class="quiet legend">
					<span class="key" data-key="fee" /> fee <span class="key" data-key="band" /> band{' '}
					<span class="key" data-key="price" /> agreed price
				</p>
			</header>
			<div class="plot" ref={place} role="img" aria-label={`The fee over the last ${points().length} blocks of the chain`} />
			<Show when={shown()}>
				{(at) => (
					<p class="readout">
						#{whole(at().number)}: fee <b>{whole(at().fee ?? 0)}</b>
						<Show when={at().low != null}>
							, band {whole(at().low!)} to {whole(at().high!)}
						</Show>
						<Show when={at().price != null}>
							, agreed <b>{whole(at().price!)}</b>
						</Show>
					</p>
				)}
			</Show>
		</section>
	);
}

/** Returns a range with room around its ends, also if both are equal. */
function padded(low: number | null, high: number | null): [number, number] {
	if (low == null || high == null) return [0, 1];
	const margin = Math.max((high - low) * MARGIN, high * 0.01, 1);
	return [Math.max(0, low - margin), high + margin];
}
