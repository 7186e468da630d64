/**
 * A whole career, clicked: stake, be drawn, serve, be slashed, change the terms, pause, leave, withdraw. Once with a
 * wallet extension, once with a development account, and some of it by a proxy.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { account } from '../../e2e/lib/accounts.mjs';
import { UNIT } from '../../e2e/lib/amounts.mjs';
import { Chain } from '../../e2e/lib/chain.mjs';
import { endOnSignals, Node } from '../../e2e/lib/node.mjs';
import { Rollup } from '../../e2e/lib/rollup.mjs';
import { eventually, exact, goTo, launch, open, picture, seriousFindings, serve } from './lib/page.mjs';

endOnSignals();
const SEALING = 300;
/** Large and cheap, so that nearly every draw is its own. */
const OFFER = { stake: '500000', price: '7500', capacity: '8' };
const EXIT_PERIOD = 12;
const [alice, bob, charlie, ferdie] = ['Alice', 'Bob', 'Charlie', 'Ferdie'].map(account);
const world = {};

before(async () => {
	world.node = await Node.start({ sealing: SEALING });
	world.chain = await Chain.connect(world.node.url);
	world.rollup = new Rollup(world.chain);
	const { chain } = world;
	for (const [name, value] of [['MinChangeDelay', 1], ['ExitPeriod', EXIT_PERIOD], ['SlashDeferral', 5], ['EntryDelay', 4]]) {
		await chain.setPoolParameter(name, value);
	}
	world.release = await serve({ rpc: world.node.url });
	world.development = await serve({ rpc: world.node.url, build: 'dist-development' });
	world.browser = await launch();
});

after(async () => {
	await world.browser?.close();
	await world.release?.close();
	await world.development?.close();
	await world.chain?.disconnect();
	await world.node?.stop();
});

/** What a wallet extension puts into each page. Signing happens outside, as in an extension. */
function installExtension({ address, name }) {
	window.injectedWeb3 = {
		'test-wallet': {
			version: '1.0.0',
			enable: async () => ({
				accounts: { get: async () => [{ address, name, type: 'sr25519' }], subscribe: () => () => {} },
				signer: {
					signPayload: (payload) => window.signInWallet(payload),
					signRaw: () => Promise.reject(new Error('not asked for')),
				},
			}),
		},
	};
}

/** Opens "My prover" with an extension that has this account. */
async function openWithExtension(pair, { name = 'Cold wallet', refuse = () => false } = {}) {
	const context = await world.browser.newContext({ colorScheme: 'dark', reducedMotion: 'reduce', viewport: { width: 1280, height: 1100 } });
	await context.addInitScript(installExtension, { address: pair.address, name });
	const page = await context.newPage();
	page.setDefaultTimeout(60_000);
	const complaints = [];
	page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
	page.on('pageerror', (error) => complaints.push(error.stack));
	await page.exposeFunction('signInWallet', (payload) => {
		if (refuse()) throw new Error('Cancelled');
		const extrinsic = world.chain.api.registry.createType('ExtrinsicPayload', payload, { version: payload.version });
		return { id: 1, ...extrinsic.sign(pair) };
	});
	await page.goto(`${world.release.url}#/mine`);
	await page.click('text=Connect test-wallet');
	await page.waitForSelector('[data-testid=free] data');
	return Object.assign(page, { complaints });
}

const box = (page, label) => page.locator(`.act[data-call="${label}"]`);

/** Tries a call and returns what the page says it would do. */
async function attempt(page, label) {
	await box(page, label).getByRole('button', { name: label, exact: true }).click();
	return box(page, label).locator('.review').textContent();
}

/** Makes a call: tries it, signs it, and waits for its block. Returns what the page says of the result. */
async function act(page, label) {
	await attempt(page, label);
	await box(page, label).getByRole('button', { name: 'Sign and send' }).click();
	return page.locator('[data-testid=done]').first().textContent();
}

/** Fills in a field of a card by its label. */
const fill = (page, label, value) => page.getByLabel(label, { exact: true }).first().fill(value);

/** Proposes blocks until one is assigned to this account. Returns the block. */
async function drawFor(address) {
	for (let i = 0; i < 20; i++) {
		const proposed = await world.rollup.propose(bob);
		const draw = await world.rollup.drawn(proposed);
		if (draw.data.prover === address) return proposed;
		// Others prove theirs at once, so that nothing waits for them.
		const prover = ['Charlie', 'Dave', 'Eve'].map(account).find((pair) => pair.address === draw.data.prover);
		if (prover) await world.rollup.prove(prover, proposed);
	}
	throw new Error('it was not drawn in 20 draws');
}

const staker = (address) => world.chain.pool('getStaker', address);

