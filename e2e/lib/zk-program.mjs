/** Runs the program that proves blocks of the demo rollup in a zkVM. zk/README.md documents it. */
import { u8aToHex } from '@polkadot/util';
import { decodeAddress } from '@polkadot/util-crypto';
import { binary } from './binaries.mjs';
import { ask, blockFields } from './rollup-program.mjs';

/** The program's line about an execution. */
const EXECUTED = /(\d+) segments of together (\d+) cycles/;

export class ZkProgram {
	#program;
	#args;
	#folder;
	#running = null;
	/** One proof at a time: each takes all cores. */
	#queue = Promise.resolve();

	/**
	 * @param {string} folder of the rollup's states
	 * @param {string[]} [args] of the program
	 */
	constructor(folder, args = []) {
		this.#program = binary('zk prover');
		this.#args = args;
		this.#folder = folder;
	}

	/**
	 * Proves a block whose parent's state is in the folder.
	 *
	 * @param {object} statement
	 * @param {{ blockId: bigint, gasLimit: number, beneficiary: string }} statement.block as proposed
	 * @param {string} statement.txList
	 * @param {import('./proving.mjs').Execution} statement.execution
	 * @param {string} statement.genesisHash of the chain
	 * @param {string} statement.instance
	 * @param {string} statement.prover its address
	 * @returns {Promise<{ proof: string, segments: number, cycles: number, seconds: number }>}
	 */
	prove(statement) {
		const proof = this.#queue.then(() => this.#prove(statement));
		this.#queue = proof.catch(() => {});
		return proof;
	}

	/** Ends the proof that is being made. */
	stop() {
		this.#running?.kill('SIGKILL');
	}

	async #prove({ block, txList, execution, genesisHash, instance, prover }) {
		const request = {
			...blockFields(block, txList, execution.parentHash),
			verb: 'prove',
			state_dir: this.#folder,
			genesis_hash: genesisHash,
			block_hash: execution.blockHash,
			gas_used: execution.gasUsed,
			instance,
			prover: u8aToHex(decodeAddress(prover)),
		};
		const start = performance.now();
		const started = (child) => (this.#running = child);
		const { answer, stderr } = await ask(this.#program, request, { args: this.#args, started });
		this.#running = null;
		const [, segments, cycles] = EXECUTED.exec(stderr).map(Number);
		return { ...answer, segments, cycles, seconds: (performance.now() - start) / 1_000 };
	}
}
