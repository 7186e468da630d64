/**
 * A ledger of the whole chain: the tokens of every account, held or free, computed from events. Balances may
 * change only by fees, transfers, rewards, slashes and forfeits that events report, to the base unit.
 */
import { AUTHOR, nameOf } from './accounts.mjs';
import * as rules from './rules.mjs';

/** Reads the tokens of all accounts after a block, and the total issuance. */
async function read(chain, number) {
	const { query } = await chain.at(number);
	const [accounts, issuance] = await Promise.all([
		query.system.account.entries(),
		query.balances.totalIssuance(),
	]);
	const balances = new Map(
		accounts.map(([key, { data }]) => [
			key.args[0].toString(),
			data.free.toBigInt() + data.reserved.toBigInt(),
		]),
	);
	return { balances, issuance: issuance.toBigInt() };
}

/** Computes all balances from the events of all blocks alone. */
class Ledger {
	#baseGas;
	#rescueBonus;
	#proposers = new Map();
	#claims = new Map();
	/** The parts of slashes that reporters get when the tokens move, by block id. */
	#bonuses = new Map();

	constructor({ balances, issuance }, { baseGas, rescueBonus }) {
		this.balances = new Map(balances);
		this.issuance = issuance;
		this.#baseGas = baseGas;
		this.#rescueBonus = rescueBonus;
	}

	/** Enters the events of a block. */
	enter({ events }) {
		for (const { name, data } of events) this.#entries[name]?.(data, events);
	}

	#entries = {
		'TransactionPayment.TransactionFeePaid': ({ who, actualFee }) =>
			this.#move(who, AUTHOR.address, actualFee),
		'Balances.DustLost': (data) => this.#burn(data.account, data.amount),
		'Balances.Transfer': ({ from, to, amount }) => this.#move(from, to, amount),

		'BlockProposal.BlockProposed': ({ blockId, proposer }) => this.#proposers.set(blockId, proposer),
		'BlockProposal.BlockClaimed': (data) => this.#claims.set(claimKey(data), data),
		'BlockProposal.BondSettled': ({ prover, forfeited }) => this.#burn(prover, forfeited),
		'BlockProposal.BlockSkipped': ({ blockId, forfeited }) =>
			this.#burn(this.#proposers.get(blockId), forfeited),
		'BlockProposal.BlockCancelled': ({ blockId, forfeited }) =>
			this.#burn(this.#proposers.get(blockId), forfeited),
		'BlockProposal.BlockVerified': (data, events) => {
			const { blockId, prover, verdict, paid, forfeited } = data;
			const proposer = this.#proposers.get(blockId);
			this.#move(proposer, prover, paid);
			this.#burn(proposer, forfeited);
			if (verdict !== 'Rescued') return;
			const bonus = this.#bonus(data, events);
			if (isDeferred(blockId, events)) this.#bonuses.set(blockId, { prover, bonus });
			else this.#mint(prover, bonus);
		},

		// A deferred slash moves its tokens when it is applied; a cancelled one moves none.
		'ProverPool.Slashed': ({ blockId, who, amount }, events) => {
			if (!isDeferred(blockId, events)) this.#burn(who, amount);
		},
		'ProverPool.SlashApplied': ({ blockId, who, amount }) => {
			this.#burn(who, amount);
			const { prover, bonus } = this.#bonuses.get(blockId) ?? {};
			if (prover) this.#mint(prover, bonus);
		},
	};

	/** Returns a rescuer's part of the slash by rule R7. No event contains it. */
	#bonus(verified, events) {
		const { blockId } = verified;
		const { gasUsed, rewardPerGas } = this.#claims.get(claimKey(verified));
		const reward = rules.cost(this.#baseGas, gasUsed, rewardPerGas);
		const slashed = events.find(
			({ name, data }) => name === 'ProverPool.Slashed' && data.blockId === blockId,
		);
		return rules.rescueBonus(reward, this.#rescueBonus, slashed.data.amount);
	}

	#add(who, amount) {
		this.balances.set(who, (this.balances.get(who) ?? 0n) + amount);
	}

	#move(from, to, amount) {
		this.#add(from, -amount);
		this.#add(to, amount);
	}

	#burn(who, amount) {
		this.#add(who, -amount);
		this.issuance -= amount;
	}

	#mint(who, amount) {
		this.#burn(who, -amount);
	}
}

/** Returns a key from the fields that `BlockClaimed` and `BlockVerified` share. */
export function claimKey({ blockId, prover, blockHash }) {
	return `${blockId} ${prover} ${blockHash}`;
}

/** Returns whether the slash for a block, in the block with these events, was deferred. */
export function isDeferred(blockId, events) {
	return events.some(({ name, data }) => name === 'ProverPool.SlashDeferred' && data.blockId === blockId);
}

/** Returns the differences between the ledger and the chain, as sentences. */
function differences(ledger, real) {
	const accounts = new Set([...ledger.balances.keys(), ...real.balances.keys()]);
	const lines = [...accounts].flatMap((who) => {
		const difference = (real.balances.get(who) ?? 0n) - (ledger.balances.get(who) ?? 0n);
		return difference ? [`${nameOf(who)} has ${difference} base units more than explained`] : [];
	});
	const issuance = real.issuance - ledger.issuance;
	if (issuance) lines.push(`the total issuance is ${issuance} more than explained`);
	const sum = [...real.balances.values()].reduce((a, b) => a + b, 0n);
	if (sum !== real.issuance) lines.push(`the accounts own ${sum}, the issuance is ${real.issuance}`);
	return lines;
}

/**
 * Checks all accounts of a development chain from the genesis to block `to`. The error names the first block
 * with a difference.
 *
 * @param {import('./rollup.mjs').Rollup} rollup
 */
export async function auditLedger({ chain, parameters }, to = chain.head) {
	const genesis = await read(chain, 0);
	const ledgerAt = async (number) => {
		const ledger = new Ledger(genesis, parameters);
		for (let n = 1; n <= number; n++) ledger.enter(await chain.block(n));
		return ledger;
	};
	const wrongAt = async (number) => differences(await ledgerAt(number), await read(chain, number));

	if ((await wrongAt(to)).length === 0) return;
	// A difference stays in all later blocks, so a binary search finds the first such block.
	let [right, wrong] = [0, to];
	while (wrong - right > 1) {
		const middle = Math.floor((right + wrong) / 2);
		if ((await wrongAt(middle)).length === 0) right = middle;
		else wrong = middle;
	}
	const { events } = await chain.block(wrong);
	throw new Error(
		[
			`unexplained since block ${wrong}:`,
			...(await wrongAt(wrong)),
			'its events:',
			...events.map(({ name, data }) => `${name} ${show(data)}`),
		].join('\n  '),
	);
}

function show(data) {
	return JSON.stringify(data, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
}
