import { Show } from 'solid-js';

/** Stands where something will be when it is read. */
export function Reading(props: { what?: string }) {
	return (
		<p class="quiet" aria-busy="true">
			Reading {props.what ?? ''} …
		</p>
	);
}

/** Says that something could not be read. */
export function Unread(props: { problem: string | undefined }) {
	return <Show when={props.problem}>{(text) => <p class="note" data-tone="warn">{text()}</p>}</Show>;
}
