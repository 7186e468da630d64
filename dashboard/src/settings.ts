/** Where the page finds its node: `?rpc=wss://…`, else `config.json` beside it, else a node on this machine. */
export interface Settings {
	/** The address of the node. */
	rpc: string;
	/** The server's own node, if `?rpc=` names another one. */
	replaced: string | undefined;
	/** The history under `v1/`, if the server has one. */
	history: { genesis: string | undefined } | undefined;
}

const DEFAULT_RPC = 'ws://127.0.0.1:9944';

/** Reads the settings. */
export async function readSettings(): Promise<Settings> {
	return settingsOf(await readConfig(), new URLSearchParams(location.search).get('rpc'));
}

/** Returns the settings by a `config.json` and what `?rpc=` asks for. */
export function settingsOf(config: unknown, asked: string | null): Settings {
	const { rpc, history, genesis } = (config ?? {}) as Record<string, unknown>;
	const own = typeof rpc === 'string' ? rpc : undefined;
	return {
		rpc: asked ?? own ?? DEFAULT_RPC,
		replaced: asked !== null && own !== undefined && !isSameAddress(asked, own) ? own : undefined,
		history: history === true ? { genesis: typeof genesis === 'string' ? genesis.toLowerCase() : undefined } : undefined,
	};
}

async function readConfig(): Promise<unknown> {
	try {
		const response = await fetch('./config.json', { headers: { accept: 'application/json' } });
		return response.ok ? await response.json() : undefined;
	} catch {
		// A static host need not have one.
		return undefined;
	}
}

/** Returns whether the history is of the chain with this genesis. Without a genesis, it is that of the server's own node. */
export function hasHistory({ history, replaced }: Settings, genesisHash: string): boolean {
	if (!history) return false;
	return history.genesis === undefined ? replaced === undefined : history.genesis === genesisHash.toLowerCase();
}

/** Returns what a visitor has to know of the settings, as sentences. */
export function noticesOf(settings: Settings, genesisHash: string): string[] {
	const { rpc, replaced, history } = settings;
	const notices: string[] = [];
	if (replaced !== undefined) {
		notices.push(`This page shows the node ${rpc}, as its address asks, and not ${replaced}, the node of its server.`);
	}
	if (history?.genesis !== undefined && !hasHistory(settings, genesisHash)) {
		notices.push('The history here is of another chain, so it is not shown.');
	}
	return notices;
}

/** Returns what is wrong with a node's address, if something is. */
export function problemOf(rpc: string): string | undefined {
	const url = parsed(rpc);
	if (!url) return `“${rpc}” is not an address. Write one such as wss://node.example or ws://127.0.0.1:9944.`;
	if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
		return `The address of a node begins with ws:// or wss://, not with ${url.protocol}//.`;
	}
	if (location.protocol === 'https:' && url.protocol === 'ws:' && !isLoopback(url.hostname)) {
		return 'A page that came by https may only connect to wss:// addresses.';
	}
	return undefined;
}

function parsed(address: string): URL | undefined {
	try {
		return new URL(address);
	} catch {
		return undefined;
	}
}

function isSameAddress(one: string, other: string): boolean {
	return one === other || (parsed(one) !== undefined && parsed(one)?.href === parsed(other)?.href);
}

function isLoopback(host: string): boolean {
	return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}
