/** A field with its label, its limits and what is wrong with what was typed. */
import { createUniqueId, type JSX, Show } from 'solid-js';
import type { Parsed } from '../logic/amounts';

export function Field(props: {
	label: string;
	value: string;
	parsed: Parsed;
	onInput: (text: string) => void;
	unit?: string;
	children?: JSX.Element;
}) {
	const id = createUniqueId();
	const problem = () => (props.value.trim() === '' ? undefined : props.parsed.problem);
	return (
		<div class="field">
			<label for={id}>{props.label}</label>
			<div class="input-row">
				<input
					id={id}
					inputmode="decimal"
					autocomplete="off"
					value={props.value}
					aria-invalid={problem() ? 'true' : undefined}
					aria-describedby={`${id}-about`}
					onInput={(event) => props.onInput(event.currentTarget.value)}
				/>
				<Show when={props.unit}>
					<span class="quiet">{props.unit}</span>
				</Show>
			</div>
			<div id={`${id}-about`}>
				<Show when={problem()} fallback={<span class="quiet">{props.children}</span>}>
					{(text) => <span class="problem">{text()}</span>}
				</Show>
			</div>
		</div>
	);
}
