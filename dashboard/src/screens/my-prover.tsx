/** One's own prover: connect an account, enter the pool, change the offer, leave, withdraw. */
import { Show } from 'solid-js';
import type { PoolParameters, StakerRow } from '../chain/types';
import { account } from '../live/account';
import { Act } from '../ui/act';
import { Figure } from '../ui/figure';
import { createLatest } from '../ui/latest';
import { Duties, Exits } from '../ui/duties';
import { useInfo, useLive } from '../ui/page';
import { Reading, Unread } from '../ui/reading';
import { Account, Amount } from '../ui/values';
import { Enter } from './enter';
import { Manage } from './manage';
import { Connect } from './connect';

export function MyProver() {
	const live = useLive();
	const who = () => account.origin()?.real ?? account.origin()?.signer;
	return (
		<>
			<header class="screen-head">
				<h1>My prover</h1>
			</header>
			<Connect />
			<Show when={who()} keyed>
				{(address) => <Own account={address} />}
			</Show>
			<Show when={!who() && live.chain.info.development}>
				<p class="quiet">This is a development chain: its tokens are worth nothing, and everybody has the keys of its accounts.</p>
			</Show>
		</>
	);
}

function Own(props: { account: string }) {
	const live = useLive();
	const { existentialDeposit } = useInfo();
	const read = createLatest(async ({ hash }) => {
		const [staker, duties, balance, pool] = await Promise.all([
			live.chain.staker(props.account, hash),
			live.chain.duties(props.account, hash),
			live.chain.balance(props.account, hash),
			live.chain.parameters(hash),
		]);
		return { staker, duties, balance, pool };
	});
	return (
		<>
			<Unread problem={read.problem()} />
			<Show when={read.value()} fallback={<Reading what="the account" />}>
				{(own) => (
					<>
						<section class="card">
							<dl class="figures">
								<Figure name="Account">
									<Account of={props.account} />
								</Figure>
								<Figure name="Free" testid="free">
									<Amount of={own().balance.free} />
								</Figure>
								<Figure name="Held by the pool" testid="held">
									<Amount of={own().staker.held} />
								</Figure>
								<Figure name="Must stay free">
									<Amount of={existentialDeposit} />
								</Figure>
							</dl>
						</section>
						<Show when={own().staker.prover || own().duties.length > 0}>
							<Duties of={own().duties} />
						</Show>
						<Show when={own().staker.prover} fallback={<Enter staker={own().staker} pool={own().pool} free={own().balance.free} />}>
							<Manage staker={own().staker} pool={own().pool} />
						</Show>
						<Exits of={own().staker.exits} />
						<Show when={own().staker.exits.length > 0}>
							<Withdraw staker={own().staker} pool={own().pool} />
						</Show>
					</>
				)}
			</Show>
		</>
	);
}

function Withdraw(props: { staker: StakerRow; pool: PoolParameters }) {
	return (
		<section class="card" aria-label="Withdraw">
			<Act call={() => ({ call: 'withdraw' })} label="Withdraw what is free" staker={props.staker} pool={props.pool} />
		</section>
	);
}
