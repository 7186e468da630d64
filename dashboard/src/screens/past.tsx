/** What the history adds to the screens: settled blocks, a prover's past, all slashes. */
import { createSignal, For, Show, type JSX } from 'solid-js';
import { history, type PastDay, type PastOffer, type PastSlash, type Position } from '../history/history';
import { whole } from '../logic/amounts';
import { gapsInWords } from '../logic/gaps';
import { faultInWords } from '../logic/sentences';
import type { Money } from '../logic/stories';
import { link } from '../route';
import type { Reading as PastReading } from '../ui/latest';
import { MoneyBar } from '../ui/money-bar';
import { createPast, isAbout } from '../ui/past';
import { Reading, Unread } from '../ui/reading';
import { type Column, Table } from '../ui/table';
import { Account, Amount, Whole } from '../ui/values';

/** The gaps that are shown at once. */
const SHOWN = 3;
const SETTLED = ['verified', 'skipped', 'cancelled'];

/** A card with an answer of the history, and what the history lacks. */
function Past<Answer extends { position: Position }>(props: {
	title: string;
	of: PastReading<Answer>;
	children: (answer: () => Answer) => JSX.Element;
}) {
	return (
		<section class="card" aria-labelledby="past-title">
			<header class="card-head">
				<h2 id="past-title">{props.title}</h2>
				<p class="quiet">from the history</p>
			</header>
			<Unread problem={props.of.problem()} />
			<Show when={!props.of.value() && !props.of.problem()}>
				<Reading />
			</Show>
			<Show when={props.of.value()}>
				{(answer) => (
					<>
						<Gaps of={answer().position} />
						{props.children(answer)}
					</>
				)}
			</Show>
		</section>
	);
}

/** Says which blocks the history has not read. */
function Gaps(props: { of: Position }) {
	const sentences = () => gapsInWords(props.of.gaps);
	const list = (some: string[]) => <For each={some}>{(sentence) => <p>{sentence}</p>}</For>;
	return (
		<Show when={sentences().length > 0}>
			<div class="note" data-tone="warn">
				{list(sentences().slice(0, SHOWN))}
				<Show when={sentences().length > SHOWN}>
					<details>
						<summary>{whole(sentences().length - SHOWN)} more</summary>
						{list(sentences().slice(SHOWN))}
					</details>
				</Show>
			</div>
		</Show>
	);
}

/** Marks figures of a time from which events are missing. */
function SpansGap(props: { when: boolean }) {
	return (
		<Show when={props.when}>
			{' '}
			<span class="tag" data-tone="warn" title="The history lacks blocks of this time.">
				may be incomplete
			</span>
		</Show>
	);
}

/** What happened to a block and its money, in the words of the history. */
export function PastBlock(props: { blockId: bigint }) {
	const past = createPast(
		() => history.block(props.blockId),
		({ block_id }) => block_id !== null && BigInt(block_id) === props.blockId,
	);
	const money = (): Money | undefined => {
		const block = past.value()?.block;
		if (!block?.escrow || block.paid === null || block.returned === null || block.forfeited === null) return undefined;
		const [escrow, paid, returned, forfeited] = [block.escrow, block.paid, block.returned, block.forfeited].map(BigInt);
		return { escrow, paid, returned, forfeited, addsUp: escrow === paid + returned + forfeited };
	};
	return (
		<Past title="Why" of={past}>
			{(detail) => (
				<>
					<ul class="why">
						<For each={detail().why}>{(sentence) => <li>{sentence}</li>}</For>
					</ul>
					<SpansGap when={detail().block.spans_gap} />
					<Show when={SETTLED.includes(detail().block.status) && money()}>{(sums) => <MoneyBar money={sums()} />}</Show>
				</>
			)}
		</Past>
	);
}

const DAYS: Column<PastDay>[] = [
	{
		name: 'Day',
		cell: (day) => (
			<>
				{new Date(day.start).toISOString().slice(0, 10)}
				<SpansGap when={day.spans_gap} />
			</>
		),
	},
	{ name: 'Drawn', cell: (day) => <Whole of={day.assigned} /> },
	{ name: 'In time', cell: (day) => <Whole of={day.in_time} /> },
	{ name: 'Late', cell: (day) => <Whole of={day.late} /> },
	{ name: 'Missed', cell: (day) => <Whole of={day.missed} /> },
	{ name: 'Rescued', cell: (day) => <Whole of={day.rescued} /> },
	{ name: 'Earned', cell: (day) => <Amount of={BigInt(day.earned)} /> },
	{ name: 'Slashed', cell: (day) => <Amount of={BigInt(day.slashed)} /> },
];

const OFFERS: Column<PastOffer>[] = [
	{ name: 'Block', cell: ({ at }) => `#${whole(at.block)}` },
	{ name: 'Change', cell: ({ change }) => change },
	{ name: 'Stake', cell: ({ stake }) => <Amount of={BigInt(stake)} /> },
	{ name: 'Price', cell: (offer) => (offer.reward_per_gas === null ? '–' : whole(offer.reward_per_gas)) },
	{ name: 'Capacity', cell: (offer) => (offer.max_capacity === null ? '–' : whole(offer.max_capacity)) },
	{ name: 'Paused', cell: ({ paused }) => (paused ? 'yes' : 'no') },
];

/** A prover's offers and days. */
export function PastProver(props: { account: string }) {
	const past = createPast(() => history.prover(props.account), isAbout(props.account));
	return (
		<Past title="Its past" of={past}>
			{(detail) => (
				<>
					<Table label="Days" columns={DAYS} rows={detail().days} />
					<h3>Stake and price over time</h3>
					<Table label="Offers" columns={OFFERS} rows={detail().offers} />
				</>
			)}
		</Past>
	);
}

const SLASHES: Column<PastSlash>[] = [
	{ name: 'Block', cell: (slash) => <a href={link.block(BigInt(slash.block_id))}>{whole(slash.block_id)}</a> },
	{ name: 'Prover', cell: ({ who }) => <Account of={who} /> },
	{ name: 'Slash', cell: ({ amount }) => <Amount of={BigInt(amount)} /> },
	{ name: 'Fault', cell: ({ fault }) => faultInWords(fault) },
	{ name: 'To the rescuer', cell: (slash) => <Amount of={BigInt(slash.to_rescuer)} /> },
	{ name: 'Burnt', cell: ({ burnt }) => <Amount of={BigInt(burnt)} /> },
	{
		name: 'State',
		cell: (slash) => (
			<>
				{slash.state}
				<SpansGap when={slash.spans_gap} />
			</>
		),
	},
];

/** All slashes, page by page. */
export function PastSlashes() {
	const [pages, setPages] = createSignal(1);
	const past = createPast(() => firstSlashes(pages()), ({ pallet, name }) => pallet === 'ProverPool' && name.startsWith('Slash'));
	const more = () => {
		setPages((before) => before + 1);
		past.again();
	};
	return (
		<Past title="All slashes" of={past}>
			{(read) => (
				<>
					<Table label="All slashes" columns={SLASHES} rows={read().items} />
					<Show when={read().next}>
						<button type="button" disabled={past.busy()} onClick={more}>
							Older ones
						</button>
					</Show>
				</>
			)}
		</Past>
	);
}

/** Returns the slashes of the latest pages. A new slash moves those of all pages, so they are read together. */
async function firstSlashes(pages: number) {
	let page = await history.slashes();
	const items = [...page.items];
	for (let read = 1; read < pages && page.next !== null; read++) {
		page = await history.slashes(page.next);
		items.push(...page.items);
	}
	return { ...page, items };
}
