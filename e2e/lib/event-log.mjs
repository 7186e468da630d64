/** Prints a line for each event of the chain. */
import { account, nameOf } from './accounts.mjs';
import { units } from './amounts.mjs';
import { claimKey, isDeferred } from './ledger.mjs';
import * as rules from './rules.mjs';

const number = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
const COLOURS = {
	verified: 32,
	missed: 33,
	open: 33,
	skipped: 31,
	slashed: 31,
	suspended: 31,
	failed: 31,
	rescued: 36,
	moved: 34,
	terms: 35,
	paused: 35,
	resumed: 35,
};

export class EventLog {
	/** Sums since the start. */
	totals = { verified: 0, rescued: 0, skipped: 0, slashed: 0n, paid: 0n };

	#rollup;
	#print;
	#colours;
	#entryDelay;
	#missed = new Set();
	#paused = new Set();
	#claims = new Map();
	/** The transfers of waiting blocks, by block id. */
	#transfers = new Map();

	/**
	 * @param {import('./rollup.mjs').Rollup} rollup
	 * @param {object} options
	 * @param {(line: string) => void} options.print
	 * @param {boolean} options.colours
	 * @param {number} options.entryDelay of the pool
	 */
	constructor(rollup, { print, colours, entryDelay }) {
		this.#rollup = rollup;
		this.#print = print;
		this.#colours = colours;
		this.#entryDelay = entryDelay;
	}

	/** Stores the transfers of waiting blocks. */
	remember(results) {
		for (const { blockId, transfers } of results.values()) this.#transfers.set(blockId, transfers);
	}

	/** Prints the events of a block of the chain. */
	printBlock({ number: at, events }) {
		for (const { name, data } of events) {
			const line = this.#lines[name]?.(data, events);
			if (line) this.printLine(at, ...line);
			if (name === 'BlockProposal.BlockVerified') this.#printMoved(at, data);
			if (SETTLED.includes(name)) this.#forget(data.blockId);
		}
	}

