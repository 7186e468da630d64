/**
 * The work of a prover of the demo chain: it computes the statement to prove, as documented at
 * `instance_hash_of` in pallets/block-proposal, and attests to it.
 */
import { bnToU8a, hexToU8a, stringToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { blake2AsHex, decodeAddress } from '@polkadot/util-crypto';
import { account } from './accounts.mjs';

/** Separates instances from everything else that is signed. */
const INSTANCE_TAG = stringToU8a('block-proposal/1');

const u32 = (value) => bnToU8a(value, { bitLength: 32, isLe: true });
const u64 = (value) => bnToU8a(value, { bitLength: 64, isLe: true });

/**
 * The hash of the statement: BLAKE2-256 of its fields one after another.
 *
 * @param {object} instance
 * @param {string} instance.genesisHash of this chain
 * @param {bigint} instance.blockId
 * @param {{ gasLimit: number, beneficiary: string }} instance.block as proposed
 * @param {Evidence} instance.evidence
 * @param {string} instance.prover its address: nobody else can use the proof
 * @returns {Uint8Array}
 *
 * @typedef {{ txListHash: string, blockHash: string, parentHash: string, gasUsed: number }} Evidence
 */
export function instanceHash({ genesisHash, blockId, block, evidence, prover }) {
	const instance = u8aConcat(
		hexToU8a(genesisHash),
		INSTANCE_TAG,
		u64(blockId),
		hexToU8a(evidence.txListHash),
		u32(block.gasLimit),
		decodeAddress(block.beneficiary),
		hexToU8a(evidence.blockHash),
		hexToU8a(evidence.parentHash),
		u32(evidence.gasUsed),
		decodeAddress(prover),
	);
	return hexToU8a(blake2AsHex(instance, 256));
}

/** A proof in the demo runtime: a registered key and its signature of the instance. */
export function attest(instance, attestor = account('Attestor')) {
	return u8aToHex(u8aConcat(attestor.publicKey, attestor.sign(instance)));
}

/**
 * Executes a block of the rollup: a transaction list on its parent. A real rollup runs a virtual
 * machine here; to the chain, this one's hashes and gas look the same.
 *
 * @returns {Evidence}
 */
export function execute({ txListHash, gasLimit }, parentHash, gasUsed = gasLimit) {
	const blockHash = blake2AsHex(u8aConcat(hexToU8a(parentHash), hexToU8a(txListHash)), 256);
	return { txListHash, blockHash, parentHash, gasUsed };
}
