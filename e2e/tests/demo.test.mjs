/** The programs that users run first: their output and their end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { audit } from '../lib/audit.mjs';
import { binary } from '../lib/binaries.mjs';
import { Chain } from '../lib/chain.mjs';
import { Rollup } from '../lib/rollup.mjs';
import { within } from '../lib/waiting.mjs';
import { assert, UNIT } from './support.mjs';

/** Longer than all waits of a test. Each wait has its own bound and names what it waits for. */
const timeout = 1_800_000;
/** Longer than the demo takes to print any line, including the start of the node. */
const TIMEOUT_MS = 420_000;
const program = (name) => fileURLToPath(new URL(`../bin/${name}`, import.meta.url));
/** The programs' temporary files. Each program has its own folder. */
const folder = mkdtempSync(join(tmpdir(), 'demo-test-'));
const running = new Set();
const ANSWERS_AT = /answers at (ws:\S+)\./;

after(() => {
	for (const child of running) child.kill('SIGKILL');
	rmSync(folder, { recursive: true, force: true });
});

/** Runs a program and collects what it prints. */
function run(name, args = [], env = {}) {
	const own = mkdtempSync(join(folder, 'run-'));
	const child = spawn(process.execPath, [program(name), ...args], {
		env: { ...process.env, TMPDIR: own, ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	running.add(child);
	const output = { stdout: '', stderr: '' };
	for (const stream of ['stdout', 'stderr']) {
		child[stream].setEncoding('utf8').on('data', (text) => {
			output[stream] += text;
			child.emit('output');
		});
	}
	const options = { timeout: TIMEOUT_MS, state: () => JSON.stringify(output) };
	const closed = once(child, 'close').then(([code, signal]) => {
		running.delete(child);
		return { code, signal, ...output };
	});
	const ended = () => within(`${name} ends`, closed, options);
	const find = async (pattern) => {
		const end = closed.then(() => {
			throw new Error(`${name} ended without ${pattern}: ${JSON.stringify(output)}`);
		});
		// If the pattern is found at once, nothing awaits this promise.
		end.catch(() => {});
		for (;;) {
			const found = pattern.exec(output.stdout);
			if (found) return found;
			await Promise.race([once(child, 'output'), end]);
		}
	};
	const printed = (pattern) => within(`${name} prints ${pattern}`, find(pattern), options);
	/** The files that the program has not removed. */
	const leftovers = () => readdirSync(own);
	return { child, ended, printed, leftovers };
}

function demo(...args) {
	return run('demo.mjs', ['--node', binary('node'), '--rpc-port', 0, '--page-port', 0, ...args].map(String));
}

test('the demo runs from the first proposal to paid provers, and ends', { timeout }, async () => {
	const { ended, leftovers } = demo('--sealing', 200, '--blocks', 3);
	const { code, stdout, stderr } = await ended();
	assert.equal(stderr, '');
	assert.equal(code, 0);
	for (const line of [
		/^See the market in your browser: http:\/\/127\.0\.0\.1:\d+$/m,
		/^The node answers at ws:\/\/127\.0\.0\.1:\d+/m,
		/^ {2}https:\/\/polkadot\.js\.org\/apps\/\?rpc=ws%3A%2F%2F127\.0\.0\.1%3A\d+$/m,
		/^#\d+ +pool +parameter +SuspensionPeriod is now 60$/m,
		/^#\d+ +pool +staked +Grace: 1 500 UNIT at 9 000 per gas, for 16 blocks at once$/m,
		/^#\d+ +pool +listed +draws use the offer of Grace$/m,
		/^#\d+ +block 1 +proposed +by Bob: up to \d 000 000 gas, fee 10 000, 0\.\d+ UNIT in escrow$/m,
		/^#\d+ +block 1 +drawn +\w+ must prove it, at \d+ \d{3} per gas$/m,
		// If the negligent prover is drawn, another one rescues its block.
		/^#\d+ +block 1 +proven +by \w+: [\d ]+ gas(, with a bond of 1 UNIT)?$/m,
		/^#\d+ +block 1 +(verified|rescued) +\w+ is paid 0\.\d+ UNIT/m,
		/^#\d+ +block 1 +moved +\d+ \d{3} coins by \d+ transfers, for \d+ in fees$/m,
	]) {
		assert.match(stdout, line);
	}
	// The demo ends with the block that verifies the third. One block can verify several.
	const verifiedIn = stdout.match(/^#\d+(?= +block \d+ +(verified|rescued) )/gm);
	assert.ok(verifiedIn.length >= 3, 'too early');
	assert.ok(verifiedIn.filter((block) => block !== verifiedIn.at(-1)).length < 3, 'too late');
	assert.deepEqual(leftovers(), [], 'the node left its folder behind');
});

test('the demo shows transfers, a price change, a pause, rescues, and a suspension with its slashes', { timeout }, async () => {
	const { child, ended, printed } = demo('--sealing', 200);
	for (const line of [
		/^#\d+ +block 2 +moved +\d+ \d{3} coins by \d+ transfers, for \d+ in fees$/m,
		/^#\d+ +pool +terms +Grace now asks 10 500 per gas for 16 blocks at once; draws use its old price for 10 more blocks$/m,
		/^#\d+ +pool +paused +Heidi keeps its slot and its work; draws skip it in 10 blocks$/m,
		/^#\d+ +pool +listed +draws skip Heidi$/m,
		/^#\d+ +pool +resumed +Heidi can be drawn again in 10 blocks$/m,
		/^#\d+ +block \d+ +missed +Mallory has missed its window$/m,
		/^#\d+ +block \d+ +slashed +Mallory loses [\d. ]+ UNIT: another prover had to do its work$/m,
		/^#\d+ +block \d+ +rescued +\w+ is paid [\d. ]+ UNIT, and [\d. ]+ UNIT of the slash when it is due$/m,
		/^#\d+ +block \d+ +deferred +the slash stays on hold until block \d+, and can be cancelled before$/m,
		/^#\d+ +block \d+ +applied +the slash is due: Mallory loses [\d. ]+ UNIT$/m,
		/^#\d+ +pool +suspended +Mallory missed too many blocks in a row; it is not drawn, and cannot resume before block \d+$/m,
		/^#\d+ +pool +resumed +Mallory can be drawn again in 10 blocks$/m,
	]) {
		await printed(line);
	}
	// The demo continues meanwhile.
	const [, url] = await printed(ANSWERS_AT);
	const chain = await Chain.connect(url);
	await audit(new Rollup(chain));
	await chain.disconnect();

	child.kill('SIGINT');
	const { stdout, stderr } = await ended();
	assert.equal(stderr, '');
	// The third slash suspends, not the first.
	const slashed = stdout.slice(0, stdout.search(/ suspended +Mallory/)).match(/ slashed +Mallory/g);
	assert.equal(slashed.length, 3);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
	test(`${signal} ends the demo and its node`, { timeout }, async () => {
		const { child, ended, printed, leftovers } = demo('--sealing', 300);
		const [, url] = await printed(ANSWERS_AT);
		await printed(/ proposed /);
		child.kill(signal);
		const { code, stderr } = await ended();
		assert.equal(stderr, '');
		assert.equal(code, 0);
		assert.deepEqual(leftovers(), []);
		const http = url.replace('ws:', 'http:');
		await assert.rejects(fetch(http), 'the node still answers');
	});
}

test('a taken port is named in one line', { timeout }, async () => {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	const { ended, leftovers } = demo('--rpc-port', port);
	const { code, stdout, stderr } = await ended();
	server.close();
	assert.equal(code, 1);
	assert.equal(stdout, '');
	assert.match(stderr, new RegExp(`^demo: RPC port ${port} is in use [^\n]*\n$`));
	assert.deepEqual(leftovers(), []);
});

test('a wrong option is named in one line', { timeout }, async () => {
	for (const args of [
		['--sealing', 'instant'],
		['--blocks', 1.5],
		['--node', '/absent'],
		['--foo'],
	]) {
		const { code, stderr } = await demo(...args).ended();
		assert.equal(code, 2);
		assert.match(stderr, /^demo: [^\n]*\n$/);
		assert.ok(args.some((arg) => stderr.includes(arg)));
	}
});

test('the first stake, on the chain of the demo', { timeout }, async () => {
	const { child, ended, printed } = demo('--sealing', 200);
	const [, url] = await printed(ANSWERS_AT);
	for (const name of ['Grace', 'Heidi', 'Mallory']) await printed(new RegExp(`staked +${name}: `));
	// The demo's provers have the other slots. Neither the entry nor the delay until the next change is over
	// before this test ends.
	const chain = await Chain.connect(url);
	const slots = chain.constant('proverLottery', 'maxProvers');
	for (const name of ['EntryDelay', 'MinChangeDelay']) await chain.setPoolParameter(name, 100_000);
	const firstStake = () => run('first-stake.mjs', [], { URL: url }).ended();

	// What Ferdie cannot pay for is refused by name, and the program ends.
	const { minStakePerCapacity } = await chain.pool('getParameters');
	await chain.setPoolParameter('MinStakePerCapacity', 10n ** 6n * UNIT);
	const poor = await firstStake();
	assert.equal(poor.code, 1);
	assert.match(poor.stdout, /^ {2}refused: proverPool\.InsufficientFunds: /m);
	await chain.setPoolParameter('MinStakePerCapacity', minStakePerCapacity);

	const { code, stdout, stderr } = await firstStake();
	assert.equal(stderr, '');
	assert.equal(code, 0);
	assert.ok(stdout.startsWith(`The pool has ${slots} slots.`));
	assert.match(stdout, /^ {2}Staked .*"rewardPerGas":"9,000"/m);
	assert.match(stdout, /^would be drawn with {2}\d\.\d %\.$/m);
	assert.match(stdout, /^Slot 7: Entering, .*"rewardPerGas":"9,000"/m);
	assert.match(stdout, /^ {2}slot 7: drawn with {3}0\.0 %, at 9000 per gas$/m);

	// Once more is too soon, and is refused by name.
	const again = await firstStake();
	assert.equal(again.code, 1);
	assert.match(again.stdout, /^ {2}refused: proverPool\.ChangeTooFrequent: /m);
	await chain.disconnect();
	child.kill('SIGINT');
	await ended();
});

test('without a node, the first stake says so', { timeout }, async () => {
	const { code, stderr } = await run('first-stake.mjs', [], { URL: 'ws://127.0.0.1:9' }).ended();
	assert.equal(code, 1);
	assert.match(stderr, /No node answers/);
});
