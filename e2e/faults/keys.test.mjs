/** The keys of a validator without its database, and on two nodes. */
import { logged, long, onNetwork } from './support.mjs';

const BLOCKS = long ? 30 : 6;
const TIMEOUT_MS = 600_000;
const BABE = /Slot author .* is equivocating/;
const GRANDPA = /Detected \w+ equivocation/;

const test = onNetwork();

test('a database is lost, and its keys are kept: the validator starts from nothing, and votes again', async (world) => {
	const { network } = world;
	const [, , third, fourth] = network.validators;
	await network.progress(3);
	await network.kill([fourth]);
	world.faults += 1;
	fourth.purge();
	await network.progress(2);
	await fourth.start();
	await network.progress(1);

	// The others need its votes.
	await network.kill([third]);
	world.faults += 1;
	await network.progress(2);
	await third.start();
	await network.progress(1);
	return [`log lines on GRANDPA equivocations ${logged(network, GRANDPA)}`];
});

// The validator that has lost its database knows nothing of its votes in the round that goes on.
test('a database is lost while finality stands still: finality continues with its keys', async (world) => {
	const { network } = world;
	const [, , third, fourth] = network.validators;
	const before = logged(network, GRANDPA);
	await network.kill([third, fourth]);
	world.faults += 2;
	fourth.purge();
	const highest = async () => Math.max(...[...(await network.allHeights()).values()].map(({ best }) => best));
	const best = await highest();
	await network.until('blocks are made', (all) => all.every((each) => each.best > best + 3));
	await fourth.start();
	await network.finalized(best + 3);
	await third.start();
	await network.progress(1);
	return [`log lines on GRANDPA equivocations ${logged(network, GRANDPA) - before}`];
});

test('two nodes have the same keys: equivocations are logged, and finalized blocks stay', async (world) => {
	const { network } = world;
	const [first] = network.validators;
	const before = logged(network, GRANDPA);
	const double = await network.add('double', { keysOf: first });
	await double.start();
	world.faults += 1;
	await network.until('two blocks of a slot are seen', () => logged(network, BABE) > 0, TIMEOUT_MS);
	await network.progress(BLOCKS);
	const [babe, grandpa] = [logged(network, BABE), logged(network, GRANDPA) - before];
	await network.drop(double);
	await network.progress(2);
	return [`log lines on BABE equivocations ${babe}, on GRANDPA equivocations ${grandpa}`];
});
