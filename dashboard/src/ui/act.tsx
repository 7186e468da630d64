/** A call of the pool: tried first, said in words, then signed, sent, and its result said in words. */
import { createSignal, For, Show } from 'solid-js';
import type { Origin, PoolCall, PoolParameters, StakerRow, Trial } from '../chain/types';
import { account } from '../live/account';
import { failureInWords, refusalInWords } from '../logic/advice';
import { whole } from '../logic/amounts';
import { type Sentence, sentenceOf } from '../logic/sentences';
import { inWords } from '../logic/simulation';
import { useLive } from './page';
import { Account, Amount, Parts } from './values';

type State =
	| { step: 'idle' }
	| { step: 'trying' | 'signing' | 'sent' }
	| { step: 'tried'; call: PoolCall; origin: Origin; trial: Trial }
	| { step: 'done'; sentences: Sentence[]; block: number }
	| { step: 'failed'; reason: string; advice: string }
	/** It was sent, and nobody knows whether a block includes it. */
	| { step: 'unknown'; account: string };

export function Act(props: {
	/** The call, or nothing if what was typed is not one. */
	call: () => PoolCall | undefined;
	label: string;
	primary?: boolean;
	staker: StakerRow;
	pool: PoolParameters;
}) {
	const { chain, market } = useLive();
	const [state, setState] = createSignal<State>({ step: 'idle' });
	const context = () => ({ staker: props.staker, pool: props.pool, clock: market()!.poolClock });
	const busy = () => ['trying', 'signing', 'sent'].includes(state().step);
	/** Returns the state if it is at this step. */
	const at = <Step extends State['step']>(step: Step) => {
		const now = state();
		return now.step === step ? (now as Extract<State, { step: Step }>) : undefined;
	};

	async function attempt() {
		const [call, origin] = [props.call(), account.origin()];
		if (!call || !origin) return;
		setState({ step: 'trying' });
		try {
			const trial = await chain.tryCall(call, origin);
			if (trial.refusal) setState({ step: 'failed', ...refusalInWords(trial.refusal, context()) });
			else setState({ step: 'tried', call, origin, trial });
		} catch (error) {
			setState({ step: 'failed', reason: failureInWords(error), advice: '' });
		}
	}

	async function send({ call, origin }: { call: PoolCall; origin: Origin }) {
		setState({ step: 'signing' });
		try {
			const signer = account.signerOf(origin, chain);
			const included = await chain.submit(call, origin, signer, () => setState({ step: 'sent' }));
			if (!included) {
				setState({ step: 'unknown', account: origin.real ?? origin.signer });
				return;
			}
			if (included.refusal) {
				setState({ step: 'failed', ...refusalInWords(included.refusal, context()) });
				return;
			}
			const sentences = included.events
				.map((event) => sentenceOf(event, included.events))
				.filter((sentence) => sentence !== undefined);
			setState({ step: 'done', sentences, block: included.blockNumber });
		} catch (error) {
			setState({ step: 'failed', reason: failureInWords(error), advice: '' });
		}
	}

	return (
		<div class="act" data-call={props.label}>
			<Show when={!at('tried')}>
				<button
					type="button"
					class={props.primary ? 'primary' : ''}
					disabled={busy() || props.call() === undefined}
					onClick={attempt}
				>
					{props.label}
				</button>
			</Show>
			<div role="status" aria-live="polite">
				<Show when={state().step === 'trying'}>
					<p class="quiet">Trying it on the latest block …</p>
				</Show>
				<Show when={state().step === 'signing'}>
					<p class="quiet">Waiting for the signature …</p>
				</Show>
				<Show when={state().step === 'sent'}>
					<p class="quiet">Sent. Waiting for a block …</p>
				</Show>
				<Show when={at('tried')}>
					{(now) => (
						<div class="note review">
							<p>
								<b>What it would do:</b>
							</p>
							<ul>
								<For each={inWords(now().call, now().trial.simulation, { pool: props.pool, clock: market()!.poolClock })}>
									{(parts) => (
										<li>
											<Parts of={parts} />
										</li>
									)}
								</For>
								<li>
									The fee is <Amount of={now().trial.fee} />.
								</li>
							</ul>
							<div class="choices">
								<button type="button" class="primary" onClick={() => send(now())}>
									Sign and send
								</button>
								<button type="button" onClick={() => setState({ step: 'idle' })}>
									Do not
								</button>
							</div>
						</div>
					)}
				</Show>
				<Show when={at('failed')}>
					{(why) => (
						<p class="note" data-tone="bad" data-testid="refusal">
							{why().reason} {why().advice}
						</p>
					)}
				</Show>
				<Show when={at('unknown')}>
					{(lost) => (
						<p class="note" data-tone="warn" data-testid="unknown">
							The connection broke after the transaction was sent. It may have been included: when the node answers again, look
							at what <Account of={lost().account} /> did, and send it again only if it is not there.
						</p>
					)}
				</Show>
				<Show when={at('done')}>
					{(result) => (
						<p class="note" data-tone="good" data-testid="done">
							<For each={result().sentences}>
								{(sentence) => (
									<>
										<Parts of={sentence.parts} />.{' '}
									</>
								)}
							</For>
							In block {whole(result().block)}.
						</p>
					)}
				</Show>
			</div>
		</div>
	);
}
