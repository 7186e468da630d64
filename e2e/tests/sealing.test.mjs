/** The properties that clients rely on: statuses of transactions, dry runs, old states, delayed finality. */
import { Chain } from '../lib/chain.mjs';
import { Node } from '../lib/node.mjs';
import { until } from '../lib/waiting.mjs';
import { account, assert, onChain } from './support.mjs';

const alice = account('Alice');
/** Slow enough that a client has fetched a block before the next one makes it final. */
const timed = onChain({ sealing: 2_000 });
const onDemand = onChain({ sealing: 'instant' });

/** Returns the statuses that polkadot.js reports of a transaction until it is final. */
function statusesOf(call, signer, nonce) {
	const statuses = [];
	return new Promise((resolve, reject) => {
		call.signAndSend(signer, { nonce }, ({ status, isError, isFinalized }) => {
			statuses.push(status.type);
			if (isFinalized) resolve(statuses);
			if (isError) reject(new Error(`${status.type} after ${statuses}`));
		}).catch(reject);
	});
}

async function numbers({ chain }) {
	const numberOf = async (hash) => Number((await chain.rpc('chain_getHeader', hash)).number);
	const finalized = await numberOf(await chain.rpc('chain_getFinalizedHead'));
	return { finalized, best: await numberOf(await chain.rpc('chain_getBlockHash')) };
}

timed('polkadot.js reports every transaction in its block, before it is final', async ({ chain, tx }) => {
	const first = (await chain.api.rpc.system.accountNextIndex(alice.address)).toNumber();
	for (let round = 0; round < 3; round++) {
		const nonces = Array.from({ length: 5 }, (_, i) => first + 5 * round + i);
		const all = await Promise.all(nonces.map((nonce) => statusesOf(tx.system.remark('0x'), alice, nonce)));
		for (const statuses of all) assert.deepEqual(statuses.slice(-2), ['InBlock', 'Finalized']);
	}
});

timed('a dry run of a mortal transaction returns what the transaction would do', async ({ tx }) => {
	for (let i = 0; i < 8; i++) {
		const result = await tx.system.remark('0x').dryRun(alice);
		assert.ok(result.isOk && result.asOk.isOk, result.toString());
	}
});

timed('a block is final when the next one is made', async (world) => {
	for (let i = 0; i < 5; i++) {
		await world.chain.pass(1);
		const { finalized } = await numbers(world);
		// This request is later, so the best block can be a later one.
		const { best } = await numbers(world);
		assert.ok(finalized < best, `${finalized} is final, ${best} the best`);
	}
	const { best } = await numbers(world);
	await until(`block ${best} is final`, async () => (await numbers(world)).finalized >= best);
});

onDemand('a block becomes final even if no other follows', async (world) => {
	const { block } = await world.chain.ok(alice, world.tx.system.remark('0x'));
	await until(`block ${block} is final`, async () => (await numbers(world)).finalized === block);
	assert.equal((await numbers(world)).best, block);
});

onDemand('a transaction gets its block, whatever the node is doing when it arrives', async ({ node, tx }) => {
	// This client does not wait until the node's pool has processed the latest block.
	const client = await Chain.connect(node.url);
	for (let i = 0; i < 100; i++) await client.ok(account(['Bob', 'Charlie'][i % 2]), tx.system.remark('0x'));
	await client.disconnect();
});

timed('a sealed chain keeps the states of all its blocks', async () => {
	// More blocks than the SDK's default keeps.
	const blocks = 300;
	const node = await Node.start({ sealing: 10 });
	try {
		const chain = await Chain.connect(node.url);
		await chain.block(blocks);
		await until('they are final', async () => (await numbers({ chain })).finalized >= blocks);
		const { data } = await (await chain.at(1)).query.system.account(alice.address);
		assert.ok(data.free.toBigInt() > 0n);
		await chain.disconnect();
	} finally {
		await node.stop();
	}
});
