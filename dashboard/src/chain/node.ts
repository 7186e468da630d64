/** A chain behind a node's classic JSON-RPC, through dedot. */
import { type ISubstrateClientAt, LegacyClient, QueryableStorage, WsProvider } from 'dedot';
import { concatU8a, decodeAddress, encodeAddress, u8aToHex, xxhashAsU8a } from 'dedot/utils';
import { plainEvents } from './events';
import type { ProverPoolApi } from './generated/prover-pool';
import { plain, type Plain } from './plain';
import { submit, tryCall } from './calls';
import { lotteryOf, protocolOf } from './constants';
import { readDrawEvidence } from './draws';
import { nextStart, PAGE } from './pages';
import type * as Types from './types';

export type Client = LegacyClient<ProverPoolApi>;
export type ClientAt = ISubstrateClientAt<ProverPoolApi>;

const RETRY_MS = 1000;
/** The storage key of the version of the pool's clock. */
const POOL_CLOCK_VERSION = u8aToHex(
	concatU8a(xxhashAsU8a('PoolClock', 128), xxhashAsU8a(':__STORAGE_VERSION__:', 128)),
);

/** Connects to a node. Waits until it answers. */
export async function connect(url: string, onWaiting: () => void): Promise<Types.Chain> {
	// The client gives up if its first connection fails, so it begins when the node answers.
	while (!(await answers(url))) {
		onWaiting();
		await new Promise((done) => setTimeout(done, RETRY_MS));
	}
	const provider = new WsProvider({ endpoint: url, retryDelayMs: RETRY_MS });
	// A sealed chain may make no block for long, which does not mean that the connection is broken.
	const client = await LegacyClient.new<ProverPoolApi>({ provider, stalingDetectionTimeout: 0 });
	return new NodeChain(client, provider, await readInfo(client, url));
}

/** Returns whether a connection to an address can be made. */
function answers(url: string): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = new WebSocket(url);
		socket.onopen = () => {
			socket.close();
			resolve(true);
		};
		socket.onerror = () => resolve(false);
	});
}

/** The pallets without which there is nothing to show. */
const NEEDED = ['ProverPool', 'ProverLottery', 'BlockProposal', 'VrfAccumulator', 'Babe'];
/** What the page assumes where a node names no unit or an impossible one. */
const UNIT = { symbol: 'UNIT', decimals: 12 };
/** The decimals of the largest amount of 128 bits. */
const MOST_DECIMALS = 38;

async function readInfo(client: Client, url: string): Promise<Types.ChainInfo> {
	const pallets = new Set(client.metadata.latest.pallets.map(({ name }) => name));
	const missing = NEEDED.find((name) => !pallets.has(name));
	if (missing) throw new Error(`the chain of ${url} has no prover pool, since it has no pallet ${missing}.`);
	const [name, type, properties] = await Promise.all([
		client.rpc.system_chain(),
		client.rpc.system_chainType(),
		client.rpc.system_properties(),
	]);
	const first = <Value>(value: Value | Value[] | undefined) => (Array.isArray(value) ? value[0] : value);
	const decimals = Number(first(properties.tokenDecimals) ?? UNIT.decimals);
	const isPossible = Number.isInteger(decimals) && decimals >= 0 && decimals <= MOST_DECIMALS;
	return {
		url,
		name,
		genesisHash: client.genesisHash,
		symbol: first(properties.tokenSymbol) ?? UNIT.symbol,
		decimals: isPossible ? decimals : UNIT.decimals,
		ss58Format: client.consts.system.ss58Prefix,
		development: type === 'Development',
		slotDuration: Number(client.consts.babe.expectedBlockTime),
		existentialDeposit: client.consts.balances.existentialDeposit,
		protocol: protocolOf(client),
		lottery: lotteryOf(client),
	};
}

/** Returns the version of the runtime whose types a client has. */
function specOf({ consts }: Client | ClientAt): number {
	return consts.system.version.specVersion;
}

export class NodeChain implements Types.Chain {
	readonly info: Types.ChainInfo;
	readonly client: Client;
	#provider: WsProvider;
	/** The version of the runtime whose constants `info` has. */
	#spec: number;

	constructor(client: Client, provider: WsProvider, info: Types.ChainInfo) {
		this.client = client;
		this.#provider = provider;
		this.info = info;
		this.#spec = specOf(client);
	}

	/** Returns a decoded value with this chain's addresses. */
	plain<T>(value: T): Plain<T> {
		return plain(value, this.info.ss58Format);
	}

