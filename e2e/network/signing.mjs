/**
 * Signs thousands of transactions. polkadot.js takes a millisecond for each, longer than the chain takes to
 * execute it. Here a call is encoded once, and accounts sign with Ed25519 keys of Node.js.
 */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { compactToU8a, hexToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { blake2AsU8a, encodeAddress } from '@polkadot/util-crypto';
import { SS58_FORMAT } from '../lib/accounts.mjs';

/** The bytes in front of the seed in a PKCS #8 private key. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_KEY_LENGTH = 32;

/** A signed transaction of version 4, an account id as its address, an Ed25519 signature. */
const SIGNED = Uint8Array.of(0x84);
const ID = Uint8Array.of(0x00);
const ED25519 = Uint8Array.of(0x00);
const IMMORTAL = Uint8Array.of(0x00);
/** The mode of the metadata's hash, and the hash itself. */
const NO_METADATA_HASH = Uint8Array.of(0x00);

/** For a longer payload, its hash is signed. */
const LONGEST_PAYLOAD = 256;

/** An account whose seed is the hash of a name. */
export class Account {
	/** The nonce of its next transaction. */
	nonce = 0;

	#key;

	constructor(name) {
		const seed = blake2AsU8a(name);
		this.#key = createPrivateKey({
			key: Buffer.concat([PKCS8, seed]),
			format: 'der',
			type: 'pkcs8',
		});
		const spki = createPublicKey(this.#key).export({ format: 'der', type: 'spki' });
		this.publicKey = new Uint8Array(spki.subarray(-PUBLIC_KEY_LENGTH));
		this.address = encodeAddress(this.publicKey, SS58_FORMAT);
	}

	sign(message) {
		return new Uint8Array(sign(null, message, this.#key));
	}
}

/** Signs transactions of this chain. */
export class Signing {
	#additional;

	/** @param {import('@polkadot/api').ApiPromise} api */
	constructor(api) {
		const expected = [
			'CheckNonZeroSender',
			'CheckSpecVersion',
			'CheckTxVersion',
			'CheckGenesis',
			'CheckMortality',
			'CheckNonce',
			'CheckOperational',
			'CheckWeight',
			'ChargeTransactionPayment',
			'CheckMetadataHash',
			'WeightReclaim',
		];
		const found = api.registry.signedExtensions;
		if (found.join() !== expected.join()) {
			throw new Error(`the chain's transactions have other extensions than expected: ${found}`);
		}
		const { specVersion, transactionVersion } = api.runtimeVersion;
		const genesis = api.genesisHash.toU8a();
		this.#additional = u8aConcat(
			specVersion.toU8a(),
			transactionVersion.toU8a(),
			genesis,
			genesis,
			NO_METADATA_HASH,
		);
	}

	/** Returns the bytes and the hash of a transaction, by default with its account's next nonce. */
	transaction(account, call, { tip = 0, nonce = account.nonce++ } = {}) {
		const extra = u8aConcat(
			IMMORTAL,
			compactToU8a(nonce),
			compactToU8a(tip),
			NO_METADATA_HASH,
		);
		const payload = u8aConcat(call, extra, this.#additional);
		const signed = payload.length > LONGEST_PAYLOAD ? blake2AsU8a(payload) : payload;
		const signature = account.sign(signed);
		const body = u8aConcat(SIGNED, ID, account.publicKey, ED25519, signature, extra, call);
		const bytes = u8aConcat(compactToU8a(body.length), body);
		return { bytes: u8aToHex(bytes), hash: u8aToHex(blake2AsU8a(bytes)) };
	}
}

/** Returns the bytes of a call. */
export const encoded = (call) => hexToU8a(call.method.toHex());
