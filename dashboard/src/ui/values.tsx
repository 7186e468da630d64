/** How the page shows accounts, amounts, times and sentences. Each carries its exact value. */
import { For, Show } from 'solid-js';
import { amount, count, duration, percent, whole } from '../logic/amounts';
import { hueOf } from '../logic/names';
import type { Part } from '../logic/sentences';
import { link } from '../route';
import { useInfo, useLive, useNames } from './page';

/** An account: its mark, and its name or the ends of its address. */
export function Account(props: { of: string; long?: boolean; plain?: boolean }) {
	const nameOf = useNames();
	const text = () => nameOf(props.of) ?? (props.long ? props.of : `${props.of.slice(0, 6)}…${props.of.slice(-4)}`);
	const content = () => (
		<>
			<Mark of={props.of} />
			<span class="account-name">{text()}</span>
		</>
	);
	return (
		<Show when={!props.plain} fallback={<span class="account" title={props.of}>{content()}</span>}>
			<a class="account" href={link.prover(props.of)} title={props.of}>
				{content()}
			</a>
		</Show>
	);
}

/** A coloured mark that is the same wherever the account appears. */
export function Mark(props: { of: string; size?: number }) {
	const hue = () => hueOf(props.of);
	const turn = () => hueOf(`${props.of}turn`);
	return (
		<svg class="mark" viewBox="0 0 16 16" width={props.size ?? 14} height={props.size ?? 14} aria-hidden="true">
			<circle cx="8" cy="8" r="8" fill={`hsl(${hue()} 55% 45%)`} />
			<path d="M8 0a8 8 0 0 1 8 8H8z" fill={`hsl(${(hue() + 50) % 360} 70% 65%)`} transform={`rotate(${turn()} 8 8)`} />
			<circle cx="8" cy="8" r="3" fill={`hsl(${hue()} 60% 88%)`} />
		</svg>
	);
}

/** An amount of the chain's currency, rounded down to `digits` decimals. Its exact value is in base units. */
export function Amount(props: { of: bigint; digits?: number; bare?: boolean }) {
	const info = useInfo();
	return (
		<data class="amount" value={String(props.of)} title={`${whole(props.of)} base units`}>
			{amount(props.of, info, props.digits ?? 6)}
			<Show when={!props.bare}>
				<span class="symbol">{`\u00a0${info.symbol}`}</span>
			</Show>
		</data>
	);
}

/** A whole number, such as a price per gas. */
export function Whole(props: { of: number | bigint }) {
	return (
		<data class="number" value={String(props.of)}>
			{whole(props.of)}
		</data>
	);
}

/** A share in parts of 10¹⁸, as a percentage. */
export function Share(props: { of: bigint; digits?: number }) {
	return (
		<data class="number" value={String(props.of)} title={`${whole(props.of)} parts of 10¹⁸`}>
			{percent(props.of, props.digits)}
		</data>
	);
}

/** A number of blocks as a duration, by the measured time between two. Never negative. */
export function BlocksLeft(props: { of: number }) {
	const { blockTime } = useLive();
	const left = () => Math.max(0, props.of);
	return (
		<data class="number" value={String(left())} title={count(left(), 'block')}>
			{duration(left() * blockTime())}
		</data>
	);
}

/** A number of steps of the pool's clock as a duration. It counts blocks or slots. Never negative. */
export function PoolTimeLeft(props: { of: number }) {
	const { market, poolStep } = useLive();
	const left = () => Math.max(0, props.of);
	return (
		<data class="number" value={String(left())} title={count(left(), market()!.poolClock.unit)}>
			{duration(left() * poolStep())}
		</data>
	);
}

/** When a block of the chain was made: by the chain's clock, or in blocks if that clock is made up. */
export function Time(props: { number: number; time: number }) {
	const { market, clockIsReal } = useLive();
	const at = () => new Date(props.time);
	return (
		<Show when={clockIsReal()} fallback={<span>{count(Math.max(0, market()!.number - props.number), 'block')} ago</span>}>
			<time dateTime={at().toISOString()} title={at().toLocaleString()}>
				{at().toLocaleTimeString()}
			</time>
		</Show>
	);
}

/** The parts of a sentence, with links to the accounts and blocks in it. */
export function Parts(props: { of: Part[] }) {
	return (
		<For each={props.of}>
			{(part) => {
				if (typeof part === 'string') return part;
				if ('account' in part) return <Account of={part.account} />;
				if ('amount' in part) return <Amount of={part.amount} />;
				return <a href={link.block(part.block)}>{whole(part.block)}</a>;
			}}
		</For>
	);
}
