/** The market: one sentence, the figures, the way of every block, the fee over time, and what just happened. */
import { Show } from 'solid-js';
import { count } from '../logic/amounts';
import { headline } from '../logic/headline';
import { moneyOf } from '../logic/stories';
import { FeeChart } from '../ui/fee-chart';
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
					<div>
						<dt>Fee per gas</dt>
						<dd data-testid="fee">
							<Whole of={market().fee} />
						</dd>
					</div>
					<div>
						<dt>Free capacity</dt>
						<dd>
							<Whole of={market().freeCapacity} /> <small>blocks at once</small>
						</dd>
					</div>
					<div>
						<dt>Provers in draws</dt>
						<dd>
							<Whole of={market().listedMembers} />
						</dd>
					</div>
					<div>
						<dt>Their stake</dt>
						<dd>
							<Amount of={market().listedStake} digits={2} />
						</dd>
					</div>
					<div>
						<dt>Verified blocks</dt>
						<dd>
							<Whole of={market().rollup?.verifiedId ?? 0n} />
						</dd>
					</div>
					<div>
						<dt>Paid in the last {count(live.blocks().length, 'block')}</dt>
						<dd>
							<Amount of={paid()} digits={4} />
						</dd>
					</div>
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
