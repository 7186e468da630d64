/** Enters the pool: amount, price and capacity, and what they would bring and risk. */
import { createMemo, createSignal, Show } from 'solid-js';
import type { PoolCall, PoolParameters, StakerRow } from '../chain/types';
import { amount, count, parseAmount, parseWhole, tokens, whole } from '../logic/amounts';
import { prospectOf } from '../logic/income';
import { candidatesOf } from '../logic/listing';
import { MAX_PRICE, oddsOfOffer } from '../logic/odds';
import { createMembers } from '../live/members';
import { Act } from '../ui/act';
import { Field } from '../ui/field';
import { Figure } from '../ui/figure';
import { useInfo, useLive } from '../ui/page';
import { Amount, BlocksLeft, PoolTimeLeft, Share, Whole } from '../ui/values';

export function Enter(props: { staker: StakerRow; pool: PoolParameters; free: bigint }) {
	const live = useLive();
	const info = useInfo();
	const { members } = createMembers(live);
	const [stakeText, setStakeText] = createSignal(
		amount(props.pool.minStakePerCapacity * BigInt(props.pool.minCapacity), info),
	);
	const [priceText, setPriceText] = createSignal(String(live.market()!.fee));
	const [capacityText, setCapacityText] = createSignal(String(props.pool.minCapacity));

	const capacity = createMemo(() => parseWhole(capacityText(), props.pool.minCapacity, props.pool.maxCapacity));
	const price = createMemo(() => parseWhole(priceText(), 1, MAX_PRICE));
	const least = () => props.pool.minStakePerCapacity * (capacity().value ?? 0n);
	const stake = createMemo(() => {
		const parsed = parseAmount(stakeText(), info);
		if (parsed.value === undefined || parsed.value >= least()) return parsed;
		return { problem: `At least ${tokens(least(), info)} for this capacity.` };
	});
	const offer = createMemo(() => {
		const [amountOf, priceOf, capacityOf] = [stake().value, price().value, capacity().value];
		if (amountOf === undefined || priceOf === undefined || capacityOf === undefined) return undefined;
		return { stake: amountOf, price: Number(priceOf), capacity: Number(capacityOf) };
	});
	const call = (): PoolCall | undefined => {
		const now = offer();
		return now && { call: 'stake', amount: now.stake, rewardPerGas: now.price, maxCapacity: now.capacity };
	};
	return (
		<section class="card" aria-labelledby="enter-title">
			<header class="card-head">
				<h2 id="enter-title">Enter the pool</h2>
				<p class="quiet">You stake tokens, and prove the blocks that you are drawn for.</p>
			</header>
			<div class="side-by-side">
				<div class="stack">
					<Field label="Stake" unit={info.symbol} value={stakeText()} parsed={stake()} onInput={setStakeText}>
						at least <Amount of={least()} /> for this capacity; <Amount of={props.free} digits={2} /> are free
					</Field>
					<Field label="Price per gas" unit="base units" value={priceText()} parsed={price()} onInput={setPriceText}>
						the fee is <Whole of={live.market()!.fee} />; a lower price is drawn more often
					</Field>
					<Field label="Capacity" unit="blocks at once" value={capacityText()} parsed={capacity()} onInput={setCapacityText}>
						from {whole(props.pool.minCapacity)} to {whole(props.pool.maxCapacity)}
					</Field>
				</div>
				<Show when={offer()} fallback={<p class="quiet">Fill in the three fields to see what they bring.</p>}>
					{(now) => {
						const odds = () =>
							oddsOfOffer(candidatesOf(members()?.rows ?? []), now(), live.market()!.fee, info.lottery);
						const prospect = () =>
							prospectOf({ rewardPerGas: now().price, maxCapacity: now().capacity }, now().stake, {
								info,
								pool: props.pool,
								market: live.market()!,
								blockTime: live.blockTime(),
							});
						return (
							<dl class="figures prospect">
								<Figure name="Odds of each draw" testid="offered-odds">
									<Show when={members()?.complete} fallback="…">
										<Share of={odds()} />
									</Show>
								</Figure>
								<Show when={prospect()}>
									{(would) => (
										<>
											<Figure name="Paid at this fee, per gas">
												<Whole of={would().agreed} />
											</Figure>
											<Figure name="A full block pays">
												<Amount of={would().reward} digits={4} />
											</Figure>
											<Figure name="Most in a day, with all capacity in use">
												<Amount of={would().income} digits={2} />
											</Figure>
											<Figure name="One missed full block costs">
												<Amount of={would().slash} digits={4} />
											</Figure>
										</>
									)}
								</Show>
								<Figure name="First draw, at the earliest">
									in <BlocksLeft of={props.pool.entryDelay} />
								</Figure>
								<Figure name="You may leave after">
									<PoolTimeLeft of={props.pool.minChangeDelay} />
								</Figure>
								<Figure name="Then your stake is free after">
									<PoolTimeLeft of={props.pool.exitPeriod} />
								</Figure>
							</dl>
						);
					}}
				</Show>
			</div>
			<p class="quiet">
				A prover that misses its window is slashed. After {count(props.pool.maxMisses, 'miss', 'misses')} in a row it is
				suspended. Run <code>prover-pool run</code> on a machine that proves, before you are drawn.
			</p>
			<Act call={call} label="Stake" primary staker={props.staker} pool={props.pool} />
		</section>
	);
}
