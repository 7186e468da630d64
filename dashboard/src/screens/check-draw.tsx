/** Check this draw: the page recomputes a draw from the chain's state, and says whether the chain agrees. */
import { createSignal, For, Show } from 'solid-js';
import { percent, whole } from '../logic/amounts';
import { checkDraw, type CheckedDraw, type Segment } from '../logic/draw';
import { OddsBar } from '../ui/odds-bar';
import { useLive } from '../ui/page';
import { type Column, Table } from '../ui/table';
import { Account, Amount, Share, Whole } from '../ui/values';

/** The parts that are listed below the bar, besides the drawn one. */
const LISTED = 12;

export function CheckDraw(props: { blockId: bigint; drawnIn: number | undefined }) {
	const live = useLive();
	const [draw, setDraw] = createSignal<CheckedDraw>();
	const [problem, setProblem] = createSignal<string>();
	const [busy, setBusy] = createSignal(false);

	async function check() {
		setBusy(true);
		setProblem(undefined);
		try {
			// The pool's record of the draw is by its own clock, which counts blocks only on some chains.
			const { hash: latest, poolClock } = live.market()!;
			const recorded = poolClock.unit === 'block' ? await live.chain.drawnAt(props.blockId, latest) : undefined;
			const number = props.drawnIn ?? recorded;
			if (number === undefined) {
				throw new Error('The chain no longer has the block’s assignment, and the page has not read its draw.');
			}
			const known = live.blocks().find((block) => block.number === number)?.hash;
			const hash = known ?? (await live.chain.hashes([number]))[0];
			if (!hash) throw new Error(`The node has no block ${number}.`);
			setDraw(await checkDraw(await live.chain.drawEvidence(hash), props.blockId));
		} catch (error) {
			setProblem(inWords(error as Error));
		}
		setBusy(false);
	}

	return (
		<section class="card" aria-labelledby="draw-title">
			<header class="card-head">
				<h2 id="draw-title">Check this draw</h2>
				<p class="quiet">Your browser draws again, from the chain’s state alone.</p>
			</header>
			<Show when={!draw()}>
				<button type="button" class="primary" disabled={busy()} onClick={check}>
					{busy() ? 'Reading seed, members and weights …' : 'Draw again'}
				</button>
			</Show>
			<Show when={problem()}>
				{(text) => (
					<p class="note" data-tone="warn">
						{text()}
					</p>
				)}
			</Show>
			<Show when={draw()}>{(checked) => <Result draw={checked()} />}</Show>
		</section>
	);
}

function inWords({ message }: Error): string {
	if (/discarded|pruned|UnknownBlock|not found/i.test(message)) {
		return (
			'The node no longer has the state of that block. A node keeps the states of the latest 256 blocks; one ' +
			'started with --state-pruning archive keeps all. Connect to such a node with ?rpc=wss://….'
		);
	}
	return message;
}

const COLUMNS: Column<Segment>[] = [
	{ name: 'Prover', cell: ({ account }) => <Account of={account} /> },
	{ name: 'Odds', number: true, cell: ({ share }) => <Share of={share} /> },
	{ name: 'Stake', number: true, cell: ({ stake }) => <Amount of={stake} digits={2} /> },
	{ name: 'Asked', number: true, cell: ({ asked }) => <Whole of={asked} /> },
	{ name: 'Counts as', number: true, cell: ({ agreed }) => <Whole of={agreed} /> },
];

function Result(props: { draw: CheckedDraw }) {
	const winner = () => props.draw.drawn;
	const listed = () => props.draw.segments.filter((segment, i) => i < LISTED || segment.proverId === winner()?.proverId);
	return (
		<div class="draw">
			<p class="verdict" data-tone={props.draw.agrees ? 'good' : 'bad'} data-testid="verdict">
				<Show when={props.draw.agrees} fallback="The chain does not agree with this page.">
					The chain agrees:{' '}
					<Show when={winner()} fallback="nobody could be drawn.">
						{(segment) => (
							<>
								<Account of={segment().account} /> was drawn with odds of <Share of={segment().share} />.
							</>
						)}
					</Show>
				</Show>
			</p>
			<OddsBar draw={props.draw} />
			<p class="quiet point-label">
				The point is at {percent(props.draw.pointShare, 4)} of all weights
				<Show when={winner()}>
					{(segment) => (
						<>
							, in the part of <Account of={segment().account} />
						</>
					)}
				</Show>
				.
			</p>
			<Table
				label="Who could be drawn"
				columns={COLUMNS}
				rows={listed()}
				attributes={({ proverId }) => ({ 'data-drawn': proverId === winner()?.proverId ? 'yes' : 'no' })}
			/>
			<Show when={props.draw.segments.length > listed().length}>
				<p class="quiet">and {whole(props.draw.segments.length - listed().length)} more</p>
			</Show>
			<ul class="findings">
				<For each={props.draw.findings}>
					{({ what, holds, detail }) => {
						const [state, mark, text] = {
							true: ['yes', '✓', detail] as const,
							false: ['no', '✗', `Not so. ${detail}`] as const,
							undefined: ['unknown', '–', detail] as const,
						}[`${holds}`];
						return (
							<li data-holds={state}>
								<b>
									<span aria-hidden="true">{mark}</span> {what}
								</b>
								<span class="quiet">{text}</span>
							</li>
						);
					}}
				</For>
			</ul>
			<details>
				<summary>The numbers</summary>
				<dl class="numbers">
					<dt>Seed, known since the block before</dt>
					<dd>
						<code data-testid="seed">0x{props.draw.seed.toString(16).padStart(64, '0')}</code>
					</dd>
					<dt>Sum of all weights, ⌊stake · 2⁶⁴ / price²⌋ each</dt>
					<dd>
						<code>{String(props.draw.total)}</code>
					</dd>
					<dt>Point, ⌊seed · sum / 2²⁵⁶⌋</dt>
					<dd>
						<code data-testid="point">{String(props.draw.point)}</code>
					</dd>
					<dt>Fee at the request, and the band around it</dt>
					<dd>
						{whole(props.draw.request.feePerGas)}
						<Show when={props.draw.band}>
							{(band) => ` (${whole(band().floor)} to ${whole(band().ceiling)})`}
						</Show>
					</dd>
				</dl>
			</details>
		</div>
	);
}
