import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

const MOST_BYTES = 16_384;

/** Remembers where the error log ends now. The answer reads what nginx has added since, 16 KiB at most; '' when nothing. */
export function watchErrorLog(path: string): () => string {
  const from = sizeOf(path);
  return () => readFrom(path, from);
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

function readFrom(path: string, from: number): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const length = Math.min(Math.max(fstatSync(file).size - from, 0), MOST_BYTES);
    const buffer = Buffer.alloc(length);
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, length, from)).trim();
  } finally {
    closeSync(file);
  }
}
