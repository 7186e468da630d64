/** A small disk for one node: memory that is mounted, so that it can be full without harm to others. */
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, rmdirSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../lib/program.mjs';

const CHUNK = Buffer.alloc(4096);

/** As root, or by a sudo that asks for nothing. */
function asRoot(...command) {
	const [program, ...args] = process.getuid() === 0 ? command : ['sudo', '-n', ...command];
	run(program, args);
}

export class SmallDisk {
	#ballast;

	/** Why there can be none here; `null` if there can. */
	static obstacle() {
		const folder = mkdtempSync(join(tmpdir(), 'prover-pool-disk-'));
		try {
			new SmallDisk(folder, 1).unmount();
			return null;
		} catch ({ message }) {
			return `to mount a small disk takes root, or a sudo that asks for no password (${message})`;
		} finally {
			rmdirSync(folder);
		}
	}

	/** Mounts it at a folder, which is made. */
	constructor(folder, megabytes) {
		this.folder = folder;
		this.#ballast = join(folder, 'ballast');
		mkdirSync(folder, { recursive: true });
		const options = `size=${megabytes}m,mode=0777`;
		asRoot('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder);
	}

	/** Leaves no room, or this many megabytes: never less than that for a moment. */
	fill(left = 0) {
		const file = openSync(this.#ballast, 'a');
		try {
			const { bavail, bsize } = statfsSync(this.folder);
			const chunks = left === 0 ? Infinity : Math.floor((bavail * bsize - (left << 20)) / CHUNK.length);
			for (let i = 0; i < chunks; i++) writeSync(file, CHUNK);
		} catch (error) {
			if (left > 0 || error.code !== 'ENOSPC') throw error;
		} finally {
			closeSync(file);
		}
	}

	/** Makes room again. */
	free() {
		rmSync(this.#ballast, { force: true });
	}

	unmount() {
		asRoot('umount', this.folder);
	}
}
