#!/usr/bin/env node
/**
 * Fills the blocks of a network, first with transfers, then with stakes, changes of terms, proposals and
 * proofs. Checks that every transaction is finalized and that the nodes have no defects.
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
  --seconds N   how long pool and protocol are saturated (default: 600); before that, transfers take a fifth of it, at least a minute`;

/** The number of members besides the two provers: few enough that none is evicted. */
const STAKERS = 1_000;
/** The number of accounts that transfer. */
const PAYERS = 2_000;
/**
 * The number of transactions that are sent and not finalized: below 8 192, the limit of the nodes' pools, and
 * more than the blocks that are not finalized contain.
 */
const PENDING = { transfers: 8_000, pool: 3_000 };
/**
 * The tip of proposals and proofs, in base units. Of transactions with the same tip, the pool prefers smaller
 * ones, and these are large.
 */
const TIP = 1_000;
/**
 * The proposals of each of two proposers per block of the chain, and the number of waiting blocks at which they
 * stop. Of one proposer, 16 may wait for their draws, which take four blocks. In all, 128 may wait.
 */
const PROPOSALS = 3;
const MAX_WAITING = 110;
/** The number of blocks after which a proof that no pool has is sent again. */
const RETRY = 3;
const REPORT_MS = 10_000;
/** A block with more transactions than this is under load. */
const BUSY = 50;
/**
 * The limits of a node's memory, and of its growth between the second fifth and the end of the time at
 * saturation, in MiB. Caches fill first. A node keeps 256 states in any case.
 */
const MEMORY = { most: 1_536, growth: 256 };

/** The least average fill of blocks at saturation, in percent. */
const FULL = 90;
/** The operations of each phase, which must continue to its end. */
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
	const runPhase = async (name, length, options, end = async () => {}) => {
		phase = newPhase(name);
		const last = Date.now() + 1_000 * length;
		await load.fill({ ...options, done: () => Date.now() > last });
		await end();
		phases.push({ ...phase, ...(await measure(client, load, phase.blocks)) });
		// Transactions of one phase must not count in the next.
		phase = newPhase(`after ${name}`);
		await load.drain();
	};

	const transfer = encoded(api.tx.balances.transferKeepAlive(payers[0].address, UNIT / 100n));
	const payer = cycle(payers);
	await runPhase('transfers', transferSeconds, {
		target: PENDING.transfers,
		next: () => signing.transaction(payer(), transfer),
	});

	// Entries, and changes of terms in place. Prices and stakes differ, so that the index changes.
	const stakes = Array.from({ length: 500 }, (_, i) =>
		encoded(api.tx.proverPool.stake(40n * UNIT + BigInt((i * 37) % 400) * (UNIT / 10n), 7_600 + 9 * i, 4)),
	);
	const terms = Array.from({ length: 499 }, (_, i) =>
		encoded(api.tx.proverPool.setTerms(7_600 + 9 * ((i * 31) % 499), 4)),
	);
	const [staker, nextStake, nextTerms] = [cycle(stakers), cycle(stakes), cycle(terms)];
	// The latest of each member: a second entry in one block is refused, so it waits for the first one.
	const latest = new Map();
	const change = () => {
		const account = staker();
		// A proof would have to wait for this transaction.
		if (scenario.busy.has(account.address)) return null;
		if (load.waits(latest.get(account)?.hash)) return null;
		// The first transaction of each member is an entry, then every second one.
		const { nonce } = account;
		const call = nonce % 2 === 0 ? nextStake() : nextTerms();
		const transaction = signing.transaction(account, call);
		latest.set(account, { hash: transaction.hash, call, nonce });
		return transaction;
	};
	// A saturated pool does not serve transactions of one priority in their order. A proof behind a transaction
	// of its account without a tip can wait beyond its deadline.
	const hasten = async (account) => {
		const { hash, call, nonce } = latest.get(account) ?? {};
		if (!load.isPending(hash)) return;
		const replacement = signing.transaction(account, call, { tip: TIP, nonce });
		latest.delete(account);
		await load.replace(network.validators[0], hash, replacement);
	};
	// Proposals and proofs are few, since the protocol draws at most sixteen times in a block.
	const sender = {
		send: async (pair, call) => {
			const bytes = call.method.toHex();
			if (load.waits(sender.latest.get(bytes))) return;
			if (pair instanceof Account) await hasten(pair);
			const transaction = sender.signed(pair, call);
			sender.latest.set(bytes, transaction.hash);
			await load.submit(network.validators[0], [transaction]);
		},
		signed: (pair, call) => {
			if (pair instanceof Account) return signing.transaction(pair, encoded(call), { tip: TIP });
			const nonce = (sender.nonces[pair.address] ??= 0);
			sender.nonces[pair.address] += 1;
			const bytes = client.sign(call, pair, nonce, TIP);
			return { bytes, hash: hashOf(bytes) };
		},
		nonces: {},
		/** The hash of the latest transaction of each call. */
		latest: new Map(),
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
	await runPhase(
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
 * Measures a phase from its first block with load, by the chain's own clock. Earlier blocks were made before the
 * load arrived.
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
	const lost = load.count - load.finalized;
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
	console.log(`sent ${load.count}, finalized ${load.finalized}, lost ${lost}`);
	console.log(`refused by the pool, and accepted later: ${sum(load.refused)} ${[...load.refused.keys()].join('; ')}`);
	const reasons = [...load.failures].map(([reason, number]) => `${number} × ${reason}`);
	console.log(`calls that failed: ${reasons.join(', ') || 'none'}`);
	console.log(`invariants:\n${invariants.output}`);
	if (lost > 0) problems.push(`${lost} transactions are lost`);
	if (invariants.failed) problems.push('an invariant does not hold');
	problems.push(...broken, ...scenario.errors.slice(0, 3));
	console.log(problems.length === 0 ? 'load: no problems' : `load: ${problems.join('\n')}`);
	return problems.length === 0;
}

function newPhase(name) {
	return { name, began: Date.now(), blocks: [], memory: [] };
}

/** Returns a function that returns the elements in turn, without an end. */
function cycle(list) {
	let i = 0;
	return () => list[i++ % list.length];
}

function sum(counts) {
	return [...counts.values()].reduce((a, b) => a + b, 0);
}
