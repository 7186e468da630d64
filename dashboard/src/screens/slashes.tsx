/** All slashes: those on hold, which governance may still cancel, and those that the page has read. */
import { createMemo, For, Show } from 'solid-js';
import { count, whole } from '../logic/amounts';
import { faultInWords } from '../logic/sentences';
import { link } from '../route';
import { Figure } from '../ui/figure';
import { createLatest } from '../ui/latest';
import { useLive, usePage } from '../ui/page';
import { Account, Amount, BlocksLeft } from '../ui/values';
import { PastSlashes } from './past';

export function Slashes() {
	const live = useLive();
	const { history } = usePage();
	const pending = createLatest(({ hash }) => live.chain.pendingSlashes(hash));
	const slashed = createMemo(() => {
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
					const state = ends.get(event.data.blockId) ?? (deferred ? 'on hold' : 'applied');
					return [{ number, state, ...event.data }];
				}),
			)
			.reverse();
	});
	const sum = (state: string) =>
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
			<Show when={pending.problem()}>{(text) => <p class="note" data-tone="warn">{text()}</p>}</Show>
			<section class="card" aria-labelledby="pending-title">
				<header class="card-head">
					<h2 id="pending-title">On hold</h2>
					<p class="quiet">Governance may cancel them until they are due.</p>
				</header>
				<Show when={(pending.value() ?? []).length > 0} fallback={<p class="quiet">None.</p>}>
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
											due in <BlocksLeft of={slash.dueAt - live.market()!.poolClock.now} />
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
				<div class="table-scroll" tabindex="0" role="region" aria-labelledby="slashed-title">
					<table>
						<thead>
							<tr>
								<For each={['Block', 'Prover', 'Amount', 'Why', 'State', 'In block']}>
									{(name) => <th scope="col">{name}</th>}
								</For>
							</tr>
						</thead>
						<tbody>
							<For each={slashed()}>
								{(slash) => (
									<tr>
										<td>
											<a href={link.block(slash.blockId)}>{whole(slash.blockId)}</a>
										</td>
										<td>
											<Account of={slash.who} />
										</td>
										<td>
											<Amount of={slash.amount} />
										</td>
										<td>{faultInWords(slash.fault)}</td>
										<td>
											<span class="tag" data-tone={slash.state === 'cancelled' ? 'info' : slash.state === 'applied' ? 'bad' : 'warn'}>
												{slash.state}
											</span>
										</td>
										<td class="quiet">#{whole(slash.number)}</td>
									</tr>
								)}
							</For>
						</tbody>
					</table>
				</div>
			</section>
			<Show when={history}>
				<PastSlashes />
			</Show>
		</>
	);
}
