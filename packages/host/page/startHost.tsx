import { initPluginTranslations } from '@grafana/i18n';
import { createRoot } from 'react-dom/client';
import { fillRegistries } from './runtime/registries';
import { setServices } from './runtime/services';
import { shareLibraries } from './runtime/sharedLibraries';
import { Shell } from './shell/Shell';

/** Everything that Grafana does before the first plugin loads, then the page. */
export async function startHost(): Promise<void> {
  await initPluginTranslations('grafana', []);
  fillRegistries();
  setServices();
  shareLibraries();
  const container = document.getElementById('host');
  if (!container) {
    throw new Error('The page has no element with the id "host".');
  }
  createRoot(container).render(<Shell />);
}
