#!/usr/bin/env node
/**
 * A small rollup whose blocks are proven in a zkVM on this machine, printed line by line.
 *
 *   node bin/demo-zk.mjs [--node PATH] [--sealing MS] [--rpc-port PORT]
 *     [--page-port PORT] [--archive] [--blocks N]
 */
import { u8aToHex } from '@polkadot/util';
import { account, nameOf } from '../lib/accounts.mjs';
import { poolFigures, runDemo, useColours } from '../lib/demo.mjs';
import { EventLog } from '../lib/event-log.mjs';
import { instanceHash, succinct } from '../lib/proving.mjs';
import { Provers } from '../lib/provers.mjs';
import { Rollup } from '../lib/rollup.mjs';
import { ZkProgram } from '../lib/zk-program.mjs';

/** The provers of the genesis. */
const PROVERS = ['Charlie', 'Dave', 'Eve'];
const PROPOSER = 'Bob';
/** The index of the rollup's program in the registry of a development chain. */
const PROGRAM = 0;

/** The number of transfers of each list in turn: what two cores prove within a window. */
const TRANSFERS = [1, 0, 2];
/** A little more than a transfer uses. */
const GAS_FOR_TRANSFER = 80_000;
/** The number of waiting blocks without a claim at which proposals stop: one is proven at a time. */
const MAX_UNPROVEN = 1;
const SUMMARY_EVERY = 20;

/** Proposes lists of transfers between the rollup's development accounts. */
class Proposer {
	#rollup;
	#busy = false;
	#latest = 0;
	#proposed = 0;

	constructor(rollup) {
		this.#rollup = rollup;
	}

	/** Proposes a block after all that wait, unless a proposal is under way. */
	async act(snapshot) {
		const unproven = snapshot.waiting.filter(({ claims }) => claims.length === 0);
		if (this.#busy || snapshot.number < this.#latest || unproven.length >= MAX_UNPROVEN) return;
		this.#busy = true;
		try {
			const count = TRANSFERS[this.#proposed++ % TRANSFERS.length];
			const txList = await this.#rollup.transfers(count, { snapshot });
			const gasLimit = GAS_FOR_TRANSFER * Math.max(count, 1);
			const { block } = await this.#rollup.propose(account(PROPOSER), { txList, gasLimit });
			this.#latest = block;
		} finally {
			this.#busy = false;
		}
	}
}

/** Runs the rollup until `blocks` blocks are verified. */
async function play(chain, { blocks }) {
	const rollup = new Rollup(chain);
	const { entryDelay } = await chain.pool('getParameters');
	const log = new EventLog(rollup, {
		print: (line) => console.log(line),
		colours: useColours(),
		entryDelay,
	});
	const failed = (message) => log.printLine(chain.head, 'program', 'failed', message);
	const program = new ZkProgram(rollup.lineage.folder);
	process.on('exit', () => program.stop());

	async function prove(prover, block, execution) {
		const { blockId } = block;
		log.printLine(chain.head, blockId, 'proving', `${nameOf(prover.address)} executes it in the zkVM`);
		const genesisHash = chain.api.genesisHash.toHex();
		const instance = instanceHash({ genesisHash, blockId, block, execution, prover: prover.address });
		const txList = rollup.lineage.list(block);
		const made = await program.prove({
			...{ block, txList, execution, genesisHash },
			...{ instance: u8aToHex(instance), prover: prover.address },
		});
		const size = (made.proof.length - 2) / 2;
		log.printLine(chain.head, blockId, 'proof', figures(made, size));
		await rollup.prove(prover, block, { execution, proof: succinct(PROGRAM, made.proof) });
	}

	const provers = new Provers({ prove, names: PROVERS, volunteers: PROVERS, report: failed });
	const proposer = new Proposer(rollup);
	for await (const block of chain.blocks(1)) {
		log.printBlock(block);
		if (log.totals.verified >= blocks) return;
		if (block.number < chain.head) continue;
		const snapshot = await rollup.snapshot(block.number);
		const results = await rollup.lineage.results(snapshot);
		log.remember(results);
		log.printMissed(block.number, snapshot);
		provers.act(snapshot, results);
		proposer.act(snapshot).catch(({ message }) => failed(`${PROPOSER}: ${message}`));
		if (block.number % SUMMARY_EVERY === 0) {
			log.printSummary(block.number, snapshot, await poolFigures(chain));
		}
	}
}

function figures({ segments, cycles, seconds }, size) {
	const kib = Math.round(size / 1024);
	const parts = segments === 1 ? 'one segment' : `${segments} segments`;
	return `${kib} KiB in ${seconds.toFixed(0)} s: ${cycles.toLocaleString('en').replaceAll(',', ' ')} cycles in ${parts}`;
}

await runDemo({
	name: 'demo-zk',
	about: 'A small rollup whose blocks are proven in a zkVM on this machine, printed line by line.',
	sealing: 6000,
	binaries: ['rollup', 'zk prover'],
	play,
});
