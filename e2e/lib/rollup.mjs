/** The protocol side: proposes and proves blocks. */
import { u8aToHex } from '@polkadot/util';
import { randomAsU8a } from '@polkadot/util-crypto';
import { Lineage } from './lineage.mjs';
import { plain } from './plain.mjs';
import { attest, instanceHash } from './proving.mjs';
import * as rules from './rules.mjs';

/** The constants of pallet block-proposal that the rules need. */
const CONSTANTS = [
	'averagingFactor',
	'baseGas',
	'cooldown',
	'expiryPeriod',
	'maxDelayPenalty',
	'maxFeePerGas',
	'maxFeeStep',
	'maxGasLimit',
	'maxForks',
	'maxOpenBlocks',
	'maxPause',
	'maxPendingPerProposer',
	'maxProofSize',
	'maxProofWindow',
	'maxTxListSize',
	'maxUnverifiedBlocks',
	'minFeePerGas',
	'minProofWindow',
	'openRewardEnd',
	'openRewardStart',
	'proofBond',
	'rescueBonus',
	'windowMultiplier',
];

/** The numbers of the rollup's development accounts. */
export const DEV_ACCOUNTS = Array.from({ length: 16 }, (_, number) => number);

export class Rollup {
	/**
	 * @param {import('./chain.mjs').Chain} chain
	 * @param {string} [folder] of the rollup's states; by default a temporary one
	 */
	constructor(chain, folder) {
		this.chain = chain;
		this.tx = chain.api.tx.blockProposal;
		this.lineage = new Lineage(chain, folder);
		this.parameters = Object.fromEntries(
			CONSTANTS.map((name) => [name, chain.constant('blockProposal', name)]),
		);
	}

	/**
	 * Returns the call that proposes a block.
	 *
	 * @param {object} options
	 * @param {string} options.beneficiary
	 * @param {number} [options.gasLimit]
	 * @param {string} [options.txList] by default one that does not decode, which gives an empty block
	 * @param {number} [options.maxFeePerGas]
	 */
	proposal({
		beneficiary,
		gasLimit = 1_000_000,
		txList = u8aToHex(randomAsU8a(64)),
		maxFeePerGas = this.parameters.maxFeePerGas,
	}) {
		this.lineage.learn(txList);
		return this.tx.proposeBlock(txList, gasLimit, beneficiary, maxFeePerGas);
	}

	/** Proposes a block. Returns its `BlockProposed` event with the number of the chain's block. */
	async propose(proposer, { beneficiary = proposer.address, ...options } = {}) {
		const call = this.proposal({ beneficiary, ...options });
		const { events, block, fee } = await this.chain.ok(proposer, call);
		const { data } = events.find(({ name }) => name === 'BlockProposal.BlockProposed');
		return { ...data, beneficiary, block, fee };
	}

	/** Proposes several blocks in one transaction. */
	async proposeMany(count, proposer, options = {}) {
		const { tx } = this.chain.api;
		const beneficiary = proposer.address;
		const calls = Array.from({ length: count }, () => this.proposal({ beneficiary, ...options }));
		const { events, block } = await this.chain.ok(proposer, tx.utility.batchAll(calls));
		return events
			.filter(({ name }) => name === 'BlockProposal.BlockProposed')
			.map(({ data }) => ({ ...data, beneficiary, block }));
	}

