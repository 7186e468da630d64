/** A small disk for one node: memory that is mounted, so that it can be full without harm to others. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const CHUNK = Buffer.alloc(4096);

/** As root, or by a sudo that asks for nothing. */
function asRoot(...command) {
	const words = process.getuid() === 0 ? command : ['sudo', '-n', ...command];
	const { status, stderr, error } = spawnSync(words[0], words.slice(1), { encoding: 'utf8' });
	const reason = error?.message ?? stderr.trim();
	if (status !== 0) {
		throw new Error(
			`\`${words.join(' ')}\` failed: ${reason}. A full disk is tried on a disk of its own, ` +
				'and to mount one takes root, or a sudo that asks for no password',
		);
	}
}

export class SmallDisk {
	#ballast;

	/** Mounts it at a folder, which is made. */
	constructor(folder, megabytes) {
		this.folder = folder;
		this.#ballast = join(folder, 'ballast');
		mkdirSync(folder, { recursive: true });
		const options = `size=${megabytes}m,mode=0777`;
		asRoot('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder);
	}

	/** Leaves no room at all. @returns {number} how many bytes that took */
	fill() {
		const file = openSync(this.#ballast, 'a');
		try {
			for (let written = 0; ; written += CHUNK.length) {
				try {
					writeSync(file, CHUNK);
				} catch (error) {
					if (error.code === 'ENOSPC') return written;
					throw error;
				}
			}
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
