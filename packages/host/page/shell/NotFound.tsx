import { EmptyState, LinkButton } from '@grafana/ui';
import { useLocation } from 'react-router';
import { homeUrl } from './hostBoot';

/** There is nothing at this address; says why a page of Grafana's may be missing. */
export function NotFound() {
  const { pathname } = useLocation();
  return (
    <EmptyState
      variant="not-found"
      message={`There is no page at ${pathname}`}
      button={<LinkButton href={homeUrl()}>To the overview</LinkButton>}
    >
      The stand-in host draws the pages of the plugin bundle and its dashboards; the rest of Grafana is not here.
    </EmptyState>
  );
}
