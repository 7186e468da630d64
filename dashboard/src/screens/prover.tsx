/** An account of the pool: what it owes first, then its odds, its income, its record and its exits. */
import { createMemo, Show } from 'solid-js';
import { whole } from '../logic/amounts';
import { FIXED, incomeAtFullUse, slashOf } from '../logic/income';
import { candidatesOf } from '../logic/listing';
import { clamp, band, oddsAt } from '../logic/odds';
import { accountsOf } from '../logic/sentences';
import { cost } from '../logic/stages';
import { createMembers } from '../live/members';
import { createBand } from '../ui/band';
import { OddsCurve } from '../ui/curve';
import { Duties, Exits } from '../ui/duties';
import { Figure } from '../ui/figure';
import { createLatest } from '../ui/latest';
import { Pips, StatusBadge } from '../ui/member-parts';
import { useInfo, useLive, useNames, usePage } from '../ui/page';
import { Lines, linesOf } from '../ui/ticker';
import { Amount, Mark, Share, Whole } from '../ui/values';
import { PastProver } from './past';

/** The points of the curve. */
const POINTS = 80;
const MS_A_DAY = 86_400_000;
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
	const { protocol } = useInfo();
	const { history } = usePage();
	const nameOf = useNames();
	const percents = createBand();
	const { members } = createMembers(live);
	const read = createLatest(
		async ({ hash }) => {
			const [staker, duties, { pool }] = await Promise.all([
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
	const agreed = () => {
		const [offer, prices] = [member()?.offer, percents() && band(fee(), percents()!)];
		return offer && prices ? clamp(offer.rewardPerGas, prices) : undefined;
	};
	const curve = createMemo(() => {
		const [prover, band] = [member(), percents()];
		if (!prover || !band || !row() || row()!.weight === 0n) return [];
		const last = Math.min(protocol.maxFeePerGas, Math.max(fee() * 2, prover.offer.rewardPerGas * 2));
		const first = protocol.minFeePerGas;
		return Array.from({ length: POINTS + 1 }, (_, i) => {
			const at = Math.round(first + ((last - first) * i) / POINTS);
			return { fee: at, odds: oddsAt(candidates(), at, band).get(prover.proverId) ?? 0n };
		});
	});
	const income = () => {
		const [prover, price] = [member(), agreed()];
		if (!prover || price === undefined) return 0n;
		const blocks = Math.round(MS_A_DAY / live.blockTime());
		const averageDelay = live.market()!.averages.delay;
		return incomeAtFullUse(protocol, { capacity: prover.offer.maxCapacity, price, averageDelay, blocks });
	};
	const worstSlash = () => {
		const [value, price] = [read.value(), agreed()];
		if (!value?.staker.prover || price === undefined) return 0n;
		const { stake, maxCapacity } = value.staker.prover.offer;
		const reward = cost(protocol, protocol.maxGasLimit, price);
		return slashOf(value.pool, { answering: stake, capacity: maxCapacity, reward });
	};
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
			<Show when={read.problem()}>{(text) => <p class="note" data-tone="warn">{text()}</p>}</Show>
			<Show when={read.value()} fallback={<p class="quiet">Reading …</p>}>
				{(value) => (
					<>
						<Duties of={value().duties} pool={value().pool} />
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
											<Show when={agreed()} fallback="–">
												{(price) => <Whole of={price()} />}
											</Show>
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
											<Amount of={income()} digits={2} />
										</Figure>
										<Figure name="One missed full block costs">
											<Amount of={worstSlash()} digits={4} />
										</Figure>
									</dl>
									<Show when={prover().listed}>
										{(listed) => (
											<p class="note">
												Draws still use its older offer: <Amount of={listed().stake} /> at {whole(listed().rewardPerGas)} for{' '}
												{whole(listed().maxCapacity)} blocks at once
												{listed().paused ? ', paused' : ''}.
											</p>
										)}
									</Show>
								</section>
							)}
						</Show>
						<div class="side-by-side">
							<section class="card" aria-labelledby="curve-title">
								<header class="card-head">
									<h2 id="curve-title">Odds against the fee</h2>
								</header>
								<Show when={curve().length > 0} fallback={<p class="quiet">It cannot be drawn now.</p>}>
									<OddsCurve points={curve()} present={fee()} marks={[]} />
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
