import { config } from '@grafana/runtime';

export interface NavigationItem {
  text: string;
  url: string;
  icon?: string;
  isDefault: boolean;
}

interface HostBoot {
  banner: string;
  nav: NavigationItem[];
}

/** What the host's server adds to Grafana's boot data. */
export const hostBoot = (config.bootData as unknown as { host: HostBoot }).host;

/** Where `/` leads: the app's default page. */
export function homeUrl(): string {
  return (hostBoot.nav.find(({ isDefault }) => isDefault) ?? hostBoot.nav[0])?.url ?? '/';
}
