/** An account of the pool: what it owes first, then its odds, its income, its record and its exits. */
import { createMemo, type JSX, Show } from 'solid-js';
import { whole } from '../logic/amounts';
import { FIXED, type Prospect, prospectsOf } from '../logic/income';
import { candidatesOf, drawnOffer } from '../logic/listing';
import { oddsAt } from '../logic/odds';
import { accountsOf } from '../logic/sentences';
import { createMembers } from '../live/members';
import { OddsCurve } from '../ui/curve';
import { Duties, Exits } from '../ui/duties';
import { Figure } from '../ui/figure';
import { createLatest } from '../ui/latest';
import { OlderOffer, Pips, StatusBadge } from '../ui/member-parts';
import { useInfo, useLive, useNames, usePage } from '../ui/page';
import { Reading, Unread } from '../ui/reading';
import { Lines, linesOf } from '../ui/ticker';
import { Amount, Mark, Share, Whole } from '../ui/values';
import { PastProver } from './past';

/** The points of the curve. */
const POINTS = 80;
const LINES = 40;

export function Prover(props: { address: string }) {
	const live = useLive();
	const account = () => live.chain.normalise(props.address);
	return (
		<Show
			when={account()}
			fallback={<p class="note" data-tone="bad">This is not an address of an account. Copy it from a wallet or from the list of provers.</p>}
		>
			{(who) => <Known account={who()} />}
		</Show>
	);
}

