import solid from 'vite-plugin-solid';
import { defineConfig } from 'vitest/config';

export default defineConfig({
	plugins: [solid()],
	// Relative addresses, so that the folder works below any path of a static host.
	base: './',
	build: {
		target: 'es2022',
		// The Content-Security-Policy allows no inline script and no inline style.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
	},
	// The sentences for errors are those of the command line, in its folder.
	server: { fs: { allow: ['..'] } },
	test: { environment: 'node', include: ['tests/**/*.test.ts'] },
});
