/**
 * A prover of the demo chain computes the statement to prove, as documented at `instance_hash_of` in
 * pallets/block-proposal, and attests to it.
 */
import { createHash } from 'node:crypto';
import { bnToU8a, hexToU8a, stringToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { decodeAddress } from '@polkadot/util-crypto';
import { account } from './accounts.mjs';

/** Separates instances from everything else that is signed. */
const INSTANCE_TAG = stringToU8a('block-proposal/2');

const u32 = (value) => bnToU8a(value, { bitLength: 32, isLe: true });
const u64 = (value) => bnToU8a(value, { bitLength: 64, isLe: true });

/** Returns the SHA-256 hash of bytes, as bytes. */
const sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());

/** Returns the SHA-256 hash of a transaction list. */
export const listHash = (txList) => u8aToHex(sha256(hexToU8a(txList)));

/**
 * Returns the hash of the statement: SHA-256 of its fields one after another, 224 bytes.
 *
 * @param {object} instance
 * @param {string} instance.genesisHash of this chain
 * @param {bigint} instance.blockId
 * @param {{ txListHash: string, gasLimit: number, beneficiary: string }} instance.block as proposed
 * @param {Execution} instance.execution
 * @param {string} instance.prover its address, so that no other account can use the proof
 * @returns {Uint8Array}
 *
 * @typedef {{ parentHash: string, blockHash: string, gasUsed: number }} Execution
 */
export function instanceHash({ genesisHash, blockId, block, execution, prover }) {
	const instance = u8aConcat(
		hexToU8a(genesisHash),
		INSTANCE_TAG,
		u64(blockId),
		hexToU8a(block.txListHash),
		u32(block.gasLimit),
		decodeAddress(block.beneficiary),
		hexToU8a(execution.parentHash),
		hexToU8a(execution.blockHash),
		u32(execution.gasUsed),
		decodeAddress(prover),
	);
	return sha256(instance);
}

/** The kinds of proofs of the demo runtime: the first byte of each. */
const KIND = { attestation: 0, succinct: 1 };

/** Returns a proof of the demo runtime: a registered key and its signature of the instance. */
export function attest(instance, attestor = account('Attestor')) {
	return u8aToHex(u8aConcat([KIND.attestation], attestor.publicKey, attestor.sign(instance)));
}

/** Returns a proof of the demo runtime by a registered program: its index, and what a prover made. */
export function succinct(program, proof) {
	const index = bnToU8a(program, { bitLength: 16, isLe: true });
	return u8aToHex(u8aConcat([KIND.succinct], index, hexToU8a(proof)));
}
