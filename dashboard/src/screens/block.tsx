/** A block of the rollup: its life, its claims, its money, and its draw. */
import { createMemo, For, Show } from 'solid-js';
import { whole } from '../logic/amounts';
import { sentenceOf } from '../logic/sentences';
import { positionOf } from '../logic/stages';
import { type Money, moneyOf, type Story } from '../logic/stories';
import { aheadOf } from '../logic/timeline';
import type { WaitingBlock } from '../chain/types';
import { link } from '../route';
import { Figure } from '../ui/figure';
import { createLatest } from '../ui/latest';
import { MoneyBar } from '../ui/money-bar';
import { useInfo, useLive, usePage } from '../ui/page';
import { Account, Amount, BlocksLeft, Parts, Time, Whole } from '../ui/values';
import { PastBlock } from './past';
import { CheckDraw } from './check-draw';

export function BlockScreen(props: { blockId: bigint }) {
	const live = useLive();
	const { history } = usePage();
	const waiting = createMemo(() => live.market()!.waiting.find(({ blockId }) => blockId === props.blockId));
	const story = createMemo(() => live.stories().get(props.blockId));
	const nextId = () => live.market()!.rollup?.nextId ?? 0n;
	const exists = () => props.blockId > 0n && props.blockId < nextId();
	return (
		<>
			<header class="screen-head">
				<h1>Block {whole(props.blockId)}</h1>
				<BlockState waiting={waiting()} story={story()} />
				<nav class="neighbours" aria-label="Neighbouring blocks">
					<Show when={props.blockId > 1n}>
						<a href={link.block(props.blockId - 1n)}>← {whole(props.blockId - 1n)}</a>
					</Show>
					<Show when={props.blockId + 1n < nextId()}>
						<a href={link.block(props.blockId + 1n)}>{whole(props.blockId + 1n)} →</a>
					</Show>
				</nav>
			</header>
			<Show when={exists()} fallback={<NotProposed />}>
				<Show when={waiting() ?? story()} fallback={<Before />}>
					<Facts waiting={waiting()} story={story()} />
					<div class="side-by-side">
						<Life waiting={waiting()} story={story()} />
						<div class="stack">
							<MoneyCard waiting={waiting()} story={story()} />
							<Claims waiting={waiting()} />
						</div>
					</div>
					<Show when={wasDrawn(waiting(), story())}>
						<CheckDraw blockId={props.blockId} drawnIn={story()?.assigned?.number} />
					</Show>
				</Show>
				<Show when={history}>
					<PastBlock blockId={props.blockId} />
				</Show>
			</Show>
		</>
	);
}

function wasDrawn(waiting: WaitingBlock | undefined, story: Story | undefined): boolean {
	return story?.assigned !== undefined || waiting?.status.type === 'Assigned';
}

function NotProposed() {
	const { market } = useLive();
	const latest = () => (market()!.rollup?.nextId ?? 1n) - 1n;
	return (
		<p class="note">
			No such block was proposed.{' '}
			<Show when={latest() > 0n}>
				The latest is <a href={link.block(latest())}>block {whole(latest())}</a>.
			</Show>
		</p>
	);
}

function Before() {
	const { blocks, readingBack } = useLive();
	const { history } = usePage();
	return (
		<Show when={!history}>
			<p class="note">
				<Show when={!readingBack()} fallback="Reading earlier blocks …">
					It was settled before block {whole(blocks()[0]?.number ?? 0)} of the chain, the first that this page has read. The
					chain itself does not remember settled blocks. <code>prover-pool dashboard --history FILE</code> does.
				</Show>
			</p>
		</Show>
	);
}

function BlockState(props: { waiting: WaitingBlock | undefined; story: Story | undefined }) {
	const { market } = useLive();
	const { protocol } = useInfo();
	const state = (): [string, string] => {
		const { settlement, verified } = props.story ?? {};
		if (settlement === 'verified') return [verified?.verdict === 'Rescued' ? 'rescued' : 'verified', 'good'];
		if (settlement) return [settlement, 'bad'];
		if (!props.waiting) return ['settled', 'plain'];
		const { cancelled, overdue, open, stage } = positionOf(props.waiting, market()!, protocol);
		if (cancelled) return ['cancelled', 'bad'];
		if (overdue) return ['overdue', 'bad'];
		if (open) return ['open to anybody', 'warn'];
		return { proposed: ['waits for its draw', 'plain'], drawn: ['drawn', 'info'], proven: ['cooling down', 'info'], inLine: ['in line', 'info'] }[
			stage
		] as [string, string];
	};
	return (
		<span class="tag big" data-tone={state()[1]} data-testid="block-state">
			{state()[0]}
		</span>
	);
}

