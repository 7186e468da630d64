/**
 * What the page knows of a chain, and the interface through which it asks. The screens use nothing else, so
 * another client needs only another implementation of `Chain`.
 */
import type {
	PalletBlockProposalBlock,
	PalletBlockProposalChainState,
	PalletBlockProposalClaim,
	PalletBlockProposalMovingAverages,
	PalletProverPoolDrawRequest,
	PalletProverPoolPendingSlash,
	PalletProverPoolProver,
	PalletProverPoolRowsAssignmentRow,
	PalletProverPoolRowsParameters,
	PalletProverPoolRowsProverRow,
	PalletProverPoolRowsSimulation,
	PalletProverPoolRowsStakerRow,
	PalletProverPoolStaker,
	PalletProverPoolStakerExit,
	ProverPoolRuntimeConfigsProxiesProxyType,
	ProverPoolRuntimeRuntimeEvent,
} from './generated/prover-pool';
import type { ChainConsts } from './generated/prover-pool/consts';
import type { Plain } from './plain';

export type Account = string;
export type BlockId = bigint;

export type MemberRow = Plain<PalletProverPoolRowsProverRow>;
export type StakerRow = Plain<PalletProverPoolRowsStakerRow>;
export type Exit = Plain<PalletProverPoolStakerExit>;
export type Duty = Plain<PalletProverPoolRowsAssignmentRow>;
export type Simulation = Plain<PalletProverPoolRowsSimulation>;
export type PoolParameters = Plain<PalletProverPoolRowsParameters>;
export type PendingSlash = Plain<PalletProverPoolPendingSlash> & { blockId: BlockId };
export type DrawRequest = Plain<PalletProverPoolDrawRequest>;
export type StoredProver = Plain<PalletProverPoolProver>;
export type StoredStaker = Plain<PalletProverPoolStaker>;
export type WaitingBlock = Plain<PalletBlockProposalBlock> & {
	blockId: BlockId;
	/** The claims besides the assigned prover's in time, on all parents. */
	others: Claim[];
};
export type Claim = Plain<PalletBlockProposalClaim>;
export type RollupState = Plain<PalletBlockProposalChainState>;
export type Averages = Plain<PalletBlockProposalMovingAverages>;
export type ProxyType = ProverPoolRuntimeConfigsProxiesProxyType;

/** The constants of the protocol that the page uses or shows. */
export type ProtocolConstants = Pick<
	ChainConsts['blockProposal'],
	| 'averagingFactor'
	| 'baseGas'
	| 'cooldown'
	| 'expiryPeriod'
	| 'maxBarred'
	| 'maxDelayPenalty'
	| 'maxFeePerGas'
	| 'maxFeeStep'
	| 'maxForks'
	| 'maxGasLimit'
	| 'maxOpenBlocks'
	| 'maxPause'
	| 'maxPendingPerProposer'
	| 'maxProofSize'
	| 'maxProofWindow'
	| 'maxTxListSize'
	| 'maxUnverifiedBlocks'
	| 'minFeePerGas'
	| 'minProofWindow'
	| 'openRewardEnd'
	| 'openRewardStart'
	| 'proofBond'
	| 'rescueBonus'
	| 'windowMultiplier'
>;

/** The band of prices around the fee, in percent of it. */
export type LotteryParameters = Pick<ChainConsts['proverLottery'], 'priceFloorPercent' | 'priceCeilingPercent'>;

type EventsOf<Event> = Event extends { pallet: infer Pallet extends string; palletEvent: infer Inner }
	? Inner extends { name: infer Name extends string }
		? { name: `${Pallet}.${Name}`; data: Inner extends { data: infer Data } ? Plain<Data> : undefined }
		: never
	: never;

/** An event of the chain: `Pallet.Name` and its fields. */
export type ChainEvent = EventsOf<ProverPoolRuntimeRuntimeEvent> & {
	/** The extrinsic that caused it; `undefined` for the block's own hooks. */
	extrinsic?: number;
};

/** The fields of an event. */
export type EventData<Name extends ChainEvent['name']> = Extract<ChainEvent, { name: Name }>['data'];

export interface BlockRef {
	number: number;
	hash: string;
	parentHash: string;
}

/** A block of the chain with its events. */
export interface ChainBlock extends BlockRef {
	/** Milliseconds since 1970. */
	time: number;
	events: ChainEvent[];
}

/** The state of market and rollup after a block of the chain. All of it is read from that one block. */
export interface Market extends BlockRef {
	/** Milliseconds since 1970. */
	time: number;
	/** The protocol's clock, by which windows and cooldowns run. */
	clock: number;
	/** The pool's clock, by which exits, suspensions and deferred slashes run. */
	poolClock: { now: number; unit: 'block' | 'slot' };
	fee: number;
	averages: Averages;
	/** `undefined` before the protocol was started. */
	rollup: RollupState | undefined;
	/** The blocks that are not settled, cancelled ones included. */
	waiting: WaitingBlock[];
	/** The block in which a pause ends. */
	pausedUntil: number | undefined;
	/** How many blocks could be assigned now. */
	freeCapacity: bigint;
	/** The members that draws or rank know. */
	listedMembers: number;
	listedStake: bigint;
	queue: DrawRequest[];
}

