/**
 * Two provers' daemons on a chain whose runtime changes: to one that fits them, and to one that does not. The
 * daemons use `prover-pool` as it is built, so the runtime that does not fit is the next one with another name
 * of the call that they make.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { u8aToHex } from '@polkadot/util';
import { blake2AsU8a } from '@polkadot/util-crypto';
import { account } from '../lib/accounts.mjs';
import { binary } from '../lib/binaries.mjs';
import { Chain } from '../lib/chain.mjs';
import { endOnSignals, Node } from '../lib/node.mjs';
import { Program, run } from '../lib/program.mjs';
import { until } from '../lib/waiting.mjs';

/** Two slow cores prove and submit within a window of 40 blocks of this many milliseconds. */
const SEALING = 1_000;
const TIMEOUT_MS = 600_000;
const START_TIMEOUT_MS = 120_000;
/** The storage key of the code. */
const CODE = u8aToHex(new TextEncoder().encode(':code'));
/** The members that have daemons. The third one pauses. */
const MEMBERS = ['dave', 'eve'];

const cli = binary('daemon');
const next = readFileSync(binary('next runtime'));
const breaking = renamed(next, 'prove_block', 'probe_block');

endOnSignals();

/** Returns code in which a name is another one of the same length. */
function renamed(code, known, other) {
	assert.equal(known.length, other.length);
	const copy = Buffer.from(code);
	let at = copy.indexOf(known);
	assert.ok(at >= 0, `${known} is in the code`);
	for (; at >= 0; at = copy.indexOf(known, at)) copy.write(other, at);
	return copy;
}

/** A daemon with a directory of its own, which it keeps when it is started again. */
class Daemon extends Program {
	#args;
	#url;

	constructor(member, url, folder) {
		super();
		this.state = join(folder, member);
		this.#args = [
			['run', '--dev', member, '--url', url],
			['--attestor-dev', '--state', this.state],
			['--metrics', '127.0.0.1:0'],
		];
	}

	async start() {
		this.#url = await this.launchUntil(cli, this.#args, {
			name: 'the daemon',
			ready: (line) => /metrics at (http:\S+)\/metrics/.exec(line)?.[1],
			timeout: START_TIMEOUT_MS,
		});
		await this.until('prover_pool_connected', (connected) => connected === 1);
	}

	/** Returns the status and the text of an answer. */
	async get(path) {
		const response = await fetch(`${this.#url}${path}`);
		return [response.status, await response.text()];
	}

	async metric(name) {
		const [, text] = await this.get('/metrics');
		const line = text.split('\n').find((line) => line.startsWith(`${name} `));
		assert.ok(line, `${name} is exported`);
		return Number(line.slice(name.length + 1));
	}

	/** Waits until a metric is as expected. */
	until(name, expected) {
		const state = () => `the daemon's last lines are:\n${this.tail()}`;
		return until(name, async () => expected(await this.metric(name)), { state });
	}

	/** Returns the lines of the log with this text. */
	lines(text) {
		return this.log.filter((line) => line.includes(text));
	}
}

/** Starts a chain with two daemons for each group of tests. */
function onChain(body) {
	const world = { blocks: 0, daemons: [] };
	before(async () => {
		world.folder = mkdtempSync(join(tmpdir(), 'prover-pool-daemons-'));
		// Three versions of the code are read. The node keeps two compiled by default, and compiles one for seconds.
		const args = ['--state-pruning', 'archive', '--runtime-cache-size', 4];
		// The first block is made in a real slot, since the next runtime counts slots.
		world.node = await Node.start({ sealing: null, args });
		const chain = await Chain.connect(world.node.url);
		await chain.block(1);
		await chain.disconnect();
		await world.node.restart({ sealing: SEALING });
		world.daemons = MEMBERS.map((member) => new Daemon(member, world.node.url, world.folder));
		await Promise.all(world.daemons.map((daemon) => daemon.start()));
		command(world, ['pause', '--dev', 'charlie', '-y']);
		const { entry_delay: delay } = json(world, ['parameters']);
		const paused = best(world);
		await until('nobody draws the third member', () => best(world) > paused + delay);
		await proven(world, 2);
	});
	after(async () => {
		await Promise.all(world.daemons.map((daemon) => daemon.stop()));
		await world.node?.stop();
		rmSync(world.folder, { recursive: true, force: true });
	});
	body(world);
}

const command = ({ node }, args) => run(cli, [...args, '--url', node.url]);
const json = (world, args) => JSON.parse(command(world, [...args, '--output', 'json']));
const best = (world) => json(world, ['status']).best_block;

function propose(world, count) {
	for (let i = 0; i < count; i++) {
		const list = join(world.folder, 'list');
		writeFileSync(list, `list ${++world.blocks}`);
		command(world, ['propose', list, '--gas-limit', '5000000', '--dev', 'ferdie', '-y']);
	}
}

/** Waits until every block of the rollup is verified. */
function verified(world) {
	const { daemons } = world;
	const state = () => daemons.map((daemon) => daemon.tail()).join('\n');
	return until('all blocks are verified', () => json(world, ['blocks']).verified_id === world.blocks, {
		state,
	});
}

