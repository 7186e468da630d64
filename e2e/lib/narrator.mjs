/** Tells what happens on the chain, a line for each event. */
import { account, nameOf } from './accounts.mjs';
import { units } from './amounts.mjs';
import * as rules from './rules.mjs';

const number = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
const COLOURS = { verified: 32, missed: 33, open: 33, skipped: 31, slashed: 31, failed: 31, rescued: 36 };

export class Narrator {
	/** What happened so far. */
	totals = { verified: 0, rescued: 0, skipped: 0, slashed: 0n, paid: 0n };

	#rollup;
	#print;
	#colours;
	#missed = new Set();
	#proofs = new Map();

	/**
	 * @param {import('./rollup.mjs').Rollup} rollup
	 * @param {(line: string) => void} print
	 * @param {boolean} colours
	 */
	constructor(rollup, print, colours) {
		this.#rollup = rollup;
		this.#print = print;
		this.#colours = colours;
	}

	/** Tells of everything in a block of the chain. */
	tell({ number: at, events }) {
		for (const { name, data } of events) {
			const line = this.#lines[name]?.(data, events);
			if (line) this.say(at, ...line);
		}
	}

	/** Tells of provers that let their window pass: no event does. */
	tellMissed(at, { now, waiting }) {
		for (const { blockId, status, proofs } of waiting) {
			const { prover, deadline } = status.Assigned ?? {};
			// A proof sent now is included in the next block.
			if (!prover || deadline > now || this.#missed.has(blockId)) continue;
			this.#missed.add(blockId);
			if (proofs.some((proof) => proof.prover === prover)) continue;
			this.say(at, blockId, 'missed', `${nameOf(prover)} has let its window pass`);
		}
	}

	/** One line on where things stand. */
	summary(at, { waiting }, { members, capacity, fee }) {
		const { verified, rescued, skipped, paid, slashed } = this.totals;
		const staked = members.reduce((sum, [, { stakedAmount }]) => sum + stakedAmount, 0n);
		const parts = [
			`${verified} blocks verified (${rescued} rescued, ${skipped} skipped), ${waiting.length} waiting`,
			`${units(paid, 2)} paid, ${units(slashed, 2)} slashed`,
			`${members.length} provers with ${units(staked, 0)}, ${capacity} places free`,
			`fee ${number(fee)}`,
		];
		this.#print(`#${at} ── ${parts.join(' │ ')}`);
	}

	/** A line on a block of the rollup, or on the pool. */
	say(at, subject, what, text) {
		const about = typeof subject === 'bigint' ? `block ${subject}` : subject;
		const padded = what.padEnd(9);
		const colour = this.#colours && COLOURS[what];
		const shown = colour ? `\x1b[${colour}m${padded}\x1b[0m` : padded;
		this.#print(`${`#${at}`.padEnd(7)}${about.padEnd(11)}${shown} ${text}`);
	}

	#lines = {
		'ProverPool.Staked': ({ who, amount, rewardPerGas, currentCapacity }) => [
			'pool',
			'staked',
			`${nameOf(who)}: ${units(amount)} at ${number(rewardPerGas)} per gas, ${currentCapacity} places`,
		],
		'ProverPool.Exited': ({ who, amount, forced }) => [
			'pool',
			'left',
			`${nameOf(who)} with ${units(amount)}${forced ? ', forced out' : ''}`,
		],
		'ProverPool.Withdrawn': ({ who, amount }) => [
			'pool',
			'withdrawn',
			`${nameOf(who)} has ${units(amount)} back`,
		],
		'ProverPool.Slashed': ({ blockId, who, amount }) => {
			this.totals.slashed += amount;
			return [blockId, 'slashed', `${nameOf(who)} loses ${units(amount)} of its stake`];
		},

		'BlockProposal.BlockProposed': ({ blockId, proposer, gasLimit, feePerGas, escrow }) => [
			blockId,
			'proposed',
			`by ${nameOf(proposer)}: up to ${number(gasLimit)} gas, fee ${number(feePerGas)}, ` +
				`${units(escrow)} in escrow`,
		],
		'BlockProposal.BlockAssigned': ({ blockId, prover, rewardPerGas }) => [
			blockId,
			'drawn',
			`${nameOf(prover)} must prove it, at ${number(rewardPerGas)} per gas`,
		],
		'BlockProposal.BlockOpened': ({ blockId, cause }) => [
			blockId,
			'open',
			`to anybody: ${cause === 'Expired' ? 'it was not drawn' : (REASONS[cause.Drawn] ?? cause.Drawn)}`,
		],
		'BlockProposal.BlockProven': (data) => {
			const { blockId, prover, gasUsed, bond } = data;
			this.#proofs.set(`${blockId} ${prover}`, data);
			const vouched = bond ? `, with a bond of ${units(bond)}` : '';
			return [blockId, 'proven', `by ${nameOf(prover)}: ${number(gasUsed)} gas${vouched}`];
		},
		'BlockProposal.ProofRemoved': ({ blockId, prover }) => [
			blockId,
			'disputed',
			`the proof by ${nameOf(prover)} is removed`,
		],
		'BlockProposal.WindowRestarted': ({ blockId, prover }) => [
			blockId,
			'restarted',
			`its parent has changed, ${nameOf(prover)} proves again`,
		],
		'BlockProposal.BlockSkipped': ({ blockId, forfeited }) => {
			this.totals.skipped += 1;
			this.#forget(blockId);
			return [blockId, 'skipped', `nobody proved it, ${units(forfeited)} are forfeited`];
		},
		'BlockProposal.BlockVerified': (data, events) => this.#verified(data, events),
	};

	#verified({ blockId, prover, verdict, paid }, events) {
		const bonus = verdict === 'Rescued' ? this.#bonus(blockId, prover, events) : 0n;
		this.totals.verified += 1;
		this.totals.paid += paid;
		this.#forget(blockId);
		const who = nameOf(prover);
		if (verdict === 'Failed') return [blockId, 'verified', `${who} failed and is paid nothing`];
		if (verdict !== 'Rescued') return [blockId, 'verified', `${who} is paid ${units(paid)}`];
		this.totals.rescued += 1;
		return [blockId, 'rescued', `${who} is paid ${units(paid)}, and ${units(bonus)} of the slash`];
	}

	/** What the rescuer has of the slash. */
	#bonus(blockId, prover, events) {
		const { gasUsed, rewardPerGas } = this.#proofs.get(`${blockId} ${prover}`) ?? {};
		const slashed = events.find(
			({ name, data }) => name === 'ProverPool.Slashed' && data.blockId === blockId,
		);
		if (gasUsed === undefined || !slashed) return 0n;
		const reward = this.#rollup.cost(gasUsed, rewardPerGas);
		return rules.rescueBonus(reward, this.#rollup.parameters.rescueBonus, slashed.data.amount);
	}

	#forget(blockId) {
		this.#missed.delete(blockId);
		for (const key of this.#proofs.keys()) {
			if (key.startsWith(`${blockId} `)) this.#proofs.delete(key);
		}
	}
}

const REASONS = {
	EmptyPool: 'nobody is in the pool who may be drawn',
	NoFreeCapacity: 'no prover has a place free',
	ZeroFee: 'the fee is 0',
};

// The names of the accounts that users are likely to use.
['Alice', 'Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie'].forEach(account);
