import { connect, createServer } from 'node:net';

/** A proxy for connections to a node, which tests can cut. */
export class TcpProxy {
	#server;
	#connections = new Set();
	#open = true;

	/** @param {number} target the node's port */
	static async to(target) {
		const proxy = new TcpProxy();
		proxy.#server = createServer((client) => {
			if (!proxy.#open) return client.destroy();
			const node = connect(target, '127.0.0.1');
			for (const [one, other] of [
				[client, node],
				[node, client],
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

	/** The number of connections. */
	get used() {
		return this.#connections.size / 2;
	}

	cut() {
		this.#open = false;
		for (const connection of this.#connections) connection.destroy();
	}

	restore() {
		this.#open = true;
	}

	close() {
		this.cut();
		this.#server.close();
	}
}
