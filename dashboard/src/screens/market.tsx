/** The market: one sentence, the figures, the way of every block, the fee over time, and what just happened. */
import { Show } from 'solid-js';
import { count } from '../logic/amounts';
import { headline } from '../logic/headline';
import { moneyOf } from '../logic/stories';
import { FeeChart } from '../ui/fee-chart';
import { Figure } from '../ui/figure';
import { useInfo, useLive } from '../ui/page';
import { Ticker } from '../ui/ticker';
import { Amount, BlocksLeft, Whole } from '../ui/values';
import { Conveyor } from './conveyor';

export function Market() {
	const live = useLive();
	const { protocol } = useInfo();
	// The frame shows the screen only when there is a market.
	const market = () => live.market()!;
	const now = () => headline(market(), protocol);
	const settled = () => [...live.stories().values()].filter(({ settlement }) => settlement !== undefined);
	const paid = () => settled().reduce((sum, story) => sum + (moneyOf(story)?.paid ?? 0n), 0n);
	return (
		<>
			<section class="hero" aria-labelledby="headline">
				<h1 id="headline" class="headline" data-tone={now().tone}>
					{now().text}
				</h1>
				<dl class="figures">
					<Figure name="Fee per gas" testid="fee">
						<Whole of={market().fee} />
					</Figure>
					<Figure name="Free capacity">
						<Whole of={market().freeCapacity} /> <small>blocks at once</small>
					</Figure>
					<Figure name="Provers in draws">
						<Whole of={market().listedMembers} />
					</Figure>
					<Figure name="Their stake">
						<Amount of={market().listedStake} digits={2} />
					</Figure>
					<Figure name="Verified blocks">
						<Whole of={market().rollup?.verifiedId ?? 0n} />
					</Figure>
					<Figure name={`Paid in the last ${count(live.blocks().length, 'block')}`}>
						<Amount of={paid()} digits={4} />
					</Figure>
				</dl>
				<Show when={market().pausedUntil !== undefined && market().pausedUntil! > market().number}>
					<p>
						Proposals and verification continue in <BlocksLeft of={market().pausedUntil! - market().number} />.
					</p>
				</Show>
			</section>
			<Conveyor />
			<div class="side-by-side">
				<FeeChart />
				<Ticker />
			</div>
		</>
	);
}
