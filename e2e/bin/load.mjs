#!/usr/bin/env node
/**
 * Fills the blocks of a network, first with transfers, then with stakes, changes of terms, proposals and
 * proofs, and checks that everything arrives and that the nodes stay healthy.
 *
 *   node bin/load.mjs [--nodes 1|4] [--seconds N]
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { account } from '../lib/accounts.mjs';
import { UNIT } from '../lib/amounts.mjs';
import { endOnSignals } from '../lib/node.mjs';
import { plain } from '../lib/plain.mjs';
import { Client } from '../network/client.mjs';
import { Count, Load } from '../network/load.mjs';
import { Network } from '../network/network.mjs';
import { Scenario } from '../network/scenario.mjs';
import { Account, encoded, Signing } from '../network/signing.mjs';
import { checkState, saveState } from '../network/invariants.mjs';
import { hashOf } from '../network/transactions.mjs';

const HELP = `Fills blocks, first with transfers, then with stakes, changes of terms, proposals and proofs.

  --nodes N     validators: 1 or 4 (default: 1)
  --seconds N   how long pool and protocol are at saturation (default: 600); transfers take a fifth of it, and a minute at least`;

/** Members of the pool besides the two that prove: too few to evict each other. */
const STAKERS = 1_000;
/** Accounts that transfer. */
const PAYERS = 2_000;
/**
 * How many are sent and not finalized: below the limit of the nodes' transaction pools, 8 192, and more
 * than the blocks take that are not finalized yet.
 */
const PENDING = { transfers: 8_000, pool: 3_000 };
/**
 * The tip of proposals and proofs, in base units: of transactions with the same tip, the pool prefers
 * the smaller, and these are large.
 */
const TIP = 1_000;
/**
 * Of each of two proposers in a block of the chain, and how many wait for verification: 16 of a
 * proposer may wait for their draw, which takes four blocks, and 128 may wait in all.
 */
const PROPOSALS = 3;
const MAX_WAITING = 110;
/** After this many blocks a proof is sent again: the next block, or the one after it, has it. */
const RETRY = 3;
const REPORT_MS = 10_000;
/** A block with more transactions than this is one under load. */
const BUSY = 50;
/**
 * The most memory of a node, and its most growth between the second fifth and the end of the time at
 * saturation, in MiB. Caches fill first; 256 states are kept in any case.
 */
const MEMORY = { most: 1_536, growth: 256 };

/** At saturation, blocks are as full as this on average, in percent. */
const FULL = 90;
/** The operations that must go on to the end. */
const OPERATIONS_OF = { transfers: ['transfers'], pool: ['stakes', 'changes', 'proposals', 'proofs'] };

const { values } = parseArgs({
	options: {
		nodes: { type: 'string', default: '1' },
		seconds: { type: 'string', default: '600' },
		help: { type: 'boolean', short: 'h' },
	},
});
const [nodes, seconds] = [Number(values.nodes), Number(values.seconds)];
const transferSeconds = Math.max(60, seconds / 5);
if (values.help || !Number.isInteger(nodes) || nodes < 1 || !(seconds >= 10)) {
	console.log(HELP);
	process.exit(values.help ? 0 : 2);
}
endOnSignals();

const stakers = Array.from({ length: STAKERS }, (_, i) => new Account(`load: staker ${i}`));
const payers = Array.from({ length: PAYERS }, (_, i) => new Account(`load: payer ${i}`));

const network = await Network.create({
	folder: mkdtempSync(join(tmpdir(), 'prover-pool-load-')),
	count: nodes,
	funded: [...stakers, ...payers].map(({ address }) => address),
});
let failed = true;
try {
	failed = !(await run());
} catch (error) {
	console.error(error.message);
	for (const validator of network.validators) console.error(`${validator.name}:\n${validator.tail()}`);
} finally {
	await network.remove();
}
process.exit(failed ? 1 : 0);

