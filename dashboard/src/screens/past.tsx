/** What the history adds to the screens: settled blocks, a prover's past, all slashes. */
import { createResource, createSignal, For, Show } from 'solid-js';
import { history, type PastSlash, type Position } from '../history/history';
import { whole } from '../logic/amounts';
import type { Money } from '../logic/stories';
import { link } from '../route';
import { MoneyBar } from '../ui/money-bar';
import { Account, Amount, Whole } from '../ui/values';

/** Says which blocks the history has not read. */
function Gaps(props: { of: Position }) {
	return (
		<Show when={props.of.gaps[0]}>
			{(gap) => (
				<p class="note" data-tone="warn">
					The history lacks blocks {whole(gap().from_block)} to {whole(gap().to_block)}: {gap().reason}
				</p>
			)}
		</Show>
	);
}

function Failed(props: { error: unknown }) {
	return (
		<Show when={props.error}>
			<p class="note" data-tone="warn">
				{(props.error as Error).message}
			</p>
		</Show>
	);
}

/** What happened to a block and its money, in the words of the history. */
export function PastBlock(props: { blockId: bigint }) {
	const [past] = createResource(() => props.blockId, history.block);
	const answer = () => (past.error ? undefined : past());
	const money = (): Money | undefined => {
		const block = answer()?.block;
		if (!block?.escrow || block.paid === null || block.returned === null || block.forfeited === null) return undefined;
		const [escrow, paid, returned, forfeited] = [block.escrow, block.paid, block.returned, block.forfeited].map(BigInt);
		return { escrow, paid, returned, forfeited, addsUp: escrow === paid + returned + forfeited };
	};
	return (
		<section class="card" aria-labelledby="past-title">
			<header class="card-head">
				<h2 id="past-title">Why</h2>
				<p class="quiet">from the history</p>
			</header>
			<Failed error={past.error} />
			<Show when={answer()}>
				{(detail) => (
					<>
						<Gaps of={detail().position} />
						<ul class="why">
							<For each={detail().why}>{(sentence) => <li>{sentence}</li>}</For>
						</ul>
						<Show when={['verified', 'skipped', 'cancelled'].includes(detail().block.status) && money()}>
							{(sums) => <MoneyBar money={sums()} />}
						</Show>
					</>
				)}
			</Show>
		</section>
	);
}

/** A prover's offers and days. */
export function PastProver(props: { account: string }) {
	const [past] = createResource(() => props.account, history.prover);
	const answer = () => (past.error ? undefined : past());
	return (
		<section class="card" aria-labelledby="past-title">
			<header class="card-head">
				<h2 id="past-title">Its past</h2>
				<p class="quiet">from the history</p>
			</header>
			<Failed error={past.error} />
			<Show when={answer()}>
				{(detail) => (
					<>
						<Gaps of={detail().position} />
						<div class="table-scroll" tabindex="0" role="region" aria-label="Days">
							<table>
								<thead>
									<tr>
										<For each={['Day', 'Drawn', 'In time', 'Late', 'Missed', 'Rescued', 'Earned', 'Slashed']}>
											{(name) => <th scope="col">{name}</th>}
										</For>
									</tr>
								</thead>
								<tbody>
									<For each={detail().days}>
										{(day) => (
											<tr>
												<td>{new Date(day.start).toISOString().slice(0, 10)}</td>
												<For each={[day.assigned, day.in_time, day.late, day.missed, day.rescued]}>
													{(value) => (
														<td>
															<Whole of={value} />
														</td>
													)}
												</For>
												<td>
													<Amount of={BigInt(day.earned)} />
												</td>
												<td>
													<Amount of={BigInt(day.slashed)} />
												</td>
											</tr>
										)}
									</For>
								</tbody>
							</table>
						</div>
						<h3>Stake and price over time</h3>
						<div class="table-scroll" tabindex="0" role="region" aria-label="Offers">
							<table>
								<thead>
									<tr>
										<For each={['Block', 'Change', 'Stake', 'Price', 'Capacity']}>
											{(name) => <th scope="col">{name}</th>}
										</For>
									</tr>
								</thead>
								<tbody>
									<For each={detail().offers}>
										{(offer) => (
											<tr>
												<td>#{whole(offer.at.block)}</td>
												<td>{offer.change}</td>
												<td>
													<Amount of={BigInt(offer.stake)} />
												</td>
												<td>{offer.reward_per_gas === null ? '–' : whole(offer.reward_per_gas)}</td>
												<td>{offer.max_capacity === null ? '–' : whole(offer.max_capacity)}</td>
											</tr>
										)}
									</For>
								</tbody>
							</table>
						</div>
					</>
				)}
			</Show>
		</section>
	);
}

/** All slashes, page by page. */
export function PastSlashes() {
	const [cursor, setCursor] = createSignal<string>();
	const [rows, setRows] = createSignal<PastSlash[]>([]);
	const [page] = createResource(
		() => cursor() ?? 'first',
		async () => {
			const answer = await history.slashes(cursor());
			setRows((before) => [...before, ...answer.items]);
			return answer;
		},
	);
	const answer = () => (page.error ? undefined : page.latest);
	return (
		<section class="card" aria-labelledby="past-title">
			<header class="card-head">
				<h2 id="past-title">All slashes</h2>
				<p class="quiet">from the history</p>
			</header>
			<Failed error={page.error} />
			<Show when={answer()}>{(read) => <Gaps of={read().position} />}</Show>
			<div class="table-scroll" tabindex="0" role="region" aria-label="All slashes">
				<table>
					<thead>
						<tr>
							<For each={['Block', 'Prover', 'Slash', 'Fault', 'To the rescuer', 'Burnt', 'State']}>
								{(name) => <th scope="col">{name}</th>}
							</For>
						</tr>
					</thead>
					<tbody>
						<For each={rows()}>
							{(slash) => (
								<tr>
									<td>
										<a href={link.block(BigInt(slash.block_id))}>{whole(slash.block_id)}</a>
									</td>
									<td>
										<Account of={slash.who} />
									</td>
									<td>
										<Amount of={BigInt(slash.amount)} />
									</td>
									<td>{slash.fault}</td>
									<td>
										<Amount of={BigInt(slash.to_rescuer)} />
									</td>
									<td>
										<Amount of={BigInt(slash.burnt)} />
									</td>
									<td>{slash.state}</td>
								</tr>
							)}
						</For>
					</tbody>
				</table>
			</div>
			<Show when={answer()?.next}>
				{(next) => (
					<button type="button" disabled={page.loading} onClick={() => setCursor(next())}>
						Older ones
					</button>
				)}
			</Show>
		</section>
	);
}
