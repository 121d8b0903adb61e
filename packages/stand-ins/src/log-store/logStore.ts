import { type LabelSet, matcherOf } from './logql/matchers.ts';
import type { Matcher } from './logql/query.ts';

/** A line at its time: nanoseconds since 1970. */
export interface Entry {
  ns: bigint;
  line: string;
  /** Labels of this line alone: Loki's structured metadata. */
  metadata?: LabelSet;
}

export interface Stream {
  labels: LabelSet;
  /** Oldest first. */
  entries: Entry[];
}

export interface Limits {
  maxBytes: number;
  retentionMs: number;
}

/** Streams in memory, bounded in bytes and age; the oldest lines go first. */
export class LogStore {
  private readonly streams = new Map<string, Stream>();
  private readonly limits: Limits;
  private bytes = 0;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** Adds a line. Answers false for one that is there already (same stream, time and text), which changes nothing. */
  add(labels: LabelSet, entry: Entry): boolean {
    const key = keyOf(labels);
    const stream = this.streams.get(key) ?? { labels, entries: [] };
    this.streams.set(key, stream);
    const at = positionAfter(stream.entries, entry.ns);
    for (let before = at - 1; before >= 0 && stream.entries[before]?.ns === entry.ns; before--) {
      if (stream.entries[before]?.line === entry.line) {
        return false;
      }
    }
    stream.entries.splice(at, 0, entry);
    this.bytes += size(entry);
    while (this.bytes > this.limits.maxBytes && this.dropOldest()) {
      // One line at a time: a single large one may make room enough.
    }
    return true;
  }

  select(matchers: readonly Matcher[]): Stream[] {
    const matches = matcherOf(matchers);
    return [...this.streams.values()].filter((stream) => matches(stream.labels));
  }

  all(): Stream[] {
    return [...this.streams.values()];
  }

  /** Forgets what is older than the retention. */
  expire(nowMs: number): void {
    const oldest = BigInt(Math.floor(nowMs - this.limits.retentionMs)) * 1_000_000n;
    for (const [key, stream] of this.streams) {
      const gone = stream.entries.splice(0, positionAfter(stream.entries, oldest - 1n));
      this.bytes -= gone.reduce((sum, entry) => sum + size(entry), 0);
      if (stream.entries.length === 0) {
        this.streams.delete(key);
      }
    }
  }

  private dropOldest(): boolean {
    let oldest: [string, Stream] | null = null;
    for (const candidate of this.streams) {
      const first = candidate[1].entries[0];
      if (first && (!oldest || first.ns < (oldest[1].entries[0]?.ns ?? 0n))) {
        oldest = candidate;
      }
    }
    const dropped = oldest?.[1].entries.shift();
    if (!oldest || !dropped) {
      return false;
    }
    this.bytes -= size(dropped);
    if (oldest[1].entries.length === 0) {
      this.streams.delete(oldest[0]);
    }
    return true;
  }
}

/** The same labels in any order are the same stream. */
export function keyOf(labels: LabelSet): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function size(entry: Entry): number {
  return entry.line.length + 64;
}

/** Index behind the last entry that is not newer than `ns`. */
export function positionAfter(entries: readonly Entry[], ns: bigint): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.ns ?? 0n) <= ns) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
