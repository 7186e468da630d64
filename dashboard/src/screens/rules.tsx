/** The live parameters, beside the rules that use them, and when they last changed. */
import { createMemo, type JSX, Show } from 'solid-js';
import { perbill, whole } from '../logic/amounts';
import { createLatest } from '../ui/latest';
import { useInfo, useLive } from '../ui/page';
import { Reading, Unread } from '../ui/reading';
import { type Column, Table } from '../ui/table';
import { Amount, BlocksLeft, PoolTimeLeft, Whole } from '../ui/values';

interface Rule {
	/** The name of the parameter on the chain. */
	name: string;
	value: () => JSX.Element;
	about: string;
	rule: string;
}

export function Rules() {
	const live = useLive();
	const { protocol, lottery } = useInfo();
	const read = createLatest(({ hash }) => live.chain.parameters(hash));
	/** The block of the last change of each parameter that the page has read. */
	const changed = createMemo(() => {
		const blocks = new Map<string, number>();
		for (const { number, events } of live.blocks()) {
			for (const { name, data } of events) {
				if (name === 'Parameters.Updated') blocks.set(data.key.value.type, number);
			}
		}
		return blocks;
	});
	const blocks = (value: number) => (
		<>
			<Whole of={value} /> <small>blocks, about <BlocksLeft of={value} /></small>
		</>
	);
	/** A period by the pool's clock. */
	const period = (value: number) => (
		<>
			<Whole of={value} /> <small>{live.market()!.poolClock.unit}s, about <PoolTimeLeft of={value} /></small>
		</>
	);
	const pool = (): Rule[] => {
		const now = () => read.value()!;
		return [
			{ name: 'MaxProvers', value: () => <Whole of={now().maxProvers} />, about: 'slots in the pool', rule: 'R1' },
			{ name: 'MinCapacity', value: () => <Whole of={now().minCapacity} />, about: 'smallest capacity', rule: 'R1' },
			{ name: 'MaxCapacity', value: () => <Whole of={now().maxCapacity} />, about: 'largest capacity', rule: 'R1' },
			{
				name: 'MinStakePerCapacity',
				value: () => <Amount of={now().minStakePerCapacity} />,
				about: 'smallest stake for each block at once',
				rule: 'R1',
			},
			{
				name: 'MinOverbid',
				value: () => <>{perbill(now().minOverbid)}</>,
				about: 'by which a newcomer must exceed the smallest stake of a full pool',
				rule: 'R1',
			},
			{ name: 'MinChangeDelay', value: () => period(now().minChangeDelay), about: 'a member stays after its entry', rule: 'R2' },
			{ name: 'ExitPeriod', value: () => period(now().exitPeriod), about: 'an exit waits', rule: 'R3' },
			{ name: 'MaxExits', value: () => <Whole of={now().maxExits} />, about: 'exits of an account', rule: 'R3' },
			{
				name: 'PriceFloorPercent',
				value: () => <>{lottery.priceFloorPercent}&nbsp;%</>,
				about: 'of the fee is the lowest price that counts',
				rule: 'R4',
			},
			{
				name: 'PriceCeilingPercent',
				value: () => <>{lottery.priceCeilingPercent}&nbsp;%</>,
				about: 'of the fee is the highest price that counts',
				rule: 'R4',
			},
			{
				name: 'DrawDelay',
				value: () => blocks(now().drawDelay),
				about: 'the seed of a draw becomes known after its request',
				rule: 'R5',
			},
			{ name: 'EntryDelay', value: () => blocks(now().entryDelay), about: 'draws use an entry or a change later', rule: 'R5' },
			{ name: 'MaxPendingDraws', value: () => <Whole of={now().maxPendingDraws} />, about: 'requests wait at most', rule: 'R4' },
			{ name: 'MaxDrawsPerBlock', value: () => <Whole of={now().maxDrawsPerBlock} />, about: 'draws happen in a block at most', rule: 'R4' },
			{ name: 'MaxAdmissions', value: () => <Whole of={now().maxAdmissions} />, about: 'entries and changes are listed in a block at most', rule: 'R9' },
			{ name: 'SlashPoints', value: () => <>{perbill(now().slashPoints)}</>, about: 'of what answers, divided by the capacity, is a slash at least', rule: 'R7' },
			{ name: 'SlashMultiplier', value: () => <>{whole(now().slashMultiplier)} ×</>, about: 'the proof’s reward is a slash at least', rule: 'R7' },
			{
				name: 'SlashExitsFirst',
				value: () => <>{now().slashExitsFirst ? 'yes' : 'no'}</>,
				about: 'exits pay before the stake',
				rule: 'R7',
			},
			{ name: 'SlashDeferral', value: () => period(now().slashDeferral), about: 'the tokens of a slash stay on hold', rule: 'R7' },
			{ name: 'EjectionThreshold', value: () => <>{perbill(now().ejectionThreshold)}</>, about: 'of its minimum stake, below which a slashed member leaves', rule: 'R7' },
			{ name: 'MaxLiability', value: () => period(now().maxLiability), about: 'an assignment is old enough for its prover to close it', rule: 'R8' },
			{ name: 'MaxMisses', value: () => <Whole of={now().maxMisses} />, about: 'misses in a row suspend', rule: 'R10' },
			{ name: 'SuspensionPeriod', value: () => period(now().suspensionPeriod), about: 'a suspension lasts', rule: 'R10' },
			{ name: 'MaxPausedShare', value: () => <>{perbill(now().maxPausedShare)}</>, about: 'of the listed stake may be paused by suspensions', rule: 'R10' },
		];
	};
	const rollup: Rule[] = [
		{ name: 'BaseGas', value: () => <Whole of={protocol.baseGas} />, about: 'gas that each block costs', rule: 'Money' },
		{ name: 'MaxGasLimit', value: () => <Whole of={protocol.maxGasLimit} />, about: 'gas of a block at most', rule: 'Life 1' },
		{ name: 'MaxTxListSize', value: () => <Whole of={protocol.maxTxListSize} />, about: 'bytes of a list at most', rule: 'Life 1' },
		{ name: 'MaxUnverifiedBlocks', value: () => <Whole of={protocol.maxUnverifiedBlocks} />, about: 'blocks wait at most', rule: 'Life 1' },
		{ name: 'MaxPendingPerProposer', value: () => <Whole of={protocol.maxPendingPerProposer} />, about: 'of them wait for their draw, for each proposer', rule: 'Life 1' },
		{ name: 'MaxOpenBlocks', value: () => <Whole of={protocol.maxOpenBlocks} />, about: 'open or pending blocks, while no capacity is free', rule: 'Life 1' },
		{ name: 'MinProofWindow', value: () => blocks(protocol.minProofWindow), about: 'is the shortest window', rule: 'Life 2' },
		{ name: 'MaxProofWindow', value: () => blocks(protocol.maxProofWindow), about: 'is the longest window', rule: 'Life 2' },
		{ name: 'WindowMultiplier', value: () => <>{protocol.windowMultiplier}&nbsp;%</>, about: 'of the average delay is a window', rule: 'Life 2' },
		{ name: 'MaxProofSize', value: () => <Whole of={protocol.maxProofSize} />, about: 'bytes of a proof at most', rule: 'Life 3' },
		{ name: 'MaxForks', value: () => <Whole of={protocol.maxForks} />, about: 'claims of a block on one parent', rule: 'Life 3' },
		{ name: 'MaxBarred', value: () => <Whole of={protocol.maxBarred} />, about: 'removed claims of a block stay barred', rule: 'Life 5' },
		{ name: 'ProofBond', value: () => <Amount of={protocol.proofBond} />, about: 'is held for a claim of another', rule: 'Life 3' },
		{ name: 'Cooldown', value: () => blocks(protocol.cooldown), about: 'a claim can be disputed', rule: 'Life 4' },
		{ name: 'ExpiryPeriod', value: () => blocks(protocol.expiryPeriod), about: 'after its window a block may be skipped', rule: 'Life 6' },
		{ name: 'MaxPause', value: () => blocks(protocol.maxPause), about: 'a pause lasts at most', rule: 'Life 7' },
		{ name: 'OpenRewardStart', value: () => <>{protocol.openRewardStart}&nbsp;%</>, about: 'of the fee is paid for a block that was just opened', rule: 'Money' },
		{ name: 'OpenRewardEnd', value: () => <>{protocol.openRewardEnd}&nbsp;%</>, about: 'of the fee is paid at the end', rule: 'Money' },
		{ name: 'RescueBonus', value: () => <>{perbill(protocol.rescueBonus)}</>, about: 'of the reward, from the slash, for who proves a late block', rule: 'Money' },
		{ name: 'MaxDelayPenalty', value: () => <>{perbill(protocol.maxDelayPenalty)}</>, about: 'of the reward is lost by using the whole window', rule: 'Money' },
		{ name: 'AveragingFactor', value: () => <Whole of={protocol.averagingFactor} />, about: 'full blocks move the averages by all of the way', rule: 'Money' },
		{ name: 'MinFeePerGas', value: () => <Whole of={protocol.minFeePerGas} />, about: 'is the lowest fee', rule: 'Money' },
		{ name: 'MaxFeePerGas', value: () => <Whole of={protocol.maxFeePerGas} />, about: 'is the highest fee', rule: 'Money' },
		{ name: 'MaxFeeStep', value: () => <>{perbill(protocol.maxFeeStep)}</>, about: 'is the most that the fee moves in a block', rule: 'Money' },
	];
	return (
		<>
			<header class="screen-head">
				<h1>Rules</h1>
				<p class="quiet">
					The values of now. The rules are numbered as in the documentation of the protocol. Changes are shown since block{' '}
					{whole(live.blocks()[0]?.number ?? 0)}.
				</p>
			</header>
			<Unread problem={read.problem()} />
			<Show when={read.value()} fallback={<Reading />}>
				<RuleTable title="The pool" rules={pool()} changed={changed()} />
			</Show>
			<RuleTable title="The rollup’s protocol" rules={rollup} changed={changed()} />
		</>
	);
}

function RuleTable(props: { title: string; rules: Rule[]; changed: Map<string, number> }) {
	const columns: Column<Rule>[] = [
		{ name: 'Value', class: 'rule-value', cell: ({ value }) => value() },
		{ name: 'What it is', cell: ({ about }) => about },
		{ name: 'Parameter', cell: ({ name }) => <code>{name}</code> },
		{ name: 'Rule', class: 'quiet', cell: ({ rule }) => rule },
		{
			name: 'Changed',
			class: 'quiet',
			cell: ({ name }) => {
				const number = props.changed.get(name);
				return number === undefined ? '–' : `in block ${whole(number)}`;
			},
		},
	];
	return (
		<section class="card" aria-label={props.title}>
			<header class="card-head">
				<h2>{props.title}</h2>
			</header>
			<Table
				label={`Parameters: ${props.title}`}
				columns={columns}
				rows={props.rules}
				attributes={({ name }) => ({ 'data-parameter': name })}
			/>
		</section>
	);
}
