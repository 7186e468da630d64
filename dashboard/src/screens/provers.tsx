/** All members of the pool. A slider shows what another fee would do to their odds. */
import { createMemo, createSignal, For, onCleanup, Show } from 'solid-js';
import { count, whole } from '../logic/amounts';
import { type Filter, type Row, rowsAt, select, type Sort } from '../logic/listing';
import { lastSeenOf } from '../logic/last-seen';
import { createMembers } from '../live/members';
import { Bar, Pips, StatusBadge } from '../ui/member-parts';
import { useInfo, useLive, useNames } from '../ui/page';
import { Unread } from '../ui/reading';
import { Account, Amount, Share, Whole } from '../ui/values';
import { VirtualList } from '../ui/virtual-list';

const FILTERS: [Filter, string][] = [
	['all', 'All'],
	['drawable', 'Can be drawn now'],
	['waiting', 'Waiting'],
	['paused', 'Paused'],
	['suspended', 'Suspended'],
];

const COLUMNS: [Sort | undefined, string][] = [
	['slot', 'Slot'],
	[undefined, 'Prover'],
	['odds', 'Odds'],
	['price', 'Asks'],
	[undefined, 'Would be paid'],
	['stake', 'Stake'],
	[undefined, 'Capacity'],
	['served', 'Served / missed'],
	[undefined, 'Last seen'],
];

const ROW_HEIGHT = 56;
/** The row's height where the window is narrow, and a member has three lines. */
const NARROW_ROW_HEIGHT = 132;
const NARROW = '(max-width: 860px)';

export function Provers() {
	const live = useLive();
	const { protocol, lottery } = useInfo();
	const nameOf = useNames();
	const { members, problem, progress } = createMembers(live);
	const [chosenFee, setChosenFee] = createSignal<number>();
	const [search, setSearch] = createSignal('');
	const [filter, setFilter] = createSignal<Filter>('all');
	const [sort, setSort] = createSignal<Sort>('odds');
	const media = matchMedia(NARROW);
	const [narrow, setNarrow] = createSignal(media.matches);
	const measure = () => setNarrow(media.matches);
	media.addEventListener('change', measure);
	onCleanup(() => media.removeEventListener('change', measure));

	const fee = () => chosenFee() ?? live.market()!.fee;
	const rows = createMemo<Row[]>(() => {
		const read = members();
		return read ? rowsAt(read.rows, fee(), lottery) : [];
	});
	const shown = createMemo(() => select(rows(), { search: search(), filter: filter(), sort: sort() }, nameOf));
	const most = createMemo(() => rows().reduce((high, { odds }) => (odds > high ? odds : high), 0n));
	const lastSeen = createMemo(() => lastSeenOf(live.blocks()));
	const complete = () => members()?.complete === true;
	return (
		<>
			<header class="screen-head">
				<h1>Provers</h1>
				<p class="quiet" aria-busy={!complete()}>
					<Show when={members()} fallback="Reading the members …">
						{(read) => (
							<>
								{count(complete() ? read().rows.length : progress(), 'member')}
								{complete() ? ` after block ${whole(read().number)}` : ' read so far. Odds follow when all are read.'}
							</>
						)}
					</Show>
				</p>
			</header>
			<Unread problem={problem()} />
			<section class="card fee-slider" aria-label="Odds at another fee">
				<label for="fee">
					At a fee of <b data-testid="slider-fee">{whole(fee())}</b> per gas
					<Show when={chosenFee() !== undefined} fallback={<span class="quiet"> (the present one)</span>}>
						{' '}
						<button type="button" class="small" onClick={() => setChosenFee(undefined)}>
							Back to {whole(live.market()!.fee)}
						</button>
					</Show>
				</label>
				<input
					id="fee"
					type="range"
					min={protocol.minFeePerGas}
					max={Math.min(protocol.maxFeePerGas, live.market()!.fee * 4)}
					step="1"
					value={fee()}
					onInput={(event) => setChosenFee(Number(event.currentTarget.value))}
				/>
				<p class="quiet">
					A price counts between {lottery.priceFloorPercent} % and {lottery.priceCeilingPercent} % of the fee. One below or above
					is drawn, and paid, as the nearer of the two.
				</p>
			</section>
			<div class="toolbar">
				<input
					type="search"
					aria-label="Search by name, address or slot"
					placeholder="Name, address or slot"
					value={search()}
					onInput={(event) => setSearch(event.currentTarget.value)}
				/>
				<select aria-label="Status" value={filter()} onChange={(event) => setFilter(event.currentTarget.value as Filter)}>
					<For each={FILTERS}>{([value, text]) => <option value={value}>{text}</option>}</For>
				</select>
				<select
					class="narrow-only"
					aria-label="Order"
					value={sort()}
					onChange={(event) => setSort(event.currentTarget.value as Sort)}
				>
					<For each={COLUMNS.filter(([by]) => by)}>{([by, text]) => <option value={by}>By {text.toLowerCase()}</option>}</For>
				</select>
				<span class="quiet">{count(shown().length, 'row')}</span>
			</div>
			<section class="card members" role="table" aria-label="Members" aria-rowcount={shown().length}>
				<div class="member-row member-head" role="row">
					<For each={COLUMNS}>
						{([by, text]) => (
							<span role="columnheader" aria-sort={by && by === sort() ? 'descending' : undefined}>
								<Show when={by} fallback={text}>
									<button type="button" class="link-like" onClick={() => setSort(by!)}>
										{text}
										{by === sort() ? ' ↓' : ''}
									</button>
								</Show>
							</span>
						)}
					</For>
				</div>
				<VirtualList
					items={shown()}
					rowHeight={narrow() ? NARROW_ROW_HEIGHT : ROW_HEIGHT}
					label="Members"
					class="member-rows"
				>
					{(row, index) => (
						<MemberLine
							row={row()}
							index={index()}
							most={most()}
							complete={complete()}
							lastSeen={lastSeen().get(row().member.account)}
						/>
					)}
				</VirtualList>
				<Show when={shown().length === 0 && members()}>
					<p class="quiet nothing">No member matches.</p>
				</Show>
			</section>
		</>
	);
}