/** Proposes blocks, and waits until they are proven and verified. */
async function proven(world, count) {
	propose(world, count);
	await verified(world);
}

/** Replaces the code by root, by this call of the system. Returns the block that did. */
async function setCode({ node }, call, code) {
	const chain = await Chain.connect(node.url);
	const { sudo, system } = chain.api.tx;
	const weight = { refTime: 0, proofSize: 0 };
	const set = sudo.sudoUncheckedWeight(system[call](u8aToHex(code)), weight);
	// Not watched: the client may learn of the new code before it reads the block.
	await chain.submit(await set.signAsync(account('Alice'), { nonce: -1, era: 0 }));
	const hash = u8aToHex(blake2AsU8a(code, 256));
	await until('the code is set', async () => (await chain.rpc('state_getStorageHash', CODE)) === hash);
	await chain.disconnect();
	const upgraded = await Chain.connect(node.url);
	const { block } = (await upgraded.eventsSoFar('System.CodeUpdated')).at(-1);
	await upgraded.disconnect();
	return block;
}

/** Returns the result of `prover-pool check`. */
function check(...args) {
	const { status, stdout, stderr } = spawnSync(cli, ['check', ...args], { encoding: 'utf8' });
	return { status, stdout, stderr };
}

const options = { timeout: TIMEOUT_MS };

describe('an upgrade that fits', () => {
	onChain((world) => {
		test('check says so before and after', options, () => {
			const before = check('--wasm', binary('next runtime'));
			assert.deepEqual([before.status, before.stderr], [0, '']);
			assert.match(before.stdout, /^Runtime {2}prover-pool 2, /);
			const present = check('--url', world.node.url);
			assert.deepEqual([present.status, present.stderr], [0, '']);
			assert.match(present.stdout, /^Runtime {2}prover-pool 1, ws:/);
		});

		test('both daemons go on', options, async () => {
			await setCode(world, 'setCode', next);
			await proven(world, 4);
			for (const daemon of world.daemons) {
				assert.equal(daemon.lines('the runtime has changed, and this program fits it').length, 1);
				assert.equal(await daemon.metric('prover_pool_connections_lost_total'), 0);
				assert.equal(await daemon.metric('prover_pool_runtime_incompatible{part="proving"}'), 0);
				assert.equal(await daemon.metric('prover_pool_events_undecoded_total'), 0);
				assert.deepEqual(await daemon.get('/ready'), [200, 'ready\n']);
			}
		});
	});
});

describe('an upgrade that does not fit', () => {
	const incompatible = 'prover_pool_runtime_incompatible{part="proving"}';
	const missing = 'call BlockProposal.prove_block is missing';

	onChain((world) => {
		test('check says so before', options, () => {
			const file = join(world.folder, 'breaking.wasm');
			writeFileSync(file, breaking);
			const { status, stdout, stderr } = check('--wasm', file);
			assert.equal(status, 7);
			assert.ok(stdout.includes(missing), stdout);
			assert.match(stderr, /^error: this program does not fit the runtime prover-pool 2: the daemon cannot/);
		});

		test('both daemons wait, and keep their place', options, async () => {
			world.set = await setCode(world, 'setCode', breaking);
			const submitted = [];
			for (const daemon of world.daemons) {
				await daemon.until(incompatible, (value) => value === 1);
				submitted.push(await daemon.metric('prover_pool_proofs_submitted_total'));
			}
			propose(world, 2);
			const waited = best(world) + 5;
			await until('some blocks pass', () => best(world) > waited);
			for (const [i, daemon] of world.daemons.entries()) {
				assert.ok(daemon.running);
				assert.equal(daemon.lines(missing).length, 1, 'it is logged once');
				const [status, reason] = await daemon.get('/ready');
				assert.deepEqual([status, reason.startsWith('not ready: this program')], [503, true]);
				assert.equal(await daemon.metric('prover_pool_connected'), 1);
				assert.equal(await daemon.metric('prover_pool_connections_lost_total'), 0);
				assert.equal(await daemon.metric('prover_pool_proofs_submitted_total'), submitted[i]);
				// The block that set the code was made by the code before.
				assert.equal(await daemon.metric('prover_pool_processed_block'), world.set);
			}
		});

		test('they prove what is due when they fit again, and count what they have not read', options, async () => {
			// The program cannot be another here, so the runtime is: the same version with the known name.
			const mended = await setCode(world, 'setCodeWithoutChecks', next);
			await until('the code is final', () => json(world, ['status']).finalized_block >= mended);
			await Promise.all(
				world.daemons.map(async (daemon) => {
					assert.equal(await daemon.stop(), 'code 0');
					await daemon.start();
				}),
			);
			await verified(world);
			let inTime = 0;
			const finalized = best(world);
			for (const daemon of world.daemons) {
				assert.equal(await daemon.metric(incompatible), 0);
				await daemon.until('prover_pool_processed_block', (block) => block >= finalized);
				assert.equal(await daemon.metric('prover_pool_blocks_skipped_total'), 0);
				assert.equal(await daemon.metric('prover_pool_slashes_total'), 0);
				inTime += await daemon.metric('prover_pool_blocks_verified_total{verdict="in_time"}');
			}
			assert.equal(inTime, 2, 'the blocks that were proposed meanwhile');
		});
	});
});
