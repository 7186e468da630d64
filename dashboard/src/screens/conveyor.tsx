/** Every block of the rollup as a chip that moves from its proposal to its end. */
import { createMemo, For, Show } from 'solid-js';
import type { WaitingBlock } from '../chain/types';
import { count, duration, whole } from '../logic/amounts';
import { type Position, positionOf, type Stage, STAGES, type Wait } from '../logic/stages';
import type { Story } from '../logic/stories';
import { link } from '../route';
import { createMoving } from '../ui/moving';
import { useInfo, useLive, useNames } from '../ui/page';
import { Ring } from '../ui/ring';
import { Mark } from '../ui/values';

const LANES: Record<Stage, { name: string; about: string }> = {
	proposed: { name: 'Proposed', about: 'waits for its draw' },
	drawn: { name: 'Drawn', about: 'somebody must prove it' },
	proven: { name: 'Proven', about: 'cools down: claims can be disputed' },
	inLine: { name: 'In line', about: 'waits for the blocks before it' },
};

/** The settled blocks that are shown. */
const SETTLED = 6;
/** The chips of a lane that are shown. */
const MOST = 24;

interface Chip {
	block: WaitingBlock;
	position: Position;
}

export function Conveyor() {
	const live = useLive();
	const { protocol } = useInfo();
	let lanes: HTMLDivElement | undefined;
	const chips = createMemo<Chip[]>(() => {
		const market = live.market();
		if (!market) return [];
		return market.waiting.map((block) => ({ block, position: positionOf(block, market, protocol) }));
	});
	const chipOf = createMemo(() => new Map(chips().map((chip) => [chip.block.blockId, chip])));
	// Lists are of ids, so that a chip stays the same element, with its focus, while its block changes.
	const settled = createMemo(() =>
		[...live.stories().values()]
			.filter(({ settledIn }) => settledIn !== undefined)
			.sort((a, b) => b.settledIn! - a.settledIn! || (b.blockId > a.blockId ? 1 : -1))
			.slice(0, SETTLED)
			.map(({ blockId }) => blockId),
	);
	createMoving(() => lanes, () => live.market()?.hash);
	return (
		<section class="card" aria-labelledby="conveyor-title">
			<header class="card-head">
				<h2 id="conveyor-title">Blocks on their way</h2>
				<p class="quiet">{count(chips().length, 'block')} of the rollup wait for verification</p>
			</header>
			<div class="lanes" ref={lanes}>
				<For each={STAGES}>
					{(stage) => {
						const here = createMemo(() =>
							chips()
								.filter(({ position }) => position.stage === stage)
								.map(({ block }) => block.blockId),
						);
						return (
							<Lane name={LANES[stage].name} about={LANES[stage].about} stage={stage} size={here().length}>
								<For each={here().slice(0, MOST)}>
									{(id) => <Show when={chipOf().get(id)}>{(chip) => <WaitingChip {...chip()} />}</Show>}
								</For>
							</Lane>
						);
					}}
				</For>
				<Lane name="Verified" about="settled and paid" stage="verified" size={settled().length}>
					<For each={settled()}>
						{(id) => <Show when={live.stories().get(id)}>{(story) => <SettledChip story={story()} />}</Show>}
					</For>
				</Lane>
			</div>
		</section>
	);
}

function Lane(props: { name: string; about: string; stage: string; size: number; children: unknown }) {
	return (
		<section class="lane" data-stage={props.stage} aria-label={`${props.name}: ${props.about}`}>
			<h3>
				{props.name} <span class="lane-size">{props.size}</span>
			</h3>
			<p class="lane-about">{props.about}</p>
			<div class="lane-chips">{props.children as never}</div>
			<Show when={props.stage !== 'verified' && props.size > MOST}>
				<p class="quiet">and {whole(props.size - MOST)} more</p>
			</Show>
		</section>
	);
}

function WaitingChip(props: Chip) {
	const { blockTime } = useLive();
	const nameOf = useNames();
	const id = () => props.block.blockId;
	const tone = () => (props.position.overdue || props.position.cancelled ? 'bad' : 'plain');
	const state = () => {
		if (props.position.cancelled) return 'cancelled';
		if (props.position.overdue) return 'overdue';
		return props.position.open ? 'open' : props.position.stage;
	};
	const left = (wait: Wait) => duration(wait.left * blockTime());
	const detail = () => {
		const { cancelled, overdue, open, stage, price, wait } = props.position;
		if (cancelled) return 'cancelled';
		if (stage === 'proposed') return `fee ${whole(props.block.feePerGas)}`;
		if (open) return `open: ${whole(price ?? 0)}`;
		if (overdue) return 'overdue';
		return stage === 'inLine' ? 'ready' : wait ? left(wait) : '';
	};
	const who = () => {
		const { account } = props.position;
		return account ? (nameOf(account) ?? `${account.slice(0, 5)}…`) : undefined;
	};
	return (
		<a
			class="chip"
			href={link.block(id())}
			data-moves={`block-${id()}`}
			data-state={state()}
			data-block={String(id())}
			title={`Block ${id()}${who() ? `, ${who()}` : ''}: ${detail()}`}
		>
			<span class="chip-id">{whole(id())}</span>
			<Show when={props.position.wait && !props.position.cancelled} fallback={<span class="dot" data-tone={tone()} />}>
				<Ring left={props.position.wait!.left} of={props.position.wait!.of} tone={tone()} />
			</Show>
			<span class="chip-who">
				<Show when={props.position.account}>{(account) => <Mark of={account()} size={10} />}</Show>
				{who() ?? '\u00a0'}
			</span>
			<span class="chip-detail">{detail()}</span>
		</a>
	);
}

function SettledChip(props: { story: Story }) {
	const nameOf = useNames();
	const state = () => {
		const { settlement, verified } = props.story;
		return verified?.verdict === 'Rescued' ? 'rescued' : settlement;
	};
	const who = () => {
		const prover = props.story.verified?.prover;
		return prover && (nameOf(prover) ?? `${prover.slice(0, 5)}…`);
	};
	return (
		<a
			class="chip"
			href={link.block(props.story.blockId)}
			data-moves={`block-${props.story.blockId}`}
			data-state={state()}
			title={`Block ${props.story.blockId}: ${state()}`}
		>
			<span class="chip-id">{whole(props.story.blockId)}</span>
			<span class="dot" data-tone={state() === 'verified' ? 'good' : state() === 'rescued' ? 'warn' : 'bad'} />
			<span class="chip-who">
				<Show when={props.story.verified?.prover}>{(account) => <Mark of={account()} size={10} />}</Show>
				{who() ?? '\u00a0'}
			</span>
			<span class="chip-detail">{state()}</span>
		</a>
	);
}