async function run() {
	console.log(`load: ${nodes} validators, ${seconds} s of pool and protocol, ${transferSeconds} s of transfers`);
	await network.start();
	const client = await Client.connect(() => network.urls());
	const { api } = client;
	const signing = new Signing(api);
	const recent = new Count();
	const load = new Load(client, network, (count) => {
		phase.blocks.push(count);
		recent.add(count);
	});
	let phase = newPhase('start');
	load.start();
	await network.finalized(1);

	const reporting = setInterval(() => {
		const memory = network.validators.map((validator) => Math.round(validator.memory() ?? 0));
		phase.memory.push(memory);
		const { blocks, operations, weight, length } = recent;
		const rates = Object.entries(operations)
			.filter(([, number]) => number > 0)
			.map(([name, number]) => `${name} ${((number * 1_000) / REPORT_MS).toFixed(1)}`);
		const share = (sum) => `${blocks ? Math.round((100 * sum) / blocks) : 0} %`;
		const parts = [
			`${Math.round((Date.now() - phase.began) / 1_000)} s ${phase.name}`,
			`finalized per second: ${rates.join(', ') || 'none'}`,
			`blocks ${blocks}, full by weight ${share(weight)}, by length ${share(length)}`,
			`pending ${load.pending}, refused by the pool ${sum(load.refused)}`,
			`memory ${memory.join(' ')} MiB`,
		];
		console.log(parts.join(' │ '));
		Object.assign(recent, new Count());
	}, REPORT_MS);

	const phases = [];
	const during = async (name, length, options, end = async () => {}) => {
		phase = newPhase(name);
		const last = Date.now() + 1_000 * length;
		await load.fill({ ...options, done: () => Date.now() > last });
		await end();
		phases.push({ ...phase, ...(await measure(client, load, phase.blocks)) });
		// The rest of one phase shall not be counted in the next.
		phase = newPhase(`after ${name}`);
		await load.drain();
	};

	const transfer = encoded(api.tx.balances.transferKeepAlive(payers[0].address, UNIT / 100n));
	const payer = turns(payers);
	await during('transfers', transferSeconds, {
		target: PENDING.transfers,
		next: () => signing.transaction(payer(), transfer),
	});

	// Entries, and changes of terms in place. Prices and stakes differ, so that the index is at work.
	const stakes = Array.from({ length: 500 }, (_, i) =>
		encoded(api.tx.proverPool.stake(40n * UNIT + BigInt((i * 37) % 400) * (UNIT / 10n), 7_600 + 9 * i, 4)),
	);
	const terms = Array.from({ length: 499 }, (_, i) =>
		encoded(api.tx.proverPool.setTerms(7_600 + 9 * ((i * 31) % 499), 4)),
	);
	const [staker, nextStake, nextTerms] = [turns(stakers), turns(stakes), turns(terms)];
	// A member that enters twice in one block is refused the second time, so it waits for the first.
	const latest = new Map();
	const change = () => {
		const account = staker();
		// A proof would have to wait for it.
		if (scenario.busy.has(account.address)) return null;
		if (load.waits(latest.get(account))) return null;
		// The first of each is an entry; then every other one is.
		const entry = account.nonce % 2 === 0;
		const transaction = signing.transaction(account, entry ? nextStake() : nextTerms());
		latest.set(account, transaction.hash);
		return transaction;
	};
	// Proposals and proofs are few, for the protocol draws sixteen times in a block.
	const sender = {
		send: (pair, call) => load.submit(network.validators[0], [sender.signed(pair, call)]),
		signed: (pair, call) => {
			if (pair instanceof Account) return signing.transaction(pair, encoded(call), TIP);
			const nonce = (sender.nonces[pair.address] ??= 0);
			sender.nonces[pair.address] += 1;
			const bytes = client.sign(call, pair, nonce, TIP);
			return { bytes, hash: hashOf(bytes) };
		},
		nonces: {},
	};
	// Members may enter again in every block.
	const often = api.tx.checkedParameters.setParameter({ Pool: { MinChangeDelay: [null, 0] } });
	await sender.send(account('Alice'), api.tx.sudo.sudo(often));
	await load.drain();
	// Members are drawn like any other, and their blocks must be proven as well.
	const provers = [...network.accounts.provers, ...stakers.map((pair) => ({ pair }))];
	const scenario = new Scenario(client, sender, { ...network.accounts, provers }, {
		proposals: PROPOSALS,
		proposers: [network.accounts.proposer.pair, account('Bob')],
		transfers: 0,
		retry: RETRY,
		maxWaiting: MAX_WAITING,
	});
	scenario.start();
	await during(
		'pool',
		seconds,
		{ target: PENDING.pool, next: change },
		() => scenario.stop(),
	);
	clearInterval(reporting);

	await network.progress(3);
	await load.stop();
	return conclude(load, phases, scenario);
}

