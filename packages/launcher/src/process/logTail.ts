import { closeSync, existsSync, fstatSync, openSync, readSync, statSync, truncateSync } from 'node:fs';

/** The last `count` lines of a log after byte `from`, for a message to a person. Empty when there is no log. */
export function lastLines(path: string, count: number, from = 0): string[] {
  if (!existsSync(path)) {
    return [];
  }
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    const length = Math.min(Math.max(size - from, 0), 16_384);
    const buffer = Buffer.alloc(length);
    readSync(file, buffer, 0, length, size - length);
    const lines = buffer
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
    return lines.slice(-count).map((line) => (line.length > 300 ? `${line.slice(0, 300)}…` : line));
  } finally {
    closeSync(file);
  }
}

/** Empties a log that has grown beyond `limitBytes`. The writers append, so they go on at its start. */
export function capLog(path: string, limitBytes: number): void {
  try {
    if (statSync(path).size > limitBytes) {
      truncateSync(path);
    }
  } catch {
    // Not written yet: nothing to cap.
  }
}
