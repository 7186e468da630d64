/**
 * The books of the whole chain: what every account owns, held or not, and why it changed. Nothing may
 * change but by fees, transfers, rewards, slashes and forfeits that events tell of, to the base unit.
 */
import { nameOf } from './accounts.mjs';
import { units } from './amounts.mjs';
import { plain } from './plain.mjs';
import * as rules from './rules.mjs';

/** What all accounts own at the end of a block, and the total issuance. */
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

/** Follows the events of all blocks and keeps the books by them alone. */
class Books {
	#baseGas;
	#rescueBonus;
	#proposers = new Map();
	#proofs = new Map();

	constructor({ balances, issuance }, { baseGas, rescueBonus }) {
		this.balances = new Map(balances);
		this.issuance = issuance;
		this.#baseGas = baseGas;
		this.#rescueBonus = rescueBonus;
	}

	/** What a block did, by its events. */
	enter({ events }) {
		for (const { name, data } of events) this.#entries[name]?.(data, events);
	}

	#entries = {
		'TransactionPayment.TransactionFeePaid': ({ who, actualFee }) => this.#burn(who, actualFee),
		'Balances.DustLost': (data) => this.#burn(data.account, data.amount),
		'Balances.Transfer': ({ from, to, amount }) => this.#move(from, to, amount),

		'BlockProposal.BlockProposed': ({ blockId, proposer }) => this.#proposers.set(blockId, proposer),
		'BlockProposal.BlockProven': (data) => this.#proofs.set(`${data.blockId} ${data.prover}`, data),
		'BlockProposal.BondSettled': ({ prover, forfeited }) => this.#burn(prover, forfeited),
		'BlockProposal.BlockSkipped': ({ blockId, forfeited }) =>
			this.#burn(this.#proposers.get(blockId), forfeited),
		'BlockProposal.BlockVerified': ({ blockId, prover, verdict, paid, forfeited }, events) => {
			const proposer = this.#proposers.get(blockId);
			this.#move(proposer, prover, paid);
			this.#burn(proposer, forfeited);
			if (verdict === 'Rescued') this.#mint(prover, this.#bonus(blockId, prover, events));
		},
		'ProverPool.Slashed': ({ who, amount }) => this.#burn(who, amount),
	};

	/** What a rescuer gets out of the slash, which events do not tell: rule R7 does. */
	#bonus(blockId, prover, events) {
		const { gasUsed, rewardPerGas } = this.#proofs.get(`${blockId} ${prover}`);
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

/** Where the books and the chain differ, in words. */
function differences(books, real) {
	const accounts = new Set([...books.balances.keys(), ...real.balances.keys()]);
	const lines = [...accounts].flatMap((who) => {
		const difference = (real.balances.get(who) ?? 0n) - (books.balances.get(who) ?? 0n);
		return difference ? [`${nameOf(who)} has ${difference} base units more than explained`] : [];
	});
	const issuance = real.issuance - books.issuance;
	if (issuance) lines.push(`the total issuance is ${issuance} more than explained`);
	const sum = [...real.balances.values()].reduce((a, b) => a + b, 0n);
	if (sum !== real.issuance) lines.push(`the accounts own ${sum}, the issuance is ${real.issuance}`);
	return lines;
}

/**
 * Checks all accounts from the genesis to block `to`. Throws with the first block in which something is
 * left unexplained.
 *
 * @param {import('./rollup.mjs').Rollup} rollup
 */
export async function audit({ chain, parameters }, to = chain.head) {
	const genesis = await read(chain, 0);
	const booksAt = async (number) => {
		const books = new Books(genesis, parameters);
		for (let n = 1; n <= number; n++) books.enter(await chain.block(n));
		return books;
	};
	const wrongAt = async (number) => differences(await booksAt(number), await read(chain, number));

	if ((await wrongAt(to)).length === 0) return;
	// Something stays unexplained from some block on: the first such block is the one to look at.
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

/**
 * Checks that what is held is what the pallets' records say, for every account (I1, and the same for
 * escrows and bonds).
 *
 * @param {import('./chain.mjs').Chain} chain
 */
export async function auditHolds(chain) {
	const { query } = await chain.at(chain.head);
	const [accounts, holds, stakers, blocks] = await Promise.all([
		query.system.account.entries(),
		query.balances.holds.entries(),
		query.proverPool.stakers.entries(),
		query.blockProposal.blocks.entries(),
	]);

	const held = new Map();
	const recorded = new Map();
	const count = (books, who, reason, amount) => {
		const key = `${nameOf(who)} ${reason}`;
		if (amount) books.set(key, (books.get(key) ?? 0n) + amount);
	};
	for (const [key, list] of holds) {
		const who = key.args[0].toString();
		for (const { id, amount } of plain(list)) {
			count(held, who, Object.entries(id).flat().join('.'), amount);
			count(held, who, 'in all', amount);
		}
	}
	for (const [key, { data }] of accounts) {
		count(recorded, key.args[0].toString(), 'in all', data.reserved.toBigInt());
	}
	for (const [key, info] of stakers) {
		const who = key.args[0].toString();
		const [{ exitAmount }, member] = plain(info);
		count(recorded, who, 'ProverPool.Stake', member?.stakedAmount);
		count(recorded, who, 'ProverPool.Exit', exitAmount);
	}
	for (const [, record] of blocks) {
		const { proposer, escrow, proofs } = plain(record);
		count(recorded, proposer, 'BlockProposal.Escrow', escrow.held);
		for (const { prover, bond } of proofs) {
			count(recorded, prover, 'BlockProposal.ProofBond', bond);
		}
	}

	for (const key of new Set([...held.keys(), ...recorded.keys()])) {
		const [is, should] = [held.get(key) ?? 0n, recorded.get(key) ?? 0n];
		if (is !== should) throw new Error(`${key}: ${units(is)} held, ${units(should)} on record`);
	}
}

function show(data) {
	return JSON.stringify(data, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
}
