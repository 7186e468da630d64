#!/usr/bin/env node
/**
 * A small rollup market on a development chain, printed line by line.
 *
 *   node bin/demo.mjs [--node PATH] [--sealing MS] [--rpc-port PORT]
 *     [--page-port PORT] [--archive] [--blocks N]
 */
import { account } from '../lib/accounts.mjs';
import { UNIT } from '../lib/amounts.mjs';
import { poolFigures, runDemo, useColours } from '../lib/demo.mjs';
import { EventLog } from '../lib/event-log.mjs';
import { Provers } from '../lib/provers.mjs';
import { Rollup } from '../lib/rollup.mjs';

/** The provers that join the genesis provers. */
const NEWCOMERS = [
	{ name: 'Grace', amount: 1_500n * UNIT, price: 9_000, capacity: 16 },
	{ name: 'Heidi', amount: 800n * UNIT, price: 11_000, capacity: 16 },
	{ name: 'Mallory', amount: 4_000n * UNIT, price: 9_500, capacity: 16 },
];
/** The prover that misses windows until it is suspended, and then resumes. */
const NEGLIGENT = 'Mallory';
/** The provers of open and of missed blocks. */
const VOLUNTEERS = ['Charlie', 'Dave', 'Eve', 'Grace', 'Heidi'];
/** The accounts whose blocks this program proves. Ferdie is for the reader, who can stake without proving. */
const PROVERS = [...VOLUNTEERS, NEGLIGENT, 'Ferdie'];
const PROPOSER = 'Bob';

/** In blocks: short, so that users see the end of a suspension. */
const SUSPENSION_PERIOD = 60;
/** In parts per 10⁹: the negligent prover has two fifths of the stake, and another one can be paused. */
const MAX_PAUSED_SHARE = 500_000_000;
/** The calls of members, in blocks after the start of each period. */
const MEMBER_CALLS = [
	{ at: 36, name: 'Grace', call: (pool) => pool.setTerms(10_500, 16) },
	{ at: 60, name: 'Heidi', call: (pool) => pool.pause() },
	{ at: 100, name: 'Heidi', call: (pool) => pool.resume() },
	{ at: 120, name: 'Grace', call: (pool) => pool.setTerms(9_000, 16) },
];
const MEMBER_CALLS_PERIOD = 180;

/** The number of transfers of a list. `most` is the limit of a list. */
const TRANSFERS = { least: 20, most: 100 };
/** A little more than a transfer uses, so that a list of any length fits. */
const GAS_FOR_TRANSFER = 80_000;

/** In blocks of the chain. */
const PROPOSE_EVERY = 4;
const SUMMARY_EVERY = 30;
/** Less than the shortest time for which a rollup block waits. */
const EXECUTE_EVERY = 4;
/** The number of waiting blocks at which proposals stop. */
const MAX_WAITING = 24;

/** Changes the rules of suspensions, funds the newcomers and lets them stake. */
async function join(chain) {
	const { tx } = chain.api;
	const parameters = [
		chain.poolParameter('SuspensionPeriod', SUSPENSION_PERIOD),
		chain.poolParameter('MaxPausedShare', MAX_PAUSED_SHARE),
	].map((call) => tx.sudo.sudo(call));
	const transfers = NEWCOMERS.map(({ name, amount }) =>
		tx.balances.transferKeepAlive(account(name).address, 2n * amount),
	);
	await chain.ok(account('Alice'), tx.utility.batchAll([...parameters, ...transfers]));
	await Promise.all(
		NEWCOMERS.map(({ name, amount, price, capacity }) =>
			chain.ok(account(name), tx.proverPool.stake(amount, price, capacity)),
		),
	);
}

/** Sends the members' calls: changes of offers, and the negligent prover's `resume` after a suspension. */
class Members {
	#chain;
	#failed;
	#steps = 0;
	#suspendedUntil = Infinity;

	constructor(chain, failed) {
		this.#chain = chain;
		this.#failed = failed;
	}

