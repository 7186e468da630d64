/** Connects a wallet, chooses its account, and the account for which it acts. */
import { createSignal, For, Show } from 'solid-js';
import { account } from '../live/account';
import { link } from '../route';
import { createLatest } from '../ui/latest';
import { useLive, useNames } from '../ui/page';
import { Account } from '../ui/values';
import { connectExtension, extensions, type Wallet } from '../wallet/extension';

/** The kinds of proxies that may make the pool's calls. */
const MAY_ACT = ['Any', 'Staking'];

export function Connect() {
	return (
		<section class="card" aria-labelledby="connect-title">
			<header class="card-head">
				<h2 id="connect-title">Who you are</h2>
			</header>
			<Show when={account.wallet()} fallback={<Wallets />}>
				{(wallet) => <Chosen wallet={wallet()} />}
			</Show>
		</section>
	);
}

function Wallets() {
	const { chain } = useLive();
	const [problem, setProblem] = createSignal<string>();
	const [busy, setBusy] = createSignal(false);
	const [address, setAddress] = createSignal('');

	async function connect(find: () => Promise<Wallet>) {
		setBusy(true);
		setProblem(undefined);
		try {
			account.connect(chain, await find());
		} catch (error) {
			setProblem((error as Error).message);
		}
		setBusy(false);
	}

	function look() {
		const known = chain.normalise(address());
		if (known) location.hash = link.prover(known);
		else setProblem('This is not an address of an account.');
	}

	return (
		<div class="connect">
			<div class="choices">
				<For each={extensions()}>
					{(name) => (
						<button type="button" class="primary" disabled={busy()} onClick={() => connect(() => connectExtension(name))}>
							Connect {name}
						</button>
					)}
				</For>
				<Show when={extensions().length === 0}>
					<p class="quiet">
						No wallet extension was found in this browser. With one, such as Talisman, SubWallet or polkadot.js, you can stake
						from here. <code>prover-pool stake</code> does the same on the command line.
					</p>
				</Show>
				<Development connect={connect} busy={busy()} />
			</div>
			<form
				class="look"
				onSubmit={(event) => {
					event.preventDefault();
					look();
				}}
			>
				<label for="any-address">Or look at any account, without a wallet</label>
				<div class="input-row">
					<input
						id="any-address"
						placeholder="Address"
						value={address()}
						onInput={(event) => setAddress(event.currentTarget.value)}
					/>
					<button type="submit">Look</button>
				</div>
			</form>
			<Show when={problem()}>
				{(text) => (
					<p class="problem" role="alert">
						{text()}
					</p>
				)}
			</Show>
		</div>
	);
}

/** The development accounts: in development builds only, and on development chains only. */
function Development(props: { connect: (find: () => Promise<Wallet>) => Promise<void>; busy: boolean }) {
	if (import.meta.env.MODE !== 'development') return undefined;
	const { info } = useLive().chain;
	const find = async () => (await import('../wallet/development')).developmentWallet(info.ss58Format);
	return (
		<Show
			when={info.development}
			fallback={<p class="quiet">{info.name} is no development chain, so the development accounts are refused here.</p>}
		>
			<button type="button" disabled={props.busy} onClick={() => props.connect(find)}>
				Use a development account
			</button>
		</Show>
	);
}

function Chosen(props: { wallet: Wallet }) {
	const live = useLive();
	const nameOf = useNames();
	const [other, setOther] = createSignal('');
	const [problem, setProblem] = createSignal<string>();
	const real = () => account.origin()?.real;
	const proxies = createLatest(async ({ hash }) => {
		const of = real();
		return of === undefined ? undefined : { of, list: await live.chain.proxiesOf(of, hash) };
	}, real);
	/** Whether the account has named the signer as its proxy; `undefined` until that is read. */
	const isAllowed = () => {
		const read = proxies.value();
		if (!read || read.of !== real()) return undefined;
		return read.list.some(
			({ delegate, type, delay }) => delegate === account.signer() && MAY_ACT.includes(type) && delay === 0,
		);
	};

	function act() {
		const known = live.chain.normalise(other());
		setProblem(known ? undefined : 'This is not an address of an account.');
		if (known) account.setReal(known);
	}

	return (
		<div class="connect">
			<div class="input-row">
				<label for="signer">Account of {props.wallet.name}</label>
				<select
					id="signer"
					value={account.signer()}
					onChange={(event) => account.choose(live.chain, event.currentTarget.value)}
				>
					<For each={props.wallet.accounts}>
						{({ address, name }) => {
							const known = live.chain.normalise(address) ?? address;
							return (
								<option value={known}>
									{name ?? nameOf(known) ?? 'Account'} · {known.slice(0, 8)}…{known.slice(-4)}
								</option>
							);
						}}
					</For>
				</select>
				<button type="button" onClick={account.disconnect}>
					Disconnect
				</button>
			</div>
			<Show
				when={real()}
				fallback={
					<details>
						<summary>Act for another account, as its proxy</summary>
						<form
							class="input-row"
							onSubmit={(event) => {
								event.preventDefault();
								act();
							}}
						>
							<input
								aria-label="Address of the other account"
								placeholder="Address of the account that named this one as its proxy"
								value={other()}
								onInput={(event) => setOther(event.currentTarget.value)}
							/>
							<button type="submit">Act for it</button>
						</form>
						<Show when={problem()}>{(text) => <p class="problem" role="alert">{text()}</p>}</Show>
					</details>
				}
			>
				{(other) => (
					<p class="note" data-tone={isAllowed() === false ? 'bad' : 'good'}>
						You act for <Account of={other()} />.{' '}
						<Show when={isAllowed() === false}>
							It has not named this account as a proxy for staking, so the chain will refuse.{' '}
						</Show>
						<button type="button" class="small" onClick={() => account.setReal(undefined)}>
							Act for yourself
						</button>
					</p>
				)}
			</Show>
		</div>
	);
}
