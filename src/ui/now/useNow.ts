import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    listeners.forEach((tell) => tell());
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** ms since 1970, a second old at most. One timer for everything that is drawn. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => {
    // Nobody looked for a while, so nobody counted. Never at each call: React asks several times and wants one answer.
    if (Date.now() - now > 1500) {
      now = Date.now();
    }
    return now;
  });
}
