/** Keys that act for other accounts, as wallets send their calls: proxies and multisigs. */
import { createKeyMulti, encodeAddress, sortAddresses } from '@polkadot/util-crypto';
import { SS58_FORMAT } from '../lib/accounts.mjs';
import { plain } from '../lib/plain.mjs';
import { account, advance, assert, drawn, onChain, UNIT, verified } from './support.mjs';

// A block for each transaction: each step happens in a block that is known in advance.
const test = onChain({ sealing: 'instant' });
const [bob, charlie, dave, eve, ferdie] = ['Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie'].map(account);
const MAX_WEIGHT = { refTime: 100_000_000_000n, proofSize: 1_000_000n };

/** What became of a call that was dispatched for another account: the name of an error, or `null`. */
function errorIn(chain, { events }, name) {
	const { result } = events.find((event) => event.name === name).data;
	return result.Err === undefined ? null : chain.errorName(result.Err);
}

/** The same by the query, without an effect. */
async function simulated({ chain }, signer, call) {
	const { callSimulationApi } = chain.api.call;
	const result = plain(await callSimulationApi.simulateCall(signer.address, call));
	return result.Err === undefined ? null : chain.errorName(result.Err);
}

test('a key proves for a cold account, and can do little else', async (world) => {
	const { chain, rollup, tx } = world;
	const forDave = (call) => tx.proxy.proxy(dave.address, null, call);
	// Only Dave is drawn.
	await chain.ok(charlie, tx.proverPool.pause());
	await chain.ok(eve, tx.proverPool.pause());
	const added = await chain.ok(dave, tx.proxy.addProxy(bob.address, 'Proving', 0));
	assert.deepEqual(added.events.find(({ name }) => name === 'Proxy.ProxyAdded').data, {
		delegator: dave.address,
		delegatee: bob.address,
		proxyType: 'Proving',
		delay: 0,
	});
	await advance(world, (await chain.pool('getParameters')).entryDelay + 1);

	const proposed = await rollup.propose(ferdie);
	const [{ data }] = await drawn(world, proposed);
	assert.equal(data.prover, dave.address);
	const before = await chain.balanceOf(dave.address);
	const claim = forDave(await rollup.proof(dave.address, proposed));
	assert.equal(await simulated(world, bob, claim), null);
	const outcome = await chain.ok(bob, claim);
	assert.equal(errorIn(chain, outcome, 'Proxy.ProxyExecuted'), null);
	const claimed = outcome.events.find(({ name }) => name === 'BlockProposal.BlockClaimed').data;
	assert.deepEqual([claimed.prover, claimed.bond], [dave.address, 0n]);
	assert.deepEqual(await chain.balanceOf(dave.address), before, 'the key pays the fee');
	const paid = outcome.events.find(({ name }) => name === 'TransactionPayment.TransactionFeePaid').data;
	assert.equal(paid.who, bob.address);
	const settled = await verified(world, proposed.blockId);
	assert.deepEqual([settled.data.prover, settled.data.verdict], [dave.address, 'InTime']);
	assert.ok(settled.data.paid > 0n);

	// A proof for the key is none for the account, and calls of other types are refused.
	for (const [call, error] of [
		[tx.proverPool.exit(), 'System.CallFiltered'],
		[tx.balances.transferKeepAlive(bob.address, UNIT), 'System.CallFiltered'],
		[tx.proxy.addProxy(ferdie.address, 'Any', 0), 'System.CallFiltered'],
		[tx.utility.batchAll([tx.proverPool.exit()]), 'System.CallFiltered'],
		[tx.proverPool.resume(), 'ProverPool.NotPaused'],
	]) {
		assert.equal(await simulated(world, bob, forDave(call)), error);
		const outcome = await chain.ok(bob, forDave(call));
		assert.equal(errorIn(chain, outcome, 'Proxy.ProxyExecuted'), error);
	}
	assert.equal((await chain.pool('getStaker', dave.address)).prover.status, 'Active');

	await chain.ok(dave, tx.proxy.removeProxy(bob.address, 'Proving', 0));
	const outsider = await chain.send(bob, forDave(tx.proverPool.pause()));
	assert.equal(outsider.error, 'Proxy.NotProxy');
});

test('an account of several keys stakes', async (world) => {
	const { chain, tx } = world;
	const members = [bob, charlie, dave].map(({ address }) => address);
	const address = encodeAddress(createKeyMulti(members, 2), SS58_FORMAT);
	await chain.ok(ferdie, tx.balances.transferKeepAlive(address, 100n * UNIT));

	const stake = tx.proverPool.stake(80n * UNIT, 9_000, 4);
	const approve = (signer, timepoint) => {
		const others = sortAddresses(
			members.filter((member) => member !== signer.address),
			SS58_FORMAT,
		);
		return chain.ok(signer, tx.multisig.asMulti(2, others, timepoint, stake, MAX_WEIGHT));
	};
	const deposit = async () => (await chain.balanceOf(bob.address)).reserved;
	const opened = await approve(bob, null);
	assert.ok((await deposit()) > 0n);
	assert.equal((await chain.pool('getStaker', address)).prover, null);
	const executed = await approve(charlie, { height: opened.block, index: opened.index });
	assert.equal(errorIn(chain, executed, 'Multisig.MultisigExecuted'), null);
	assert.equal(await deposit(), 0n);
	const { prover } = await chain.pool('getStaker', address);
	assert.deepEqual([prover.account, prover.offer.stake], [address, 80n * UNIT]);
});
