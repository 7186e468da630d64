/** Whose account the page shows under "My prover", and who signs for it. It survives a change of screens. */
import { createMemo, createRoot, createSignal } from 'solid-js';
import type { Chain, Origin, Signer } from '../chain/types';
import type { Wallet } from '../wallet/extension';

const [wallet, setWallet] = createSignal<Wallet>();
const [signer, setSigner] = createSignal<string>();
/** The account for which the signer acts as a proxy. */
const [real, setReal] = createSignal<string>();

/** Connects a wallet, and chooses its first account. Refused if this chain can have none of its accounts. */
function connect(chain: Chain, next: Wallet) {
	// A wallet may have accounts of other kinds of chains.
	const accounts = next.accounts.filter(({ address }) => chain.normalise(address) !== undefined);
	if (accounts.length === 0) throw new Error(`${next.name} has no account for this chain. Create one in it first.`);
	setWallet({ ...next, accounts });
	choose(chain, accounts[0].address);
}

/** Chooses an account of the wallet. */
function choose(chain: Chain, address: string | undefined) {
	setSigner(address && chain.normalise(address));
	setReal(undefined);
}

function disconnect() {
	setWallet(undefined);
	setSigner(undefined);
	setReal(undefined);
}

const origin = createRoot(() =>
	createMemo<Origin | undefined>(() => {
		const [by, forAccount] = [signer(), real()];
		return by === undefined ? undefined : { signer: by, real: forAccount === by ? undefined : forAccount };
	}),
);

/** Returns what signs for the chosen account. */
function signerOf({ signer }: Origin, chain: Chain): Signer {
	// The wallet may know the account by an address with another prefix.
	const known = wallet()?.accounts.find(({ address }) => chain.normalise(address) === signer);
	const found = known && wallet()?.signerOf(known.address);
	if (!found) throw new Error('No wallet is connected for this account. Connect one first.');
	return found;
}

export const account = { wallet, signer, real, setReal, origin, connect, choose, disconnect, signerOf };
