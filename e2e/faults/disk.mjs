/** Disks for one node, so that no other program is affected: one that can be full, one whose power can be cut. */
import {
	closeSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	rmSync,
	statfsSync,
	truncateSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../lib/program.mjs';

const CHUNK = Buffer.alloc(4096);

/** Shuts down the file system of a folder, without a flush of its journal: FS_IOC_SHUTDOWN of Linux. */
const SHUT_DOWN = `
import fcntl, os, struct, sys
IOCTL, NO_LOG_FLUSH = 0x8004587D, 2
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), IOCTL, struct.pack("I", NO_LOG_FLUSH))
`;

/** Runs a command as root, or with a sudo that asks for no password. */
function asRoot(...command) {
	const [program, ...args] = process.getuid() === 0 ? command : ['sudo', '-n', ...command];
	run(program, args);
}

/** Returns the reason why this machine cannot do something with a new folder; `null` if it can. */
function obstacleTo(what, attempt) {
	const folder = mkdtempSync(join(tmpdir(), 'prover-pool-disk-'));
	try {
		attempt(folder);
		return null;
	} catch ({ message }) {
		return `${what} needs root, or a sudo that asks for no password (${message})`;
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** A mounted tmpfs. */
export class SmallDisk {
	#ballast;

	/** Returns the reason why this machine cannot mount one; `null` if it can. */
	static obstacle() {
		return obstacleTo('mounting a small disk', (folder) => new SmallDisk(folder, 1).unmount());
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

/** A mounted ext4 file system in a file. */
export class JournaledDisk {
	#file;

	/** Returns the reason why this machine cannot have one; `null` if it can. */
	static obstacle() {
		return obstacleTo('cutting the power of a disk', (folder) => {
			const disk = new JournaledDisk(join(folder, 'disk'), 16);
			try {
				disk.cut();
				disk.remount();
			} finally {
				disk.unmount();
			}
		});
	}

	/** Creates a folder and mounts the disk there. Its file is beside the folder. */
	constructor(folder, megabytes) {
		this.folder = folder;
		this.#file = `${folder}.ext4`;
		mkdirSync(folder, { recursive: true });
		writeFileSync(this.#file, '');
		truncateSync(this.#file, megabytes * 2 ** 20);
		asRoot('mkfs.ext4', '-q', this.#file);
		this.#mount();
		asRoot('chmod', '0777', folder);
	}

	/** Cuts the power: the file system loses what it has not written, and does nothing more. */
	cut() {
		asRoot('python3', '-c', SHUT_DOWN, this.folder);
	}

	/** Mounts it again, which replays its journal. No program may use it. */
	remount() {
		this.unmount();
		this.#mount();
	}

	unmount() {
		asRoot('umount', this.folder);
	}

	#mount() {
		asRoot('mount', '-o', 'loop', this.#file, this.folder);
	}
}
