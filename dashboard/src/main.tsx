/** Starts the page: finds the node, connects, shows the screens. */
import { render } from 'solid-js/web';
import { App } from './app';
import { connect } from './chain/node';
import { createLive } from './live/live';
import { hasHistory, noticesOf, problemOf, readSettings } from './settings';
import './style/base.css';
import './style/parts.css';
import './style/market.css';
import './style/screens.css';

const root = document.getElementById('app') as HTMLElement;

function announce(text: string) {
	const box = document.createElement('main');
	box.className = 'announcement';
	box.setAttribute('role', 'status');
	box.textContent = text;
	root.replaceChildren(box);
}

async function start() {
	const settings = await readSettings();
	const { rpc } = settings;
	const problem = problemOf(rpc);
	if (problem) return announce(problem);
	announce(`Connecting to ${rpc} …`);
	let forbidden = false;
	addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
		forbidden ||= effectiveDirective === 'connect-src';
	});
	const waiting = () =>
		announce(
			forbidden
				? `The server of this page allows it to connect to its own node only, not to ${rpc}. Remove ?rpc= from the address, or open a copy of the page elsewhere.`
				: `No node answers at ${rpc}. Trying again. Start a node there, or add ?rpc=wss://… with the address of another.`,
		);
	const chain = await connect(rpc, waiting);
	const { genesisHash } = chain.info;
	root.replaceChildren();
	render(() => {
		// Not in the attribute, which is computed again each time that it is read.
		const live = createLive(chain);
		return <App live={live} history={hasHistory(settings, genesisHash)} notices={noticesOf(settings, genesisHash)} />;
	}, root);
}

start().catch((error: Error) => announce(`The chain could not be read: ${error.message}`));
