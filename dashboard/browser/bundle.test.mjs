/** What the built page weighs, and what must not be in it. Needs no browser and no node. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { folder } from './lib/page.mjs';

/** What a visitor loads at most, in bytes after gzip. */
const BUDGET = 200_000;
/** The seed of the development accounts, and a word of the library that signs with it. */
const DEVELOPMENT = ['fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e', 'SchnorrRistrettoHDKD'];

function files(build) {
	const root = join(folder, build);
	return readdirSync(root, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map(({ parentPath, name }) => ({ name, text: readFileSync(join(parentPath, name)) }));
}

test('the page is within its budget', () => {
	const sizes = files('dist').map(({ name, text }) => ({ name, size: gzipSync(text).length }));
	const total = sizes.reduce((sum, { size }) => sum + size, 0);
	console.log(`the page: ${total} bytes after gzip of ${BUDGET}`);
	assert.ok(total < BUDGET, JSON.stringify(sizes));
});

test('the release has no development account, and the development build has', () => {
	const has = (build, word) => files(build).some(({ text }) => text.includes(word));
	for (const word of DEVELOPMENT) {
		assert.equal(has('dist-development', word), true, `the search for ${word} finds nothing anywhere`);
		assert.equal(has('dist', word), false, `${word} is in the release`);
	}
});

test('nothing in the page needs inline scripts or styles', () => {
	const html = files('dist').find(({ name }) => name === 'index.html').text.toString();
	assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)/);
	assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=/);
	for (const { name, text } of files('dist').filter(({ name }) => name.endsWith('.js'))) {
		// Templates with a style attribute would be refused by the policy.
		assert.doesNotMatch(text.toString(), /<\w+[^<>`]*\sstyle=["']?[a-z-]+:/, name);
		assert.doesNotMatch(text.toString(), /\beval\(|new Function\(/, name);
	}
});

test('the page has a policy of its own, before anything that it loads', () => {
	for (const build of ['dist', 'dist-development']) {
		const html = files(build).find(({ name }) => name === 'index.html').text.toString();
		const [tag, policy] = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(html);
		assert.ok(html.indexOf(tag) < html.search(/<(script|link)/), 'what is loaded before the policy is not bound by it');
		const directives = new Map(policy.replaceAll('&#39;', "'").split('; ').map((directive) => directive.split(/ (.*)/)));
		for (const name of ['default-src', 'base-uri', 'form-action']) assert.equal(directives.get(name), "'none'");
		for (const name of ['script-src', 'style-src']) assert.equal(directives.get(name), "'self'");
		assert.equal(directives.get('connect-src'), "'self' ws: wss:");
		// Browsers complain about directives that only a header may have.
		assert.equal(directives.has('frame-ancestors'), false);
	}
});

test('all addresses are relative, so that any path of a static host will do', () => {
	const html = files('dist').find(({ name }) => name === 'index.html').text.toString();
	for (const [, address] of html.matchAll(/(?:src|href)="([^"]+)"/g)) assert.match(address, /^\.\//);
});
