/** A list of rows of one height, of which only those in view are elements. */
import { type Accessor, createSignal, Index, type JSX, onCleanup, onMount } from 'solid-js';

/** The rows above and below the view that are elements too. */
const OVERSCAN = 8;

export function VirtualList<Item>(props: {
	items: Item[];
	rowHeight: number;
	label: string;
	class: string;
	children: (item: Accessor<Item>, index: () => number) => JSX.Element;
}) {
	let list: HTMLDivElement | undefined;
	const [first, setFirst] = createSignal(0);
	const [count, setCount] = createSignal(40);

	function measure() {
		const element = list as HTMLDivElement;
		const { top } = element.getBoundingClientRect();
		const above = Math.max(0, -top);
		setFirst(Math.max(0, Math.floor(above / props.rowHeight) - OVERSCAN));
		setCount(Math.ceil(innerHeight / props.rowHeight) + 2 * OVERSCAN);
	}

	onMount(() => {
		measure();
		addEventListener('scroll', measure, { passive: true });
		addEventListener('resize', measure);
		onCleanup(() => {
			removeEventListener('scroll', measure);
			removeEventListener('resize', measure);
		});
	});

	const from = () => Math.min(first(), Math.max(0, props.items.length - 1));
	const shown = () => props.items.slice(from(), from() + count());
	return (
		<div
			ref={list}
			class={props.class}
			role="rowgroup"
			aria-label={props.label}
			style={{
				height: `${props.items.length * props.rowHeight}px`,
				'padding-top': `${from() * props.rowHeight}px`,
			}}
		>
			<Index each={shown()}>{(item, i) => props.children(item, () => from() + i)}</Index>
		</div>
	);
}
