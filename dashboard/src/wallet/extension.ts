/** Wallet extensions, by the standard `injectedWeb3`. They keep the keys; the page gets addresses and signatures. */
import type { Signer } from '../chain/types';

interface InjectedAccount {
	address: string;
	name?: string;
}

interface Injected {
	accounts: { get(anyType?: boolean): Promise<InjectedAccount[]> };
	signer: { signPayload?: (payload: unknown) => Promise<{ signature: `0x${string}`; signedTransaction?: unknown }> };
}

interface Extension {
	version?: string;
	enable?: (origin: string) => Promise<Injected>;
	connect?: (origin: string) => Promise<Injected>;
}

declare global {
	interface Window {
		injectedWeb3?: Record<string, Extension>;
	}
}

/** A wallet that was connected. */
export interface Wallet {
	name: string;
	accounts: { address: string; name: string | undefined }[];
	signerOf(address: string): Signer;
}

/** The name by which the page asks for access. */
const ORIGIN = 'Prover pool';

/** Returns the names of the extensions of this browser. */
export function extensions(): string[] {
	return Object.keys(window.injectedWeb3 ?? {});
}

/** Asks an extension for its accounts. The extension asks its user. */
export async function connectExtension(name: string): Promise<Wallet> {
	const extension = window.injectedWeb3?.[name];
	const enable = extension?.enable ?? extension?.connect;
	if (!enable) throw new Error(`The extension ${name} is gone. Reload the page.`);
	const { found, signer } = await (async () => {
		const { accounts, signer } = await enable.call(extension, ORIGIN);
		return { found: await accounts.get(), signer };
	})().catch((error: unknown) => {
		throw new Error(`${name} gave no access: ${error instanceof Error ? error.message : String(error)}`);
	});
	if (found.length === 0) throw new Error(`${name} shares no account with this page. Allow one in the extension.`);
	return {
		name,
		accounts: found.map(({ address, name }) => ({ address, name })),
		signerOf: () => {
			const { signPayload } = signer;
			if (!signPayload) throw new Error(`${name} cannot sign transactions. Use another wallet.`);
			return { signPayload: (payload) => signPayload.call(signer, payload) };
		},
	};
}
