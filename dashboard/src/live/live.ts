/** The state of the page: what it has read of the chain, as signals that follow the best block. */
import { batch, createMemo, createSignal } from 'solid-js';
import type { BlockRef, Chain, ChainBlock, Connection, Market } from '../chain/types';
import { type Story, storiesOf } from '../logic/stories';

/** The blocks that a node with the default pruning has the state of, less some that end meanwhile. */
const READ_BACK = 248;
/** The blocks that the page keeps. */
const KEPT = 2_000;
/** The requests for older blocks that are under way at once. */
const AT_ONCE = 8;
/** The blocks of which the mean time between two is taken, and the least of them that came while the page looked. */
const MEASURED = 20;
const LEAST_MEASURED = 4;
/** Clocks that differ more do not show the same time: those of development chains are made up. */
const SAME_CLOCK_MS = 86_400_000;

export type Live = ReturnType<typeof createLive>;

/** Follows a chain. Reads the present state first, then the blocks before it, latest first. */
export function createLive(chain: Chain) {
	const [market, setMarket] = createSignal<Market>();
	const [blocks, setBlocks] = createSignal<ChainBlock[]>([]);
	const [finalized, setFinalized] = createSignal(0);
	const [connection, setConnection] = createSignal<Connection>('connected');
	const [readingBack, setReadingBack] = createSignal(true);
	const [discarded, setDiscarded] = createSignal<ChainBlock[]>([]);
	const [problem, setProblem] = createSignal<string>();
	const [arrivals, setArrivals] = createSignal<{ number: number; at: number }[]>([]);

	let latest: BlockRef | undefined;
	let busy = false;

	chain.onConnection(setConnection);
	chain.follow((ref) => {
		latest = ref;
		setArrivals((before) => [...before, { number: ref.number, at: Date.now() }].slice(-MEASURED));
		void catchUp();
	}, setFinalized);

	/** Reads until the page has the latest block. Blocks that come meanwhile are read with it. */
	async function catchUp() {
		if (busy) return;
		busy = true;
		while (latest && latest.hash !== market()?.hash) {
			const ref: BlockRef = latest;
			try {
				const [next, added] = await Promise.all([chain.market(ref), blocksUpTo(ref)]);
				const first = blocks().length === 0;
				batch(() => {
					append(added);
					setMarket(next);
					setProblem(undefined);
				});
				if (first) void readBack(ref);
			} catch (error) {
				setProblem(`Block ${ref.number} could not be read: ${(error as Error).message}`);
				// The next block may be readable: a runtime upgrade changes what can be read of one block.
				if (latest === ref) break;
			}
		}
		busy = false;
	}

	/** Returns the blocks that are new on the branch of a block, in order. */
	async function blocksUpTo({ hash, number }: BlockRef): Promise<ChainBlock[]> {
		const known = new Set(blocks().map((block) => block.hash));
		const added: ChainBlock[] = [];
		let next = hash;
		while (!known.has(next) && added.length <= READ_BACK) {
			const block = await chain.block(next);
			added.unshift(block);
			next = block.parentHash;
			if (known.size === 0 || number === 0 || block.number === 0) break;
		}
		return added;
	}

	/** Adds blocks, and discards those of another branch. */
	function append(added: ChainBlock[]) {
		const first = added[0];
		if (!first) return;
		const before = blocks();
		const below = before.filter(({ number }) => number < first.number);
		if (below.length < before.length) setDiscarded(before.slice(below.length));
		// After a long sleep the blocks in between are missing: what is shown never has a hole.
		const kept = below.at(-1)?.hash === first.parentHash ? below : [];
		setBlocks([...kept, ...added].slice(-KEPT));
	}

	/** Reads the blocks before one, latest first. Stops where the node has no state any more. */
	async function readBack(ref: BlockRef) {
		const numbers = Array.from({ length: Math.min(READ_BACK, ref.number - 1) }, (_, i) => ref.number - 1 - i);
		try {
			const hashes = await chain.hashes(numbers);
			for (let i = 0; i < hashes.length; i += AT_ONCE) {
				const some = hashes.slice(i, i + AT_ONCE).filter((hash) => hash !== null);
				const read = await Promise.all(some.map((hash) => chain.block(hash)));
				read.reverse();
				setBlocks((later) => {
					// Another branch may have become the best one meanwhile.
					const joins = read.at(-1)?.hash === later[0]?.parentHash;
					return joins ? [...read, ...later] : later;
				});
			}
		} catch {
			// The node has discarded the state of the rest.
		}
		setReadingBack(false);
	}

	const stories = createMemo<Map<bigint, Story>>(() => storiesOf(blocks()));

	/**
	 * The milliseconds between two blocks, measured: between those that came while the page looked, and before
	 * there are enough, by the chain's clock.
	 */
	const blockTime = createMemo(() => {
		const came = arrivals();
		if (came.length >= LEAST_MEASURED) return mean(came) ?? chain.info.slotDuration;
		return mean(blocks().slice(-MEASURED).map(({ number, time }) => ({ number, at: time }))) ?? chain.info.slotDuration;
	});

	/** Whether the chain's clock shows the time. */
	const clockIsReal = createMemo(() => {
		const now = market();
		return now !== undefined && Math.abs(Date.now() - now.time) < SAME_CLOCK_MS;
	});

	/** The milliseconds of one step of the pool's clock. */
	const poolStep = createMemo(() => {
		// Where the clock is made up, each block has the next slot.
		const isSlot = market()?.poolClock.unit === 'slot' && clockIsReal();
		return isSlot ? chain.info.slotDuration : blockTime();
	});

	/** When the latest block came, by this machine's clock. */
	const latestArrival = () => arrivals().at(-1)?.at;

	return {
		chain,
		market,
		blocks,
		finalized,
		connection,
		readingBack,
		discarded,
		problem,
		stories,
		blockTime,
		poolStep,
		latestArrival,
		clockIsReal,
	};
}

/** Returns the mean time between two blocks. */
function mean(moments: { number: number; at: number }[]): number | undefined {
	const [first, last] = [moments[0], moments.at(-1)];
	if (!first || !last || last.number <= first.number) return undefined;
	return Math.max(1, (last.at - first.at) / (last.number - first.number));
}
