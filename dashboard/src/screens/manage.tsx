/** A member's own calls: terms, stake, pause, and leaving. */
import { createMemo, createSignal, Index, Show } from 'solid-js';
import type { PoolParameters, StakerRow } from '../chain/types';
import { parseAmount, parseWhole, tokens, whole } from '../logic/amounts';
import { MAX_PRICE } from '../logic/odds';
import { Act } from '../ui/act';
import { Field } from '../ui/field';
import { Figure } from '../ui/figure';
import { OlderOffer, Pips, StatusBadge } from '../ui/member-parts';
import { useInfo, useLive } from '../ui/page';
import { Amount, PoolTimeLeft, Whole } from '../ui/values';
import { link } from '../route';

export function Manage(props: { staker: StakerRow; pool: PoolParameters }) {
	const live = useLive();
	// The screen shows this for members only.
	const member = () => props.staker.prover!;
	const leaveFrom = () => member().enteredAt + props.pool.minChangeDelay + 1;
	const untilLeave = () => Math.max(0, leaveFrom() - live.market()!.poolClock.now);
	return (
		<>
			<section class="card" aria-labelledby="offer-title">
				<header class="card-head">
					<h2 id="offer-title">Your offer</h2>
					<span>
						<StatusBadge of={member()} /> <a href={link.prover(member().account)}>odds and record</a>
					</span>
				</header>
				<dl class="figures">
					<Figure name="Stake" testid="own-stake">
						<Amount of={member().offer.stake} />
					</Figure>
					<Figure name="Asks per gas" testid="own-price">
						<Whole of={member().offer.rewardPerGas} />
					</Figure>
					<Figure name="Free capacity" class="with-pips">
						<Pips free={member().currentCapacity} of={member().offer.maxCapacity} />
					</Figure>
					<Figure name="Slot">
						<Whole of={member().proverId} />
					</Figure>
				</dl>
				<OlderOffer of={member()} entryDelay={props.pool.entryDelay} />
			</section>
			<div class="side-by-side">
				<Terms staker={props.staker} pool={props.pool} />
				<Stake staker={props.staker} pool={props.pool} />
			</div>
			<section class="card" aria-labelledby="leave-title">
				<header class="card-head">
					<h2 id="leave-title">Pause or leave</h2>
				</header>
				<div class="actions">
					<Show
						when={member().offer.paused}
						fallback={<Act call={() => ({ call: 'pause' })} label="Pause" staker={props.staker} pool={props.pool} />}
					>
						<Act call={() => ({ call: 'resume' })} label="Resume" staker={props.staker} pool={props.pool} />
					</Show>
					<Act call={() => ({ call: 'exit' })} label="Leave the pool" staker={props.staker} pool={props.pool} />
				</div>
				<p class="quiet" data-testid="leave-note">
					<Show when={untilLeave() > 0} fallback="You may leave now.">
						You may leave from {live.market()!.poolClock.unit} {whole(leaveFrom())} on, in <PoolTimeLeft of={untilLeave()} />: a member stays for a while
						after it entered.
					</Show>{' '}
					The stake can be withdrawn <PoolTimeLeft of={props.pool.exitPeriod} /> later, when no block that it answers for is open.
				</p>
			</section>
		</>
	);
}

function Terms(props: { staker: StakerRow; pool: PoolParameters }) {
	const { market } = useLive();
	const offer = props.staker.prover!.offer;
	const [priceText, setPriceText] = createSignal(String(offer.rewardPerGas));
	const [capacityText, setCapacityText] = createSignal(String(offer.maxCapacity));
	const price = createMemo(() => parseWhole(priceText(), 1, MAX_PRICE));
	const capacity = createMemo(() => parseWhole(capacityText(), props.pool.minCapacity, props.pool.maxCapacity));
	const call = () => {
		const [priceOf, capacityOf] = [price().value, capacity().value];
		if (priceOf === undefined || capacityOf === undefined) return undefined;
		return { call: 'setTerms' as const, rewardPerGas: Number(priceOf), maxCapacity: Number(capacityOf) };
	};
	return (
		<section class="card stack" aria-labelledby="terms-title">
			<h2 id="terms-title">Terms</h2>
			<Field label="Price per gas" unit="base units" value={priceText()} parsed={price()} onInput={setPriceText}>
				the fee is <Whole of={market()!.fee} />
			</Field>
			<Field label="Capacity" unit="blocks at once" value={capacityText()} parsed={capacity()} onInput={setCapacityText}>
				from {whole(props.pool.minCapacity)} to {whole(props.pool.maxCapacity)}
			</Field>
			<Act call={call} label="Change the terms" staker={props.staker} pool={props.pool} />
		</section>
	);
}

function Stake(props: { staker: StakerRow; pool: PoolParameters }) {
	const info = useInfo();
	const [text, setText] = createSignal('');
	const parsed = createMemo(() => parseAmount(text(), info));
	const needed = () => props.pool.minStakePerCapacity * BigInt(props.staker.maxCapacity);
	const spare = () => {
		const rest = props.staker.prover!.offer.stake - needed();
		return rest > 0n ? rest : 0n;
	};
	const positive = () => (parsed().value ? parsed().value : undefined);
	return (
		<section class="card stack" aria-labelledby="stake-title">
			<h2 id="stake-title">Stake</h2>
			<Field label="Amount" unit={info.symbol} value={text()} parsed={parsed()} onInput={setText}>
				up to {tokens(spare(), info)} may leave at this capacity
			</Field>
			<div class="actions">
				<Act
					call={() => (positive() === undefined ? undefined : { call: 'stakeExtra', amount: positive()! })}
					label="Add to the stake"
					staker={props.staker}
					pool={props.pool}
				/>
				<Act
					call={() => (positive() === undefined ? undefined : { call: 'unstake', amount: positive()! })}
					label="Take from the stake"
					staker={props.staker}
					pool={props.pool}
				/>
			</div>
			<Index each={props.staker.exits}>
				{(exit) => (
					<Act
						call={() => ({ call: 'restake', exit: exit().id })}
						label={`Stake the exit of ${tokens(exit().amount, info)} again`}
						staker={props.staker}
						pool={props.pool}
					/>
				)}
			</Index>
		</section>
	);
}
