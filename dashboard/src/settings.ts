/** Where the page finds its node: `?rpc=wss://…`, else `config.json` beside it, else a node on this machine. */
export interface Settings {
	rpc: string;
	/** Whether the server of the page answers questions about the past under `v1/`. */
	history: boolean;
}

const DEFAULT_RPC = 'ws://127.0.0.1:9944';

/** Reads the settings. */
export async function readSettings(): Promise<Settings> {
	const served = await readConfig();
	const asked = new URLSearchParams(location.search).get('rpc');
	// History is that of the server's own node.
	if (asked !== null) return { rpc: asked, history: served?.history === true && served.rpc === asked };
	return { rpc: served?.rpc ?? DEFAULT_RPC, history: served?.history === true };
}

async function readConfig(): Promise<Partial<Settings> | undefined> {
	try {
		const response = await fetch('./config.json', { headers: { accept: 'application/json' } });
		return response.ok ? ((await response.json()) as Partial<Settings>) : undefined;
	} catch {
		// A static host has none.
		return undefined;
	}
}

/** Returns what is wrong with a node's address, if something is. */
export function problemOf(rpc: string): string | undefined {
	let url: URL;
	try {
		url = new URL(rpc);
	} catch {
		return `“${rpc}” is not an address. Write one such as wss://node.example or ws://127.0.0.1:9944.`;
	}
	if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
		return `The address of a node begins with ws:// or wss://, not with ${url.protocol}//.`;
	}
	if (location.protocol === 'https:' && url.protocol === 'ws:' && !isLoopback(url.hostname)) {
		return 'A page that came by https may only connect to wss:// addresses.';
	}
	return undefined;
}

function isLoopback(host: string): boolean {
	return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}
