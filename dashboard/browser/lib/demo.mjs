/** The demo market of `make run`, as a program of its own, and a client that says what is true on its chain. */
import { fileURLToPath } from 'node:url';
import { Chain } from '../../../e2e/lib/chain.mjs';
import { Program } from '../../../e2e/lib/program.mjs';

const DEMO = fileURLToPath(new URL('../../../e2e/bin/demo.mjs', import.meta.url));
const START_TIMEOUT_MS = 400_000;

/**
 * Starts the demo, with a block every `sealing` milliseconds. Its node keeps all states, since on a busy machine more than
 * 256 blocks may pass between two reads of a test.
 */
export async function startDemo({ sealing }) {
	const program = new Program();
	const args = [DEMO, '--sealing', sealing, '--rpc-port', 0, '--page-port', 0, '--archive'];
	const url = await program.launchUntil(process.execPath, args, {
		name: 'the demo',
		ready: (line) => /The node answers at (ws:\S+)\./.exec(line)?.[1],
		timeout: START_TIMEOUT_MS,
	});
	const chain = await Chain.connect(url, { remembered: 512 });
	return {
		url,
		chain,
		stop: async () => {
			await chain.disconnect();
			await program.stop();
		},
	};
}
