import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A file of one JSON value per line, appended to as things happen and read back at the next start. */
export interface JsonLines {
  /** What the file holds; lines that are no JSON (a write was cut off) are left out. */
  read(): unknown[];
  append(value: unknown): void;
}

export function openJsonLines(path: string): JsonLines {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return {
    read: () => readIfThere(path).split('\n').flatMap(parseLine),
    append: (value) => appendFileSync(path, `${JSON.stringify(value)}\n`, { mode: 0o600 }),
  };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return '';
    }
    throw error;
  }
}

function parseLine(line: string): unknown[] {
  try {
    return line === '' ? [] : [JSON.parse(line)];
  } catch {
    return [];
  }
}