	onConnection(listener: (connection: Types.Connection) => void) {
		this.#provider.on('disconnected', () => listener('reconnecting'));
		this.#provider.on('reconnecting', () => listener('reconnecting'));
		this.#provider.on('connected', async () => {
			try {
				const [genesis, { specVersion }] = await Promise.all([
					this.client.rpc.chain_getBlockHash(0),
					this.client.rpc.state_getRuntimeVersion(),
				]);
				// The node was replaced, or its chain was: what the page has read is not of this chain.
				if (genesis !== this.info.genesisHash || specVersion !== this.#spec) location.reload();
				listener('connected');
			} catch {
				// The connection has broken again, and the next one will ask.
			}
		});
	}

	/** Calls the listener when the connection breaks. Returns what ends that. */
	onDisconnected(listener: () => void): () => void {
		return this.#provider.on('disconnected', listener);
	}

	get isConnected(): boolean {
		return this.#provider.status === 'connected';
	}

	follow(onBest: (block: Types.BlockRef) => void, onFinalized: (number: number) => void) {
		this.client.block.best(({ number, hash, parent }) => onBest({ number, hash, parentHash: parent }));
		this.client.block.finalized(({ number }) => onFinalized(number));
	}

	async hashes(numbers: number[]): Promise<(string | null)[]> {
		if (numbers.length === 0) return [];
		// The node takes a list, which dedot's types do not know.
		const getBlockHash = this.client.rpc.chain_getBlockHash as unknown as (
			numbers: number[],
		) => Promise<(string | null)[]>;
		return getBlockHash(numbers);
	}

	async block(hash: string): Promise<Types.ChainBlock> {
		const [header, state] = await Promise.all([
			this.client.rpc.chain_getHeader(hash as `0x${string}`),
			this.#presentBlockState(hash),
		]);
		if (!header) throw new Error(`The node has no block ${hash}.`);
		const { number, parentHash } = header;
		return { number, hash, parentHash, ...(state ?? (await this.#pastBlockState(hash))) };
	}

	/** Reads events and time of a block in one request, if it was made by the present runtime. */
	async #presentBlockState(hash: string) {
		const { registry } = this.client;
		const [events, now, upgrade] = [
			new QueryableStorage(registry, 'system', 'events'),
			new QueryableStorage(registry, 'timestamp', 'now'),
			new QueryableStorage(registry, 'system', 'lastRuntimeUpgrade'),
		];
		const keys = [events, now, upgrade].map((item) => item.encodeKey() as `0x${string}`);
		const [answer] = await this.client.rpc.state_queryStorageAt(keys, hash as `0x${string}`);
		const values = new Map(answer?.changes ?? []);
		const [eventsValue, nowValue, upgradeValue] = keys.map((key) => values.get(key));
		const { specVersion } = upgrade.decodeValue(upgradeValue) ?? {};
		if (specVersion !== specOf(this.client)) return undefined;
		return {
			time: Number(now.decodeValue(nowValue)),
			events: plainEvents(this.plain(events.decodeValue(eventsValue))),
		};
	}

	/** Reads the same of a block that another runtime made. */
	async #pastBlockState(hash: string) {
		const at = await this.at(hash);
		const [events, time] = await at.queryMulti([
			{ fn: at.query.system.events, args: [] },
			{ fn: at.query.timestamp.now, args: [] },
		]);
		return { time: Number(time), events: plainEvents(this.plain(events)) };
	}

	async market(ref: Types.BlockRef): Promise<Types.Market> {
		const at = await this.at(ref.hash);
		this.#renewConstants(at);
		const { query, call } = at;
		const [poolClock, state, fee, freeCapacity] = await Promise.all([
			this.#poolClock(at, ref.number),
			at.queryMulti([
				{ fn: query.timestamp.now, args: [] },
				{ fn: query.blockProposal.clock, args: [] },
				{ fn: query.blockProposal.averages, args: [] },
				{ fn: query.blockProposal.chain, args: [] },
				{ fn: query.blockProposal.pausedUntil, args: [] },
				{ fn: query.proverPool.drawQueue, args: [] },
				{ fn: query.proverLottery.state, args: [] },
			]),
			call.blockProposalApi.feePerGas(),
			call.proverPoolApi.getCapacity(),
		]);
		const [time, clock, averages, rollup, pausedUntil, queue, lottery] = state;
		const rows = rollup ? await call.blockProposalApi.blocks(rollup.head, PAGE) : [];
		const others = rows.some(({ block }) => block.claims > 0) ? await this.#claims(at) : new Map();
		return {
			...ref,
			time: Number(time),
			clock,
			poolClock,
			fee,
			averages,
			rollup: rollup && this.plain(rollup),
			waiting: rows.map(({ blockId, block }) => ({
				blockId,
				...this.plain(block),
				others: others.get(blockId) ?? [],
			})),
			pausedUntil,
			freeCapacity,
			listedMembers: lottery?.root.len ?? 0,
			listedStake: lottery?.listedStake.total ?? 0n,
			queue: this.plain(queue),
		};
	}

	/** Takes over the constants of a block's runtime, if it is another one. */
	#renewConstants(at: ClientAt) {
		const spec = specOf(at);
		if (spec === this.#spec) return;
		Object.assign(this.info.protocol, protocolOf(at));
		Object.assign(this.info.lottery, lotteryOf(at));
		this.#spec = spec;
	}

	/** Returns the pool's clock. The first runtime counts blocks, later ones slots: the version of `PoolClock` says. */
	async #poolClock({ query, atBlockHash }: ClientAt, number: number): Promise<Types.Market['poolClock']> {
		const version = await this.client.rpc.state_getStorage(POOL_CLOCK_VERSION, atBlockHash);
		if (version == null || version === '0x0000') return { now: number, unit: 'block' };
		return { now: Number(await query.babe.currentSlot()), unit: 'slot' };
	}

	/** Returns all claims but those of assigned provers in time, by block. */
	async #claims({ query }: ClientAt): Promise<Map<Types.BlockId, Types.Claim[]>> {
		const claims = new Map<Types.BlockId, Types.Claim[]>();
		for (const [[blockId], list] of await query.blockProposal.claims.entries()) {
			claims.set(blockId, [...(claims.get(blockId) ?? []), ...this.plain(list)]);
		}
		return claims;
	}

	async members(hash: string, fee: number, start: number) {
		const { call } = await this.at(hash);
		const [rows, weights] = await Promise.all([
			call.proverPoolApi.getProvers(start, PAGE),
			call.proverPoolApi.getProverWeights(fee, start, PAGE),
		]);
		const weightOf = new Map(weights.map((row) => [row.proverId, row]));
		const members = rows.map((row) => {
			const { weight = 0n, share = 0n } = weightOf.get(row.proverId) ?? {};
			return { ...this.plain(row), weight, share };
		});
		return { members, next: nextStart(members, start) };
	}

	async staker(who: Types.Account, hash: string): Promise<Types.StakerRow> {
		const { call } = await this.at(hash);
		return this.plain(await call.proverPoolApi.getStaker(who));
	}

	async duties(who: Types.Account, hash: string): Promise<Types.Duty[]> {
		const { call } = await this.at(hash);
		return this.plain(await call.proverPoolApi.getAssignments(who, undefined, PAGE));
	}

	async balance(who: Types.Account, hash: string): Promise<Types.AccountBalance> {
		const { query } = await this.at(hash);
		const { free, reserved, frozen } = (await query.system.account(who)).data;
		return { free, reserved, frozen };
	}

	async proxiesOf(real: Types.Account, hash: string): Promise<Types.Proxy[]> {
		const { query } = await this.at(hash);
		const [proxies] = this.plain(await query.proxy.proxies(real));
		return proxies.map(({ delegate, proxyType, delay }) => ({ real, delegate, type: proxyType, delay }));
	}

	async parameters(hash: string): Promise<Types.PoolParameters> {
		const { call } = await this.at(hash);
		return this.plain(await call.proverPoolApi.getParameters());
	}

	async pendingSlashes(hash: string): Promise<Types.PendingSlash[]> {
		const { query } = await this.at(hash);
		const entries = await query.proverPool.pendingSlashes.entries();
		return entries
			.map(([blockId, slash]) => ({ blockId, ...this.plain(slash) }))
			.sort((a, b) => a.dueAt - b.dueAt || Number(a.blockId - b.blockId));
	}

	async drawnAt(blockId: Types.BlockId, hash: string): Promise<number | undefined> {
		const { query } = await this.at(hash);
		return (await query.proverPool.assignments(blockId))?.drawnAt;
	}

	drawEvidence(hash: string) {
		return readDrawEvidence(this, hash);
	}

	tryCall(call: Types.PoolCall, origin: Types.Origin) {
		return tryCall(this, call, origin);
	}

	submit(call: Types.PoolCall, origin: Types.Origin, signer: Types.Signer, sent: () => void) {
		return submit(this, call, origin, signer, sent);
	}

	normalise(address: string): Types.Account | undefined {
		try {
			return encodeAddress(decodeAddress(address.trim()), this.info.ss58Format);
		} catch {
			return undefined;
		}
	}

	/** Returns the state after a block, with the types of the runtime that made it. */
	async at(hash: string): Promise<ClientAt> {
		const at = await this.client.at(hash as `0x${string}`);
		if (specOf(at) !== at.runtimeVersion.specVersion) {
			// The client learns of an upgrade before it has the new types, and keeps this answer for minutes.
			await this.client.clearCache(true);
			throw new Error('The runtime has just changed.');
		}
		// dedot's own decodes all blocks by the types of the latest runtime.
		return { ...at, queryMulti: ((queries) => this.#values(at, queries)) as ClientAt['queryMulti'] };
	}

	/** Reads several values of a block in one request. */
	async #values({ registry, atBlockHash }: ClientAt, queries: Parameters<ClientAt['queryMulti']>[0]) {
		const keys = queries.map(({ fn, args }) => fn.rawKey(...(args ?? [])));
		const [answer] = await this.client.rpc.state_queryStorageAt(keys, atBlockHash);
		const values = new Map(answer?.changes ?? []);
		return queries.map(({ fn: { meta } }, i) =>
			new QueryableStorage(registry, meta.pallet, meta.name).decodeValue(values.get(keys[i])),
		);
	}
}
