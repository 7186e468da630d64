/** The page on a made-up chain: a pool of many members, and text in every field that tries to be more than text. */
import { render } from 'solid-js/web';
import { App } from '../../src/app';
import type { BlockRef, Chain, ChainBlock, ChainEvent, Market, Member, Origin, PoolCall } from '../../src/chain/types';
import { createLive } from '../../src/live/live';
import { group, shareOf, weight } from '../../src/logic/odds';
import { lottery, market, protocol } from '../../tests/made-up';
import '../../src/style/base.css';
import '../../src/style/parts.css';
import '../../src/style/market.css';
import '../../src/style/screens.css';

const MEMBERS = 100_000;
const PAGE = 1_024;
const FEE = 10_000;
const HOSTILE = `"><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

const prices = (i: number) => 5_000 + ((i * 7_919) % 12_000);
const stakes = (i: number) => 40n * 10n ** 12n + BigInt((i * 104_729) % 1_000_003) * 10n ** 9n;
const accountOf = (i: number) => `5${i.toString(36).padStart(46, 'x')}`;

const BAND = { floor: 7_500, ceiling: 12_500 };
const all = Array.from({ length: MEMBERS }, (_, i) => ({ proverId: i + 1, stake: stakes(i), price: prices(i) }));
const { total } = group(all, BAND);

function member(i: number): Member {
	const own = weight(stakes(i), Math.min(Math.max(prices(i), BAND.floor), BAND.ceiling));
	return {
		proverId: i + 1,
		account: i === 0 ? HOSTILE : accountOf(i),
		offer: { stake: stakes(i), rewardPerGas: prices(i), maxCapacity: 4 + (i % 60), paused: false },
		currentCapacity: 4,
		status: i % 50 === 0 ? { type: 'Suspended', value: { until: 2_000 } } : { type: 'Active' },
		listed: undefined,
		enteredAt: 0,
		enteredIn: 0,
		changedIn: 0,
		record: { assigned: i % 90, served: i % 80, missed: i % 3, missesInARow: 0 },
		weight: own,
		share: shareOf(own, total),
	};
}

const events = [
	{ name: 'ProverPool.Paused', data: { who: HOSTILE } },
	{ name: 'BlockProposal.PoolRefused', data: { blockId: 1n, error: HOSTILE } },
	{ name: 'BlockProposal.BlockOpened', data: { blockId: 1n, cause: { type: 'Drawn', value: HOSTILE } } },
	{
		name: 'ProverPool.Slashed',
		data: { blockId: 1n, who: HOSTILE, amount: 1n, fromExits: 0n, fromStake: 1n, fault: HOSTILE },
	},
] as unknown as ChainEvent[];

const ref: BlockRef = { number: 1_000, hash: HOSTILE, parentHash: 'parent' };
const block: ChainBlock = { ...ref, time: Date.now(), events };

const chain = {
	info: {
		url: HOSTILE,
		name: HOSTILE,
		genesisHash: HOSTILE,
		symbol: HOSTILE,
		decimals: 12,
		ss58Format: 42,
		development: true,
		slotDuration: 6_000,
		existentialDeposit: 1n,
		protocol,
		lottery,
	},
	onConnection: () => {},
	follow: (onBest: (ref: BlockRef) => void) => onBest(ref),
	block: async () => block,
	hashes: async (numbers: number[]) => numbers.map(() => null),
	market: async () => market({ ...ref, fee: FEE, listedMembers: MEMBERS }) as Market,
	members: async (_hash: string, _fee: number, start: number) => {
		const end = Math.min(start - 1 + PAGE, MEMBERS);
		const members = Array.from({ length: end - start + 1 }, (_, i) => member(start - 1 + i));
		return { members, next: end < MEMBERS ? end + 1 : undefined };
	},
	parameters: async () => ({
		minCapacity: 4,
		maxCapacity: 128,
		minStakePerCapacity: 1n,
		minChangeDelay: 10,
		exitPeriod: 10,
		entryDelay: 10,
		maxMisses: 3,
		slashPoints: 2_500_000,
		slashMultiplier: 2,
	}),
	pendingSlashes: async () => [],
	staker: async (who: string) => ({ prover: { ...member(1), account: who }, maxCapacity: 4, exits: [], record: member(1).record, held: 1n }),
	duties: async () => [],
	balance: async () => ({ free: 10n ** 15n, reserved: 0n, frozen: 0n }),
	proxiesOf: async (real: string) => [{ real, delegate: accountOf(1), type: 'Staking', delay: 0 }],
	tryCall: async () => ({ refusal: undefined, simulation: undefined, fee: 1n }),
	// The connection breaks after the transaction was sent.
	submit: async (call: PoolCall, origin: Origin) => {
		(window as unknown as { submitted: object }).submitted = { call: call.call, ...origin };
		return undefined;
	},
	normalise: (address: string) => (/^5x+[0-9a-z]+$/.test(address) ? address : undefined),
} as unknown as Chain;

const root = document.getElementById('app') as HTMLElement;
render(() => {
	const live = createLive(chain);
	return <App live={live} history={new URLSearchParams(location.search).has('history')} notices={[HOSTILE]} />;
}, root);