/** A member with its weight at the fee of the block. */
export interface Member extends MemberRow {
	weight: bigint;
	/** Parts of 10¹⁸ of all weights. */
	share: bigint;
}

/** What a draw used, as of its block. */
export interface DrawEvidence {
	block: ChainBlock;
	/** The requests that waited for their draw, in order. */
	requests: DrawRequest[];
	/** The accumulator after the block took in its parent. */
	accumulator: { digest: string; knownSince: number };
	/** The accumulator and the VRF output of the parent. */
	parentAccumulator: { digest: string; knownSince: number } | undefined;
	parentOutput: string | undefined;
	/** Members and accounts by the records of the parent. */
	members: { proverId: number; prover: StoredProver; staker: StoredStaker }[];
	lottery: LotteryParameters;
	drawDelay: number;
	maxDrawsPerBlock: number;
	/** Returns the weights at a fee that the chain computes itself, by slot. */
	chainWeights(feePerGas: number): Promise<Map<number, bigint>>;
}

export interface ChainInfo {
	/** The node's address. */
	url: string;
	name: string;
	genesisHash: string;
	symbol: string;
	decimals: number;
	ss58Format: number;
	/** Whether the node says that this is a development chain. */
	development: boolean;
	/** The expected milliseconds between two blocks. Sealed chains differ: measure. */
	slotDuration: number;
	existentialDeposit: bigint;
	/** The constants of the runtime. An upgrade changes the values in these two objects. */
	protocol: ProtocolConstants;
	lottery: LotteryParameters;
}

/** A call of the pool that a member or a future member may make. */
export type PoolCall =
	| { call: 'stake'; amount: bigint; rewardPerGas: number; maxCapacity: number }
	| { call: 'stakeExtra'; amount: bigint }
	| { call: 'unstake'; amount: bigint }
	| { call: 'restake'; exit: number }
	| { call: 'setTerms'; rewardPerGas: number; maxCapacity: number }
	| { call: 'pause' }
	| { call: 'resume' }
	| { call: 'exit' }
	| { call: 'withdraw' };

/** Who signs, and for which account. */
export interface Origin {
	signer: Account;
	/** The account for which the signer acts as a proxy. */
	real?: Account;
}

/** An error of the chain, by name: `ProverPool.NotInPool`, `Token.FundsUnavailable`, `BadOrigin`. */
export interface Refusal {
	name: string;
	/** The chain's own sentence, if it has one. */
	docs: string;
}

export interface Trial {
	refusal: Refusal | undefined;
	/** Where the pool has a simulation of the call: the account before and after it. */
	simulation: Simulation | undefined;
	/** The fee of the transaction, in base units. */
	fee: bigint;
}

/** What became of a transaction in the block that includes it. */
export interface Included {
	blockNumber: number;
	refusal: Refusal | undefined;
	events: ChainEvent[];
}

/** Signs transactions: a wallet by their fields, a key of this page by their bytes. */
export type Signer =
	| { signPayload(payload: unknown): Promise<{ signature: `0x${string}`; signedTransaction?: unknown }> }
	| { sign(message: Uint8Array): Uint8Array };

export interface AccountBalance {
	free: bigint;
	reserved: bigint;
	frozen: bigint;
}

export interface Proxy {
	real: Account;
	delegate: Account;
	type: ProxyType;
	delay: number;
}

export type Connection = 'connected' | 'reconnecting';

export interface Chain {
	readonly info: ChainInfo;

	onConnection(listener: (connection: Connection) => void): void;
	/** Calls the listener with each new best block, and with each finalized block's number. */
	follow(onBest: (block: BlockRef) => void, onFinalized: (number: number) => void): void;

	block(hash: string): Promise<ChainBlock>;
	hashes(numbers: number[]): Promise<(string | null)[]>;
	market(ref: BlockRef): Promise<Market>;
	/** A page of members from a slot on, with their weights at a fee. */
	members(hash: string, fee: number, start: number): Promise<{ members: Member[]; next: number | undefined }>;
	staker(who: Account, hash: string): Promise<StakerRow>;
	duties(who: Account, hash: string): Promise<Duty[]>;
	balance(who: Account, hash: string): Promise<AccountBalance>;
	/** The keys that an account has named as its proxies. */
	proxiesOf(real: Account, hash: string): Promise<Proxy[]>;
	parameters(hash: string): Promise<PoolParameters>;
	pendingSlashes(hash: string): Promise<PendingSlash[]>;
	/** The moment at which the pool drew a block, while the assignment is not closed. */
	drawnAt(blockId: BlockId, hash: string): Promise<number | undefined>;
	drawEvidence(hash: string): Promise<DrawEvidence>;

	tryCall(call: PoolCall, origin: Origin): Promise<Trial>;
	/**
	 * Signs and sends a call, and calls `sent` when the node has it. Returns when a block includes it, or `undefined`
	 * if the connection breaks before: then it may be included all the same.
	 */
	submit(call: PoolCall, origin: Origin, signer: Signer, sent: () => void): Promise<Included | undefined>;
	/** The address of this prefix for any valid address, or `undefined`. */
	normalise(address: string): Account | undefined;
}
