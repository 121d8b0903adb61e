/** Backups of which there is one at a time, whoever asks. */
export interface Backups {
  /** Since when one is being made; null: none is. */
  runningSince(): Date | null;
  /** Begins one, or joins the one that is being made; ends with it. */
  run(): Promise<void>;
  /** Ends when the one that is being made does, at once when none is. */
  underWay(): Promise<void>;
}

/** `make` makes one backup and never throws. */
export function oneAtATime(make: () => Promise<void>): Backups {
  let current: { since: Date; ended: Promise<void> } | null = null;
  return {
    runningSince: () => current?.since ?? null,
    run() {
      current ??= { since: new Date(), ended: make().finally(() => (current = null)) };
      return current.ended;
    },
    underWay: async () => current?.ended,
  };
}