/**
 * A phase from its first block with load on, by the chain's own clock: what was finalized before was
 * made when nothing had arrived yet.
 */
async function measure(client, load, blocks) {
	const begin = blocks.findIndex(({ extrinsics }) => extrinsics > BUSY);
	if (begin < 0) throw new Error(`no block has more than ${BUSY} transactions`);
	const loaded = blocks.slice(begin);
	const total = loaded.reduce((sum, count) => (sum.add(count), sum), new Count());
	const [first, last] = [loaded[0].number, loaded.at(-1).number];
	const at = async (number) => {
		const { query } = await client.at(load.history[number]);
		return Number(plain(await query.timestamp.now()));
	};
	return { first, last, total, duration: ((await at(last)) - (await at(first - 1))) / 1_000 };
}

async function conclude(load, phases, scenario) {
	const file = join(network.folder, 'state.json');
	await saveState(network.validators[0], file);
	const invariants = checkState([file]);
	const broken = network.validators.flatMap(({ broken }) => broken);
	const lost = load.sent.size - load.finalized;
	const problems = [];

	console.log('');
	for (const { name, blocks, total, memory, duration, first, last } of phases) {
		const rates = Object.entries(total.operations)
			.filter(([, number]) => number > 0)
			.map(([kind, number]) => `${(number / duration).toFixed(1)} ${kind}`);
		const [weight, length] = [total.weight, total.length].map((each) =>
			Math.round((100 * each) / total.blocks),
		);
		console.log(
			`${name}: blocks #${first} to #${last} in ${duration} s, per second ${rates.join(', ')}; ` +
				`full by weight ${weight} %, by length ${length} %`,
		);
		const latest = blocks.slice(-Math.ceil(blocks.length / 3));
		if (weight < FULL) problems.push(`${name}: blocks were full by ${weight} % only`);
		for (const kind of OPERATIONS_OF[name]) {
			const number = latest.reduce((sum, { operations }) => sum + operations[kind], 0);
			if (number === 0) problems.push(`${name}: no ${kind} in the last third`);
		}
		network.validators.forEach(({ name: node }, i) => {
			const own = memory.map((each) => each[i]);
			const fifth = Math.floor(own.length / 5);
			const early = Math.max(...own.slice(fifth, 2 * fifth + 1));
			const late = Math.max(...own.slice(-fifth - 1));
			console.log(`  memory of ${node}: ${early} MiB in the second fifth, ${late} MiB in the last`);
			if (late > MEMORY.most) problems.push(`${node} uses more than ${MEMORY.most} MiB`);
			if (late - early > MEMORY.growth) problems.push(`${node} grew by more than ${MEMORY.growth} MiB`);
		});
	}
	console.log(`sent ${load.sent.size}, finalized ${load.finalized}, lost ${lost}`);
	console.log(`refused by the pool, and accepted later: ${sum(load.refused)} ${[...load.refused.keys()].join('; ')}`);
	const reasons = [...load.failures].map(([reason, number]) => `${number} × ${reason}`);
	console.log(`calls that failed: ${reasons.join(', ') || 'none'}`);
	console.log(`invariants:\n${invariants.output}`);
	if (lost > 0) problems.push(`${lost} transactions are lost`);
	if (invariants.failed) problems.push('an invariant does not hold');
	problems.push(...broken, ...scenario.complaints.slice(0, 3));
	console.log(problems.length === 0 ? 'load: all is well' : `load: ${problems.join('\n')}`);
	return problems.length === 0;
}

function newPhase(name) {
	return { name, began: Date.now(), blocks: [], memory: [] };
}

/** Returns each in turn, endlessly. */
function turns(list) {
	let i = 0;
	return () => list[i++ % list.length];
}

function sum(counts) {
	return [...counts.values()].reduce((a, b) => a + b, 0);
}
