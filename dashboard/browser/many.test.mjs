/** The page on a made-up chain: 100,000 provers, and hostile text in every field. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { build } from 'vite';
import { cpuTime, eventually, folder, goTo, launch, open, serve } from './lib/page.mjs';

/** How much more processor time a scroll through a long list may take than one through a short list. */
const SLOWER = 2;
/** The frames of a scroll. */
const FRAMES = 120;
/** Rows that may be elements at once. */
const ROWS = 80;
const world = {};

before(async () => {
	world.files = mkdtempSync(join(tmpdir(), 'prover-pool-page-'));
	await build({
		root: join(folder, 'browser/many'),
		// With the policy of the page itself.
		configFile: join(folder, 'vite.config.ts'),
		logLevel: 'error',
		publicDir: join(folder, 'public'),
		build: { outDir: world.files, emptyOutDir: true },
	});
	world.server = await serve({ rpc: 'ws://127.0.0.1:1', build: relative(folder, world.files) });
	world.browser = await launch();
	world.page = await open(world.browser, `${world.server.url}#/provers`);
});

after(async () => {
	await world.browser?.close();
	await world.server?.close();
	rmSync(world.files, { recursive: true, force: true });
});

const count = () => world.page.locator('.member-row[data-account]').count();
const first = () => world.page.locator('.member-row[data-account]').first().getAttribute('data-account');

test('100,000 members are read, and few of them are elements', async () => {
	const { page } = world;
	await eventually('all are read', async () => /100\s000\smembers after block/.test(await page.textContent('.screen-head')));
	assert.ok((await count()) <= ROWS, `${await count()} rows`);
	assert.equal(await page.locator('[role=table]').getAttribute('aria-rowcount'), '100000');
	// All odds are there, and the highest is the first.
	const odds = await page.locator('.member-odds data').evaluateAll((all) => all.map(({ value }) => value));
	assert.ok(BigInt(odds[0]) >= BigInt(odds[1]) && BigInt(odds[0]) > 0n);
});

/** Scrolls down. Returns the milliseconds of processor time that the page takes for a frame. */
async function scroll() {
	const { page } = world;
	const taken = await cpuTime(page, () =>
		page.evaluate(
			(frames) =>
				new Promise((done) => {
					const step = (left) => {
						scrollBy(0, 400);
						if (left > 0) requestAnimationFrame(() => step(left - 1));
						else done();
					};
					step(frames);
				}),
			FRAMES,
		),
	);
	await page.evaluate(() => scrollTo(0, 0));
	return taken / FRAMES;
}

test('they scroll as smoothly as 2,000', async () => {
	const { page } = world;
	await page.getByLabel('Status').selectOption('suspended');
	await page.waitForSelector('text=/^2\\s000\\srows$/');
	const short = await scroll();
	await page.getByLabel('Status').selectOption('all');
	await page.waitForSelector('text=/^100\\s000\\srows$/');
	const long = await scroll();
	console.log(`processor time of a frame of a scroll: ${short.toFixed(1)} ms of 2,000 rows, ${long.toFixed(1)} ms of 100,000`);
	assert.ok(long < SLOWER * short, `${long} ms, and ${short} ms`);
	assert.ok((await count()) <= ROWS);
	// The end is there, too.
	await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
	await eventually('the last row is shown', async () => {
		const last = await page.locator('.member-row[data-account]').last().getAttribute('aria-rowindex');
		return last === '100000';
	});
	await page.evaluate(() => scrollTo(0, 0));
});

test('the slider, the search and the order work on all of them', async () => {
	const { page } = world;
	const before = await first();
	const took = await page.evaluate(() => {
		const slider = document.querySelector('#fee');
		const start = performance.now();
		slider.value = slider.max;
		slider.dispatchEvent(new Event('input', { bubbles: true }));
		return performance.now() - start;
	});
	console.log(`new odds and order of 100,000 members: ${Math.round(took)} ms`);
	await page.waitForSelector('text=Back to');
	assert.notEqual(await first(), before);
	await page.getByLabel('Search by name, address or slot').fill('#4242');
	await eventually('one row is left', async () => (await count()) === 1);
	assert.match(await page.locator('.member-row[data-account] >> nth=0').textContent(), /^4\s242/);
	await page.getByLabel('Search by name, address or slot').fill('');
	await page.getByLabel('Status').selectOption('suspended');
	await page.waitForSelector('text=/^2\\s000\\srows$/');
});

