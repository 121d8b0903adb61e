import { setTimeout as sleep } from 'node:timers/promises';

export type PhaseName =
  'fault' | 'pending' | 'firing' | 'panel' | 'email' | 'sms' | 'action' | 'normal' | 'resolved email' | 'resolved sms';
/** `seconds` since the fault; null: it did not come. `detail` says what was done, or where to look. */
export type Phase = { name: PhaseName; seconds: number | null; detail: string };

/** What is awaited: `seen` answers when it came (ms since 1970), or false; `lookAt` says where to look when it does not. */
export type Awaited = { name: PhaseName; seen: () => Promise<number | false>; lookAt: string };

/** The phases of one drill, each with its seconds since the fault. */
export class Stopwatch {
  readonly phases: Phase[] = [];
  readonly #faultAt: number;
  readonly #onPhase: (phase: Phase) => void;

  constructor(faultAt: number, onPhase: (phase: Phase) => void) {
    this.#faultAt = faultAt;
    this.#onPhase = onPhase;
  }

  came(name: PhaseName, at: number, detail = ''): void {
    this.#note({ name, seconds: Math.max(0, at - this.#faultAt) / 1000, detail });
  }

  /** Waits for all of them at once. Rejects with the first that does not come in time. */
  async awaitAll(list: readonly Awaited[], patienceSeconds: number): Promise<void> {
    await Promise.all(list.map((one) => this.#await(one, patienceSeconds)));
  }

  async #await({ name, seen, lookAt }: Awaited, patienceSeconds: number): Promise<void> {
    const deadline = Date.now() + patienceSeconds * 1000;
    let lastError = '';
    while (Date.now() < deadline) {
      const at = await seen().catch((error: Error) => {
        lastError = ` (last error: ${error.message})`;
        return false as const;
      });
      if (at !== false) {
        return this.came(name, at);
      }
      await sleep(150);
    }
    this.#note({ name, seconds: null, detail: lookAt });
    throw new Error(`The phase "${name}" did not come within ${patienceSeconds} s: ${lookAt}${lastError}.`);
  }

  #note(phase: Phase): void {
    this.phases.push(phase);
    this.#onPhase(phase);
  }
}
