#!/usr/bin/env node
/**
 * Runs the tests of faults and prints the sums of their counts.
 *
 *   node bin/faults.mjs [FILE …]        FAULTS=short runs less, for CI; FAULTS=long runs more
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const tests = fileURLToPath(new URL('../faults/', import.meta.url));
/** Files of tests that `FAULTS=short` leaves out: their shortest form takes minutes. */
const LEFT_OUT = ['full-pool', 'keys', 'outage', 'power', 'upgrade', 'warp'];
const isShort = process.env.FAULTS === 'short';
const named = process.argv.slice(2);
const files =
	named.length > 0
		? named
		: readdirSync(tests)
				.filter((name) => name.endsWith('.test.mjs'))
				.filter((name) => !isShort || !LEFT_OUT.includes(name.replace('.test.mjs', '')))
				.map((name) => join(tests, name));

const folder = mkdtempSync(join(tmpdir(), 'prover-pool-report-'));
const report = join(folder, 'report');
writeFileSync(report, '');
process.env.FAULTS_REPORT = report;

let failed = 0;
let skipped = 0;
// A network waits for slots most of the time, so a machine can run two.
run({ files, concurrency: 2 })
	.on('test:fail', () => (failed += 1))
	.on('test:pass', ({ skip }) => (skipped += skip === undefined ? 0 : 1))
	.compose(new spec())
	.on('end', () => {
		const counts = readFileSync(report, 'utf8').split('\n').filter(Boolean).map(JSON.parse);
		const sum = (key) => counts.reduce((total, each) => total + each[key], 0);
		const keys = { faults: 'faults', sent: 'sent', finalized: 'finalized', resent: 'sent again', lost: 'lost' };
		const all = Object.entries(keys).map(([key, words]) => `${words} ${sum(key)}`);
		const missing = skipped > 0 ? `, not possible here ${skipped}` : '';
		process.stdout.write(`\nfaults: ${counts.length} tests with counts, ${all.join(', ')}${missing}\n`);
		rmSync(folder, { recursive: true, force: true });
		process.exitCode = failed > 0 || sum('lost') > 0 ? 1 : 0;
	})
	.pipe(process.stdout);