	/** Reads the events of a block. */
	read({ events }) {
		for (const { name, data } of events) {
			if (data.who !== account(NEGLIGENT).address) continue;
			if (name === 'ProverPool.Suspended') this.#suspendedUntil = data.until;
			if (name === 'ProverPool.Exited') this.#suspendedUntil = Infinity;
		}
	}

	/** Sends the calls that are due. Does not wait for them. */
	act(number) {
		for (;;) {
			const { at, name, call } = MEMBER_CALLS[this.#steps % MEMBER_CALLS.length];
			if (number < MEMBER_CALLS_PERIOD * Math.floor(this.#steps / MEMBER_CALLS.length) + at) break;
			this.#steps += 1;
			this.#send(name, call);
		}
		if (number > this.#suspendedUntil) {
			this.#suspendedUntil = Infinity;
			this.#send(NEGLIGENT, (pool) => pool.resume());
		}
	}

	#send(name, call) {
		this.#chain
			.ok(account(name), call(this.#chain.api.tx.proverPool))
			.catch(({ message }) => this.#failed(`${name}: ${message}`));
	}
}

/** Proposes lists of transfers between the rollup's development accounts. */
class Proposer {
	#rollup;
	#failed;
	#busy = false;
	/** The block of the chain with the latest proposal. */
	#latest = 0;

	constructor(rollup, failed) {
		this.#rollup = rollup;
		this.#failed = failed;
	}

	/** Proposes a block after all that wait, unless a proposal is under way. Does not wait for it. */
	act(snapshot) {
		if (this.#busy || snapshot.number < this.#latest) return;
		this.#busy = true;
		this.#propose(snapshot)
			.catch(({ message }) => this.#failed(`${PROPOSER}: ${message}`))
			.finally(() => (this.#busy = false));
	}

	async #propose(snapshot) {
		const { least, most } = TRANSFERS;
		const count = least + Math.floor(Math.random() * (most + 1 - least));
		const txList = await this.#rollup.transfers(count, { snapshot });
		const gasLimit = 1_000_000 * Math.ceil((count * GAS_FOR_TRANSFER) / 1_000_000);
		const { block } = await this.#rollup.propose(account(PROPOSER), { txList, gasLimit });
		this.#latest = block;
	}
}

/** Runs the market until `blocks` blocks are verified. */
async function play(chain, { blocks }) {
	const rollup = new Rollup(chain);
	const { entryDelay, maxMisses } = await chain.pool('getParameters');
	const log = new EventLog(rollup, {
		print: (line) => console.log(line),
		colours: useColours(),
		entryDelay,
	});
	const failed = (message) => log.printLine(chain.head, 'program', 'failed', message);
	const members = new Members(chain, failed);
	const provers = new Provers({
		prove: (prover, block, execution) => rollup.prove(prover, block, { execution }),
		names: PROVERS,
		volunteers: VOLUNTEERS,
		negligent: NEGLIGENT,
		misses: maxMisses,
		report: failed,
	});
	const proposer = new Proposer(rollup, failed);

	join(chain).catch(({ message }) => failed(message));
	for await (const block of chain.blocks(1)) {
		log.printBlock(block);
		members.read(block);
		if (log.totals.verified >= blocks) return;
		// While the program is behind the chain, it only executes blocks. It acts when it has caught up.
		const behind = block.number < chain.head;
		if (behind && block.number % EXECUTE_EVERY !== 0) continue;
		const snapshot = await rollup.snapshot(block.number);
		const results = await rollup.lineage.results(snapshot);
		log.remember(results);
		if (behind) continue;
		log.printMissed(block.number, snapshot);
		provers.act(snapshot, results);
		members.act(block.number);
		if (block.number % PROPOSE_EVERY === 0 && snapshot.waiting.length < MAX_WAITING) {
			proposer.act(snapshot);
		}
		if (block.number % SUMMARY_EVERY === 0) {
			log.printSummary(block.number, snapshot, await poolFigures(chain));
		}
	}
}

await runDemo({
	name: 'demo',
	about: 'A small rollup market on a development chain, printed line by line.',
	sealing: 1000,
	binaries: ['rollup'],
	play,
});
