/**
 * Bad input. The node refuses everything that is not a valid request or transaction with an error. The
 * state does not change, and the node keeps running.
 */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { compactToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { blake2AsU8a } from '@polkadot/util-crypto';
import { account, assert, onChain, UNIT } from './support.mjs';

// A dependency of polkadot.js. Node.js 20 has no WebSocket.
const { WebSocket } = createRequire(import.meta.url)('ws');

// The node makes blocks for transactions only, so any block would show that something was accepted.
const test = onChain({ sealing: 'instant' });
const [bob, charlie] = ['Bob', 'Charlie'].map(account);

/** The node's default, in bytes. */
const LARGEST_REQUEST = 15 * 1024 * 1024;

const http = ({ node }) => node.url.replace('ws:', 'http:');

/** Posts a body as it is. Returns the HTTP status and the body of the answer. */
async function post(world, body, headers = { 'content-type': 'application/json' }) {
	const response = await fetch(http(world), { method: 'POST', headers, body });
	const text = await response.text();
	return { status: response.status, text };
}

/** Returns the answer to a request. */
async function ask(world, method, params = []) {
	const { text } = await post(world, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
	return JSON.parse(text);
}

const withLength = (bytes) => u8aConcat(compactToU8a(bytes.length), bytes);

/** Returns the bytes of a signed transaction. The options can make it wrong. */
async function signed({ chain, tx }, { call = tx.proverPool.withdraw(), signer = bob, ...options } = {}) {
	const nonce = await chain.api.rpc.system.accountNextIndex(signer.address);
	return (await call.signAsync(signer, { nonce, era: 0, ...options })).toU8a(true);
}

/** Checks that an action changes no state and makes no block, and that the node answers afterwards. */
async function unchanged(world, action) {
	const look = async () => {
		const { number, stateRoot } = (await ask(world, 'chain_getHeader')).result;
		const pending = (await ask(world, 'author_pendingExtrinsics')).result;
		return { number, stateRoot, pending };
	};
	await world.chain.noneWaiting();
	const before = await look();
	await action();
	assert.deepEqual(await look(), before);
	// Panics of the node, not of the runtime in its sandbox: runtimes of the SDK refuse bytes that do not
	// decode by a panic ("Nothing bad happened").
	const panics = world.node.log.filter((line) => /Thread '.*' panicked|Essential task/.test(line));
	assert.deepEqual(panics, [], 'the node has not panicked');
}

/** Bytes that are not a valid transaction of this chain, without their length, and the error. */
const TRANSACTIONS = {
	'no bytes at all': async () => [[], /^(1002|1010): /],
	'a version that does not exist': async (world) => {
		const bytes = await signed(world);
		bytes[0] = 0x8f;
		return [bytes, /^1002: /];
	},
	'an address of an unknown kind': async (world) => {
		const bytes = await signed(world);
		bytes[1] = 0x77;
		return [bytes, /^1002: /];
	},
	'a signature of an unknown kind': async (world) => {
		const bytes = await signed(world);
		bytes[34] = 0x77;
		return [bytes, /^1002: /];
	},
	'a signature of another kind': async (world) => {
		const bytes = await signed(world);
		bytes[34] = 0x00;
		return [bytes, /^1010: .*bad signature/];
	},
	'a signature of zeros': async (world) => {
		const bytes = await signed(world);
		bytes.fill(0, 35, 35 + 64);
		return [bytes, /^1010: .*bad signature/];
	},
	'the signature of another account': async (world) => {
		const bytes = await signed(world);
		bytes.set(charlie.publicKey, 2);
		return [bytes, /^1010: .*bad signature/];
	},
	'no signature where one is needed': async ({ tx }) => [
		u8aConcat([0x04], tx.proverPool.withdraw().method.toU8a()),
		/^(1010|1011): /,
	],
	'an inherent from outside': async ({ tx }) => [
		u8aConcat([0x04], tx.timestamp.set(1_800_000_000_000).method.toU8a()),
		/^(1010|1011): /,
	],
	'a call of a pallet that is not there': async (world) => {
		const bytes = await signed(world);
		bytes[bytes.length - 2] = 0xee;
		return [bytes, /^1002: /];
	},
	'a call that the pallet does not have': async (world) => {
		const bytes = await signed(world);
		bytes[bytes.length - 1] = 0xee;
		return [bytes, /^1002: /];
	},
	'half a call': async (world) => {
		const call = world.tx.proverPool.stake(40n * UNIT, 10_000, 4);
		return [(await signed(world, { call })).slice(0, -3), /^1002: /];
	},
	'a call with a number too many': async (world) => [
		u8aConcat(await signed(world), [0x01]),
		// The runtime does not read what follows the call, and the signature does not cover it.
		/^(1002|1010): /,
	],
	'a call without end': async (world) => {
		const depth = 300;
		const { tx } = world;
		const inner = tx.system.remark('0x00').method.toU8a();
		const batch = tx.utility.batch([]).method.toU8a().slice(0, 2);
		const nested = u8aConcat(...Array.from({ length: depth }, () => u8aConcat(batch, [0x04])), inner);
		return [await signedBytes(world, nested), /^(1002|1010): /];
	},
	'a list longer than its bytes': async (world) => {
		const { method } = world.tx.blockProposal.proposeBlock('0x00', 1_000_000, bob.address, 10_000);
		const call = method.toU8a();
		// The length says that the list has 2³⁰ − 1 bytes.
		const long = u8aConcat(call.slice(0, 2), [0xfe, 0xff, 0xff, 0xff], call.slice(3));
		return [await signedBytes(world, long), /^1002: /];
	},
	'more than a block holds': async (world) => {
		const remark = world.tx.system.remark(`0x${'00'.repeat(4 * 1024 * 1024)}`);
		return [await signed(world, { call: remark }), /^1010: .*exhaust/];
	},
	'a nonce that is used up': async (world) => {
		const signer = account('Alice');
		await world.chain.ok(signer, world.tx.system.remark('0x02'));
		return [await signed(world, { signer, nonce: 0 }), /^1010: .*outdated/];
	},
	'a transaction of a past era': async (world) => {
		const { chain, tx } = world;
		while (chain.head < 5) await chain.ok(account('Alice'), tx.system.remark('0x03'));
		const blockHash = chain.api.genesisHash;
		const era = chain.api.createType('ExtrinsicEra', { current: 0, period: 4 });
		return [await signed(world, { era, blockHash }), /^1010: /];
	},
	'an era of a block that is not there': async (world) => {
		const { api } = world.chain;
		const era = api.createType('ExtrinsicEra', { current: 1_000_000, period: 64 });
		return [await signed(world, { era, blockHash: `0x${'11'.repeat(32)}` }), /^1010: /];
	},
	'the transaction of another chain': async (world) => [
		await signed(world, { genesisHash: `0x${'77'.repeat(32)}` }),
		/^1010: .*bad signature/,
	],
	'the transaction of another runtime': async (world) => {
		const { genesisHash } = world.chain.api;
		const runtimeVersion = { specVersion: 999, transactionVersion: 1 };
		const options = { genesisHash, blockHash: genesisHash, runtimeVersion, nonce: 0 };
		const bytes = world.tx.proverPool.withdraw().sign(bob, options).toU8a(true);
		return [bytes, /^1010: .*bad signature/];
	},
	'an account without tokens': async (world) => [
		await signed(world, { signer: account('nobody') }),
		/^1010: .*Inability to pay some fees/,
	],
	'a tip that nobody can pay': async (world) => [
		await signed(world, { tip: 2n ** 100n }),
		/^1010: .*Inability to pay some fees/,
	],
	'random bytes': async () => [blake2AsU8a('random', 512), /^100[12]: /],
};

/** Signs a call that polkadot.js would not encode. */
async function signedBytes(world, call) {
	const bytes = await signed(world, { call: world.tx.system.remark('0x') });
	// The replaced call has three bytes: pallet, call and an empty list. The signature is wrong then, but the
	// node decodes the call first.
	return u8aConcat(bytes.slice(0, -3), call);
}

/** Requests that are valid JSON-RPC: method, parameters, and the error's code. */
const REQUESTS = {
	'an unknown method': ['state_doesNotExist', [], -32601],
	'an empty name': ['', [], -32601],
	'no parameters': ['author_submitExtrinsic', [], -32602],
	'a number for bytes': ['author_submitExtrinsic', [7], -32602],
	'an object for bytes': ['author_submitExtrinsic', [{ tx: '0x' }], -32602],
	'odd digits': ['author_submitExtrinsic', ['0x123'], 1040],
	'no digits': ['author_submitExtrinsic', ['0xzz'], -32602],
	'half a hash': ['chain_getBlock', ['0x1234'], -32602],
	'a hash too long': ['chain_getHeader', [`0x${'00'.repeat(33)}`], -32602],
	'a negative block number': ['chain_getBlockHash', [-1], -32602],
	'a page too large': ['state_getKeysPaged', ['0x', 1_000_000, null], 4002],
	'the state of an unknown block': ['state_getStorage', ['0x', `0x${'22'.repeat(32)}`], 4003],
	'an unknown runtime API': ['state_call', ['ProverPoolApi_nothing', '0x'], 4003],
	'too few arguments of a runtime API': ['state_call', ['ProverPoolApi_get_staker', '0x00'], 4003],
	'an unknown entry point': ['state_call', ['no such function', '0x'], 4003],
	'the nonce of no address': ['system_accountNextIndex', ['5Nobody'], -32602],
	'fees of no transaction': ['payment_queryInfo', ['0x00'], null],
	'a session key that is none': ['author_hasKey', ['0x', 'too long a type'], null],
};

/** Bodies that are not JSON-RPC, and the status or error code. */
const BODIES = {
	'nothing': ['', /-32700|-32600/],
	'no JSON': ['this is no JSON', /-32700/],
	'half of JSON': ['{"jsonrpc":"2.0","id":1,"method":"chain_', /-32700/],
	'a number': ['7', /-32600|-32700/],
	'an empty object': ['{}', /-32600|-32700/],
	'an empty batch': ['[]', /-32600/],
	'another version': ['{"jsonrpc":"1.0","id":1,"method":"chain_getHeader"}', /-32600|-32700/],
	'a method that is a number': ['{"jsonrpc":"2.0","id":1,"method":7}', /-32600|-32700/],
	'bytes that are no text': [Uint8Array.of(0xff, 0xfe, 0x00), /-32700/],
	'lists in lists in lists': [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, /-32700|-32600/],
	'objects in objects': [`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, /-32700|-32600/],
	'parameters nested deeply': [
		`{"jsonrpc":"2.0","id":1,"method":"chain_getHeader","params":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
		/-32700|-32600|-32602/,
	],
};

for (const [name, make] of Object.entries(TRANSACTIONS)) {
	test(`transactions: ${name}`, async (world) => {
		const [bytes, expected] = await make(world);
		await unchanged(world, async () => {
			const { error, result } = await ask(world, 'author_submitExtrinsic', [
				u8aToHex(withLength(Uint8Array.from(bytes))),
			]);
			assert.equal(result, undefined, 'it is refused');
			assert.match(`${error.code}: ${error.message} ${error.data ?? ''}`, expected);
		});
	});
}

test('transactions: a replay is refused', async (world) => {
	const bytes = u8aToHex(withLength(await signed(world, { call: world.tx.system.remark('0x01') })));
	const { chain } = world;
	await chain.noneWaiting();
	const from = chain.head;
	assert.equal(typeof (await ask(world, 'author_submitExtrinsic', [bytes])).result, 'string');
	await chain.event('System.ExtrinsicSuccess', {}, { from: from + 1 });
	await unchanged(world, async () => {
		const { error } = await ask(world, 'author_submitExtrinsic', [bytes]);
		assert.match(`${error.code} ${error.data}`, /1010 .*outdated|101[23] /);
	});
});

test('transactions: cut anywhere, or with a flipped bit in any byte, they are refused', async (world) => {
	const call = world.tx.proverPool.stake(40n * UNIT, 10_000, 4);
	const whole = withLength(await signed(world, { call }));
	const cut = Array.from(whole, (_, length) => whole.slice(0, length));
	// In `cut`, the length is larger than the rest. In `shorter`, the length is right.
	const shorter = cut.slice(2).map((bytes) => withLength(bytes.slice(2)));
	const turned = Array.from(whole, (_, at) => whole.map((byte, i) => (i === at ? byte ^ (1 << at % 8) : byte)));
	await unchanged(world, async () => {
		for (const bytes of [...cut, ...shorter, ...turned]) {
			const { error, result } = await ask(world, 'author_submitExtrinsic', [u8aToHex(bytes)]);
			assert.equal(result, undefined, `it is refused: ${u8aToHex(bytes)}`);
			// The codes of bytes that are not a transaction, and of an invalid one.
			assert.match(`${error.code}`, /^10(01|02|10|11|40)$/, u8aToHex(bytes));
		}
	});
});

for (const [name, [method, params, code]] of Object.entries(REQUESTS)) {
	test(`requests: ${name}`, async (world) => {
		await unchanged(world, async () => {
			const { error, result } = await ask(world, method, params);
			assert.equal(result, undefined, 'it is refused');
			if (code !== null) assert.equal(error.code, code, error.message);
		});
	});
}

for (const [name, [body, expected]] of Object.entries(BODIES)) {
	test(`bodies: ${name}`, async (world) => {
		await unchanged(world, async () => {
			const { status, text } = await post(world, body);
			assert.match(`${status} ${text}`, expected);
		});
	});
}

test('HTTP: other verbs, types and origins are refused', async (world) => {
	await unchanged(world, async () => {
		const body = '{"jsonrpc":"2.0","id":1,"method":"chain_getHeader"}';
		assert.equal((await post(world, body, { 'content-type': 'text/plain' })).status, 415);
		assert.equal((await fetch(http(world), { method: 'PUT', body })).status, 405);
		assert.equal((await fetch(`${http(world)}/etc/passwd`)).status >= 400, true);
	});
});

test('requests above the size limit are refused, over HTTP and over a socket', async (world) => {
	const body = JSON.stringify({
		jsonrpc: '2.0',
		id: 1,
		method: 'author_submitExtrinsic',
		params: [`0x${'00'.repeat(LARGEST_REQUEST / 2 + 1024)}`],
	});
	assert.ok(body.length > LARGEST_REQUEST);
	await unchanged(world, async () => {
		// The node can end the connection before it has the whole body.
		const refusal = await post(world, body).then(
			({ status, text }) => `${status} ${text}`,
			({ cause }) => `${cause.code}`,
		);
		assert.match(refusal, /^413|-32007|EPIPE|ECONNRESET|UND_ERR_SOCKET/);
		const socket = await open(world);
		socket.send(body);
		// The node refuses it or ends the connection. Other connections stay open.
		const answer = await Promise.race([once(socket, 'message').then(String), once(socket, 'close').then(() => 'closed')]);
		assert.match(answer, /-32007|closed/);
		socket.terminate();
	});
});

test('sockets: binary frames, text that is not JSON, and broken frames are refused', async (world) => {
	await unchanged(world, async () => {
		const socket = await open(world);
		for (const message of [Buffer.from([0, 1, 2, 255]), 'no JSON', '', '[]']) {
			socket.send(message);
			assert.match(String(await once(socket, 'message')), /-32700|-32600/);
		}
		// Bytes that are not a frame.
		socket._socket.write(Buffer.alloc(64, 0xff));
		await once(socket, 'close');
	});
});

test('batches: a large one is answered, one whose answer is too large is refused', async (world) => {
	await unchanged(world, async () => {
		const batch = (count, method, params) =>
			JSON.stringify(Array.from({ length: count }, (_, id) => ({ jsonrpc: '2.0', id, method, params })));
		const many = await post(world, batch(5_000, 'system_doesNotExist', []));
		assert.equal(JSON.parse(many.text).length, 5_000);
		assert.ok(JSON.parse(many.text).every(({ error }) => error.code === -32601));
		// Two hundred times the metadata, which has hundreds of kilobytes.
		const { text } = await post(world, batch(200, 'state_getMetadata', []));
		assert.match(text.slice(0, 400), /-3201[01]|-32008|too large|too big|exceeded/i);
	});
});

test('subscriptions: a flood on one connection ends at its limit, and others are served', async (world) => {
	await unchanged(world, async () => {
		const socket = await open(world);
		const count = 1_100;
		const refused = [];
		const all = new Promise((resolve) => {
			let answers = 0;
			socket.on('message', (data) => {
				const { id, error } = JSON.parse(data);
				if (id === undefined) return;
				if (error) refused.push(error.code);
				if (++answers === count) resolve();
			});
		});
		for (let id = 0; id < count; id++) {
			socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'chain_subscribeNewHeads', params: [] }));
		}
		await all;
		// The node's default is 1 024 for each connection.
		assert.deepEqual(refused, Array.from({ length: count - 1_024 }, () => -32006));
		const other = await open(world);
		other.send('{"jsonrpc":"2.0","id":1,"method":"chain_subscribeNewHeads","params":[]}');
		const [answer] = await once(other, 'message');
		assert.equal(JSON.parse(answer).error, undefined);
		socket.terminate();
		other.terminate();
	});
});