/** Lives the whole career on a page that is connected. `pair` proves outside of the page, as a daemon does. */
async function career(page, pair) {
	const { address } = pair;
	const { chain, rollup } = world;

	// Stake, with the result in words before the signature.
	await fill(page, 'Stake', OFFER.stake);
	await fill(page, 'Price per gas', OFFER.price);
	await fill(page, 'Capacity', OFFER.capacity);
	await page.waitForSelector('[data-testid=offered-odds] data');
	const odds = await exact(page, '[data-testid=offered-odds]');
	assert.ok(odds > 9n * 10n ** 17n, `odds of ${odds}`);
	const words = await attempt(page, 'Stake');
	assert.match(words, /takes slot 4 with 500\s000\sUNIT, at 7\s500 per gas, for 8\sblocks at once/);
	assert.match(words, /The fee is/);
	await picture(page, 'my-prover');
	assert.deepEqual(await seriousFindings(page), []);
	await box(page, 'Stake').getByRole('button', { name: 'Sign and send' }).click();
	await page.waitForSelector('[data-testid=own-stake] data');
	assert.equal(await exact(page, '[data-testid=own-stake]'), 500_000n * UNIT);
	assert.equal((await staker(address)).held, 500_000n * UNIT);
	assert.equal(await exact(page, '[data-testid=own-price]'), 7_500n);

	// Drawn, and served.
	await chain.event('ProverPool.OfferListed', { who: address });
	const served = await drawFor(address);
	await page.waitForSelector(`.duties >> text=Block ${served.blockId}`);
	await rollup.prove(pair, served);
	await rollup.verified(served.blockId);
	await eventually('the record has it', async () => (await staker(address)).record.served === 1);

	// Drawn, and slashed: its window passes, and another proves it.
	const missed = await drawFor(address);
	await page.waitForSelector(`.duties >> text=Block ${missed.blockId}`);
	const { deadline } = (await rollup.block(missed.blockId)).status.Assigned;
	await page.waitForSelector('text=overdue: anybody may prove it now');
	await eventually('the window is over', async () => (await rollup.timeAt(chain.head)) > deadline);
	await rollup.prove(charlie, missed);
	await rollup.verified(missed.blockId);
	const { data: slash } = await chain.event('ProverPool.Slashed', { who: address });
	const left = 500_000n * UNIT - slash.fromStake;
	await eventually('the page shows the stake that is left', async () => (await exact(page, '[data-testid=own-stake]')) === left);

	// Other terms, more stake, less stake.
	await fill(page, 'Price per gas', '8000');
	assert.match(await act(page, 'Change the terms'), /now asks 8\s000 per gas/);
	await eventually('the page shows the price', async () => (await exact(page, '[data-testid=own-price]')) === 8_000n);
	await fill(page, 'Amount', '12.000000000001');
	await attempt(page, 'Add to the stake');
	await box(page, 'Add to the stake').getByRole('button', { name: 'Sign and send' }).click();
	const more = left + 12n * UNIT + 1n;
	await eventually('the page shows all of the stake', async () => (await exact(page, '[data-testid=own-stake]')) === more);
	assert.equal((await staker(address)).prover.offer.stake, more);

	// Pause and resume.
	await attempt(page, 'Pause');
	await box(page, 'Pause').getByRole('button', { name: 'Sign and send' }).click();
	await page.waitForSelector('.act[data-call=Resume]');
	assert.equal((await staker(address)).prover.offer.paused, true);
	await attempt(page, 'Resume');
	await box(page, 'Resume').getByRole('button', { name: 'Sign and send' }).click();
	await page.waitForSelector('.act[data-call=Pause]');

	// Leave. The exit has a countdown, and says why it cannot be withdrawn yet.
	assert.match(await attempt(page, 'Leave the pool'), /can be withdrawn after block/);
	await box(page, 'Leave the pool').getByRole('button', { name: 'Sign and send' }).click();
	await page.waitForSelector('#exits-title');
	const [exit] = (await staker(address)).exits;
	assert.equal(exit.amount, more);
	await box(page, 'Withdraw what is free').getByRole('button').click();
	assert.match(
		await page.textContent('[data-testid=refusal]'),
		new RegExp(`It is allowed from block ${exit.maturesAt + 1} on, in \\d+\\sblocks?\\.`),
	);

	// Withdraw.
	await page.waitForSelector('text=can be withdrawn');
	await attempt(page, 'Withdraw what is free');
	await box(page, 'Withdraw what is free').getByRole('button', { name: 'Sign and send' }).click();
	await eventually('nothing is held', async () => (await exact(page, '[data-testid=held]')) === 0n);
	assert.equal((await staker(address)).held, 0n);
	const { free } = await chain.balanceOf(address);
	await eventually('the page shows all free tokens', async () => (await exact(page, '[data-testid=free]')) === free);
	assert.deepEqual(page.complaints, []);
}

test('a whole career with a wallet extension', async () => {
	const page = await openWithExtension(ferdie);
	await career(page, ferdie);
	await page.context().close();
});