test('hostile text stays text, in every field', async () => {
	const { page } = world;
	await page.getByLabel('Status').selectOption('all');
	await page.getByLabel('Search by name, address or slot').fill('onerror');
	await eventually('the hostile member is found', async () => (await count()) === 1);
	for (const [hash, shows] of [
		['#/', '.line'],
		['#/provers', '.member-row[data-account]'],
		['#/block/1', '.timeline li'],
		['#/slashes', '[aria-label^="Slashes"] tbody tr'],
		['#/mine', '.connect'],
		['#/prover/%22%3E%3Cimg%20src%3Dx%3E', 'text=This is not an address of an account'],
	]) {
		await goTo(page, hash);
		await page.waitForSelector(`main >> ${shows}`);
		assert.equal(await page.locator('main img, footer img, .banner img, #app script').count(), 0, hash);
		assert.doesNotMatch(await page.title(), /owned/, hash);
	}
	await goTo(page, '#/');
	await page.waitForSelector('.line');
	assert.match(await page.textContent('.lines'), /<script>document\.title='owned'<\/script>/);
	assert.match(await page.textContent('footer'), /<img src=x/);
	assert.deepEqual(page.complaints, []);
});

/** What the history answers: two gaps, and what a test puts into it. */
async function withHistory(answers) {
	const page = await open(world.browser, `${world.server.url}?history#/`);
	const gap = (from_block, to_block, reason) => ({ from_block, to_block, reason });
	const gaps = [gap(5, 9, 'the node had no state <b>any more</b>'), gap(20, 20, 'its events are unknown')];
	const asked = [];
	await page.route('**/v1/**', (route) => {
		const { pathname, search } = new URL(route.request().url());
		const path = pathname.slice(pathname.indexOf('/v1/') + 4);
		asked.push(path + search);
		const json = answers[path]?.(search);
		return json ? route.fulfill({ json: { ...json, position: { gaps } } }) : route.fulfill({ status: 404, json: { error: 'The history has no such block.' } });
	});
	return Object.assign(page, { asked });
}

const WHO = `5${'x'.repeat(45)}1`;
const AMOUNT = '340282366920938463463374607431768211455';

test('the history says why, what it lacks, and lists all slashes page by page', async () => {
	const slash = (block_id) => ({ block_id, who: WHO, amount: AMOUNT, fault: 'Late', state: 'applied', to_rescuer: '1', burnt: '2', spans_gap: block_id === 1 });
	const page = await withHistory({
		'blocks/2': () => ({
			block: { id: 2, status: 'verified', escrow: '100', paid: '70', returned: '29', forfeited: '1', spans_gap: false },
			why: ['It was <i>drawn</i>.', 'It was paid.'],
		}),
		slashes: (search) => (search.includes('cursor=') ? { items: [slash(1)], next: null } : { items: [slash(2)], next: 'a b' }),
	});
	await goTo(page, '#/block/2');
	await page.waitForSelector('text=It was <i>drawn</i>.');
	await page.waitForSelector('text=The history lacks blocks 5 to 9: the node had no state <b>any more</b>');
	await page.waitForSelector('text=The history lacks block 20: its events are unknown');
	const values = (selector) => page.locator(selector).evaluateAll((all) => all.map(({ value }) => value));
	assert.deepEqual(await values('.money-parts data'), ['70', '29', '1']);
	assert.match(await page.textContent('[data-adds-up=yes]'), /^Together the escrow/);

	await goTo(page, '#/block/3');
	await page.waitForSelector('text=The history has no such block.');

	await goTo(page, '#/slashes');
	await page.click('text=Older ones');
	const rows = page.locator('[aria-label="All slashes"] tbody tr');
	await eventually('both pages are shown', async () => (await rows.count()) === 2);
	assert.deepEqual(await values('[aria-label="All slashes"] tbody tr >> nth=0 >> data'), [AMOUNT, '1', '2']);
	assert.match(await rows.nth(0).textContent(), /it delivered no proof in time/);
	assert.deepEqual(await rows.locator('text=may be incomplete').count(), 1);
	assert.ok(page.asked.includes('slashes?cursor=a%20b'), page.asked.join());
	await page.context().close();
});

