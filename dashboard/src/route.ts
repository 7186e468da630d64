/** The screens and their addresses, which are the part after `#`. */
import { createSignal } from 'solid-js';

export type Route =
	| { screen: 'market' }
	| { screen: 'provers' }
	| { screen: 'prover'; account: string }
	| { screen: 'block'; blockId: bigint }
	| { screen: 'slashes' }
	| { screen: 'mine' }
	| { screen: 'rules' }
	| { screen: 'unknown' };

/** Returns the address of a screen. */
export const link = {
	market: '#/',
	provers: '#/provers',
	slashes: '#/slashes',
	mine: '#/mine',
	rules: '#/rules',
	prover: (account: string) => `#/prover/${encodeURIComponent(account)}`,
	block: (blockId: bigint) => `#/block/${blockId}`,
};

/** Reads an address. */
export function parse(hash: string): Route {
	const [first = '', second] = hash.replace(/^#?\/?/, '').split('/');
	if (second === undefined) {
		if (first === '') return { screen: 'market' };
		const screens = ['provers', 'slashes', 'mine', 'rules'] as const;
		const screen = screens.find((name) => name === first);
		return { screen: screen ?? 'unknown' };
	}
	if (first === 'prover') return { screen: 'prover', account: safelyDecoded(second) };
	if (first === 'block' && /^\d{1,20}$/.test(second)) return { screen: 'block', blockId: BigInt(second) };
	return { screen: 'unknown' };
}

function safelyDecoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

const [route, setRoute] = createSignal<Route>(parse(location.hash));
addEventListener('hashchange', () => setRoute(parse(location.hash)));

export { route };
