/** The frame around the screens: navigation, the state of the connection, and the screen of the address. */
import { createEffect, createSignal, For, Match, onCleanup, Show, Switch } from 'solid-js';
import type { Live } from './live/live';
import { whole } from './logic/amounts';
import { link, route, type Route } from './route';
import { BlockScreen } from './screens/block';
import { Market } from './screens/market';
import { MyProver } from './screens/my-prover';
import { Prover } from './screens/prover';
import { Provers } from './screens/provers';
import { Rules } from './screens/rules';
import { Slashes } from './screens/slashes';
import { PageContext } from './ui/page';

const SCREENS: { screen: Route['screen']; href: string; name: string }[] = [
	{ screen: 'market', href: link.market, name: 'Market' },
	{ screen: 'provers', href: link.provers, name: 'Provers' },
	{ screen: 'slashes', href: link.slashes, name: 'Slashes' },
	{ screen: 'rules', href: link.rules, name: 'Rules' },
	{ screen: 'mine', href: link.mine, name: 'My prover' },
];

/** The page reports silence after this multiple of the usual time between two blocks, and after 30 seconds at least. */
const SILENCE = 10;
const LEAST_SILENCE_MS = 30_000;

export function App(props: {
	live: Live;
	/** Whether the server has a history of this chain. */
	history: boolean;
	/** What the visitor has to know about what is shown. */
	notices: string[];
}) {
	let main: HTMLElement | undefined;
	let first = true;
	createEffect(() => {
		const { screen } = route();
		const name = SCREENS.find((it) => it.screen === screen)?.name;
		document.title = name ? `${name} · Prover pool` : 'Prover pool';
		// A new screen begins at its top, also for those who use the keyboard.
		if (!first) {
			scrollTo(0, 0);
			main?.focus({ preventScroll: true });
		}
		first = false;
	});
	const account = () => {
		const now = route();
		return now.screen === 'prover' ? now.account : undefined;
	};
	const block = () => {
		const now = route();
		return now.screen === 'block' ? now.blockId : undefined;
	};
	return (
		<PageContext.Provider value={props}>
			<a class="skip-link" href="#main" onClick={(event) => (event.preventDefault(), main?.focus())}>
				Skip to the content
			</a>
			<header class="top">
				<a class="brand" href={link.market}>
					<img src="./icon.svg" alt="" width="28" height="28" />
					<span>Prover pool</span>
				</a>
				<nav aria-label="Screens">
					<For each={SCREENS}>
						{({ screen, href, name }) => (
							<a href={href} aria-current={route().screen === screen ? 'page' : undefined}>
								{name}
							</a>
						)}
					</For>
				</nav>
				<Head live={props.live} />
			</header>
			<For each={props.notices}>{(notice) => <p class="banner" data-tone="info">{notice}</p>}</For>
			<Banner live={props.live} />
			<main id="main" ref={main} tabindex="-1">
				<Show when={props.live.market()} fallback={<p class="announcement">Reading the latest block …</p>}>
					<Switch fallback={<Unknown />}>
						<Match when={route().screen === 'market'}>
							<Market />
						</Match>
						<Match when={route().screen === 'provers'}>
							<Provers />
						</Match>
						<Match when={account()} keyed>
							{(address) => <Prover address={address} />}
						</Match>
						<Match when={block()} keyed>
							{(blockId) => <BlockScreen blockId={blockId} />}
						</Match>
						<Match when={route().screen === 'slashes'}>
							<Slashes />
						</Match>
						<Match when={route().screen === 'mine'}>
							<MyProver />
						</Match>
						<Match when={route().screen === 'rules'}>
							<Rules />
						</Match>
					</Switch>
				</Show>
			</main>
			<footer class="bottom">
				<span>{props.live.chain.info.name}</span>
				<span class="quiet">{props.live.chain.info.url}</span>
				<span class="quiet">
					genesis <code>{props.live.chain.info.genesisHash.slice(0, 10)}…</code>
				</span>
			</footer>
		</PageContext.Provider>
	);
}

function Unknown() {
	return (
		<section class="announcement">
			<h1>There is no such screen</h1>
			<p>
				<a href={link.market}>Go to the market</a>
			</p>
		</section>
	);
}

function Head(props: { live: Live }) {
	return (
		<Show when={props.live.market()}>
			{(market) => (
				<p class="head" title={market().hash}>
					<span class="pulse" data-state={props.live.connection()} aria-hidden="true" />
					<span>
						Block <b data-testid="best">{whole(market().number)}</b>
					</span>
					<span class="quiet wide-only">final {whole(props.live.finalized())}</span>
				</p>
			)}
		</Show>
	);
}

/** Says when something is wrong between the page and its chain, and what happens next. */
function Banner(props: { live: Live }) {
	const [now, setNow] = createSignal(Date.now());
	const timer = setInterval(() => setNow(Date.now()), 1000);
	onCleanup(() => clearInterval(timer));
	const text = () => {
		const { connection, problem, latestArrival, blockTime } = props.live;
		if (connection() === 'reconnecting') return 'The node does not answer. Trying again every second; what you see is old.';
		if (problem()) return `${problem()} Trying again with the next block.`;
		const silent = now() - (latestArrival() ?? now());
		if (silent > Math.max(SILENCE * blockTime(), LEAST_SILENCE_MS)) {
			return `The chain has made no block for ${whole(Math.round(silent / 1000))} seconds. Countdowns stand still until it does.`;
		}
		return undefined;
	};
	return (
		<div class="banner-place" role="status" aria-live="polite">
			<Show when={text()}>
				{(sentence) => (
					<p class="banner" data-tone="bad">
						{sentence()}
					</p>
				)}
			</Show>
		</div>
	);
}
