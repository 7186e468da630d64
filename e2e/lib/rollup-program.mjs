/** Runs the program that executes the demo rollup. rollup/program documents the requests and answers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { u8aToHex } from '@polkadot/util';
import { decodeAddress } from '@polkadot/util-crypto';
import { binary } from './binaries.mjs';
import { listHash } from './proving.mjs';

/** The version of the prover command's contract. */
const VERSION = 2;

export class RollupProgram {
	/** The folder of the states. */
	folder;

	#program;

	/** @param {string} [folder] of the states; by default a temporary one */
	constructor(folder) {
		this.#program = binary('rollup');
		this.folder = folder ?? temporaryFolder();
		mkdirSync(this.folder, { recursive: true });
	}

	/**
	 * Executes a block. Returns `null` if the state of the parent is missing.
	 *
	 * @param {{ blockId: bigint, gasLimit: number, beneficiary: string }} block as proposed
	 * @param {string} txList
	 * @param {string} parentHash
	 * @returns {Promise<{ blockHash: string, gasUsed: number, transfers: object[] } | null>}
	 */
	async execute(block, txList, parentHash) {
		const answer = await this.#ask({ verb: 'execute', ...blockFields(block, txList, parentHash) });
		if (answer.unknown_parent) return null;
		const { block_hash: blockHash, gas_used: gasUsed, transfers } = answer;
		return { blockHash, gasUsed, transfers };
	}

	/** Makes lists of transfers to propose after a block, in this order. */
	async transfers(blockHash, { accounts, count, lists = 1 }) {
		const request = { verb: 'transfers', block_hash: blockHash, accounts, count, lists };
		return (await this.#ask(request)).tx_lists;
	}

	/** Returns the development accounts after a block. */
	async accounts(blockHash) {
		return (await this.#ask({ verb: 'accounts', block_hash: blockHash })).accounts;
	}

	/** Removes the state of a block. */
	forget(blockHash) {
		rmSync(join(this.folder, blockHash), { force: true });
	}

	#ask(request) {
		return ask(this.#program, { ...request, state_dir: this.folder }).then(({ answer }) => answer);
	}
}

/**
 * Asks a program of the prover command's contract, and returns its answer and what it wrote for its operator.
 *
 * @param {string} program
 * @param {object} request
 * @param {object} [options]
 * @param {string[]} [options.args] of the program
 * @param {(child: import('node:child_process').ChildProcess) => void} [options.started] called with the process
 */
export async function ask(program, request, { args = [], started = () => {} } = {}) {
	// The child has its own process group: Ctrl-C reaches only this program, which may need the answer.
	const child = spawn(program, args, { detached: true });
	started(child);
	// The program may end before it has read the whole request.
	child.stdin.on('error', () => {});
	child.stdin.end(`${JSON.stringify(request)}\n`);
	const [answer, stderr, [code]] = await Promise.all([
		text(child.stdout),
		text(child.stderr),
		once(child, 'close'),
	]);
	if (code !== 0) throw new Error(stderr.trim() || `${program} ended with ${code}`);
	return { answer: JSON.parse(answer), stderr };
}

/** Returns the fields of a request that describe a block as proposed, on its parent. */
export function blockFields({ blockId, gasLimit, beneficiary }, txList, parentHash) {
	return {
		version: VERSION,
		block_id: Number(blockId),
		tx_list: txList,
		tx_list_hash: listHash(txList),
		gas_limit: gasLimit,
		beneficiary: u8aToHex(decodeAddress(beneficiary)),
		parent_hash: parentHash,
	};
}

function temporaryFolder() {
	const folder = mkdtempSync(join(tmpdir(), 'prover-pool-rollup-'));
	process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
	return folder;
}
