/** The provers of the demos. One of them may miss windows, all others prove in time. */
import { account } from './accounts.mjs';
import { isRight } from './rollup.mjs';

/** The number of assignments after which the negligent prover misses some again. */
const CYCLE = 10;

/** Returns how long a block takes to prove, in blocks of the chain. It differs by block. */
const workOn = ({ blockId }) => 2 + Number(blockId % 4n);

export class Provers {
	#prove;
	#keys;
	#volunteers;
	#negligent;
	#misses;
	#report;
	#busy = new Set();
	#neglected = new Map();
	#rescues = 0;
	#assignments = 0;

	/**
	 * @param {object} options
	 * @param {(prover: object, block: object, execution: object) => Promise<void>} options.prove makes and submits
	 *   a proof by the key pair
	 * @param {string[]} options.names the provers of assigned blocks
	 * @param {string[]} options.volunteers the provers of open and of missed blocks
	 * @param {string} [options.negligent] the prover that misses windows
	 * @param {number} [options.misses] the number of windows that it misses in a row
	 * @param {(message: string) => void} options.report called with errors
	 */
	constructor({ prove, names, volunteers, negligent, misses = 0, report }) {
		this.#prove = prove;
		this.#keys = new Map(names.map((name) => [account(name).address, account(name)]));
		this.#volunteers = volunteers.map(account);
		this.#negligent = negligent && account(negligent).address;
		this.#misses = misses;
		this.#report = report;
	}

	/**
	 * Sends the proofs that are due, each on the parent by execution, whether that is proven or not. Does not
	 * wait for them.
	 *
	 * @param {object} snapshot see `Rollup.snapshot`
	 * @param {Map<bigint, import('./lineage.mjs').Result>} results of the waiting blocks
	 */
	act(snapshot, results) {
		this.#forget(snapshot);
		for (const block of snapshot.waiting) {
			const { blockId, claims } = block;
			const { execution } = results.get(blockId);
			if (this.#busy.has(blockId) || claims.some((claim) => isRight(claim, execution))) continue;
			const prover = this.#responsible(block, snapshot.now);
			if (!prover) continue;
			this.#busy.add(blockId);
			this.#prove(prover, block, execution)
				.catch(({ message }) => this.#report(`${prover.meta.name}: ${message}`))
				.finally(() => this.#busy.delete(blockId));
		}
	}

	/** Returns the prover that proves a block now, if there is one. */
	#responsible({ status, ...block }, now) {
		const { Assigned: assignment, Open: open } = status;
		if (open) return now >= open.openedAt + workOn(block) ? this.#volunteer() : null;
		if (!assignment) return null;
		const { prover, start, deadline, delivery } = assignment;
		// A proof sent now is included in the next block.
		if (delivery === 'Removed' || now + 1 > deadline) return this.#volunteer(prover);
		if (this.#neglects(block.blockId, prover)) return null;
		return now >= start + workOn(block) ? this.#keys.get(prover) : null;
	}

	/** Returns the next volunteer other than `besides`. */
	#volunteer(besides) {
		const candidates = this.#volunteers.filter(({ address }) => address !== besides);
		return candidates[this.#rescues++ % candidates.length];
	}

	/** Returns whether a prover misses a block. The negligent one misses the first assignments of each cycle. */
	#neglects(blockId, prover) {
		if (prover !== this.#negligent) return false;
		if (!this.#neglected.has(blockId)) {
			this.#neglected.set(blockId, this.#assignments % CYCLE < this.#misses);
			this.#assignments += 1;
		}
		return this.#neglected.get(blockId);
	}

	#forget({ waiting }) {
		const first = waiting[0]?.blockId;
		for (const blockId of this.#neglected.keys()) {
			if (first === undefined || blockId < first) this.#neglected.delete(blockId);
		}
	}
}
