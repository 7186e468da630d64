/** A figure with its name, in a list of figures. */
import type { JSX } from 'solid-js';

export function Figure(props: { name: string; testid?: string; class?: string; children: JSX.Element }) {
	return (
		<div>
			<dt>{props.name}</dt>
			<dd data-testid={props.testid} class={props.class}>
				{props.children}
			</dd>
		</div>
	);
}
