/** Invalid transactions: the node refuses them before they are in a block. */
import { merkleizeMetadata } from '@polkadot-api/merkleize-metadata';
import { compactToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { account, assert, onChain, UNIT } from './support.mjs';

const test = onChain();
const bob = account('Bob');

/** Returns the bytes of a valid transaction, without the length in front of them. */
async function right({ chain, tx }) {
	const nonce = await chain.api.rpc.system.accountNextIndex(bob.address);
	const signed = await tx.proverPool.stake(40n * UNIT, 10_000, 4).signAsync(bob, { nonce, era: 0 });
	return signed.toU8a(true);
}

const withLength = (bytes) => u8aConcat(compactToU8a(bytes.length), bytes);

const submit = ({ chain }, bytes) => chain.rpc('author_submitExtrinsic', u8aToHex(bytes));

/** Checks that neither the account nor the queue of transactions changes. */
async function assertUnchanged({ chain }, action) {
	const before = await chain.api.query.system.account(bob.address);
	await action();
	await chain.noneWaiting();
	await chain.pass(2);
	const after = await chain.api.query.system.account(bob.address);
	assert.equal(after.toHex(), before.toHex());
}

test('truncated bytes are refused', async (world) => {
	const bytes = await right(world);
	await assertUnchanged(world, async () => {
		for (const length of [0, 1, 4, 40, 100, bytes.length - 1]) {
			const message = `${length} bytes were accepted`;
			// With the length of the whole transaction, and with the right length.
			const cut = withLength(bytes).slice(0, length);
			await assert.rejects(submit(world, cut), /1040: .*Could not decode/, message);
			await assert.rejects(submit(world, withLength(bytes.slice(0, length))), /10[01][02]: /, message);
		}
	});
});

test('a signature of other bytes is refused', async (world) => {
	const bytes = await right(world);
	// Version, kind of address, 32 bytes of address, kind of signature, 64 bytes of signature, and so on. The
	// call ends with the amount in 7 bytes, the price in 2 and the capacity in 1.
	const positions = { signer: 10, signature: 50, amount: bytes.length - 5 };
	await assertUnchanged(world, async () => {
		for (const [what, position] of Object.entries(positions)) {
			const spoilt = Uint8Array.from(bytes);
			spoilt[position] ^= 1;
			await assert.rejects(submit(world, withLength(spoilt)), /1010: .*bad signature/, what);
		}
		const genesisHash = `0x${'77'.repeat(32)}`;
		const options = { nonce: 0, era: 0, genesisHash };
		const elsewhere = await world.tx.proverPool.withdraw().signAsync(bob, options);
		await assert.rejects(submit(world, elsewhere.toU8a()), /1010: .*bad signature/);
	});
});

test('an account that cannot pay the fee is refused', async (world) => {
	const nobody = account('nobody');
	const signed = await world.tx.proverPool.withdraw().signAsync(nobody, { nonce: 0, era: 0 });
	await assertUnchanged(world, () =>
		assert.rejects(submit(world, signed.toU8a()), /1010: .*Inability to pay some fees/),
	);
});

test('a call that does not exist is refused', async (world) => {
	const signed = await world.tx.proverPool.withdraw().signAsync(bob, { nonce: 0, era: 0 });
	const bytes = signed.toU8a(true);
	// The last two bytes are the pallet and the call.
	const pallet = bytes.at(-2);
	await assertUnchanged(world, async () => {
		for (const ending of [
			[pallet, 99],
			[99, 0],
		]) {
			const wrong = u8aConcat(bytes.slice(0, -2), ending);
			await assert.rejects(submit(world, withLength(wrong)), /1002: /);
		}
	});
});

test('the transaction that was altered above is accepted unaltered, and only once', async (world) => {
	const { chain } = world;
	const bytes = withLength(await right(world));
	const from = chain.head;
	await submit(world, bytes);
	await chain.event('ProverPool.Staked', { who: bob.address }, { from });
	await assertUnchanged(world, () =>
		assert.rejects(submit(world, bytes), /(1010: .*outdated|1012: |1013: )/),
	);
});


/** Returns the hash that a hardware wallet computes of the metadata that it was shown, and signs. */
async function metadataHash({ chain }) {
	const { api } = chain;
	const metadata = await api.call.metadata.metadataAtVersion(15);
	return merkleizeMetadata(metadata.unwrap().toU8a(true), {
		decimals: api.registry.chainDecimals[0],
		tokenSymbol: api.registry.chainTokens[0],
	}).digest();
}

test('a hardware wallet can sign with the hash of the metadata, and with no other hash', async (world) => {
	const { chain } = world;
	const sign = async (hash) => {
		const nonce = await chain.api.rpc.system.accountNextIndex(bob.address);
		const options = { nonce, era: 0, mode: 1, metadataHash: u8aToHex(hash) };
		return (await world.tx.proverPool.pause().signAsync(bob, options)).toU8a();
	};
	const hash = await metadataHash(world);
	await assertUnchanged(world, async () => {
		const wrong = Uint8Array.from(hash, (byte) => byte ^ 1);
		await assert.rejects(submit(world, await sign(wrong)), /1010: .*bad signature/);
	});
	const from = chain.head;
	await submit(world, await sign(hash));
	await chain.event('ProverPool.Paused', { who: bob.address }, { from });
});
