/** A small disk for one node: a mounted tmpfs, so that no other program is affected when it is full. */
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, rmdirSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../lib/program.mjs';

const CHUNK = Buffer.alloc(4096);

/** Runs a command as root, or with a sudo that asks for no password. */
function asRoot(...command) {
	const [program, ...args] = process.getuid() === 0 ? command : ['sudo', '-n', ...command];
	run(program, args);
}

export class SmallDisk {
	#ballast;

	/** Returns the reason why this machine cannot mount one; `null` if it can. */
	static obstacle() {
		const folder = mkdtempSync(join(tmpdir(), 'prover-pool-disk-'));
		try {
			new SmallDisk(folder, 1).unmount();
			return null;
		} catch ({ message }) {
			return `mounting a small disk needs root, or a sudo that asks for no password (${message})`;
		} finally {
			rmdirSync(folder);
		}
	}

	/** Creates a folder and mounts the disk there. */
	constructor(folder, megabytes) {
		this.folder = folder;
		this.#ballast = join(folder, 'ballast');
		mkdirSync(folder, { recursive: true });
		const options = `size=${megabytes}m,mode=0777`;
		asRoot('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder);
	}

	/** Fills the disk up to this number of free megabytes, with never less than that free. */
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

	/** Frees the space again. */
	free() {
		rmSync(this.#ballast, { force: true });
	}

	unmount() {
		asRoot('umount', this.folder);
	}
}