test('a whole career with a development account', async () => {
	const page = await open(world.browser, `${world.development.url}#/mine`, { viewport: { width: 1280, height: 1100 } });
	await page.click('text=Use a development account');
	await page.selectOption('#signer', ferdie.address);
	await page.waitForSelector('[data-testid=free] data');
	await career(page, ferdie);
	await page.context().close();
});

test('a proxy acts for another account, and the page refuses a stranger', async () => {
	const { chain } = world;
	const page = await open(world.browser, `${world.development.url}#/mine`);
	await page.click('text=Use a development account');
	await page.selectOption('#signer', bob.address);
	await page.click('summary');
	const other = page.getByLabel('Address of the other account');
	await other.fill('no address');
	await page.click('text=Act for it');
	await page.waitForSelector('text=This is not an address of an account.');
	await other.fill(charlie.address);
	await page.click('text=Act for it');
	await page.waitForSelector('text=It has not named this account as a proxy for staking');
	await box(page, 'Pause').getByRole('button').click();
	assert.match(await page.textContent('[data-testid=refusal]'), /has to name this key as its proxy first/);

	await chain.ok(charlie, chain.api.tx.proxy.addProxy(bob.address, 'Staking', 0));
	await page.click('text=Act for yourself');
	await page.click('summary');
	await page.getByLabel('Address of the other account').fill(charlie.address);
	await page.click('text=Act for it');
	await page.waitForSelector('text=You act for');
	await attempt(page, 'Pause');
	await box(page, 'Pause').getByRole('button', { name: 'Sign and send' }).click();
	await page.waitForSelector('.act[data-call=Resume]');
	assert.equal((await staker(charlie.address)).prover.offer.paused, true);
	assert.deepEqual(page.complaints, []);
	await page.context().close();
});

test('every refusal says what to do, and nothing is sent', async () => {
	const { chain } = world;
	await chain.setPoolParameter('MinChangeDelay', 600);
	let refused = false;
	const page = await openWithExtension(alice, { refuse: () => (refused = true) });
	const nonce = async () => (await chain.api.rpc.system.accountNextIndex(alice.address)).toNumber();
	const before = await nonce();
	// What was typed is wrong: the field says so, and there is nothing to click.
	await fill(page, 'Capacity', '3');
	await page.waitForSelector('text=At least 4.');
	assert.equal(await box(page, 'Stake').getByRole('button').isDisabled(), true);
	await fill(page, 'Capacity', '4');
	await fill(page, 'Stake', '39.999999999999');
	await page.waitForSelector('text=At least 40 UNIT for this capacity.');
	// More than there is.
	await fill(page, 'Stake', '90000000');
	await box(page, 'Stake').getByRole('button').click();
	assert.match(await page.textContent('[data-testid=refusal]'), /Stake less, or send the account tokens\./);
	// The wallet refuses.
	await fill(page, 'Stake', '40');
	await attempt(page, 'Stake');
	await box(page, 'Stake').getByRole('button', { name: 'Sign and send' }).click();
	await page.waitForSelector('text=The wallet did not sign. Nothing was sent.');
	assert.equal(refused, true);
	assert.equal(await nonce(), before);
	await page.context().close();

	// The page names the block from which a member may leave.
	const member = await openWithExtension(charlie);
	const { prover } = await staker(charlie.address);
	const from = prover.enteredAt + 600 + 1;
	assert.match(await member.textContent('[data-testid=leave-note]'), new RegExp(`You may leave from block ${from} on`));
	await box(member, 'Leave the pool').getByRole('button').click();
	assert.match(await member.textContent('[data-testid=refusal]'), new RegExp(`It is allowed from block ${from} on`));
	await member.context().close();
});

test('what a wallet or a node sends is text, whatever it looks like', async () => {
	const page = await openWithExtension(bob, { name: '<img src=x onerror="document.title=\'owned\'">' });
	assert.match(await page.textContent('#signer option'), /<img src=x/);
	await goTo(page, `#/prover/${encodeURIComponent('"><script>document.title="owned"</script>')}`);
	await page.waitForSelector('text=This is not an address of an account');
	assert.doesNotMatch(await page.title(), /owned/);
	await page.context().close();
});

test('a release without an extension says how to get a wallet, and has no development accounts', async () => {
	const page = await open(world.browser, `${world.release.url}#/mine`);
	await page.waitForSelector('text=No wallet extension was found');
	assert.equal(await page.locator('text=Use a development account').count(), 0);
	await page.fill('#any-address', charlie.address);
	await page.getByRole('button', { name: 'Look', exact: true }).click();
	await page.waitForSelector('[data-testid=stake] data');
	assert.equal(await exact(page, '[data-testid=stake]'), 1_000n * UNIT);
	await page.context().close();
});
