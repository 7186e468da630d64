/** What `prover-pool dashboard --history` serves: the page under its policy, and the history of its chain. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { account } from '../../e2e/lib/accounts.mjs';
import { Chain } from '../../e2e/lib/chain.mjs';
import { Dashboard } from '../../e2e/lib/dashboard.mjs';
import { endOnSignals, Node } from '../../e2e/lib/node.mjs';
import { Rollup } from '../../e2e/lib/rollup.mjs';
import { eventually, goTo, launch, open } from './lib/page.mjs';

endOnSignals();
const SEALING = 400;
const PROVERS = ['Charlie', 'Dave', 'Eve'].map(account);
const world = {};

before(async () => {
	world.node = await Node.start({ sealing: SEALING });
	world.chain = await Chain.connect(world.node.url);
	world.rollup = new Rollup(world.chain);
	world.dashboard = new Dashboard();
	world.url = await world.dashboard.start(world.node.url, 0, (message) => assert.fail(message));
	world.browser = await launch();
});

after(async () => {
	await world.browser?.close();
	await world.dashboard?.stop();
	await world.chain?.disconnect();
	await world.node?.stop();
});

const genesisHash = () => world.chain.rpc('chain_getBlockHash', 0);

/** Proposes a block and waits for its draw. Returns it, and whom the chain drew. */
async function drawn() {
	const { rollup } = world;
	const proposed = await rollup.propose(account('Bob'));
	const { data } = await rollup.drawn(proposed);
	return { proposed, prover: PROVERS.find(({ address }) => address === data.prover) };
}

test('the server names its node and its chain, and allows the page nothing else', async () => {
	const { url, node } = world;
	const { headers } = await fetch(url);
	const policy = headers.get('content-security-policy');
	assert.match(policy, /default-src 'none'/);
	assert.ok(policy.includes(`connect-src 'self' ${node.url};`), policy);
	const config = await (await fetch(new URL('config.json', url))).json();
	assert.deepEqual(config, { rpc: node.url, history: true, genesis: await genesisHash() });
});

test('the past of a block that waits follows its life', async () => {
	const { browser, url, rollup } = world;
	const { proposed, prover } = await drawn();
	const page = await open(browser, `${url}#/block/${proposed.blockId}`);
	await page.waitForSelector('.why li');
	assert.equal(await page.locator('.money-parts').count(), 0);
	await rollup.prove(prover, proposed);
	await rollup.verified(proposed.blockId);
	// The page was not touched.
	await page.waitForSelector('[aria-labelledby=past-title] .money-parts');
	assert.match(await page.textContent('[aria-labelledby=past-title] [data-adds-up]'), /^Together the escrow/);
	await eventually('the page shows the same state', async () => (await page.textContent('[data-testid=block-state]')) === 'verified');

	await goTo(page, `#/prover/${prover.address}`);
	await page.waitForSelector('[aria-label=Offers] tbody tr');
	await goTo(page, '#/slashes');
	await page.waitForSelector('text=All slashes');
	assert.deepEqual(page.complaints, []);
	await page.context().close();
});

test('the history of another chain is not shown, and the page says so', async () => {
	const { browser, url, node } = world;
	const page = await open(browser, 'about:blank');
	const config = { rpc: node.url, history: true, genesis: `0x${'00'.repeat(32)}` };
	await page.route('**/config.json', (route) => route.fulfill({ json: config }));
	await page.goto(`${url}#/slashes`);
	await page.waitForSelector('text=The history here is of another chain, so it is not shown.');
	await page.waitForSelector('h1');
	assert.equal(await page.locator('text=All slashes').count(), 0);
	await page.context().close();
});

test('a node that the server does not allow: the page says what to do', async () => {
	const page = await open(world.browser, `${world.url}?rpc=ws://127.0.0.1:65531`);
	await page.waitForSelector('text=The server of this page allows it to connect to its own node only');
	await page.context().close();
});
