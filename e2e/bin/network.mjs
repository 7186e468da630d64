#!/usr/bin/env node
/**
 * Four validators on this machine, two provers' daemons and a proposer, until Ctrl-C.
 *
 *   node bin/network.mjs [--folder PATH] [--validators N] [--rpc-port PORT]
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findBinary } from '../lib/binaries.mjs';
import { StartFailed } from '../lib/program.mjs';
import { Client } from '../network/client.mjs';
import { Daemon } from '../network/daemon.mjs';
import { Network, PROVERS } from '../network/network.mjs';
import { Scenario } from '../network/scenario.mjs';
import { Transactions } from '../network/transactions.mjs';
import { isFree } from '../network/validator.mjs';

const HELP = `Four validators on this machine, two provers' daemons and a proposer, until Ctrl-C.

  --folder PATH    the folder of keys, databases and logs, which is kept (default: a temporary one)
  --validators N   the number of validators, at least 1 (default: 4)
  --rpc-port PORT  the port of the first validator; the others have the next ports (default: 9944)`;

const SUMMARY_MS = 30_000;
/** The port of the first daemon's metrics, which is the daemon's default. */
const METRICS_PORT = 9616;

const { values } = parseArgs({
	options: {
		folder: { type: 'string' },
		validators: { type: 'string', default: '4' },
		'rpc-port': { type: 'string', default: '9944' },
		help: { type: 'boolean', short: 'h' },
	},
});
const [count, port] = [Number(values.validators), Number(values['rpc-port'])];
if (values.help) {
	console.log(HELP);
	process.exit(0);
}
if (!Number.isInteger(count) || count < 1 || !(port > 0 && port + count < 65_536)) {
	console.error('network: --validators must be at least 1, and each needs a port below 65536');
	process.exit(2);
}

const temporary = values.folder === undefined;
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'prover-pool-network-'));
const resumed = existsSync(join(folder, 'nodes'));
const daemons = [];
let [network, scenario, transactions] = [null, null, null];

let stopping = false;
async function stop(code) {
	if (stopping) return;
	stopping = true;
	console.log('stopping …');
	// Requests under way fail now, and the API would print that.
	console.error = console.warn = () => {};
	await Promise.all([scenario?.stop(), transactions?.stop().catch(() => {})]);
	await Promise.all(daemons.map((daemon) => daemon.stop()));
	await network?.stop();
	if (temporary) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
	process.exit(code);
}
process.on('SIGINT', () => stop(0));
process.on('SIGTERM', () => stop(0));

try {
	await main();
} catch (error) {
	if (!stopping) {
		const message = (error instanceof StartFailed && error.errorLine) || error.message;
		process.stderr.write(`network: ${message}\n`);
		await stop(1);
	}
}

async function main() {
	const rpcPorts = Array.from({ length: count }, (_, i) => port + i);
	const hasDaemons = findBinary('daemon') !== null;
	await requireFree(rpcPorts, '--rpc-port names others');
	if (hasDaemons) {
		const metrics = Array.from({ length: PROVERS }, (_, i) => METRICS_PORT + i);
		await requireFree(metrics, 'the metrics of the daemons need it');
	}
	console.log(`Writing the specification and starting ${count} validators takes a minute …`);
	network = await Network.create({ folder, count, rpcPorts });
	await network.start();
	const { attestor, provers } = network.accounts;
	if (hasDaemons) {
		for (const [i, prover] of provers.entries()) {
			// Each daemon prefers another node.
			const nodes = [...network.validators.slice(i), ...network.validators.slice(0, i)];
			const urls = nodes.map(({ ws }) => ws);
			const daemon = new Daemon({ folder, prover, attestor, urls, metrics: METRICS_PORT + i });
			daemon.start();
			daemon.exited.then((reason) => stopping || console.log(`${prover.name} has ended: ${reason}`));
			daemons.push(daemon);
		}
	}
	welcome(hasDaemons);

	const client = await Client.connect(() => network.urls());
	transactions = new Transactions(client, network);
	await transactions.resume(network.accounts.proposer.pair.address);
	transactions.follow();
	scenario = new Scenario(client, transactions, network.accounts, {
		prove: !hasDaemons,
		transfers: 0,
		states: join(folder, 'rollup'),
	});
	scenario.start();
	while (!stopping) {
		await sleep(SUMMARY_MS);
		if (!stopping) await summary();
	}
}

/** Throws if another program listens on one of these ports. */
async function requireFree(ports, hint) {
	for (const port of ports) {
		if (!(await isFree(port))) throw new Error(`port ${port} is in use: ${hint}`);
	}
}

function welcome(hasDaemons) {
	const line = (what, where) => console.log(`  ${what.padEnd(13)} ${where}`);
	console.log(`${count} validators run${resumed ? ' again, on their earlier chain' : ''}. They answer at`);
	for (const { name, ws } of network.validators) line(name, ws);
	if (hasDaemons) {
		console.log('Metrics of the provers\' daemons:');
		network.accounts.provers.forEach(({ name }, i) =>
			line(name, `http://127.0.0.1:${METRICS_PORT + i}/metrics`),
		);
	} else {
		console.log('There is no daemon (cargo build -p prover-pool-cli): this program proves instead.');
	}
	console.log('Keys, specification, databases and logs:');
	line('', folder);
	const first = network.validators[0].ws;
	console.log('Connect with any client, for instance');
	line('', `https://polkadot.js.org/apps/?rpc=${encodeURIComponent(first)}`);
	console.log(`Ctrl-C stops everything${temporary ? ' and removes the folder' : ''}.\n`);
}

async function summary() {
	const heights = await network.heights();
	const all = network.validators.map((validator) => {
		const height = heights.get(validator);
		return height ? `#${height.best} (finalized #${height.finalized})` : 'down';
	});
	const { tally } = transactions;
	const of = (name) => tally.get(name) ?? 0;
	const parts = [
		all.join(' '),
		`proposed ${of('BlockProposal.BlockProposed')}, proven ${of('BlockProposal.BlockClaimed')}, ` +
			`verified ${of('BlockProposal.BlockVerified')}, rescued ${of('verdict Rescued')}, ` +
			`slashed ${of('ProverPool.Slashed')}`,
	];
	console.log(parts.join(' │ '));
	const errors = scenario.errors.splice(0);
	if (errors.length > 0) console.log(`the proposer: ${errors.at(-1)}`);
}