	/** Returns a list of transfers between development accounts, valid after all waiting blocks. */
	async transfers(count, { accounts = DEV_ACCOUNTS, snapshot } = {}) {
		const [txList] = await this.lineage.transfers(snapshot ?? (await this.#latest()), { accounts, count });
		return txList;
	}

	/** Returns the state of the protocol. */
	state() {
		return this.chain.query('blockProposal', 'chain');
	}

	/** Returns a block that waits for verification, or `null`. */
	block(blockId) {
		return this.chain.query('blockProposal', 'blocks', blockId);
	}

	/**
	 * Returns the blocks that wait for verification after a block of the chain, without cancelled ones.
	 *
	 * @returns {Promise<{ number: number, now: number, nextId: bigint, verifiedHash: string,
	 *   waiting: object[] }>} the blocks in the order of their ids, each with all its claims
	 */
	async snapshot(number) {
		const { query } = await this.chain.at(number);
		const [now, { verifiedHash, nextId, cancelled }, blocks, claims] = await Promise.all([
			query.blockProposal.clock().then(plain),
			query.blockProposal.chain().then(plain),
			query.blockProposal.blocks.entries(),
			query.blockProposal.claims.entries(),
		]);
		const others = new Map();
		for (const [key, list] of claims) {
			const blockId = plain(key.args[0]);
			others.set(blockId, [...(others.get(blockId) ?? []), ...plain(list)]);
		}
		const waiting = blocks
			.map(([key, block]) => ({ blockId: plain(key.args[0]), ...plain(block) }))
			.filter(({ blockId }) => cancelled === null || blockId >= cancelled.below)
			.map((block) => ({
				...block,
				claims: [...claimInTime(block), ...(others.get(block.blockId) ?? [])],
			}))
			.sort((a, b) => (a.blockId < b.blockId ? -1 : 1));
		return { number, now, nextId, verifiedHash, waiting };
	}

	/** Returns the result of a block's draw: `BlockAssigned` or `BlockOpened`, with the chain's block. */
	async drawn({ blockId, block }) {
		for await (const { number, events } of this.chain.blocks(block + 1)) {
			const end = events.find(
				({ name, data }) =>
					data.blockId === blockId &&
					(name === 'BlockProposal.BlockAssigned' || name === 'BlockProposal.BlockOpened'),
			);
			if (end) return { ...end, block: number };
			if (number > block + 100) throw new Error(`block ${blockId} was not drawn`);
		}
	}

	/** Waits until a block is verified. Returns its event. */
	verified(blockId, options) {
		return this.chain.event('BlockProposal.BlockVerified', { blockId }, options);
	}

	/** Returns the fields of a right claim, by executing the waiting blocks up to this one. */
	async execution({ blockId }) {
		const results = await this.lineage.results(await this.#latest());
		return results.get(blockId).execution;
	}

	/** Returns a proof, as bytes. */
	proofOf(prover, block, execution, { attestor, instance } = {}) {
		const genesisHash = this.chain.api.genesisHash.toHex();
		const { blockId } = block;
		return attest(instanceHash({ genesisHash, blockId, block, execution, prover, ...instance }), attestor);
	}

	/** Returns the call that claims a result of a block. */
	claim(blockId, { parentHash, blockHash, gasUsed }, proof) {
		return this.tx.proveBlock(blockId, parentHash, blockHash, gasUsed, proof);
	}

	/**
	 * Returns the call that proves a block.
	 *
	 * @param {string} prover address
	 * @param {object} proposed the block: `BlockProposed`, or the record in storage
	 * @param {object} [options]
	 * @param {object} [options.execution] fields that replace those of the right result
	 * @param {object} [options.instance] fields of the signed statement that differ from the claim
	 * @param {string} [options.proof]
	 * @param {object} [options.attestor] key pair
	 */
	async proof(prover, proposed, options = {}) {
		const right = isWhole(options.execution) ? {} : await this.execution(proposed);
		const execution = { ...right, ...options.execution };
		const proof = options.proof ?? this.proofOf(prover, proposed, execution, options);
		return this.claim(proposed.blockId, execution, proof);
	}

	/** Proves a block. Returns its `BlockClaimed` event with the chain's block. */
	async prove(prover, proposed, options = {}) {
		const call = await this.proof(prover.address, proposed, options);
		const { events, block, fee } = await this.chain.ok(prover, call);
		const { data } = events.find(({ name }) => name === 'BlockProposal.BlockClaimed');
		return { ...data, block, fee };
	}

	/** Returns the protocol's clock after a block of the chain. */
	async timeAt(number) {
		const { query } = await this.chain.at(number);
		return plain(await query.blockProposal.clock());
	}

	cost(gas, price) {
		return rules.cost(this.parameters.baseGas, gas, price);
	}

	#latest() {
		return this.snapshot(this.chain.head);
	}
}

/** Returns whether a claim agrees with an execution. */
export function isRight({ execution: claimed }, { parentHash, blockHash, gasUsed }) {
	return (
		claimed.parentHash === parentHash &&
		claimed.blockHash === blockHash &&
		claimed.gasUsed === gasUsed
	);
}

/** Returns the claim that the assigned prover made within its window, in a list that may be empty. */
function claimInTime({ status }) {
	const claim = status.Assigned?.delivery.Claimed;
	return claim ? [claim] : [];
}

function isWhole(execution) {
	return ['parentHash', 'blockHash', 'gasUsed'].every((name) => execution?.[name] !== undefined);
}
