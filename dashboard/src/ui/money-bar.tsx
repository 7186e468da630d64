/** Where the escrow of a block went, to the base unit. */
import { For, Show } from 'solid-js';
import { tokens, whole } from '../logic/amounts';
import type { Money } from '../logic/stories';
import { useInfo } from './page';
import { Amount } from './values';

const PARTS = [
	['paid', 'Paid to the prover'],
	['returned', 'Returned to the proposer'],
	['forfeited', 'Forfeited'],
] as const;

export function MoneyBar(props: { money: Money }) {
	const info = useInfo();
	const total = () => props.money.paid + props.money.returned + props.money.forfeited;
	const from = (index: number) =>
		PARTS.slice(0, index).reduce((sum, [key]) => sum + props.money[key], 0n);
	const at = (value: bigint) => (total() === 0n ? 0 : Number((value * 1000n) / total()));
	return (
		<div class="money" data-testid="money">
			<svg
				class="money-bar"
				viewBox="0 0 1000 20"
				preserveAspectRatio="none"
				role="img"
				aria-label={PARTS.map(([key, name]) => `${name}: ${tokens(props.money[key], info)}`).join('. ')}
			>
				<For each={PARTS}>
					{([key], i) => <rect data-part={key} x={at(from(i()))} y="0" width={at(props.money[key])} height="20" />}
				</For>
			</svg>
			<dl class="money-parts">
				<For each={PARTS}>
					{([key, name]) => (
						<div data-part={key}>
							<dt>{name}</dt>
							<dd>
								<Amount of={props.money[key]} digits={info.decimals} />
							</dd>
						</div>
					)}
				</For>
			</dl>
			<Show when={props.money.escrow !== undefined}>
				<p class="quiet" data-adds-up={props.money.addsUp ? 'yes' : 'no'}>
					{props.money.addsUp ? 'Together' : 'Together they are not'} the escrow of{' '}
					<Amount of={props.money.escrow!} digits={info.decimals} />, to the base unit
					<Show when={!props.money.addsUp}>: {whole(total())} base units. This is a fault of the chain.</Show>
					<Show when={props.money.addsUp}>.</Show>
				</p>
			</Show>
		</div>
	);
}
