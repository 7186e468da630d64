/** The price band of the lottery, in percent of the fee. */
import { createResource } from 'solid-js';
import { useLive } from './page';

/** Returns the parameters of the lottery, when they are read. They are constants of the runtime. */
export function createBand() {
	const { chain, market } = useLive();
	const [parameters] = createResource(
		() => market()?.hash !== undefined,
		async () => (await chain.parameters(market()!.hash)).lottery,
	);
	return parameters;
}