function Facts(props: { waiting: WaitingBlock | undefined; story: Story | undefined }) {
	const { market } = useLive();
	const { protocol } = useInfo();
	const proposed = () => props.waiting ?? props.story?.proposed;
	const assigned = () => {
		const { waiting, story } = props;
		if (waiting?.status.type === 'Assigned') return waiting.status.value;
		return story?.assigned;
	};
	const openPrice = () => props.waiting && positionOf(props.waiting, market()!, protocol);
	return (
		<section class="card">
			<dl class="figures">
				<Show when={proposed()}>
					{(block) => (
						<>
							<Figure name="Proposed by">
								<Account of={block().proposer} />
							</Figure>
							<Figure name="Gas limit">
								<Whole of={block().gasLimit} />
							</Figure>
							<Figure name="Fee at the proposal">
								<Whole of={block().feePerGas} />
							</Figure>
						</>
					)}
				</Show>
				<Show when={assigned()}>
					{(duty) => (
						<>
							<Figure name="Drawn prover">
								<Account of={duty().prover} />
							</Figure>
							<Figure name="Agreed price per gas">
								<Whole of={duty().rewardPerGas} />
							</Figure>
						</>
					)}
				</Show>
				<Show when={openPrice()?.open}>
					<Figure name="Pays now, per gas">
						<Whole of={openPrice()!.price ?? 0} />
					</Figure>
				</Show>
			</dl>
		</section>
	);
}

function Life(props: { waiting: WaitingBlock | undefined; story: Story | undefined }) {
	const live = useLive();
	const { protocol } = useInfo();
	const parameters = createLatest(({ hash }) => live.chain.parameters(hash));
	const moments = () => props.story?.moments ?? [];
	const ahead = () => {
		const pool = parameters.value();
		return props.waiting && pool ? aheadOf(props.waiting, live.market()!, protocol, pool.drawDelay) : [];
	};
	return (
		<section class="card" aria-labelledby="life-title">
			<header class="card-head">
				<h2 id="life-title">Its life</h2>
			</header>
			<Show when={!props.story?.proposed}>
				<p class="quiet">The page has not read the block in which it was proposed.</p>
			</Show>
			<ol class="timeline">
				<For each={moments()}>
					{({ number, time, event }) => {
						const sentence = sentenceOf(event, [event]);
						return (
							<Show when={sentence}>
								{(text) => (
									<li data-tone={text().tone}>
										<span class="quiet">
											#{whole(number)} · <Time number={number} time={time} />
										</span>
										<span>
											<span class="tag" data-tone={text().tone}>
												{text().what}
											</span>{' '}
											<Parts of={text().parts} />
										</span>
									</li>
								)}
							</Show>
						);
					}}
				</For>
				<For each={ahead()}>
					{({ what, left, late }) => (
						<li class="ahead" data-tone={late ? 'bad' : 'plain'}>
							<span class="quiet">
								<Show when={!late} fallback="since then">
									<Show when={left > 0} fallback="now">
										in <BlocksLeft of={left} />
									</Show>
								</Show>
							</span>
							<span>{late ? `${what}, and has not` : what}</span>
						</li>
					)}
				</For>
			</ol>
		</section>
	);
}

function MoneyCard(props: { waiting: WaitingBlock | undefined; story: Story | undefined }) {
	const info = useInfo();
	const settled = (): Money | undefined => props.story && moneyOf(props.story);
	return (
		<section class="card" aria-labelledby="money-title">
			<header class="card-head">
				<h2 id="money-title">Its money</h2>
			</header>
			<Show when={settled()}>{(money) => <MoneyBar money={money()} />}</Show>
			<Show when={!settled() && props.waiting}>
				{(block) => (
					<>
						<p>
							<Amount of={block().escrow.held} digits={info.decimals} /> of the proposer’s tokens are in escrow
							<Show when={block().escrow.initial > block().escrow.held}>
								; <Amount of={block().escrow.initial - block().escrow.held} digits={info.decimals} /> went back at the draw
							</Show>
							.
						</p>
						<p class="quiet">When the block is settled, the escrow is paid, returned or forfeited, to the base unit.</p>
					</>
				)}
			</Show>
			<Show when={props.story?.slash}>
				{(slash) => (
					<p>
						<Account of={slash().who} /> was slashed by <Amount of={slash().amount} digits={info.decimals} />:{' '}
						<Amount of={slash().fromStake} digits={info.decimals} /> of its stake,{' '}
						<Amount of={slash().fromExits} digits={info.decimals} /> of its exits.
					</p>
				)}
			</Show>
		</section>
	);
}

function Claims(props: { waiting: WaitingBlock | undefined }) {
	const claims = () => {
		const { status, others } = props.waiting ?? {};
		const own = status?.type === 'Assigned' && status.value.delivery.type === 'Claimed' ? [status.value.delivery.value] : [];
		return [...own, ...(others ?? [])];
	};
	return (
		<Show when={claims().length > 0}>
			<section class="card" aria-labelledby="claims-title">
				<header class="card-head">
					<h2 id="claims-title">Claims that wait for verification</h2>
				</header>
				<For each={claims()}>
					{(claim) => (
						<dl class="numbers">
							<dt>By</dt>
							<dd>
								<Account of={claim.prover} /> at <Whole of={claim.rewardPerGas} /> per gas
							</dd>
							<dt>Gas used</dt>
							<dd>
								<Whole of={claim.execution.gasUsed} />
							</dd>
							<dt>Block hash</dt>
							<dd>
								<code>{claim.execution.blockHash}</code>
							</dd>
							<dt>On the parent</dt>
							<dd>
								<code>{claim.execution.parentHash}</code>
							</dd>
							<Show when={claim.bond > 0n}>
								<dt>Bond</dt>
								<dd>
									<Amount of={claim.bond} />
								</dd>
							</Show>
						</dl>
					)}
				</For>
			</section>
		</Show>
	);
}
