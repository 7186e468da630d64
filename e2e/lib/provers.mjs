/** Provers that do their duty, all but one of them always. */
import { account } from './accounts.mjs';

/** How many blocks before its deadline a prover stops waiting for the parent's proof. */
const HURRY = 4;
/** How long it takes until another prover has proven a missed block. */
const RESCUE = 2;
/** After this many assignments, the negligent prover misses some again. */
const CYCLE = 10;

/** How long proving takes, in blocks of the chain: larger for some blocks than for others. */
const workOn = ({ blockId }) => 2 + Number(blockId % 4n);

/** How much gas a block turns out to use. */
const gasOf = ({ blockId, gasLimit }) =>
	Math.floor((gasLimit * (60 + Number((blockId * 7n) % 40n))) / 100);

export class Provers {
	#rollup;
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
	 * @param {import('./rollup.mjs').Rollup} rollup
	 * @param {object} options
	 * @param {string[]} options.names the provers of assigned blocks
	 * @param {string[]} options.volunteers the provers of open and of missed blocks
	 * @param {string} options.negligent the prover that misses windows
	 * @param {number} options.misses how many it misses in a row
	 * @param {(message: string) => void} options.report called with errors
	 */
	constructor(rollup, { names, volunteers, negligent, misses, report }) {
		this.#rollup = rollup;
		this.#keys = new Map(names.map((name) => [account(name).address, account(name)]));
		this.#volunteers = volunteers.map(account);
		this.#negligent = account(negligent).address;
		this.#misses = misses;
		this.#report = report;
	}

	/** Sends the proofs that are due. Does not wait for them. */
	act(snapshot) {
		this.#forget(snapshot);
		for (const { prover, block, parent } of this.#due(snapshot)) {
			if (this.#busy.has(block.blockId)) continue;
			this.#busy.add(block.blockId);
			this.#rollup
				.prove(prover, block, { ...parent, gasUsed: gasOf(block) })
				.catch(({ message }) => this.#report(`${prover.meta.name}: ${message}`))
				.finally(() => this.#busy.delete(block.blockId));
		}
	}

	/** Each block needs a proof on the proof of the block before it. */
	*#due({ now, verifiedHash, waiting }) {
		let parent = { parentHash: verifiedHash, parentId: 0n };
		// Whether all earlier blocks are proven; if not, by when they are, even if others must do it.
		let [complete, by] = [true, now];
		for (const [index, block] of waiting.entries()) {
			const proof = block.proofs.find(({ parentHash }) => parentHash === parent.parentHash);
			if (proof) {
				parent = { parentHash: proof.blockHash, parentId: block.blockId };
				continue;
			}
			const prover = this.#responsible(block, now, { first: index === 0, complete, by });
			if (prover) yield { prover, block, parent };
			complete = false;
			by = Math.max(by, block.status.Assigned?.deadline ?? 0) + RESCUE;
		}
	}

	/** The prover that proves a block now, if there is one. */
	#responsible({ status, proofs, ...block }, now, { first, complete, by }) {
		const { Assigned: assignment, Open: open } = status;
		if (open) return complete && now >= open.openedAt + workOn(block) && this.#volunteer();
		if (!assignment) return null;
		const { prover, start, deadline, failed } = assignment;
		// Its parent has turned out wrong. It gets a new window when that is settled, or, if it could have
		// known, none.
		if (!failed && !first && proofs.some((proof) => proof.prover === prover)) return null;
		// A proof sent now is included in the next block.
		if (failed || now + 1 > deadline) return complete && this.#volunteer(prover);
		if (this.#neglects(block.blockId, prover)) return null;
		// A prover that would wait too long for its parent builds on what is there.
		const last = now + HURRY > deadline;
		const ready = complete ? last || now >= start + workOn(block) : last && by >= deadline;
		return ready ? this.#keys.get(prover) : null;
	}

	/** The next of the volunteers that is not `besides`. */
	#volunteer(besides) {
		const candidates = this.#volunteers.filter(({ address }) => address !== besides);
		return candidates[this.#rescues++ % candidates.length];
	}

	/** The negligent prover misses the first assignments of each cycle, in a row. */
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
