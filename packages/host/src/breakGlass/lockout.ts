interface Limits {
  /** Failures that cost nothing. */
  free: number;
  firstLockMs: number;
  /** Each further failure doubles it, up to here. */
  longestLockMs: number;
}

export const perName: Limits = { free: 5, firstLockMs: 30_000, longestLockMs: 15 * 60_000 };
/** Over all names, known or not: whoever tries names is slowed down, and nobody is locked out for long by others. */
export const overAll: Limits = { free: 30, firstLockMs: 15_000, longestLockMs: 60_000 };
const forgottenAfterMs = 24 * 3_600_000;
const mostNames = 1000;

interface Failures {
  count: number;
  lastAt: number;
  lockedUntil: number;
}

/** Failed logins, in memory: after some of them a name is locked, longer with each further one. */
export class Lockout {
  readonly #now: () => number;
  readonly #names = new Map<string, Failures>();
  #all: Failures = { count: 0, lastAt: 0, lockedUntil: 0 };

  /** @param now the clock, in ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** For how many more ms nobody may try this name; 0: it may be tried. */
  lockedFor(name: string): number {
    const until = Math.max(this.#names.get(name)?.lockedUntil ?? 0, this.#all.lockedUntil);
    return Math.max(0, until - this.#now());
  }

  /** Books a failure; answers how many there are of this name and for how many ms it is locked now. */
  fail(name: string): { failures: number; lockedMs: number } {
    const now = this.#now();
    const failures = count(this.#names.get(name), now, perName);
    // Set anew at the end: the oldest is forgotten first.
    this.#names.delete(name);
    this.#names.set(name, failures);
    if (this.#names.size > mostNames) {
      this.#names.delete(this.#names.keys().next().value!);
    }
    this.#all = count(this.#all, now, overAll);
    return { failures: failures.count, lockedMs: this.lockedFor(name) };
  }

  succeed(name: string): void {
    this.#names.delete(name);
  }
}

function count(before: Failures | undefined, now: number, limits: Limits): Failures {
  const known = before && now - before.lastAt < forgottenAfterMs ? before.count : 0;
  const over = known + 1 - limits.free;
  const lock = over < 0 ? 0 : Math.min(limits.firstLockMs * 2 ** Math.min(over, 20), limits.longestLockMs);
  return { count: known + 1, lastAt: now, lockedUntil: now + lock };
}