test('exposure: RPC listens on loopback only, and unsafe methods are available there only', async (world) => {
	const listening = world.node.log.find((line) => line.includes('Running JSON-RPC server'));
	const addresses = /addr=(\S+)/.exec(listening)[1].split(',');
	for (const address of addresses) assert.match(address, /^(127\.0\.0\.1|\[::1\]):\d+$/);

	// The methods that a node offers to other machines if RPC is open to them.
	const { Node } = await import('../lib/node.mjs');
	const open = await Node.start({ sealing: 'instant', args: ['--rpc-methods', 'safe'] });
	try {
		const unsafe = {
			author_insertKey: ['babe', '//Alice', `0x${'00'.repeat(32)}`],
			author_rotateKeys: [],
			author_removeExtrinsic: [[]],
			author_hasKey: ['0x', 'babe'],
			system_addReservedPeer: ['/ip4/127.0.0.1/tcp/1'],
			system_addLogFilter: ['trace'],
			system_peers: [],
			offchain_localStorageSet: ['PERSISTENT', '0x00', '0x00'],
			state_traceBlock: [`0x${'00'.repeat(32)}`, null, null, null],
		};
		for (const [method, params] of Object.entries(unsafe)) {
			const { error } = await ask({ node: open }, method, params);
			assert.match(`${error?.message}`, /unsafe/i, `${method} is refused`);
		}
		assert.equal((await ask({ node: open }, 'system_health')).error, undefined);
	} finally {
		await open.stop();
	}
});

/** Opens a new socket. */
async function open({ node }) {
	const socket = new WebSocket(node.url);
	await once(socket, 'open');
	return socket;
}
