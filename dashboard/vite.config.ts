import type { Plugin } from 'vite';
import solid from 'vite-plugin-solid';
import { defineConfig } from 'vitest/config';

/**
 * The page's own policy, for static hosts that send none. It allows any node, since the page cannot know which ones a
 * host allows. The policy of `prover-pool dashboard` names one node, and applies besides.
 */
const POLICY = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self' data:",
	"connect-src 'self' ws: wss:",
	"base-uri 'none'",
	"form-action 'none'",
].join('; ');

const contentSecurityPolicy: Plugin = {
	name: 'content-security-policy',
	// The development server of Vite puts styles into the page.
	apply: 'build',
	transformIndexHtml: () => [
		{
			tag: 'meta',
			attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
			injectTo: 'head-prepend',
		},
	],
};

export default defineConfig({
	plugins: [solid(), contentSecurityPolicy],
	// Relative addresses, so that the folder works below any path of a static host.
	base: './',
	build: {
		target: 'es2022',
		// The policy allows no inline script and no inline style.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
	},
	// The sentences for errors are those of the command line, in its folder.
	server: { fs: { allow: ['..'] } },
	test: { environment: 'node', include: ['tests/**/*.test.ts'] },
});
