/** What happened last, in sentences. */
import { createMemo, For, Show } from 'solid-js';
import type { ChainBlock, ChainEvent } from '../chain/types';
import { count, whole } from '../logic/amounts';
import { type Sentence, sentenceOf } from '../logic/sentences';
import { link } from '../route';
import { useLive } from './page';
import { Parts } from './values';

export interface Line {
	number: number;
	time: number;
	event: ChainEvent;
	sentence: Sentence;
}

/** The lines that were made before, so that a line stays the same element when others come. */
const made = new WeakMap<ChainEvent, Line>();

function lineOf({ number, time, events }: ChainBlock, event: ChainEvent): Line | undefined {
	const known = made.get(event);
	if (known) return known;
	const sentence = sentenceOf(event, events);
	if (!sentence) return undefined;
	const line = { number, time, event, sentence };
	made.set(event, line);
	return line;
}

/** Returns the sentences of blocks, latest first. */
export function linesOf(blocks: ChainBlock[], most: number, wanted?: (event: ChainEvent) => boolean): Line[] {
	const lines: Line[] = [];
	for (let i = blocks.length - 1; i >= 0 && lines.length < most; i--) {
		for (const event of [...blocks[i].events].reverse()) {
			if (wanted && !wanted(event)) continue;
			const line = lineOf(blocks[i], event);
			if (line) lines.push(line);
		}
	}
	return lines.slice(0, most);
}

const SHOWN = 60;

export function Ticker() {
	const live = useLive();
	const lines = createMemo(() => linesOf(live.blocks(), SHOWN));
	return (
		<section class="card ticker" aria-labelledby="ticker-title">
			<header class="card-head">
				<h2 id="ticker-title">What happens</h2>
				<Show when={live.discarded()[0]}>
					{(first) => (
						<p class="quiet">
							Another branch has replaced {count(live.discarded().length, 'block')} from #{whole(first().number)} on.
						</p>
					)}
				</Show>
				<Show when={live.readingBack()}>
					<p class="quiet">reading earlier blocks …</p>
				</Show>
			</header>
			<Lines of={lines()} empty="Nothing has happened yet." />
		</section>
	);
}

/** A list of sentences. A list that scrolls can be reached by the keyboard. */
export function Lines(props: { of: Line[]; empty: string }) {
	return (
		<Show when={props.of.length > 0} fallback={<p class="quiet">{props.empty}</p>}>
			<ol class="lines" tabindex="0" aria-label="Events, latest first">
				<For each={props.of}>
					{({ number, sentence }) => (
						<li class="line" data-tone={sentence.tone}>
							<span class="line-number" title={`Block ${number} of the chain`}>
								#{whole(number)}
							</span>
							<span class="tag" data-tone={sentence.tone}>
								{sentence.what}
							</span>
							<span class="line-text">
								<Show when={sentence.block !== undefined}>
									<a class="line-block" href={link.block(sentence.block!)}>
										Block {whole(sentence.block!)}
									</a>{' '}
								</Show>
								<Parts of={sentence.parts} />
							</span>
						</li>
					)}
				</For>
			</ol>
		</Show>
	);
}