test('days with a gap are marked', async () => {
	const day = (start, spans_gap) => ({ start, assigned: 7, in_time: 5, late: 1, missed: 2, rescued: 3, earned: '9', slashed: '4', spans_gap });
	const page = await withHistory({
		[`provers/${WHO}`]: () => ({ days: [day(86_400_000, true), day(0, false)], offers: [] }),
	});
	await goTo(page, `#/prover/${WHO}`);
	const rows = page.locator('[aria-label=Days] tbody tr');
	await rows.first().waitFor();
	assert.match(await rows.nth(0).textContent(), /^1970-01-02\s*may be incomplete7/);
	assert.match(await rows.nth(1).textContent(), /^1970-01-017/);
	await page.context().close();
});

test('the past of a block is read again when the stream says that it changed', async () => {
	let status = 'assigned';
	const page = await withHistory({
		'blocks/2': () => ({
			block: { id: 2, status, escrow: '100', paid: '70', returned: '29', forfeited: '1', spans_gap: false },
			why: [`It is ${status}.`],
		}),
	});
	/** A stream on which the test speaks. */
	await page.addInitScript(() => {
		window.EventSource = class extends EventTarget {
			constructor() {
				super();
				window.say = (name, data) => this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));
			}
			close() {}
		};
	});
	await page.reload();
	await goTo(page, '#/block/2');
	await page.waitForSelector('text=It is assigned.');
	assert.equal(await page.locator('.money-parts').count(), 0);
	const say = (name, data) => page.evaluate(([name, data]) => window.say(name, data), [name, data]);
	const event = (block_id) => ({ pallet: 'BlockProposal', name: 'BlockVerified', block_id, account: null, fields: {} });
	const asked = () => page.asked.filter((path) => path === 'blocks/2').length;

	status = 'verified';
	const before = asked();
	await say('event', event(3));
	await say('event', event(2));
	await page.waitForSelector('text=It is verified.');
	await page.waitForSelector('.money-parts');
	// Once, since the other event is about another block.
	assert.equal(asked(), before + 1);

	status = 'assigned';
	await say('reverted', { to_block: 7 });
	await page.waitForSelector('text=It is assigned.');
	await page.context().close();
});

test('a call is sent by the account for which it was tried, and a lost connection says where to look', async () => {
	const page = await open(world.browser, 'about:blank');
	await page.addInitScript(
		(accounts) => {
			window.injectedWeb3 = {
				wallet: { enable: async () => ({ accounts: { get: async () => accounts.map((address) => ({ address })) }, signer: { signPayload() {} } }) },
			};
		},
		[`5${'x'.repeat(45)}1`, `5${'x'.repeat(45)}2`, '0x00000000000000000000000000000000000000aa'],
	);
	await page.goto(`${world.server.url}#/mine`);
	await page.click('text=Connect wallet');
	// An address of another kind of chain is none of this one.
	assert.equal(await page.locator('#signer option').count(), 2);
	await page.click('summary');
	await page.getByLabel('Address of the other account').fill(`5${'x'.repeat(45)}2`);
	await page.click('text=Act for it');
	await page.waitForSelector('text=You act for');
	const pause = page.locator('.act[data-call=Pause]');
	await pause.getByRole('button', { name: 'Pause' }).click();
	await pause.locator('.review').waitFor();
	// The same account is shown, and would sign itself.
	await page.selectOption('#signer', `5${'x'.repeat(45)}2`);
	await page.waitForSelector('text=Act for another account');
	await pause.getByRole('button', { name: 'Sign and send' }).click();
	await pause.locator('text=It may have been included').waitFor();
	assert.equal(await pause.locator('a').getAttribute('href'), `#/prover/5${'x'.repeat(45)}2`);
	assert.deepEqual(await page.evaluate(() => window.submitted), { call: 'pause', signer: `5${'x'.repeat(45)}1`, real: `5${'x'.repeat(45)}2` });
	assert.deepEqual(page.complaints, []);
	await page.context().close();
});
