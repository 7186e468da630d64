import { connect, createServer } from 'node:net';

/** A connection to a node that can be cut. */
export class TcpProxy {
	#server;
	#connections = new Set();
	#open = true;

	/** @param {number} target the node's port */
	static async to(target) {
		const proxy = new TcpProxy();
		proxy.#server = createServer((near) => {
			if (!proxy.#open) return near.destroy();
			const far = connect(target, '127.0.0.1');
			for (const [one, other] of [
				[near, far],
				[far, near],
			]) {
				proxy.#connections.add(one);
				one.pipe(other);
				one.on('error', () => other.destroy());
				one.on('close', () => proxy.#connections.delete(one) && other.destroy());
			}
		});
		await new Promise((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
		proxy.url = `ws://127.0.0.1:${proxy.#server.address().port}`;
		return proxy;
	}

	/** How many connections there are. */
	get used() {
		return this.#connections.size / 2;
	}

	cut() {
		this.#open = false;
		for (const connection of this.#connections) connection.destroy();
	}

	mend() {
		this.#open = true;
	}

	close() {
		this.cut();
		this.#server.close();
	}
}
