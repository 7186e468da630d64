// Computes the rollup's vectors by a second implementation, which was written from the tables in
// rollup/README.md alone. It needs neither a node nor a package.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const GAS_PER_TRANSFER = 72_930;
const TRANSFER_SIZE = 1_176;

const vectors = JSON.parse(readFileSync(new URL("../../rollup/tests/vectors.json", import.meta.url)));

const bytes = (hex) => Buffer.from(hex.slice(2), "hex");
const hex = (buffer) => `0x${buffer.toString("hex")}`;
const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();
const u32 = (number) => {
	const buffer = Buffer.alloc(4);
	buffer.writeUInt32LE(number);
	return buffer;
};
const u64 = (number) => {
	const buffer = Buffer.alloc(8);
	buffer.writeBigUInt64LE(BigInt(number));
	return buffer;
};

// SHA-256's constants: the first 32 bits of the fractional parts of roots of the first primes.
const primes = [];
for (let number = 2; primes.length < 64; number++) {
	if (primes.every((prime) => number % prime)) primes.push(number);
}
/** Returns ⌊prime^(1/degree) · 2³²⌋ mod 2³². */
function fraction(prime, degree) {
	const target = BigInt(prime) << (32n * degree);
	let low = 0n;
	for (let bit = 1n << 36n; bit > 0n; bit >>= 1n) {
		if ((low + bit) ** degree <= target) low += bit;
	}
	return Number(low & 0xffffffffn);
}
const ROUND = primes.map((prime) => fraction(prime, 3n));
const STANDARD = primes.slice(0, 8).map((prime) => fraction(prime, 2n));

const rotate = (word, by) => (word >>> by) | (word << (32 - by));

/** Returns the state after one compression. */
function compress(state, block) {
	const words = [];
	for (let i = 0; i < 16; i++) words.push(block.readUInt32BE(4 * i));
	for (let i = 16; i < 64; i++) {
		const [x, y] = [words[i - 15], words[i - 2]];
		const first = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
		const second = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
		words.push((words[i - 16] + first + words[i - 7] + second) | 0);
	}
	let [a, b, c, d, e, f, g, h] = state;
	for (let i = 0; i < 64; i++) {
		const choice = (e & f) ^ (~e & g);
		const majority = (a & b) ^ (a & c) ^ (b & c);
		const left = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + ROUND[i] + words[i];
		const right = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority;
		[a, b, c, d, e, f, g, h] = [(left + right) | 0, a, b, c, (d + left) | 0, e, f, g];
	}
	return [a, b, c, d, e, f, g, h].map((word, i) => (word + state[i]) | 0);
}

/** Returns the hash, in a domain, of parts that make up whole blocks. */
function hash(domain, ...parts) {
	const input = Buffer.concat(parts);
	assert.equal(input.length % 64, 0);
	const tag = Buffer.alloc(64);
	tag.write(`prover-pool-rollup/${domain}`);
	let state = compress(STANDARD, tag);
	for (let at = 0; at < input.length; at += 64) state = compress(state, input.subarray(at, at + 64));
	const output = Buffer.alloc(32);
	state.forEach((word, i) => output.writeInt32BE(word, 4 * i));
	return output;
}

const zeros = (length) => Buffer.alloc(length);
const first = (buffer, length = 16) => buffer.subarray(0, length);

/** Returns a value of a chain after the steps between two positions. */
function walk(seed, chain, value, from, to) {
	for (let position = from; position < to; position++) {
		value = first(hash("chain", value, seed, Buffer.from([chain, position]), zeros(30)));
	}
	return value;
}

/** Returns the hash of the key that a development account signs with at a nonce. */
function keyHash(secret, nonce) {
	const derive = (kind, index) =>
		first(hash("secret", secret, u64(nonce), Buffer.from([kind, index]), zeros(22)));
	const seed = derive(1, 0);
	const ends = [...Array(64).keys()].map((chain) => walk(seed, chain, derive(0, chain), 0, 3));
	return hash("key", seed, zeros(48), ...ends);
}

/** Returns whether a transfer is signed with the key that has this hash. */
function verifies(transfer, key) {
	const { from, nonce, to, amount, fee, nextKey, seed, randomiser, chains } = transfer;
	const numbers = [u64(nonce), u64(amount), u64(fee), zeros(24)];
	const digest = first(hash("message", randomiser, ...numbers, from, to, nextKey, key));
	const digits = [...Array(64).keys()].map((i) => (digest[i >> 2] >> (2 * (i & 3))) & 3);
	if (digits.reduce((sum, digit) => sum + digit) !== 120) return false;
	const ends = digits.map((digit, i) => walk(seed, i, chains.subarray(16 * i, 16 * i + 16), digit, 3));
	return hash("key", seed, zeros(48), ...ends).equals(key);
}

/** Returns the transfers of a list of fewer than 64 that decodes. */
function transfers(list) {
	const count = list[0] >> 2;
	assert.equal(list.length, 1 + count * TRANSFER_SIZE);
	return [...Array(count).keys()].map((i) => {
		let rest = list.subarray(1 + i * TRANSFER_SIZE);
		const take = (length) => {
			const part = rest.subarray(0, length);
			rest = rest.subarray(length);
			return part;
		};
		const number = () => take(8).readBigUInt64LE();
		return {
			from: take(32),
			nonce: number(),
			to: take(32),
			amount: number(),
			fee: number(),
			nextKey: take(32),
			seed: take(16),
			randomiser: take(16),
			chains: take(1_024),
		};
	});
}

