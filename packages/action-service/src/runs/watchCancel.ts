import type { RunEngine } from './runEngine.ts';

/** Should an announcement be missed, the store is looked at so often. */
const lookEveryMs = 2000;

/** A signal that is aborted when somebody asks, at whichever replica, that this run stops. Its reason says who. */
export function watchCancel({ store, feed, log }: RunEngine, runId: string): { signal: AbortSignal; stop(): void } {
  const cancel = new AbortController();
  const look = async () => {
    const { rows } = await store.query('SELECT cancel_by FROM runs WHERE id = $1', [runId]);
    const by: string | null = rows[0]?.cancel_by ?? null;
    if (by !== null) {
      cancel.abort(new Error(`Cancelled by ${by} while it acted.`));
    }
  };
  const lookQuietly = () =>
    void look().catch((error: Error) =>
      log.warn({ err: error, runId }, 'whether a run is cancelled could not be read')
    );
  const hear = (heard: string) => (heard === runId ? lookQuietly() : undefined);
  feed.on('run', hear);
  const timer = setInterval(lookQuietly, lookEveryMs);
  return {
    signal: cancel.signal,
    stop() {
      clearInterval(timer);
      feed.off('run', hear);
    },
  };
}
