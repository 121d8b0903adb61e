import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';
import type { DeskPlace } from '../../ui/actions/ActionDesk';

/** The action desk's place, kept in the URL beside what stands there already. */
export function usePlace(): [DeskPlace, (place: DeskPlace) => void] {
  const [params, setParams] = useSearchParams();
  const action = params.get('action');
  const run = params.get('run');
  const back = params.get('back');
  const place = useMemo(() => ({ action, run, back }), [action, run, back]);
  const setPlace = useCallback(
    (next: DeskPlace) =>
      setParams(
        (former) => {
          const changed = new URLSearchParams(former);
          for (const key of ['action', 'run', 'back'] as const) {
            const value = next[key];
            if (value) {
              changed.set(key, value);
            } else {
              changed.delete(key);
            }
          }
          return changed;
        },
        { replace: true }
      ),
    [setParams]
  );
  return [place, setPlace];
}
