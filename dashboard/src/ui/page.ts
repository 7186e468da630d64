/** What every part of the page may use: the state of the chain, and how it writes amounts and names. */
import { createContext, useContext } from 'solid-js';
import type { Live } from '../live/live';
import { DEVELOPMENT_NAMES } from '../logic/names';

export const PageContext = createContext<{ live: Live; history: boolean }>();

/** Returns the page's state. */
export function usePage() {
	const page = useContext(PageContext);
	if (!page) throw new Error('This part is used outside of the page.');
	return page;
}

/** Returns the live state of the chain. */
export const useLive = () => usePage().live;

/** Returns the chain's facts. */
export const useInfo = () => usePage().live.chain.info;

/** Returns the name of an account, if the page knows one. */
export function useNames(): (account: string) => string | undefined {
	const { development } = useInfo();
	return (account) => (development ? DEVELOPMENT_NAMES[account] : undefined);
}
