/** Serves the built page as a static host does, and opens it in a real browser. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
	'--headless',
	'--no-sandbox',
	'--disable-gpu',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--no-first-run',
];
/** Longer than anything takes on a busy machine. */
export const TIMEOUT_MS = 90_000;

export const folder = fileURLToPath(new URL('../../', import.meta.url));
const screenshots = join(folder, '../docs/dashboard');

const TYPES = {
	'.css': 'text/css',
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript',
	'.json': 'application/json',
	'.svg': 'image/svg+xml',
};

/**
 * Serves a folder with the files of the built page, on any free port. It sends no policy: the page has its own.
 *
 * @param {object} options
 * @param {string} options.rpc the node's address
 * @param {string} [options.build] the folder below `dashboard/`
 */
export async function serve({ rpc, build = 'dist' }) {
	const root = join(folder, build);
	assert.ok(existsSync(join(root, 'index.html')), `there is no ${build}: run make dashboard`);
	const server = createServer(async (request, response) => {
		const path = new URL(request.url, 'http://host').pathname;
		const file = path === '/' ? '/index.html' : path;
		try {
			const body = path === '/config.json' ? JSON.stringify({ rpc, history: false }) : await readFile(join(root, file));
			response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
			response.end(body);
		} catch {
			response.writeHead(404).end();
		}
	});
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	return {
		url: `http://127.0.0.1:${server.address().port}/`,
		close: () => new Promise((done) => (server.closeAllConnections(), server.close(done))),
	};
}

/** Starts the browser, with an empty profile. */
export function launch() {
	assert.ok(existsSync(CHROMIUM), `there is no browser at ${CHROMIUM}: run scripts/setup --tests, or name one in CHROMIUM`);
	return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** Opens a page, and collects what it complains about. */
export async function open(browser, url, options = {}) {
	const context = await browser.newContext({
		viewport: { width: 1280, height: 900 },
		colorScheme: 'dark',
		reducedMotion: 'reduce',
		...options,
	});
	const page = await context.newPage();
	page.setDefaultTimeout(TIMEOUT_MS);
	const complaints = [];
	page.on('console', (message) => {
		if (message.type() === 'error') complaints.push(message.text());
	});
	page.on('pageerror', (error) => complaints.push(error.stack ?? String(error)));
	await page.goto(url);
	return Object.assign(page, { complaints });
}

/** Goes to a screen, by its address after `#`. */
export async function goTo(page, hash) {
	await page.evaluate((next) => (location.hash = next), hash);
}

/** Waits until a screen shows a card, has read what it shows, and nothing on it moves. */
export async function settled(page) {
	await page.waitForSelector('main .card');
	await page.waitForFunction(
		() => !document.querySelector('main [aria-busy=true]') && document.getAnimations().every(({ playState }) => playState !== 'running'),
	);
}

/** Returns the exact value of the amount or the number in an element. */
export async function exact(page, selector) {
	const value = await page.locator(selector).locator('data').first().getAttribute('value');
	return BigInt(value);
}

/**
 * Does something, and returns the milliseconds of processor time that the page's main thread takes for it. Other
 * programs make it take longer, but do not add to this.
 */
export async function cpuTime(page, act) {
	const session = await page.context().newCDPSession(page);
	await session.send('Performance.enable', { timeDomain: 'threadTicks' });
	const taken = async () => {
		const { metrics } = await session.send('Performance.getMetrics');
		return 1_000 * metrics.find(({ name }) => name === 'TaskDuration').value;
	};
	const before = await taken();
	await act();
	const after = await taken();
	await session.detach();
	return after - before;
}

/** Waits until a condition holds, which may fail meanwhile. */
export async function eventually(what, condition, timeout = TIMEOUT_MS) {
	const end = Date.now() + timeout;
	let problem;
	while (Date.now() < end) {
		try {
			const result = await condition();
			if (result) return result;
		} catch (error) {
			problem = error;
		}
		await new Promise((done) => setTimeout(done, 150));
	}
	throw new Error(`${what}: not within ${timeout} ms${problem ? `: ${problem.message}` : ''}`);
}

/** Writes a picture of the page for the documentation, with few colours so that it is small, if SCREENSHOTS is set. */
export async function picture(page, name) {
	if (!process.env.SCREENSHOTS) return;
	mkdirSync(screenshots, { recursive: true });
	const file = join(screenshots, `${name}.png`);
	await page.screenshot({ path: file });
	execFileSync('pngquant', ['--force', '--ext', '.png', '--strip', '96', file]);
}

/** Returns the serious findings of axe. */
export async function seriousFindings(page) {
	// By the debugger, which the page's policy does not bind.
	await page.evaluate(await readFile(join(folder, 'node_modules/axe-core/axe.min.js'), 'utf8'));
	const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ['violations'] }));
	return violations
		.filter(({ impact }) => impact === 'serious' || impact === 'critical')
		.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`);
}
