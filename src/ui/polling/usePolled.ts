import { useCallback, useEffect, useRef, useState } from 'react';

export type Polled<T> = {
  /** The last good answer; stays while later ones fail. */
  data: T | undefined;
  /** Why the last attempt failed; undefined after a good one. */
  error: Error | undefined;
  /** When `data` came, ms since 1970. */
  answeredAt: number | undefined;
  /** True until the first answer or failure for `key`. */
  loading: boolean;
  reload: () => void;
};

/**
 * Asks `load` at once and then every `intervalMs` (null: never again) while the page is visible, one request at a time.
 * A change of `key` asks anew at once; an answer to a former key is dropped.
 */
export function usePolled<T>(load: () => Promise<T>, key: string, intervalMs: number | null): Polled<T> {
  const [answer, setAnswer] = useState<{ key: string; data?: T; error?: Error; answeredAt?: number }>({ key: '' });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  useEffect(() => {
    latest.current = load;
  });
  useEffect(() => {
    let dropped = false;
    let asking = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      clearTimeout(timer);
      if (asking || document.hidden) {
        return;
      }
      asking = true;
      try {
        const data = await latest.current();
        if (!dropped) {
          setAnswer({ key, data, answeredAt: Date.now() });
        }
      } catch (error) {
        if (!dropped) {
          setAnswer((former) => ({ ...former, key, error: error instanceof Error ? error : new Error(String(error)) }));
        }
      }
      asking = false;
      if (!dropped && intervalMs !== null) {
        timer = setTimeout(ask, intervalMs);
      }
    };
    void ask();
    document.addEventListener('visibilitychange', ask);
    return () => {
      dropped = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', ask);
    };
  }, [key, intervalMs, round]);
  const reload = useCallback(() => setRound((count) => count + 1), []);
  return { data: answer.data, error: answer.error, answeredAt: answer.answeredAt, loading: answer.key !== key, reload };
}
