/** What the demos share: options, the node and the dashboard that they start, their welcome, and their end. */
import { parseArgs } from 'node:util';
import { binary } from './binaries.mjs';
import { Chain } from './chain.mjs';
import { Dashboard } from './dashboard.mjs';
import { Node } from './node.mjs';
import { StartFailed } from './program.mjs';

/** The timeout of the wait for a block: this time and some blocks, since a busy machine is slow. */
const BLOCK_TIMEOUT_MS = 120_000;
const TIMEOUT_BLOCKS = 3;
/** The number of the chain's blocks that are kept in memory. */
const REMEMBERED = 64;

const OPTIONS = `
  --node PATH      the node to run (default: PROVER_POOL_NODE, or cargo's)
  --sealing MS     milliseconds from block to block, 1 to 60000 (default: SEALING)
  --rpc-port PORT  the node's RPC port (default: 9944; 0 for any free port)
  --page-port PORT the dashboard's port (default: 9617; 0 for any free port)
  --archive        keep the states of all blocks, not only of the latest 256
  --blocks N       end after N verified blocks (default: never)`;

/**
 * Runs a demo on a node of its own until it ends or a signal ends it, and exits.
 *
 * @param {object} demo
 * @param {string} demo.name before each message of an error
 * @param {string} demo.about one sentence for the help
 * @param {number} demo.sealing by default
 * @param {string[]} demo.binaries that must be there before the node starts
 * @param {(chain: Chain, options: { blocks: number }) => Promise<void>} demo.play
 */
export async function runDemo(demo) {
	try {
		process.exit(await main(demo));
	} catch (error) {
		const message = (error instanceof StartFailed && error.errorLine) || error.message;
		process.stderr.write(`${demo.name}: ${message}\n`);
		process.exit(1);
	}
}

/** Returns whether lines may have colours. */
export function useColours() {
	return process.stdout.isTTY && !process.env.NO_COLOR;
}

/** Returns the figures of the summary. */
export async function poolFigures(chain) {
	const [members, capacity, averages] = await Promise.all([
		chain.members(),
		chain.pool('getCapacity'),
		chain.query('blockProposal', 'averages'),
	]);
	return { members, capacity, fee: averages.feePerGas / 10n ** 18n };
}

function options({ about, sealing }) {
	const { values } = parseArgs({
		options: {
			node: { type: 'string' },
			sealing: { type: 'string', default: String(sealing) },
			'rpc-port': { type: 'string', default: '9944' },
			'page-port': { type: 'string', default: '9617' },
			archive: { type: 'boolean', default: false },
			blocks: { type: 'string' },
			help: { type: 'boolean', short: 'h' },
		},
	});
	if (values.help) {
		console.log(about + '\n' + OPTIONS.replace('SEALING', sealing));
		process.exit(0);
	}
	const whole = (name, least, most) => {
		const value = Number(values[name] ?? 'Infinity');
		const valid = value === Infinity || Number.isInteger(value);
		if (valid && value >= least && value <= most) return value;
		throw new Error(`--${name} must be a whole number from ${least} to ${most}`);
	};
	return {
		program: binary('node', values.node),
		sealing: whole('sealing', 1, 60_000),
		rpcPort: whole('rpc-port', 0, 65_535),
		pagePort: whole('page-port', 0, 65_535),
		args: values.archive ? ['--state-pruning', 'archive'] : [],
		blocks: whole('blocks', 1, Infinity),
	};
}

/** Returns the options. Exits with 2 if they are wrong. */
function usage(demo) {
	try {
		return options(demo);
	} catch (error) {
		process.stderr.write(`${demo.name}: ${error.message}\n`);
		process.exit(2);
	}
}

function welcome(url, page) {
	const apps = `https://polkadot.js.org/apps/?rpc=${encodeURIComponent(url)}`;
	if (page) console.log(`See the market in your browser: ${page}`);
	console.log(`The node answers at ${url}. Connect with any client, for instance`);
	console.log(`  ${apps}`);
	console.log('Ctrl-C stops everything and removes its files.');
	console.log('');
}

/** Runs the demo. Returns the exit code. */
async function main(demo) {
	const { program, sealing, rpcPort, args, pagePort, ...rest } = usage(demo);
	demo.binaries.forEach((what) => binary(what)); // fails before the node starts
	const dashboard = new Dashboard();
	let [node, chain, stopped] = [null, null, false];
	// Requests under way fail when the node stops, and the API and this program would print that.
	const silence = () => (console.log = console.error = () => {});
	const stop = () => {
		stopped = true;
		if (!node) process.exit(0);
		silence();
		chain?.end();
	};
	process.on('SIGINT', stop);
	process.on('SIGTERM', stop);
	try {
		node = await Node.start({ program, sealing, rpcPort, args });
		const timeout = BLOCK_TIMEOUT_MS + TIMEOUT_BLOCKS * sealing;
		chain = await Chain.connect(node.url, { remembered: REMEMBERED, timeout });
		welcome(node.url, await dashboard.start(node.url, pagePort, console.log));
		if (!stopped) await demo.play(chain, rest);
	} catch (error) {
		if (stopped) return 0;
		if (node) error.message += `\nThe node's last lines:\n${node.tail()}`;
		throw error;
	} finally {
		silence();
		await chain?.disconnect();
		await dashboard.stop();
		await node?.stop();
	}
	return 0;
}