function MemberLine(props: {
	row: Row;
	index: number;
	most: bigint;
	complete: boolean;
	lastSeen: number | undefined;
}) {
	const member = () => props.row.member;
	const record = () => member().record;
	return (
		<div class="member-row" role="row" aria-rowindex={props.index + 1} data-account={member().account}>
			<span role="cell" class="quiet">
				{whole(member().proverId)}
			</span>
			<span role="cell" class="member-name">
				<Account of={member().account} /> <StatusBadge of={member()} />
			</span>
			<span role="cell" class="member-odds">
				<Show when={props.complete} fallback="…">
					<Share of={props.row.odds} />
					<Bar share={props.row.odds} most={props.most} />
				</Show>
			</span>
			<span role="cell" data-label="asks">
				<Whole of={member().offer.rewardPerGas} />
				<Show when={member().listed}>
					{(listed) => <small title="Draws still use the older offer"> was {whole(listed().rewardPerGas)}</small>}
				</Show>
			</span>
			<span role="cell" data-label="paid">
				<Show when={props.row.agreed} fallback="–">
					{(price) => <Whole of={price()} />}
				</Show>
			</span>
			<span role="cell" data-label="stake">
				<Amount of={member().offer.stake} digits={2} />
			</span>
			<span role="cell">
				<Pips free={member().currentCapacity} of={member().offer.maxCapacity} />
			</span>
			<span role="cell" data-label="served">
				<Whole of={record().served} />
				<Show when={record().missed > 0} fallback=" / 0">
					{' / '}
					<b class="missed">{whole(record().missed)}</b>
				</Show>
			</span>
			<span role="cell" class="quiet">
				<Show when={props.lastSeen} fallback="–">
					{(number) => `#${whole(number())}`}
				</Show>
			</span>
		</div>
	);
}
