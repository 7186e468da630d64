/** What happens to an open page when its node stops, starts again, loses its chain, or gets another runtime. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { account } from '../../e2e/lib/accounts.mjs';
import { findBinary } from '../../e2e/lib/binaries.mjs';
import { Chain } from '../../e2e/lib/chain.mjs';
import { endOnSignals, Node } from '../../e2e/lib/node.mjs';
import { eventually, goTo, launch, open, serve } from './lib/page.mjs';

endOnSignals();
const SEALING = 500;
const nextRuntime = findBinary('next runtime');
const world = {};

before(async () => {
	world.node = await Node.start({ sealing: SEALING });
	world.port = Number(new URL(world.node.url).port);
	world.server = await serve({ rpc: world.node.url });
	world.browser = await launch();
	world.page = await open(world.browser, world.server.url);
	await world.page.waitForSelector('h1.headline');
});

after(async () => {
	await world.browser?.close();
	await world.server?.close();
	await world.node?.stop();
});

const best = async () => Number((await world.page.textContent('[data-testid=best]')).replace(/\D/g, ''));

/** Waits until the page shows later blocks than this one. */
const goesOn = (from) => eventually(`the page shows a block after ${from}`, async () => (await best()) > from + 2);

test('a node that is killed and started again: the page says so, and goes on', async () => {
	const { page, node, port } = world;
	await goesOn(await best());
	process.kill(node.pid, 'SIGKILL');
	await page.waitForSelector('text=The node does not answer. Trying again every second');
	const stood = await best();
	await node.restart({ rpcPort: port });
	await goesOn(stood);
	await eventually('the banner is gone', async () => (await page.locator('.banner').count()) === 0);
	// What was read is of the same chain, without a hole.
	await goTo(page, '#/provers');
	await page.waitForSelector('.member-row[data-account]');
	assert.equal(await page.locator('.member-row[data-account]').count(), 3);
	await goTo(page, '#/');
});

test('a new runtime under an open page', { skip: nextRuntime ? false : 'NEXT_RUNTIME names no file: make next-runtime' }, async () => {
	const { page, node } = world;
	const chain = await Chain.connect(node.url);
	const code = `0x${Buffer.from(readFileSync(nextRuntime.replace(/\.wasm$/, '.compressed.wasm'))).toString('hex')}`;
	const { tx } = chain.api;
	const call = tx.sudo.sudoUncheckedWeight(tx.system.setCode(code), { refTime: 0, proofSize: 0 });
	await chain.submit(await call.signAsync(account('Alice'), { nonce: -1, era: 0 }));
	await eventually('the runtime is new', async () => {
		const version = await chain.rpc('state_getRuntimeVersion');
		return version.specVersion > 1;
	});
	await chain.disconnect();
	await goesOn(await best());
	await eventually('the banner is gone', async () => (await page.locator('.banner').count()) === 0);
	for (const [hash, selector] of [
		['#/provers', '.member-row[data-account]'],
		['#/rules', '[data-parameter=ExitPeriod] data'],
		[`#/prover/${account('Dave').address}`, '[data-testid=stake] data'],
		['#/', 'h1.headline'],
	]) {
		await goTo(page, hash);
		await page.waitForSelector(selector);
	}
});

test('a node whose chain begins anew: so does the page; a page that waited for it connects', async () => {
	const { page, node, port } = world;
	const before = await best();
	await node.stop();
	const waiting = await open(world.browser, world.server.url);
	await waiting.waitForSelector(`text=No node answers at ${node.url}. Trying again.`);
	world.node = await Node.start({ sealing: SEALING, rpcPort: port });
	await eventually('the page shows the new chain', async () => (await best()) < before);
	await goesOn(await best());
	await waiting.waitForSelector('h1.headline');
	await waiting.context().close();
	// The failed connections are the only complaints.
	assert.deepEqual(page.complaints.filter((text) => !/WebSocket|ERR_CONNECTION|websocket/i.test(text)), []);
});

test('an address that is none of a node: the page says what to do', async () => {
	const wrong = await open(world.browser, `${world.server.url}?rpc=http://node`);
	await wrong.waitForSelector('text=The address of a node begins with ws:// or wss://, not with http://.');
	await wrong.context().close();
});

test('another node than that of the server: the page says which one it shows', async () => {
	const { node, server } = world;
	const other = node.url.replace('127.0.0.1', 'localhost');
	const page = await open(world.browser, `${server.url}?rpc=${other}`);
	await page.waitForSelector('h1.headline');
	assert.equal(
		await page.textContent('.banner[data-tone=info]'),
		`This page shows the node ${other}, as its address asks, and not ${node.url}, the node of its server.`,
	);
	await page.context().close();
	const own = await open(world.browser, `${server.url}?rpc=${node.url}/`);
	await own.waitForSelector('h1.headline');
	assert.equal(await own.locator('.banner').count(), 0);
	await own.context().close();
});
