/** What an account owes, and when its exits are free. */
import { Index, Show } from 'solid-js';
import type { Duty, Exit } from '../chain/types';
import { count, whole } from '../logic/amounts';
import { positionOf } from '../logic/stages';
import { link } from '../route';
import { useInfo, useLive } from './page';
import { Ring } from './ring';
import { Amount, BlocksLeft, PoolTimeLeft, Whole } from './values';

/** The assignments that are not closed, those that need work first. */
export function Duties(props: { of: Duty[] }) {
	const live = useLive();
	const { protocol } = useInfo();
	const rows = () => {
		const market = live.market()!;
		return props.of
			.map((duty) => {
				const block = market.waiting.find(({ blockId }) => blockId === duty.blockId);
				return { duty, position: block && positionOf(block, market, protocol) };
			})
			.sort((a, b) => Number(a.duty.assignment.released) - Number(b.duty.assignment.released));
	};
	return (
		<section class="card" aria-labelledby="duties-title">
			<header class="card-head">
				<h2 id="duties-title">What it owes</h2>
				<p class="quiet">{count(props.of.length, 'block')} for which it can be slashed</p>
			</header>
			<Show when={props.of.length > 0} fallback={<p class="quiet">Nothing.</p>}>
				<ul class="duties">
					<Index each={rows()}>
						{(row) => (
							<li data-released={row().duty.assignment.released ? 'yes' : 'no'}>
								<a href={link.block(row().duty.blockId)}>
									<b>Block {whole(row().duty.blockId)}</b>
								</a>
								<Show when={row().position?.wait}>
									{(wait) => <Ring left={wait().left} of={wait().of} tone={row().position!.overdue ? 'bad' : 'plain'} />}
								</Show>
								<span>
									<Show
										when={!row().duty.assignment.released}
										fallback="proven; it is closed when the block is settled"
									>
										<Show when={!row().position?.overdue} fallback={<b class="missed">overdue: anybody may prove it now</b>}>
											<Show when={row().position?.wait}>
												{(wait) => (
													<>
														to prove within <BlocksLeft of={wait().left} />
													</>
												)}
											</Show>
										</Show>
									</Show>
								</span>
								<span class="quiet">
									at <Whole of={row().duty.assignment.rewardPerGas} /> per gas
								</span>
							</li>
						)}
					</Index>
				</ul>
			</Show>
		</section>
	);
}

/** The exits as a calendar: when each can be withdrawn, and why not yet. */
export function Exits(props: { of: Exit[] }) {
	const live = useLive();
	const left = (exit: Exit) => Math.max(0, exit.maturesAt + 1 - live.market()!.poolClock.now);
	const date = (exit: Exit) => new Date(Date.now() + left(exit) * live.poolStep());
	return (
		<Show when={props.of.length > 0}>
			<section class="card" aria-labelledby="exits-title">
				<header class="card-head">
					<h2 id="exits-title">Exits</h2>
				</header>
				<ul class="duties">
					<Index each={props.of}>
						{(exit) => (
							<li>
								<b>
									<Amount of={exit().amount} />
								</b>
								<Show when={left(exit()) > 0 || exit().duties > 0} fallback={<span class="tag" data-tone="good">can be withdrawn</span>}>
									<span>
										<Show when={left(exit()) > 0} fallback="its date has come">
											free in <PoolTimeLeft of={left(exit())} />, about{' '}
											<time dateTime={date(exit()).toISOString()}>{date(exit()).toLocaleString()}</time>
										</Show>
										<Show when={exit().duties > 0}>
											; it still answers for {count(exit().duties, 'block')} that must be settled first
										</Show>
									</span>
								</Show>
								<span class="quiet">after {live.market()!.poolClock.unit} {whole(exit().maturesAt)}</span>
							</li>
						)}
					</Index>
				</ul>
			</section>
		</Show>
	);
}
