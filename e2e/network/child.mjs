/** Programs that run beside this one: what they say, and how they end. */
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * Appends what a child process says to a file, and tells each line.
 *
 * @param {import('node:child_process').ChildProcess} child with pipes for its output
 * @param {string} logFile
 * @param {(line: string) => void} onLine
 * @returns {Promise<string>} the reason when it has ended: a signal, a code, or why it never began
 */
export async function follow(child, logFile, onLine) {
	mkdirSync(dirname(logFile), { recursive: true });
	const file = createWriteStream(logFile, { flags: 'a' });
	for (const stream of [child.stdout, child.stderr]) {
		createInterface({ input: stream }).on('line', (line) => {
			file.write(`${line}\n`);
			onLine(line);
		});
	}
	const reason = await new Promise((resolve) => {
		child.once('error', (error) => resolve(error.message));
		child.once('close', (code, signal) => resolve(signal ?? `code ${code}`));
	});
	file.end();
	return reason;
}
