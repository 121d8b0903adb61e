import { appendFileSync, createReadStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LabelSet } from './logql/matchers.ts';
import type { Entry } from './logStore.ts';

/** Lines on disk, one append-only file for each day (UTC) on which they came, so that a restart keeps them. */
export class DayFiles {
  private readonly dir: string;
  constructor(dir: string) {
    this.dir = dir;
    mkdirSync(dir, { recursive: true });
  }

  append(rows: ReadonlyArray<{ labels: LabelSet; entry: Entry }>, now: Date): void {
    const text = rows
      .map(
        ({ labels, entry }) =>
          JSON.stringify([String(entry.ns), labels, entry.line, ...(entry.metadata ? [entry.metadata] : [])]) + '\n'
      )
      .join('');
    appendFileSync(join(this.dir, `${now.toISOString().slice(0, 10)}.jsonl`), text, { mode: 0o600 });
  }

  /** Reads all that is kept, oldest file first. A line cut off by a crash is passed over and counted. */
  async load(take: (labels: LabelSet, entry: Entry) => void): Promise<{ lines: number; broken: number }> {
    let lines = 0;
    let broken = 0;
    for (const file of this.files()) {
      for await (const row of createInterface({ input: createReadStream(join(this.dir, file)), crlfDelay: Infinity })) {
        const read = readRow(row);
        if (read) {
          take(...read);
          lines++;
        } else {
          broken++;
        }
      }
    }
    return { lines, broken };
  }

  /** Removes the files of days that ended before the retention. */
  expire(oldest: Date): void {
    const day = oldest.toISOString().slice(0, 10);
    this.files()
      .filter((file) => file.slice(0, 10) < day)
      .forEach((file) => rmSync(join(this.dir, file)));
  }

  private files(): string[] {
    return readdirSync(this.dir)
      .filter((file) => /^\d{4}-\d\d-\d\d\.jsonl$/.test(file))
      .sort();
  }
}

function readRow(row: string): [LabelSet, Entry] | null {
  try {
    const [ns, labels, line, metadata] = JSON.parse(row) as [string, LabelSet, string, LabelSet?];
    return [labels, { ns: BigInt(ns), line, ...(metadata ? { metadata } : {}) }];
  } catch {
    return null;
  }
}
