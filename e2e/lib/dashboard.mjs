/** The dashboard of `prover-pool`, beside a demo: a page in the browser, with a history in a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinary } from './binaries.mjs';
import { Program, StartFailed } from './program.mjs';

const START_TIMEOUT_MS = 120_000;

export class Dashboard extends Program {
	#folder;

	/**
	 * Serves the page for a node. Returns its URL, or `null` if there is none: it is no reason to end the demo.
	 *
	 * @param {string} url of the node
	 * @param {number} port 0 for any free one
	 * @param {(message: string) => void} warn
	 */
	async start(url, port, warn) {
		const binary = findBinary('daemon');
		if (!binary) {
			warn('There is no dashboard: prover-pool is not built (make build).');
			return null;
		}
		this.#folder = mkdtempSync(join(tmpdir(), 'prover-pool-dashboard-'));
		const args = ['dashboard', '--url', url, '--listen', `127.0.0.1:${port}`];
		const history = ['--history', join(this.#folder, 'history.db')];
		try {
			return await this.launchUntil(binary, [args, history], {
				name: 'the dashboard',
				ready: (line) => /^http:\S+$/.exec(line)?.[0],
				timeout: START_TIMEOUT_MS,
			});
		} catch (error) {
			if (!(error instanceof StartFailed)) throw error;
			warn(`There is no dashboard: ${error.errorLine ?? error.message}`);
			return null;
		}
	}

	async stop() {
		await super.stop();
		if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
	}
}
