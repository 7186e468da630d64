/** A table. Where it is wider than the window, it scrolls within its region, which the keyboard reaches, too. */
import { For, type JSX } from 'solid-js';

export interface Column<Row> {
	name: string;
	cell: (row: Row) => JSX.Element;
	/** Whether its cells are numbers, which end at the same edge. */
	number?: boolean;
	/** The class of its cells. */
	class?: string;
}

export function Table<Row>(props: {
	/** What it lists, for screen readers. */
	label: string;
	columns: Column<Row>[];
	rows: Row[];
	/** The attributes of a row. */
	attributes?: (row: Row) => Record<string, string>;
}) {
	return (
		<div class="table-scroll" tabindex="0" role="region" aria-label={props.label}>
			<table>
				<thead>
					<tr>
						<For each={props.columns}>
							{({ name, number }) => (
								<th scope="col" class={number ? 'number-cell' : undefined}>
									{name}
								</th>
							)}
						</For>
					</tr>
				</thead>
				<tbody>
					<For each={props.rows}>
						{(row) => (
							<tr {...props.attributes?.(row)}>
								<For each={props.columns}>
									{(column) => <td class={column.number ? 'number-cell' : column.class}>{column.cell(row)}</td>}
								</For>
							</tr>
						)}
					</For>
				</tbody>
			</table>
		</div>
	);
}