/** The accounts by index. This implementation need not be fast, so it stores no index. */
class Accounts {
	#all = [{ address: zeros(32), key: zeros(32), balance: 0n, nonce: 0n }];

	find(address) {
		return this.#all.find((account) => account.address.equals(address));
	}

	credit(address, amount) {
		const account = this.find(address);
		if (account) account.balance += amount;
		else this.#all.push({ address, key: address, balance: amount, nonce: 0n });
	}

	linked() {
		const sorted = [...this.#all].sort((one, other) => one.address.compare(other.address));
		return this.#all.map((account) => {
			const next = sorted[sorted.indexOf(account) + 1]?.address ?? zeros(32);
			return { ...account, next };
		});
	}

	root() {
		let level = this.linked().map(({ address, next, key, balance, nonce }) =>
			hash("leaf", address, next, key, u64(balance), u64(nonce), zeros(16)),
		);
		while (level.length > 1) {
			if (level.length % 2) level.push(zeros(32));
			level = level.flatMap((node, i) => (i % 2 ? [] : [hash("node", node, level[i + 1])]));
		}
		return level[0];
	}

	/** Executes a transfer. Returns its effect and the fee. */
	transfer(transfer) {
		const sender = this.find(transfer.from);
		if (!sender) return ["Refused: UnknownSender", 0n];
		if (sender.nonce !== transfer.nonce) return ["Refused: WrongNonce", 0n];
		if (!verifies(transfer, sender.key)) return ["Refused: BadSignature", 0n];
		sender.nonce += 1n;
		sender.key = transfer.nextKey;
		if (sender.balance < transfer.fee) return ["Unpaid", 0n];
		sender.balance -= transfer.fee;
		if (sender.balance < transfer.amount) return ["FeeOnly", transfer.fee];
		sender.balance -= transfer.amount;
		if (transfer.amount > 0n) this.credit(transfer.to, transfer.amount);
		return ["Moved", transfer.fee];
	}

	/** Executes a list. Returns the gas used and the effects of its transfers. */
	execute(list, gasLimit, beneficiary) {
		const all = transfers(list);
		const gas = all.length * GAS_PER_TRANSFER;
		if (gas > gasLimit) return [gasLimit, []];
		const results = all.map((transfer) => this.transfer(transfer));
		const fees = results.reduce((sum, [, fee]) => sum + fee, 0n);
		if (fees > 0n) this.credit(beneficiary, fees);
		return [gas, results.map(([effect]) => effect)];
	}
}

/** Checks a header against the expected one. Returns its hash. */
function checkHeader(header, expected) {
	const { parent, id, listHash, gasLimit, beneficiary, gasUsed, accounts } = expected;
	const encoded = Buffer.concat([
		parent, u64(id), listHash, u32(gasLimit), beneficiary, u32(gasUsed),
		u32(accounts.linked().length), accounts.root(),
	]);
	assert.equal(hex(encoded), header.encoded);
	const blockHash = sha256(Buffer.from("rollup-header/01"), encoded);
	assert.equal(hex(blockHash), header.hash);
	return blockHash;
}

test("a second implementation computes the rollup's vectors", () => {
	const accounts = new Accounts();
	const byAddress = [...vectors.accounts].sort((one, other) => (one.address < other.address ? -1 : 1));
	for (const { number, secret, address, balance } of byAddress) {
		assert.equal(hex(sha256(Buffer.from("prover-pool-rollup/dev"), u32(number))), secret);
		assert.equal(hex(keyHash(bytes(secret), 0)), address);
		if (balance) accounts.credit(bytes(address), BigInt(balance));
	}
	let parent = checkHeader(vectors.genesis, {
		parent: zeros(32), id: 0, listHash: zeros(32), gasLimit: 0, beneficiary: zeros(32), gasUsed: 0, accounts,
	});
	for (const block of vectors.blocks) {
		const list = bytes(block.list);
		const { id, gasLimit } = block.header;
		const beneficiary = bytes(block.header.beneficiary);
		const listHash = sha256(list);
		const [gasUsed, effects] = accounts.execute(list, gasLimit, beneficiary);
		assert.deepEqual(effects, block.effects);
		assert.deepEqual(
			accounts.linked().map(({ address, next, key, balance, nonce }) => ({
				address: hex(address), next: hex(next), key: hex(key), balance: Number(balance), nonce: Number(nonce),
			})),
			block.accounts,
		);
		const blockHash = checkHeader(block.header, {
			parent, id, listHash, gasLimit, beneficiary, gasUsed, accounts,
		});
		const { genesisHash, prover } = block.instance;
		const instance = sha256(
			bytes(genesisHash), Buffer.from("block-proposal/2"), u64(id), listHash, u32(gasLimit),
			beneficiary, parent, blockHash, u32(gasUsed), bytes(prover),
		);
		assert.equal(hex(instance), block.instance.hash);
		parent = blockHash;
	}
});