function Known(props: { account: string }) {
	const live = useLive();
	const info = useInfo();
	const { protocol, lottery } = info;
	const { history } = usePage();
	const nameOf = useNames();
	const { members } = createMembers(live);
	const read = createLatest(
		async ({ hash }) => {
			const [staker, duties, pool] = await Promise.all([
				live.chain.staker(props.account, hash),
				live.chain.duties(props.account, hash),
				live.chain.parameters(hash),
			]);
			return { staker, duties, pool };
		},
		() => props.account,
	);
	const member = () => read.value()?.staker.prover;
	const row = createMemo(() => members()?.rows.find(({ account }) => account === props.account));
	const candidates = createMemo(() => candidatesOf(members()?.rows ?? []));
	const fee = () => live.market()!.fee;
	const curve = createMemo(() => {
		const prover = member();
		if (!prover || !row() || row()!.weight === 0n) return [];
		const last = Math.min(protocol.maxFeePerGas, Math.max(fee() * 2, drawnOffer(prover).rewardPerGas * 2));
		const first = protocol.minFeePerGas;
		return Array.from({ length: POINTS + 1 }, (_, i) => {
			const at = Math.round(first + ((last - first) * i) / POINTS);
			return { fee: at, odds: oddsAt(candidates(), at, lottery).get(prover.proverId) ?? 0n };
		});
	});
	const prospects = createMemo(() => {
		const [value, market] = [read.value(), live.market()!];
		if (!value) return undefined;
		const { staker, pool } = value;
		return prospectsOf(staker, market.poolClock.now, { info, pool, market, blockTime: live.blockTime() });
	});
	const verified = createMemo(() =>
		[...live.stories().values()].filter(({ verified }) => verified?.prover === props.account),
	);
	const earned = () => verified().reduce((sum, { verified }) => sum + (verified?.paid ?? 0n), 0n);
	const lines = createMemo(() => linesOf(live.blocks(), LINES, (event) => accountsOf(event).includes(props.account)));
	return (
		<>
			<header class="screen-head">
				<Mark of={props.account} size={40} />
				<div class="screen-title">
					<h1>{nameOf(props.account) ?? `${props.account.slice(0, 8)}…`}</h1>
					<code>{props.account}</code>
				</div>
				<Show when={member()}>{(prover) => <StatusBadge of={prover()} />}</Show>
			</header>
			<Unread problem={read.problem()} />
			<Show when={read.value()} fallback={<Reading />}>
				{(value) => (
					<>
						<Duties of={value().duties} />
						<Show
							when={member()}
							fallback={
								<p class="note">
									This account is not in the pool. <a href="#/mine">See what a stake would bring.</a>
								</p>
							}
						>
							{(prover) => (
								<section class="card">
									<dl class="figures">
										<Figure name="Stake" testid="stake">
											<Amount of={prover().offer.stake} />
										</Figure>
										<Figure name="Asks per gas">
											<Whole of={prover().offer.rewardPerGas} />
										</Figure>
										<Figure name="Would be paid at this fee">
											<ByOffer of={prospects()} value={({ agreed }) => agreed} show={(price) => <Whole of={price} />} />
										</Figure>
										<Figure name="Odds of the next draw">
											<Show when={row()} fallback="–">
												{(listed) => <Share of={listed().share} />}
											</Show>
										</Figure>
										<Figure name="Free capacity" class="with-pips">
											<Pips free={prover().currentCapacity} of={prover().offer.maxCapacity} />
										</Figure>
										<Figure name="Slot">
											<Whole of={prover().proverId} />
										</Figure>
										<Figure name="Most it can earn in a day, with full blocks">
											<ByOffer
												of={prospects()}
												value={({ income }) => income}
												show={(income) => <Amount of={income} digits={2} />}
											/>
										</Figure>
										<Figure name="One missed full block costs" testid="slash">
											<ByOffer
												of={prospects()}
												value={({ slash }) => slash}
												show={(slash) => <Amount of={slash} digits={4} />}
											/>
										</Figure>
									</dl>
									<OlderOffer of={prover()} entryDelay={value().pool.entryDelay} />
								</section>
							)}
						</Show>
						<div class="side-by-side">
							<section class="card" aria-labelledby="curve-title">
								<header class="card-head">
									<h2 id="curve-title">Odds against the fee</h2>
								</header>
								<Show when={curve().length > 0} fallback={<p class="quiet">It cannot be drawn now.</p>}>
									<OddsCurve points={curve()} present={fee()} />
								</Show>
							</section>
							<section class="card" aria-labelledby="record-title">
								<header class="card-head">
									<h2 id="record-title">Its record</h2>
								</header>
								<dl class="figures">
									<Figure name="Drawn">
										<Whole of={value().staker.record.assigned} />
									</Figure>
									<Figure name="Served" testid="served">
										<Whole of={value().staker.record.served} />
									</Figure>
									<Figure name="Missed">
										<Whole of={value().staker.record.missed} />
									</Figure>
									<Figure name="Misses in a row">
										<Whole of={value().staker.record.missesInARow} />
									</Figure>
									<Figure name="Earned in the blocks that this page has read">
										<Amount of={earned()} />
									</Figure>
									<Figure name="Held by the pool">
										<Amount of={value().staker.held} />
									</Figure>
								</dl>
								<p class="quiet">
									The window of a prover drawn now is {protocol.windowMultiplier} % of the average delay of{' '}
									{(Number((live.market()!.averages.delay * 10n) / FIXED) / 10).toFixed(1)} blocks, within its limits.
								</p>
							</section>
						</div>
						<Exits of={value().staker.exits} />
						<section class="card" aria-labelledby="events-title">
							<header class="card-head">
								<h2 id="events-title">What it did</h2>
								<p class="quiet">
									since block {whole(live.blocks()[0]?.number ?? 0)} of the chain
								</p>
							</header>
							<Lines of={lines()} empty={`The page has read no event of ${nameOf(props.account) ?? 'this account'}.`} />
						</section>
						<Show when={history}>
							<PastProver account={props.account} />
						</Show>
					</>
				)}
			</Show>
		</>
	);
}

/** A figure by the offer that draws use, and by the later one where that differs. */
function ByOffer<Value extends number | bigint>(props: {
	of: ReturnType<typeof prospectsOf> | undefined;
	value: (prospect: Prospect) => Value;
	show: (value: Value) => JSX.Element;
}) {
	const valueOf = (prospect: Prospect | undefined) => prospect && props.value(prospect);
	const drawn = () => valueOf(props.of?.drawn);
	const later = () => {
		const value = valueOf(props.of?.later);
		return value === drawn() ? undefined : value;
	};
	return (
		<>
			{drawn() === undefined ? '–' : props.show(drawn()!)}
			<Show when={later() !== undefined}>
				<small class="later"> by the new offer {props.show(later()!)}</small>
			</Show>
		</>
	);
}
