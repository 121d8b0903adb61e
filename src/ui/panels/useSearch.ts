import { useSyncExternalStore } from 'react';
import { locationService } from '@grafana/runtime';

const subscribe = (listener: () => void) => locationService.getHistory().listen(listener);

/** The page's search parameters, also outside a router: panels are drawn without one. */
export function useSearch(): URLSearchParams {
  const search = useSyncExternalStore(subscribe, () => locationService.getLocation().search);
  return new URLSearchParams(search);
}
