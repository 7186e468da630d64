/**
 * The units of docs/operating/systemd, run as they are written, but for folders and ports: a validator, a prover's
 * daemon, an exporter and the page, set up as docs/deploying.md says.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { binary } from '../lib/binaries.mjs';
import { endOnSignals } from '../lib/node.mjs';
import { Program, run } from '../lib/program.mjs';
import { until } from '../lib/waiting.mjs';

const UNITS = fileURLToPath(new URL('../../docs/operating/systemd/', import.meta.url));
/** The ports of the units. */
const PORTS = { rpc: 9944, node: 9615, daemon: 9616, page: 9617, exporter: 9618 };
const START_TIMEOUT_MS = 400_000;
const TIMEOUT_MS = 600_000;

const folder = mkdtempSync(join(tmpdir(), 'prover-pool-units-'));
const ports = {};
const running = [];

endOnSignals();
before(async () => {
	for (const name of Object.keys(PORTS)) ports[name] = await freePort();
});
after(async () => {
	for (const program of running.reverse()) await program.stop();
	rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function freePort() {
	const server = createServer();
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address();
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/** Returns the path that stands for one of the units. */
const moved = (path) => join(folder, path);

/** Returns the words of a unit's command, with what stands for its folders and ports. */
function command(unit, credentials) {
	const [, line] = /^ExecStart=(.*)$/m.exec(unit.replaceAll('\\\n', ' '));
	const [program, ...args] = line.trim().split(/\s+/);
	const binaries = {
		'/usr/local/bin/prover-pool-node': binary('node'),
		'/usr/local/bin/prover-pool': binary('daemon'),
	};
	const replaced = args.map((arg) => {
		let word = arg
			.replace('${CREDENTIALS_DIRECTORY}', credentials)
			.replace(/^\/(etc|var)\//, (path) => moved(path));
		for (const [name, port] of Object.entries(PORTS)) word = word.replace(`:${port}`, `:${ports[name]}`);
		return word;
	});
	return { program: binaries[program], args: replaced };
}

/** Does what systemd does before it starts a unit: credentials, and the folder of the state. */
function prepare(name, unit) {
	const credentials = moved(`run/credentials/${name}`);
	mkdirSync(credentials, { recursive: true, mode: 0o700 });
	for (const [, id, path] of unit.matchAll(/^LoadCredential=(\S+?):(\S+)$/gm)) {
		writeFileSync(join(credentials, id), readFileSync(moved(path)), { mode: 0o400 });
	}
	const [, state] = /^StateDirectory=(\S+)$/m.exec(unit) ?? [];
	if (state) mkdirSync(moved(`/var/lib/${state}`), { recursive: true, mode: 0o700 });
	return credentials;
}

/** Starts a unit, and waits for the line that shows that it is ready. */
async function start(name, ready, further = []) {
	const unit = readFileSync(join(UNITS, `${name}.service`), 'utf8');
	const { program, args } = command(unit, prepare(name, unit));
	const service = new Program();
	running.push(service);
	await service.launchUntil(program, [args, further], {
		name,
		ready: (line) => line.includes(ready),
		timeout: START_TIMEOUT_MS,
	});
	return service;
}

/** Writes a file that only its owner can read. */
function secret(path, content) {
	mkdirSync(join(moved(path), '..'), { recursive: true });
	writeFileSync(moved(path), content, { mode: 0o600 });
}

/** Sets up a validator of a chain of its own, and the keys of a prover. */
function setUp() {
	const spec = JSON.parse(run(binary('node'), ['export-chain-spec', '--chain', 'dev']));
	// Another genesis, so that it is a peer of no other test's node.
	Object.assign(spec, { name: 'Units', id: 'units' });
	spec.genesis.runtimeGenesis.patch.blockProposal.feePerGas = 20_000;
	const etc = moved('/etc/prover-pool-node');
	mkdirSync(etc, { recursive: true });
	writeFileSync(join(etc, 'chain.json'), JSON.stringify(spec));
	run(binary('node'), ['key', 'generate-node-key', '--file', join(etc, 'node-key')]);
	secret('/run/phrase', '//Alice');
	for (const [type, scheme] of [['babe', 'sr25519'], ['gran', 'ed25519']]) {
		run(binary('node'), [
			['key', 'insert', '--chain', join(etc, 'chain.json')],
			['--base-path', moved('/var/lib/prover-pool-node')],
			['--key-type', type, '--scheme', scheme, '--suri', moved('/run/phrase')],
		]);
	}
	secret('/etc/prover-pool/suri', '//Charlie');
	secret('/etc/prover-pool/attestor', '//Attestor');
}

async function get(port, path) {
	const response = await fetch(`http://127.0.0.1:${port}${path}`);
	return { status: response.status, text: await response.text() };
}

test('systemd accepts the units and the user', (t) => {
	if (spawnSync('systemd-analyze', ['--version']).error) return t.skip('there is no systemd-analyze');
	const copies = moved('units');
	mkdirSync(copies, { recursive: true });
	const names = readdirSync(UNITS);
	const units = names.filter((name) => name.endsWith('.service'));
	const files = units.map((name) => {
		// It looks for the programs.
		const text = readFileSync(join(UNITS, name), 'utf8')
			.replace('/usr/local/bin/prover-pool-node', binary('node'))
			.replace('/usr/local/bin/prover-pool ', `${binary('daemon')} `);
		writeFileSync(join(copies, name), text);
		return join(copies, name);
	});
	const verified = spawnSync('systemd-analyze', ['verify', ...files], { encoding: 'utf8' });
	assert.deepEqual([verified.status, verified.stderr], [0, '']);
	const users = names.filter((name) => name.endsWith('.conf')).map((name) => join(UNITS, name));
	const made = spawnSync('systemd-sysusers', ['--dry-run', ...users], { encoding: 'utf8' });
	assert.equal(made.status, 0, made.stderr);
	// Each unit with a user of its own names one that is made.
	for (const file of files) {
		const [, user] = /^User=(\S+)$/m.exec(readFileSync(file, 'utf8')) ?? [];
		if (user) assert.match(made.stdout + made.stderr, new RegExp(`'${user}'`), basename(file));
	}
});

test('node, daemon, exporter and page run as their units say', { timeout: TIMEOUT_MS }, async () => {
	setUp();
	const own = ['--rpc-port', ports.rpc, '--prometheus-port', ports.node, '--port', 0];
	await start('prover-pool-node', 'Running JSON-RPC server', own);
	await start('prover-pool', 'connected', ['--metrics', `127.0.0.1:${ports.daemon}`]);
	await start('prover-pool-exporter', 'connected');
	await start('prover-pool-dashboard', 'http://127.0.0.1');

	// The validator makes blocks and finalizes them by its own keys.
	const metric = async (name) => {
		const { text } = await get(ports.exporter, '/metrics');
		return Number(new RegExp(`^prover_pool_chain_${name} (\\S+)$`, 'm').exec(text)?.[1]);
	};
	await until('a block is finalized', async () => (await metric('finalized_block')) > 0);
	for (const name of ['daemon', 'exporter']) {
		await until(`the ${name} is ready`, async () => (await get(ports[name], '/ready')).status === 200);
	}
	assert.match((await get(ports.node, '/metrics')).text, /^substrate_block_height/m);
	assert.match((await get(ports.page, '/')).text, /<!doctype html>/i);
	assert.equal((await get(ports.page, '/v1/market')).status, 200);
	assert.match((await get(ports.daemon, '/metrics')).text, /^prover_pool_member 1$/m);

	// Methods that change keys are off, on loopback, too.
	const request = { jsonrpc: '2.0', id: 1, method: 'author_rotateKeys', params: [] };
	const answer = await fetch(`http://127.0.0.1:${ports.rpc}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(request),
	});
	assert.match((await answer.json()).error.message, /unsafe/);

	// Session keys are readable by their owner only.
	const keystore = moved('/var/lib/prover-pool-node/chains/units/keystore');
	const keys = readdirSync(keystore);
	assert.equal(keys.length, 2);
	for (const key of keys) assert.equal(statSync(join(keystore, key)).mode & 0o777, 0o600);

	for (const service of running.splice(0).reverse()) assert.equal(await service.stop(), 'code 0');
});
