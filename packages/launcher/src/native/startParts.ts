import type { Progress } from '../progress.ts';

/** One part of the stack. `start` resolves when it is ready; its answer is a note for the person, e.g. its address. */
export type Part = {
  title: string;
  needs: readonly string[];
  start: () => Promise<string | void>;
};

/** Starts every part as soon as those that it needs are ready. Rejects with the first failure; what runs by then keeps running. */
export async function startParts(parts: readonly Part[], progress: Progress): Promise<void> {
  const started = new Map<string, Promise<void>>();
  const byTitle = new Map(parts.map((part) => [part.title, part]));
  let broken = false;
  const start = (part: Part): Promise<void> => {
    const known = started.get(part.title);
    if (known) {
      return known;
    }
    const run = startOne(part);
    // The first failure is reported by Promise.all; the parts that wait for it fail with it, unheard.
    run.catch(() => {});
    started.set(part.title, run);
    return run;
  };
  const startOne = async (part: Part): Promise<void> => {
    await Promise.all(part.needs.map((title) => start(byTitle.get(title) ?? unknownPart(part.title, title))));
    progress.begin(part.title);
    try {
      progress.done(part.title, (await part.start()) ?? '');
    } catch (error) {
      // What fails later fails because everything is being stopped.
      if (!broken) {
        progress.failed(part.title);
      }
      broken = true;
      throw error;
    }
  };
  await Promise.all(parts.map(start));
}

function unknownPart(by: string, title: string): never {
  throw new Error(`The part "${by}" needs "${title}", which is not there.`);
}
