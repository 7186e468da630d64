/** The page on a made-up chain: 100,000 provers, and hostile text in every field. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { build } from 'vite';
import solid from 'vite-plugin-solid';
import { eventually, folder, goTo, launch, open, serve } from './lib/page.mjs';

/** How much longer a frame of a long list may take than one of a short list, on the same machine. */
const SLOWER = 2;
/** Rows that may be elements at once. */
const ROWS = 80;
const world = {};

before(async () => {
	world.files = mkdtempSync(join(tmpdir(), 'prover-pool-page-'));
	await build({
		root: join(folder, 'browser/many'),
		base: './',
		configFile: false,
		logLevel: 'error',
		publicDir: join(folder, 'public'),
		plugins: [solid()],
		build: { outDir: world.files, emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0 },
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

/** Scrolls down. Returns the milliseconds of the median frame. */
async function scroll() {
	const frames = await world.page.evaluate(
		() =>
			new Promise((done) => {
				const times = [];
				let last = performance.now();
				const step = () => {
					const now = performance.now();
					times.push(now - last);
					last = now;
					scrollBy(0, 400);
					if (times.length < 120) requestAnimationFrame(step);
					else done(times.slice(5));
				};
				requestAnimationFrame(step);
			}),
	);
	await world.page.evaluate(() => scrollTo(0, 0));
	return frames.sort((a, b) => a - b)[Math.floor(frames.length / 2)];
}

test('they scroll as smoothly as 2,000', async () => {
	const { page } = world;
	await page.getByLabel('Status').selectOption('suspended');
	await page.waitForSelector('text=/^2\\s000\\srows$/');
	const short = await scroll();
	await page.getByLabel('Status').selectOption('all');
	await page.waitForSelector('text=/^100\\s000\\srows$/');
	const long = await scroll();
	console.log(`the median frame of a scroll: ${short.toFixed(1)} ms of 2,000 rows, ${long.toFixed(1)} ms of 100,000`);
	assert.ok(long < SLOWER * short + 5, `${long} ms, and ${short} ms`);
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
	for (const hash of ['#/', '#/provers', '#/block/1', '#/slashes', '#/mine', '#/prover/%22%3E%3Cimg%20src%3Dx%3E']) {
		await goTo(page, hash);
		await page.waitForTimeout(300);
		assert.equal(await page.locator('main img, footer img, #app script').count(), 0, hash);
		assert.doesNotMatch(await page.title(), /owned/, hash);
	}
	await goTo(page, '#/');
	await page.waitForSelector('.line');
	assert.match(await page.textContent('.lines'), /<script>document\.title='owned'<\/script>/);
	assert.match(await page.textContent('footer'), /<img src=x/);
	assert.deepEqual(page.complaints, []);
});

test('the history says why, and lists all slashes page by page', async () => {
	const page = await open(world.browser, `${world.server.url}?history#/`);
	const position = { gaps: [{ from_block: 5, to_block: 9, reason: 'the node had no state <b>any more</b>' }] };
	const slash = (block_id) => ({
		block_id,
		who: '5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y',
		amount: '340282366920938463463374607431768211455',
		fault: 'Late',
		state: 'applied',
		slashed: { block: 10, time: null },
		rescuer: null,
		to_rescuer: '1',
		burnt: '2',
	});
	const asked = [];
	await page.route('**/v1/**', (route) => {
		const { pathname, search } = new URL(route.request().url());
		asked.push(pathname + search);
		if (pathname.endsWith('/v1/blocks/2')) {
			const money = { escrow: '100', paid: '70', returned: '29', forfeited: '1' };
			return route.fulfill({
				json: { block: { id: 2, status: 'verified', ...money }, why: ['It was <i>drawn</i>.', 'It was paid.'], position },
			});
		}
		if (pathname.endsWith('/v1/slashes')) {
			const second = search.includes('cursor=');
			return route.fulfill({ json: { items: [slash(second ? 1 : 2)], next: second ? null : 'a b', position } });
		}
		return route.fulfill({ status: 404, json: { error: 'The history has no such block.' } });
	});
	await goTo(page, '#/block/2');
	await page.waitForSelector('text=It was <i>drawn</i>.');
	await page.waitForSelector('text=The history lacks blocks 5 to 9: the node had no state <b>any more</b>');
	const parts = await page.locator('.money-parts data').evaluateAll((all) => all.map(({ value }) => value));
	assert.deepEqual(parts, ['70', '29', '1']);
	assert.match(await page.textContent('[data-adds-up=yes]'), /^Together the escrow/);

	await goTo(page, '#/block/3');
	await page.waitForSelector('text=The history has no such block.');

	await goTo(page, '#/slashes');
	await page.click('text=Older ones');
	await eventually('both pages are shown', async () => (await page.locator('[aria-label="All slashes"] tbody tr').count()) === 2);
	const amounts = await page.locator('[aria-label="All slashes"] tbody tr >> nth=0 >> data').evaluateAll((all) => all.map(({ value }) => value));
	assert.deepEqual(amounts, ['340282366920938463463374607431768211455', '1', '2']);
	assert.ok(asked.includes('/v1/slashes?cursor=a%20b'), asked.join());
	await page.context().close();
});
