/** All slashes: those on hold, which governance may still cancel, and those that the page has read. */
import { createMemo, For, Show } from 'solid-js';
import type { EventData } from '../chain/types';
import { count, whole } from '../logic/amounts';
import { faultInWords } from '../logic/sentences';
import { link } from '../route';
import { Figure } from '../ui/figure';
import { createLatest } from '../ui/latest';
import { useLive, usePage } from '../ui/page';
import { Reading, Unread } from '../ui/reading';
import { type Column, Table } from '../ui/table';
import { Account, Amount, PoolTimeLeft } from '../ui/values';
import { PastSlashes } from './past';

/** A slash that the page has read. */
interface Slash extends EventData<'ProverPool.Slashed'> {
	/** The block of the chain. */
	number: number;
	state: 'applied' | 'cancelled' | 'on hold';
}

const TONES = { applied: 'bad', cancelled: 'info', 'on hold': 'warn' };

const COLUMNS: Column<Slash>[] = [
	{ name: 'Block', cell: (slash) => <a href={link.block(slash.blockId)}>{whole(slash.blockId)}</a> },
	{ name: 'Prover', cell: ({ who }) => <Account of={who} /> },
	{ name: 'Amount', cell: ({ amount }) => <Amount of={amount} /> },
	{ name: 'Why', cell: ({ fault }) => faultInWords(fault) },
	{
		name: 'State',
		cell: ({ state }) => (
			<span class="tag" data-tone={TONES[state]}>
				{state}
			</span>
		),
	},
	{ name: 'In block', class: 'quiet', cell: ({ number }) => `#${whole(number)}` },
];

export function Slashes() {
	const live = useLive();
	const { history } = usePage();
	const pending = createLatest(({ hash }) => live.chain.pendingSlashes(hash));
	const slashed = createMemo<Slash[]>(() => {
		const ends = new Map<bigint, 'applied' | 'cancelled'>();
		for (const { events } of live.blocks()) {
			for (const { name, data } of events) {
				if (name === 'ProverPool.SlashApplied') ends.set(data.blockId, 'applied');
				if (name === 'ProverPool.SlashCancelled') ends.set(data.blockId, 'cancelled');
			}
		}
		return live
			.blocks()
			.flatMap(({ number, events }) =>
				events.flatMap((event) => {
					if (event.name !== 'ProverPool.Slashed') return [];
					const deferred = events.some(
						({ name, data }) => name === 'ProverPool.SlashDeferred' && data.blockId === event.data.blockId,
					);
					const state: Slash['state'] = ends.get(event.data.blockId) ?? (deferred ? 'on hold' : 'applied');
					return [{ number, state, ...event.data }];
				}),
			)
			.reverse();
	});
	const sum = (state: Slash['state']) =>
		slashed()
			.filter((slash) => slash.state === state)
			.reduce((total, { amount }) => total + amount, 0n);
	const onHold = () => (pending.value() ?? []).reduce((total, { amount }) => total + amount, 0n);
	return (
		<>
			<header class="screen-head">
				<h1>Slashes</h1>
				<p class="quiet">since block {whole(live.blocks()[0]?.number ?? 0)} of the chain</p>
			</header>
			<section class="card">
				<dl class="figures">
					<Figure name="Slashes">{whole(slashed().length)}</Figure>
					<Figure name="Applied">
						<Amount of={sum('applied')} />
					</Figure>
					<Figure name="On hold" testid="on-hold">
						<Amount of={onHold()} />
					</Figure>
					<Figure name="Cancelled">
						<Amount of={sum('cancelled')} />
					</Figure>
				</dl>
			</section>
			<Unread problem={pending.problem()} />
			<section class="card" aria-labelledby="pending-title">
				<header class="card-head">
					<h2 id="pending-title">On hold</h2>
					<p class="quiet">Governance may cancel them until they are due.</p>
				</header>
				<Show when={pending.value()?.length !== 0} fallback={<p class="quiet">None.</p>}>
					<Show when={!pending.value() && !pending.problem()}>
						<Reading />
					</Show>
					<ul class="duties">
						<For each={pending.value()}>
							{(slash) => (
								<li>
									<a href={link.block(slash.blockId)}>
										<b>Block {whole(slash.blockId)}</b>
									</a>
									<span>
										<Account of={slash.who} /> loses <Amount of={slash.amount} />: {faultInWords(slash.fault)}
									</span>
									<Show when={slash.reporter}>
										{(reporter) => (
											<span>
												<Account of={reporter()[0]} /> gets up to <Amount of={reporter()[1]} /> of it
											</span>
										)}
									</Show>
									<span class="quiet">
										<Show when={slash.dueAt > live.market()!.poolClock.now} fallback="due: it is applied with the next blocks">
											due in <PoolTimeLeft of={slash.dueAt - live.market()!.poolClock.now} />
										</Show>
									</span>
								</li>
							)}
						</For>
					</ul>
				</Show>
			</section>
			<section class="card" aria-labelledby="slashed-title">
				<header class="card-head">
					<h2 id="slashed-title">{count(slashed().length, 'slash', 'slashes')} in the blocks that this page has read</h2>
				</header>
				<Table label="Slashes in the blocks that this page has read" columns={COLUMNS} rows={slashed()} />
			</section>
			<Show when={history}>
				<PastSlashes />
			</Show>
		</>
	);
}
