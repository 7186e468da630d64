/** The status, the capacity and the odds of a member. */
import { For, Show } from 'solid-js';
import type { MemberRow } from '../chain/types';
import { count, whole } from '../logic/amounts';
import { useLive } from './page';
import { Amount } from './values';

/** The pips that are drawn; a larger capacity is a number. */
const MOST_PIPS = 32;

const STATUS: Record<MemberRow['status']['type'], { text: string; tone: string; about: string }> = {
	Active: { text: 'in draws', tone: 'good', about: 'Draws use its offer while it has free capacity' },
	Entering: { text: 'waiting', tone: 'info', about: 'Its entry is too recent for draws to use it' },
	Paused: { text: 'paused', tone: 'warn', about: 'It keeps its slot and its work, and is not drawn' },
	Suspended: { text: 'suspended', tone: 'bad', about: 'It missed too many blocks in a row' },
};

export function StatusBadge(props: { of: MemberRow }) {
	const { market } = useLive();
	const status = () => STATUS[props.of.status.type];
	const until = () => (props.of.status.type === 'Suspended' ? props.of.status.value.until : undefined);
	return (
		<span class="tag" data-tone={status().tone} title={status().about}>
			{status().text}
			<Show when={until()}>{(last) => ` to ${market()!.poolClock.unit} ${whole(last())}`}</Show>
		</span>
	);
}

/** Says which offer draws use while that is not the present one. */
export function OlderOffer(props: { of: MemberRow; entryDelay: number }) {
	return (
		<Show when={props.of.listed}>
			{(listed) => (
				<p class="note">
					Draws still use the older offer: <Amount of={listed().stake} /> at {whole(listed().rewardPerGas)} per gas, for{' '}
					{count(listed().maxCapacity, 'block')} at once{listed().paused ? ', paused' : ''}. They use the new one{' '}
					{count(props.entryDelay, 'block')} after the last change.
				</p>
			)}
		</Show>
	);
}

/** The capacity: a pip for each block at once, filled if it is taken. */
export function Pips(props: { free: number; of: number }) {
	const busy = () => Math.max(0, props.of - props.free);
	const text = () => `${whole(props.free)} of ${whole(props.of)} free`;
	return (
		<Show when={props.of <= MOST_PIPS} fallback={<span title={text()}>{text()}</span>}>
			<span class="pips" role="img" aria-label={text()} title={text()}>
				<For each={Array.from({ length: props.of }, (_, i) => i)}>
					{(i) => <span class="pip" data-busy={i < busy() ? 'yes' : 'no'} />}
				</For>
			</span>
		</Show>
	);
}

/** A share as a bar. `most` is the longest bar's. */
export function Bar(props: { share: bigint; most: bigint }) {
	// A thousandth of a bar cannot be seen, so a float is enough for its length.
	const length = () => (props.most === 0n ? 0 : Number((props.share * 1000n) / props.most) / 10);
	return (
		<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
			<rect x="0" y="0" width={length()} height="8" />
		</svg>
	);
}

