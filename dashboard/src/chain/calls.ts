/** Trying, signing and sending calls of the pool. */
import type { DispatchError, TransactionStatus } from 'dedot/codecs';
import type { NodeChain } from './node';
import type { ChainEvent, Included, Origin, PoolCall, Refusal, Signer, Simulation, Trial } from './types';

/** Returns the transaction of a call. A proxy's call is dispatched for the account that named the proxy. */
function transaction({ client }: NodeChain, call: PoolCall, { real }: Origin) {
	const inner = poolTransaction(client.tx.proverPool, call);
	return real === undefined ? inner : client.tx.proxy.proxy(real, undefined, inner.call);
}

function poolTransaction(pool: NodeChain['client']['tx']['proverPool'], call: PoolCall) {
	switch (call.call) {
		case 'stake':
			return pool.stake(call.amount, call.rewardPerGas, call.maxCapacity);
		case 'stakeExtra':
			return pool.stakeExtra(call.amount);
		case 'unstake':
			return pool.unstake(call.amount);
		case 'restake':
			return pool.restake(call.exit);
		case 'setTerms':
			return pool.setTerms(call.rewardPerGas, call.maxCapacity);
		case 'pause':
			return pool.pause();
		case 'resume':
			return pool.resume();
		case 'exit':
			return pool.exit();
		case 'withdraw':
			return pool.withdraw();
	}
}

/** Tries a call on the state of the best block: whether it succeeds, what it changes, and its fee. */
export async function tryCall(chain: NodeChain, call: PoolCall, origin: Origin): Promise<Trial> {
	const { client } = chain;
	const tx = transaction(chain, call, origin);
	const [result, simulation, info] = await Promise.all([
		client.call.callSimulationApi.simulateCall(origin.signer, tx.call),
		simulate(chain, call, origin.real ?? origin.signer),
		tx.paymentInfo(origin.signer),
	]);
	return {
		refusal: result.isErr ? refusal(chain, result.err) : undefined,
		simulation,
		fee: info.partialFee,
	};
}

/** Returns the account before and after a call, if the pool has a simulation of it and it succeeds. */
async function simulate(chain: NodeChain, call: PoolCall, who: string): Promise<Simulation | undefined> {
	const api = chain.client.call.proverPoolApi;
	const result = await (() => {
		switch (call.call) {
			case 'stake':
				return api.simulateStake(who, call.amount, call.rewardPerGas, call.maxCapacity);
			case 'unstake':
				return api.simulateUnstake(who, call.amount);
			case 'exit':
				return api.simulateExit(who);
			case 'withdraw':
				return api.simulateWithdraw(who);
			default:
				return undefined;
		}
	})();
	return result?.isOk ? chain.plain(result.value) : undefined;
}

/** Signs and sends a call, as `Chain.submit` says. */
export async function submit(
	chain: NodeChain,
	call: PoolCall,
	origin: Origin,
	signer: Signer,
	sent: () => void,
): Promise<Included | undefined> {
	const tx = transaction(chain, call, origin);
	if ('sign' in signer) {
		await tx.sign({ ...signer, address: origin.signer } as never);
	} else {
		await tx.sign(origin.signer, { signer: { signPayload: (payload: unknown) => askWallet(signer, payload) } as never });
	}
	// Otherwise the client would keep the transaction, and send it whenever the node is back.
	if (!chain.isConnected) throw new Error('The node does not answer. Nothing was sent: try again when it does.');
	return watch(chain, tx.toHex(), sent);
}

async function askWallet(signer: Extract<Signer, { signPayload: unknown }>, payload: unknown) {
	try {
		return await signer.signPayload(payload);
	} catch (cause) {
		throw new Error('The wallet did not sign. Nothing was sent.', { cause });
	}
}

/** Sends a transaction and waits for its block. The node forgets who waits when the connection breaks. */
function watch(chain: NodeChain, hex: `0x${string}`, sent: () => void): Promise<Included | undefined> {
	let unwatch: (() => Promise<unknown>) | undefined;
	let stopListening = () => {};
	let ended = false;
	const outcome = new Promise<Included | undefined>((resolve, reject) => {
		stopListening = chain.onDisconnected(() => resolve(undefined));
		const follow = ({ type, value }: { type: TransactionStatus['type']; value?: unknown }) => {
			if (ended) return;
			switch (type) {
				case 'Ready':
				case 'Future':
				case 'Broadcast':
					return sent();
				case 'InBlock':
					// Without an answer of the node it is as unknown as after a broken connection.
					return void included(chain, value as string, hex).then(resolve, () => resolve(undefined));
				case 'Usurped':
					return reject(new Error('Another transaction of this account took its place. Try again.'));
				case 'Dropped':
				case 'Invalid':
					return reject(new Error('The node dropped the transaction. Try again.'));
				case 'FinalityTimeout':
					return resolve(undefined);
			}
		};
		chain.client.rpc.author_submitAndWatchExtrinsic(hex, follow).then((end) => (unwatch = end), reject);
	});
	return outcome.finally(() => {
		ended = true;
		stopListening();
		// The node may be gone.
		unwatch?.().catch(() => {});
	});
}

async function included(chain: NodeChain, hash: string, hex: string): Promise<Included> {
	const [body, block] = await Promise.all([
		chain.client.rpc.chain_getBlock(hash as `0x${string}`),
		chain.block(hash),
	]);
	const index = body?.block.extrinsics.indexOf(hex as `0x${string}`) ?? -1;
	if (index < 0) throw new Error(`The node says that block ${hash} has the transaction, and it has not.`);
	const events = block.events.filter(({ extrinsic }) => extrinsic === index);
	return { blockNumber: block.number, refusal: refusalIn(chain, events), events };
}

/** Returns why a call failed. A proxy's transaction succeeds even if the call for the other account fails. */
function refusalIn(chain: NodeChain, events: ChainEvent[]): Refusal | undefined {
	for (const { name, data } of events) {
		if (name === 'System.ExtrinsicFailed') return refusal(chain, data.dispatchError as DispatchError);
		if (name === 'Proxy.ProxyExecuted' && data.result.isErr) return refusal(chain, data.result.err as DispatchError);
	}
	return undefined;
}

/** Returns the name of an error and the chain's own sentence. */
function refusal({ client }: NodeChain, error: DispatchError): Refusal {
	const meta = client.registry.findErrorMeta(error);
	if (meta) return { name: `${meta.pallet}.${meta.name}`, docs: meta.docs.join(' ') };
	const detail = (error as { value?: unknown }).value;
	const inner = typeof detail === 'string' ? detail : (detail as { type?: string } | undefined)?.type;
	return { name: inner ? `${error.type}.${inner}` : error.type, docs: '' };
}
