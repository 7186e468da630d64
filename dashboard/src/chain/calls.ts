/** Trying, signing and sending calls of the pool. */
import type { DispatchError } from 'dedot/codecs';
import type { ISubmittableResult } from 'dedot/types';
import { plainEvents } from './events';
import type { NodeChain } from './node';
import type { Included, Origin, PoolCall, Refusal, Signer, Simulation, Trial } from './types';

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
		case 'withdrawFor':
			return pool.withdrawFor(call.who);
		case 'applySlash':
			return pool.applySlash(call.blockId);
		case 'dischargeProver':
			return pool.dischargeProver(call.blockId);
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

/** Signs and sends a call. Returns when a block includes it. */
export async function submit(
	chain: NodeChain,
	call: PoolCall,
	origin: Origin,
	signer: Signer,
	sent: () => void,
): Promise<Included> {
	const tx = transaction(chain, call, origin);
	if ('sign' in signer) {
		await tx.sign({ ...signer, address: origin.signer } as never);
	} else {
		await tx.sign(origin.signer, { signer: signer as never });
	}
	return new Promise((resolve, reject) => {
		tx.send((result) => {
			const { status } = result;
			if (status.type === 'Validated' || status.type === 'Broadcasting') sent();
			if (status.type === 'BestChainBlockIncluded') resolve(included(chain, result));
			if (status.type === 'Invalid' || status.type === 'Drop') {
				reject(new Error(`The node dropped the transaction: ${status.value.error}. Try again.`));
			}
		}).catch(reject);
	});
}

function included(chain: NodeChain, { status, dispatchError, events }: ISubmittableResult): Included {
	const blockNumber = status.type === 'BestChainBlockIncluded' ? status.value.blockNumber : 0;
	const plain = plainEvents(chain.plain(events) as never);
	return {
		blockNumber,
		refusal: (dispatchError && refusal(chain, dispatchError)) ?? refusalOfProxied(chain, events),
		events: plain,
		fee: plain.find((event) => event.name === 'TransactionPayment.TransactionFeePaid')?.data.actualFee,
	};
}

/** A proxy's call succeeds even if the call for the other account fails. */
function refusalOfProxied(chain: NodeChain, events: ISubmittableResult['events']): Refusal | undefined {
	for (const { event } of events) {
		if (!chain.client.events.proxy.ProxyExecuted.is(event as never)) continue;
		const { result } = (event as never as { palletEvent: { data: { result: { isErr: boolean; err: DispatchError } } } })
			.palletEvent.data;
		if (result.isErr) return refusal(chain, result.err);
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
