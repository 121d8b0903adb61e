import { LocationServiceProvider, locationService } from '@grafana/runtime';
import { type ReactNode, useSyncExternalStore } from 'react';
import { type NavigationType, type Navigator, Router } from 'react-router';

const history = locationService.getHistory();

function subscribe(changed: () => void): () => void {
  return history.listen(changed);
}

/** React Router over Grafana's location service: whoever navigates, both know. */
export function HostRouter({ children }: { children: ReactNode }) {
  const location = useSyncExternalStore(subscribe, () => history.location);
  return (
    <Router
      location={location}
      navigationType={history.action as NavigationType}
      navigator={history as unknown as Navigator}
    >
      <LocationServiceProvider service={locationService}>{children}</LocationServiceProvider>
    </Router>
  );
}
