import { alertmanagerFragment, mergeAlertmanager } from './alertmanagerFragment.ts';
import { jobsFragment, withInterval } from './prometheusFragment.ts';
import type { Values } from './values.ts';

/** Servers that may be there already, and that take our part beside their own. */
export const parts = ['prometheus', 'alertmanager', 'loki', 'grafana'] as const;
export type Part = (typeof parts)[number];

export interface OwnTree {
  /** Path of Alertmanager's own configuration. */
  file: string;
  text: string;
  /** Where ours will lie: Alertmanager takes the templates from there. */
  folder: string;
}

/**
 * What an existing server takes beside its own configuration, made of a whole rendering. Files that only a server of our own
 * needs are left out. `tree`: also writes alertmanager/alertmanager.yml, that configuration with ours merged in.
 */
export function selectParts(
  all: ReadonlyMap<string, string>,
  only: readonly Part[],
  values: Values,
  tree: OwnTree | null
): Map<string, string> {
  const selected = new Map<string, string>();
  const take = (pattern: RegExp, change = (text: string) => text) => {
    for (const [name, text] of all) {
      if (pattern.test(name)) {
        selected.set(name, change(text));
      }
    }
  };
  if (only.includes('prometheus')) {
    take(/^prometheus\/rules\//, (text) => withInterval(text, values.prometheus.evaluationInterval));
    selected.set('prometheus/scrape_configs.yaml', jobsFragment(all.get('prometheus/prometheus.yml') ?? '', values));
  }
  if (only.includes('alertmanager')) {
    take(/^alertmanager\/templates\//);
    const ours = alertmanagerFragment(all.get('alertmanager/alertmanager.yml') ?? '', values);
    selected.set('alertmanager/dfr.yaml', ours);
    if (tree) {
      selected.set(
        'alertmanager/alertmanager.yml',
        mergeAlertmanager(tree.text, ours, `${tree.folder}/templates/*.tmpl`)
      );
    }
  }
  if (only.includes('loki')) {
    take(/^loki\/rules\//);
  }
  if (only.includes('grafana')) {
    take(/^(datasources|plugins)\//);
  }
  return new Map([...selected].sort(([a], [b]) => (a < b ? -1 : 1)));
}