	/** Prints the provers that missed their windows. The chain has no event for this. */
	printMissed(at, { now, waiting }) {
		for (const { blockId, status } of waiting) {
			const { prover, deadline, delivery } = status.Assigned ?? {};
			// A proof sent now is included in the next block.
			if (!prover || deadline > now || this.#missed.has(blockId)) continue;
			this.#missed.add(blockId);
			if (delivery !== 'Due') continue;
			this.printLine(at, blockId, 'missed', `${nameOf(prover)} has missed its window`);
		}
	}

	/** Prints a summary of rollup and pool. */
	printSummary(at, { waiting }, { members, capacity, fee }) {
		const { verified, rescued, skipped, paid, slashed } = this.totals;
		const staked = members.reduce((sum, { offer }) => sum + offer.stake, 0n);
		const parts = [
			`${verified} blocks verified (${rescued} rescued, ${skipped} skipped), ${waiting.length} waiting`,
			`${units(paid, 2)} paid, ${units(slashed, 2)} slashed`,
			`${members.length} provers with ${units(staked, 0)}, capacity for ${capacity} blocks free`,
			`fee ${number(fee)}`,
		];
		this.#print(`#${at} ── ${parts.join(' │ ')}`);
	}

	/** Prints a line on a block of the rollup, or on the pool. */
	printLine(at, subject, what, text) {
		const about = typeof subject === 'bigint' ? `block ${subject}` : subject;
		const padded = what.padEnd(9);
		const colour = this.#colours && COLOURS[what];
		const shown = colour ? `\x1b[${colour}m${padded}\x1b[0m` : padded;
		this.#print(`${`#${at}`.padEnd(7)}${about.padEnd(11)}${shown} ${text}`);
	}

	#lines = {
		'Parameters.Updated': ({ key, newValue }) => {
			const [[, name]] = Object.entries(key);
			const [[, value]] = Object.entries(newValue ?? { '': null });
			return ['pool', 'parameter', `${name} is now ${Object.values(value ?? {})[0]}`];
		},

		'ProverPool.Staked': ({ who, amount, rewardPerGas, currentCapacity }) => {
			this.#paused.delete(who);
			const terms = `at ${number(rewardPerGas)} per gas, for ${currentCapacity} blocks at once`;
			return ['pool', 'staked', `${nameOf(who)}: ${units(amount)} ${terms}`];
		},
		'ProverPool.Exited': ({ who, amount, forced }) => [
			'pool',
			'left',
			`${nameOf(who)} with ${units(amount)}${forced ? ', forced out' : ''}`,
		],
		'ProverPool.Withdrawn': ({ who, amount }) => [
			'pool',
			'withdrawn',
			`${nameOf(who)} receives ${units(amount)}`,
		],
		'ProverPool.StakeIncreased': ({ who, amount }) => [
			'pool',
			'staked',
			`${nameOf(who)} adds ${units(amount)} to its stake`,
		],
		'ProverPool.Unstaked': ({ who, amount }) => [
			'pool',
			'unstaked',
			`${nameOf(who)} unstakes ${units(amount)}`,
		],
		'ProverPool.Restaked': ({ who, amount }) => [
			'pool',
			'restaked',
			`${nameOf(who)} stakes an exit of ${units(amount)} again`,
		],
		'ProverPool.TermsChanged': ({ who, rewardPerGas, maxCapacity }) => [
			'pool',
			'terms',
			`${nameOf(who)} now asks ${number(rewardPerGas)} per gas for ${maxCapacity} blocks at once; ` +
				`draws use its old price for ${this.#entryDelay} more blocks`,
		],
		'ProverPool.Paused': ({ who }) => {
			this.#paused.add(who);
			const delay = `draws skip it in ${this.#entryDelay} blocks`;
			return ['pool', 'paused', `${nameOf(who)} keeps its slot and its work; ${delay}`];
		},
		'ProverPool.Resumed': ({ who }) => {
			this.#paused.delete(who);
			return ['pool', 'resumed', `${nameOf(who)} can be drawn again in ${this.#entryDelay} blocks`];
		},
		'ProverPool.OfferListed': ({ who }) => [
			'pool',
			'listed',
			this.#paused.has(who) ? `draws skip ${nameOf(who)}` : `draws use the offer of ${nameOf(who)}`,
		],
		'ProverPool.Suspended': ({ who, until }) => [
			'pool',
			'suspended',
			`${nameOf(who)} missed too many blocks in a row; it is not drawn, and cannot resume ` +
				`before block ${until + 1}`,
		],
		'ProverPool.SuspensionEnded': ({ who }) => [
			'pool',
			'restored',
			`${nameOf(who)} may resume: the slash that suspended it is cancelled`,
		],
		'ProverPool.Slashed': ({ blockId, who, amount, fault }) => {
			this.totals.slashed += amount;
			return [blockId, 'slashed', `${nameOf(who)} loses ${units(amount)}: ${FAULTS[fault] ?? fault}`];
		},
		'ProverPool.SlashDeferred': ({ blockId, dueAt }) => [
			blockId,
			'deferred',
			`the slash stays on hold until block ${dueAt}, and can be cancelled before`,
		],
		'ProverPool.SlashApplied': ({ blockId, who, amount }) => [
			blockId,
			'applied',
			`the slash is due: ${nameOf(who)} loses ${units(amount)}`,
		],
		'ProverPool.SlashCancelled': ({ blockId, who, amount }) => {
			this.totals.slashed -= amount;
			return [blockId, 'cancelled', `the slash is cancelled: ${nameOf(who)} keeps ${units(amount)}`];
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
		'BlockProposal.BlockOpened': ({ blockId, cause }) => {
			const reason = cause.Drawn ?? cause;
			return [blockId, 'open', `to anybody: ${REASONS[reason] ?? reason}`];
		},
		'BlockProposal.BlockClaimed': (data) => {
			const { blockId, prover, gasUsed, bond } = data;
			this.#claims.set(claimKey(data), data);
			const bonded = bond ? `, with a bond of ${units(bond)}` : '';
			return [blockId, 'proven', `by ${nameOf(prover)}: ${number(gasUsed)} gas${bonded}`];
		},
		'BlockProposal.ClaimRemoved': ({ blockId, prover }) => [
			blockId,
			'disputed',
			`the claim by ${nameOf(prover)} is removed`,
		],
		'BlockProposal.ClaimVoided': ({ blockId, prover }) => [
			blockId,
			'void',
			`the claim by ${nameOf(prover)} is void: what vouched for it is revoked`,
		],
		'BlockProposal.BlockSkipped': ({ blockId, forfeited }) => {
			this.totals.skipped += 1;
			return [blockId, 'skipped', `nobody proved it, ${units(forfeited)} are forfeited`];
		},
		'BlockProposal.BlockCancelled': ({ blockId, returned }) => [
			blockId,
			'cancelled',
			`its proposer gets ${units(returned)} back, and can propose the list again`,
		],
		'BlockProposal.Paused': ({ until }) => [
			'rollup',
			'paused',
			`nothing is proposed or verified before block ${until}`,
		],
		'BlockProposal.Unpaused': () => ['rollup', 'resumed', 'proposals and verification continue'],
		'BlockProposal.Reset': ({ verifiedHash }) => [
			'rollup',
			'reset',
			`it continues from block hash ${verifiedHash}`,
		],
		'BlockProposal.BlockVerified': (data, events) => this.#verified(data, events),
	};

	#verified(data, events) {
		const { blockId, prover, verdict, paid } = data;
		const bonus = verdict === 'Rescued' ? this.#bonus(data, events) : 0n;
		this.totals.verified += 1;
		this.totals.paid += paid;
		const who = nameOf(prover);
		if (verdict === 'Failed') return [blockId, 'verified', `${who} failed and is paid nothing`];
		if (verdict !== 'Rescued') return [blockId, 'verified', `${who} is paid ${units(paid)}`];
		this.totals.rescued += 1;
		const later = isDeferred(blockId, events) ? ' when it is due' : '';
		return [blockId, 'rescued', `${who} is paid ${units(paid)}, and ${units(bonus)} of the slash${later}`];
	}

