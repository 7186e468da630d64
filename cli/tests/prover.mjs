// A prover's program for `prover-pool run --prover-command`, in another language: both verbs of the
// contract in docs/operating.md, for the demo rollup (rollup/README.md).
//
// It executes blocks that move nothing: lists that do not decode, that are empty, or that exceed the gas
// limit. Their accounts are those of the parent, so a header is all the state that it keeps. Its proofs are
// the statements themselves.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const GAS_PER_TRANSFER = 72_930;
const TRANSFER_SIZE = 1_176;

const bytes = (hex) => Buffer.from(hex.slice(2), 'hex');
const hex = (buffer) => `0x${buffer.toString('hex')}`;
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const u32 = (number) => {
	const buffer = Buffer.alloc(4);
	buffer.writeUInt32LE(number);
	return buffer;
};
const u64 = (number) => {
	const buffer = Buffer.alloc(8);
	buffer.writeBigUInt64LE(BigInt(number));
	return buffer;
};

/** Returns how many transfers a list has; `null` if it does not decode. */
function transfers(list) {
	const mode = list.length === 0 ? 3 : list[0] & 3;
	const prefix = 1 << mode;
	if (mode > 1 || list.length < prefix) return null;
	const count = list.readUIntLE(0, prefix) >> 2;
	const shortest = mode === 0 || count > 63;
	return shortest && list.length === prefix + count * TRANSFER_SIZE ? count : null;
}

/** Returns the gas of a block that moves nothing. */
function gasUsed(list, gasLimit) {
	const count = transfers(list) ?? 0;
	if (count === 0) return 0;
	if (count * GAS_PER_TRANSFER > gasLimit) return gasLimit;
	throw new Error('this program executes no transfers');
}

/** Returns the fields of the parent's header that a block which moves nothing takes over. */
function accountsOf(request) {
	const kept = join(request.state_dir, request.parent_hash);
	const genesis = process.env.GENESIS_HEADER;
	const header = existsSync(kept) ? readFileSync(kept, 'utf8') : genesis;
	const encoded = bytes(header);
	const known = hex(sha256(Buffer.from('rollup-header/01'), encoded)) === request.parent_hash;
	return known ? encoded.subarray(-36) : null;
}

function execute(request) {
	const accounts = accountsOf(request);
	if (!accounts) return { unknown_parent: true };
	const list = bytes(request.tx_list);
	const gas = gasUsed(list, request.gas_limit);
	const header = Buffer.concat([
		bytes(request.parent_hash), u64(request.block_id), sha256(list), u32(request.gas_limit),
		bytes(request.beneficiary), u32(gas), accounts,
	]);
	const blockHash = hex(sha256(Buffer.from('rollup-header/01'), header));
	const path = join(request.state_dir, blockHash);
	writeFileSync(`${path}.new`, hex(header));
	renameSync(`${path}.new`, path);
	return { block_hash: blockHash, gas_used: gas };
}

function prove(request) {
	const result = execute(request);
	if (result.block_hash !== request.block_hash || result.gas_used !== request.gas_used) {
		throw new Error('the block has another result');
	}
	const instance = sha256(
		bytes(request.genesis_hash), Buffer.from('block-proposal/2'), u64(request.block_id),
		bytes(request.tx_list_hash), u32(request.gas_limit), bytes(request.beneficiary),
		bytes(request.parent_hash), bytes(request.block_hash), u32(request.gas_used), bytes(request.prover),
	);
	if (hex(instance) !== request.instance) throw new Error('the statement is another one');
	return { proof: request.instance };
}

const request = JSON.parse(readFileSync(0, 'utf8'));
if (request.version !== 2) throw new Error('this program knows version 2 only');
const verbs = { execute, prove };
console.log(JSON.stringify(verbs[request.verb](request)));
