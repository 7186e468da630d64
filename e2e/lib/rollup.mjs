/** The protocol side: proposing blocks, and proving them as the chain expects. */
import { u8aToHex } from '@polkadot/util';
import { randomAsU8a } from '@polkadot/util-crypto';
import { plain } from './plain.mjs';
import { attest, execute, instanceHash } from './proving.mjs';
import * as rules from './rules.mjs';

/** The constants of pallet block-proposal that the rules need. */
const CONSTANTS = [
	'baseGas',
	'cooldown',
	'expiryPeriod',
	'maxDelayPenalty',
	'maxGasLimit',
	'maxForks',
	'maxOpenBlocks',
	'maxPendingPerProposer',
	'maxProofSize',
	'maxProofWindow',
	'maxTxListSize',
	'maxUnverifiedBlocks',
	'minProofWindow',
	'openRewardEnd',
	'openRewardStart',
	'proofBond',
	'rescueBonus',
	'windowMultiplier',
];

export class Rollup {
	/** @param {import('./chain.mjs').Chain} chain */
	constructor(chain) {
		this.chain = chain;
		this.tx = chain.api.tx.blockProposal;
		this.parameters = Object.fromEntries(
			CONSTANTS.map((name) => [name, chain.constant('blockProposal', name)]),
		);
	}

	/** The call that proposes a block. */
	proposal({ beneficiary, gasLimit = 1_000_000, txList = u8aToHex(randomAsU8a(64)) }) {
		return this.tx.proposeBlock(txList, gasLimit, beneficiary);
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

	/** The state of the rollup. */
	state() {
		return this.chain.query('blockProposal', 'chain');
	}

	/** A block that waits for verification, or `null`. */
	block(blockId) {
		return this.chain.query('blockProposal', 'blocks', blockId);
	}

	/**
	 * Everything that waits for verification after a block of the chain.
	 *
	 * @returns {Promise<{ now: number, verifiedHash: string, waiting: object[] }>} the blocks in the
	 *   order of their ids
	 */
	async snapshot(number) {
		const { query } = await this.chain.at(number);
		const [now, { verifiedHash }, blocks] = await Promise.all([
			query.blockProposal.clock().then(plain),
			query.blockProposal.chain().then(plain),
			query.blockProposal.blocks.entries(),
		]);
		const waiting = blocks
			.map(([key, block]) => ({ blockId: plain(key.args[0]), ...plain(block) }))
			.sort((a, b) => (a.blockId < b.blockId ? -1 : 1));
		return { now, verifiedHash, waiting };
	}

	/** The result of a block's draw: `BlockAssigned` or `BlockOpened`, with the chain's block. */
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

	/** Waits until a block is verified. */
	verified(blockId, options) {
		return this.chain.event('BlockProposal.BlockVerified', { blockId }, options);
	}

	/**
	 * The call that proves a block.
	 *
	 * @param {string} prover address
	 * @param {object} proposed the block: `BlockProposed`, or the record in storage
	 * @param {object} [options] claims that differ from the truth
	 */
	async proof(prover, proposed, options = {}) {
		const { verifiedHash } = await this.state();
		const {
			blockId = proposed.blockId,
			parentHash = verifiedHash,
			parentId = 0n,
			gasUsed = proposed.gasLimit,
		} = options;
		const evidence = {
			...execute(proposed, parentHash, gasUsed),
			...options.evidence,
		};
		const instance = instanceHash({
			genesisHash: this.chain.api.genesisHash.toHex(),
			blockId,
			block: proposed,
			evidence,
			prover,
			...options.instance,
		});
		const proof = options.proof ?? attest(instance, options.attestor);
		return this.tx.proveBlock(blockId, parentId, evidence, proof);
	}

	/** Proves a block. Returns its `BlockProven` event with the chain's block. */
	async prove(prover, proposed, options = {}) {
		const call = await this.proof(prover.address, proposed, options);
		const { events, block, fee } = await this.chain.ok(prover, call);
		const { data } = events.find(({ name }) => name === 'BlockProposal.BlockProven');
		return { ...data, block, fee };
	}

	/** The pallet's time after a block of the chain. */
	async timeAt(number) {
		const { query } = await this.chain.at(number);
		return plain(await query.blockProposal.clock());
	}

	cost(gas, price) {
		return rules.cost(this.parameters.baseGas, gas, price);
	}
}