	/** Returns the rescuer's part of the slash. */
	#bonus(verified, events) {
		const { blockId } = verified;
		const { gasUsed, rewardPerGas } = this.#claims.get(claimKey(verified)) ?? {};
		const slashed = events.find(
			({ name, data }) => name === 'ProverPool.Slashed' && data.blockId === blockId,
		);
		if (gasUsed === undefined || !slashed) return 0n;
		const reward = this.#rollup.cost(gasUsed, rewardPerGas);
		return rules.rescueBonus(reward, this.#rollup.parameters.rescueBonus, slashed.data.amount);
	}

	/** Prints the coins that a verified block has moved on the rollup. */
	#printMoved(at, { blockId }) {
		const transfers = this.#transfers.get(blockId);
		if (!transfers) return;
		const moved = transfers.filter(({ effect }) => effect === 'moved');
		const sum = (list, key) => list.reduce((total, transfer) => total + BigInt(transfer[key]), 0n);
		const executed = transfers.filter(({ effect }) => effect === 'moved' || effect === 'fee_only');
		const fees = number(sum(executed, 'fee'));
		const rest = transfers.length > moved.length ? ` of ${transfers.length}` : '';
		this.printLine(
			at,
			blockId,
			'moved',
			moved.length === 0
				? 'nothing on the rollup'
				: `${number(sum(moved, 'amount'))} coins by ${moved.length}${rest} transfers, for ${fees} in fees`,
		);
	}

	#forget(blockId) {
		this.#missed.delete(blockId);
		this.#transfers.delete(blockId);
		for (const key of this.#claims.keys()) {
			if (key.startsWith(`${blockId} `)) this.#claims.delete(key);
		}
	}
}

/** The events that settle a block. */
const SETTLED = ['BlockVerified', 'BlockSkipped', 'BlockCancelled'].map((name) => `BlockProposal.${name}`);

const REASONS = {
	Expired: 'it was not drawn',
	ClaimVoided: 'what vouched for its proof is revoked',
	EmptyPool: 'the pool has no prover that can be drawn',
	NoFreeCapacity: 'no prover has free capacity',
	ZeroFee: 'the fee is 0',
};

const FAULTS = {
	Late: 'it delivered no proof in time',
	Rescued: 'another prover had to do its work',
	RemovedProof: 'its proof was wrong',
	Skipped: 'nobody proved the block',
};

// Registers the names of the accounts that users are likely to use.
['Alice', 'Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie'].forEach(account);
